"""A sandbox's whole file system at one moment, as the engine exports it: nothing runs inside, nothing is disturbed.

One request gives every name, however hostile, with mode, owner, size, capabilities and a digest, from a base that has
neither find nor tar, and from a container that stands still. A fresh Debian takes half a second. The engine's list of
changes takes as long, and lacks a file whose content alone was changed (docs/evidence/quirks.md).
"""

from __future__ import annotations

import re
from posixpath import normpath
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from sandbox.container.language_metadata import description_paths
from sandbox.container.tarstream import members
from sandbox.errors import EngineError, StepFailed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sandbox.container.box import Box
    from sandbox.container.tarstream import Member

MOST: Final = 2_000_000
"""Most files of a sandbox to read; each takes some 200 bytes of memory."""
READ: Final = re.compile(
    r"etc/(?:passwd|group|shadow)|var/lib/dpkg/(?:diversions|statoverride)"
    r"|(?:etc|usr/lib)/tmpfiles\.d/[^/]+|etc/(?:network/if-[^/]+|ppp/ip(?:v6)?-[^/]+|dhcp/dhclient-[^/]+)\.d/.+"
    r"|etc/apparmor\.d/local/[^/]+|etc/resolvconf/.+|(?:etc|usr/lib)/NetworkManager/dispatcher\.d/.+"
    r"|etc/(?:apt/sources\.list(?:\.d/.+)?|yum\.repos\.d/.+|zypp/repos\.d/.+)"
    r"|(?:(?:usr/)?lib|etc)/systemd/system/(?:[^/]+\.(?:service|timer|socket|path|target)|[^/]+\.d/[^/]+\.conf)"
    r"|(?:etc|usr/etc)/logrotate\.d/[^/]+|etc/cron\.d/[^/]+|etc/(?:crontab|anacrontab)|etc/crontabs/[^/]+|var/spool/cron/(?:crontabs/)?[^/]+"
    r"|var/cache/debconf/config\.dat|etc/apt/apt\.conf\.d/[^/]+|etc/popularity-contest\.conf|etc/default/whoopsie"
    r"|var/lib/dpkg/triggers/[^/]+|(?:usr/)?lib/apk/db/(?:triggers|installed)"
    r"|(?:usr/share/libalpm|etc/pacman\.d)/hooks/[^/]+\.hook|etc/inetd(?:\.conf|\.d/[^/]+)|etc/xinetd(?:\.conf|\.d/[^/]+)|etc/services"
    r"|etc/whoopsie|etc/dnf/(?:dnf5-plugins/)?automatic\.conf|etc/yum/yum-cron\.conf|usr/lib/sysusers\.d/[^/]+\.conf"
    r"|usr/(?:local/)?share/applications/(?:.+/)?[^/]+\.(?:desktop|list)|etc/(?:xdg|gnome)/[^/]+\.list"
    rf"|etc/(?:rc\.d/)?init\.d/[^/]+|{description_paths()}"
)
"""Files whose content is kept."""
MOST_READ: Final = 64_000_000
"""Bytes of content to keep. Engines' archives are in the order of names, so /etc comes early."""
LINKS: Final = 40
"""Symbolic links to follow on the way to a file; the kernel has the same limit."""


class FileEntry(Struct, frozen=True, kw_only=True, gc=False):
    """A file: `kind` is f, d, l, h (hard link), c, b or p; `size` in bytes, `link` where a link leads to.

    A hard link has the size of the file of which it is another name.
    """

    kind: str
    mode: int
    uid: int
    gid: int
    size: int = 0
    link: str = ""
    digest: bytes = b""
    capability: bytes = b""

    @property
    def is_program(self) -> bool:
        """Whether anybody may execute it."""
        return self.kind in "fh" and bool(self.mode & 0o111)


KINDS: Final = {"0": "f", "7": "f", "1": "h", "2": "l", "3": "c", "4": "b", "5": "d", "6": "p"}


class Snapshot(Struct, frozen=True, kw_only=True):
    """All files by absolute path, and the contents of the few that are read.

    A path is a str in which bytes that are no UTF-8 are surrogates (os.fsdecode); `readable` makes text of it.
    """

    entries: Mapping[str, FileEntry]
    contents: Mapping[str, bytes] = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)
    """Cache of resolved folders: most files share theirs with others."""

    def real(self, path: str) -> str:
        """Return the path with the links in its folders followed, but not the last one: /bin/sh becomes /usr/bin/sh."""
        folder, _, name = path.rpartition("/")
        if not folder:
            return path
        real = self.known.get(folder)
        if real is None:
            real = self.known[folder] = self.resolve(folder).rstrip("/")
        return f"{real}/{name}"

    def resolve(self, path: str) -> str:
        """Return the path with all links followed; a dead link yields the path where it ends."""
        done, rest, left = "", path.strip("/").split("/"), LINKS
        while rest:
            here = f"{done}/{rest.pop(0)}"
            found = self.entries.get(here)
            if found is None or found.kind != "l" or not left:
                done = here
                continue
            left -= 1
            place = normpath(f"{done}/{found.link}") if not found.link.startswith("/") else normpath(found.link)
            rest, done = [*place.strip("/").split("/"), *rest], ""
            rest = [part for part in rest if part]
        return done or "/"


def snapshot(box: Box) -> Snapshot:
    """Return what is there now; raise EngineError where it can't be exported, StepFailed for millions of files.

    An engine's archive breaks off at a file that grows meanwhile; that is no rule, so it is asked twice.
    """
    try:
        return read(box.export())
    except EngineError:
        return read(box.export())


def read(chunks: Iterable[bytes]) -> Snapshot:
    """Return the snapshot of an exported file system."""
    entries: dict[str, FileEntry] = {}
    contents: dict[str, bytes] = {}
    room = [MOST_READ]
    for member in members(chunks, lambda name: room[0] > 0 and READ.fullmatch(name) is not None):
        if len(entries) >= MOST:
            message = f"the sandbox has more than {MOST} files"
            raise StepFailed(message, cause="script")
        path = f"/{member.name.removeprefix('./')}"
        entries[path] = _entry(member)
        if member.content is not None:
            contents[path] = member.content
            room[0] -= len(member.content)
    entries.pop("/", None)
    entries.pop("/.", None)
    return Snapshot(entries=_with_links(entries), contents=contents)


def _entry(member: Member) -> FileEntry:
    return FileEntry(
        kind=KINDS.get(member.kind, "?"),
        mode=member.mode,
        uid=member.uid,
        gid=member.gid,
        size=member.size,
        link=member.link,
        digest=member.digest,
        capability=member.capability,
    )


def _with_links(entries: dict[str, FileEntry]) -> dict[str, FileEntry]:
    """Return the entries with each hard link replaced by its file, since an archive stores its content once."""
    for path, entry in entries.items():
        if entry.kind == "h":
            other = f"/{entry.link.removeprefix('./').strip('/')}"
            found = entries.get(other)
            if found is not None and found.kind == "f":
                entries[path] = FileEntry(
                    kind="h",
                    mode=entry.mode,
                    uid=entry.uid,
                    gid=entry.gid,
                    size=found.size,
                    link=other,
                    digest=found.digest,
                    capability=found.capability,
                )
    return entries


UNREADABLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def readable(path: str) -> str:
    """Return text of a sandbox as one printable line; everything else becomes an escape."""
    return UNREADABLE.sub(lambda found: _escape(found[0]), path)


def _escape(char: str) -> str:
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:  # noqa: PLR2004 - a byte that is not UTF-8, as surrogateescape represents it
        return f"\\x{code - 0xDC00:02x}"
    return {"\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(char) or f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"  # noqa: PLR2004
