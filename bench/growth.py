"""`make growth`: how time and memory grow with the size of the task; writes docs/evidence/growth.md and its picture.

Run as `python bench/growth.py [--most N] [--only CURVE] [--write]`; `--most` bounds every size, for a quick look.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import math
import os
import subprocess
import sys
import tarfile
import tempfile
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # `python bench/growth.py` has only bench/ on it

from bench.pages import COLUMNS  # noqa: E402 - below what makes it importable
from bench.stage import DISTRO, Stage  # noqa: E402
from bench.terminal import BenchError  # noqa: E402

from sandbox.container.box import Box  # noqa: E402
from sandbox.container.snapshot import snapshot  # noqa: E402
from sandbox.engine import labels  # noqa: E402
from sandbox.engine.discover import find_engine  # noqa: E402
from sandbox.lifecycle.journal import Journal, Record, RecordedPackage  # noqa: E402
from sandbox.lifecycle.owner import current_owner  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

PAGE: Final = ROOT / "docs/evidence/growth.md"
PICTURE: Final = ROOT / "docs/evidence/growth.svg"
MOST_EXPONENT: Final = 1.1
"""What the exponent may be: 1 is twice the time for twice the size."""
RUNS: Final = 3
"""Runs of each size, of which the fastest counts, as the machine may be busy: one where a run takes long."""
QUIET: Final = 1.0
"""The load above which the machine is too busy for figures that mean something."""
LONG: Final = 20.0
"""Seconds of a run from which one is enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What one size took: seconds, and the most memory of the process in bytes."""

    size: int
    seconds: float
    memory: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A task and the sizes that it is done with; `take` returns seconds and bytes of one run."""

    title: str
    unit: str
    sizes: tuple[int, ...]
    take: Callable[[Ground, int], tuple[float, int]]


class Ground:
    """Where it runs: the two programs of a stage, and a folder for each size."""

    def __init__(self, stage: Stage, folder: Path) -> None:
        self.stage = stage
        self.folder = folder

    def timed(self, *words: str, env: Mapping[str, str] | None = None) -> tuple[float, int]:
        """Return seconds and most bytes of a run of the program. Raises BenchError where it fails."""
        started = time.perf_counter()
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen(
                [*self.stage.program, *words],
                env={**self.stage.env, **(env or {})},
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=said,
            )
            _, status, used = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - started
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                said.seek(0)
                message = f"{' '.join(words)[:200]} failed:\n{said.read().decode(errors='replace')[-2000:]}"
                raise BenchError(message)
        return seconds, used.ru_maxrss * 1024


def history(ground: Ground, size: int) -> tuple[float, int]:
    """Return what `sandbox history` takes after so many sessions; each was written as a session writes it."""
    state = ground.folder / f"state-{size}"
    journal = Journal(state / "sandbox" / "journal.jsonl")
    (state / "sandbox").mkdir(parents=True, exist_ok=True)
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


def leftovers(ground: Ground, size: int) -> tuple[float, int]:
    """Return what `sandbox clean` takes for so many containers of sessions that died."""
    dead = current_owner()
    given = labels.session_labels(dead, session="0" * 16, name="gone", version="0", kind="session", expires=None)
    owner = json.loads(json.dumps(given))
    owner[labels.OWNER] = owner[labels.OWNER].replace(str(os.getpid()), "1999999", 1)
    words = [word for key, value in owner.items() for word in ("--label", f"{key}={value}")]

    def create(_number: int) -> None:
        ground.stage.docker("create", *words, ground.stage.base, "true")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(create, range(size)))
    found = ground.timed("clean")
    left = ground.stage.docker("ps", "--all", "--quiet", "--filter", f"label={labels.SESSION}={'0' * 16}").split()
    if left:
        raise BenchError(f"{len(left)} of {size} leftovers are still there")
    return found


def files(ground: Ground, size: int) -> tuple[float, int]:
    """Return what a look at all files of a sandbox takes that has so many more, in a process of its own."""
    ident = ground.stage.container()
    try:
        text = (
            f"mkdir /many && cd /many && seq 0 {size // 1000} | xargs mkdir && "
            f"seq {size} | awk '{{print int($1/1000) \"/\" $1}}' | xargs touch"
        )
        ground.stage.docker("exec", ident, "sh", "-c", text)
        started = time.perf_counter()
        pid = os.fork()
        if not pid:
            with find_engine(os.environ) as engine:
                found = len(snapshot(Box(engine, ident)).entries)
            os._exit(found < size)
        _, status, used = os.wait4(pid, 0)
        if status:
            raise BenchError(f"fewer than {size} files were seen")
        return time.perf_counter() - started, used.ru_maxrss * 1024
    finally:
        ground.stage.docker("rm", "--force", "--volumes", ident)


def packages(ground: Ground, size: int) -> tuple[float, int]:
    """Return seconds and bytes for so many small packages of the user's own, installed together."""
    folder = ground.folder / f"packages-{size}"
    if not folder.is_dir():
        folder.mkdir()
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


def together(ground: Ground, size: int) -> tuple[float, int]:
    """Return what so many `try` at once take, and the memory of the largest of them."""
    with ThreadPoolExecutor(size) as pool:
        started = time.perf_counter()
        done = list(pool.map(lambda _: ground.timed("try", "--distro", DISTRO, "--", "true"), range(size)))
        return time.perf_counter() - started, max(memory for _, memory in done)


def cells(ground: Ground, size: int) -> tuple[float, int]:
    """Return what a trial of so many cells takes: specs that only check that a command is there."""
    folder = ground.folder / f"cells-{size}"
    specs = folder / "sandboxes"
    if not specs.is_dir():
        specs.mkdir(parents=True)
        for number in range(size):
            (specs / f"spec-{number}.yaml").write_text("checks:\n  - run: 'true'\n")
    inner = Ground(ground.stage, folder)
    return inner.timed("trial", "--distro", DISTRO, "--quiet")


CURVES: Final[Mapping[str, Curve]] = {
    "packages": Curve(title="`try` of packages", unit="packages", sizes=(1, 10, 100, 1000), take=packages),
    "files": Curve(title="A look at all files", unit="files", sizes=(1000, 10_000, 100_000, 1_000_000), take=files),
    "together": Curve(title="`try` at once", unit="sandboxes", sizes=(1, 3, 10, 30, 100), take=together),
    "leftovers": Curve(title="`clean` after crashes", unit="leftovers", sizes=(10, 30, 100, 300, 1000), take=leftovers),
    "history": Curve(
        title="Writing and showing the history", unit="sessions", sizes=(10, 100, 1000, 10_000), take=history
    ),
    "cells": Curve(title="`trial`", unit="cells", sizes=(1, 3, 10, 30, 100, 200), take=cells),
}


def exponent(points: Sequence[tuple[float, float]]) -> float:
    """Return the slope of log y over log x, by least squares, over the last decade of x. Needs two points there."""
    last = max(x for x, _ in points)
    logs = [(math.log(x), math.log(y)) for x, y in points if x >= last / 10]
    middle = sum(x for x, _ in logs) / len(logs), sum(y for _, y in logs) / len(logs)
    spread = sum((x - middle[0]) ** 2 for x, _ in logs)
    return sum((x - middle[0]) * (y - middle[1]) for x, y in logs) / spread


def samples(curve: Curve, ground: Ground, most: int) -> list[Sample]:
    """Return a sample of each size up to `most`, the fastest run of each."""
    found = []
    for size in curve.sizes:
        if size > most:
            break
        runs: list[tuple[float, int]] = []
        while len(runs) < RUNS and (not runs or runs[-1][0] < LONG / 4):
            runs.append(curve.take(ground, size))
        found.append(Sample(size=size, seconds=min(one for one, _ in runs), memory=max(two for _, two in runs)))
        print(f"  {curve.unit} {size}: {found[-1].seconds:.2f} s, {found[-1].memory / 1e6:.0f} MB", flush=True)
    return found


WIDTH, HEIGHT, PAD = 260, 180, 34


def svg(taken: Mapping[str, Sequence[Sample]]) -> str:
    """Return a picture with a small diagram for each curve: both axes are logarithmic."""
    columns = 3
    rows = -(-len(taken) // columns)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {columns * WIDTH} {rows * HEIGHT}"',
        'font-family="sans-serif" font-size="10">',
        '<rect width="100%" height="100%" fill="white"/>',
    ]
    for number, (name, points) in enumerate(taken.items()):
        left, top = number % columns * WIDTH, number // columns * HEIGHT
        parts.append(f'<g transform="translate({left} {top})">{_diagram(CURVES[name], points)}</g>')
    return "\n".join([*parts, "</svg>", ""])


def _diagram(curve: Curve, points: Sequence[Sample]) -> str:
    xs = [math.log10(point.size) for point in points]
    low_x, high_x = xs[0], max(xs[-1], xs[0] + 1)
    lines = [
        f'<text x="{PAD}" y="14" font-weight="bold">{curve.title.replace("`", "")}</text>',
        f'<path d="M{PAD} {PAD}V{HEIGHT - PAD}H{WIDTH - PAD}" fill="none" stroke="#888"/>',
    ]
    for colour, label, values in (
        ("#06c", "seconds", [point.seconds for point in points]),
        ("#c60", "MB", [point.memory / 1e6 for point in points]),
    ):
        ys = [math.log10(value) for value in values]
        low, high = math.floor(min(ys)), max(math.ceil(max(ys)), math.floor(min(ys)) + 1)
        places = [
            (
                PAD + (x - low_x) / (high_x - low_x) * (WIDTH - 2 * PAD),
                HEIGHT - PAD - (y - low) / (high - low) * (HEIGHT - 2 * PAD),
            )
            for x, y in zip(xs, ys, strict=True)
        ]
        path = " ".join(f"{x:.0f},{y:.0f}" for x, y in places)
        lines.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        lines += [f'<circle cx="{x:.0f}" cy="{y:.0f}" r="2" fill="{colour}"/>' for x, y in places]
        side = PAD - 4 if colour == "#06c" else WIDTH - PAD + 4
        anchor = "end" if colour == "#06c" else "start"
        for value, y in ((10.0**low, HEIGHT - PAD), (10.0**high, PAD + 4)):
            lines.append(f'<text x="{side}" y="{y}" fill="{colour}" text-anchor="{anchor}">{value:g}</text>')
        lines.append(f'<text x="{side}" y="{HEIGHT // 2}" fill="{colour}" text-anchor="{anchor}">{label[:3]}</text>')
    lines += [
        f'<text x="{PAD}" y="{HEIGHT - PAD + 12}" text-anchor="middle">{points[0].size:,}</text>',
        f'<text x="{WIDTH - PAD}" y="{HEIGHT - PAD + 12}" text-anchor="middle">{points[-1].size:,}</text>',
        f'<text x="{WIDTH // 2}" y="{HEIGHT - PAD + 24}" text-anchor="middle">{curve.unit}</text>',
    ]
    return "".join(lines)


LARGEST: Final = max(size for curve in CURVES.values() for size in curve.sizes)

HEAD: Final = """\
# Growth

This page shows how the time and memory of `sandbox` grow with the size of a task. `make growth`
wrote it. The exponent is the slope of the curve over its last decade, with both axes logarithmic:
1 means that ten times the size takes ten times the time. At most 1.1 is the target.

![Curves of time and memory](growth.svg)

Seconds are blue, and megabytes of the largest process of `sandbox` are orange.

"""


def row(name: str, points: Sequence[Sample]) -> str:
    """Return the item of a curve: exponents, then each size."""
    curve = CURVES[name]
    time_ = exponent([(point.size, point.seconds) for point in points])
    memory = exponent([(point.size, point.memory) for point in points])
    verdict = "reached" if max(time_, memory) <= MOST_EXPONENT else "missed"
    sizes = "; ".join(f"{point.size:,}: {point.seconds:.2f} s, {point.memory / 1e6:.0f} MB" for point in points)
    text = f"- **{curve.title}**: exponent {time_:.2f} of time and {memory:.2f} of memory, {verdict}. By {curve.unit}: "
    return textwrap.fill(f"{text}{sizes}.", COLUMNS, subsequent_indent="  ")


def missing(taken: Mapping[str, Sequence[Sample]]) -> str:
    """Return an item for each curve that was not measured."""
    return "".join(f"- **{curve.title}**: not measured.\n" for name, curve in CURVES.items() if name not in taken)


def measured(load: float) -> str:
    """Return when it was measured, and whether the machine was too busy for figures that mean something."""
    busy = "; it was busy with other work, so these are no final figures" if load > QUIET else ""
    date = time.strftime("%Y-%m-%d")
    return textwrap.fill(f"Measured on {date}. The load of the machine was {load:.1f} before{busy}.", COLUMNS)


def main() -> int:
    """Measure, show, and write the page where all curves were taken whole."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--most", type=int, default=LARGEST, help="the largest size of any curve")
    parser.add_argument("--only", choices=CURVES, action="append", help="only this curve; may be given again")
    parser.add_argument("--write", action="store_true", help="write the page of what was measured, if not of all")
    asked = parser.parse_args()
    before = os.getloadavg()[0]
    taken = {}
    try:
        with Stage() as stage, tempfile.TemporaryDirectory(prefix="sandbox-growth-") as name:
            ground = Ground(stage, Path(name))
            for word in asked.only or CURVES:
                print(f"{word} ...", flush=True)
                points = samples(CURVES[word], ground, asked.most)
                if len(points) > 1:
                    taken[word] = points
    except BenchError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    text = "\n".join(row(word, points) for word, points in taken.items())
    print(text)
    if asked.write or not (asked.only or asked.most < LARGEST):
        PICTURE.write_text(svg(taken))
        PAGE.write_text(f"{HEAD}{text}\n{missing(taken)}\n{measured(before)}\n")
        print(f"wrote {PAGE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
