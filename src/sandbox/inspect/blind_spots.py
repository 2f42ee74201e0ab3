"""What a report can't vouch for, in sentences: programs that were asked and had been replaced, places too deep. Pure.

Files are read by the engine from outside, which nothing in a sandbox can lie to. What runs, what a package owns and
what the manager knows is asked inside, of programs that the package itself may have replaced.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from posixpath import basename, dirname
from typing import TYPE_CHECKING, Final, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from sandbox.container.snapshot import readable
from sandbox.core.human import names
from sandbox.inspect.claims import KEYS, PACKAGES, RESIDUE
from sandbox.managers.registry import NAMES, data_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sandbox.container.snapshot import Snapshot
    from sandbox.inspect.file_changes import FileDiff
    from sandbox.inspect.findings import Finding, Footprint, Residue, ResidueItem

TRUSTED: Final = "/usr/bin:/bin:/usr/sbin:/sbin"
"""Searched first for programs that inspect runs: a package's program of the same name is in /usr/local or similar."""
ASKED: Final = frozenset("sh bash busybox dash cat wc tr rm sed date xargs timeout readlink".split())
"""Programs of the sandbox that inspect runs, whatever the package manager."""
PRELOADED: Final = ("/etc/ld.so.preload",)
"""Files that every program loads first (ld.so(8))."""
DEEPEST: Final = 3700
"""Longest path (bytes) that an engine can read: PATH_MAX is 4096, and it puts its own folders before the path."""
FEW: Final = 3
LISTED: Final = 100_000
"""Most rows of each kind, and most files, in a report; counts and sizes include all."""


RUNNING: Final = ("processes", "ports")
"""Keys that depend on a list of the running processes."""
OWNED: Final = ("unowned", "foreign")
"""Keys that depend on the owners of files."""
FILES: Final = tuple(key for key in KEYS if key not in (PACKAGES, *RUNNING))
"""Keys that depend on files in any place."""


class Doubt(Struct, frozen=True, kw_only=True):
    """A sentence on what could not be seen, and the KEYS that it leaves open."""

    text: str
    about: tuple[str, ...] = ()


def blind_spots(difference: FileDiff, after: Snapshot, path: str) -> Iterator[Doubt]:
    """Yield what could not be seen, or only by asking what the packages had replaced.

    `path` is the sandbox's PATH.
    """
    if found := sorted(_program_changes(difference, after, path)):
        told = names(tuple(map(readable, found)), FEW)
        text = (
            "The packages replaced programs that inspect relies on, so the processes and file owners shown may "
            f"be wrong: {told}."
        )
        yield Doubt(text=text, about=(PACKAGES, RESIDUE, *RUNNING, *OWNED))
    if deep := [place for place, entry in after.entries.items() if entry.kind == "d" and _length(place) > DEEPEST]:
        text = f"{readable(deep[0])[:60]}… is too long a path for the engine: inspect could not see what is below it."
        yield Doubt(text=text, about=FILES)


@cache
def asked_programs() -> frozenset[str]:
    """Return the names of all programs that an inspection may run."""
    return ASKED.union(*(data_of(name).programs for name in NAMES))


def _length(path: str) -> int:
    return len(path.encode("utf-8", "surrogateescape")) if len(path) > DEEPEST // 4 else 0


def _program_changes(difference: FileDiff, after: Snapshot, path: str) -> Iterable[str]:
    """Return the new, changed and missing files in the folders where those programs are searched."""
    folders = {after.resolve(folder) for folder in f"{TRUSTED}:{path}".split(":") if folder.startswith("/")}
    known = {*difference.changed, *difference.removed}
    for place in (*known, *difference.added):
        if place in PRELOADED:
            yield place
        elif basename(place) in asked_programs() and dirname(place) in folders:
            # a new program can't replace another one if no other had its name
            others = (f"{folder}/{basename(place)}" for folder in folders - {dirname(place)})
            if place in known or any(other in after.entries for other in others):
                yield place


def truncate(found: Footprint) -> tuple[Footprint, tuple[str, ...]]:
    """Return the footprint with its lists cut to a bound, and a sentence for each cut list."""
    rows, said = _of_each_kind("findings", found.findings)
    files = _cut_sentence("files", len(found.files))
    return replace(found, files=found.files[:LISTED], findings=rows), (*files, *said)


def cut_residue(found: Residue) -> tuple[Residue, tuple[str, ...]]:
    """Return the residue, cut in the same way."""
    rows, said = _of_each_kind("traces", found.left)
    return replace(found, left=rows), said


Row = TypeVar("Row", "Finding", "ResidueItem")


def _of_each_kind(noun: str, rows: tuple[Row, ...]) -> tuple[tuple[Row, ...], tuple[str, ...]]:
    """Return the first rows of each kind, so that one kind can't hide others, and the sentences about the cuts."""
    seen = Counter[str]()
    kept: list[Row] = []
    for row in rows:
        seen[row.kind] += 1
        if seen[row.kind] <= LISTED:
            kept.append(row)
    said = (sentence for kind, number in seen.items() for sentence in _cut_sentence(f"{noun} of kind {kind}", number))
    return tuple(kept), tuple(said)


def _cut_sentence(noun: str, number: int) -> Iterator[str]:
    if number > LISTED:
        yield f"The report lists only the first {LISTED} of {number} {noun}."
