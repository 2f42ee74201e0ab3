"""`sandbox trial`: the engines, the swarm or Fargate that run a matrix."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sandbox.engine.discover import find_engine
from sandbox.errors import Advice, EngineError, NoEngine, UsageError
from sandbox.lifecycle.cleanup import sweep
from sandbox.trials.engine_runner import EngineRunner, slots_of
from sandbox.trials.fargate.facts import FARGATE
from sandbox.trials.jobs.facts import SWARM

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from sandbox.core.progress import Reporter
    from sandbox.engine.protocol import Engine
    from sandbox.provision.context import Context
    from sandbox.trials.engine_runner import Log, RunOptions
    from sandbox.trials.fargate.jobs import Agreement
    from sandbox.trials.jobs.facts import Facts
    from sandbox.trials.jobs.runner import MatrixRunner
    from sandbox.trials.runner import MatrixEntry


class Reached(Struct, frozen=True, kw_only=True):
    """An engine that answers: how to connect, its number of cells at a time, and the user's name for it."""

    connect: Callable[[], Engine]
    slots: int
    word: str = ""


RUNNERS: Final[Mapping[str, Facts]] = {facts.name: facts for facts in (SWARM, FARGATE)}
"""What --on takes, and what each can do."""


def check_on(on: str, engines: Sequence[str], wanted: RunOptions) -> None:
    """Raise UsageError for an unknown service, and for options that it doesn't support."""
    facts = RUNNERS.get(on)
    if facts is None:
        message = f"trials run on {' or '.join(RUNNERS)}, not on {on}"
        raise UsageError(message, hints=[Advice.again("--on", name) for name in RUNNERS])
    is_swarm = facts is SWARM
    unfit = [
        ("--jobs", "the swarm decides what runs when", is_swarm and wanted.jobs is not None),
        ("--twice", "sandbox can't read what a task has installed", wanted.twice),
        ("--shell-on-fail", "\nno shell: no failed sandbox is still there", wanted.keep_failed),
        ("--engine", f"{facts.title} needs a single engine as --engine", len(set(engines)) > 1),
        *((option, "this is for --on fargate", is_swarm) for option in wanted.for_fargate),
    ]
    details = [(option, why) for option, why, is_asked in unfit if is_asked]
    if details:
        message = f"{facts.title} does not support this"
        raise UsageError(message, details=details, hints=[Advice.without("--on", on)])


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
    agreement: Agreement | None = None,
) -> EngineRunner | MatrixRunner:
    """Return the runner of a matrix: engines, a swarm or Fargate. Raises what `MatrixRunner.check` raises."""
    if on is None:
        return EngineRunner(host, engines=engines, folder=folder, log=log, wanted=wanted)
    connect, _ = next(iter(engines.values()))
    runner = _job_runner(on, host, connect, folder=folder, log=log, wanted=wanted, agreement=agreement)
    runner.check(entries)
    return runner


def _job_runner(
    on: str,
    host: Context,
    connect: Callable[[], Engine],
    *,
    folder: Path,
    log: Callable[[Path, Callable[[str], None]], Log],
    wanted: RunOptions,
    agreement: Agreement | None,
) -> MatrixRunner:
    if on == SWARM.name:
        from sandbox.trials.swarm.runner import SwarmRunner

        return SwarmRunner(host, connect=connect, folder=folder, log=log, retries=wanted.retries)
    from sandbox.trials.fargate.jobs import Agreement
    from sandbox.trials.fargate.runner import FargateRunner

    return FargateRunner(
        host,
        connect=connect,
        folder=folder,
        log=log,
        agreement=agreement or Agreement(),
        retries=wanted.retries,
        most=wanted.jobs,
    )
