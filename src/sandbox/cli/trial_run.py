"""Runs a matrix and shows the result."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Final

import typer
from msgspec import to_builtins

from sandbox.cli.app import columns, connect, show_json
from sandbox.trials.json_document import document
from sandbox.trials.results import TrialResult

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from sandbox.cli.trial_options import Output, Work
    from sandbox.commands.trial import Reached
    from sandbox.provision.context import Context
    from sandbox.report.terminal import TerminalReporter
    from sandbox.trials.engine_runner import EngineRunner, Log
    from sandbox.trials.results import Cell, CellResult
    from sandbox.trials.runner import MatrixEntry
    from sandbox.trials.swarm.runner import SwarmRunner

NO_LIFELINE: Final = (
    "if sandbox is killed, the services on the swarm run to their end, and the next sandbox command removes them"
)


def run(entries: Sequence[MatrixEntry], host: Context, work: Work, output: Output) -> tuple[TrialResult, bool]:
    """Run a matrix and show it; return the result, and whether something may be left on an engine."""
    from sandbox.commands.trial import check_swarm, engines_for, runner_for
    from sandbox.core.signals import trap_termination
    from sandbox.report.terminal import TerminalReporter
    from sandbox.report.trial_live import watching
    from sandbox.trials.engine_runner import RunOptions
    from sandbox.trials.logs import new_folder
    from sandbox.trials.results import TrialResult

    reporter, engines, on = TerminalReporter(os.environ), work.engine or (), work.on
    wanted = RunOptions(jobs=work.jobs, retries=work.retries, twice=work.twice, keep_failed=work.shell_on_fail)
    with trap_termination() as guard:
        if on is not None:
            check_swarm(on, engines, wanted)
        reached = engines_for(engines, host, wanted.jobs, reporter, lambda: connect(host))
        found = {url: (there.connect, there.slots) for url, there in reached.items()}
        folder = new_folder(host.state_folder)
        runner = runner_for(entries, found, host, folder=folder, log=_log, wanted=wanted, on=on)
        if on is not None and not output.quiet:
            reporter.rows([("swarm", NO_LIFELINE)])
        began = time.monotonic()
        try:
            with watching([entry.cell for entry in entries], os.environ, quiet=output.quiet) as watcher:
                cells = runner.run(entries, watcher)
            result = TrialResult(cells=cells, seconds=round(time.monotonic() - began, 3), folder=str(folder))
            for warning in runner.warnings:
                reporter.warn(warning)
            _show(result, {entry.cell: entry for entry in entries}, reached, output)
            _shell(runner, reporter, is_wanted=wanted.keep_failed and bool(result.failed))
        except KeyboardInterrupt:
            if not output.quiet:
                reporter.rows([("interrupted", f"removing what still runs; the logs stay in {folder}")])
            raise
        finally:
            guard.cleaning = True
            runner.close()
    for removal in runner.removals:
        for failure in removal.failures:
            reporter.warn(failure)
    return result, any(removal.left for removal in runner.removals)


def _log(path: Path, now: Callable[[str], None]) -> Log:
    from sandbox.report.log import LogReporter
    from sandbox.trials.engine_runner import Log

    reporter = LogReporter(path, now)
    return Log(reporter=reporter, line=reporter.line, close=reporter.close)


def _show(
    result: TrialResult, entries: Mapping[Cell, MatrixEntry], engines: Mapping[str, Reached], output: Output
) -> None:
    from sandbox.report.colours import has_colours, paint_marks
    from sandbox.report.trial_text import screen

    if output.as_json:
        show_json(to_builtins(document(result)))
    else:
        again = {row.cell: (*entries[row.cell].again, *_where(row, engines)) for row in result.failed}
        text = screen(result, again, width=columns())
        typer.echo(paint_marks(text) if has_colours(os.environ, 1) else text)
        if os.environ.get("GITHUB_ACTIONS") == "true" and result.failed:
            from sandbox.report.trial_github import workflow_commands

            places = {entry.cell.spec: (entry.source, entry.lines) for entry in entries.values()}
            typer.echo(workflow_commands(result, places), nl=False)
    if output.junit:
        from sandbox.core.files import write_file
        from sandbox.report.trial_junit import junit

        write_file(output.junit, junit(result))


def _where(row: CellResult, engines: Mapping[str, Reached]) -> tuple[str, ...]:
    """Return the option for the engine that ran a cell, or for the swarm's manager."""
    there = engines.get(row.engine) or next(iter(engines.values()))
    return ("--engine", there.word) if there.word else ()


def _shell(runner: EngineRunner | SwarmRunner, reporter: TerminalReporter, *, is_wanted: bool) -> None:
    """Open a shell in the kept sandbox, if there is one."""
    if runner.held is None:
        if is_wanted:
            reporter.heading("\nno shell: no failed sandbox is still there")
        return
    cell = runner.held.entry.cell
    reporter.heading(f"\na shell in {cell.title}, which failed; exit or Ctrl-D removes it")
    runner.held.shell()
