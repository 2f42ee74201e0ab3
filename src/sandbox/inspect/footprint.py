"""From snapshots and the managers' answers to a footprint. Pure."""

from __future__ import annotations

import re
from collections import Counter
from posixpath import basename, dirname
from typing import TYPE_CHECKING, Final, Literal

from msgspec.structs import replace

from sandbox.container.processes import ran_as
from sandbox.container.snapshot import readable
from sandbox.core.human import name_distance
from sandbox.inspect.accounts import account_changes, capability_names, group_of, is_reported, owner_of
from sandbox.inspect.bill import asked_among, names_to_resolve
from sandbox.inspect.boot import boot_starts
from sandbox.inspect.damage import damage
from sandbox.inspect.dpkg_records import diversions, new_diversions, new_overrides
from sandbox.inspect.facts import (
    Account,
    Capabilities,
    Choice,
    Diversion,
    Foreign,
    Listening,
    Overridden,
    Owner,
    Place,
    Privileges,
    Stray,
)
from sandbox.inspect.findings import (
    BootedUnit,
    FileSize,
    Finding,
    Footprint,
    InstalledPackage,
    ServiceStart,
    SizeByGroup,
)
from sandbox.inspect.host_packages import mark_usual, mark_usual_runs
from sandbox.inspect.inetd import inetd_entries
from sandbox.inspect.later import chosen_answers, habits, later_runs
from sandbox.inspect.locations import (
    RECORDS,
    UNITS,
    WANTS,
    WATCHED,
    finding_kind,
    manual_of,
    rule_of,
    service_name,
    sort_of,
)
from sandbox.inspect.own_settings import is_own, own_names
from sandbox.inspect.taken_names import taken_names
from sandbox.inspect.triggers import awaiting_runs
from sandbox.inspect.units import file_findings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from sandbox.container.processes import Running
    from sandbox.container.snapshot import FileEntry, Snapshot
    from sandbox.container.sockets import ListeningPort
    from sandbox.inspect.findings import LaterRun
    from sandbox.inspect.measured import Measured

SETUID: Final = 0o6000
BITS: Final[tuple[tuple[int, Literal["setuid", "setgid"]], ...]] = ((0o4000, "setuid"), (0o2000, "setgid"))
STRAYS: Final[Mapping[str, Literal["link", "pipe", "device"]]] = {
    "l": "link",
    "p": "pipe",
    "c": "device",
    "b": "device",
}
OWN: Final = "the host's own addresses"
MAKES_FILES: Final = tuple("fFwC")
SETS_MODES: Final = tuple("zZm")
"""The types of tmpfiles.d(5) that make files, and those that set modes of what is there, folders too."""


def footprint(found: Measured) -> Footprint:
    """Return the footprint of an install."""
    new = (*found.difference.added, *found.difference.changed)
    files = [(path, found.after.entries[path]) for path in new if found.after.entries[path].kind in "fh"]
    owned = _bytes_once(found, files)
    downloads = _downloads(found)
    manuals = {page for path in {*(found.owned or ()), *new} if (page := manual_of(path))}
    return Footprint(
        packages=tuple(sorted(_new_packages(found, downloads), key=lambda row: (not row.asked, row.name))),
        recommended=_recommendations(found),
        download=sum(downloads.values()) or None,
        received=max(0, found.running[1].received - found.running[0].received),
        claimed=sum(package.size for package in found.came),
        measured=sum(owned.values()),
        commands=tuple(sorted(set(_commands(found)), key=lambda name: (name_distance(name, found.asked), name))),
        manuals=tuple(sorted(map(readable, manuals))),
        bulks=_bulks((sort_of(path), owned[path]) for path, _ in files),
        folders=_bulks((readable(_place(path)), owned[path]) for path, _ in files),
        files=tuple(
            FileSize(
                path=readable(path),
                size=entry.size,
                is_new=path not in found.before.entries,
                is_link=entry.kind == "h",
            )
            for path, entry in files
        ),
        findings=tuple(dict.fromkeys(mark_usual(found, _findings(found)))),
        left_out=len((found.owned or frozenset()) - found.after.entries.keys()),
        started=tuple(_service_starts(found)),
        later=tuple(dict.fromkeys(mark_usual_runs(found, _later_runs(found)))),
        answers=tuple(chosen_answers(found.before, found.after)),
        habits=tuple(habits(found.difference, found.after)),
        booted=_unit_outcomes(found),
        removed=() if found.is_list_broken else tuple(sorted(map(readable, found.lost))),
        replaced=tuple(
            readable(f"{row.name} {found.older[row.name]} to {row.version}")
            for row in sorted(found.came, key=lambda row: row.name)
            if not row.source and found.older.get(row.name, row.version) != row.version
        ),
    )


def _later_runs(found: Measured) -> Iterator[LaterRun]:
    yield from later_runs(found.difference, found.before.contents, found.after)
    yield from awaiting_runs(found.facts)


def _bytes_once(found: Measured, files: Iterable[tuple[str, FileEntry]]) -> dict[str, int]:
    """Return the bytes that each path adds: of the names of one file the first, none where one was there before."""
    entries, before = found.after.entries, found.before.entries
    seen = {
        entry.link
        for path, entry in entries.items()
        if entry.kind == "h" and path in before and before[path].digest == entry.digest
    }
    sizes = dict[str, int]()
    for path, entry in files:
        name = entry.link if entry.kind == "h" else path
        is_there = name in before and before[name].digest == entry.digest
        sizes[path] = 0 if name in seen or is_there else entry.size
        seen.add(name)
    return sizes


def _downloads(found: Measured) -> dict[str, int]:
    """Return the downloaded bytes of each new package."""
    came = {package.name for package in found.came}
    return {change.name: change.download for change in found.would or () if change.name in came}


def _recommendations(found: Measured) -> tuple[str, ...] | None:
    """Return the packages that recommendations would add; None if the manager did not say."""
    if found.would is None:
        return None
    came = {package.name for package in found.came}
    return tuple(sorted({readable(row.name) for row in found.would if row.action == "install"} - came))


def _dependents(found: Measured) -> dict[tuple[str, str], set[str]]:
    """Return for each new package the other new packages that need it, or something it provides.

    By name and version, which is empty where that is said of a name.
    """
    came = {package.name for package in found.came}
    providers: dict[str, set[str]] = {}
    for fact in found.facts:
        for provided in (fact.name, *fact.provides):
            providers.setdefault(provided, set()).add(fact.name)
    needed: dict[tuple[str, str], set[str]] = {}
    for fact in found.facts:
        by_name = (name for need in names_to_resolve(fact) for name in providers.get(need, ()))
        for key in (*(fact.found or ()), *((name, "") for name in by_name)):
            if key[0] in came and key[0] != fact.name:
                needed.setdefault(key, set()).add(fact.name)
    return {key: whom & came for key, whom in needed.items()}


def _new_packages(found: Measured, downloads: Mapping[str, int]) -> Iterator[InstalledPackage]:
    """Yield the new packages, each with the new packages that need it."""
    facts, needed = {(fact.name, fact.version): fact for fact in found.facts}, _dependents(found)
    asked = asked_among(found.came, found.asked)
    for number, package in enumerate(found.came):
        keys = ((package.name, package.version), (package.name, ""))
        fact = next((facts[key] for key in keys if key in facts), None)
        whom = {name for key in keys for name in needed.get(key, ())}
        yield InstalledPackage(
            name=readable(package.name),
            version=readable(package.version),
            size=package.size,
            download=downloads.get(package.name) or None,
            asked=number in asked,
            needed_by=tuple(sorted(map(readable, whom))),
            licence=readable(fact.licence) if fact else "",
            licences=tuple(map(readable, fact.licences)) if fact else (),
            built=fact.built if fact else None,
            is_usual=package.name in found.usual,
        )


def _place(path: str) -> str:
    """Return the folder, at most three levels deep, that a file counts for."""
    return "/".join(dirname(path).split("/")[:4]) or "/"


def _bulks(rows: Iterator[tuple[str, int]]) -> tuple[SizeByGroup, ...]:
    files, sizes = Counter[str](), Counter[str]()
    for sort, size in rows:
        files[sort] += 1
        sizes[sort] += size
    return tuple(
        SizeByGroup(sort=sort, files=files[sort], size=sizes[sort]) for sort in sorted(sizes, key=lambda s: -sizes[s])
    )


def _commands(found: Measured) -> Iterator[str]:
    """Yield the names of new programs, and of new links to programs, in the PATH folders."""
    folders = {found.after.resolve(folder) for folder in found.path.split(":") if folder.startswith("/")}
    for path in found.difference.added:
        if dirname(path) in folders:
            target = found.after.entries.get(found.after.resolve(path))
            if target is not None and target.is_program:
                yield readable(basename(path))


def _findings(found: Measured) -> Iterator[Finding]:
    yield from damage(found)
    yield from _privilege_findings(found)
    yield from _people(found)
    own = own_names((package.name for package in found.came), (*_commands(found), *_unit_names(found)))
    yield from file_findings(found.difference, found.before, found.after, own)
    yield from _unknown_files(found, own)
    yield from taken_names(found)
    yield from _dpkg_findings(found)
    running = [*_running(found)]
    yield from running
    yield from _inetd_ports(found, {row.what for row in running if row.kind == "ports"})
    yield from _strays(found)


def _unit_names(found: Measured) -> Iterator[str]:
    """Yield the names of services that came: /etc/default/bluetooth is read by bluetooth.service alone."""
    for path in found.difference.added:
        if finding_kind(path) == "services":
            yield service_name(path).removesuffix(".service").removesuffix("@")


def _inetd_ports(found: Measured, seen: Collection[str]) -> Iterator[Finding]:
    """Yield the ports that an inetd opens for new entries, from these only: without /etc/services it finds no name."""
    starts = boot_starts(found.difference, found.after)
    for entry in inetd_entries(found.difference, found.before.contents, found.after, starts):
        if entry.inetd and entry.has_number and entry.port not in seen:
            fact = Listening(addresses=(entry.address,), service=entry.inetd)
            yield Finding(kind="ports", what=entry.port, fact=fact)


def _dpkg_findings(found: Measured) -> Iterator[Finding]:
    """Yield the diversions and stat-overrides that came, of paths that this base lacks, too."""
    for row in new_diversions(found.before, found.after):
        fact = Diversion(to=readable(found.after.real(row.to)), by=readable(row.by) if row.by != ":" else "")
        yield Finding(kind="diversions", what=readable(found.after.real(row.path)), fact=fact)
    for one in new_overrides(found.before, found.after):
        rights = Overridden(user=readable(one.user), group=readable(one.group), mode=readable(one.mode))
        yield Finding(kind="overrides", what=readable(one.path), fact=rights)


def _unknown_files(found: Measured, own: frozenset[str]) -> Iterator[Finding]:
    """Yield the files where programs of the host look for anybody's, of which the table of places says nothing."""
    mine = found.owned or frozenset()
    changed = [path for path in found.difference.changed if found.after.real(path) in mine]
    for path in (*found.difference.added, *changed):
        is_file = path.startswith(WATCHED) and found.after.entries[path].kind != "d"
        if is_file and rule_of(path) is None and not is_own(path, own):
            yield Finding(kind="unknown", what=readable(path), fact=Place(is_changed=path in found.before.entries))


def _privilege_findings(found: Measured) -> Iterator[Finding]:
    for path in (*found.difference.added, *found.difference.changed):
        entry, old = found.after.entries[path], found.before.entries.get(path)
        gained = entry.mode & SETUID & ~(old.mode if old else 0)
        if entry.kind in "fh" and gained:
            fact = Privileges(
                bits=tuple(word for bit, word in BITS if gained & bit),
                mode=entry.mode,
                owner=readable(owner_of(found.after, entry.uid)),
                group=readable(group_of(found.after, entry.gid)),
            )
            yield Finding(kind="setuid", what=readable(path), fact=fact)
        if entry.capability and entry.capability != (old.capability if old else b""):
            able = Capabilities(names=tuple(capability_names(entry.capability)))
            yield Finding(kind="capabilities", what=readable(path), fact=able)
        if entry.kind in "fh" and finding_kind(path) == "tmpfiles":
            yield from _rights_at_boot(path, found.after)


def _rights_at_boot(path: str, after: Snapshot) -> Iterator[Finding]:
    """Yield the files to which rules of tmpfiles.d(5) give others' rights at a boot; of folders these are usual."""
    for words in map(str.split, after.contents.get(path, b"").decode(errors="replace").splitlines()):
        kind, place, mode, user, group = (*words, "-", "-", "-", "-", "-")[:5]
        octal = mode.lstrip("~:")
        entry = after.entries.get(after.resolve(place)) if place.startswith("/") else None
        is_file = kind[:1] in MAKES_FILES or (kind[:1] in SETS_MODES and entry is not None and entry.kind in "fh")
        if is_file and re.fullmatch("[0-7]{4,5}", octal) and int(octal, 8) & SETUID:
            fact = Privileges(
                bits=tuple(word for bit, word in BITS if int(octal, 8) & bit),
                mode=int(octal, 8),
                owner="root" if user == "-" else readable(user.lstrip(":")),
                group="root" if group == "-" else readable(group.lstrip(":")),
                by=readable(path),
            )
            yield Finding(kind="setuid", what=readable(place), fact=fact)


def _people(found: Measured) -> Iterator[Finding]:
    for one in account_changes(found.before, found.after):
        joined = tuple(map(readable, one.joined))
        fact = Account(change=one.change, says=readable(one.says), signs=one.signs, joined=joined)
        kind: Literal["users", "groups"] = "users" if one.kind == "user" else "groups"
        yield Finding(kind=kind, what=readable(one.name), fact=fact)


def _running(found: Measured) -> Iterator[Finding]:
    first, last = found.running
    known = {process.pid for process in first.own}
    new = Counter((process.words, process.uid) for process in last.own if process.pid not in known)
    for (words, uid), number in new.items():
        yield Finding(kind="processes", what=readable(words), fact=Owner(user=_name(found, uid), count=number))
    yield from _ports(last.ports - first.ports, last)
    for started, now in found.serving:
        yield from _ports(now.ports - last.ports, now, started.name)


def _service_starts(found: Measured) -> Iterator[ServiceStart]:
    for started, uids in found.booted.starts if found.booted else ():
        yield replace(started, users=tuple(sorted(_name(found, uid) for uid in uids)))
    for started, now in found.serving:
        people = ran_as(now, found.running[1]) if started.runs else ()
        yield replace(started, users=tuple(sorted(_name(found, uid) for uid in people)))


def _unit_outcomes(found: Measured) -> tuple[BootedUnit, ...] | None:
    """Return what a boot did with each unit, with the users of its processes."""
    if found.booted is None:
        return None
    users = {f"{started.name}.service": started.users for started in _service_starts(found)}
    files = frozenset(map(readable, found.usual_files))
    rows = found.booted.units
    return tuple(replace(row, users=users.get(row.name, ()), is_usual=row.path in files) for row in rows)


def _ports(ports: Iterable[ListeningPort], now: Running, service: str = "") -> Iterator[Finding]:
    """Yield each port once, with all addresses that it is listened to on, by a service or from the install on.

    One that the kernel chooses is another one each time, so that it has no number.
    """
    addresses: dict[tuple[str, Choice], list[str]] = {}
    for port in sorted(ports):
        choice: Choice = port.choice or ("perhaps the kernel" if now.may_choose(port) else "own")
        what = f"{'any' if choice == 'kernel' else port.number}/{port.protocol}"
        addresses.setdefault((what, choice), []).append(_where(port.address))
    for (what, choice), places in addresses.items():
        where = tuple(dict.fromkeys(places))
        yield Finding(kind="ports", what=what, fact=Listening(addresses=where, service=service, choice=choice))


def _where(address: str) -> str:
    """Return an address as on any host: neither loopback nor wildcard means the sandbox's own."""
    return address if address in ("*", "::1") or address.startswith("127.") else OWN


def _name(found: Measured, uid: int) -> str:
    return readable(owner_of(found.after, uid))


def _strays(found: Measured) -> Iterator[Finding]:
    """Yield new and changed files that no new package owns."""
    if found.owned is not None:
        moved = diversions(found.before, found.after)
        yield from _files_of_nobody(found, frozenset({*found.owned, *moved.values()}))
        yield from _changes_of_others(found, found.owned, moved)


def _files_of_nobody(found: Measured, owned: frozenset[str]) -> Iterator[Finding]:
    """Yield the new files that are not `owned`, by real path, and the new empty folders."""
    folders = set[str]()
    for path in found.difference.added:
        if (
            found.after.real(path) in owned
            or _is_told(path, found.after.entries[path].kind)
            or _is_stored(path, found.stores)
        ):
            continue
        entry = found.after.entries[path]
        if entry.kind == "d":
            folders.add(path)
        else:
            yield Finding(kind="unowned", what=readable(path), fact=Stray(what=STRAYS.get(entry.kind, "file")))
    parents = {dirname(path) for path in found.after.entries}
    for path in sorted(folders - parents):
        yield Finding(kind="unowned", what=f"{readable(path)}/", fact=Stray(what="empty folder"))


def _changes_of_others(found: Measured, owned: Collection[str], moved: Mapping[str, str]) -> Iterator[Finding]:
    """Yield changes of existing files that are not `owned`, or that a diversion moved."""
    rows: tuple[tuple[str, Literal["changed", "removed"]], ...] = (
        *((path, "changed") for path in found.difference.changed if finding_kind(path) != "alternatives"),
        *((path, "removed") for path in found.difference.removed),
    )
    for path, verb in rows:
        real = found.after.real(path)
        is_owned = real in owned
        if (is_owned and real not in moved) or _is_stored(path, found.stores) or is_reported(found.after, path):
            continue
        fact = Foreign(
            how="replaced" if is_owned else verb, owners=_owners(found, path), moved=readable(moved.get(real, ""))
        )
        yield Finding(kind="foreign", what=readable(path), fact=fact)


def _owners(found: Measured, path: str) -> tuple[str, ...] | None:
    """Return the owners of an existing file, None if unknown; of a replaced file, the earlier owners."""
    if path not in found.owners:
        return None
    came = {package.name for package in found.came}
    return tuple(readable(name) for name in found.owners[path].split(", ") if name and name not in came)


def _is_stored(path: str, stores: tuple[str, ...]) -> bool:
    return any(path == store or path.startswith(f"{store}/") for store in stores)


def _is_told(path: str, kind: str) -> bool:
    """Return whether a file of this kind is told of as something else: links that enable units, alternatives.

    A unit that a script has written is told of twice: what it is, and that no package owns it.
    """
    if finding_kind(path) == "alternatives" or RECORDS.fullmatch(path) or WANTS.fullmatch(path):
        return True
    return kind in "ld" and UNITS.fullmatch(path) is not None
