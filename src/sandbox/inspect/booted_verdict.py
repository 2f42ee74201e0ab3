"""The sentences on what a boot of systemd did with the units that came. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.core.human import names
from sandbox.inspect.findings import Sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.inspect.findings import BootedUnit, Footprint

MOST = 4


def booted_sentences(found: Footprint) -> Iterator[Sentence]:
    """Yield which services a boot started and how they went, and what waits for its time or for somebody."""
    rows = found.booted or ()
    services = tuple(row for row in rows if row.kind == "service")
    waiting = tuple(row for row in rows if row.kind != "service" and row.state == "waits")
    for state, one, many in (
        ("runs", "starts and runs on", "start and run on"),
        ("ended", "runs and ends", "run and end"),
        ("failed", "fails in the sandbox", "fail in the sandbox"),
        ("skipped", "is skipped by a condition of its unit", "are skipped by conditions of their units"),
    ):
        if part := tuple(map(_waiting_text, (row for row in services if row.state == state))):
            yield _sentence(f"In a boot, {names(part, MOST)} {one if len(part) == 1 else many}.")
    if waiting:
        verb = "waits" if len(waiting) == 1 else "wait"
        yield _sentence(f"After a boot, {names(tuple(map(_waiting_text, waiting)), MOST)} {verb}.")
    if broken := tuple(row.name for row in rows if row.kind != "service" and row.state == "failed"):
        yield _sentence(f"In a boot, {names(broken, MOST)} {'fails' if len(broken) == 1 else 'fail'} in the sandbox.")


def _waiting_text(row: BootedUnit) -> str:
    return f"{row.name} ({', '.join(row.when)})" if row.when else row.name


def _sentence(text: str) -> Sentence:
    return Sentence(text=text, evidence=("booted",))
