"""Which rows of a matrix `make test` runs; `make full` runs the others.

A matrix is one claim for many rows: families of managers, distros, releases, formats, languages' managers, engines,
signals, shells, faults. The rule: in `make test` stands a row for each kind of thing, the cheapest that can fail; what
differs from it by a name or a number alone, or is slow and of a kind that is met there anyway, is marked `full`.
No claim is without a row in `make test` but for those that need an engine of their own to break, or the network for
minutes; these have a target of their own, or are marked `full` as a whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

FULL: Final = pytest.mark.full
SMALLEST: Final = frozenset(("apt", "apk", "dnf5", "pacman"))
"""One manager of each kind of package format. Each other is met in `make test` by test_distros, whose row is real."""


def rows(values: Iterable[Any], is_small: Callable[[Any], bool], *, several: bool = False) -> list[Any]:
    """Return values as pytest's parameters, as full those that are not small; `several`: each is for several names.

    Some row has to be small: else `make test` would run nothing of the matrix.
    """
    listed = list(values)
    assert any(map(is_small, listed)), "a matrix of which make test runs nothing"
    return [value if is_small(value) else _in_full(value, several=several) for value in listed]


def first(values: Iterable[Any], count: int = 1, *, several: bool = False) -> list[Any]:
    """Return values as pytest's parameters, as full all but the first ones: where any row will do."""
    listed = list(values)
    return [*listed[:count], *(_in_full(value, several=several) for value in listed[count:])]


def _in_full(value: Any, *, several: bool) -> Any:
    return pytest.param(*(value if several else (value,)), marks=FULL)
