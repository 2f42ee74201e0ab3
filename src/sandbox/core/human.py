"""Formats numbers and lists of names for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

UNITS: Final = ("B", "kB", "MB", "GB", "TB")
STEP: Final = 1000
MINUTE: Final = 60
LONGEST: Final = 100_000
"""Upper bound of any time; time.sleep accepts no more."""
WHOLE: Final = 100
"""From three digits on, no decimals."""


def size(count: int) -> str:
    """Return bytes in powers of 1000: `412 kB`, `9.2 MB`."""
    value, unit = float(count), 0
    while value >= STEP - 0.5 and unit < len(UNITS) - 1:
        value, unit = value / STEP, unit + 1
    return f"{value:.0f} {UNITS[unit]}" if value >= WHOLE - 0.05 or unit == 0 else f"{value:.1f} {UNITS[unit]}"


def seconds(value: float) -> str:
    """Return a duration: `0.3 s`, `2 min 5 s`."""
    if value < MINUTE - 0.05:
        return f"{value:.1f} s"
    minutes, rest = divmod(int(value + 0.05), MINUTE)
    return f"{minutes} min {rest} s"


UNITS_OF_TIME: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def whole_seconds(text: str, option: str) -> int:
    """Return the seconds in `90s`, `30m`, `2h` or `1d` of an option. Raises UsageError."""
    number, unit = text[:-1], text[-1:]
    if unit in UNITS_OF_TIME and number.isascii() and number.isdigit() and 0 < int(number[:9]) <= LONGEST:
        return int(number) * UNITS_OF_TIME[unit]
    message = f"{option}: {text[:40]!r} is not a time"
    raise UsageError(message, details=[("expected", "a number followed by s, m, h or d, such as 90s, 30m, 2h or 1d")])


def count(number: int, noun: str, plural: str = "") -> str:
    """Return `1 package`, `2 packages`."""
    return f"{number} {noun}" if number == 1 else f"{number} {plural or noun + 's'}"


def span(age: float) -> str:
    """Return a duration in seconds as `4 minutes`."""
    for limit, length, noun in ((120, 1, "second"), (7200, 60, "minute"), (172800, 3600, "hour")):
        if age < limit:
            return count(max(0, int(age // length)), noun)
    return count(int(age // 86400), "day")


def ago(age: float) -> str:
    """Return an age in seconds as `4 minutes ago`."""
    return f"{span(age)} ago"


def names(values: tuple[str, ...], most: int = 6) -> str:
    """Return `a, b and c`, or the first ones `and 7 more`."""
    if len(values) > most:
        return f"{', '.join(values[:most])} and {len(values) - most} more"
    head, tail = values[:-1], values[-1:]
    return " and ".join([*([", ".join(head)] if head else []), *tail])


def name_distance(command: str, packages: Iterable[str]) -> int:
    """Return how far a command's name is from packages: 0 for the same first word, 1 for the same start, else 2.

    Of the 23 commands that come with `nginx-full`, `nginx` is the eighteenth by name.
    """
    stems = {_first_word(part) for name in packages for part in name.lower().rpartition("/")[2].split(":")} - {""}
    name = command.lower()
    return 0 if _first_word(name) in stems else 1 if name.startswith(tuple(stems)) else 2


def _first_word(text: str) -> str:
    return text[: next((at for at, letter in enumerate(text) if not letter.isalnum()), len(text))]
