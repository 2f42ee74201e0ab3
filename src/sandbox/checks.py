"""The checks of a spec, run in a sandbox: what each one found, in a line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox.engine.base import ExecSpec
from sandbox.inside import run
from sandbox.plaintext import plain_line
from sandbox.spec.model import FileCheck, PortCheck, RunCheck

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.engine.base import Engine
    from sandbox.report.base import Reporter
    from sandbox.spec.model import Check, TextMatch

TIMED_OUT: Final = 124
"""What timeout(1) ends with when the command did not end in time."""
WAIT_FOR_PORT: Final = """
until cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | grep -qi "$1"; do
  [ "$2" -gt 0 ] || exit 1
  shift_by=$(($2 - 1)); set -- "$1" "$shift_by"; sleep 1
done
"""
LISTENING: Final = "0A"
"""TCP_LISTEN in /proc/net/tcp (proc(5))."""


def run_checks(engine: Engine, container: str, checks: Iterable[Check], reporter: Reporter) -> tuple[str, ...]:
    """Run the checks and return one line for each that failed."""
    failed = []
    for check in checks:
        with reporter.step("check", plain_line(title(check), 34)) as step:
            problem = run_check(engine, container, check)
            step.note(f"✗ {problem}" if problem else "✓")
        if problem:
            failed.append(f"{plain_line(title(check), 60)}: {problem}")
    return tuple(failed)


def title(check: Check) -> str:
    """Return what a check is about."""
    match check:
        case RunCheck():
            return check.run
        case FileCheck():
            return check.file
        case PortCheck():
            return f"port {check.port}"


def run_check(engine: Engine, container: str, check: Check) -> str | None:
    """Return what is wrong, or None where the check holds."""
    match check:
        case RunCheck():
            return _run(engine, container, check)
        case FileCheck():
            return _file(engine, container, check)
        case PortCheck():
            return _port(engine, container, check)


def _run(engine: Engine, container: str, check: RunCheck) -> str | None:
    argv = ("timeout", f"{check.timeout:g}", "sh", "-c", check.run)
    outcome = run(engine, container, ExecSpec(argv=argv, user=check.user or "0"))
    if outcome.status == TIMED_OUT and check.exit != TIMED_OUT:
        return f"not done after {check.timeout:g} s"
    if outcome.status != check.exit:
        return f"exit status {outcome.status}, expected {check.exit}"
    return _mismatch("stdout", check.stdout, outcome.stdout) or _mismatch("stderr", check.stderr, outcome.stderr)


def _mismatch(stream: str, expected: TextMatch | None, text: str) -> str | None:
    if expected is None or matches(expected, text):
        return None
    return f"{stream} is {plain_line(text, 40)!r}, expected one that {expected.kind} {expected.text!r}"


def matches(expected: TextMatch, text: str) -> bool:
    """Return whether a text is what was expected; the newline at its end does not count."""
    match expected.kind:
        case "equals":
            return text.rstrip("\n") == expected.text.rstrip("\n")
        case "contains":
            return expected.text in text
        case "matches":
            return re.search(expected.text, text, re.MULTILINE) is not None


def _file(engine: Engine, container: str, check: FileCheck) -> str | None:
    argv = ("stat", "-L", "-c", "%a %U %G %u %g", check.file)
    outcome = run(engine, container, ExecSpec(argv=argv, user="0"))
    if outcome.status:
        return "is not there"
    mode, user, group, uid, gid = outcome.stdout.split()
    if check.mode is not None and int(mode, 8) != check.mode:
        return f"has mode {mode}, expected {check.mode:o}"
    wanted_user, _, wanted_group = (check.owner or "").partition(":")
    if wanted_user not in ("", user, uid) or wanted_group not in ("", group, gid):
        return f"belongs to {user}:{group}, expected {check.owner}"
    return None


def _port(engine: Engine, container: str, check: PortCheck) -> str | None:
    """Look at the kernel's list of listening sockets until the port is there: it needs no tool in the sandbox."""
    seconds = max(1, int(check.timeout))
    listens = f":{check.port:04X} [0-9A-F]*:0000 {LISTENING} "
    argv = ("sh", "-c", WAIT_FOR_PORT, "sh", listens, str(seconds))
    outcome = run(engine, container, ExecSpec(argv=argv, user="0"))
    return f"does not listen after {seconds} s" if outcome.status else None
