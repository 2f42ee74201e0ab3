"""Runs the checks of a spec in a sandbox; each gives a one-line result."""

from __future__ import annotations

import re
import time
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sandbox.container.box import ROOT, TAIL
from sandbox.container.output import TailBuffer
from sandbox.container.sockets import TCP_LISTENS
from sandbox.core.plaintext import plain, plain_line
from sandbox.core.programs import sh_argv
from sandbox.core.signals import KILLED
from sandbox.errors import CheckFailed, TooLong
from sandbox.specs.model import FileCheck, PortCheck, RunCheck
from sandbox.trials.results import CheckResult

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sandbox.container.box import Box
    from sandbox.core.progress import Reporter
    from sandbox.specs.model import Check, TextMatch

TIMED_OUT: Final = 124
"""Exit status of timeout(1) after a timeout."""
TERMINATED: Final = 143
"""128 + SIGTERM: the same for busybox's timeout."""
KILL_AFTER: Final = 2
"""Seconds that a command has to end after SIGTERM; SIGKILL follows."""
LATE: Final[Mapping[int, int]] = MappingProxyType({TIMED_OUT: 0, TERMINATED: 0, KILLED: KILL_AFTER})
"""What timeout(1) of GNU and busybox ends with when its time was over, and how many seconds later at the least.

A command may end so by itself, sooner: at the limit of memory, or by a timeout(1) of its own.
"""
AWAITED: Final = 10.0
"""Seconds after its time limit for a check's output to end: background processes may keep it open."""
OUTPUT: Final = 2000
"""Characters of a failed check's output to keep, the last ones."""


class CheckCommand(Struct, frozen=True, kw_only=True):
    """How to run a check: an argv in the sandbox as `user`, which ends in time by itself."""

    argv: tuple[str, ...]
    user: str = ROOT


class CheckOutput(Struct, frozen=True, kw_only=True):
    """How a check's argv ended: exit status and plain output."""

    status: int
    stdout: str = ""
    stderr: str = ""


def run_checks(
    box: Box, checks: Iterable[Check], reporter: Reporter, *, env: Mapping[str, str]
) -> tuple[CheckResult, ...]:
    """Run the checks in a sandbox, commands with `env`, and return the results."""
    return tuple(_run(box, number, check, reporter=reporter, env=env) for number, check in enumerate(checks, 1))


def failure(results: Iterable[CheckResult]) -> CheckFailed | None:
    """Return the error for failed checks, or None."""
    failed = [("check", f"{one.title}: {one.problem}") for one in results if not one.holds]
    return CheckFailed("a check of the spec failed", details=failed) if failed else None


def _run(box: Box, number: int, check: Check, *, reporter: Reporter, env: Mapping[str, str]) -> CheckResult:
    began, question = time.monotonic(), command_for(check)
    with reporter.step("check", plain_line(title(check), 34)) as step:
        own = env if isinstance(check, RunCheck) else {}
        answer = _run_command(box, question, own, step.line, seconds=_longest(check))
        result = evaluate(number, check, answer, seconds=time.monotonic() - began)
        step.note(f"✗ {result.problem}" if result.problem else "✓")
    return result


def _run_command(
    box: Box, question: CheckCommand, env: Mapping[str, str], on_line: Callable[[str], None], *, seconds: float
) -> CheckOutput:
    """Return how a command ended; one that is still running is late, with its output so far."""
    said = TailBuffer(TAIL)

    def take(line: str) -> None:
        said.extend([line])
        on_line(line)

    try:
        outcome = box.exec(question.argv, env=env, user=question.user, on_line=take, seconds=seconds)
    except TooLong:
        return CheckOutput(status=TIMED_OUT, stdout=said.text())
    return CheckOutput(status=outcome.status, stdout=outcome.stdout, stderr=outcome.stderr)


def _longest(check: Check) -> float:
    """Return the seconds after which a check is abandoned: it should have ended by itself."""
    return AWAITED + (AWAITED if isinstance(check, FileCheck) else check.timeout)


def title(check: Check) -> str:
    """Return a check's title."""
    match check:
        case RunCheck():
            return check.run
        case FileCheck():
            return check.file
        case PortCheck():
            return f"port {check.port}"


def command_for(check: Check) -> CheckCommand:
    """Return how to run a check."""
    match check:
        case RunCheck():
            argv = ("timeout", "-k", str(KILL_AFTER), f"{check.timeout:g}", "sh", "-c", check.run)
            return CheckCommand(argv=argv, user=check.user or ROOT)
        case FileCheck():
            return CheckCommand(argv=("stat", "-L", "-c", "%a %U %G %u %g", check.file))
        case PortCheck():
            # read the kernel's list of listening sockets, since that needs no tool in the sandbox
            listens = f":{check.port:04X} [0-9A-F]*:0000 {TCP_LISTENS} "
            return CheckCommand(argv=sh_argv(__package__, "wait_for_port.sh", listens, str(_whole(check))))


def evaluate(number: int, check: Check, answer: CheckOutput, *, seconds: float) -> CheckResult:
    """Return the problem in a check's answer, or None: the only place that decides."""
    wrong = _problem(check, answer, seconds)
    output = plain(f"{answer.stdout}\n{answer.stderr}").strip()[-OUTPUT:] if wrong else ""
    return CheckResult(
        number=number, title=plain_line(title(check), 60), problem=wrong, seconds=round(seconds, 3), output=output
    )


def _problem(check: Check, answer: CheckOutput, seconds: float) -> str | None:
    match check:
        case RunCheck():
            return _command_problem(check, answer, seconds)
        case FileCheck():
            return _file_problem(check, answer)
        case PortCheck():
            return f"does not listen after {_whole(check)} s" if answer.status else None


def _command_problem(check: RunCheck, answer: CheckOutput, seconds: float) -> str | None:
    limit = int(check.timeout)  # a task counts whole seconds
    is_late = answer.status in LATE and seconds >= limit + LATE[answer.status]
    if is_late and check.exit != answer.status:
        return f"not finished after {check.timeout:g} s"
    if answer.status != check.exit:
        return f"exit status {answer.status}, expected {check.exit}"
    return _mismatch("stdout", check.stdout, answer.stdout) or _mismatch("stderr", check.stderr, answer.stderr)


def _mismatch(stream: str, expected: TextMatch | None, text: str) -> str | None:
    if expected is None or matches(expected, text):
        return None
    return f"{stream} is {plain_line(text, 40)!r}, expected text that {expected.kind} {expected.text!r}"


def matches(expected: TextMatch, text: str) -> bool:
    """Return whether a text matches the expectation; a final newline does not count."""
    match expected.kind:
        case "equals":
            return text.rstrip("\n") == expected.text.rstrip("\n")
        case "contains":
            return expected.text in text
        case "matches":
            return re.search(expected.text, text, re.MULTILINE) is not None


def _file_problem(check: FileCheck, answer: CheckOutput) -> str | None:
    if answer.status:
        return "does not exist"
    fields = answer.stdout.split()
    if len(fields) != len(("mode", "user", "group", "uid", "gid")):
        return f"can't be inspected: {plain_line(answer.stdout, 40)!r}"
    mode, user, group, uid, gid = fields
    if check.mode is not None and int(mode, 8) != check.mode:
        return f"has mode {mode}, expected {check.mode:o}"
    wanted_user, _, wanted_group = (check.owner or "").partition(":")
    if wanted_user not in ("", user, uid) or wanted_group not in ("", group, gid):
        return f"belongs to {user}:{group}, expected {check.owner}"
    return None


def _whole(check: PortCheck) -> int:
    return max(1, int(check.timeout))
