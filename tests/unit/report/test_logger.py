"""A run in Python's logging: silent unless its program listens."""

from __future__ import annotations

import logging
import subprocess
import sys
from typing import TYPE_CHECKING

from sandbox.errors import Advice, SandboxError
from sandbox.report.logger import LoggingReporter

if TYPE_CHECKING:
    import pytest


def test_steps_lines_and_problems_have_their_levels(caplog: pytest.LogCaptureFixture) -> None:
    reporter = LoggingReporter()
    with caplog.at_level(logging.DEBUG, "sandbox"), reporter.step("install", "jq") as step:
        step.line("Setting up\x1b[1m jq")
        step.title("jq 1.6")
        step.note("1 MB")
    with caplog.at_level(logging.DEBUG, "sandbox"):
        reporter.rows([("  base", "stays")])
        reporter.warn(SandboxError("odd", details=[("it said", "no")], hints=[Advice.sandbox("doctor")]))
    assert [(row.levelname, row.getMessage()) for row in caplog.records] == [
        ("DEBUG", "Setting up jq"),
        ("INFO", "install jq 1.6 (1 MB)"),
        ("INFO", "base: stays"),
        ("WARNING", "odd\n  it said   no\n  next      sandbox doctor"),
    ]


def test_a_program_that_does_not_listen_sees_nothing() -> None:
    code = "from sandbox.report.logger import *; LoggingReporter().warn(SandboxError('odd'))"
    code = f"from sandbox.errors import SandboxError; {code}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")
