"""What an installation broke: files of the base that are gone or no longer work, and the manager's own books. Pure.

All of it is read from outside, of two exports, so that nothing in the sandbox has to work for it. What a package that
came brings in a new version, and what a package that was removed took along, is no damage.
"""

from __future__ import annotations

from posixpath import basename, dirname
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sandbox.container.snapshot import readable
from sandbox.inspect.accounts import FILES, is_reported
from sandbox.inspect.dpkg_records import diversions
from sandbox.inspect.facts import Harm, LostPackages
from sandbox.inspect.file_changes import PathPrefixes
from sandbox.inspect.findings import Finding
from sandbox.inspect.locations import finding_kind
from sandbox.inspect.taken_names import ALTERNATIVES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.container.snapshot import FileEntry, Snapshot
    from sandbox.inspect.facts import HarmKind
    from sandbox.inspect.measured import Measured

LIST: Final = "the list of installed packages"
PASSING: Final = PathPrefixes(("/tmp", "/var/cache", "/var/log", "/var/run", "/var/tmp", "/run"))  # noqa: S108 - of a sandbox
"""Folders in which files come and go by themselves."""
SETTINGS: Final = PathPrefixes(("/etc", "/home", "/opt", "/root", "/srv", "/var"))
"""Folders in which install scripts usually write and change owners."""
PROGRAMS: Final = PathPrefixes(("/bin", "/sbin", "/lib*", "/usr/bin", "/usr/sbin", "/usr/lib*"))
SMALLEST: Final = 10
"""A database that shrinks by more than this factor has not just lost one trial's packages."""


def damage(found: Measured) -> Iterator[Finding]:
    """Yield the damage, that of the package manager's database first."""
    yield from _books(found)
    moved = diversions(found.before, found.after).keys()
    owned = found.owned or frozenset()
    for path in (*found.difference.removed, *found.difference.changed):
        places = {found.before.real(path), found.after.real(path)}
        if places & owned or places & moved or path in PASSING or _is_led(found.before, path):
            continue
        if any(path == store or path.startswith(f"{store}/") for store in found.stores):
            continue
        fact = harm(found.before.entries[path], found.after.entries.get(path))
        if fact is not None and _is_damage(found, path, fact.how):
            owners = tuple(map(readable, _owners(found, path))) if path in found.owners else None
            yield Finding(kind="damage", what=readable(path), fact=replace(fact, owners=owners))


def harm(old: FileEntry, new: FileEntry | None) -> Harm | None:
    """Return what happened to a file, or None."""
    if new is None:
        return Harm(how="gone")
    if old.kind in "fh" and new.kind == "f" and not new.size and old.digest != new.digest:
        return Harm(how="emptied")
    if {old.kind, new.kind} - {"f", "h"} and old.kind != new.kind:
        return Harm(how="replaced")
    if (old.digest, old.link if old.kind == "l" else "") != (new.digest, new.link if new.kind == "l" else ""):
        return Harm(how="replaced")
    if old.is_program and not new.is_program:
        return Harm(how="no longer executable")
    if old.mode != new.mode:
        return Harm(how="mode", old=f"{old.mode:04o}", now=f"{new.mode:04o}")
    then, now = f"{old.uid}:{old.gid}", f"{new.uid}:{new.gid}"
    return Harm(how="owner", old=then, now=now) if then != now else None


def _is_damage(found: Measured, path: str, how: HarmKind) -> bool:
    """Return whether it is more than scripts usually do to settings, states and links."""
    old, new = found.before.entries[path], found.after.entries.get(path)
    is_top = dirname(path) == "/"
    if is_reported(found.after, path) and how not in ("gone", "emptied"):
        return False  # changed accounts are reported elsewhere
    if found.owners.get(path) == "" and not (is_top or _is_vital(found.before, path)):
        return False
    if found.owners.get(path) == "" and how == "gone" and _has_other_versions(found) and not is_top:
        return False  # it was removed with its package, or is not in its new version
    if found.owners.get(path) and not _owners(found, path):
        return False
    if how == "gone":
        return is_top or old.kind != "d"
    if how in ("emptied", "no longer executable"):
        return True
    if how == "replaced":
        return (new is not None and {old.kind, new.kind} - {"f", "h"} != set() and old.kind != new.kind) or _is_vital(
            found.before, path
        )
    opened = new is not None and new.kind != "l" and new.mode & 0o1002 == 0o0002 and not old.mode & 0o0002  # noqa: PLR2004
    return opened or path not in SETTINGS


def _has_other_versions(found: Measured) -> bool:
    """Return whether packages of the base were removed or are there in another version, and the list says which."""
    is_changed = any(found.older.get(package.name, package.version) != package.version for package in found.came)
    return (bool(found.lost) or is_changed) and not found.is_list_broken


def _is_vital(files: Snapshot, path: str) -> bool:
    """Return whether a file is a program, a library, an account file, or a link to one."""
    if path in FILES:
        return True
    entry = files.entries.get(files.resolve(path))
    if entry is None or path not in PROGRAMS:
        return False
    return entry.is_program or (entry.kind in "fh" and ".so" in basename(path))


def _is_led(files: Snapshot, path: str) -> bool:
    """Return whether a path is managed by alternatives: such links come and go with packages."""
    entry = files.entries[path]
    return finding_kind(path) == "alternatives" or (entry.kind == "l" and entry.link.startswith(ALTERNATIVES))


def _owners(found: Measured, path: str) -> list[str]:
    came = {package.name for package in found.came}
    return [name for name in found.owners[path].split(", ") if name not in came]


def _books(found: Measured) -> Iterator[Finding]:
    for path in found.database:
        old, new = found.before.entries.get(path), found.after.entries.get(path)
        if old is None or not old.size or old.kind != "f":
            continue
        if new is None:
            yield Finding(kind="damage", what=readable(path), fact=Harm(how="gone", is_managers=True))
        elif new.kind == "f" and new.size * SMALLEST < old.size:
            fact = Harm(how="cut short" if new.size else "emptied", is_managers=True)
            yield Finding(kind="damage", what=readable(path), fact=fact)
    if found.is_list_broken:
        yield Finding(kind="damage", what=LIST, fact=LostPackages(count=len(found.lost)))
