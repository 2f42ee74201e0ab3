"""What shows a run while it goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from sandbox.errors import Row, SandboxError


class StepReport(Protocol):
    """One step while it runs; it ends, with its seconds, when its block does."""

    def line(self, text: str) -> None:
        """Show a line of the command's output."""

    def now(self, text: str) -> None:
        """Say what is being done at the moment, short."""

    def title(self, text: str) -> None:
        """Say what the step was, once that is known better."""

    def note(self, text: str) -> None:
        """Add what belongs behind the seconds."""


class Reporter(Protocol):
    """Where a run is shown."""

    def heading(self, text: str) -> None:
        """Say what is tried where."""

    def step(self, label: str, title: str) -> AbstractContextManager[StepReport]:
        """Show a step while the block runs."""

    def rows(self, rows: Sequence[Row]) -> None:
        """Show labels and texts, aligned."""

    def blank(self) -> None:
        """Show an empty line."""

    def warn(self, error: SandboxError) -> None:
        """Show something that went wrong but does not end the run."""
