"""A host's packages and settings of its manager, as values: what a sandbox that is like it is made of. Pure.

Reading it is each family's own (host_readers); a family without a reader is refused by name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from sandbox.core.human import count, names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class HostFamily(Struct, frozen=True, kw_only=True):
    """A manager whose hosts can be read: the package of ours with its programs, and what upgrades all that it has.

    `to_release`: the commands that bring a host to another release, each with what is said of it; empty for none.
    """

    programs: str
    upgrade: tuple[str, ...]
    to_release: tuple[tuple[str, tuple[str, ...]], ...] = ()


FAMILIES: Final[Mapping[str, HostFamily]] = {
    # no package is removed, and none that is new is installed (apt-get(8))
    "apt": HostFamily(
        programs="sandbox.managers.apt",
        upgrade=("apt-get", "upgrade", "-y"),
        # in this order, as Debian's release notes have it
        to_release=(
            ("what needs no new package", ("apt-get", "upgrade", "--without-new-pkgs", "-y")),
            ("the rest", ("apt-get", "dist-upgrade", "-y")),
        ),
    ),
    "apk": HostFamily(programs="sandbox.managers.apk", upgrade=("apk", "upgrade")),
    "pacman": HostFamily(programs="sandbox.managers.pacman", upgrade=("pacman", "-Su", "--noconfirm")),
    "dnf4": HostFamily(programs="sandbox.managers.rpm", upgrade=("dnf", "upgrade", "-y")),
    "dnf5": HostFamily(programs="sandbox.managers.rpm", upgrade=("dnf", "upgrade", "-y")),
}
"""Managers whose hosts can be read."""
MARK: Final = "sandbox-host "
"""Begins a line in which the program in a sandbox says what it could not have."""
FEW: Final = 5
WORDS: Final = {
    "absent": "not in the sandbox, since no repository has {} any more: {}",
    "missing": "without files in the sandbox, since no repository has {} any more: {}",
    "other": "with the files of another version, since the repositories no longer have this host's: {1}",
    "refused": "without files in the sandbox, since they do not fit the rest: {1}",
    "broken": "their scripts failed in the sandbox, and they count as set up: {1}",
    "books": "in other versions in the sandbox's books, since its manager refused this host's: {1}",
    "unreleased": "without the new release, so nothing of {} is upgraded: {}",
    "kept": "more than on this host, since others need {}: {}",
    "unlisted": "with files in the sandbox alone, since others need {} there: {}",
}
"""What is said of packages, by the program's word for them."""


class HostPackage(Struct, frozen=True, kw_only=True):
    """A package of the host, and whether it was asked for by name and is held at its version."""

    name: str
    version: str
    is_manual: bool = True
    is_held: bool = False
    record: str = ""
    """What its manager's books have of it, as text of lines."""


class HostFile(Struct, frozen=True, kw_only=True):
    """A file of the manager's settings and its place in the sandbox: sources, public keys or pins."""

    path: str
    content: bytes


class HostState(Struct, frozen=True, kw_only=True):
    """A host's packages and settings; `left_out` says what of it is not taken, and `release` which it prefers."""

    packages: tuple[HostPackage, ...] = ()
    files: tuple[HostFile, ...] = ()
    left_out: tuple[str, ...] = ()
    release: str = ""

    @property
    def needs_certificates(self) -> bool:
        """Whether a source is of https."""
        return any(b"https://" in file.content for file in self.files if "sources.list" in file.path)

    @property
    def rows(self) -> str:
        """The packages as the program in the sandbox reads them: name, version, manual or auto, hold or free."""
        words = (
            (row.name, row.version, "manual" if row.is_manual else "auto", "hold" if row.is_held else "free")
            for row in self.packages
        )
        return "".join(f"{' '.join(row)}\n" for row in words)

    @property
    def records(self) -> str:
        """What the manager's books have of the packages, an empty line behind each."""
        return "".join(f"{row.record}\n\n" for row in self.packages if row.record)


_SUITES: Final = re.compile(r"(?im)^(suites:)((?:.*\n?(?:[ \t].*\n?)*))")
_LINE: Final = re.compile(r"(?m)^([ \t]*deb(?:-src)?[ \t]+(?:\[[^\]\n]*\][ \t]+)?\S+[ \t]+)(\S+)")


def state_of_release(state: HostState, old: str, new: str) -> HostState:
    """Return a host's state with the sources of another release: suites as `old`, `old-updates` and `old/updates`.

    Suites by another name, as `stable`, stay as they are.
    """
    word = re.compile(rf"(?<![\w./-]){re.escape(old)}(?![\w.])")

    def rename(found: re.Match[str]) -> str:
        return found[1] + word.sub(new, found[2])

    files = []
    for file in state.files:
        text = file.content.decode(errors="surrogateescape") if "sources.list" in file.path else ""
        text = _LINE.sub(rename, text) if file.path.endswith(".list") else _SUITES.sub(rename, text)
        files.append(replace(file, content=text.encode(errors="surrogateescape")) if text else file)
    return replace(state, files=tuple(files), release=new if state.release == old else state.release)


def host_notes(output: str) -> Iterator[str]:
    """Yield what the program in the sandbox said of packages that it does not have as the host has them."""
    pairs = re.findall(rf"(?m)^{MARK}(\w+) ([\w.+:~-]+)", output)
    for kind, text in WORDS.items():
        found = tuple(sorted({name for word, name in pairs if word == kind}))
        if found:
            it = "it" if len(found) == 1 else "them"
            noun = "source" if kind == "unreleased" else "package"
            yield f"{count(len(found), noun)} {text.format(it, names(found, FEW))}"
