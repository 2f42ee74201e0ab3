"""The base a plan starts from: present under its public name or as built here, else pulled."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from sandbox import pulled
from sandbox.errors import PullFailed
from sandbox.quantities import seconds, size

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from sandbox.commands.host import Host
    from sandbox.distros.model import Target
    from sandbox.engine.base import Engine, Image, PullProgress
    from sandbox.plan import Plan
    from sandbox.report.base import Reporter, StepReport


def present(engine: Engine, references: Sequence[str]) -> tuple[str, Image] | None:
    """Return the first of these references that the engine has, with its image."""
    for reference in references:
        image = engine.image(reference)
        if image is not None and reference in image.tags:  # podman finds x/debian by the name debian
            return reference, image
    return None


def base_for(plan: Plan, engine: Engine, host: Host, reporter: Reporter) -> tuple[str, Image, bool]:
    """Return the reference and the image of a plan's base and whether it was pulled for it.

    Raises PullFailed, with the ways out, where it can't be had.
    """
    with reporter.step("base", "present") as step:
        found = present(engine, plan.images)
        if found is not None:
            step.title("present" if found[0] in plan.sources else "present, built here")
            return *found, False
        try:
            named(plan.target)
            return *pull_first(engine, plan.sources, host.state_folder, step), True
        except PullFailed as failure:
            raise with_ways_out(failure, plan.target) from failure


def named(target: Target) -> str:
    """Return the target's public image; raise PullFailed where it has none."""
    if not target.image:
        raise PullFailed(f"{target.label} has no image on the engine's default registry")
    return target.image


def pull_first(engine: Engine, sources: Sequence[str], folder: Path, step: StepReport) -> tuple[str, Image]:
    """Pull from the first source that gives the image; return which it was. Raise PullFailed with all that failed."""
    failures: list[PullFailed] = []
    for reference in sources:
        step.title(f"pull {reference}")
        try:
            return reference, pull_noted(engine, reference, folder, shown(step))
        except PullFailed as failure:
            failures.append(failure)
    rest = [(source, failure.brief) for source, failure in zip(sources[1:], failures[1:], strict=True)]
    raise PullFailed(failures[0].brief, details=(*failures[0].details, *rest), hints=failures[0].hints)


def pull_noted(engine: Engine, reference: str, folder: Path, on_progress: Callable[[PullProgress], None]) -> Image:
    """Pull an image, noted in our `folder` before it begins: `clean --images` may remove it."""
    with suppress(OSError):  # a state folder that can't be written costs the note, not the trial
        pulled.note(folder, engine.url, reference)
    try:
        image = engine.pull(reference, on_progress)
    except PullFailed:
        with suppress(OSError):
            pulled.forget(folder, engine.url, reference)
        raise
    with suppress(OSError):
        pulled.note(folder, engine.url, reference, image.id)
    return image


def with_ways_out(failure: PullFailed, target: Target) -> PullFailed:
    """Return the error with what else gives the target's base: building it, importing it, or another image."""
    build = (f"sandbox base build {target.option}",) if target.distro.bootstrap else ()
    load = f"sandbox base import ROOTFS.tar.xz --as {target.option}"
    other = () if target.image else (f"sandbox try --distro {target.option} --image REFERENCE",)
    return PullFailed(failure.brief, details=failure.details, hints=(*failure.hints, *build, *other, load))


def shown(step: StepReport) -> Callable[[PullProgress], None]:
    """Return what shows a pull in a step: bytes, rate and time left over all its layers."""
    started = time.monotonic()

    def on_progress(progress: PullProgress) -> None:
        elapsed = max(time.monotonic() - started, 0.001)
        rate = progress.done / elapsed
        left = f", {seconds((progress.total - progress.done) / rate)} left" if rate and progress.total else ""
        layers = f"{progress.layers_done} of {progress.layers} layers"
        step.now(f"{size(progress.done)} of {size(progress.total)}, {size(int(rate))}/s{left}, {layers}")
        step.line(f"{progress.status}: {layers}, {size(progress.done)} of {size(progress.total)}")

    return on_progress
