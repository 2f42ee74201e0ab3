"""The settings of package managers that users change by hand: repositories, keys, pins, flags.

What one is, and which may be written on another machine; where they are stands in each manager's data.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    DropIns = Callable[[str, str], "tuple[ConfigChange, ...] | None"]

SettingKind = Literal["repository", "key", "pin", "flag"]

LARGEST: Final = 65536
"""Bytes of a setting: the largest public keyrings are below."""
MANY: Final = 40
"""Settings of one session: more were written by a program, and are listed alone."""

SERVICE: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@:-]{0,99}")
"""A service's name, as what starts services takes it (systemd.unit(5), openrc(8))."""

_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+@:~=-]*")
_PASSWORD: Final = re.compile(
    rb"://[^/\s@]+:[^/\s@]+@|^\s*[a-z_-]*(?:passwo?r?d|token|secret|clientkey)\s*[=:]\s*\S",
    re.IGNORECASE | re.MULTILINE,
)


class ConfigLocation(Struct, frozen=True, kw_only=True):
    """A file, or a folder with all that is in it and one below, of settings of a kind.

    `lines`: a file here is a list of lines whose order means little, so that single ones can be added to it.
    """

    path: str
    kind: SettingKind
    lines: bool = False


class ConfigChange(Struct, frozen=True, kw_only=True):
    """A file of settings as it was left in a sandbox; with `added` only the lines that were added to one there was."""

    kind: SettingKind
    path: str
    content: bytes
    added: bool = False

    @property
    def name(self) -> str:
        """What it is and where: `repository /etc/apt/sources.list.d/foo.list`, `lines of repository /etc/...`."""
        return f"{'lines of ' if self.added else ''}{self.kind} {self.path}"

    @property
    def text(self) -> str | None:
        """The content if it is plain text of whole lines, else None: only such text is shown unchanged."""
        try:
            text = self.content.decode()
        except UnicodeDecodeError:
            return None
        plain = text.replace("\n", "").replace("\t", "")
        return text if text.endswith("\n") and (plain.isprintable() or not plain) else None


def places(kind: SettingKind, *paths: str, lines: bool = False) -> tuple[ConfigLocation, ...]:
    """Return the locations of one kind."""
    return tuple(ConfigLocation(path=path, kind=kind, lines=lines) for path in paths)


def config_roots(locations: Iterable[ConfigLocation]) -> tuple[str, ...]:
    """Return the absolute paths of settings, files and folders."""
    return tuple(place.path for place in locations)


def place_of(locations: Iterable[ConfigLocation], path: str) -> ConfigLocation | None:
    """Return the place that a path is of, None for one that is of none or has a name that no manager would read."""
    for place in locations:
        if path == place.path:
            return place
        inside = path.removeprefix(f"{place.path}/").split("/") if path.startswith(f"{place.path}/") else []
        if 1 <= len(inside) <= 2 and all(_NAME.fullmatch(part) for part in inside):  # noqa: PLR2004 - as it is looked for
            return place
    return None


def has_password(content: bytes) -> bool:
    """Return whether a file of settings seems to hold one, which is nobody else's to have."""
    return bool(_PASSWORD.search(content))


def added_lines(before: bytes, after: bytes) -> bytes | None:
    """Return the lines of `after` that `before` lacks; None if a line with content is gone."""
    old, new = before.splitlines(), after.splitlines()
    known = frozenset(new)
    if any(line not in known for line in old if line.strip() and not line.lstrip().startswith(b"#")):
        return None
    there = frozenset(old)
    found = [line for line in dict.fromkeys(new) if line not in there and line.strip()]
    return b"".join(line + b"\n" for line in found)


def as_drop_ins(form: DropIns, before: bytes, after: bytes) -> tuple[ConfigChange, ...]:
    """Return what was added to a file as settings beside it; empty where something else of it was changed."""
    try:
        return form(before.decode(), after.decode()) or ()
    except UnicodeDecodeError:
        return ()


def is_valid(setting: ConfigChange, locations: Iterable[ConfigLocation]) -> bool:
    """Return whether a setting is one that a manager with these has: it may come from a file or a container."""
    place = place_of(locations, setting.path)
    if place is None or place.kind != setting.kind or not 0 < len(setting.content) <= LARGEST:
        return False
    return not setting.added or (place.lines and setting.text is not None)


def of_release(settings: Iterable[ConfigChange], names: Iterable[str]) -> tuple[ConfigChange, ...]:
    """Return the settings in whose text a release stands by one of its names, as a word."""
    words = "|".join(re.escape(name) for name in names)
    pattern = re.compile(rf"(?<![\w.])(?:{words})(?![\w.])")
    return tuple(setting for setting in settings if words and pattern.search(setting.text or ""))
