"""What exists or differs after an install and a purge. Pure.

Compared with the same container before the install but after the index was fetched, so that the manager's own files
don't count.
"""

from __future__ import annotations

from collections import Counter
from posixpath import basename, dirname
from typing import TYPE_CHECKING, Final

from sandbox.container.snapshot import readable
from sandbox.core.human import size
from sandbox.inspect.accounts import FILES, account_changes, groups, is_reported, users
from sandbox.inspect.dpkg_records import new_diversions, new_overrides
from sandbox.inspect.file_changes import diff
from sandbox.inspect.findings import Residue, ResidueItem
from sandbox.inspect.locations import UNITS, finding_kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sandbox.container.processes import Process, Running
    from sandbox.container.snapshot import Snapshot
    from sandbox.inspect.findings import Trace
    from sandbox.managers.protocol import Package

BESIDE = ("/etc/subuid", "/etc/subgid")
"""Files that change with users and groups."""
LOST: Final = "dpkg refuses every package: nobody has the name "
"""What a note of a stat-override begins with whose owner or group is gone (dpkg 1.21, lib/dpkg/db-fsys-override.c)."""


def residue(
    before: Snapshot,
    after: Snapshot,
    *,
    packages: tuple[Sequence[Package], Sequence[Package]],
    running: tuple[Running, Running],
    hanging: Iterable[Process] = (),
    ignored: Iterable[str],
    held: frozenset[str] = frozenset(),
    failure: str = "",
) -> Residue:
    """Return what a purge left: packages, accounts, units, processes, files.

    `failure`: why it did not succeed, `hanging` what of it runs on; `held`: files, by real path, of packages that came
    and are still there.
    """
    left = (
        *(row for row in _packages(*packages) if row.kind == "package" or not failure),
        *_accounts(before, after),
        *_records(before, after),
        *_processes(*running),
        *(ResidueItem(kind="process", what=readable(process.words), note="of the removal") for process in hanging),
        *_files(before, after, ignored, held),
    )
    return Residue(left=left, failure=failure)


def _packages(before: Sequence[Package], after: Sequence[Package]) -> Iterator[ResidueItem]:
    known = {package.full_name: package.version for package in before}
    for package in after:
        if known.get(package.full_name) != package.version:
            note = (
                f"{package.version}, was {known[package.full_name]}" if package.full_name in known else package.version
            )
            yield ResidueItem(kind="package", what=readable(package.full_name), note=readable(note))
    gone = known.keys() - {package.full_name for package in after}
    yield from (
        ResidueItem(kind="gone", what=readable(name), note="package that the base had") for name in sorted(gone)
    )


def _accounts(before: Snapshot, after: Snapshot) -> Iterator[ResidueItem]:
    for one in account_changes(before, after):
        note = one.kind if one.change == "gone" else one.says
        if one.kind == "group" and one.change == "changed":
            note = f"still has the members {', '.join(one.members)}"
        yield ResidueItem(
            kind="gone" if one.change == "gone" else one.kind, what=readable(one.name), note=readable(note)
        )


def _processes(before: Running, after: Running) -> Iterator[ResidueItem]:
    known = {process.pid for process in before.own}
    for words, number in Counter(process.words for process in after.own if process.pid not in known).items():
        note = f"{number} times" if number > 1 else ""
        yield ResidueItem(kind="process", what=readable(words), note=note, count=number)


def _records(before: Snapshot, after: Snapshot) -> Iterator[ResidueItem]:
    """Yield the diversions and stat-overrides that are left; dpkg refuses to work where one names who is gone."""
    for row in new_diversions(before, after):
        yield ResidueItem(kind="diversion", what=readable(row.path), note=f"others' goes to {readable(row.to)}")
    people, teams = users(after), groups(after)
    for one in new_overrides(before, after):
        lost = [
            name for name, known in ((one.user, people), (one.group, teams)) if name not in known and name[:1] != "#"
        ]
        rights = f"{one.user}:{one.group}, mode {one.mode}"
        note = f"{LOST}{' and '.join(lost)}" if lost else rights
        yield ResidueItem(kind="override", what=readable(one.path), note=readable(note))


def _files(before: Snapshot, after: Snapshot, ignored: Iterable[str], held: frozenset[str]) -> Iterator[ResidueItem]:
    found = diff(before, after, ignored)
    folders = {dirname(path) for path in after.entries}
    for path in found.added:
        entry = after.entries[path]
        if after.real(path) in held:
            continue
        if entry.kind != "d":
            yield ResidueItem(
                kind=_trace(path), what=readable(path), note=size(entry.size) if entry.kind in "fh" else "link"
            )
        elif path not in folders:
            yield ResidueItem(kind="folder", what=f"{readable(path)}/", note="empty")
    for path in found.changed:
        if not is_reported(after, path) and path not in BESIDE and not (path.endswith("-") and path[:-1] in FILES):
            yield ResidueItem(kind="changed", what=readable(path), note=_difference(before, after, path))
    yield from (ResidueItem(kind="gone", what=readable(path)) for path in found.removed)


def _trace(path: str) -> Trace:
    if finding_kind(path) == "alternatives":
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
    return "; ".join(words) or "replaced by another kind of file"
