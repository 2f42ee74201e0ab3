"""Errors as a program sees them: the one tree, with the evidence and the next steps in what a traceback shows."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sandbox.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def explain_errors() -> Iterator[None]:
    """Let an error of ours pass with notes (PEP 678, Python 3.11) of what the command line shows below it."""
    try:
        yield
    except SandboxError as error:
        from sandbox.report.logger import problem_lines

        if hasattr(error, "add_note") and not getattr(error, "__notes__", ()):
            for line in problem_lines(error):
                error.add_note(line)
        raise
