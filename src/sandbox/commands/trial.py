"""`sandbox trial`: the engines or the swarm that run a matrix."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct

from sandbox.engine.discover import find_engine
from sandbox.errors import Advice, EngineError, NoEngine, UsageError
from sandbox.lifecycle.cleanup import sweep
from sandbox.trials.engine_runner import EngineRunner, slots_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from sandbox.core.progress import Reporter
    from sandbox.engine.protocol import Engine
    from sandbox.provision.context import Context
    from sandbox.trials.engine_runner import Log, RunOptions
    from sandbox.trials.runner import MatrixEntry
    from sandbox.trials.swarm.runner import SwarmRunner


class Reached(Struct, frozen=True, kw_only=True):
    """An engine that answers: how to connect, its number of cells at a time, and the user's name for it."""

    connect: Callable[[], Engine]
    slots: int
    word: str = ""


def check_swarm(on: str, engines: Sequence[str], wanted: RunOptions) -> None:
    """Raise UsageError for a runner other than a swarm, and for options that a swarm doesn't support."""
    if on != "swarm":
        message = f"trials run on a swarm, not on {on}"
        raise UsageError(message, hints=[Advice.again("--on", "swarm")])
    unfit = [
        ("--jobs", "the swarm decides what runs when", wanted.jobs is not None),
        ("--twice", "sandbox can't read what a task has installed", wanted.twice),
        ("--shell-on-fail", "\nno shell: no failed sandbox is still there", wanted.keep_failed),
        ("--engine", "a swarm needs a single manager as --engine", len(set(engines)) > 1),
    ]
    details = [(option, why) for option, why, is_asked in unfit if is_asked]
    if details:
        raise UsageError("a swarm does not support this", details=details, hints=[Advice.without("--on", "swarm")])


def engines_for(
    named: Sequence[str], host: Context, jobs: int | None, reporter: Reporter, connect: Callable[[], Engine]
) -> Mapping[str, Reached]:
    """Return the engines that answer, by URL.

    One of several that does not answer is a warning; raise what connecting raises where none does.
    """
    found: dict[str, Reached] = {}
    silent: list[EngineError] = []
    for url in dict.fromkeys(named) or [""]:
        make = partial(find_engine, host.environ, chosen=(url, "--engine")) if url else connect
        try:
            with make() as engine:
                sweep(engine, host.owner, host.state_folder)
                found[engine.url] = Reached(connect=make, slots=slots_of(engine, jobs), word=url)
        except EngineError as error:
            silent.append(error)
    if not found:
        rows = [row for failure in silent for row in failure.details]
        raise silent[0] if len(silent) == 1 else NoEngine(silent[0].brief, details=rows, hints=silent[0].hints)
    for failure in silent:
        brief = (
            "an engine does not answer; the other engines do its work"
            if isinstance(failure, NoEngine)
            else failure.brief
        )
        reporter.warn(EngineError(brief, details=failure.details, hints=failure.hints))
    return found


def runner_for(
    entries: Sequence[MatrixEntry],
    engines: Mapping[str, tuple[Callable[[], Engine], int]],
    host: Context,
    *,
    folder: Path,
    log: Callable[[Path, Callable[[str], None]], Log],
    wanted: RunOptions,
    on: str | None,
) -> EngineRunner | SwarmRunner:
    """Return the runner of a matrix: engines or a swarm. Raises what `SwarmRunner.check` raises."""
    if on is None:
        return EngineRunner(host, engines=engines, folder=folder, log=log, wanted=wanted)
    from sandbox.trials.swarm.runner import SwarmRunner

    connect, _ = next(iter(engines.values()))
    runner = SwarmRunner(host, connect=connect, folder=folder, log=log, retries=wanted.retries)
    runner.check(entries)
    return runner
