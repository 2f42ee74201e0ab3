"""The question which packages to leave out of a promotion."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from sandbox.cli.question import ask

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.promote.formats.base import Promotion


def select_packages(promotion: Promotion) -> Promotion:
    """Ask at a terminal what to leave out; Enter and Ctrl-D keep all."""
    from sandbox.cli.app import at_terminal
    from sandbox.errors import UsageError
    from sandbox.promote.promotion import items, select

    there = items(promotion)
    if len(there) < 2 or not at_terminal():  # noqa: PLR2004 - a single row needs no question
        return promotion
    width = max(len(item.text) for item in there)
    while True:
        gone = ask_drop([f"{item.text:<{width}}   {item.why}" for item in there])
        try:
            return select(promotion, (), [there[number].name for number in gone])
        except UsageError as error:
            sys.stderr.write(f"  {error.brief}\n")


def ask_drop(rows: Sequence[str]) -> tuple[int, ...]:
    """Show the rows with their numbers and return the places, from 0, of those to drop; asks again for what is none."""
    for number, text in enumerate(rows, 1):
        sys.stderr.write(f"  {number:>2}  {text}\n")
    while True:
        answer = ask("Which of these to leave out, for example 2 or 1,3? [Enter keeps all] ")
        places = read_places(answer, len(rows))
        if places is not None:
            return places
        sys.stderr.write(f"  expected numbers from 1 to {len(rows)}, and at least one package left\n")


def read_places(answer: str, count: int) -> tuple[int, ...] | None:
    """Return the indexes in an answer; None if a word is not a row's number, or nothing would remain."""
    words = answer.replace(",", " ").split()
    numbers = {int(word) for word in words if word.isascii() and word.isdigit() and len(word) < 6}  # noqa: PLR2004
    if len(numbers) < len(set(words)) or not all(1 <= number <= count for number in numbers) or len(numbers) == count:
        return None
    return tuple(sorted(number - 1 for number in numbers))
