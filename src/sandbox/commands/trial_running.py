"""A cell of a matrix on its way through a swarm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.commands.trial_engines import Log
    from sandbox.commands.trial_values import Entry
    from sandbox.jobs.moves import Since
    from sandbox.jobs.script import Script
    from sandbox.plan import Plan
    from sandbox.trials.values import CellResult


class Running(Struct, kw_only=True):
    """A cell on its way: what its jobs are made of, and what is known of the last one. Times are monotonic seconds."""

    entry: Entry
    plan: Plan
    image: str
    script: Script
    log: Log
    path: Path
    began: float
    job: str = ""
    attempts: int = 1
    lost: int = 0
    unheard: float = 0.0
    node: str = ""
    since: Since | None = None
    result: CellResult | None = None
    avoid: set[str] = field(default_factory=set)
    moved: list[str] = field(default_factory=list)
