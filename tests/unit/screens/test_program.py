"""A picture is taken once a window has settled, and nobody waits long for a program that has ended."""

from __future__ import annotations

from itertools import chain, repeat

import pytest

from sandbox.screens import program
from sandbox.screens.picture import Picture

EMPTY, ONE, TWO = (Picture(width=1, height=1, pixels=bytes([shade] * 3)) for shade in range(3))


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "PAUSE", 0.0)
    monkeypatch.setattr(program, "FORK_LIMIT", 0.0)


def settled(*pictures: Picture, is_over: bool = False) -> Picture | None:
    looks = chain(pictures, repeat(pictures[-1]))
    return program._calm_picture(lambda: next(looks), EMPTY, lambda: is_over)


def test_the_first_picture_that_stays_is_taken() -> None:
    assert settled(EMPTY, ONE, TWO) == TWO
    assert settled(EMPTY, ONE, TWO, is_over=True) == TWO  # the program left one of its own running


def test_a_program_that_ended_and_showed_nothing_is_not_waited_for() -> None:
    assert settled(EMPTY, is_over=True) is None


def test_what_never_comes_to_rest_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "CALM_LIMIT", 0.0)
    assert settled(EMPTY, ONE, TWO, ONE) == TWO


def test_what_shows_nothing_in_time_has_no_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "WINDOW_LIMIT", 0.01)
    assert settled(EMPTY) is None
