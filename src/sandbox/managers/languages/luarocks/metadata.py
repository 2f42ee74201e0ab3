"""What rocks say of themselves: the rockspec, a program in Lua of which strings and their places are read. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox.managers.languages.metadata import PackageMetadata
from sandbox.managers.metadata import short_licence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST: Final = 16_384
"""Bytes of a rockspec that are read: long ones list their modules, at the end."""
_WORD: Final = re.compile(
    r"""(?P<comment>--)?\[(?P<level>=*)\[|--[^\n]*|(?P<quote>["'])|(?P<other>\.\.|[A-Za-z_]\w*|[{}=,;])"""
)
_QUOTED: Final = {quote: re.compile(rf"((?:[^{quote}\\\n]|\\.)*){quote}", re.DOTALL) for quote in ("'", '"')}
_NEED: Final = re.compile(r"\s*(?:[\w-]+/)?([A-Za-z0-9][\w.-]*)", re.ASCII)


def read(content: bytes) -> PackageMetadata | None:
    """Return the metadata in a rockspec, or None without a name; of computed values only `..` is understood."""
    own: dict[str, str] = {}
    needs: list[str] = []
    for place, text in _strings(_words(content[:MOST].decode("utf-8", "replace"))):
        if place == ("dependencies", ""):
            needs += [found[1].lower()] if (found := _NEED.match(text)) else []
        else:
            own[".".join(place)] = text
    if "package" not in own or "version" not in own:
        return None
    return PackageMetadata(
        source="luarocks",
        name=own["package"].lower(),
        version=own["version"],
        needs=tuple(dict.fromkeys(need for need in needs if need != "lua")),
        licence=short_licence(own.get("description.license", "")),
    )


def _words(text: str) -> list[str]:
    """Return the words that matter, up to what is not closed; a string is one that begins with a quotation mark."""
    found: list[str] = []
    at = 0
    while word := _WORD.search(text, at):
        at = word.end()
        if word["level"] is not None:
            end = text.find(f"]{word['level']}]", at)
            if end < 0:
                break
            found += [f'"{text[at:end]}'] if not word["comment"] else []
            at = end + len(word["level"]) + 2
        elif word["quote"]:
            string = _QUOTED[word["quote"]].match(text, at)
            if string is None:
                break
            found.append(f'"{string[1]}')
            at = string.end()
        elif word["other"]:
            found.append(word["other"])
    return found


def _strings(words: Sequence[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the strings with the keys that lead to them, the last empty in a list."""
    known: dict[str, str] = {}
    tables: list[str] = []
    key, at = "", 0
    while at < len(words):
        word = words[at]
        if word == "local":
            at = _assign(words, at + 1, known)
            continue
        if words[at + 1 : at + 2] == ["="]:
            key, at = word, at + 2
            continue
        if word == "{":
            tables.append(key)
        elif word == "}":
            del tables[-1:]
        elif word not in (",", ";"):
            text, at = _value(words, at, known)
            if text is not None:
                yield (*tables, key), text
                if not tables:
                    known[key] = text
            key = ""
            continue
        key, at = "", at + 1


def _assign(words: Sequence[str], at: int, known: dict[str, str]) -> int:
    """Keep the strings of `local NAME, NAME = VALUE, VALUE`, and return the end of the statement."""
    names: list[str] = []
    while at < len(words) and words[at] != "=" and (words[at] == "," or words[at].isidentifier()):
        names += [words[at]] if words[at] != "," else []
        at += 1
    if words[at : at + 1] != ["="]:
        return at
    for name in names:
        at += 1
        if words[at : at + 1] == ["{"]:
            return at
        text, at = _value(words, at, known)
        if text is not None:
            known[name] = text
        if words[at : at + 1] != [","]:
            break
    return at


def _value(words: Sequence[str], at: int, known: dict[str, str]) -> tuple[str | None, int]:
    """Return the string of `VALUE .. VALUE`, None for one that is not known, and where it ends."""
    parts: list[str | None] = []
    while at < len(words):
        word = words[at]
        parts.append(word[1:] if word.startswith('"') else known.get(word))
        at += 1
        if words[at : at + 1] != [".."]:
            break
        at += 1
    texts = [part for part in parts if part is not None]
    return ("".join(texts) if len(texts) == len(parts) else None), at
