"""Finds names similar to a mistaken one: among an index of packages, or among a few known words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sandbox.errors import Row

SHORTLIST: Final = 50
LIKELY: Final = 0.72
"""Minimum similarity of package names; `htpo` and `htop` have 0.75, `rg` and `ripgrep` 0.29."""

LONGEST: Final = 64
"""Characters of the wanted name to compare, which bounds the time."""

ALIKE: Final = 60
"""Minimum per cent of letters in common and in order for known words; `trixy` and `trixie` have 73."""

_VERSION: Final = re.compile(r"[-.]?[0-9][0-9.]*(?:t64)?$")
"""A version at a name's end, and what Debian put behind those of libraries when time_t became longer: `libcurl4t64`."""
_BAGGAGE: Final = frozenset({"dev", "dbg", "dbgsym", "doc", "data", "common", "lang", "src", "examples", "tests"})
"""Last words in names of packages without programs."""


def nearest(wanted: str, names: Iterable[str], limit: int = 3) -> tuple[str, ...]:
    """Return at most `limit` of the names, the likeliest first; none at all where nothing is near.

    A name that has the wanted one as a word of its own (`fd-find` for `fd`) or begins with it comes before one that is
    merely spelled like it. Among equals: programs before what only accompanies them, short before long, then by name.
    """
    short = wanted.lower().partition(":")[0][:LONGEST]
    if not short:
        return ()
    known = [name for name in dict.fromkeys(names) if name != wanted]
    if any("/" in name for name in known):
        return _nearest_in_groups(short, known)[:limit]
    return tuple(name for _, name in _ranking(short, known))[:limit]


def nearest_words(word: str, known: Iterable[str], limit: int = 1) -> tuple[str, ...]:
    """Return at most `limit` similar words of a few known ones, best first; less strict than for an index."""
    words = list(known)
    if near := nearest(word, words, limit):
        return near
    from rapidfuzz import fuzz, process

    found = process.extract(word.lower()[:LONGEST], words, scorer=fuzz.ratio, limit=limit, score_cutoff=ALIKE)
    return tuple(name for name, _, _ in found)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean packages?` for a similar known word, or ""."""
    return "".join(f"; did you mean {near}?" for near in nearest_words(word, known))


def nearest_rows(near: Sequence[str]) -> list[Row]:
    """Return the error row `nearest`, or nothing if there are no names."""
    return [("nearest", ", ".join(near))] if near else []


def _ranking(wanted: str, names: list[str]) -> Iterator[tuple[float, str]]:
    return _distinct(sorted({*_names_with(wanted, names), *_similar(wanted, names)}))


def _nearest_in_groups(wanted: str, names: list[str]) -> tuple[str, ...]:
    """Return the nearest of names as `group/name` by the part behind the slash, which is what people remember.

    The same part in another group comes first, and of equals those of a group that is spelled like the wanted one.
    """
    from rapidfuzz.distance import OSA

    group, _, short = wanted.rpartition("/")
    if not short:
        return ()
    whole: dict[str, list[str]] = {}
    for name in names:
        whole.setdefault(name.rpartition("/")[2].lower(), []).append(name)
    parts = [*([short] if short in whole else []), *(part for _, part in _ranking(short, [*whole]) if part != short)]
    return tuple(
        name
        for part in parts
        for name in sorted(whole[part], key=lambda name: (OSA.distance(group, name.rpartition("/")[0]), name))
    )


def _distinct(ranked: Iterable[tuple[float, str]]) -> Iterator[tuple[float, str]]:
    """Yield each name once, by its best rank."""
    seen: set[str] = set()
    for rank, name in ranked:
        if name not in seen:
            seen.add(name)
            yield rank, name


def _names_with(wanted: str, names: Iterable[str]) -> Iterator[tuple[float, str]]:
    """Yield (rank, name) with ranks from 0 (best) to 1, for names that contain the wanted one or its first words."""
    stem = _VERSION.sub("", wanted)
    for name in names:
        if name == f"{wanted}t64":
            yield -0.02, name
        elif wanted in name:
            words = name.split("-")
            if wanted in words or name.startswith(wanted):
                longer = min(len(name) - len(wanted), 60) / 1000
                yield _place(wanted, name, words) + longer + (0.3 if words[-1] in _BAGGAGE else 0.0), name
        elif wanted.startswith(f"{name}-"):
            yield 0.02 + (len(wanted) - len(name)) / 1000, name
        elif stem != wanted and len(stem) > 1 and name.startswith(stem) and _VERSION.sub("", name) == stem:
            yield 0.03, name


def _place(wanted: str, name: str, words: list[str]) -> float:
    """Say how well a name that holds the wanted one fits: as its first word, with a number, as its start, inside."""
    if words[0] == wanted:
        return 0.0
    if _VERSION.sub("", name) == wanted:
        return -0.01
    return 0.02 if name.startswith(wanted) else 0.15


def _similar(wanted: str, names: list[str]) -> Iterator[tuple[float, str]]:
    """Yield (rank, name) for names with similar spelling: letters swapped, missing, doubled or wrong."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    cutoff = LIKELY if len(wanted) != 3 else 0.66  # noqa: PLR2004 - one typing error in three letters
    found = process.extract(wanted, names, scorer=OSA.normalized_similarity, limit=SHORTLIST, score_cutoff=cutoff)
    for name, score, _ in found:
        slip = len(wanted) > 3 and OSA.distance(wanted, name) == 1  # noqa: PLR2004 - one letter of a whole word
        yield (0.012 if slip else 0.2) + (1 - score) / 10 + (0.0 if name[0] == wanted[0] else 0.05), name
