"""Kinds of single values in specs and settings, as text: from YAML, a variable or the command line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Schema = Mapping[str, object]

T = TypeVar("T")
Number = TypeVar("Number", int, float)
T_co = TypeVar("T_co", covariant=True)

MAX_SHOWN: Final = 40
SCALAR_TYPES: Final = ("string", "number", "boolean")
"""JSON types that an editor may assign to an unquoted scalar; we read all of them as text."""

UNITS: Final[Mapping[str, int]] = {"": 0, "b": 0, "k": 1, "m": 2, "g": 3, "t": 4}
SECONDS: Final[Mapping[str, int]] = {"": 1, "s": 1, "m": 60, "h": 3600}
TRUTH: Final = "[tT]rue|[fF]alse|[yY]es|[nN]o|[oO]n|[oO]ff"
CONTROL: Final = "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]"


class InvalidValue(ValueError):
    """The value is invalid; the message replaces the kind's `expected ..., got ...`."""


class Kind(Struct, Generic[T_co], frozen=True, kw_only=True):
    """A kind of value: `convert` raises ValueError for invalid text; `schema` is its JSON Schema."""

    expected: str
    convert: Callable[[str], T_co]
    schema: Schema

    def parse(self, text: str) -> T_co:
        """Return the value. Raises Refused with a sentence to show."""
        try:
            return self.convert(text)
        except InvalidValue:
            raise
        except ValueError:
            raise InvalidValue(f"expected {self.expected}, got {quote(text)}") from None


def quote(text: str) -> str:
    """Return the text in quotes, shortened and safe for a terminal."""
    shown = text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 3] + "..."
    inner = "".join(_visible(character) for character in shown)
    return f'"{inner}"'


def matching(pattern: str, expected: str, *, longest: int = 200) -> Kind[str]:
    """Return the kind of texts that match the whole pattern (syntax shared with ECMAScript)."""

    def convert(text: str) -> str:
        if len(text) > longest:
            raise InvalidValue(f"longer than {longest} characters")
        if not re.fullmatch(pattern, text):  # compiled at its first use, for a fast start
            raise ValueError
        return text

    schema = {"type": SCALAR_TYPES, "pattern": f"^(?:{pattern})$", "maxLength": longest}
    return Kind(expected=expected, convert=convert, schema=schema)


def text_kind(expected: str, *, longest: int, blank: bool = False, control: bool = False) -> Kind[str]:
    """Return the kind of free texts: not blank, and without control characters unless allowed."""

    def convert(text: str) -> str:
        if len(text) > longest:
            raise InvalidValue(f"longer than {longest} characters")
        if not (blank or text.strip()):
            raise InvalidValue(f"expected {expected}, got nothing")
        if found := None if control else re.search(CONTROL, text):
            raise InvalidValue(f"character U+{ord(found.group()):04X} is not allowed")
        if "\0" in text:
            raise InvalidValue("character U+0000 is not allowed")
        return text

    pattern = {} if blank else {"pattern": r"\S"}
    return Kind(expected=expected, convert=convert, schema={"type": SCALAR_TYPES, "maxLength": longest, **pattern})


def choice(values: Mapping[str, T]) -> Kind[T]:
    """Return the kind of the named values."""
    names = list(values)
    expected = " or ".join(names) if len(names) < 3 else f"one of {', '.join(names)}"  # noqa: PLR2004

    def convert(text: str) -> T:
        if text in values:
            return values[text]
        from sandbox.core.fuzzy import did_you_mean

        raise InvalidValue(f"expected {expected}, got {quote(text)}{did_you_mean(text, names)}")

    return Kind(expected=expected, convert=convert, schema={"enum": names})


def integer(low: int, high: int, expected: str) -> Kind[int]:
    """Return the kind of whole numbers from `low` to `high`."""
    numbers = {"type": "integer", "minimum": low, "maximum": high}
    return _number(int, low, high, expected, pattern="[0-9]{1,12}", numbers=numbers)


def decimal(low: float, high: float, expected: str) -> Kind[float]:
    """Return the kind of decimal numbers from `low` to `high`."""
    numbers = {"type": "number", "minimum": low, "maximum": high}
    return _number(float, low, high, expected, pattern=r"[0-9]{1,9}(\.[0-9]{1,6})?", numbers=numbers)


def _number(
    read: Callable[[str], Number], low: Number, high: Number, expected: str, *, pattern: str, numbers: Schema
) -> Kind[Number]:
    def convert(text: str) -> Number:
        number = read(text) if re.fullmatch(pattern, text) else low - 1
        if not low <= number <= high:
            raise ValueError
        return number

    schema = {"anyOf": [numbers, {"type": "string", "pattern": f"^{pattern}$"}]}
    return Kind(expected=expected, convert=convert, schema=schema)


def size(low: int, example: str) -> Kind[int]:
    """Return the kind of sizes in bytes: M and G are powers of 1000, MiB and GiB of 1024; at least `low` bytes."""
    pattern = r"[0-9]{1,15}(\.[0-9]{1,6})? ?([kKmMgGtT](i?[bB]?)|[bB])?"
    expected = f"a size such as {example}"

    def convert(text: str) -> int:
        if not re.fullmatch(pattern, text):
            raise ValueError
        number = re.match(r"[0-9.]+", text)
        value = _bytes(number.group() if number else "", text[number.end() if number else 0 :].strip())
        if value < low:
            raise InvalidValue(f"expected at least {low} bytes, got {quote(text)}{_forgotten_unit(text)}")
        return value

    schema = {"anyOf": [{"type": "integer", "minimum": low}, {"type": "string", "pattern": f"^(?:{pattern})$"}]}
    return Kind(expected=expected, convert=convert, schema=schema)


def duration(low: float, high: float) -> Kind[float]:
    """Return the kind of durations in seconds: `30`, `1.5s`, `5m`, `1h`."""
    pattern = r"[0-9]{1,9}(\.[0-9]{1,6})? ?[smh]?"

    def convert(text: str) -> float:
        if not re.fullmatch(pattern, text):
            raise ValueError
        unit = text[-1] if text[-1] in SECONDS else ""
        seconds = float(text.removesuffix(unit)) * SECONDS[unit]
        if not low <= seconds <= high:
            raise InvalidValue(f"expected {low:g} to {high:g} seconds, got {quote(text)}")
        return seconds

    numbers = {"type": "number", "minimum": low, "maximum": high}
    schema = {"anyOf": [numbers, {"type": "string", "pattern": f"^(?:{pattern})$"}]}
    return Kind(expected="seconds, or a time such as 30s or 2m", convert=convert, schema=schema)


def boolean() -> Kind[bool]:
    """Return the kind of booleans, in YAML's words."""

    def convert(text: str) -> bool:
        if not re.fullmatch(TRUTH, text):
            raise ValueError
        return text.lower() in {"true", "yes", "on"}

    words = {"type": "string", "pattern": f"^(?:{TRUTH})$"}
    return Kind(expected="true or false", convert=convert, schema={"anyOf": [{"type": "boolean"}, words]})


def _visible(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    return character if character.isprintable() else character.encode("unicode_escape").decode("ascii")


def _bytes(number: str, unit: str) -> int:
    """Return exact bytes; floats would lose bytes above 9 PB and round 1.1G."""
    base = 1024 if "i" in unit.lower() else 1000
    scale: int = base ** UNITS[unit[:1].lower()]
    entire, _, fraction = number.partition(".")
    return int(entire) * scale + (int(fraction) * scale // 10 ** len(fraction) if fraction else 0)


def _forgotten_unit(text: str) -> str:
    return f"; did you mean {text}M?" if text.isdigit() else ""
