"""What an installation broke: files of the base that are gone or no longer work, and the manager's own books. Pure.

All of it is read from outside, of two exports, so that nothing in the sandbox has to work for it. What a package that
came brings in a new version, and what a package that was removed took along, is no damage.
"""

from __future__ import annotations

from posixpath import basename, dirname
from typing import TYPE_CHECKING, Final

from sandbox.container.snapshot import readable
from sandbox.core.human import count
from sandbox.inspect.accounts import FILES, is_reported
from sandbox.inspect.diversions import diversions
from sandbox.inspect.file_changes import PathPrefixes
from sandbox.inspect.findings import Finding
from sandbox.inspect.locations import finding_kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.container.snapshot import FileEntry, Snapshot
    from sandbox.inspect.measured import Measured

GONE: Final = "gone"
EMPTIED: Final = "emptied"
REPLACED: Final = "replaced"
STOPPED: Final = "no longer executable"
LIST: Final = "the list of installed packages"
PASSING: Final = PathPrefixes(("/tmp", "/var/cache", "/var/log", "/var/run", "/var/tmp", "/run"))  # noqa: S108 - of a sandbox
"""Where files come and go without anybody's doing."""
SETTINGS: Final = PathPrefixes(("/etc", "/home", "/opt", "/root", "/srv", "/var"))
"""Where scripts write, and give folders to users, as a matter of course."""
PROGRAMS: Final = PathPrefixes(("/bin", "/sbin", "/lib*", "/usr/bin", "/usr/sbin", "/usr/lib*"))
ALTERNATIVES: Final = "/etc/alternatives/"
SMALLEST: Final = 10
"""Of how many times its size a database can't have lost, by removing the packages of one trial."""


def damage(found: Measured) -> Iterator[Finding]:
    """Yield what is broken, the manager's own books first."""
    yield from _books(found)
    moved = diversions(found.before, found.after).keys()
    owned = found.owned or frozenset()
    for path in (*found.difference.removed, *found.difference.changed):
        places = {found.before.real(path), found.after.real(path)}
        if places & owned or places & moved or path in PASSING or _is_led(found.before, path):
            continue
        if any(path == store or path.startswith(f"{store}/") for store in found.stores):
            continue
        note = harm(found.before.entries[path], found.after.entries.get(path))
        if note and _is_damage(found, path, note):
            yield Finding(kind="damage", what=readable(path), note=readable(f"{note}, {_whose(found, path)}"))


def harm(old: FileEntry, new: FileEntry | None) -> str:
    """Return what happened to a file, in a few words; nothing where it is what it was."""
    if new is None:
        return GONE
    if old.kind in "fh" and new.kind == "f" and not new.size and old.digest != new.digest:
        return EMPTIED
    if {old.kind, new.kind} - {"f", "h"} and old.kind != new.kind:
        return REPLACED
    if (old.digest, old.link if old.kind == "l" else "") != (new.digest, new.link if new.kind == "l" else ""):
        return REPLACED
    if old.is_program and not new.is_program:
        return STOPPED
    if old.mode != new.mode:
        return f"mode {old.mode:04o}, now {new.mode:04o}"
    return f"owner {old.uid}:{old.gid}, now {new.uid}:{new.gid}" if (old.uid, old.gid) != (new.uid, new.gid) else ""


def _is_damage(found: Measured, path: str, note: str) -> bool:
    """Return whether it is more than what scripts do to settings, states and links as a matter of course."""
    old, new = found.before.entries[path], found.after.entries.get(path)
    is_top = dirname(path) == "/"
    if is_reported(found.after, path) and note not in (GONE, EMPTIED):
        return False  # of accounts it is told what changed
    if found.owners.get(path) == "" and not (is_top or _is_vital(found.before, path)):
        return False
    if found.owners.get(path) == "" and note == GONE and found.lost and not found.is_list_broken and not is_top:
        return False  # it went with a package, whose it no longer is
    if found.owners.get(path) and not _owners(found, path):
        return False
    if note == GONE:
        return is_top or old.kind != "d"
    if note in (EMPTIED, STOPPED):
        return True
    if note == REPLACED:
        return (new is not None and {old.kind, new.kind} - {"f", "h"} != set() and old.kind != new.kind) or _is_vital(
            found.before, path
        )
    opened = new is not None and new.kind != "l" and new.mode & 0o1002 == 0o0002 and not old.mode & 0o0002  # noqa: PLR2004
    return opened or path not in SETTINGS


def _is_vital(files: Snapshot, path: str) -> bool:
    """Return whether a file is a program, a library or one of the accounts, or a link to one."""
    if path in FILES:
        return True
    entry = files.entries.get(files.resolve(path))
    if entry is None or path not in PROGRAMS:
        return False
    return entry.is_program or (entry.kind in "fh" and ".so" in basename(path))


def _is_led(files: Snapshot, path: str) -> bool:
    """Return whether a path is a name that alternatives lead somewhere: they come and go with packages."""
    entry = files.entries[path]
    return finding_kind(path) == "alternatives" or (entry.kind == "l" and entry.link.startswith(ALTERNATIVES))


def _owners(found: Measured, path: str) -> list[str]:
    came = {package.name for package in found.came}
    return [name for name in found.owners[path].split(", ") if name not in came]


def _whose(found: Measured, path: str) -> str:
    if path not in found.owners:
        return "owner not known"
    return f"of {', '.join(_owners(found, path)) or 'no package'}"


def _books(found: Measured) -> Iterator[Finding]:
    for path in found.database:
        old, new = found.before.entries.get(path), found.after.entries.get(path)
        if old is None or not old.size or old.kind != "f":
            continue
        if new is None:
            yield Finding(kind="damage", what=readable(path), note=f"{GONE}, of the package manager")
        elif new.kind == "f" and new.size * SMALLEST < old.size:
            note = EMPTIED if not new.size else "cut short"
            yield Finding(kind="damage", what=readable(path), note=f"{note}, of the package manager")
    if found.is_list_broken:
        note = f"{count(len(found.lost), 'package')} of the base no longer in it"
        yield Finding(kind="damage", what=LIST, note=note)
