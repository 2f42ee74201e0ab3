"""`sandbox bundle`: packs all that a locked spec needs, from the base to the last package file, into one file."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from sandbox.commands.lock import check_lockable
from sandbox.container.packages import probe
from sandbox.container.shell import search_path
from sandbox.core.tar import unpack
from sandbox.errors import SandboxError, UsageError
from sandbox.provision.bundle import FORMAT, LOCK, SPEC, Manifest, write_bundle
from sandbox.provision.index_choice import index_use
from sandbox.provision.launch import launched
from sandbox.provision.lock_check import (
    archives,
    check_files,
    check_language_files,
    kept_language_files,
    language_files,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.container.box import Box
    from sandbox.core.progress import Reporter
    from sandbox.core.signals import Guard
    from sandbox.engine.protocol import Engine
    from sandbox.lifecycle.removal import Removal
    from sandbox.provision.context import Context
    from sandbox.provision.image import ResolvedImage
    from sandbox.provision.launch import Launch
    from sandbox.provision.plan import Plan
    from sandbox.provision.request import TryRequest
    from sandbox.provision.steps import Step

FETCHING: Final = ("mirror", "lock", "repository", "foreign", "answer", "before", "index", "copy", "fetch")


class Bundled(Struct, frozen=True, kw_only=True):
    """What was packed, and what the engine says is left of the container used for it."""

    manifest: Manifest
    removal: Removal


def bundle(
    request: TryRequest,
    host: Context,
    *,
    engine: Engine,
    reporter: Reporter,
    guard: Guard,
    file: Path,
    spec: bytes,
    lock: bytes,
) -> Bundled:
    """Fetch, hold to the lock and pack; raise CheckFailed where what there is differs from what is locked.

    Raise UsageError for what can't be bundled. `spec` and `lock` are the texts that go into the file.
    """
    session = host.session(engine)
    with launched(request, host, session=session, reporter=reporter, guard=guard, adapt=_bundleable) as launch:
        manifest = _pack(launch, file, {SPEC: spec, LOCK: lock})
    return Bundled(manifest=manifest, removal=session.finish())


def _bundleable(found: ResolvedImage) -> ResolvedImage:
    """Return the image. Raises UsageError if its plan can't be locked or needs an upgrade."""
    check_lockable(found.plan)
    if any(step.kind == "upgrade" for step in found.plan.steps):
        label = found.plan.target.label
        message = f"{label} can't be bundled: an install there upgrades the whole distro first"
        raise UsageError(message)
    return found


def fetch_plans(plan: Plan) -> tuple[Plan, Plan]:
    """Return the plan of the steps before the first install, and the plan of the downloads for languages."""
    first = next((number for number, step in enumerate(plan.steps) if step.kind == "install"), len(plan.steps))
    return (
        replace(plan, steps=tuple(step for step in plan.steps[:first] if step.kind in FETCHING)),
        replace(plan, steps=tuple(step for step in plan.steps[first:] if _brings(step))),
    )


def _brings(step: Step) -> bool:
    """Return whether a step after the distro's own fetch downloads files of languages' packages."""
    return step.kind == "fetch" or (step.kind == "install" and not step.source)


def _pack(launch: Launch, file: Path, texts: Mapping[str, bytes]) -> Manifest:
    box, plan, image = launch.box, launch.plan, launch.image
    first, later = fetch_plans(plan)
    launch.provisioning(first, index=index_use(box, launch.found, launch.context, is_checked=True)).refresh()
    before = probe(box, launch.manager).packages  # with what the spec's key before has installed
    files = archives(box, plan)
    check_files(plan, before, files)
    locked = {package.sha256 for package in plan.lock.packages} if plan.lock else set()
    locked |= {file.sha256 for file in plan.lock.files} if plan.lock else set()
    with launch.reporter.step("pack", file.name), tempfile.TemporaryDirectory(prefix="sandbox-bundle-") as name:
        wanted = [found.path for found in files if found.sha256 in locked]
        packages = _copy_out(box, wanted, Path(name))
        _drop_files(box, [found.path for found in files])

        def all_packages() -> dict[str, Path]:
            if not plan.languages:
                return packages
            launch.provisioning(later).refresh()
            return packages | _copy_out(box, _language_paths(box, plan), Path(name) / "languages")

        manifest = Manifest(
            format=FORMAT,
            tool=launch.context.version,
            target=plan.target.option,
            platform=image.platform or launch.engine.platform,
            path=search_path(image, ()),
            unpacked=0,
            members={},
        )
        return write_bundle(file, manifest=manifest, texts=texts, packages=all_packages, base=box.export())


def _language_paths(box: Box, plan: Plan) -> list[str]:
    """Return the folders with files of languages' packages. Raises CheckFailed if they differ from the lock."""
    found: list[str] = []
    for language in plan.languages:
        check_language_files(plan, language.name, language_files(box, language.name))
        found += dict.fromkeys(file.path for file in kept_language_files(box, language.name))
    return found


def _copy_out(box: Box, paths: list[str], place: Path) -> dict[str, Path]:
    """Return the files, copied to a folder of this host, by their original paths."""
    found: dict[str, Path] = {}
    place.mkdir(exist_ok=True)
    for number, folder in enumerate(sorted({path.rpartition("/")[0] for path in paths})):
        unpack(box.copy_out(folder), place / str(number))
        names = [path.rpartition("/")[2] for path in paths if path.rpartition("/")[0] == folder]
        found |= {f"{folder}/{name}": place / str(number) / name for name in names}
    return found


def _drop_files(box: Box, paths: list[str]) -> None:
    """Delete the files from the base before it is packed: they become members of their own."""
    done = box.exec(("rm", "-f", "--", *paths))
    if done.status:
        message = "can't copy the package files out of the base"
        raise SandboxError(message, details=[("it said", done.stderr[-200:])])
