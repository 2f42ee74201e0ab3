"""SIGINT, SIGTERM, SIGHUP, stops and the closed terminal at any moment of a session, at a terminal and at pipes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pexpect
from tests.integration.engine_proxy import ATTACH, CREATE, EXEC, FIND, LOOK, PULL, REMOVE, START
from tests.storm.stage import PACKAGES, Row, Stage, until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.integration.running import Terminal

INT, TERM, HUP = signal.SIGINT, signal.SIGTERM, signal.SIGHUP
SHORT: Final = 1.2
LONG: Final = 4.0
END_LIMIT: Final = 60.0
PAUSE: Final = 0.01
"""Seconds between signals: those that wait together are taken in the order of their numbers."""
BARE: Final = ("try", "--distro", "debian", "-q")
TALE: Final = re.compile(r"Traceback|Exception|fatal error", re.IGNORECASE)

OURS: Final = f"{os.sep}sandbox{os.sep}"
"""In each line of a traceback that names a file of the program."""

SENT: Final[tuple[tuple[str, tuple[signal.Signals, ...]], ...]] = (
    ("SIGINT", (INT,)),
    ("SIGTERM", (TERM,)),
    ("SIGHUP", (HUP,)),
    ("SIGTERM twice", (TERM, TERM)),
    ("SIGINT three times", (INT, INT, INT)),
    ("SIGHUP, SIGTERM, SIGINT", (HUP, TERM, INT)),
    ("stopped, continued, SIGTERM", (signal.SIGTSTP, signal.SIGCONT, TERM)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When, as in kills.py; `statuses`: what else it may end with, where it was done before the signal came."""

    name: str
    words: tuple[str, ...]
    hold: str = ""
    within: float = 0.05
    also: tuple[int, ...] = ()


SLEEP: Final = ("--", "sleep", "600")
MOMENTS: Final = (
    Moment(name="find engine", words=(*BARE, *SLEEP), hold=FIND),
    Moment(name="find base", words=(*BARE, *SLEEP), hold=LOOK),
    Moment(name="pull", words=("try", "--distro", "ubuntu:jammy", "-q", *SLEEP), hold=PULL),
    Moment(name="create", words=(*BARE, *SLEEP), hold=CREATE),
    Moment(name="attach", words=(*BARE, *SLEEP), hold=ATTACH),
    Moment(name="start", words=(*BARE, *SLEEP), hold=START),
    Moment(name="exec", words=(*BARE, *SLEEP), hold=EXEC),
    Moment(name="cleanup", words=(*BARE, "--", "true"), hold=REMOVE, also=(0,)),
    Moment(name="any, short", words=(*BARE, *SLEEP), within=SHORT),
    Moment(name="any, install", words=("try", *PACKAGES, "-q", *SLEEP), within=LONG),
    Moment(name="shell", words=(*BARE, *SLEEP), within=2 * SHORT),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How one ended: seconds from the signal to its end, and what was wrong with it."""

    took: float
    wrong: tuple[str, ...]


def storm_of_signals(stage: Stage, count: int) -> tuple[Row, ...]:
    """Send signals to `count` sessions, half of them at pipes and half at a terminal, some by closing it."""
    for number in (INT, TERM, HUP):
        if signal.getsignal(number) is signal.SIG_IGN:  # as in a job that a shell put behind `&`: it would be inherited
            signal.signal(number, signal.default_int_handler if number == INT else signal.SIG_DFL)
    pairs = [(MOMENTS[number % len(MOMENTS)], SENT[(number // 3) % len(SENT)]) for number in range(count)]
    half = count // 2
    pipes = stage.spread(lambda pair: _at_pipes(stage, *pair), enumerate(pairs[:half]))
    terminals = stage.spread(lambda pair: _at_terminal(stage, *pair), enumerate(pairs[half:]))
    return (
        _row("signals, once to three times, stops, at pipes", pipes, "cleaned up, the signal's status, no traceback"),
        _row(
            "the same at a terminal, Ctrl-C typed, and the terminal closed",
            terminals,
            "as above; the terminal as before, nothing asked of a closed one",
        ),
    )


def _row(storm: str, done: list[Ended], reached: str) -> Row:
    return Row(
        storm=storm,
        count=len(done),
        reached=reached,
        timed="from the signal to the end",
        worst=max((one.took for one in done), default=0.0),
        failures=tuple(text for one in done for text in one.wrong),
    )


TYPED: Final = ("Ctrl-C typed", (INT,))
"""By the byte: the terminal's driver sends the signal, to all that is in its foreground."""
IN_TIME: Final = tuple(moment for moment in MOMENTS if moment.hold)
"""Those at which nothing reads the terminal yet: later the byte is the shell's."""

Pair = tuple[Moment, tuple[str, tuple[signal.Signals, ...]]]


def _at_pipes(stage: Stage, number: int, pair: Pair) -> Ended:
    moment, (title, sent) = pair
    name = f"pipe-{number}"
    with stage.proxy(name) as proxy:
        if moment.hold:
            proxy.hold(moment.hold)
        begun = time.monotonic()
        process = stage.program(name, url=proxy.url).start(*moment.words)
        _wait(stage, moment, proxy.held.is_set, lambda: process.poll() is not None)
        start = time.monotonic()
        _send(process.pid, sent)
        time.sleep(stage.chance.uniform(0, 0.2))
        proxy.release()
        try:
            out, err = process.communicate(timeout=END_LIMIT)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
        took = time.monotonic() - start
    said = (out + err).decode(errors="replace")
    where = f"{title} at {moment.name}, {time.monotonic() - begun:.2f} s, at pipes"
    return Ended(took=took, wrong=tuple(_wrong(stage, where, process.pid, process.returncode, said, moment, sent)))


def _wait(stage: Stage, moment: Moment, held: Callable[[], bool], over: Callable[[], bool]) -> None:
    if moment.hold:
        until(lambda: held() or over(), END_LIMIT, 0.005)
    time.sleep(stage.chance.uniform(0, moment.within))


def _send(pid: int, sent: tuple[signal.Signals, ...]) -> None:
    for number in sent:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        time.sleep(PAUSE)


def _wrong(
    stage: Stage,
    where: str,
    pid: int,
    status: int,
    said: str,
    moment: Moment,
    sent: tuple[signal.Signals, ...],
) -> list[str]:
    """Return what is not as it should be, in sentences."""
    first = next(number for number in sent if number in (INT, TERM, HUP))
    # before it has begun anything, and at a terminal by SIGINT, it ends by the signal itself: a shell says 128 + n, too
    wanted = {128 + first, *moment.also, *({-first} if not said or first == INT else set())}
    wrong: list[str] = []
    if TALE.search(said) and OURS not in said:
        return wrong  # Python itself was still starting: none of our lines had run
    if status not in wanted:
        wrong.append(f"{where}: status {status}, not {sorted(wanted)}; it said {said[-300:]!r}")
    if TALE.search(said):
        wrong.append(f"{where}: {said[-600:]}")
    if left := stage.owned(pid):
        wrong.append(f"{where}: left {[(row['Names'], row['Status']) for row in left]}")
    return wrong


def _at_terminal(stage: Stage, number: int, pair: Pair) -> Ended:
    moment, (title, sent) = pair
    closes, types = number % 4 == 3, number % 4 == 1
    if types:
        moment, (title, sent) = IN_TIME[number // 4 % len(IN_TIME)], TYPED
    name = f"terminal-{number}"
    words = moment.words[:-3] if moment.words[-3:] == SLEEP else moment.words
    with stage.proxy(name) as proxy:
        if moment.hold:
            proxy.hold(moment.hold)
        terminal = stage.program(name, url=proxy.url).terminal(*words)
        _wait(stage, moment, proxy.held.is_set, lambda: not terminal.child.isalive())
        start = time.monotonic()
        if closes:
            return _closed(stage, terminal, moment, start, proxy.release)
        if types:
            terminal.send(b"\x03")
        else:
            _send(terminal.child.pid, sent)
        time.sleep(stage.chance.uniform(0, 0.2))
        proxy.release()
        status, said = _ended(terminal)
        took = time.monotonic() - start
        where = f"{title} at {moment.name}, at a terminal"
        wrong = _wrong(stage, where, terminal.child.pid, status, said, moment, sent)
        if terminal.current_attributes() != terminal.attributes:
            wrong.append(f"{where}: the terminal is not as it was")
        if "[y/N]" in said and sent[0] is HUP:
            wrong.append(f"{where}: it asked: {said[-200:]!r}")
    return Ended(took=took, wrong=tuple(wrong))


def _ended(terminal: Terminal) -> tuple[int, str]:
    try:
        terminal.child.expect(pexpect.EOF, timeout=END_LIMIT)
    except pexpect.TIMEOUT:
        terminal.child.kill(signal.SIGKILL)
    said = bytes(terminal.child.before or b"").decode(errors="replace")
    return terminal.status(), said


def _closed(stage: Stage, terminal: Terminal, moment: Moment, start: float, release: Callable[[], None]) -> Ended:
    """Close the terminal's window, as its emulator does; return how the program ended."""
    pid = terminal.child.pid
    terminal.hang_up()
    time.sleep(stage.chance.uniform(0, 0.2))
    release()
    ended = until(terminal.is_over, END_LIMIT)
    took = time.monotonic() - start
    wrong = [] if ended else [f"terminal closed at {moment.name}: it runs on"]
    if not ended:
        os.kill(pid, signal.SIGKILL)
    if left := stage.owned(pid):
        wrong.append(f"terminal closed at {moment.name}: left {[(row['Names'], row['Status']) for row in left]}")
    return Ended(took=took, wrong=tuple(wrong))
