"""What is still there, or changed, after an install and a purge: pure.

The control is the same container before the install, its index fetched: what the manager did to itself is its books'.
"""

from __future__ import annotations

from posixpath import basename, dirname
from typing import TYPE_CHECKING

from sandbox.evaluate.accounts import groups, users
from sandbox.evaluate.changes import changes
from sandbox.evaluate.findings import Left, Residue
from sandbox.evaluate.places import UNITS, kind_of
from sandbox.evaluate.snapshot import readable
from sandbox.quantities import size

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sandbox.evaluate.findings import Trace
    from sandbox.evaluate.running import Running
    from sandbox.evaluate.snapshot import Snapshot
    from sandbox.managers.base import Package

ACCOUNTS = ("/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow", "/etc/subuid", "/etc/subgid")
"""Files whose difference is told as users and groups."""


def residue(
    before: Snapshot,
    after: Snapshot,
    *,
    packages: tuple[Sequence[Package], Sequence[Package]],
    running: tuple[Running, Running],
    ignored: Iterable[str],
    held: frozenset[str] = frozenset(),
    failure: str = "",
) -> Residue:
    """Return what a purge left: packages, accounts, units, processes, files.

    `failure`: why it did not succeed; `held`: files, by real path, of packages that came and are still there.
    """
    left = (
        *(row for row in _packages(*packages) if row.kind == "package" or not failure),
        *_accounts(before, after),
        *_processes(*running),
        *_files(before, after, ignored, held),
    )
    return Residue(left=left, failure=failure)


def _packages(before: Sequence[Package], after: Sequence[Package]) -> Iterator[Left]:
    known = {package.full_name: package.version for package in before}
    for package in after:
        if known.get(package.full_name) != package.version:
            note = (
                f"{package.version}, was {known[package.full_name]}" if package.full_name in known else package.version
            )
            yield Left(kind="package", what=readable(package.full_name), note=readable(note))
    gone = known.keys() - {package.full_name for package in after}
    yield from (Left(kind="gone", what=readable(name), note="package that was there before") for name in sorted(gone))


def _accounts(before: Snapshot, after: Snapshot) -> Iterator[Left]:
    known = users(before)
    for name, user in users(after).items():
        if known.get(name) != user:
            yield Left(kind="user", what=readable(name), note=readable(user.says))
    old = groups(before)
    for name, members in groups(after).items():
        if name not in old:
            yield Left(kind="group", what=readable(name))
        elif members - old[name]:
            yield Left(kind="group", what=readable(name), note=f"still has {readable(', '.join(sorted(members)))}")
    for kind, names in (("user", known.keys() - users(after).keys()), ("group", old.keys() - groups(after).keys())):
        yield from (Left(kind="gone", what=readable(name), note=kind) for name in sorted(names))


def _processes(before: Running, after: Running) -> Iterator[Left]:
    known = {process.pid for process in before.own}
    for process in after.own:
        if process.pid not in known:
            yield Left(kind="process", what=readable(process.words))


def _files(before: Snapshot, after: Snapshot, ignored: Iterable[str], held: frozenset[str]) -> Iterator[Left]:
    found = changes(before, after, ignored)
    folders = {dirname(path) for path in after.entries}
    for path in found.added:
        entry = after.entries[path]
        if after.real(path) in held:
            continue
        if entry.kind != "d":
            yield Left(kind=_trace(path), what=readable(path), note=size(entry.size) if entry.kind == "f" else "link")
        elif path not in folders:
            yield Left(kind="folder", what=f"{readable(path)}/", note="empty")
    for path in found.changed:
        if path not in ACCOUNTS and not (path.endswith("-") and path[:-1] in ACCOUNTS):
            yield Left(kind="changed", what=readable(path), note=_difference(before, after, path))
    yield from (Left(kind="gone", what=readable(path)) for path in found.removed)


def _trace(path: str) -> Trace:
    if kind_of(path) == "alternatives":
        return "alternative"
    return "unit" if UNITS.fullmatch(path) and basename(path) else "file"


def _difference(before: Snapshot, after: Snapshot, path: str) -> str:
    old, new = before.entries[path], after.entries[path]
    words = [
        *([f"mode {old.mode:04o}, now {new.mode:04o}"] if old.mode != new.mode else []),
        *([f"owner {old.uid}:{old.gid}, now {new.uid}:{new.gid}"] if (old.uid, old.gid) != (new.uid, new.gid) else []),
        *(["content"] if old.digest != new.digest else []),
        *([f"to {readable(old.link)}, now {readable(new.link)}"] if old.link != new.link else []),
    ]
    return "; ".join(words) or "another kind of file"
