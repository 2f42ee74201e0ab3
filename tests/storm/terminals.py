"""Every way to start the program times every verb that has to do with a terminal, each ended by SIGTERM."""

from __future__ import annotations

import os
import re
import signal
import termios
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tests.storm.signals import OURS, TALE
from tests.storm.stage import LAB, PACKAGES, Row, Stage, until
from tests.storm.starts import TOKEN, WAYS, Start, Way, state

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.integration.running import Program

READY_LIMIT: Final = 60.0
RUNS: Final = 3.0
"""Seconds after which a program whose output goes elsewhere counts as busy with what it was asked for."""
END_LIMIT: Final = 150.0
"""Seconds after which a program that was sent SIGTERM hangs, and what is to follow its end does not: machines are busy.
The table says how long the slowest took."""
BOX: Final = "storm-terminals"
SEEN: Final = ("bash -c", "exec, as pexpect", "typed", "timeout --foreground", "script -c")
"""Ways in which a marker is sure to be seen, if slowly: elsewhere a verb may refuse, or write to a file."""
NEVER: Final = rb"\Z."
PROMPT: Final = rb"root@[a-z-]+:/# "
SLEEP: Final = ("--", "sh", "-c", "echo run''ning; exec sleep 600")
IMAGE: Final = ("--image", LAB)
ALPINE: Final = ("--distro", "alpine")
ROWS: Final = "alpine: {image: sandbox-lab/apk}\n"
"""The user's table of distros in each run: not each verb has an option for one."""
MISUSE: Final = re.compile(rb"^Usage: sandbox |No such option", re.MULTILINE)
"""What stands where the words of a verb are wrong, so that its run tests nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """What is run; `marker` is what it writes when it is where it is to be ended, `types` what leads there."""

    name: str
    words: tuple[str, ...]
    marker: bytes = NEVER
    types: tuple[tuple[bytes, str], ...] = ()
    is_shell: bool = False


SPEC: Final = "packages: [lab-tool]\nchecks:\n  - run: sleep 600\n    timeout: 600\n"
BROKEN: Final = "packages: [lab-tool]\nchecks:\n  - run: 'false'\n"
VERBS: Final = (
    Verb(name="try", words=("try", "--distro", "debian"), marker=PROMPT, is_shell=True),
    Verb(name="try PACKAGE", words=("try", *PACKAGES), marker=PROMPT, is_shell=True),
    Verb(name="try -- CMD", words=("try", "--distro", "debian", *SLEEP), marker=rb"running"),
    Verb(name="try PACKAGE -v -- CMD", words=("try", *PACKAGES, "-v", *SLEEP), marker=rb"running"),
    Verb(
        name="try, its question",
        words=("try", *PACKAGES),
        marker=rb"\[y/N",
        types=((PROMPT, "exit"),),
        is_shell=True,
    ),
    Verb(name="enter", words=("enter", BOX), marker=PROMPT, is_shell=True),
    Verb(name="enter -- CMD", words=("enter", BOX, *SLEEP), marker=rb"running"),
    Verb(name="promote, its question", words=("promote", "storm-pair", "--no-verify"), marker=rb"Drop which"),
    Verb(name="promote, its proof", words=("promote", "storm-pair", "--only", "lab-tool")),
    Verb(name="inspect", words=("inspect", "jq", "--distro", "debian")),
    Verb(name="compare", words=("compare", "jq", "jo", "--distro", "debian")),
    Verb(name="trial", words=("trial", "slow.yaml", *ALPINE)),
    Verb(
        name="trial --shell-on-fail",
        words=("trial", "broken.yaml", "--shell-on-fail", *ALPINE),
        marker=PROMPT,
        is_shell=True,
    ),
    Verb(name="lock", words=("lock", "slow.yaml", *ALPINE)),
    Verb(name="search", words=("search", "lab-tool", "--distro", "debian")),
    Verb(name="logs -f", words=("logs", BOX, "-f"), marker=rb"logged"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How one ended: seconds from the signal to its end, and what was wrong with it.

    `by_itself`: it was not there any more to be ended, as a question where there is no terminal.
    """

    took: float
    hangs: bool = False
    containers: int = 0
    by_itself: bool = False
    wrong: tuple[str, ...] = ()


def terminals(stage: Stage, ways: Sequence[Way] = WAYS, verbs: Sequence[Verb] = VERBS) -> tuple[Row, ...]:
    """Start each verb in each way, end it by SIGTERM where it is busy; a row for each verb."""
    for name in ("terminals", "pair"):
        rows_of = stage.program(name).folder / "config" / "sandbox" / "distros.yaml"
        rows_of.parent.mkdir(parents=True, exist_ok=True)
        rows_of.write_text(ROWS)
    program = stage.program("terminals")
    (program.work / "slow.yaml").write_text(SPEC)
    (program.work / "broken.yaml").write_text(BROKEN)
    rows = []
    with _box(stage, program, verbs):
        for verb in verbs:
            given = [(program, way, verb, number) for number, way in enumerate(ways)]
            done = stage.spread(lambda one: _ended(stage, *one), given)
            rows.append(summary(verb, done))
        left = _left_in(stage) if any(verb.name.startswith("enter") for verb in verbs) else ()
    total = Row(storm="terminals: what enter ran", count=1, reached="all of it ended", failures=left)
    return (*rows, total)


def summary(verb: Verb, done: Sequence[Ended]) -> Row:
    """Return the row of a verb; one that was never there to be ended has tested nothing, and failed."""
    counts = {
        "ended by the signal": sum(not one.by_itself for one in done),
        "by themselves before": sum(one.by_itself for one in done),
        "hang": sum(one.hangs for one in done),
        "containers left": sum(one.containers for one in done),
        "took more than 2 s": sum(one.took > 2 for one in done),
    }
    failures = [text for one in done for text in one.wrong]
    if done and all(one.by_itself for one in done):
        failures.append(f"{verb.name}: each run had ended by itself before the signal")
    return Row(
        storm=f"terminals: {verb.name}",
        count=len(done),
        reached=", ".join(f"{number} {what}" for what, number in counts.items()),
        timed="from the signal to the end",
        worst=max((one.took for one in done), default=0.0),
        failures=tuple(failures),
    )


@contextmanager
def _box(stage: Stage, program: Program, verbs: Sequence[Verb]) -> Iterator[None]:
    """Have what the verbs need: a sandbox that runs by itself, and a session that can be promoted."""
    names = " ".join(verb.name for verb in verbs)
    if "promote" in names:
        pair = ("lab-tool", "lab-extra", *IMAGE, "--name", "storm-pair", "-q", "--", "true")
        assert stage.program("pair").run("try", *pair).returncode == 0
    if "enter" not in names and "logs" not in names:
        yield
        return
    words = ("--distro", "debian", "--detach", "--name", BOX, "-q", "--", "sh", "-c", "echo logged; exec sleep 86400")
    assert program.run("try", *words).returncode == 0
    try:
        yield
    finally:
        program.run("rm", BOX)


def _left_in(stage: Stage) -> tuple[str, ...]:
    """Return what still runs of those that were entered."""

    def running() -> list[str]:
        rows = stage.client.api.top(BOX)["Processes"]
        return [row[-1] for row in rows if re.search(r"^(bash|sleep 600)$", row[-1])]

    until(lambda: not running(), END_LIMIT)
    return tuple(f"still runs: {text}" for text in running())


def _ended(stage: Stage, program: Program, way: Way, verb: Verb, number: int) -> Ended:
    own = stage.program("pair") if "promote" in verb.name else program
    env = own.env({TOKEN: f"{os.getpid()}-{verb.name}-{number}".replace(" ", "_")})
    start = Start(way, own.argv(*verb.words), env=env, cwd=program.work)
    try:
        before = None if way.typed or not way.shell else _fresh()
        pids = _reached(start, verb)
        _then(start, pids)
        time.sleep(stage.chance.uniform(0, 0.3))
        stopped = [pid for pid in pids if state(pid) == "T" and "stop" not in way.name]
        took = _terminate(start, pids)
        wrong = ["it was stopped"] if stopped else []
        hanging = start.pids()
        wrong += [f"it hangs, in state {state(hanging[0])}"] if hanging else []
        containers = _containers(stage, pids)
        wrong += [f"it left {name}" for name in containers]
        wrong += _left(before, start)
        wrong += ["it takes its words for wrong"] if MISUSE.search(bytes(start.output).replace(b"\r", b"")) else []
    finally:
        start.end()
    where = f"{verb.name}, {way.name}"
    said = bytes(start.output[-300:]).decode(errors="replace")
    return Ended(
        took=took,
        hangs=bool(hanging),
        containers=len(containers),
        by_itself=not pids,
        wrong=tuple(f"{where}: {text}; it said {said!r}" for text in wrong),
    )


def _fresh() -> list[object]:
    """Return what a terminal is set to that nobody has changed."""
    pair = os.openpty()
    try:
        return list(termios.tcgetattr(pair[1]))
    finally:
        for descriptor in pair:
            os.close(descriptor)


def _reached(start: Start, verb: Verb) -> list[int]:
    """Return the pids of the program once it is where it is to be ended, none where it has ended by itself."""
    seen: dict[int, float] = {}
    types = list(verb.types)

    def reached() -> bool:
        now = time.monotonic()
        pids = start.pids()
        for pid in pids:
            seen.setdefault(pid, now)
        if types and re.search(types[0][0], bytes(start.output)):
            time.sleep(0.2)
            start.type(types.pop(0)[1])
        over = bool(seen) and not pids
        is_silent = verb.marker == NEVER or start.way.name not in SEEN
        waited = any(now - since > (RUNS if is_silent else 4 * RUNS) for since in seen.values())
        return over or waited or bool(re.search(verb.marker, bytes(start.output)))

    until(reached, READY_LIMIT, 0.1)
    return start.pids()


def _then(start: Start, pids: Sequence[int]) -> None:
    """Do to a program that runs what is done before it is ended."""
    then = start.way.then
    if then == "close":
        start.hang_up()
    for step in then.split(", ") if then and pids else ():
        if step in ("stop", "freeze"):
            os.kill(pids[0], signal.SIGTSTP if step == "stop" else signal.SIGSTOP)
            until(lambda: state(pids[0]) in ("T", ""), END_LIMIT, 0.02)
        elif step in ("bg", "fg"):
            start.type(step)
            until(lambda: state(pids[0]) != "T", 5, 0.02)
            time.sleep(0.5)


def _terminate(start: Start, pids: Sequence[int]) -> float:
    """Send SIGTERM, with SIGCONT where it is stopped, as a shell's kill does; return the seconds until it has ended."""
    begun = time.monotonic()
    for pid in pids:
        with suppress(ProcessLookupError):
            was = state(pid)
            os.kill(pid, signal.SIGTERM)
            if was == "T" and "stop" in start.way.name:
                os.kill(pid, signal.SIGCONT)
    until(lambda: not start.pids(), END_LIMIT, 0.02)
    return time.monotonic() - begun


def _containers(stage: Stage, known: Sequence[int]) -> list[str]:
    """Return the names of the containers that programs which have ended left."""
    until(lambda: not any(stage.owned(pid) for pid in known), END_LIMIT)
    return [str(row["Names"]) for pid in known for row in stage.owned(pid)]


def _left(before: list[object] | None, start: Start) -> list[str]:
    """Return what is wrong with the terminal that a program which has ended left."""
    wrong: list[str] = []
    is_open = before is not None and start.way.then != "close"
    if is_open and not until(lambda: termios.tcgetattr(start.terminal) == before, END_LIMIT):  # script(1) is slower
        wrong.append("the terminal is not as it was")
    if start.way.typed:
        start.type("\x15echo al''ive")
        if not until(lambda: b"alive" in start.output, END_LIMIT):
            wrong.append("the shell has not got its terminal back")
    said = bytes(start.output).decode(errors="replace")
    if TALE.search(said) and OURS in said:
        wrong.append("it shows a traceback")
    return wrong
