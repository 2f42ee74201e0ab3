"""The measurements: each runs both sides in turn, A B A B, after one pair that does not count."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench.stage import DISTRO, INSTALL, PACKAGE
from bench.terminal import PROMPT, BenchError
from bench.trials import cells_seconds, write_specs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bench.stage import Stage
    from bench.terminal import Terminal

PASTE: Final = b"".join(b"%09d the quick brown fox jumps over the lazy dog\n" % line for line in range(2000))[:100_000]
HERE: Final = ("--distro", DISTRO)
SERVICE: Final = "redis-server"
"""What is purged: a package with a service and a user."""
RELEASES: Final = ("debian:bullseye", "debian:bookworm", "debian:trixie", "debian:sid")
"""Distros of a comparison: those that can be built where no image can be pulled."""
MANY: Final = (
    "mkdir /many && cd /many && head -c 16000 /dev/urandom >one && seq 0 99 | xargs mkdir && "
    "for d in $(seq 0 99); do (cd $d; tee $(seq 1000) <../one >/dev/null); done"
)
"""Makes 100,000 files with 1.6 GB."""
FETCHED: Final = {"SANDBOX_INDEX_CACHE": "false"}
"""Has the package index fetched, as the other side does it."""
OUTPUT: Final = b"".join(b"%d\n" % number for number in range(1, 1_450_001))[:10_000_000]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The samples of one figure: seconds, or bytes for memory."""

    ours: list[float] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)

    def add(self, ours: float, theirs: float) -> None:
        """Add a sample of each side."""
        self.ours.append(ours)
        self.theirs.append(theirs)


Pairs = dict[str, Pair]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One stay in a shell: seconds to the first prompt, seconds to leave, peak memory of the client in bytes."""

    prompt: float
    leaving: float
    memory: float


def visit(terminal: Terminal, *, shown: bytes = b"") -> Visit:
    """Wait for the prompt and leave; raise BenchError where `shown` is not among what came before the prompt."""
    before = terminal.read_until(PROMPT)
    prompt = time.perf_counter() - terminal.started
    if shown not in before:
        raise BenchError(f"expected {shown!r} before the prompt:\n{before.decode(errors='replace')}")
    time.sleep(0.2)  # a user's first key comes later than this; what the client still does must not count as leaving
    memory = terminal.peak_memory()
    asked = time.perf_counter()
    terminal.send(b"exit\r")
    status = terminal.wait()
    leaving = time.perf_counter() - asked
    terminal.close()
    if status:
        raise BenchError(f"the shell was left with status {status}")
    return Visit(prompt=prompt, leaving=leaving, memory=memory)


def warm(stage: Stage, runs: int) -> Pairs:
    """Compare a provisioned state from the cache with an image that was prepared by hand."""
    stage.fill_cache()
    image = stage.prepared_image()
    found: Pairs = {"warm": Pair(), "leaving": Pair()}
    for number in range(runs + 1):
        ours = visit(stage.try_(PACKAGE, "--cache"), shown=b"\x1b[2K  cache ")
        theirs = visit(stage.docker_run(image, "bash"))
        if number:
            found["warm"].add(ours.prompt, theirs.prompt)
            found["leaving"].add(ours.leaving, theirs.leaving)
    return found


def capturing(stage: Stage, runs: int) -> Pairs:
    """Compare a shell in which what is done by hand is looked at with the same where nothing is: behind --."""
    stage.fill_cache()
    found: Pairs = {"capture": Pair(), "look": Pair()}
    for number in range(runs + 1):
        ours = visit(stage.try_(PACKAGE, "--cache"))
        theirs = visit(stage.try_(PACKAGE, "--cache", "--", "bash"))
        if number:
            found["capture"].add(ours.prompt, theirs.prompt)
            found["look"].add(ours.leaving, theirs.leaving)
    return found


def cold(stage: Stage, runs: int) -> Pairs:
    """Compare an install from nothing but the base image: no index is kept here."""
    found: Pairs = {"cold": Pair(), "memory": Pair()}
    for number in range(runs + 1):
        stage.forget_index()
        ours = visit(stage.try_(PACKAGE, "--no-cache"), shown=b"\x1b[2K  install ")
        theirs = visit(stage.docker_run(stage.base, "sh", "-c", f"{INSTALL} && exec bash"))
        if number:
            found["cold"].add(ours.prompt, theirs.prompt)
            found["memory"].add(ours.memory, theirs.memory)
    return found


def cold_again(stage: Stage, runs: int) -> Pairs:
    """Compare an install within the hour, and within a day, of one of the same base: the index is kept here."""
    found: Pairs = {"hour": Pair(), "day": Pair()}
    visit(stage.try_(PACKAGE, "--no-cache"))
    for number in range(runs + 1):
        for name, age, said in (("hour", 1800.0, b"kept here "), ("day", 43200.0, b", and checked ")):
            stage.age_index(age)
            ours = visit(stage.try_(PACKAGE, "--no-cache"), shown=said)
            theirs = visit(stage.docker_run(stage.base, "sh", "-c", f"{INSTALL} && exec bash"))
            if number:
                found[name].add(ours.prompt, theirs.prompt)
    return found


def starting(stage: Stage, runs: int) -> Pairs:
    """Compare what needs no engine with Python's own start."""
    found: Pairs = {"help": Pair(), "version": Pair(), "help-verb": Pair()}
    asked = {"help": ("--help",), "version": ("--version",), "help-verb": ("help", "try")}
    for number in range(runs + 1):
        for name, pair in found.items():
            ours, theirs = (
                seconds_of(stage, *stage.program, *asked[name]),
                seconds_of(stage, sys.executable, "-c", "pass"),
            )
            if number:
                pair.add(ours, theirs)
    return found


def seconds_of(stage: Stage, *argv: str, **extra: str) -> float:
    """Return the seconds that a command takes; raise BenchError with what it said where it fails."""
    quiet = subprocess.DEVNULL
    with tempfile.TemporaryFile() as said:
        started = time.perf_counter()
        done = subprocess.run(argv, env={**stage.env, **extra}, stdin=quiet, stdout=quiet, stderr=said, check=False)
        seconds = time.perf_counter() - started
        if done.returncode:
            said.seek(0)
            raise BenchError(f"{argv} failed:\n{said.read().decode(errors='replace')[-2000:]}")
    return seconds


def bytes_through(stage: Stage, runs: int) -> Pairs:
    """Compare a paste and a flood of output through two open shells."""
    ours, theirs = stage.try_(), stage.docker_exec(stage.container(), "bash")
    shells = (ours, theirs)
    for shell in shells:
        shell.read_until(PROMPT)
    found: Pairs = {"paste": Pair(), "output": Pair()}
    for number in range(runs + 1):
        pasted, printed = [paste(shell) for shell in shells], [output(shell) for shell in shells]
        if number:
            found["paste"].add(*pasted)
            found["output"].add(*printed)
    for shell in shells:
        shell.send(b"exit\r")
        shell.wait()
        shell.close()
    return found


def paste(shell: Terminal) -> float:
    """Return the seconds from pasting to the program's answer; raise BenchError where a byte is not the same."""
    shell.send(b"stty -icanon -echo; echo g''o; head -c %d | sha256sum; stty sane\r" % len(PASTE))
    shell.read_until(re.compile(rb"[\r\n]go\r\n"))
    started = time.perf_counter()
    shell.send(PASTE)
    answer = shell.read_until(re.compile(rb"[0-9a-f]{64}  -"))
    seconds = time.perf_counter() - started
    shell.read_until(PROMPT)
    _check(answer[-67:-3].decode(), PASTE)
    return seconds


def output(shell: Terminal) -> float:
    """Return the seconds from Enter to the last byte; raise BenchError where a byte is not the same."""
    started = time.perf_counter()
    command = f"stty -opost; echo s''tart; seq 1450000 | head -c {len(OUTPUT)}; echo e''nd; stty sane\r"
    shell.send(command.encode())
    shell.read_until(re.compile(rb"[\r\n]start\n"))
    printed = shell.read_until(re.compile(rb"end\n"))
    seconds = time.perf_counter() - started
    shell.read_until(PROMPT)
    _check(hashlib.sha256(printed[:-4]).hexdigest(), OUTPUT)
    return seconds


def _check(digest: str, data: bytes) -> None:
    if digest != hashlib.sha256(data).hexdigest():
        raise BenchError(f"{len(data)} bytes went in and others came out")


def inspecting(stage: Stage, runs: int) -> Pairs:
    """Compare an inspection, the first one on a base, and one without root, with a try of the same package."""
    found: Pairs = {"inspect": Pair(), "first": Pair(), "exports": Pair()}
    inspect = (*stage.program, "inspect", PACKAGE, *HERE)
    for number in range(runs + 1):
        again = seconds_of(stage, *inspect, **FETCHED)
        tried = seconds_of(stage, *stage.program, "try", PACKAGE, "--no-cache", *HERE, "--", "true", **FETCHED)
        with tempfile.TemporaryDirectory(dir=stage.folder) as nothing:  # nothing is known of the base
            first = seconds_of(stage, *inspect, **FETCHED, XDG_CACHE_HOME=nothing)
        # in a user namespace nobody is root of the engine's host
        exports = seconds_of(stage, "unshare", "--user", "--map-root-user", *inspect, **FETCHED)
        if number:
            found["inspect"].add(again, tried)
            found["first"].add(first, tried)
            found["exports"].add(exports, tried)
    return found


def purging(stage: Stage, runs: int) -> Pairs:
    """Compare an inspection with piuparts as one would type it, which makes its chroot first; as root."""
    piuparts = stage.found("piuparts")
    release = DISTRO.partition(":")[2]
    found = Pair()
    for _ in range(runs):
        ours = seconds_of(stage, *stage.program, "inspect", SERVICE, *HERE, **FETCHED)
        theirs = seconds_of(stage, piuparts, "--apt", SERVICE, "--distribution", release)
        found.add(ours, theirs)
    return {"purge": found}


def comparing(stage: Stage, runs: int) -> Pairs:
    """Compare several distros in one command with as many inspections one after the other."""
    together = [("compare", PACKAGE, "--quiet", "--distro", ",".join(RELEASES))]
    return {"compare": _paired(stage, runs, together, [("inspect", PACKAGE, "--distro", name) for name in RELEASES])}


def _paired(stage: Stage, runs: int, ours: Sequence[tuple[str, ...]], theirs: Sequence[tuple[str, ...]]) -> Pair:
    """Return the seconds of both sides' commands of the program, all of a side one after the other."""
    found, sides = Pair(), (ours, theirs)
    for _ in range(runs):
        found.add(*(sum(seconds_of(stage, *stage.program, *words, **FETCHED) for words in side) for side in sides))
    return found


def matrix(stage: Stage, runs: int) -> Pairs:
    """Compare a matrix side by side with its cells one after the other; of the lab's distros, which ask no mirror."""
    found = Pair()
    with tempfile.TemporaryDirectory(dir=stage.folder) as name:
        write_specs(Path(name))
        for _ in range(runs):
            found.add(cells_seconds(Path(name)), cells_seconds(Path(name), "--jobs", "1"))
    return {"trial": found}


LOOK: Final = """\
import os, pickle, sys
from sandbox.container.box import Box
from sandbox.container.layer import files_of
from sandbox.engine.discover import find_engine

def image_files():
    with open(sys.argv[2], "rb") as file:
        return pickle.load(file)

with find_engine(os.environ) as engine:
    found = files_of(Box(engine, sys.argv[1]), image_files if sys.argv[3:] else None)
    if sys.argv[3:]:
        assert len(found.entries) > int(sys.argv[3])
    else:
        with open(sys.argv[2], "wb") as file:
            pickle.dump(found, file)
"""
"""Looks at a container, in which more files are than the third word says; without it, keeps what is there."""


def looking(stage: Stage, runs: int) -> Pairs:
    """Compare a look at very many files with the engine's own export of them; the image's own files are known."""
    found = Pair()
    ident = stage.container()
    kept = str(stage.folder / "image-files")
    seconds_of(stage, sys.executable, "-c", LOOK, ident, kept)
    stage.docker("exec", ident, "sh", "-c", MANY)
    for _ in range(runs):
        ours = seconds_of(stage, sys.executable, "-c", LOOK, ident, kept, "100000")
        found.add(ours, seconds_of(stage, "docker", "export", ident))
    return {"looks": found}


MEASURES: Final[Mapping[Callable[[Stage, int], Pairs], Sequence[str]]] = {
    starting: ("help", "version", "help-verb"),
    warm: ("warm", "leaving"),
    capturing: ("capture", "look"),
    cold: ("cold", "memory"),
    cold_again: ("hour", "day"),
    bytes_through: ("paste", "output"),
    inspecting: ("inspect", "first", "exports"),
    purging: ("purge",),
    comparing: ("compare",),
    matrix: ("trial",),
    looking: ("looks",),
}
"""Each measurement with the figures that it gives."""
PAIRS: Final[Mapping[Callable[[Stage, int], Pairs], int]] = {
    starting: 25,
    warm: 25,
    capturing: 9,
    cold: 9,
    cold_again: 9,
    inspecting: 9,
    bytes_through: 9,
    purging: 2,
    comparing: 4,
    matrix: 2,
    looking: 2,
}
"""How many pairs of those that are quick, or take long; 5 of all others. All of them take some twelve minutes."""
LONG: Final = (purging, comparing, matrix, looking)
"""Those that take more than a minute."""
