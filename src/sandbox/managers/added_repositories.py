"""Repositories that are added to a manager's own: what is asked for, and the files by which it knows them.

How they are written stands in each manager's folder, as pure functions; a promoted script writes the same files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sandbox.managers.config_files import ConfigChange


class AddedRepository(Struct, frozen=True, kw_only=True):
    """A repository: its name, the fields of its format with their values, and the key that signs it, if there is one.

    `key` is the key's content, as text in armour or as bytes; empty where it is at `key_path` in the sandbox already.
    `key_name` is that of the key's file, and `fingerprints` are those of an OpenPGP key.
    """

    name: str
    fields: tuple[tuple[str, str], ...]
    key: bytes = b""
    key_path: str = ""
    key_name: str = ""
    fingerprints: tuple[str, ...] = ()

    def field(self, name: str) -> str:
        """Return the value of a field, or ""."""
        return dict(self.fields).get(name, "")

    @property
    def is_armored(self) -> bool:
        """Whether the key is text."""
        return self.key.lstrip().startswith(b"-----BEGIN")


class AddedPin(Struct, frozen=True, kw_only=True):
    """Which version of packages is preferred, in the words of apt_preferences(5)."""

    package: str
    pin: str
    priority: int


class AddedFiles(Struct, frozen=True, kw_only=True):
    """The files by which a manager knows what is added; `keys` are those that a command has to let it trust.

    Each is a path and a fingerprint.
    """

    settings: tuple[ConfigChange, ...] = ()
    keys: tuple[tuple[str, str], ...] = ()


class KeyTrust(Struct, frozen=True, kw_only=True):
    """Constant shell texts by which a manager trusts the key in the file $1, whose fingerprint is $2.

    `check` ends with 0 where it does; `undo` makes it trust the key no longer.
    """

    check: str
    do: str
    undo: str


class RepositoryWriter(Struct, frozen=True, kw_only=True):
    """How repositories are added to a manager: their format, and the function that returns their files.

    `unknown` are fields of the format that this manager does not know. `trust` is None where a key needs no command.
    `pins` returns the file of pins, or is why there are none. `read` and `read_pins` are the way back: they return what
    a file of settings holds, with keys from their files by path, None where it holds more than can be said so.
    `certificates` is constant shell text that makes the manager trust https where an image has no certificates, empty
    where all images have some.
    """

    format: str
    write: Callable[[AddedRepository], AddedFiles]
    unknown: frozenset[str]
    trust: KeyTrust | None
    pins: Callable[[Sequence[AddedPin]], ConfigChange] | str
    read: Callable[[ConfigChange, Mapping[str, bytes]], tuple[AddedRepository, ...] | None]
    read_pins: Callable[[ConfigChange], tuple[AddedPin, ...] | None]
    certificates: str


def no_pins(setting: ConfigChange) -> tuple[AddedPin, ...] | None:
    """Return None: a manager without pins."""
    return None


def rows_of(text: str) -> list[str]:
    """Return the lines of a text without comments and empty ones."""
    return [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def pairs_of(rows: Sequence[str], separator: str) -> dict[str, str] | None:
    """Return the fields in lines; None where one is none, or comes twice."""
    found: dict[str, str] = {}
    for row in rows:
        name, there, value = row.partition(separator)
        if not there or name.strip() in found:
            return None
        found[name.strip()] = " ".join(value.split())
    return found


def stem_of(setting: ConfigChange) -> str:
    """Return the name of a file of settings without its suffix."""
    return setting.path.rpartition("/")[2].rpartition(".")[0]


def lines_of(*rows: str) -> bytes:
    """Return rows as the content of a file. Raises ValueError for one that would be several lines."""
    for row in rows:
        if "\n" in row or "\r" in row or "\0" in row:
            message = f"a line break in {row!r}"
            raise ValueError(message)
    return "".join(f"{row}\n" for row in rows).encode()
