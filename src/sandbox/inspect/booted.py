"""What a boot of systemd does with the units that came: they are begun once more, and systemd is asked."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Final, Literal, cast

from msgspec import Struct, field
from msgspec.structs import replace

from sandbox.container.processes import Running, ports_by_choice, running_processes
from sandbox.container.snapshot import readable
from sandbox.core.programs import sh_argv
from sandbox.core.tasks import wait_until
from sandbox.inspect.findings import BootedUnit, ServiceStart

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sandbox.container.box import Box

LARGEST: Final = 16_000_000
LIMIT: Final = 60.0
"""Seconds that systemd may take to list its units."""
AGAIN_LIMIT: Final = 200.0
"""Seconds that the second boot may take: each of its three parts has 60."""
SETTLED: Final = 0.8
"""Seconds without a new port after which no more are expected; START_LIMIT: those after which nobody waits any more."""
START_LIMIT: Final = 5.0
BOOKS: Final = (
    "/tmp/systemd-private-*",  # noqa: S108 - of a sandbox
    "/var/tmp/systemd-private-*",  # noqa: S108
    "/var/log/journal",
    "/var/log/wtmp",
    "/var/lib/systemd/random-seed",
)
"""What systemd itself writes in each boot, as it would without the package."""
OURS: Final = "sandbox-lifeline.service"
KINDS: Final = ("service", "timer", "socket", "path")
UNMET: Final = "unmet"
"""Our name for the conditions that kept a unit from its start, as `ConditionCapability=CAP_SYS_TIME`."""
_CALENDAR: Final = re.compile(r"\{ (\w+=[^;]*?) ; next_elapse=")
_LISTEN: Final = re.compile(r"(.+) \((\w+)\)")
_CGROUP: Final = re.compile(r"/proc/(\d+)/cgroup:(\d+:name=systemd|0:):(\S*)")

UnitState = Literal["runs", "ended", "failed", "skipped", "waits"]


class Units(Struct, frozen=True, kw_only=True):
    """What systemd knows at one moment: its units' properties by name, and the unit of each process."""

    rows: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    processes: Mapping[int, str] = field(default_factory=dict)

    @property
    def last(self) -> int:
        """When something was begun last, in microseconds of systemd's clock."""
        return max((_began(row) for row in self.rows.values()), default=0)

    @property
    def loaded(self) -> frozenset[str]:
        """The units that there are."""
        return frozenset(name for name, row in self.rows.items() if _one(row, "LoadState") == "loaded")


class Booted(Struct, frozen=True, kw_only=True):
    """What a boot did: with which units that came, how the services among them ran, with whose processes, and what is.

    `starts` has the users of each service's processes by number. `running` is without what the base itself began anew.
    """

    units: tuple[BootedUnit, ...]
    starts: tuple[tuple[ServiceStart, frozenset[int]], ...]
    running: Running


def units_of(box: Box) -> Units:
    """Return what systemd knows now. Raises EngineError or TooLong where it can't be asked."""
    _, output = box.read(sh_argv(__package__, "show_units.sh"), limit=LARGEST, seconds=LIMIT)
    return parse_units(output.decode("utf-8", "surrogateescape"))


def boot_again(box: Box, known: Units, *, before: Running, installed: Running) -> Booted:
    """Begin once more what a boot begins, and return what it did.

    `known` are the units, and `before` what ran, in the base; `installed` is what ran after the install. Ports of the
    kernel's choice differ between that and the boot. Raises EngineError or TooLong.
    """
    moment = units_of(box).last
    box.exec(sh_argv(__package__, "boot_again.sh"), seconds=AGAIN_LIMIT)
    now = _settle(box, before)
    units = units_of(box)
    ports = ports_by_choice(now, installed, before)
    return boot_outcome(units, known, moment, replace(now, ports=ports), before)


def without_base(box: Box, known: Units, now: Running, before: Running) -> Running:
    """Return what runs `now`, with the base's own processes as they were `before` they were begun anew.

    Raises EngineError or TooLong.
    """
    return _without_base(units_of(box), known, now, before)


def _settle(box: Box, before: Running) -> Running:
    """Return what runs once no new port comes any more; the first may take its time (seen with lighttpd)."""
    began = changed = time.monotonic()
    seen = [running_processes(box)]

    def is_settled() -> bool:
        nonlocal changed
        seen.append(running_processes(box))
        moment = time.monotonic()
        changed = moment if seen[-1].ports != seen[-2].ports else changed
        is_open = seen[-1].ports != before.ports
        return (is_open and moment - changed > SETTLED) or moment - began > START_LIMIT

    wait_until(is_settled, START_LIMIT, step=0.2)
    return seen[-1]


def boot_outcome(units: Units, known: Units, moment: int, now: Running, before: Running) -> Booted:
    """Return what a boot that began behind a `moment` did with the units that were not known before it. Pure."""
    new = units.loaded - known.loaded - {OURS}
    found = tuple(unit for name in sorted(new) if (unit := _unit(name, units.rows[name], moment)) is not None)
    uids = {process.pid: process.uid for process in now.processes}
    starts = tuple(
        (
            ServiceStart(name=unit.name.removesuffix(".service"), path=unit.path, runs=unit.state == "runs"),
            frozenset(uids[pid] for pid, name in units.processes.items() if name == unit.name and pid in uids),
        )
        for unit in found
        if unit.kind == "service" and unit.state in ("runs", "ended", "failed")
    )
    return Booted(units=found, starts=starts, running=_without_base(units, known, now, before))


def _without_base(units: Units, known: Units, now: Running, before: Running) -> Running:
    """Return what runs, with the base's own processes as they were before they were begun anew."""
    base = {pid for pid, name in units.processes.items() if not name or name in known.loaded or name == OURS}
    own = (process for process in now.processes if process.pid not in base and process.pid != 1)
    old = {process.pid: process for process in before.processes}
    return replace(now, processes=tuple({**old, **{process.pid: process for process in own}}.values()))


def _unit(name: str, row: Mapping[str, tuple[str, ...]], moment: int) -> BootedUnit | None:
    """Return what a boot did with a unit, None where it did nothing with it."""
    kind = name.rpartition(".")[2]
    state = _service_state(row, moment) if kind == "service" else _waiting_state(row)
    if state is None or kind not in KINDS:
        return None
    listens = (_LISTEN.fullmatch(text) for text in row.get("Listen", ()))
    calendar = (_CALENDAR.search(text) for key in ("TimersCalendar", "TimersMonotonic") for text in row.get(key, ()))
    when = [found[1] for found in calendar if found] + [f"{found[1]} ({found[2]})" for found in listens if found]
    when += row.get(UNMET, ()) if state == "skipped" else ()
    return BootedUnit(
        name=readable(name),
        kind=cast("Literal['service', 'timer', 'socket', 'path']", kind),
        state=state,
        path=readable(_one(row, "FragmentPath")),
        starts=tuple(readable(one) for text in row.get("Triggers", ()) for one in text.split()),
        when=tuple(map(readable, when)),
    )


def _service_state(row: Mapping[str, tuple[str, ...]], moment: int) -> UnitState | None:
    active, sub = _one(row, "ActiveState"), _one(row, "SubState")
    if active == "failed" or sub == "auto-restart":
        return "failed"
    if active in ("active", "activating", "reloading") and sub != "exited":
        return "runs"
    if _one(row, "ConditionResult") == "no" and _time(row, "ConditionTimestampMonotonic") > moment:
        return "skipped"
    return "ended" if _began(row) > moment else None


def _waiting_state(row: Mapping[str, tuple[str, ...]]) -> UnitState | None:
    active = _one(row, "ActiveState")
    return "failed" if active == "failed" else "waits" if active == "active" else None


def _one(row: Mapping[str, tuple[str, ...]], key: str) -> str:
    return row.get(key, ("",))[-1]


def _time(row: Mapping[str, tuple[str, ...]], key: str) -> int:
    text = _one(row, key)
    return int(text) if text.isdecimal() else 0


def _began(row: Mapping[str, tuple[str, ...]]) -> int:
    return _time(row, "InactiveExitTimestampMonotonic")


def parse_units(text: str) -> Units:
    """Return what show_units.sh printed."""
    shown, conditions, cgroups = (*text.split("\0"), "", "")[:3]
    rows = {_one(row, "Id"): row for row in _blocks(shown.splitlines())}
    for line in conditions.splitlines():
        name, _, unmet = line.partition("\t")
        if name in rows:
            rows[name][UNMET] = (*rows[name].get(UNMET, ()), unmet)
    return Units(rows=rows, processes=dict(_process_units(cgroups.splitlines())))


def _blocks(lines: Iterable[str]) -> Iterator[dict[str, tuple[str, ...]]]:
    row: dict[str, tuple[str, ...]] = {}
    for line in (*lines, ""):
        key, _, value = line.partition("=")
        if line:
            row[key] = (*row.get(key, ()), value)
        elif row:
            yield row
            row = {}


def _process_units(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Yield the unit of each process, empty for one of none; systemd's own tree of cgroup v1 says it where it is."""
    found = [match for line in lines if (match := _CGROUP.fullmatch(line))]
    for match in sorted(found, key=lambda match: match[2] != "0:"):
        names = [part for part in match[3].split("/") if part.endswith((".service", ".scope"))]
        yield int(match[1]), next((name for name in names if name != "init.scope"), "")
