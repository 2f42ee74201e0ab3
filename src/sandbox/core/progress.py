"""How a run shows its progress."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from sandbox.errors import Row, SandboxError


class StepReport(Protocol):
    """One step; it ends, with its seconds, when its block does."""

    def line(self, text: str) -> None:
        """Show a line of the command's output."""

    def now(self, text: str) -> None:
        """Show briefly what the step does now."""

    def title(self, text: str) -> None:
        """Change the step's title, once more is known."""

    def note(self, text: str) -> None:
        """Add a note after the seconds."""


class Reporter(Protocol):
    """Where a run shows its progress."""

    def heading(self, text: str) -> None:
        """Show what is tried where."""

    def step(self, label: str, title: str) -> AbstractContextManager[StepReport]:
        """Show a step while the block runs."""

    def rows(self, rows: Sequence[Row]) -> None:
        """Show labels and texts, aligned."""

    def blank(self) -> None:
        """Show an empty line."""

    def warn(self, error: SandboxError) -> None:
        """Show a problem that does not end the run."""
