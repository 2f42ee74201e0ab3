"""Which rows of a matrix `make test` runs, and that it runs one of each."""

from __future__ import annotations

from typing import Any

import pytest
from tests.integration.boxes import FAMILIES, cases
from tests.matrix import FULL, SMALLEST, first, rows


def of_test(parameters: list[Any]) -> list[Any]:
    """Return the values that `make test` runs."""
    return [row for row in parameters if not (hasattr(row, "marks") and FULL.mark in [mark.mark for mark in row.marks])]


def test_rows_that_are_not_small_are_full_and_none_is_lost() -> None:
    found = rows("abc", lambda name: name == "b")
    assert of_test(found) == ["b"]
    assert [row if isinstance(row, str) else row.values[0] for row in found] == ["a", "b", "c"]


def test_where_any_row_will_do_the_first_is_run() -> None:
    assert of_test(first([("a", 1), ("b", 2), ("c", 3)], 2, several=True)) == [("a", 1), ("b", 2)]
    assert first([("a", 1), ("b", 2)], several=True)[1].values == ("b", 2)
    assert first([("a", 1), ("b", 2)])[1].values == (("b", 2),)


def test_a_matrix_of_which_nothing_would_be_run_is_refused() -> None:
    with pytest.raises(AssertionError, match="runs nothing"):
        rows("abc", lambda _: False)


def test_of_each_kind_of_package_format_one_family_is_run() -> None:
    assert {row.manager for row in of_test(cases(FAMILIES))} == SMALLEST
