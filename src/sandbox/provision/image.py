"""The image of a sandbox: a distro's, any other, or one to build first; and the companions it needs."""

from __future__ import annotations

import re
import time
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sandbox.container.box import Box
from sandbox.core.human import size
from sandbox.core.plaintext import plain_line
from sandbox.core.tasks import Background
from sandbox.distros.detect import OS_RELEASE, read_os_release, target_of
from sandbox.engine.protocol import BuildRequest, ContainerSpec
from sandbox.errors import Advice, CheckFailed, Conflict, EngineError, RemovalFailed, SandboxDied, UsageError
from sandbox.lifecycle import image_leases, pulled_images
from sandbox.provision.base_image import base_for, find_or_pull, find_present, pull_and_record
from sandbox.provision.limits import check_limits
from sandbox.provision.plan import pull_sources
from sandbox.specs.model import Limits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox.core.progress import Reporter, StepReport
    from sandbox.distros.model import Target
    from sandbox.engine.protocol import Engine, Image
    from sandbox.errors import Row
    from sandbox.lifecycle.session import Session
    from sandbox.provision.bundle import Bundle
    from sandbox.provision.context import Context
    from sandbox.provision.plan import Plan
    from sandbox.provision.request import TryRequest
    from sandbox.provision.run import Provisioned

OS_RELEASE_LIMIT: Final = 64_000
REMOVE_LIMIT: Final = 20.0
"""Seconds that removing a pulled image may take."""
FETCHED: Final = re.compile(r"Status: Downloaded newer image for (\S+)|Trying to pull (\S+)\.\.\.")
"""What engines print in a build when they pull an image: Docker first, then Podman."""


class ResolvedImage(Struct, frozen=True, kw_only=True):
    """An image, the name by which it was had, and the plan for it.

    `start` is what the container is made of where that is not the image itself: a saved state of it, which is known to
    hold `state`, or a saved package index. `is_made`: it was built or imported for this session, and goes with it.
    """

    reference: str
    image: Image
    plan: Plan
    start: Image | None = None
    state: Provisioned | None = None
    is_made: bool = False


def resolve_image(
    request: TryRequest, session: Session, *, engine: Engine, host: Context, reporter: Reporter
) -> ResolvedImage:
    """Return what a trial starts from, present, pulled or built; raise UsageError for a distro that is unknown.

    Before that, raise EngineError for a limit that was asked for by name and can't be given.

    An image whose distro nobody named is looked into: that is in its own os-release.
    """
    spec = request.spec
    check_limits(engine, spec.limits)
    if request.bundle is not None and request.plan is not None:
        _check_machine(request.bundle.file.name, request.bundle.manifest.platform, engine.platform)
        image = _import_base(request.bundle, session, reporter)
        return ResolvedImage(reference=request.bundle.file.name, image=image, plan=request.plan, is_made=True)
    if spec.dockerfile:
        image = _build(request, spec.dockerfile, session, engine=engine, host=host, reporter=reporter)
        reference = spec.dockerfile
    elif request.plan is not None:
        reference, image = base_for(request.plan, engine, host, reporter)
    else:
        sources = pull_sources(spec.image or "", host.settings.registries)
        reference, image = find_or_pull(
            sources, sources, engine=engine, host=host, reporter=reporter, platform=spec.platform
        )
    plan = request.plan or request.planned(_target(reference, image, session, request, reporter))
    if plan.lock is not None:
        _check_machine(
            f"the lock of {plan.lock.spec or request.spec.name or 'a bundle'}",
            plan.lock.platform,
            image.platform or engine.platform,
        )
    return ResolvedImage(reference=reference, image=image, plan=plan, is_made=spec.dockerfile is not None)


def _check_machine(what: str, its: str, ours: str) -> None:
    """Raise CheckFailed for a lock or bundle of another kind of machine: none of its packages fits."""
    if its and ours and its.split("/")[:2] != ours.split("/")[:2]:
        message = f"{plain_line(what, 80)} is for {plain_line(its, 40)}, but this machine is {ours}"
        raise CheckFailed(
            message, hints=[Advice.say("build it on a machine of this kind, or use it on one of that kind")]
        )


def _build(
    request: TryRequest, dockerfile: str, session: Session, *, engine: Engine, host: Context, reporter: Reporter
) -> Image:
    """Build the image and return it; images that the engine pulls for it are recorded as ours."""
    from sandbox.provision.network import sandbox_network

    first = len(host.pulls)
    arguments = sandbox_network(host.environ, engine, ca=host.settings.ca).proxies

    def work(reference: str, labels: Mapping[str, str]) -> Image:
        with reporter.step("build", plain_line(dockerfile, 60)) as step, _note_build_cache(engine, host, step):

            def on_line(line: str) -> None:
                host.pulls.extend("".join(found) for found in FETCHED.findall(line))
                step.line(line)
                step.now(plain_line(line, 100))

            asked = BuildRequest(
                dockerfile=dockerfile,
                reference=reference,
                labels=labels,
                platform=request.spec.platform,
                arguments=arguments,
                keeps_cache=not host.no_trace,
                allows_frontend=request.allows_frontend,
            )
            return engine.build(asked, on_line)

    try:
        return session.build(work)
    finally:
        for reference in host.pulls[first:]:
            with suppress(OSError, EngineError):
                found = engine.image(reference)
                pulled_images.record(host.state_folder, engine.url, reference, found.id if found else "")
                if host.no_trace and found:
                    image_leases.record_pull(host.state_folder, engine.url, reference, found.id)


@contextmanager
def _note_build_cache(engine: Engine, host: Context, step: StepReport) -> Iterator[None]:
    """Note what the block leaves in the engine's build cache, even if it fails: it has no labels, and stays."""
    if host.no_trace or not engine.has_buildkit():
        yield
        return
    before = engine.build_cache()
    try:
        yield
    finally:
        with suppress(EngineError):
            new = sum(more for ident, more in engine.build_cache().items() if ident not in before)
            host.build_caches.extend([new] * (new > 0))
            if new:
                step.note(f"{size(new)} more in the engine's build cache")


def _import_base(bundle: Bundle, session: Session, reporter: Reporter) -> Image:
    """Return the base of a bundle, as an image that is removed with the session."""
    from sandbox.provision.bases.model import lines

    with reporter.step("base", f"from {plain_line(bundle.file.name, 60)}"):
        return session.build(
            lambda reference, labels: session.engine.import_image(
                bundle.base(), reference=reference, changes=lines(labels, path=bundle.manifest.path, command=("sh",))
            )
        )


def _target(reference: str, image: Image, session: Session, request: TryRequest, reporter: Reporter) -> Target:
    """Return the distro of an image by its os-release, read from a container that never starts."""
    with reporter.step("distro", "by the image's os-release") as step:
        ident = session.create_helper(
            lambda name, labels: stopped_container_spec(image, name, labels, request.spec.platform)
        )
        try:
            found = _os_release(Box(session.engine, ident))
        finally:
            session.remove_helper(ident)
        target = target_of(found, request.rows)
        if target is not None:
            step.title(f"{target.label}, by the image's os-release")
            return target
    said = plain_line(found.get("PRETTY_NAME") or found.get("ID") or "nothing", 80)
    message = f"the distro of {plain_line(reference, 80)} is unknown"
    details = [("its os-release says", said)]
    raise UsageError(message, details=details, hints=[Advice.again("--distro", "DISTRO"), Advice.sandbox("distros")])


def _os_release(box: Box) -> dict[str, str]:
    for path in OS_RELEASE:
        content = box.read_file(f"/{path}", limit=OS_RELEASE_LIMIT)
        if content is not None:  # the first is often a link to the second, and links are not followed here
            return read_os_release(content.decode(errors="replace"))
    return {}


def stopped_container_spec(
    image: Image, name: str, labels: Mapping[str, str], platform: str | None = None
) -> ContainerSpec:
    """Return a container that never starts: only for its files or volumes."""
    return ContainerSpec(
        name=name,
        image=image.id,
        argv=("true",),
        labels=labels,
        hostname="sandbox",
        limits=Limits(),
        network="none",
        auto_remove=False,
        platform=platform,
    )


def create_companion_volumes(
    plan: Plan, session: Session, *, engine: Engine, host: Context, reporter: Reporter
) -> tuple[str, ...]:
    """Return containers that never start, whose volumes the sandbox uses; remove them after its start."""
    idents = []
    for companion in plan.target.distro.companions:
        sources = pull_sources(companion.image, host.settings.registries)
        _, image = find_or_pull(
            sources,
            sources,
            engine=engine,
            host=host,
            reporter=reporter,
            label="companion",
        )
        with reporter.step("companion", f"{companion.path} from {companion.image}"):
            idents.append(session.create_helper(partial(stopped_container_spec, image)))
    return tuple(idents)


def repull(reference: str, *, engine: Engine, host: Context) -> None:
    """Pull a base again that somebody removed after it was found. Raises PullFailed."""
    if find_present(engine, (reference,)) is None:
        folder, passes = host.state_folder, host.no_trace
        pull_and_record(engine, reference, folder, lambda _: None, pulls=host.pulls, passes=passes)


def remove_pulled_images(engine: Engine, host: Context, reporter: Reporter) -> tuple[str, ...]:
    """Remove the images that were pulled; return the references of those that went.

    What a container uses stays; what another trial uses goes with that one.
    """
    removing = [(name, Background(partial(_remove_image, name, engine, host))) for name in dict.fromkeys(host.pulls)]
    end = time.monotonic() + REMOVE_LIMIT
    gone: list[str] = []
    for name, task in removing:
        try:
            in_time = task.wait(max(0.0, end - time.monotonic()))
            gone += [name] * (in_time and task.result())
            problem = "" if in_time else f"it takes longer than {REMOVE_LIMIT:.0f} s"
        except EngineError as error:
            problem = error.brief
        if problem:
            message = f"could not remove the image {name}: {problem}"
            reporter.warn(
                RemovalFailed(
                    message, hints=[Advice.program(*engine.client, "rmi", name), Advice.sandbox("clean", "--images")]
                )
            )
    return tuple(gone)


def _remove_image(reference: str, engine: Engine, host: Context) -> bool:
    """Remove an image and its records; return whether it was removed."""
    try:
        return image_leases.remove(host.state_folder, engine, reference)
    except Conflict:
        return False


def check_platform(image: Image, box: Box) -> tuple[Row, ...]:
    """Return what to say of an image of another platform; raise EngineError if the engine can't run it.

    It is emulated where its kernel calls the machine otherwise than the engine does: one for linux/386 runs as it is.
    """
    ours, its = box.engine.platform, image.platform
    if not ours or not its or its.split("/")[:2] == ours.split("/")[:2]:
        return ()
    machine = ""
    try:
        outcome = box.exec(("/bin/sh", "-c", "uname -m 2>/dev/null; :"))
        machine = outcome.stdout.strip()
        said = f"exit status {outcome.status}" if outcome.status else ""
    except (EngineError, SandboxDied) as error:
        said = error.brief
    if said:
        raise EngineError(
            f"this engine is {ours} and could not run an image for {its}",
            details=[("a first command", said)],
            hints=[
                Advice.say(
                    "on the engine's host: sudo apt-get install qemu-user-static (qemu, registered with binfmt)"
                ),
                Advice.again("--platform", ours),
            ],
        )
    if machine and machine != box.engine.about().architecture:
        return (("  platform", f"{plain_line(its, 40)}, emulated on {ours}: slower, and a debugger may not work"),)
    return ()
