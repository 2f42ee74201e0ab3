"""What `--dry-run` shows: the whole plan, or what can be told of it before the image has said which distro it is."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

from sandbox.cli.app import show_rows
from sandbox.core.human import size
from sandbox.core.plaintext import plain_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.errors import Row
    from sandbox.provision.context import Context
    from sandbox.provision.plan import Plan
    from sandbox.provision.request import ScreenRequest, TryRequest
    from sandbox.specs.model import Limits, Mount, Spec
    from sandbox.specs.privileges import Trust

STEP: Final = 200
"""Characters of a step that are shown: a command of a spec may be long."""
LAST: Final = {"session": "remove the container", "kept": "stop the container", "detached": "leave it running"}


def show_plan(request: TryRequest, host: Context, *, verbose: bool = False) -> None:
    """Print the plan, as it would run: a line a step, with `verbose` each step's command."""
    plan, spec = request.plan, request.spec
    rows = [("build", spec.dockerfile)] if spec.dockerfile else []
    rows += _of_plan(plan, verbose=verbose) if plan else _of_image(spec)
    rows += _of_spec(spec, plan.limits if plan else spec.limits or host.settings.limits)
    rows += _of_trust(request.trust)
    if request.installer:
        rows.append(("run", request.installer.line))
    cached = plan.cached if plan else host.settings.cache and not spec.dockerfile
    rows.append(("cache", "kept for the next time" if cached else "none"))
    command = plan.command if plan else spec.command or ((spec.shell,) if spec.shell else ())
    shells = ", else ".join(plan.shells) if plan else "the distro's own"
    rows += _of_screen(request.screen)
    rows.append(("then", shlex.join(command) if command else f"shell ({shells})"))
    show_rows([*rows, ("at last", "remove both containers" if request.screen else LAST[request.life])])


def _of_plan(plan: Plan, *, verbose: bool) -> Iterator[Row]:
    yield "distro", f"{plan.target.label} ({plan.target.distro.title})"
    if plan.images:
        yield "base", " else ".join(plan.images)
    for companion in plan.target.distro.companions:
        yield "companion", f"{companion.path} from {companion.image} (read-only)"
    for package in plan.packages:
        yield "package", package.text
    for step in plan.steps:
        yield step.kind, shlex.join(step.argv) if verbose else plain_line(step.title, STEP)


def _of_screen(screen: ScreenRequest | None) -> Iterator[Row]:
    """Yield what is there beside the sandbox to show it."""
    if screen:
        from sandbox.provision.display.base import DISPLAY_BASE

        yield "display", f"a container without a network, from {DISPLAY_BASE}, which is built the first time"
        yield "page", f"on 127.0.0.1, at a free port{', in your browser' if screen.opens else ''}"
        yield "clipboard", "shared with the page" if screen.clipboard else "not shared"


def _of_image(spec: Spec) -> Iterator[Row]:
    """Yield what can be told of an image that no engine has been asked about."""
    yield "distro", "read from the image at the start (--distro names another)"
    if spec.image:
        yield "base", spec.image
    for package in spec.packages:
        yield "package", package
    if spec.packages:
        yield "install", "by the distro's own package manager"
    for row in spec.repositories:
        yield "repository", f"{row.name} {row.url}"
    for command in spec.before:
        yield "before", " ".join(command.split())
    for file in spec.files:
        yield "file", file.path
    for command in spec.setup:
        yield "setup", " ".join(command.split())


def _of_spec(spec: Spec, limits: Limits) -> Iterator[Row]:
    if spec.platform:
        yield "platform", spec.platform
    for name in spec.env:
        yield "env", name
    for port in spec.ports:
        yield "port", f"{port.host}:{port.published} -> {port.container}/{port.protocol}"
    for mount in spec.mounts:
        yield "mount", f"{mount.source} -> {mount.target}{' (read-only)' * mount.read_only}{_label_words(mount)}"
    for copy in spec.copies:
        yield "copy", f"{copy.source} -> {copy.target}"
    if spec.shm_size:
        yield "shm-size", size(spec.shm_size)
    yield "network", spec.network
    yield "limits", f"{size(limits.memory)}, {limits.cpus:g} cores, {limits.pids} processes"


def _label_words(mount: Mount) -> str:
    return {"": "", "z": ", SELinux label shared by containers", "Z": ", SELinux label of its own"}[mount.relabel]


def _user_words(trust: Trust) -> str:
    if not trust.as_user:
        return "root of the sandbox"
    if trust.is_caller:
        return "you: what it writes to a mount is yours"
    return f"user {':'.join(trust.user)}" if trust.user else "a user without privileges"


def _of_trust(trust: Trust) -> Iterator[Row]:
    for path in trust.devices:
        yield "device", path
    added = f", and then {', '.join(trust.cap_add)}" if trust.cap_add else ""
    yield "capability", f"less {', '.join(trust.cap_drop)}{added}"
    if trust.runtime:
        yield "runtime", trust.runtime
    yield "user", _user_words(trust)
