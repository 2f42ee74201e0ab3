"""The cells of a matrix, and the differences between two runs of a cell. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.errors import Advice, UsageError
from sandbox.trials.results import Cell

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sandbox.trials.results import CellResult, Held


def matrix(specs: Sequence[str], distros: Sequence[str], own: Mapping[str, str]) -> tuple[Cell, ...]:
    """Return a cell for every spec on every distro, spec by spec; without distros each spec is on its `own`.

    What is named twice is there once. Raise UsageError where there is no spec.
    """
    if not specs:
        message = "no spec to run: ./sandboxes has none"
        made = Advice.sandbox("new", "./NAME.yaml", "PACKAGE", after=", then the same command with ./NAME.yaml")
        raise UsageError(message, hints=[Advice.sandbox("trial", "web-tools"), made])
    return tuple(
        Cell(spec=spec, distro=distro)
        for spec in dict.fromkeys(specs)
        for distro in dict.fromkeys(distros or (own[spec],))
    )


def differences(first: CellResult, second: CellResult) -> tuple[str, ...]:
    """Return the differences between two runs of a cell, one line each."""
    return tuple(_differences(first, second))


def _differences(first: CellResult, second: CellResult) -> Iterator[str]:
    if first.held and second.held:
        yield from _packages(first.held, second.held)
        for name in sorted({*first.held.commands} ^ {*second.held.commands}):
            yield f"command {name}: only in the {_place(name in first.held.commands)} run"
    for one, other in zip(first.checks, second.checks, strict=False):
        if one.problem != other.problem:
            yield f"check {one.number}: {one.problem or 'passed'}, then {other.problem or 'passed'}"
    if first.problem != second.problem:
        yield f"{first.problem or 'installed'}, then {second.problem or 'installed'}"


def _packages(first: Held, second: Held) -> Iterator[str]:
    for name in sorted({*first.packages, *second.packages}):
        one, other = first.packages.get(name), second.packages.get(name)
        if one is None or other is None:
            yield f"package {name} {one or other}: only in the {_place(other is None)} run"
        elif one != other:
            yield f"package {name}: {one}, then {other}"


def _place(is_first: bool) -> str:
    return "first" if is_first else "second"
