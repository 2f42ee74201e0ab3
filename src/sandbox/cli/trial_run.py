"""Runs a matrix and shows the result."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

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
    from sandbox.trials.fargate.jobs import Agreement
    from sandbox.trials.jobs.runner import MatrixRunner
    from sandbox.trials.results import Cell, CellResult
    from sandbox.trials.runner import MatrixEntry


def run(entries: Sequence[MatrixEntry], host: Context, work: Work, output: Output) -> tuple[TrialResult, bool]:
    """Run a matrix and show it; return the result, and whether something may be left on an engine."""
    from sandbox.commands.trial import check_on, engines_for, runner_for
    from sandbox.core.signals import trap_termination
    from sandbox.report.terminal import TerminalReporter
    from sandbox.report.trial_live import watch_matrix
    from sandbox.trials.engine_runner import RunOptions
    from sandbox.trials.logs import new_folder
    from sandbox.trials.results import TrialResult

    reporter, engines, on = TerminalReporter(os.environ), work.engine or (), work.on
    wanted = RunOptions(
        jobs=work.jobs,
        retries=work.retries,
        twice=work.twice,
        keep_failed=work.shell_on_fail,
        for_fargate=work.for_fargate,
    )
    with trap_termination() as guard:
        if on is not None:
            check_on(on, engines, wanted)
        reached = engines_for(engines, host, wanted.jobs, reporter, lambda: connect(host))
        found = {url: (there.connect, there.slots) for url, there in reached.items()}
        folder = new_folder(host.state_folder)
        agreement = agreement_of(work) if on == "fargate" else None
        runner = runner_for(entries, found, host, folder=folder, log=_log, wanted=wanted, on=on, agreement=agreement)
        if not output.quiet:
            reporter.rows(runner.opening_rows(entries))
        began = time.monotonic()
        try:
            with watch_matrix([entry.cell for entry in entries], os.environ, quiet=output.quiet) as watcher:
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
    if not output.quiet:
        reporter.rows(runner.closing_rows())
    for removal in runner.removals:
        for failure in removal.failures:
            reporter.warn(failure)
    return result, any(removal.left for removal in runner.removals)


def agreement_of(work: Work) -> Agreement:
    """Return what the options let Fargate use. Raises UsageError for a time or number that can't be."""
    from sandbox.cli.on_fargate import push_question
    from sandbox.errors import UsageError
    from sandbox.specs.kinds import decimal, duration
    from sandbox.trials.fargate.jobs import MOST_TASKS, TTL, Agreement

    kinds = (
        ("--ttl", work.ttl, duration(60, 24 * 3600)),
        ("--max-vcpu-hours", work.max_vcpu_hours, decimal(0.01, 100_000, "a number of hours such as 2.5")),
    )
    found: dict[str, float] = {}
    for option, text, kind in kinds:
        try:
            if text is not None:
                found[option] = kind.parse(text)
        except ValueError as error:
            raise UsageError(f"{option}: {error}") from None
    return Agreement(
        ttl=int(found.get("--ttl", TTL)),
        max_tasks=work.max_tasks or MOST_TASKS,
        max_vcpu_hours=found.get("--max-vcpu-hours"),
        pushes=work.push,
        ask_push=push_question(),
    )


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


def _shell(runner: EngineRunner | MatrixRunner, reporter: TerminalReporter, *, is_wanted: bool) -> None:
    """Open a shell in the kept sandbox, if there is one."""
    if runner.held is None:
        if is_wanted:
            reporter.heading("\nno shell: no failed sandbox is still there")
        return
    cell = runner.held.entry.cell
    reporter.heading(f"\na shell in {cell.title}, which failed; exit or Ctrl-D removes it")
    runner.held.shell()
