"""Manual changes in a sandbox's shell other than packages: the manager's settings, services, files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sandbox.container.snapshot import readable
from sandbox.core.programs import sh_argv
from sandbox.errors import TooLong
from sandbox.inspect.file_changes import ENGINES, PathPrefixes
from sandbox.inspect.locations import RECORDS, enabling_link, finding_kind, service_name
from sandbox.lifecycle.scratch import NOTES, begin_function
from sandbox.managers.config_files import (
    LARGEST,
    MANY,
    SERVICE,
    ConfigChange,
    added_lines,
    as_drop_ins,
    config_roots,
    has_password,
    place_of,
)
from sandbox.managers.hand_steps import MANY as MOST_STEPS
from sandbox.managers.hand_steps import can_take, files_moved_back, links_of, parse_state, reversals, steps_between
from sandbox.managers.registry import data_of
from sandbox.managers.state_paths import state_paths, store_paths

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from sandbox.container.box import Box
    from sandbox.engine.protocol import Argv
    from sandbox.managers.data import ManagerData
    from sandbox.managers.hand_steps import HandStep, StepKind
    from sandbox.managers.registry import ManagerName

OUTPUT_LIMIT: Final = 8_000_000
LISTING_LIMIT: Final = 4_000_000
"""Bytes of the paths of newer files, as manual_changes.sh cuts them."""
LOOK_LIMIT: Final = 20.0
"""Seconds for the search: a full Debian takes 0.2 s, and a replaced find must not delay the end."""


HISTORIES: Final = (
    "/root/.bash_history",
    "/root/.ash_history",
    "/root/.lesshst",
    "/root/.viminfo",
    "/root/.python_history",
)
IGNORED: Final = (
    *HISTORIES,
    "/.sandbox-start",
    NOTES,
    "/root/.cache",
    "/root/.gnupg",
    "/root/.npm",
    "/root/.wget-hsts",
    "/run",
    "/var/cache",
    "/var/log",
    "/var/tmp",  # noqa: S108 - a place in the sandbox
)
BY_SCRIPTS: Final = (
    "/etc/alternatives",
    "/etc/group",
    "/etc/gshadow",
    "/etc/passwd",
    "/etc/shadow",
    "/etc/ssl/certs",
    "/etc/subgid",
    "/etc/subuid",
    "/usr/lib",
    "/usr/share",
    "/var/lib",
    "/var/spool",
)
"""Folders in which packages' scripts write; ignored if packages were installed by hand."""


WRITERS: Final = (
    ("add-shell", "/etc/shells"),
    ("update-shells", "/etc/shells"),
    ("pam-auth-update", r"/etc/pam\.d/common-.+"),
    ("locale-gen", r"/etc/locale\.gen"),
    ("update-locale", r"/etc/(?:default/locale|locale\.conf)"),
    ("update-inetd", r"/etc/inetd\.conf"),
    ("update-xmlcatalog", "/etc/xml/.+"),
    ("update-catalog", "/etc/sgml/.+"),
    ("update-mime", "/etc/mailcap"),
    ("newaliases", r"/etc/aliases(?:\.db)?"),
    ("systemd-machine-id-setup", "/etc/machine-id"),
    ("dbus-uuidgen", "/etc/machine-id"),
)
"""Programs that packages' scripts call, and what these write, which no script names (the manual page of each)."""
RUNLEVELS: Final = re.compile(r"/etc/rc[0-6S]\.d/[SK]\d\d(.+)")

MOVES: Final = ("diversion", "override")
"""Kinds of steps that change a file."""

CHANGED: Final = "changed"


class ManualChanges(Struct, frozen=True, kw_only=True):
    """Manual changes: settings, services that start at boot, and a line for each change that can't be promoted."""

    settings: tuple[ConfigChange, ...] = ()
    services: tuple[str, ...] = ()
    strays: tuple[str, ...] = ()
    steps: tuple[HandStep, ...] = ()


class ShellDiff(Struct, frozen=True, kw_only=True):
    """The output of LOOK: the settings' contents by path (None: too big), before and now; the paths of newer files.

    `unknown` is why these can't be told, empty where they can. `lost` are other files that are gone. The states are
    what the manager's hand_state printed and prints, None where that is not known.
    """

    before: dict[str, bytes | None]
    now: dict[str, bytes | None]
    new: frozenset[str]
    gone: tuple[str, ...]
    files: tuple[str, ...]
    unknown: str = ""
    lost: tuple[str, ...] = ()
    state_before: bytes | None = None
    state: bytes | None = None


def mark_handoff(box: Box, manager: ManagerName, folder: str = NOTES) -> None:
    """Record in a folder of a sandbox that the user has it now, with its current settings.

    The folder is NOTES in one that stays; a throwaway one has SCRATCH.
    """
    roots = " ".join(config_roots(data_of(manager).settings))
    box.exec(("sh", "-c", f'{begin_function()}begin "$@"', "sh", folder, roots, data_of(manager).hand_state))


def diff_since_handoff(box: Box, manager: ManagerName, notes: str, *, limit: float = LOOK_LIMIT) -> ShellDiff | None:
    """Return what differs since the begin that is noted in the folder `notes`; None where nobody noted it.

    What takes longer than `limit` seconds is given up.
    """
    try:
        status, output = box.read(look_argv(manager, notes), limit=OUTPUT_LIMIT, seconds=limit)
    except TooLong:
        return unknown_diff(limit)
    return None if status else parse(output)


def look_argv(manager: ManagerName, notes: str, ready: str = ":") -> Argv:
    """Return the argv of the program that prints what `parse` reads; `ready` is what it calls before it looks."""
    data = data_of(manager)
    programs = (data.hand_state or ":", data.owned_files or ":")
    return sh_argv(
        __package__, "manual_changes.sh", notes, str(LARGEST), *programs, ready, *config_roots(data.settings)
    )


def unknown_diff(limit: float) -> ShellDiff:
    """Return what is known where the search was given up after `limit` seconds."""
    unknown = f"the search took longer than {limit:g} s"
    return ShellDiff(before={}, now={}, new=frozenset(), gone=(), files=(), unknown=unknown)


def parse(output: bytes) -> ShellDiff:
    """Parse the output; an incomplete or forged one yields less."""
    before: dict[str, bytes | None] = {}
    now: dict[str, bytes | None] = {}
    new, state = set[str](), dict[str, bytes]()
    gone, lost, listed = list[str](), list[str](), list[str]()
    while output:
        head, _, output = output.partition(b"\0")
        word, size, path = [*head.decode("utf-8", "surrogateescape").split(" ", 2), "", ""][:3]
        if word == "files":
            listed, output = _listed_paths(output)
            continue
        length = int(size) if size.isascii() and size.isdigit() and len(size) < 8 else 0  # noqa: PLR2004
        content, output = output[:length], output[length:]
        if word in ("gone", "lost"):
            (gone if word == "gone" else lost).append(path)
        elif word in ("was-set", "set") and size != "big":
            state[word] = content
        elif word in ("was", "now", "new"):
            (before if word == "was" else now)[path] = None if size == "big" else content
            new.update([path] if word == "new" else [])
    files = tuple(dict.fromkeys(path for path in listed if path.startswith("/")))
    unknown = "the sandbox has no find command" if listed[:1] == ["unknown"] else ""
    return ShellDiff(
        before=before,
        now=now,
        new=frozenset(new),
        gone=tuple(gone),
        files=files,
        unknown=unknown,
        lost=tuple(dict.fromkeys(path for path in lost if path not in gone)),
        state_before=state.get("was-set"),
        state=state.get("set"),
    )


SETTERS: Final[Mapping[StepKind, str]] = {
    "alternative": r"--set[\s\"'\\]+(?:{}(?![\w.-])|\$)",
    "override": r"dpkg-statoverride",
    "diversion": r"dpkg-divert",
}
"""By which words of a script a package sets such a thing itself: `--install` of update-alternatives(1) only offers."""


def _listed_paths(output: bytes) -> tuple[list[str], bytes]:
    """Return the paths of a list, a NUL behind each, and what comes behind the NUL at its end; none where it is cut."""
    if output.startswith(b"\0"):
        return [], output[1:]
    listing, end, rest = output.partition(b"\0\0")
    is_whole = len(listing) < LISTING_LIMIT and (bool(end) or listing.endswith(b"\0"))
    return listing.decode("utf-8", "surrogateescape").removesuffix("\0").split("\0")[: None if is_whole else -1], rest


class PackageChanges(Struct, frozen=True, kw_only=True):
    """What packages brought since the shell began: their files, and the folders in which all is theirs.

    `came`: whether any of the distro's own came, whose scripts write files of no package; `scripts` is their text,
    as far as it is known. `went`: whether any package was removed, or replaced by another version. `base`: the packages
    that were there before any came, which ask no question of debconf again.
    """

    files: frozenset[str] = frozenset()
    folders: tuple[str, ...] = ()
    came: bool = False
    scripts: str = ""
    went: bool = False
    base: frozenset[str] = frozenset()

    def has_set(self, step: HandStep) -> bool:
        """Return whether a script of theirs sets what a step is about: most of them name it, to offer a choice."""
        if step.is_a_packages:
            return "dpkg-divert" in self.scripts  # most put the path together: molly-guard, dash
        if step.kind not in SETTERS or step.subject not in self.scripts:
            return False
        return re.search(SETTERS[step.kind].format(re.escape(step.subject)), self.scripts) is not None

    def lateness(self, step: HandStep) -> str:
        """Return why no install asks for an answer, "" where one does: a package that is there has asked."""
        is_late = step.kind == "answer" and step.packages[0] in self.base
        return f"{step.packages[0]} was there already" if is_late else ""

    def has_written(self, path: str) -> bool:
        """Return whether a script of theirs names a file of /etc, which most write where none is yet.

        update-rc.d(8) makes the links of System V for it, wherever one of them has the service.
        """
        if found := RUNLEVELS.fullmatch(path):
            return f"/etc/init.d/{found[1]}" in self.files
        if any(re.fullmatch(place, path) and program in self.scripts for program, place in WRITERS):
            return True
        return path.startswith("/etc/") and bool(re.search(rf"(?<![\w./-]){re.escape(path)}(?![\w./-])", self.scripts))


def manual_changes(
    seen: ShellDiff, manager: ManagerName, since: PackageChanges, prepared: Collection[ConfigChange] = ()
) -> ManualChanges:
    """Return the manual changes, without what packages added and but for files that the spec has `prepared`."""
    own = frozenset(row.path for row in prepared if not row.added)
    settings, lost = _settings(seen, manager, since.files | own)
    known = since.files.union(seen.before, seen.now)
    services, rest = _services([path for path in seen.files if path not in known], since.files)
    # only where a service was enabled: the table of all places takes 60 ms to compile
    units = rest if services else ()
    made = frozenset(service_name(path) for path in units if finding_kind(path) in ("services", "timers", "sockets"))
    lost += tuple(f"{name} at boot (its unit file was written by hand)" for name in services if name in made)
    services = tuple(name for name in services if name not in made)
    scripts = BY_SCRIPTS if since.came else ()
    below = PathPrefixes((*ENGINES, *IGNORED, *state_paths(manager), *store_paths(manager), *since.folders, *scripts))
    strays = [path for path in rest if path not in below and "/__pycache__/" not in path]
    strays = [path for path in strays if not since.has_written(path) and not (scripts and _is_alternative(path, seen))]
    same = _same_alternatives(seen)
    strays = [path for path in strays if not (path.rpartition("/")[2] in same and _is_alternative(path, seen))]
    back = files_moved_back(seen.state or b"") - files_moved_back(seen.state_before or b"")
    strays = [path for path in strays if path not in back]
    unknown = (f"other changed files: {seen.unknown}",) if seen.unknown else ()
    steps, undone = _steps(seen, data_of(manager), since)
    strays = [path for path in strays if not _is_of_steps(path, steps, seen)]
    lost += tuple(f"{line} (removed)" for line in summary_lines(_removals(seen, since, below, steps)))
    return ManualChanges(
        settings=settings, services=services, strays=(*undone, *lost, *summary_lines(strays), *unknown), steps=steps
    )


def _steps(seen: ShellDiff, data: ManagerData, since: PackageChanges) -> tuple[tuple[HandStep, ...], tuple[str, ...]]:
    """Return what was set by a command and can be set so elsewhere, and a line for each other such thing.

    What packages' scripts name is theirs.
    """
    if seen.state is None or seen.state_before is None:
        return (), ()
    before, now = parse_state(seen.state_before), parse_state(seen.state)
    steps = [step for step in steps_between(before, now) if not since.has_set(step)]
    fitting = tuple(step for step in steps if can_take(step, data) and not since.lateness(step))[:MOST_STEPS]
    others = [(step.name, since.lateness(step)) for step in steps if step not in fitting]
    rest = tuple(f"{name} ({why})" if why else name for name, why in others)
    return fitting, (*rest, *reversals(before, now))[:LISTED]


def _removals(seen: ShellDiff, since: PackageChanges, below: PathPrefixes, steps: Sequence[HandStep]) -> Iterator[str]:
    """Yield the files that were removed by hand: what a diversion moved is there, and packages take their own along."""
    moved = {step.words[0] for step in steps if step.kind == "diversion"}
    for path in () if since.went else seen.lost:
        is_known = path in moved or path in below or _is_of_steps(path, steps, seen)
        if not is_known and not since.has_written(path):
            yield path


def _is_of_steps(path: str, steps: Iterable[HandStep], seen: ShellDiff) -> bool:
    """Return whether a file is changed by a step that is captured: it is told as that."""
    kinds = {step.kind for step in steps}
    if "alternative" in kinds and (path.startswith("/etc/alternatives/") or _is_alternative(path, seen)):
        return True
    return any(path == step.words[{"diversion": 1, "override": 3}[step.kind]] for step in steps if step.kind in MOVES)


def _is_alternative(path: str, seen: ShellDiff) -> bool:
    """Return whether a path is a link that update-alternatives(1) manages."""
    return f"/etc/alternatives/{path.rpartition('/')[2]}" in seen.files


def _same_alternatives(seen: ShellDiff) -> frozenset[str]:
    """Return the names of alternatives that lead where they led: set by hand and automatic again, they are new links.

    The link of such a name on the PATH is made anew, too (update-alternatives 1.21).
    """
    before, now = links_of(seen.state_before or b""), links_of(seen.state or b"")
    return frozenset(name for name, target in now.items() if before.get(name) == target)


def _settings(
    seen: ShellDiff, manager: ManagerName, owned: Collection[str]
) -> tuple[tuple[ConfigChange, ...], tuple[str, ...]]:
    """Return the settings that can be promoted, and a line for each other one."""
    found: list[ConfigChange] = []
    lost = [f"{readable(path)} (removed)" for path in seen.gone]
    for path, content in seen.now.items():
        if path in owned or content == seen.before.get(path, b""):
            continue
        settings = _of_file(path, content, seen, manager)
        if isinstance(settings, tuple) and len(found) + len(settings) <= MANY:
            found += settings
        else:
            why = f" ({settings})" if isinstance(settings, str) else ""
            lost.append(f"{readable(path)}{why}")
    return tuple(found), tuple(lost[:LISTED])


def _of_file(path: str, content: bytes | None, seen: ShellDiff, manager: ManagerName) -> tuple[ConfigChange, ...] | str:
    """Return a file's settings, or why they can't be promoted."""
    place = place_of(data_of(manager).settings, path)
    if place is None or content is None:
        return "not a known settings file" if place is None else "too large"
    if has_password(content):
        return "it may hold a password"
    if path in seen.new:
        return (ConfigChange(kind=place.kind, path=path, content=content),)
    before = seen.before.get(path)
    if before is None:
        return CHANGED
    if form := data_of(manager).drop_ins.get(path):
        return as_drop_ins(form, before, content) or CHANGED
    added = added_lines(before, content) if place.lines else None
    setting = ConfigChange(kind=place.kind, path=path, content=added or b"", added=True)
    return (setting,) if added and setting.text is not None else CHANGED


def _services(paths: Iterable[str], owned: Collection[str]) -> tuple[tuple[str, ...], list[str]]:
    """Return the services that links have started at boot, less those that packages noted as theirs; and the rest.

    The links of System V are made by the packages' own scripts wherever one of them has the service.
    """
    rest, links, noted = [], dict[str, None](), set[str]()
    for path in paths:
        if RECORDS.fullmatch(path):
            noted.add(path.rpartition("/")[2].removesuffix(".dsh-also"))
        elif name := enabling_link(path):
            scripts = {f"/etc/init.d/{name}", f"/etc/init.d/{name}.sh"}
            if not path.startswith("/etc/rc") or scripts.isdisjoint(owned):
                links[name] = None
        else:
            rest.append(path)
    return tuple(name for name in links if name not in noted and SERVICE.fullmatch(name))[:LISTED], rest


LISTED: Final = 30
"""Most files and folders to list."""
TOGETHER: Final = 4
"""Most lines for one folder; beyond that only the folder is listed."""


def summary_lines(paths: Iterable[str]) -> Iterator[str]:
    """Yield the paths as text, bounded; a folder replaces its files if they would take more than a few lines."""
    shown = dict.fromkeys(paths, 1)
    deepest = max((path.count("/") for path in shown), default=0)
    for depth in range(deepest - 1, 1, -1):  # deepest folders first
        inside: dict[str, list[str]] = {}
        for path in shown:
            if path.rstrip("/").count("/") > depth:
                inside.setdefault("/".join(path.split("/", depth + 1)[: depth + 1]), []).append(path)
        for folder, rows in inside.items():
            if len(rows) > TOGETHER:
                shown[f"{folder}/"] = sum(shown.pop(path) for path in rows)
    for place, (path, number) in enumerate(sorted(shown.items())):
        if place == LISTED:
            yield f"and {len(shown) - LISTED} more"
            return
        yield f"{readable(path)} ({number} files)" if path.endswith("/") else readable(path)
