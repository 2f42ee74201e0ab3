"""The base image of a plan: present under its public name or built here, or else pulled."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from sandbox.core.human import seconds, size
from sandbox.core.plaintext import plain_line
from sandbox.errors import Advice, EngineError, PullFailed
from sandbox.lifecycle import image_leases, pulled_images

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from sandbox.core.progress import Reporter, StepReport
    from sandbox.distros.model import Target
    from sandbox.engine.protocol import Engine, Image, PullProgress
    from sandbox.provision.context import Context
    from sandbox.provision.plan import Plan


SHORT_ID: Final = 12
"""Fewest digits of an image id that docker accepts and shows."""


def find_present(engine: Engine, references: Sequence[str], *, platform: str | None = None) -> tuple[str, Image] | None:
    """Return the first of these references that the engine has for that platform, with its image."""
    for reference in references:
        image = engine.image(reference)
        if image is not None and _is_named(image, reference) and _is_for(image, platform):
            return reference, image
    return None


def _is_named(image: Image, reference: str) -> bool:
    """Return whether an image has exactly that name, digest or id: Podman also finds x/debian by the name debian."""
    bare = reference.removeprefix("sha256:")
    if "@" in reference or (len(bare) >= SHORT_ID and image.id.removeprefix("sha256:").startswith(bare)):
        return True
    return tagged_reference(reference) in image.tags


def tagged_reference(reference: str) -> str:
    """Return a reference with its tag; the default is latest."""
    return reference if ":" in reference.rpartition("/")[2] else f"{reference}:latest"


def _is_for(image: Image, platform: str | None) -> bool:
    return platform is None or f"{image.platform}/".startswith(f"{platform}/")


def base_for(plan: Plan, engine: Engine, host: Context, reporter: Reporter) -> tuple[str, Image]:
    """Return the reference and image of a plan's base. Raises PullFailed with the ways to get one."""
    try:
        return find_or_pull(
            plan.images,
            plan.sources,
            engine=engine,
            host=host,
            reporter=reporter,
            platform=plan.spec.platform,
            without=f"the engine's default registry has no image for {plan.target.label}",
        )
    except PullFailed as failure:
        if plan.spec.image:
            raise
        raise with_ways_out(failure, plan.target) from failure


def find_or_pull(
    images: Sequence[str],
    sources: Sequence[str],
    *,
    engine: Engine,
    host: Context,
    reporter: Reporter,
    label: str = "base",
    platform: str | None = None,
    without: str = "",
) -> tuple[str, Image]:
    """Return the first of `images` that is there, else what the first source gives, with its reference.

    A pull is noted in our state folder and with the host. Raise PullFailed with all that failed, with `without` where
    there is no source.
    """
    with reporter.step(label, "present") as step:
        for reference in dict.fromkeys((*images, *sources)):
            image_leases.acquire(host.state_folder, engine.url, reference)
        found = find_present(engine, images, platform=platform)
        if found is not None:
            _join_lease(found[0], found[1], engine, host)
            step.title("present" if found[0] in sources else "present, built on this machine")
            return found
        return _pull_first(sources, engine, host, reporter, step, platform=platform, without=without)


def _pull_first(
    sources: Sequence[str],
    engine: Engine,
    host: Context,
    reporter: Reporter,
    step: StepReport,
    *,
    platform: str | None,
    without: str,
) -> tuple[str, Image]:
    """Return the first source that can be pulled, with its image. Raises PullFailed as `find_or_pull`."""
    failures: list[PullFailed] = []
    for reference in sources:
        step.title(f"pull {reference}")
        if problem := engine.login_problem(reference):
            reporter.warn(without_login(reference, problem))
        try:
            image = pull_and_record(
                engine,
                reference,
                host.state_folder,
                progress_reporter(step),
                platform=platform,
                pulls=host.pulls,
                passes=host.no_trace,
            )
        except PullFailed as failure:
            failures.append(failure)
        else:
            return reference, image
    if not failures:
        raise PullFailed(without)
    rest = [(source, failure.brief) for source, failure in zip(sources[1:], failures[1:], strict=True)]
    raise PullFailed(failures[0].brief, details=(*failures[0].details, *rest), hints=failures[0].hints)


def without_login(reference: str, problem: str) -> EngineError:
    """Return the warning if a pull goes on without the login that the docker CLI has."""
    message = f"pulling {plain_line(reference, 80)} without a login: {plain_line(problem, 200)}"
    return EngineError(message, hints=[Advice.program("docker", "login", after=", if the registry needs a login")])


def _join_lease(reference: str, image: Image, engine: Engine, host: Context) -> None:
    """Add this run to the users of an image that another --no-trace run pulled, or make it stay."""
    if image_leases.joins_lease(host.state_folder, engine.url, reference, image.id, without_trace=host.no_trace):
        host.pulls.append(reference)


def public_reference(target: Target) -> str:
    """Return the target's public image. Raises PullFailed if it has none."""
    if not target.image:
        raise PullFailed(f"the engine's default registry has no image for {target.label}")
    return target.image


def pull_and_record(
    engine: Engine,
    reference: str,
    folder: Path,
    on_progress: Callable[[PullProgress], None],
    *,
    platform: str | None = None,
    pulls: list[str] | None = None,
    passes: bool = False,
) -> Image:
    """Pull an image, noted in our `folder`, and in `pulls`, before it begins: it may be removed again.

    `passes`: it goes with the last trial that uses it.

    One that the engine has by that name already, of another platform, is somebody's: what takes its name is theirs.
    """
    if find_present(engine, (reference,)) is not None:
        return engine.pull(reference, on_progress, platform=platform)
    if pulls is not None:
        pulls.append(reference)
    with suppress(OSError):  # an unwritable state folder only costs the record
        pulled_images.record(folder, engine.url, reference)
    if passes:
        image_leases.record_pull(folder, engine.url, reference)
    try:
        image = engine.pull(reference, on_progress, platform=platform)
    except PullFailed:
        if pulls is not None:
            pulls.remove(reference)
        with suppress(OSError):
            pulled_images.forget(folder, engine.url, reference)
            pulled_images.forget(folder, engine.url, reference, file=image_leases.FILE)
        raise
    with suppress(OSError):
        pulled_images.record(folder, engine.url, reference, image.id)
    if passes:
        image_leases.record_pull(folder, engine.url, reference, image.id)
    return image


def with_ways_out(failure: PullFailed, target: Target) -> PullFailed:
    """Return the error with other ways to get the base: build it, import it, or name another image."""
    build = (Advice.sandbox("base", "build", target.option),) if target.distro.bootstrap else ()
    load = Advice.sandbox("base", "import", "ROOTFS.tar.xz", "--as", target.option)
    other = () if target.image else (Advice.sandbox("try", "--distro", target.option, "--image", "REFERENCE"),)
    return PullFailed(failure.brief, details=failure.details, hints=(*failure.hints, *build, *other, load))


def progress_reporter(step: StepReport) -> Callable[[PullProgress], None]:
    """Return the progress of a pull: bytes, rate and time left over all layers."""
    started = time.monotonic()

    def on_progress(progress: PullProgress) -> None:
        elapsed = max(time.monotonic() - started, 0.001)
        rate = progress.done / elapsed
        left = f", {seconds((progress.total - progress.done) / rate)} left" if rate and progress.total else ""
        layers = f"{progress.layers_done} of {progress.layers} layers"
        step.now(f"{size(progress.done)} of {size(progress.total)}, {size(int(rate))}/s{left}, {layers}")
        step.line(f"{progress.status}: {layers}, {size(progress.done)} of {size(progress.total)}")

    return on_progress
