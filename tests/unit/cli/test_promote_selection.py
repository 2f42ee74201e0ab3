from __future__ import annotations

import pytest

from sandbox.cli.promote_selection import read_places


@pytest.mark.parametrize(
    ("answer", "places"),
    [("\n", ()), ("", ()), ("2\n", (1,)), ("3, 1\n", (0, 2)), ("1 1\n", (0,)), ("  2 ,\n", (1,))],
)
def test_numbers_are_places_and_enter_keeps_all(answer: str, places: tuple[int, ...]) -> None:
    assert read_places(answer, 3) == places


@pytest.mark.parametrize("answer", ["0", "4", "x", "1,2,3", "-1", "1-2", "\u0663", "1" * 5000])
def test_what_is_no_row_is_asked_again(answer: str) -> None:
    assert read_places(answer, 3) is None
