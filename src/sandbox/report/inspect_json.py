"""Inspections as JSON by the schema: facts become notes in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import to_builtins

from sandbox.inspect.findings import Inspection
from sandbox.report.finding_text import note

if TYPE_CHECKING:
    from sandbox.inspect.comparison import Comparison


def inspect_document(found: Inspection | Comparison) -> dict[str, object]:
    """Return the answer as JSON, without the number of its schema."""
    data: dict[str, object] = to_builtins(found)
    if isinstance(found, Inspection):
        return _with_notes(data, found)
    rows = [
        {**to_builtins(row), "inspection": row.inspection and _with_notes(to_builtins(row.inspection), row.inspection)}
        for row in found.candidates
    ]
    return {**data, "candidates": rows}


def _with_notes(data: dict[str, object], found: Inspection) -> dict[str, object]:
    findings = [
        {"kind": row.kind, "what": row.what, "note": note(row.fact), "is_usual": row.is_usual}
        for row in found.footprint.findings
    ]
    return {**data, "footprint": {**to_builtins(found.footprint), "findings": findings}}
