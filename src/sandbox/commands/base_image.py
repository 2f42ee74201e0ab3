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
            step.title("present" if found[0] == plan.images[0] else "present, built here")
            return *found, False
        step.title(f"pull {plan.images[0]}")
        return plan.images[0], pull_noted(engine, plan.target, host.state_folder, shown(step)), True


def pull_noted(engine: Engine, target: Target, folder: Path, on_progress: Callable[[PullProgress], None]) -> Image:
    """Pull a target's public image, noted in our `folder` before it begins: `clean --images` may remove it."""
    with suppress(OSError):  # a state folder that can't be written costs the note, not the trial
        pulled.note(folder, engine.url, target.image)
    try:
        image = engine.pull(target.image, on_progress)
    except PullFailed as failure:
        with suppress(OSError):
            pulled.forget(folder, engine.url, target.image)
        raise _with_ways_out(failure, target) from failure
    with suppress(OSError):
        pulled.note(folder, engine.url, target.image, image.id)
    return image


def _with_ways_out(failure: PullFailed, target: Target) -> PullFailed:
    build = (f"sandbox base build {target.option}",) if target.distro.mirror else ()
    load = f"sandbox base import ROOTFS.tar.xz --as {target.option}"
    return PullFailed(failure.brief, details=failure.details, hints=(*failure.hints, *build, load))


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
