"""A run in Python's logging, for programs that use this one as a library: the logger `sandbox`, silent by itself."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from sandbox.core.plaintext import plain
from sandbox.report.advice import advice_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sandbox.errors import Row, SandboxError

LOGGER: Final = logging.getLogger("sandbox")
LOGGER.addHandler(logging.NullHandler())  # else warnings go to stderr (logging.lastResort)


class LoggingReporter:
    """Logs steps as INFO, the output of their commands as DEBUG, and problems that do not end the run as WARNING."""

    def heading(self, text: str) -> None:
        """Log what is tried where."""
        LOGGER.info("%s", plain(text))

    def blank(self) -> None:
        """Log no empty lines."""

    def rows(self, rows: Sequence[Row]) -> None:
        """Log labels and texts."""
        for label, text in rows:
            LOGGER.info("%s: %s", label.strip(), plain(text))

    def warn(self, error: SandboxError) -> None:
        """Log a problem that does not end the run."""
        LOGGER.warning("%s", "\n".join((plain(error.brief), *problem_lines(error))))

    @contextmanager
    def step(self, label: str, title: str) -> Iterator[LoggedStep]:
        """Log a step when it ends."""
        step = LoggedStep(title)
        yield step
        LOGGER.info("%s", plain(f"{label} {step.text}"))


class LoggedStep:
    """A step: its output as it comes, its last title at the end."""

    def __init__(self, title: str) -> None:
        self.text = title

    def line(self, text: str) -> None:
        """Log a line of the command's output."""
        LOGGER.debug("%s", plain(text))

    def now(self, text: str) -> None:
        """Log nothing: the output shows what it does."""

    def title(self, text: str) -> None:
        """Change the step's title, once more is known."""
        self.text = text

    def note(self, text: str) -> None:
        """Add a note to the title."""
        self.text = f"{self.text} ({text})"


def problem_lines(error: SandboxError) -> tuple[str, ...]:
    """Return the evidence of an error and its next steps, a line each, as the command line shows them."""
    rows = [*error.details, *(("next", advice_text(hint)) for hint in error.hints)]
    width = max((len(label) for label, _ in rows), default=0) + 3
    return tuple(f"  {label:<{width}}{plain(text)}" for label, text in rows)
