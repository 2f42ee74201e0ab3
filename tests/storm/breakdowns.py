"""Engines that break under a session, and disks and memories that end: on private engines, never the shared one."""

from __future__ import annotations

import contextlib
import json
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tests.integration.running import wait_for_text
from tests.storm.engines import missing, private_engine
from tests.storm.stage import Row, Stage, until

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from tests.integration.running import Program
    from tests.storm.engines import PrivateEngine

BOUND: Final = 60.0
"""Seconds in which a session has to end whose engine does not answer: 45 for cleaning up, and its own ones."""
WORDS: Final = ("try", "--distro", "debian", "-q", "--", "sh", "-c", "echo here; read x; exit 3")
BARE: Final = ("try", "--distro", "debian")
FILL: Final = "dd if=/dev/zero bs=20M count=1 2>/dev/null"
"""With a tenth of a second between: the pace of a disk, and not of the memory that this one is made of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """How a session ended: its status, what it said, and the seconds that took."""

    status: int
    text: str
    took: float

    def wrong(self, storm: str, *, statuses: tuple[int, ...], words: str) -> list[str]:
        """Return what is not as it should be."""
        wrong = [f"{storm}: status {self.status}: {self.text[-400:]}"] if self.status not in statuses else []
        wrong += [f"{storm}: did not say {words!r}: {self.text[-400:]}"] if words not in self.text else []
        wrong += [f"{storm}: {self.text[-800:]}"] if "Traceback" in self.text else []
        return wrong + ([f"{storm}: it took {self.took:.0f} s"] if self.took > BOUND else [])


def breakdowns(stage: Stage, kind: str, chosen: Collection[str] = ()) -> tuple[Row, ...]:
    """Run the breakdowns (all, or those chosen) on an engine of its own; a row each, or why there is none."""
    if reason := missing(kind):
        return (Row(storm=f"{kind}: breakdowns", count=0, reached=f"not run: {reason}"),)
    rows = []
    with private_engine(stage, kind) as (engine, own):
        for storm in chosen or BREAKDOWNS:
            run = BREAKDOWNS[storm]
            start = time.monotonic()
            failures, took = run(engine, own)
            failures += _left(own, f"{kind}: {storm}")
            rows.append(
                Row(
                    storm=f"{kind}: {storm}",
                    count=1,
                    reached=REACHED[storm],
                    timed="until it was said",
                    worst=took or time.monotonic() - start,
                    failures=tuple(failures),
                )
            )
    return tuple(rows)


def _left(own: Stage, storm: str) -> list[str]:
    """Sweep; return what the engine has of any container after that.

    An engine that was killed goes on with its removals when it is back, and may give one up ("Dead"): a later sweep
    takes that, the second in most runs; on a busy machine two were not enough (1 of some 20 runs).
    """
    wrong: list[str] = []
    for _ in range(4):
        done = own.program("sweep").run("clean")
        wrong = [f"{storm}: clean: {done.stderr.decode()[-400:]}"] if done.returncode else []
        if until(lambda: not own.client.api.containers(all=True), 10):
            break
    return wrong + [f"{storm}: left {row['Names']} {row['Status']}" for row in own.client.api.containers(all=True)]


def _open(own: Stage) -> subprocess.Popen[bytes]:
    process = own.program("broken").start(*WORDS)
    wait_for_text(process, b"here\n")
    return process


def _end(process: subprocess.Popen[bytes], text: bytes | None = b"go\n") -> Said:
    start = time.monotonic()
    try:
        out, err = process.communicate(text, timeout=2 * BOUND)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
    return Said(status=process.returncode, text=(out + err).decode(errors="replace"), took=time.monotonic() - start)


def _restarted(engine: PrivateEngine, own: Stage) -> tuple[list[str], float]:
    process = _open(own)
    engine.end()
    said = _end(process, None)
    engine.start()
    return said.wrong("restarted", statuses=(125,), words="error:"), said.took


def _killed(engine: PrivateEngine, own: Stage) -> tuple[list[str], float]:
    process = _open(own)
    engine.end(signal.SIGKILL)
    said = _end(process, None)
    engine.start()
    return said.wrong("killed", statuses=(125,), words="lost the connection to the engine"), said.took


def _hangs_inside(engine: PrivateEngine, own: Stage) -> tuple[list[str], float]:
    process = _open(own)
    engine.send(signal.SIGSTOP)
    process.send_signal(signal.SIGTERM)
    said = _end(process, None)
    engine.send(signal.SIGCONT)
    return said.wrong("hanging inside", statuses=(143,), words="takes longer than"), said.took


def _hangs_before(engine: PrivateEngine, own: Stage) -> tuple[list[str], float]:
    engine.send(signal.SIGSTOP)
    said = _end(own.program("broken").start(*WORDS), None)
    engine.send(signal.SIGCONT)
    return said.wrong("hanging before", statuses=(125,), words="no container engine answers"), said.took


def _no_socket(engine: PrivateEngine, own: Stage) -> tuple[list[str], float]:
    process = _open(own)
    path = engine.folder / "engine.sock"
    path.rename(path.with_suffix(".away"))
    said = _end(process)
    path.with_suffix(".away").rename(path)
    return said.wrong("no socket", statuses=(125,), words="lost the connection to the engine"), said.took


def _inside(own: Stage, script: str, *words: str) -> Said:
    return _end(own.program("full").start(*BARE, *words, "--", "sh", "-c", script), None)


def _disk_full(engine: PrivateEngine, own: Stage) -> tuple[list[str], float]:
    said = _inside(own, f"while {FILL}; do sleep 0.1; done >/fill; sleep 60")
    wrong = said.wrong("disk full", statuses=(125,), words="the disk is almost full")
    until(lambda: shutil.disk_usage(engine.folder).free > 400_000_000, 10)
    free = shutil.disk_usage(engine.folder).free
    return wrong + ([f"{free} bytes are free afterwards"] if free < 400_000_000 else []), said.took


def _state_full(engine: PrivateEngine, own: Stage) -> tuple[list[str], float]:
    """Have the state folder on a disk without room."""
    folder = own.folder / "state-full"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "storm", str(folder)], check=True)
    try:
        with (folder / "ballast").open("wb") as file, contextlib.suppress(OSError):
            file.write(bytes(1 << 20))
        process = own.program("state").start(*BARE, "--setup", "true", "--", "true", XDG_STATE_HOME=str(folder))
        said = _end(process, None)
    finally:
        subprocess.run(["umount", str(folder)], check=False)
    assert engine.process is not None
    return said.wrong("state full", statuses=(0,), words="warning:"), said.took


def _memory_out(_engine: PrivateEngine, own: Stage) -> tuple[list[str], float]:
    said = _inside(own, "exec dd if=/dev/zero of=/dev/null bs=400M count=1", "--memory", "64M")
    return said.wrong("out of memory", statuses=(137, 125), words="memory"), said.took


def _fork_bomb(_engine: PrivateEngine, own: Stage) -> tuple[list[str], float]:
    script = "bomb() { bomb | bomb & }; bomb 2>/dev/null; sleep 3; exit 9"
    start = time.monotonic()
    process = own.program("full").start(*BARE, "--pids", "128", "--", "sh", "-c", script)
    slow = 0.0
    while process.poll() is None and time.monotonic() - start < BOUND:
        before = time.monotonic()
        subprocess.run(["true"], check=True)  # the host can still start what it wants
        slow = max(slow, time.monotonic() - before)
        time.sleep(0.1)
    said = _end(process, None)
    wrong = said.wrong("fork bomb", statuses=(9, 2, 125, 128, 137, 254), words="")
    wrong += [f"the host took {slow:.1f} s to start a program"] if slow > 5 else []
    return wrong, time.monotonic() - start


def _stays(engine: PrivateEngine, own: Stage) -> tuple[list[str], float]:
    """Restart the engine, then kill it, under a sandbox that is kept and one that runs on; use both again."""
    start, wrong = time.monotonic(), list[str]()
    program = own.program("stays")
    kept, runs = ("storm-stays", "storm-runs")
    wrong += _done(program, *BARE, "-q", "--keep", "--name", kept, "--", "sh", "-c", "echo mine >/root/file")
    wrong += _done(program, *BARE, "-q", "--detach", "--name", runs, "--", "sh", "-c", "echo begun; exec sleep 600")
    for number in (signal.SIGTERM, signal.SIGKILL):
        engine.end(number)
        engine.start()
        wrong += [f"clean took one: {text}" for text in (kept, runs) if text in program.run("clean").stdout.decode()]
        rows = json.loads(program.run("list", "-a", "--json").stdout)
        states = {row["name"]: row["state"] for row in rows}
        # an engine that ends well ends what runs in it; Podman's containers need none to run on
        wrong += [f"{number.name}: {states}"] if states.get(kept) != "kept" or runs not in states else []
        if number == signal.SIGTERM and engine.daemon.name == "docker" and states.get(runs) != "stopped":
            wrong.append(f"a sandbox runs on without its engine: {states}")
        for name, file in ((kept, "/root/file"), (runs, "/.sandbox-start")):
            wrong += _done(program, "enter", name, "--", "test", "-s", file)
        wrong += [] if b"begun" in program.run("logs", runs).stdout else ["its output is lost"]
    return wrong + _done(program, "rm", kept, runs), time.monotonic() - start


def _done(program: Program, *words: str) -> list[str]:
    done = program.run(*words)
    return [f"{words}: {done.returncode}: {done.stderr.decode()[-400:]}"] if done.returncode else []


BREAKDOWNS: Final[dict[str, Callable[[PrivateEngine, Stage], tuple[list[str], float]]]] = {
    "engine restarted under a session": _restarted,
    "engine killed under a session": _killed,
    "engine restarted and killed under sandboxes that stay": _stays,
    "engine hangs under a session": _hangs_inside,
    "engine hangs before": _hangs_before,
    "socket removed under a session": _no_socket,
    "disk full in the sandbox": _disk_full,
    "disk full on the host's state folder": _state_full,
    "out of memory in the sandbox": _memory_out,
    "fork bomb in the shell": _fork_bomb,
}
REACHED: Final = {
    "engine restarted under a session": "said; swept later",
    "engine killed under a session": "said; swept later",
    "engine restarted and killed under sandboxes that stay": "listed, entered again with all that was in them",
    "engine hangs under a session": "ends all the same, with what to type; swept later",
    "engine hangs before": "said, passed over",
    "socket removed under a session": "said; the sandbox ends",
    "disk full in the sandbox": "ended while there is room, said; the room is back",
    "disk full on the host's state folder": "a warning; the trial goes on",
    "out of memory in the sandbox": "said to be our limit",
    "fork bomb in the shell": "bounded; the host starts programs meanwhile; removed",
}
