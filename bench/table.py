"""The figures: what each compares, what it must reach, and their table."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb
from statistics import median
from typing import TYPE_CHECKING, Final

from bench.pages import bullet

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bench.measures import Pair


MISSED: Final = "missed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the table. `limit` is a ratio, or a value in the figure's own unit where `is_absolute`.

    `reason` says why the limit may be missed: a sentence, with what was measured.
    """

    title: str
    theirs: str
    limit: float
    aim: float | None = None
    is_absolute: bool = False
    reason: str = ""
    shown: Callable[[float], str]

    def target(self, ours: float, ratio: float) -> str:
        """Return the ratio or value that must be reached, and whether the medians reach it."""
        limit = self.shown(self.limit) if self.is_absolute else f"{self.limit:g}x"
        outcome = _outcome(ours if self.is_absolute else ratio, self.limit)
        return f"at most {limit}, {outcome}{f': {self.reason}' if self.reason and outcome == MISSED else ''}"

    def wish(self, ratio: float) -> str:
        """Return the ratio that we would like and whether the medians reach it, "" if there is none."""
        return f"{self.aim:g}x, {_outcome(ratio, self.aim)}" if self.aim else ""


def _outcome(found: float, limit: float) -> str:
    return "reached" if found <= limit else MISSED


def seconds(value: float) -> str:
    """Return `0.365 s`."""
    return f"{value:.3f} s"


def megabytes(value: float) -> str:
    """Return `46 MB` for bytes, in powers of 1000."""
    return f"{value / 1e6:.0f} MB"


CONFIDENCE: Final = 0.95

FIGURES: Final[Mapping[str, Figure]] = {
    "warm": Figure(
        title="Warm start: from `sandbox try htop --cache` to the prompt",
        theirs="`docker run -it --rm` of an image that contains htop",
        limit=1.4,
        aim=1.3,
        shown=seconds,
    ),
    "cold": Figure(
        title="Cold start: from `sandbox try htop` to the prompt",
        theirs="`docker run -it --rm` and apt-get in that container",
        limit=0.75,
        reason="apt itself, in a container that runs already, needs 1.5 s on one core",
        shown=seconds,
    ),
    "hour": Figure(
        title="Cold start again within the hour: `sandbox try htop`",
        theirs="`docker run -it --rm` and apt-get in that container",
        limit=0.5,
        shown=seconds,
    ),
    "day": Figure(
        title="Cold start again within a day: `sandbox try htop`",
        theirs="`docker run -it --rm` and apt-get in that container",
        limit=0.7,
        shown=seconds,
    ),
    "leaving": Figure(
        title="Leaving: from `exit` to the end of the process", theirs="`docker run -it --rm`", limit=1.5, shown=seconds
    ),
    "capture": Figure(
        title="Warm start that also records the sandbox's state",
        theirs="the same start without a record (`-- bash`)",
        limit=1.1,
        shown=seconds,
    ),
    "look": Figure(
        title="Leaving a shell, including the search for manual changes",
        theirs="leaving without a search (`-- bash`)",
        limit=2,
        shown=seconds,
    ),
    "help": Figure(
        title="Printing the help: `sandbox --help`",
        theirs="`python -c pass`",
        limit=3,
        shown=seconds,
    ),
    "version": Figure(
        title="Printing the version: `sandbox --version`",
        theirs="`python -c pass`",
        limit=3,
        shown=seconds,
    ),
    "help-verb": Figure(
        title="Printing the help of a verb: `sandbox help try`",
        theirs="`python -c pass`",
        limit=3,
        shown=seconds,
    ),
    "memory": Figure(
        title="Peak memory of the client at the prompt, after a cold start",
        theirs="the docker command at its prompt",
        limit=60e6,
        is_absolute=True,
        shown=megabytes,
    ),
    "paste": Figure(title="Pasting 100 kB into the shell", theirs="`docker exec -it`", limit=1.5, shown=seconds),
    "output": Figure(title="Printing 10 MB of output", theirs="`docker exec -it`", limit=1.5, shown=seconds),
    "inspect": Figure(
        title="Inspecting a package: `sandbox inspect htop`",
        theirs="`sandbox try htop -- true` with the removal",
        limit=1.35,
        shown=seconds,
    ),
    "first": Figure(
        title="The first inspection on a base: `sandbox inspect htop`",
        theirs="`sandbox try htop -- true` with the removal",
        limit=1.6,
        shown=seconds,
    ),
    "exports": Figure(
        title="Inspecting a package without root, by exports of the engine: `sandbox inspect htop`",
        theirs="`sandbox try htop -- true` with the removal",
        limit=1.6,
        reason="each of two exports takes Docker 20.10 0.4 s on both cores, 28.5 with containerd's store 1.6 s",
        shown=seconds,
    ),
    "purge": Figure(
        title="Inspecting a package with a service: `sandbox inspect redis-server`",
        theirs="`piuparts --apt redis-server` with its chroot",
        limit=0.35,
        shown=seconds,
    ),
    "compare": Figure(
        title="Comparing four releases of Debian: `sandbox compare htop`",
        theirs="`sandbox inspect htop` on one release after the other",
        limit=0.65,
        reason="one inspection keeps 1.3 of the 2 cores busy, and four take 15.2 s of a processor, 12.1 s of it in the"
        " containers: 7.6 s on two cores that never wait. These are no threads of one core: a busy one slows the other"
        " by less than 1 %",
        shown=seconds,
    ),
    "trial": Figure(
        title="Trying 8 specs on 4 distros: `sandbox trial`",
        theirs="one cell after the other (`--jobs 1`)",
        limit=0.55,
        reason="32 cells take 20.2 s of a processor, 12.3 s of it the engine's: 10.1 s on two cores that never wait",
        shown=seconds,
    ),
    "looks": Figure(
        title="A look at a sandbox with 100,000 more files of 1.6 GB in all",
        theirs="the engine's own export, read to its end",
        limit=1.4,
        aim=0.7,
        shown=seconds,
    ),
}

HEADER: Final = ("what", "sandbox", "compared with", "that took", "ratio", "target", "aim")


def rows(found: Mapping[str, Pair]) -> list[tuple[str, ...]]:
    """Return the table's cells, medians with their range."""
    return [_row(figure, found[name]) for name, figure in FIGURES.items() if name in found]


def ratio_of(pair: Pair) -> tuple[float, float, float]:
    """Return the median ratio of the pairs between the ends of its 95 % interval, by order statistics.

    So many of the ratios lie outside of it, half on each side, that the median of all would with a chance of 5 % at
    most. Below six pairs that are none, and the interval is their range, with 94 % for five.
    """
    ratios = sorted(ours / theirs for ours, theirs in zip(pair.ours, pair.theirs, strict=True))
    count = len(ratios)
    outside, chance = 0, 0.0
    while (chance := chance + 2 * comb(count, outside) / 2**count) <= 1 - CONFIDENCE:
        outside += 1
    first = max(0, outside - 1)
    return ratios[first], median(ratios), ratios[count - 1 - first]


def _row(figure: Figure, pair: Pair) -> tuple[str, ...]:
    low, ratio, high = ratio_of(pair)
    return (
        figure.title,
        cell(figure, pair.ours),
        figure.theirs,
        cell(figure, pair.theirs),
        f"{ratio:.2f}x ({low:.2f}-{high:.2f}, {len(pair.ours)} pairs)",
        figure.target(median(pair.ours), ratio),
        figure.wish(ratio),
    )


def cell(figure: Figure, samples: list[float]) -> str:
    """Return the median of samples, with their range."""
    low, high = (figure.shown(value).partition(" ")[0] for value in (min(samples), max(samples)))
    return f"{figure.shown(median(samples))} ({low}-{high})"


def plain(table: list[tuple[str, ...]]) -> str:
    """Return the table for a terminal."""
    lines = [HEADER, *table]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADER))]
    cells = [[cell.ljust(width) for cell, width in zip(line, widths, strict=True)] for line in lines]
    return "\n".join("   ".join(line).rstrip() for line in cells).replace("`", "")


def markdown(table: list[tuple[str, ...]]) -> str:
    """Return the table as the list in docs/evidence/performance.md."""
    return "\n".join(map(_item, table))


def _item(line: tuple[str, ...]) -> str:
    what, ours, other, theirs, ratio, target, aim = line
    head = bullet(f"**{what}**: {ratio}. Target: {target}.{f' Aim: {aim}.' if aim else ''}")
    verb = "used" if "MB" in ours else "took"
    return f"{head}\n{bullet(f'`sandbox` {verb} {ours}; {other} {verb} {theirs}.').replace('- ', '  ', 1)}"
