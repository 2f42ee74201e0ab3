"""What did not pass as workflow commands, which GitHub shows at the line of the spec.

Source: its documentation of workflow commands: `%`, CR and LF are written as percent codes, in properties `:` and `,`
too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.core.plaintext import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox.trials.results import CellResult, TrialResult


def workflow_commands(found: TrialResult, places: Mapping[str, tuple[str, tuple[int, ...]]]) -> str:
    """Return an `::error` line for each failure; `places`: each spec's file and the lines of its checks."""
    return "".join(f"{line}\n" for row in found.failed for line in _of(row, places))


def _of(row: CellResult, places: Mapping[str, tuple[str, tuple[int, ...]]]) -> Iterator[str]:
    file, lines = places.get(row.cell.spec, ("", ()))
    if row.problem:
        yield _error(row, row.problem, file, 0)
    for check in row.failures:
        line = lines[check.number - 1] if check.number <= len(lines) else 0
        text = f"check {check.number}: {check.title}: {check.problem}\n{check.output}".rstrip()
        yield _error(row, text, file, line)
    if row.differences:
        yield _error(row, "not the same twice:\n" + "\n".join(row.differences), file, 0)


def _error(row: CellResult, text: str, file: str, line: int) -> str:
    properties = {"file": file, "line": str(line) if file and line else "", "title": row.cell.title}
    shown = ",".join(f"{key}={_property(value)}" for key, value in properties.items() if value)
    return f"::error {shown}::{_data(text)}"


def _data(text: str) -> str:
    return plain(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
