"""A reporter that keeps what it is told."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sandbox.core.progress import Reporter, StepReport
    from sandbox.errors import Row, SandboxError


@dataclass
class FakeReporter:
    """Keeps what it is told, as (verb, text); it is also the report of each of its steps."""

    told: list[tuple[str, str]] = field(default_factory=list)

    def heading(self, text: str) -> None:
        self.told.append(("heading", text))

    @contextmanager
    def step(self, label: str, title: str) -> Iterator[StepReport]:
        self.told.append((label, title))
        yield self

    def rows(self, rows: Sequence[Row]) -> None:
        self.told.extend(rows)

    def blank(self) -> None:
        self.told.append(("blank", ""))

    def warn(self, error: SandboxError) -> None:
        self.told.append(("warn", error.brief))

    def line(self, text: str) -> None:
        self.told.append(("line", text))

    def now(self, text: str) -> None:
        self.told.append(("now", text))

    def title(self, text: str) -> None:
        self.told.append(("title", text))

    def note(self, text: str) -> None:
        self.told.append(("note", text))

    @property
    def warnings(self) -> list[str]:
        """What it was warned of."""
        return [text for verb, text in self.told if verb == "warn"]


if TYPE_CHECKING:
    _reporter: Reporter = FakeReporter()
