"""What `make growth` has measured, kept between its runs, and how it becomes a page: exponents, drawing and text."""

from __future__ import annotations

import math
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec.json
from bench.pages import COLUMNS, QUIET
from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT: Final = Path(__file__).resolve().parents[1]
KEPT: Final = ROOT / "bench/growth.json"
"""The results of each curve's last run."""
PAGE: Final = ROOT / "docs/evidence/growth.md"
PICTURE: Final = ROOT / "docs/evidence/growth.svg"
MOST_EXPONENT: Final = 1.1
"""What the exponent may be: 1 is twice the time for twice the size."""


class Sample(Struct, frozen=True, kw_only=True):
    """What one size took: seconds, and the most memory of the process in bytes."""

    size: int
    seconds: float
    memory: int


class Taken(Struct, frozen=True, kw_only=True):
    """A run of a curve: `problem` is why it ended early, `load` that of the machine before, `date` as 2026-11-30."""

    samples: tuple[Sample, ...]
    problem: str = ""
    date: str
    load: float


class Task(Struct, frozen=True, kw_only=True):
    """What grows: its title, what its sizes count, and `reason`, why an exponent may be missed."""

    title: str
    unit: str
    reason: str = ""


def read_results() -> dict[str, Taken]:
    """Return the results of the last runs, by the curve's name."""
    return msgspec.json.decode(KEPT.read_bytes(), type=dict[str, Taken]) if KEPT.is_file() else {}


def note(name: str, taken: Taken) -> None:
    """Keep the result of a curve's run instead of its last one."""
    rows = sorted({**read_results(), name: taken}.items())
    KEPT.write_bytes(msgspec.json.format(msgspec.json.encode(dict(rows)), indent=1) + b"\n")


def exponent(points: Sequence[tuple[float, float]]) -> float:
    """Return the slope of log y over log x, by least squares, over the last decade of x. Needs two points there."""
    last = max(x for x, _ in points)
    logs = [(math.log(x), math.log(y)) for x, y in points if x >= last / 10]
    middle = sum(x for x, _ in logs) / len(logs), sum(y for _, y in logs) / len(logs)
    spread = sum((x - middle[0]) ** 2 for x, _ in logs)
    return sum((x - middle[0]) * (y - middle[1]) for x, y in logs) / spread


WIDTH, HEIGHT, PAD = 260, 180, 34


def svg(tasks: Mapping[str, Task], taken: Mapping[str, Taken]) -> str:
    """Return a picture with a small diagram for each curve of two sizes or more: both axes are logarithmic."""
    drawn = [(task, taken[name].samples) for name, task in tasks.items() if is_curve(taken.get(name))]
    columns = 3
    rows = -(-len(drawn) // columns)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {columns * WIDTH} {rows * HEIGHT}"',
        'font-family="sans-serif" font-size="10">',
        '<rect width="100%" height="100%" fill="white"/>',
    ]
    for number, (task, points) in enumerate(drawn):
        left, top = number % columns * WIDTH, number // columns * HEIGHT
        parts.append(f'<g transform="translate({left} {top})">{_diagram(task, points)}</g>')
    return "\n".join([*parts, "</svg>", ""])


def is_curve(taken: Taken | None) -> bool:
    """Return whether there are sizes between which something can grow."""
    return taken is not None and len(taken.samples) > 1


def _diagram(task: Task, points: Sequence[Sample]) -> str:
    lines = [
        f'<text x="{PAD}" y="14" font-weight="bold">{task.title.replace("`", "")}</text>',
        f'<path d="M{PAD} {PAD}V{HEIGHT - PAD}H{WIDTH - PAD}" fill="none" stroke="#888"/>',
        *_line("#06c", "s", points, [point.seconds for point in points]),
        *_line("#c60", "MB", points, [point.memory / 1e6 for point in points]),
    ]
    for place, y, text in (
        (PAD, HEIGHT - PAD + 12, f"{points[0].size:,}"),
        (WIDTH - PAD, HEIGHT - PAD + 12, f"{points[-1].size:,}"),
        (WIDTH // 2, HEIGHT - PAD + 24, task.unit),
    ):
        lines.append(f'<text x="{place}" y="{y}" text-anchor="middle">{text}</text>')
    return "".join(lines)


def _line(colour: str, label: str, points: Sequence[Sample], values: Sequence[float]) -> list[str]:
    """Return a line over the sizes with a dot for each, and its axis: at the left for seconds, else at the right."""
    xs, ys = [math.log10(point.size) for point in points], [math.log10(value) for value in values]
    low, high = math.floor(min(ys)), max(math.ceil(max(ys)), math.floor(min(ys)) + 1)
    places = [
        (
            PAD + (x - xs[0]) / (xs[-1] - xs[0]) * (WIDTH - 2 * PAD),
            HEIGHT - PAD - (y - low) / (high - low) * (HEIGHT - 2 * PAD),
        )
        for x, y in zip(xs, ys, strict=True)
    ]
    path = " ".join(f"{x:.0f},{y:.0f}" for x, y in places)
    side, anchor = (PAD - 4, "end") if label == "s" else (WIDTH - PAD + 4, "start")
    axis = ((f"{10.0**low:g}", HEIGHT - PAD), (f"{10.0**high:g}", PAD + 4), (label, HEIGHT // 2))
    return [
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>',
        *(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="2" fill="{colour}"/>' for x, y in places),
        *(f'<text x="{side}" y="{y}" fill="{colour}" text-anchor="{anchor}">{text}</text>' for text, y in axis),
    ]


HEAD: Final = """\
# Growth

This page shows how the time and memory of `sandbox` grow with the size of a task. `make growth`
wrote it. The exponent is the slope of the curve over its last decade, with both axes logarithmic:
1 means that ten times the size takes ten times the time. At most 1.1 is the target.

![Curves of time and memory](growth.svg)

Seconds are blue, and megabytes of the largest process of `sandbox` are orange.
"""


def row(task: Task, taken: Taken | None) -> str:
    """Return the item of a curve: exponents and why one is missed, then each size, then what failed."""
    if taken is None:
        return f"- **{task.title}**: not measured."
    sizes = "; ".join(f"{point.size:,}: {point.seconds:.2f} s, {point.memory / 1e6:.0f} MB" for point in taken.samples)
    parts = [
        f"- **{task.title}**: {_verdict(task, taken)}",
        f"By {task.unit}: {sizes}." if sizes else "",
        f"It ended early: {' '.join(taken.problem.split())[:300]}." if taken.problem else "",
    ]
    return textwrap.fill(" ".join(filter(None, parts)), COLUMNS, subsequent_indent="  ", break_on_hyphens=False)


def _verdict(task: Task, taken: Taken) -> str:
    if not is_curve(taken):
        return "no exponent."
    time_ = exponent([(point.size, point.seconds) for point in taken.samples])
    memory = exponent([(point.size, point.memory) for point in taken.samples])
    found = f"exponent {time_:.2f} of time and {memory:.2f} of memory"
    if max(time_, memory) <= MOST_EXPONENT:
        return f"{found}, reached."
    return f"{found}, missed: {task.reason or 'the cause is not known yet'}."


def measured(tasks: Mapping[str, Task], taken: Mapping[str, Taken]) -> str:
    """Return when it was measured at which load of the machine: one sentence for all that have the same."""
    runs: dict[tuple[str, float], list[str]] = {}
    for name, task in tasks.items():
        if name in taken:
            runs.setdefault((taken[name].date, round(taken[name].load, 1)), []).append(task.title)
    return "\n\n".join(_when(date, load, titles, alone=len(runs) == 1) for (date, load), titles in runs.items())


def _when(date: str, load: float, titles: Sequence[str], *, alone: bool) -> str:
    what = "Measured" if alone else f"{', '.join(titles)}: measured"
    busy = "; it was busy with other work, so these are no final figures" if load > QUIET else ""
    return textwrap.fill(f"{what} on {date}. The load of the machine was {load:.1f} before{busy}.", COLUMNS)


def page(tasks: Mapping[str, Task], taken: Mapping[str, Taken]) -> str:
    """Return the text of docs/evidence/growth.md."""
    rows = "\n".join(row(task, taken.get(name)) for name, task in tasks.items())
    return f"{HEAD}\n{rows}\n\n{measured(tasks, taken)}\n"


def write_page(tasks: Mapping[str, Task]) -> None:
    """Write the page and its drawing from the results that are kept."""
    taken = read_results()
    PICTURE.write_text(svg(tasks, taken))
    PAGE.write_text(page(tasks, taken))
