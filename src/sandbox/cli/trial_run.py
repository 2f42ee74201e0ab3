"""Runs a matrix on the engines that were named and shows what came of it."""

from __future__ import annotations

import os
import time
from functools import partial
from typing import TYPE_CHECKING, Final

import typer
from msgspec import Struct, to_builtins

from sandbox.cli.app import columns, connect, show_json
from sandbox.errors import EngineError, SandboxError, UsageError
from sandbox.trials.document import document
from sandbox.trials.values import TrialResult

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from sandbox.commands.host import Host
    from sandbox.commands.trial_engines import Log, OnEngines, Wanted
    from sandbox.commands.trial_swarm import OnSwarm
    from sandbox.commands.trial_values import Entry
    from sandbox.engine.base import Engine
    from sandbox.report.terminal import TerminalReporter

NO_LIFELINE: Final = (
    "nothing there ends with this program: were it killed, its services would run to their end, and the next sandbox"
    " command removes them"
)


class Output(Struct, frozen=True, kw_only=True):
    """How the result is shown: as JSON, as JUnit XML in a file beside it, without progress."""

    as_json: bool = False
    junit: Path | None = None
    quiet: bool = False


def run(
    entries: Sequence[Entry],
    host: Host,
    *,
    engines: Sequence[str],
    wanted: Wanted,
    output: Output,
    on: str | None = None,
) -> tuple[TrialResult, bool]:
    """Return what came of a matrix, shown, and whether an engine may still have something of it."""
    from sandbox.commands.trial_engines import OnEngines
    from sandbox.commands.trial_logs import new_folder
    from sandbox.report.terminal import TerminalReporter
    from sandbox.report.trial_live import watching
    from sandbox.signals import ending_signals
    from sandbox.trials.values import TrialResult

    reporter = TerminalReporter(os.environ)
    with ending_signals() as guard:
        if on is not None:
            check_swarm(on, engines, wanted)
        found = engines_for(engines, host, wanted.jobs, reporter)
        folder = new_folder(host.state_folder)
        runner = (
            OnEngines(host, engines=found, folder=folder, log=_log, wanted=wanted)
            if on is None
            else _on_swarm(entries, found, host, folder, wanted)
        )
        if on is not None and not output.quiet:
            reporter.rows([("swarm", NO_LIFELINE)])
        began = time.monotonic()
        try:
            with watching([entry.cell for entry in entries], os.environ, quiet=output.quiet) as watcher:
                cells = runner.run(entries, watcher)
            result = TrialResult(cells=cells, seconds=round(time.monotonic() - began, 3), folder=str(folder))
            for warning in runner.warnings:
                reporter.warn(warning)
            _show(result, entries, output)
            _shell(runner, reporter)
        finally:
            guard.cleaning = True
            runner.close()
    for removal in runner.removals:
        for failure in removal.failures:
            reporter.warn(failure)
    return result, any(removal.left for removal in runner.removals)


def check_swarm(on: str, engines: Sequence[str], wanted: Wanted) -> None:
    """Raise UsageError for another place than a swarm, and for what can't be asked of one."""
    if on != "swarm":
        message = f"trials can be run on a swarm, not on {on}"
        raise UsageError(message, hints=["sandbox trial --on swarm"])
    unfit = [
        ("--jobs", "what runs when is the swarm's choice", wanted.jobs is not None),
        ("--twice", "nobody can look into a task to see what it holds", wanted.twice),
        ("--shell-on-fail", "a task has no shell to open", wanted.keep_failed),
        ("--engine", "one manager is asked: name it once", len(set(engines)) > 1),
    ]
    details = [(option, why) for option, why, is_asked in unfit if is_asked]
    if details:
        raise UsageError("a swarm can't do that", details=details, hints=["the same command without --on swarm"])


def _on_swarm(
    entries: Sequence[Entry],
    engines: Mapping[str, tuple[Callable[[], Engine], int]],
    host: Host,
    folder: Path,
    wanted: Wanted,
) -> OnSwarm:
    """Return what runs them; raise what `check` raises."""
    from sandbox.commands.trial_swarm import OnSwarm

    connect, _ = next(iter(engines.values()))
    runner = OnSwarm(host, connect=connect, folder=folder, log=_log, retries=wanted.retries)
    runner.check(entries)
    return runner


def engines_for(
    named: Sequence[str], host: Host, jobs: int | None, reporter: TerminalReporter
) -> Mapping[str, tuple[Callable[[], Engine], int]]:
    """Return the engines that answer, by URL: how each is connected to, and how many cells it is given at a time.

    One of several that does not answer is a warning; raise what connecting raises where none does.
    """
    from sandbox.commands.trial_engines import slots_of
    from sandbox.engine.find import find_engine
    from sandbox.leftovers import sweep

    found: dict[str, tuple[Callable[[], Engine], int]] = {}
    silent: list[EngineError] = []
    for url in dict.fromkeys(named) or [""]:
        make = partial(find_engine, os.environ, chosen=(url, "--engine")) if url else partial(connect, host)
        try:
            with make() as engine:
                sweep(engine, host.owner, host.state_folder)
                found[engine.url] = (make, slots_of(engine, jobs))
        except EngineError as error:
            silent.append(error)
    if not found:
        raise silent[0]
    for failure in silent:
        reporter.warn(failure)
    return found


def _log(path: Path, now: Callable[[str], None]) -> Log:
    from sandbox.commands.trial_engines import Log
    from sandbox.report.log import LogReporter

    reporter = LogReporter(path, now)
    return Log(reporter=reporter, line=reporter.line, close=reporter.close)


def _show(result: TrialResult, entries: Sequence[Entry], output: Output) -> None:
    from sandbox.report.trial_text import screen

    if output.junit:
        _write_junit(result, output.junit)
    if output.as_json:
        show_json(to_builtins(document(result)))
        return
    typer.echo(screen(result, {entry.cell: entry.again for entry in entries}, width=columns()))
    if os.environ.get("GITHUB_ACTIONS") == "true" and result.failed:
        from sandbox.report.annotations import workflow_commands

        places = {entry.cell.spec: (entry.source, entry.lines) for entry in entries}
        typer.echo(workflow_commands(result, places), nl=False)


def _write_junit(result: TrialResult, path: Path) -> None:
    from sandbox.report.junit import junit

    try:
        path.write_text(junit(result), encoding="utf-8")
    except OSError as error:
        message = f"{path} can't be written: {error.strerror}"
        raise SandboxError(message) from error


def _shell(runner: OnEngines | OnSwarm, reporter: TerminalReporter) -> None:
    """Open a shell in the sandbox that was kept, where one was."""
    if runner.held is None:
        return
    cell = runner.held.entry.cell
    reporter.heading(f"\na shell in {cell.title}, which did not pass; exit or Ctrl-D removes it")
    runner.held.shell()
