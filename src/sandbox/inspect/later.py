"""What an installation has run later, as its files say: services, timers, sockets, paths, cron jobs and habits. Pure.

Sources: systemd.service(5), systemd.timer(5), systemd.socket(5), systemd.path(5), systemd.exec(5) (Sandboxing),
crontab(5), anacrontab(5), run-parts(8), openrc-run(8), debconf-devel(7).
"""

from __future__ import annotations

import re
from posixpath import basename
from typing import TYPE_CHECKING, Final

from sandbox.container.services import unit_settings
from sandbox.container.snapshot import readable
from sandbox.inspect.boot import TRIGGER, boot_starts, called_unit, unit_text
from sandbox.inspect.findings import ChosenAnswer, Habit, LaterRun
from sandbox.inspect.inetd import inetd_entries
from sandbox.inspect.locations import finding_kind, service_name
from sandbox.inspect.triggers import trigger_runs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sandbox.container.snapshot import Snapshot
    from sandbox.inspect.facts import Start
    from sandbox.inspect.file_changes import FileDiff
    from sandbox.inspect.findings import HabitKind, RunKind

LONGEST: Final = 300
"""Characters of a command."""
WAITS: Final = re.compile(r"/(?:(?:usr/)?lib|etc)/systemd/system/([^/@]+\.(timer|socket|path))")
RUNS_BY: Final[Mapping[str, RunKind]] = {"timer": "timer", "socket": "socket", "path": "path"}
MOMENTS: Final = (
    "OnCalendar OnActiveSec OnBootSec OnStartupSec OnUnitActiveSec OnUnitInactiveSec"
    " ListenStream ListenDatagram ListenSequentialPacket ListenFIFO ListenSpecial ListenNetlink"
    " PathExists PathExistsGlob PathChanged PathModified DirectoryNotEmpty"
).split()
"""What says when a timer, a socket or a path starts its service."""
PROTECTIONS: Final = (
    "ProtectSystem ProtectHome NoNewPrivileges PrivateTmp PrivateDevices PrivateNetwork PrivateUsers PrivateIPC"
    " ProtectHostname ProtectClock ProtectKernelTunables ProtectKernelModules ProtectKernelLogs ProtectControlGroups"
    " ProtectProc ProcSubset RestrictAddressFamilies RestrictFileSystems RestrictNamespaces RestrictRealtime"
    " RestrictSUIDSGID LockPersonality MemoryDenyWriteExecute RemoveIPC PrivateMounts SystemCallFilter"
    " SystemCallArchitectures CapabilityBoundingSet ReadOnlyPaths InaccessiblePaths IPAddressDeny DevicePolicy"
    " RootDirectory RootImage"
).split()
"""The settings by which a unit gives its processes less than a process has otherwise (systemd.exec(5),
systemd.resource-control(5))."""
DYNAMIC: Final = ("ProtectSystem=strict", "ProtectHome=read-only", "NoNewPrivileges", "PrivateTmp")
"""What DynamicUser= turns on (systemd.exec(5))."""
YES: Final = frozenset("yes true on 1 y t".split())
NO: Final = frozenset("no false off 0 n f".split())
TABLES: Final = re.compile(
    r"/etc/cron\.d/[^/.][^/]*|/etc/(?:crontab|anacrontab)|/var/spool/cron/(?:crontabs/)?[^/.][^/]*|/etc/crontabs/[^/]+"
)
"""Tables of cron jobs; those below /var/spool and of busybox are a user's, by whose name they go."""
SCRIPTS: Final = re.compile(r"/etc/cron\.(hourly|daily|weekly|monthly|yearly)/[^/.][^/]*|/etc/periodic/([^/]+)/[^/]+")
_SETS: Final = re.compile(r"[A-Za-z_]\w*[ \t]*=")
_COMMAND: Final = re.compile(r"^[ \t]*(command(?:_args|_user)?)=[\"']?([^\"'\n]*)", re.MULTILINE)
ANSWERS: Final = "/var/cache/debconf/config.dat"

_APPLIES: Final = r"^[ \t]*apply_updates[ \t]*=[ \t]*(?:yes|true|1)"
HABITS: Final[Sequence[tuple[HabitKind, str, str, str]]] = (
    ("upgrades", "unattended-upgrades", "/usr/bin/unattended-upgrade", r"Unattended-Upgrade[ \t]*\"(?!0\")[^\"]+\""),
    ("upgrades", "dnf-automatic", "/usr/bin/dnf-automatic", _APPLIES),
    ("upgrades", "dnf-automatic", "/usr/lib/systemd/system/dnf-automatic-install.timer", ""),
    ("upgrades", "dnf5-automatic", "/usr/lib/systemd/system/dnf5-automatic.timer", _APPLIES),
    ("upgrades", "yum-cron", "/usr/sbin/yum-cron", _APPLIES),
    ("upgrades", "transactional-update", "/usr/lib/systemd/system/transactional-update.timer", ""),
    ("upgrades", "snapd", "/usr/lib/snapd/snapd", ""),
    ("packages", "popularity-contest", "/usr/sbin/popularity-contest", r"^[ \t]*PARTICIPATE=[\"']?yes"),
    ("packages", "pkgstats", "/usr/lib/systemd/system/pkgstats.timer", ""),
    ("crashes", "whoopsie", "/usr/bin/whoopsie", r"^[ \t]*report_crashes[ \t]*=[ \t]*true"),
    ("crashes", "abrt", "/usr/sbin/abrtd", ""),
    ("certificates", "certbot", "/usr/lib/systemd/system/certbot.timer", ""),
)
"""What programs do by themselves, by a file that is there where they are, and what turns it on in one of SETTINGS; a
unit has to be started at boot. Sources: each program's own manual and README.Debian."""
SETTINGS: Final = re.compile(
    r"/etc/(?:apt/apt\.conf\.d/[^/]+|popularity-contest\.conf|dnf/(?:dnf5-plugins/)?automatic\.conf|yum/yum-cron\.conf"
    r"|default/whoopsie|whoopsie)"
)


def later_runs(difference: FileDiff, before: Mapping[str, bytes], after: Snapshot) -> Iterator[LaterRun]:
    """Yield what will run: at boot, when something calls for it, by cron; each once. `before`: contents of before."""
    came = (*difference.added, *difference.changed)
    starts = boot_starts(difference, after)
    yield from _services(came, after, starts)
    for path in came:
        waits = WAITS.fullmatch(path)
        if waits and waits[1] in starts and starts[waits[1]].is_at_boot and after.entries[path].kind != "l":
            yield _waiting_run(waits[1], waits[2], after)
        elif after.entries[path].kind in "fh":
            yield from _cron_jobs(path, after)
    yield from trigger_runs(difference, before, after)
    for entry in inetd_entries(difference, before, after, starts):
        once = "" if entry.inetd else ", once an inetd runs"
        yield LaterRun(
            kind="inetd",
            name=entry.path,
            when=f"when somebody connects to port {entry.port}{once}",
            runs=_short(entry.runs),
            user=entry.user,
            service=entry.inetd,
        )


def _services(came: Iterable[str], after: Snapshot, starts: Mapping[str, Start]) -> Iterator[LaterRun]:
    """Yield the services that a boot starts; of a unit and an init script of one name it is the unit.

    A name that is an alias of a unit, or masked, is a unit's too: systemd looks at no script of it.
    """
    rows = [(path, service_name(path)) for path in came if finding_kind(path) == "services"]
    units = {name.removesuffix(".service") for _, name in rows if name.endswith(".service")}
    rows = [(path, name) for path, name in rows if after.entries[path].kind in "fh"]
    for name, path in {name: path for path, name in rows}.items():
        if name.endswith(".service"):
            for unit in sorted(unit for unit in starts if _is_begun(starts[unit]) and _is_instance(unit, name)):
                when = "at boot" if starts[unit].is_at_boot else f"with {starts[unit].name}"
                yield _unit_run("service", unit, when, unit, after)
        elif name not in units and name in starts and starts[name].is_at_boot:
            yield _script_run(path, name, after)


def _is_begun(start: Start) -> bool:
    """Return whether a boot, or what it may reach, starts it."""
    return start.is_at_boot or start.is_with_another


def _is_instance(unit: str, name: str) -> bool:
    """Return whether a unit is this one, or of this template."""
    head, at, _ = name.partition("@.")
    return unit.startswith(f"{head}@") and unit.endswith(".service") and unit != name if at else unit == name


def _waiting_run(name: str, kind: str, after: Snapshot) -> LaterRun:
    text, section = unit_text(name, after), f"[{kind.capitalize()}]"
    found = unit_settings(text, section)
    when = (f"{value if key == 'OnCalendar' else f'{key}={value}'}" for key in MOMENTS for value in found.get(key, ()))
    match = TRIGGER.fullmatch(name)
    unit = called_unit(name, match, after) if match else name
    return _unit_run(RUNS_BY[kind], name, ", ".join(when), unit, after)


def _unit_run(kind: RunKind, name: str, when: str, unit: str, after: Snapshot) -> LaterRun:
    found = unit_settings(unit_text(unit, after))
    return LaterRun(
        kind=kind,
        name=readable(name),
        when=_short(when),
        runs=_short("; ".join(found.get("ExecStart", ()))),
        user=readable(_user(found)),
        service=readable(unit.removesuffix(".service")),
        protections=protections(found),
    )


def _user(found: Mapping[str, Sequence[str]]) -> str:
    """Return whom a unit's processes begin as; one of its own, made for each start, has no name."""
    named = (found.get("User") or [""])[-1]
    return named or ("a user created for it" if _is_on(found, "DynamicUser") else "root")


def _is_on(found: Mapping[str, Sequence[str]], key: str) -> bool:
    return (found.get(key) or ["no"])[-1].lower() in YES


def protections(found: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return which of PROTECTIONS a unit has, as `NoNewPrivileges` or `ProtectSystem=full`."""
    rows = {row.partition("=")[0]: row for row in (DYNAMIC if _is_on(found, "DynamicUser") else ())}
    for key in PROTECTIONS:
        value = (found.get(key) or [""])[-1]
        if value and value.lower() not in NO:
            is_word = (
                key in ("ProtectSystem", "ProtectHome", "ProtectProc", "DevicePolicy") and value.lower() not in YES
            )
            rows[key] = f"{key}={readable(value)}" if is_word else key
    return tuple(rows.values())


def _script_run(path: str, name: str, after: Snapshot) -> LaterRun:
    """Return what an init script starts: OpenRC's say which command, and as whom; others are run themselves."""
    said = dict(_COMMAND.findall(after.contents.get(path, b"").decode(errors="replace")))
    command = f"{said.get('command', '')} {said.get('command_args', '')}".strip() or _start_of(path)
    user = said.get("command_user", "").partition(":")[0] or "root"
    shown = readable(name)
    return LaterRun(
        kind="service", name=shown, when="at boot", runs=_short(command), user=readable(user), service=shown
    )


def _start_of(path: str) -> str:
    """Return what starts a service by its script: runit runs it, all others call it."""
    return path if path.startswith("/etc/sv/") else f"{path} start"


def _cron_jobs(path: str, after: Snapshot) -> Iterator[LaterRun]:
    if script := SCRIPTS.fullmatch(path):
        if after.entries[path].is_program:
            yield _job(path, script[1] or script[2], path, "root")
        return
    if not TABLES.fullmatch(path):
        return
    owner = basename(path) if path.startswith(("/var/spool/", "/etc/crontabs/")) else ""
    for line in after.contents.get(path, b"").decode(errors="replace").splitlines():
        text = line.strip()
        if text and not text.startswith("#") and not _SETS.match(text):
            if basename(path) == "anacrontab":
                period, _, _, command = (*text.split(None, 3), "", "", "")[:4]
                yield _job(path, period if period.startswith("@") else f"every {period} days", command, "root")
            else:
                yield _table_job(path, text, owner)


def _table_job(path: str, text: str, owner: str) -> LaterRun:
    """Return the job of a line of a table, whose last word before the command is a user, but for a user's own."""
    moments = 1 if text.startswith("@") else 5
    words = text.split(None, moments if owner else moments + 1)
    when, rest = " ".join(words[:moments]), words[moments:]
    user, command = (owner, rest[:1]) if owner else (rest[0] if rest else "", rest[1:])
    return _job(path, when, " ".join(command), user)


def _job(path: str, when: str, command: str, user: str) -> LaterRun:
    return LaterRun(kind="cron", name=readable(path), when=_short(when), runs=_short(command), user=readable(user))


def _short(text: str) -> str:
    shown = readable(" ".join(text.split()))
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 1]}…"


def chosen_answers(before: Snapshot, after: Snapshot) -> Iterator[ChosenAnswer]:
    """Yield the questions of debconf that got an answer which nobody gave; never those for passwords.

    Passwords are in a file of their own, which is not read.
    """
    known = _answers(before)
    for question, answer in _answers(after).items():
        if answer and known.get(question, "") != answer:
            yield ChosenAnswer(question=readable(question), answer=_short(answer))


def _answers(snapshot: Snapshot) -> dict[str, str]:
    found = dict[str, str]()
    for part in snapshot.contents.get(ANSWERS, b"").decode(errors="replace").split("\n\n"):
        rows = dict(row.split(": ", 1) for row in part.splitlines() if ": " in row)
        if "Name" in rows and "Value" in rows:
            found[rows["Name"]] = rows["Value"]
    return found


def habits(difference: FileDiff, after: Snapshot) -> Iterator[Habit]:
    """Yield what programs that came do by themselves, and whether that is turned on; each once."""
    came = {*difference.added, *difference.changed}
    starts = boot_starts(difference, after) if any(path in came for _, _, path, _ in HABITS) else {}
    seen = set[str]()
    for kind, name, path, turns_on in HABITS:
        if path in came and name not in seen:
            unit = basename(path)
            is_started = not TRIGGER.fullmatch(unit) or (unit in starts and starts[unit].is_at_boot)
            place = _place_that_says(turns_on, after) if turns_on else path
            if not TRIGGER.fullmatch(unit) or is_started:
                seen.add(name)
                yield Habit(kind=kind, name=name, is_on=is_started and bool(place), by=readable(place))


def _place_that_says(pattern: str, after: Snapshot) -> str:
    """Return the file of settings in which a line has the pattern, in the order that they are read; the last counts."""
    found = re.compile(pattern, re.MULTILINE)
    rows = (path for path in sorted(after.contents) if SETTINGS.fullmatch(path))
    return next((path for path in reversed([*rows]) if found.search(_without_comments(after.contents[path]))), "")


def _without_comments(content: bytes) -> str:
    text = content.decode(errors="replace")
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith(("#", "//")))
