"""What the words of a task's script mean for its cell."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sandbox.core.plaintext import plain_line
from sandbox.errors import Advice, SandboxError, UnknownPackage
from sandbox.managers.protocol import Failure
from sandbox.managers.registry import languages_among, manager_of
from sandbox.provision.step_errors import step_error
from sandbox.specs.model import RunCheck
from sandbox.trials.checks import CheckOutput, evaluate
from sandbox.trials.jobs.script import WHOLE
from sandbox.trials.results import CellResult, CheckResult

if TYPE_CHECKING:
    from sandbox.errors import Row
    from sandbox.provision.plan import Plan
    from sandbox.provision.steps import Step
    from sandbox.specs.model import Check
    from sandbox.trials.engine_runner import Log
    from sandbox.trials.jobs.cell import RunningCell
    from sandbox.trials.jobs.log_parser import CommandResult, ScriptLog
    from sandbox.trials.runner import MatrixEntry


def cell_result(cell: RunningCell, found: ScriptLog) -> CellResult:
    """Return the result that a cell's script told, and write what it ran to the cell's log."""
    plan, steps = cell.plan, len(cell.plan.steps)
    checks = _checks(plan, found.ran[steps:])
    titles = (*((step.kind, step.title) for step in plan.steps), *(("check", check.title) for check in checks))
    for ran, (kind, title) in zip(found.ran, titles, strict=False):
        _write(cell.log, kind, title, ran)
    failed = next((n for n, ran in enumerate(found.ran[:steps]) if ran.status), None)
    if failed is not None:
        return problem_result(cell.entry, cell.began, step_failure(plan, plan.steps[failed], found.ran[failed]), cell)
    if not found.whole:
        return problem_result(cell.entry, cell.began, SandboxError(_unfinished_reason(cell, found)), cell)
    return CellResult(
        cell=cell.entry.cell,
        status="passed" if all(check.holds for check in checks) else "failed",
        seconds=round(time.monotonic() - cell.began, 3),
        install=sum(ran.seconds for ran in found.ran[:steps]),
        checks=checks,
        engine=cell.place,
        attempts=cell.attempts,
        log=str(cell.path),
        moved=tuple(cell.moved),
    )


def problem_result(
    entry: MatrixEntry, began: float, error: SandboxError, cell: RunningCell | None = None
) -> CellResult:
    """Return the result of a cell in which there was nothing to check."""
    if cell is not None:
        cell.log.reporter.warn(error)
    return CellResult(
        cell=entry.cell,
        status="error",
        seconds=round(time.monotonic() - began, 3),
        problem=plain_line(error.brief, 200),
        details=(*error.details, *_search_hints(entry, error)),
        engine=cell.place if cell else "",
        attempts=cell.attempts if cell else 1,
        log=str(cell.path) if cell else "",
        moved=tuple(cell.moved) if cell else (),
    )


def _search_hints(entry: MatrixEntry, error: SandboxError) -> tuple[Row, ...]:
    """Return what to run for the names that are near an unknown one: a task can't be asked for them."""
    if not isinstance(error, UnknownPackage):
        return ()
    return (("nearest", Advice.sandbox("search", error.package, "--distro", entry.cell.distro).line),)


def _unfinished_reason(cell: RunningCell, found: ScriptLog) -> str:
    """Return why a script did not come to its end."""
    if found.wrong:
        return f"its log was not written by its script: {found.wrong}"
    return (
        f"its script was killed, with status {found.died}"
        if found.died
        else f"not finished after {cell.script.limit} s"
    )


def _checks(plan: Plan, ran: tuple[CommandResult, ...]) -> tuple[CheckResult, ...]:
    pairs = zip(plan.spec.checks, ran, strict=False)
    return tuple(_check_result(number, check, answer) for number, (check, answer) in enumerate(pairs, 1))


def _check_result(number: int, check: Check, ran: CommandResult) -> CheckResult:
    answer = CheckOutput(status=ran.status, stdout=ran.stdout, stderr=ran.stderr)
    result = evaluate(number, check, answer, seconds=ran.seconds)
    expected = (check.stdout, check.stderr) if isinstance(check, RunCheck) else (None, None)
    if any(cut and wanted for cut, wanted in zip(ran.cut, expected, strict=True)):
        return replace(result, problem=f"printed more than {WHOLE} bytes, the most that a task's log can hold")
    return result


def step_failure(plan: Plan, step: Step, ran: CommandResult) -> SandboxError:
    """Return the error of a step that failed."""
    manager = next(iter(languages_among([step.source])), manager_of(plan.target.manager))
    return step_error(plan, manager, step, Failure(argv=step.argv, status=ran.status, output=ran.stdout))


def _write(log: Log, kind: str, title: str, ran: CommandResult) -> None:
    log.line(f"== {kind} {title}")
    for line in (*ran.stdout.splitlines(), *ran.stderr.splitlines()):
        log.line(line)
    log.line(f"== {kind} {title} ended with exit status {ran.status} after {ran.seconds:g} s")
