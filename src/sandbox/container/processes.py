"""The processes and open ports in a sandbox, from proc(5), read with sh and cat only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field
from msgspec.structs import replace

from sandbox.container.box import ROOT
from sandbox.container.sockets import CHOSEN, ListeningPort, compare_starts, listening_ports, port_range
from sandbox.core.programs import program
from sandbox.engine.protocol import ExecSpec
from sandbox.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.container.ahead import CommandAhead
    from sandbox.container.box import Box
    from sandbox.engine.protocol import Argv

LAST: Final = b"\0Ndev\n"
"""First line of the last part of the output."""
HEADER: Final = b"local_address"
"""First line of a table of sockets (proc(5))."""
BUSY: Final = re.compile(r"^Busy:", re.MULTILINE)
"""The program's word on a process of which a thread runs, waits for a processor, or waits for a disk (proc(5))."""
TIMES: Final = slice(11, 15)
"""The fields `utime`, `stime`, `cutime` and `cstime` of proc(5) behind a process's name, in ticks."""
TICKS: Final = 100
"""Ticks of a second, as the kernel shows them to programs (USER_HZ)."""
LARGEST: Final = 16_000_000
LIMIT: Final = 60.0
"""Seconds that the program may take."""
HELD: Final = "sleep 86400"
HOLDING: Final = ("sh -c ", HELD, "su -s /bin/sh ")
"""First words of processes that only keep a service alive or change its user."""


class Process(Struct, frozen=True, kw_only=True):
    """A process; `words` are its command line, or its name if it has none. `uid` is 0 where it can be root again."""

    pid: int
    parent: int
    uid: int
    words: str


class Running(Struct, frozen=True, kw_only=True):
    """The processes, the ports, and the bytes that the sandbox has received over its network.

    `engine_files`: paths and texts of what the engine puts into every container, which no export shows.

    `chosen`: the first and the last port that the kernel gives to who asks for none. `busy`: the processes that ran or
    waited for a processor or a disk, not for an event, when they were looked at. `work`: seconds of a processor that
    each process has had, with its children that have ended.
    """

    processes: tuple[Process, ...] = ()
    ports: frozenset[ListeningPort] = frozenset()
    received: int = 0
    engine_files: tuple[tuple[str, str], ...] = ()
    chosen: tuple[int, int] = CHOSEN
    busy: frozenset[int] = frozenset()
    work: Mapping[int, float] = field(default_factory=dict)

    def may_choose(self, port: ListeningPort) -> bool:
        """Return whether the kernel may have chosen a port's number."""
        return self.chosen[0] <= port.number <= self.chosen[1]

    @property
    def own(self) -> tuple[Process, ...]:
        """The descendants of PID 1. A command that was started by exec has no parent inside."""
        parents = {process.pid: process.parent for process in self.processes}
        return tuple(process for process in self.processes if _root(process.pid, parents) == 1)

    @property
    def sent(self) -> tuple[Process, ...]:
        """The other processes: commands started by exec, and their children."""
        parents = {process.pid: process.parent for process in self.processes}
        return tuple(process for process in self.processes if _root(process.pid, parents) != 1)


def ran_as(now: Running, before: Running) -> frozenset[int]:
    """Return the numbers of the users whose processes run now and did not before, without what only holds a place."""
    return frozenset(process.uid for process in new(now, before) if not process.words.startswith(HOLDING))


def is_over(now: Running, before: Running) -> bool:
    """Return whether no new process runs, except those that only keep a service alive."""
    rest = new(now, before)
    holds = any(process.words == HELD for process in rest)
    return not rest or (holds and all(process.words.startswith(HOLDING) for process in rest))


def is_busy(now: Running, before: Running) -> bool:
    """Return whether a new process is still at work: what it has not done yet, it may do."""
    return any(process.pid in now.busy for process in new(now, before))


def has_begun(now: Running, before: Running) -> bool:
    """Return whether the process that puts a service into the background has done so."""
    return any(process.words == HELD for process in new(now, before))


def without_starters(now: Running, before: Running) -> Running:
    """Return the state without root's new processes, which may still be starting the service."""
    starters = {process.pid for process in new(now, before) if process.uid == 0}
    return replace(now, processes=tuple(process for process in now.processes if process.pid not in starters))


def new(now: Running, before: Running) -> tuple[Process, ...]:
    """Return the processes that started since `before`."""
    known = {process.pid for process in before.processes}
    return tuple(process for process in now.processes if process.pid not in known)


def ports_by_choice(now: Running, again: Running, before: Running) -> frozenset[ListeningPort]:
    """Return the ports of `now`, those of a start with whose choice their numbers are by another start, `again`.

    A number outside of the kernel's range is nobody's choice but the service's, whatever the other start had open.
    """
    some, others = (frozenset(filter(state.may_choose, state.ports - before.ports)) for state in (now, again))
    return now.ports - some | compare_starts(some, others)


def _root(pid: int, parents: dict[int, int]) -> int:
    for _ in range(len(parents)):
        if parents.get(pid, 0) == 0:
            break
        pid = parents[pid]
    return pid


def processes_argv() -> Argv:
    """Return the command that prints what `running_of` reads."""
    return ("/bin/sh", "-c", program(__package__, "processes.sh"))


def processes_spec() -> ExecSpec:
    """Return that command, for one that is opened ahead."""
    return ExecSpec(argv=processes_argv(), env={}, user=ROOT)


def running_processes(box: Box, ahead: CommandAhead | None = None) -> Running:
    """Return what runs now; `ahead` may have its command, opened before its turn.

    Raises EngineError if the container can't show it, SandboxDied if it does not run.
    """
    waiting = ahead.take(processes_spec()) if ahead else None
    return running_of(*box.read(processes_argv(), limit=LARGEST, seconds=LIMIT, ahead=waiting))


def running_of(status: int, output: bytes) -> Running:
    """Return what runs by the command's exit status and output. Raises EngineError for one that can't show it."""
    found = parse(output) if not status and LAST in output else Running()
    # PID 1 and the headers of socket tables always exist: their absence means that cat itself is gone
    if HEADER not in output or all(process.pid != 1 for process in found.processes):
        message = "/bin/sh in the sandbox can't list its processes"
        raise EngineError(message, details=[("exit status", str(status))])
    return found


def parse(output: bytes) -> Running:
    """Parse the output of program(__package__, "processes.sh")."""
    processes: list[Process] = []
    busy: set[int] = set()
    work: dict[int, float] = {}
    ports: set[ListeningPort] = set()
    received, status, chosen = 0, "", CHOSEN
    files: dict[str, str] = {}
    for part in output.decode("utf-8", "surrogateescape").split("\0")[1:]:
        mark, text = part[:1], part[1:]
        if mark == "P":
            status = text
        elif mark == "C":
            if found := _process(status, text):
                processes.append(found)
                busy |= {found.pid} if BUSY.search(status) else set()
                work[found.pid] = _work(status)
        elif mark == "E":
            path, _, files[path] = text.partition("\n")
        elif mark == "N" and text.startswith("dev\n"):
            received = _bytes_in(text)
        elif mark == "N" and text.startswith("range\n"):
            chosen = port_range(text.partition("\n")[2])
        elif mark == "N":
            name, _, table = text.partition("\n")
            ports.update(listening_ports(table, name.removesuffix("6")))
    return Running(
        processes=tuple(processes),
        ports=frozenset(ports),
        received=received,
        chosen=chosen,
        busy=frozenset(busy),
        work=work,
        engine_files=tuple(files.items()),
    )


def _work(status: str) -> float:
    """Return the seconds of a processor that a process has had, with its children that have ended."""
    times = status.rpartition("\nStat:")[2].split()[TIMES]
    return sum(int(ticks) for ticks in times if ticks.isdecimal()) / TICKS


def _bytes_in(text: str) -> int:
    """Return the bytes received by all interfaces except the loopback."""
    rows = re.findall(r"^\s*(\S+):\s*(\d+)\s", text, re.MULTILINE)
    return sum(int(count) for name, count in rows if name != "lo")


def _process(status: str, words: str) -> Process | None:
    """Return the process, or None if it has ended or is our own."""
    fields = {key: value.strip() for key, _, value in (line.partition(":") for line in status.split("\n"))}
    numbers = [fields.get(key, "").split()[:1] for key in ("Pid", "PPid", "Uid")]
    if not all(number and number[0].isdecimal() for number in numbers) or fields.get("State", "").startswith(
        ("Z", "X")
    ):
        return None
    pid, parent, uid = (int(number[0]) for number in numbers)
    # of its real, effective and saved user a process may take any (setresuid(2))
    uid = 0 if "0" in fields["Uid"].split()[:3] else uid
    return Process(pid=pid, parent=parent, uid=uid, words=" ".join(words.split()) or f"[{fields.get('Name', '?')}]")
