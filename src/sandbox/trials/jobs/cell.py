"""A running cell of a matrix on a service that runs jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.provision.plan import Plan
    from sandbox.trials.engine_runner import Log
    from sandbox.trials.jobs.decisions import PhaseSince
    from sandbox.trials.jobs.script import Script
    from sandbox.trials.results import CellResult
    from sandbox.trials.runner import MatrixEntry


class RunningCell(Struct, kw_only=True):
    """A running cell: what its jobs are made of, and the state of the last one. Times are monotonic seconds.

    `place` is where its job runs, as a person names it; `key` is the word of its own of the job that is to be created.
    """

    entry: MatrixEntry
    plan: Plan
    image: str
    script: Script
    log: Log
    path: Path
    began: float
    job: str = ""
    key: str = ""
    place: str = ""
    attempts: int = 1
    lost: int = 0
    unheard: float = 0.0
    crowded: float = 0.0
    node: str = ""
    since: PhaseSince | None = None
    result: CellResult | None = None
    avoid: set[str] = field(default_factory=set)
    moved: list[str] = field(default_factory=list)
