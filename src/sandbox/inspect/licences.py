"""The licences of packages as values, and whether a package can be had without one. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sandbox.core.python_packages import install_argv
from sandbox.errors import Advice, UsageError
from sandbox.managers.licence_names import WORD, bracket, licence_reader, spdx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

NEEDED: Final = ("cyclonedx-python-lib", "packageurl-python", "packaging>=26")
_JOINTS: Final = re.compile(r",|;|\|\||[()]|\b(?:and/or|and|or)\b", re.IGNORECASE)


class Licence(Struct, frozen=True, kw_only=True):
    """A licence: `name` as the package has it, `expression` in SPDX's words, empty where its meaning is not certain.

    `parts`: the licences in a name of several that is not certain as a whole.
    """

    name: str
    expression: str = ""
    parts: tuple[Licence, ...] = ()


def check_extra() -> None:
    """Raise UsageError, with the line that installs it, where the extra for licences and SBOMs is missing."""
    from importlib.util import find_spec

    missing = [name for name in ("packaging", "cyclonedx", "packageurl") if find_spec(name) is None]
    if missing:
        message = f"sandbox needs its extra sbom for that: the Python package {missing[0]} is not installed"
        raise UsageError(message, hints=[Advice.program(*install_argv(*NEEDED))])


def licences_of(texts: Sequence[str], *, manager: str, distro: str) -> tuple[Licence, ...]:
    """Return the licences of a package, all of which apply, as its `manager` writes them on a distro, `fedora 41`."""
    read = licence_reader(manager, distro)
    return tuple(_licence(text, read) for text in texts if text)


def _licence(text: str, read: Callable[[str], str | None]) -> Licence:
    if expression := read(text):
        return Licence(name=text, expression=expression)
    parts = [part.strip(" ()") for part in _JOINTS.split(text)]
    known = (Licence(name=part, expression=read(part) or "") for part in parts if part)
    return Licence(name=text, parts=tuple(known) if len(parts) > 1 else ())


def whole_expression(licences: Sequence[Licence]) -> str:
    """Return the expression of licences that all apply; empty where one of them is not certain, or none is there."""
    found = [one.expression for one in licences]
    if not found or "" in found:
        return ""
    return found[0] if len(found) == 1 else " AND ".join(bracket(text) or "" for text in found)


def parse_licence(text: str) -> str:
    """Return a licence that a package must not have, in SPDX's words: one identifier, with its exception or without.

    Raise UsageError for anything else.
    """
    found = spdx(text)
    if found is None or re.search(r" (?:AND|OR) |[()]", found):
        message = f"licence:{text[:60]} is not an SPDX licence identifier, such as GPL-3.0-only"
        raise UsageError(message, hints=[Advice.say("an identifier of https://spdx.org/licenses/ behind licence:")])
    return found


def can_be_avoided(expression: str, licence: str) -> bool:
    """Return whether an expression leaves a choice, or needs nothing, without this licence.

    A licence with an exception is still that licence, unless the exception is named, too.
    """
    words = list(WORD.findall(expression))
    return not _must_have(words, licence)


def _must_have(words: list[str], licence: str) -> bool:
    """Take an expression from the front of the words, and return whether each of its choices has the licence."""
    found = _all_of(words, licence)
    while words[:1] == ["OR"]:
        del words[0]
        found = _all_of(words, licence) and found
    return found


def _all_of(words: list[str], licence: str) -> bool:
    found = _one(words, licence)
    while words[:1] == ["AND"]:
        del words[0]
        found = _one(words, licence) or found
    return found


def _one(words: list[str], licence: str) -> bool:
    head = words.pop(0)
    if head == "(":
        found = _must_have(words, licence)
        del words[:1]
        return found
    exception = words[1] if words[:1] == ["WITH"] else ""
    if exception:
        del words[:2]
    return licence in (head, f"{head} WITH {exception}")


_SAYS_NOTHING: Final = re.compile(r"^(?:custom|other|unknown|various|none|see\b|file\b|licen[cs]e|unlicensed$|/)|…$")
"""Names behind which any licence may be."""


def _may_be(name: str, licence: str) -> bool:
    """Return whether a name of no certain meaning may stand for a licence: it has its family, or says nothing."""
    text = name.lower()
    family = re.split(r"[-\d]", licence.lower())[0]
    words = (family, *(("gnu", "general public") if family.endswith("gpl") else ()))
    return any(word in text for word in words) or not re.search(r"[a-z]{2}", text) or bool(_SAYS_NOTHING.search(text))


def verdict_on(licences: Sequence[Licence], licence: str) -> tuple[bool, bool]:
    """Return whether a package must have a licence, and whether that could not be told."""
    if any(one.expression and not can_be_avoided(one.expression, licence) for one in licences):
        return True, False
    parts = [part for one in licences if not one.expression for part in one.parts or (one,)]
    perhaps = any(
        not can_be_avoided(part.expression, licence) if part.expression else _may_be(part.name, licence)
        for part in parts
    )
    return False, perhaps or not licences


def names_in(expression: str) -> Iterator[str]:
    """Yield the identifiers of an expression that stand for no licence of SPDX's list: its own references."""
    yield from (word for word in WORD.findall(expression) if word.startswith("LicenseRef-"))
