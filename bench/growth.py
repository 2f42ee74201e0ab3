"""`make growth`: how time and memory grow with the size of the task; writes docs/evidence/growth.md and its picture.

Run as `python bench/growth.py [--most N] [--only CURVE]`; `--most` bounds every size, for a quick look that is shown
and not written. Each curve's result is kept as it comes (bench/growth.json), so that one can be measured again alone.
"""

from __future__ import annotations

import argparse
import gzip
import io
import os
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # `python bench/growth.py` has only bench/ on it

from bench.growth_page import PAGE, Sample, Taken, Task, note, row, write_page  # noqa: E402 - as above
from bench.measures import LOOK  # noqa: E402
from bench.stage import DISTRO, LABEL, Stage  # noqa: E402
from bench.terminal import BenchError  # noqa: E402

from sandbox.engine import labels  # noqa: E402
from sandbox.engine.discover import find_engine  # noqa: E402
from sandbox.engine.protocol import ContainerSpec  # noqa: E402
from sandbox.errors import SandboxError  # noqa: E402
from sandbox.lifecycle.journal import Journal, Record, RecordedPackage  # noqa: E402
from sandbox.lifecycle.owner import current_owner  # noqa: E402
from sandbox.specs.model import Limits  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import FrameType

    from sandbox.engine.protocol import Engine

RUNS: Final = 3
"""Runs of each size, of which the fastest counts, as the machine may be busy."""
ENOUGH: Final = 8.0
"""Seconds of runs of a size, with what they need before, after which no other is begun."""
LIMIT: Final = 300.0
"""Seconds after which a run counts as hanging: the longest takes some 60 on two quiet cores."""
ENDING: Final = 60.0
"""Seconds that a run that was interrupted has to clean up."""
LAUNCH: Final = ROOT / "bench/launch.py"
AT_ONCE: Final = 8
"""Containers that are made at a time."""

Cost = tuple[float, int]
"""Seconds and the most bytes of a run."""


class Ground:
    """Where it runs: the two programs of a stage, and a folder."""

    def __init__(self, stage: Stage, folder: Path) -> None:
        self.stage = stage
        self.folder = folder
        self._running: set[subprocess.Popen[str]] = set()

    def timed(self, *words: str, env: Mapping[str, str] | None = None) -> Cost:
        """Return seconds and most bytes of a run of the program. Raises BenchError where it fails, or hangs."""
        return self.timed_argv((*self.stage.program, *words), env=env)

    def timed_argv(self, argv: Sequence[str], env: Mapping[str, str] | None = None) -> Cost:
        """Return seconds and most bytes of a process. Raises BenchError where it fails, or hangs."""
        process = subprocess.Popen(
            [sys.executable, "-IS", str(LAUNCH), *argv],
            env={**self.stage.env, **(env or {})},
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )
        self._running.add(process)
        shown = " ".join((Path(argv[0]).name, *argv[1:4]))[:80]
        try:
            said, complaint = process.communicate(timeout=LIMIT)
        except subprocess.TimeoutExpired as error:
            raise BenchError(f"{shown} took more than {LIMIT:g} s") from error
        finally:
            process.terminate()  # as it is still there where it hangs, or on Ctrl-C
            process.wait(ENDING)
            self._running.discard(process)
        seconds, memory, status = said.split() or ("0", "0", "-1")
        if status != "0":
            raise BenchError(f"{shown} failed: {complaint[-2000:]}")
        return float(seconds), int(memory)

    def together(self, work: Callable[[int], object], count: int, most: int) -> None:
        """Do work `count` times in up to `most` threads; where one fails, or on Ctrl-C, the others are ended."""
        pool = ThreadPoolExecutor(most)
        try:
            for _ in pool.map(work, range(count)):
                pass
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in tuple(self._running):
                process.terminate()
            raise
        finally:
            pool.shutdown()

    def new_folder(self) -> Path:
        """Return a new empty folder."""
        return Path(tempfile.mkdtemp(dir=self.folder))


def history(ground: Ground, size: int) -> Cost:
    """Return what `sandbox history` takes after so many sessions; each was written as a session writes it."""
    state = ground.new_folder()
    journal = Journal(state / "sandbox" / "journal.jsonl")
    started = time.perf_counter()
    for number in range(size):
        journal.write(
            Record(
                session=f"{number:016x}",
                name=f"calm-otter-{number}",
                date="2026-11-29T12:00:00+00:00",
                distro="debian",
                release="bookworm",
                image="debian:bookworm",
                image_id=f"sha256:{number:064x}",
                packages=(RecordedPackage(name="htop", version="3.2.2-2"),),
            )
        )
    written = time.perf_counter() - started
    seconds, memory = ground.timed("history", env={"XDG_STATE_HOME": str(state)})
    return written + seconds, memory


DEAD: Final = "0" * 16
"""The session of the leftovers."""
NO_PROCESS: Final = "1999999"


def leftovers(ground: Ground, size: int) -> Cost:
    """Return what `sandbox clean` takes for so many containers of sessions that died."""
    with find_engine(ground.stage.env) as engine:
        ground.together(lambda number: _leave(engine, ground.stage.base, number), size, AT_ONCE)
    found = ground.timed("clean")
    if left := ground.stage.docker("ps", "--all", "--quiet", "--filter", f"label={labels.SESSION}={DEAD}").split():
        raise BenchError(f"{len(left)} of {size} leftovers are still there")
    return found


def _leave(engine: Engine, image: str, number: int) -> None:
    """Create a container as a session does that dies before its start."""
    owner = current_owner()
    given = dict(labels.session_labels(owner, session=DEAD, name="gone", version="0", kind="session", expires=None))
    given[labels.OWNER] = given[labels.OWNER].replace(str(os.getpid()), NO_PROCESS, 1)
    key, _, value = LABEL.partition("=")
    name = f"sandbox-bench-{os.getpid()}-{number}"
    engine.create(
        ContainerSpec(
            name=name, image=image, argv=("true",), labels={**given, key: value}, hostname="gone", limits=Limits()
        )
    )


def files(ground: Ground, size: int) -> Cost:
    """Return what a look at the files of a sandbox takes that has so many more than its image, which is known."""
    ident = ground.stage.container()
    look = (sys.executable, "-c", LOOK, ident, str(ground.new_folder() / "image-files"))
    try:
        ground.timed_argv(look)
        text = (
            f"mkdir /many && cd /many && seq 0 {size // 1000} | xargs mkdir && "
            f"seq {size} | awk '{{print int($1/1000) \"/\" $1}}' | xargs touch"
        )
        ground.stage.docker("exec", ident, "sh", "-c", text)
        return ground.timed_argv((*look, str(size)))
    finally:
        ground.stage.docker("rm", "--force", "--volumes", ident)


def packages(ground: Ground, size: int) -> Cost:
    """Return seconds and bytes for so many small packages of the user's own, installed together."""
    folder = ground.new_folder()
    for number in range(size):
        (folder / f"bench-{number}_1_all.deb").write_bytes(deb(f"bench-{number}"))
    names = sorted(str(path) for path in folder.iterdir())
    return ground.timed("try", "--distro", DISTRO, "--no-cache", *names, "--", "true")


def deb(name: str) -> bytes:
    """Return the bytes of a package with one small file (deb(5))."""
    control = f"Package: {name}\nVersion: 1\nArchitecture: all\nMaintainer: a <a@example.org>\nDescription: {name}\n"
    members = {
        "debian-binary": b"2.0\n",
        "control.tar.gz": _tar({"./control": control.encode()}),
        "data.tar.gz": _tar({f"./usr/share/doc/{name}/about": b"about\n"}),
    }
    parts = [b"!<arch>\n"]
    for member, content in members.items():
        parts.append(f"{member:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(content):<10}`\n".encode())
        parts.append(content + b"\n" * (len(content) % 2))
    return b"".join(parts)


def _tar(contents: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        folders = {str(parent) for path in contents for parent in Path(path).parents if str(parent) != "."}
        for folder in sorted(folders):
            entry = tarfile.TarInfo(f"./{folder}")
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            archive.addfile(entry)
        for path, content in contents.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return gzip.compress(buffer.getvalue(), mtime=0)


def at_once(ground: Ground, size: int) -> Cost:
    """Return what so many `try` at once take, and the memory of the largest of them."""
    costs: list[Cost] = []
    started = time.perf_counter()
    ground.together(lambda _: costs.append(ground.timed("try", "--distro", DISTRO, "--", "true")), size, size)
    return time.perf_counter() - started, max(memory for _, memory in costs)


def cells(ground: Ground, size: int) -> Cost:
    """Return what a trial of so many cells takes: specs that only check that a command is there."""
    folder = ground.new_folder()
    specs = folder / "sandboxes"
    specs.mkdir()
    for number in range(size):
        (specs / f"spec-{number}.yaml").write_text("checks:\n  - run: 'true'\n")
    return Ground(ground.stage, folder).timed("trial", "--distro", DISTRO, "--quiet")


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A task and the sizes that it is done with; `take` does it once."""

    task: Task
    sizes: tuple[int, ...]
    take: Callable[[Ground, int], Cost]


CURVES: Final[Mapping[str, Curve]] = {
    "packages": Curve(
        task=Task(
            title="`try` of packages",
            unit="packages",
            reason="apt-get and dpkg alone took 2.0, 6.2 and 22.8 seconds of a processor for 100, 300 and 1,000 such "
            "packages, and dpkg waits for the disk several times for each",
        ),
        sizes=(1, 10, 100, 300, 1000),
        take=packages,
    ),
    "files": Curve(
        task=Task(title="A look at the files", unit="files"), sizes=(1000, 10_000, 100_000, 1_000_000), take=files
    ),
    "together": Curve(task=Task(title="`try` at once", unit="sandboxes"), sizes=(1, 3, 10, 30, 100), take=at_once),
    "leftovers": Curve(
        task=Task(title="`clean` after crashes", unit="leftovers"), sizes=(10, 30, 100, 300, 1000), take=leftovers
    ),
    "history": Curve(
        task=Task(title="Writing and showing the history", unit="sessions"),
        sizes=(10, 100, 1000, 10_000),
        take=history,
    ),
    "cells": Curve(task=Task(title="`trial`", unit="cells"), sizes=(1, 3, 10, 20, 60, 200), take=cells),
}
TASKS: Final[Mapping[str, Task]] = {name: curve.task for name, curve in CURVES.items()}
LARGEST: Final = max(size for curve in CURVES.values() for size in curve.sizes)


def measure(curve: Curve, ground: Ground, most: int, load: float) -> Taken:
    """Return a sample of each size up to `most`; where one fails, those before it and why."""
    found: list[Sample] = []
    problem = ""
    try:
        curve.take(ground, curve.sizes[0])  # fills caches, as that of the package index, and does not count
        found.extend(sample(curve, ground, size) for size in curve.sizes if size <= most)
    except (BenchError, OSError, subprocess.SubprocessError, SandboxError) as error:
        problem = str(error)
        print(f"error: {problem}", file=sys.stderr, flush=True)
    return Taken(samples=tuple(found), problem=problem, date=time.strftime("%Y-%m-%d"), load=load)


def sample(curve: Curve, ground: Ground, size: int) -> Sample:
    """Return what one size takes: the fastest run, and the most memory of any."""
    print(f"  {curve.task.unit} {size}: ", end="", flush=True)
    begun = time.monotonic()
    runs: list[Cost] = []
    while len(runs) < RUNS and time.monotonic() - begun < ENOUGH:
        runs.append(curve.take(ground, size))
    found = Sample(size=size, seconds=min(one for one, _ in runs), memory=max(two for _, two in runs))
    spent = time.monotonic() - begun
    print(f"{found.seconds:.2f} s, {found.memory / 1e6:.0f} MB ({len(runs)} runs in {spent:.0f} s)", flush=True)
    return found


def _end(number: int, _frame: FrameType | None) -> None:
    """Leave the stage, which removes what was made."""
    sys.exit(128 + number)


def main() -> int:
    """Measure and show each curve, and write it on the page; return 1 where one failed."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--most", type=int, default=LARGEST, help="the largest size of any curve: shown, not written")
    parser.add_argument("--only", choices=CURVES, action="append", help="only this curve; may be given again")
    asked = parser.parse_args()
    load = os.getloadavg()[0]
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    failed = []
    try:
        with Stage() as stage, tempfile.TemporaryDirectory(prefix="sandbox-growth-") as name:
            for word in asked.only or CURVES:
                print(f"{word} ...", flush=True)
                taken = measure(CURVES[word], Ground(stage, Path(name)), asked.most, load)
                print(row(TASKS[word], taken), flush=True)
                failed += [word] if taken.problem else []
                if asked.most >= LARGEST:
                    note(word, taken)
                    write_page(TASKS)
    except BenchError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    if asked.most >= LARGEST:
        print(f"wrote {PAGE.relative_to(ROOT)}")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
