"""The figures: what each compares, what it must reach, and their table."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Final

from bench.pages import bullet

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bench.measures import Pair


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the table. `limit` is a ratio, or a value in the figure's own unit where `is_absolute`."""

    title: str
    theirs: str
    limit: float
    aim: float | None = None
    is_absolute: bool = False
    shown: Callable[[float], str]

    def target(self) -> str:
        """Return what it must reach, and what it aims at."""
        limit = self.shown(self.limit) if self.is_absolute else f"{self.limit:g}x"
        return f"<= {limit}{f', aim {self.aim:g}x' if self.aim else ''}"

    def verdict(self, ours: float, theirs: float) -> str:
        """Return whether it is met, by medians."""
        reached = ours if self.is_absolute else ours / theirs
        if reached > self.limit:
            return "NOT MET"
        return "met" if self.aim is None or reached <= self.aim else "met, aim missed"


def seconds(value: float) -> str:
    """Return `0.365 s`."""
    return f"{value:.3f} s"


def megabytes(value: float) -> str:
    """Return `46 MB` for bytes, in powers of 1000."""
    return f"{value / 1e6:.0f} MB"


FIGURES: Final[Mapping[str, Figure]] = {
    "warm": Figure(
        title="warm: `sandbox try htop --cache` to the prompt",
        theirs="`docker run -it --rm` of an image that contains htop",
        limit=2,
        aim=1.5,
        shown=seconds,
    ),
    "cold": Figure(
        title="cold: `sandbox try htop` to the prompt",
        theirs="`docker run -it --rm` and apt-get in that container",
        limit=1,
        aim=0.85,
        shown=seconds,
    ),
    "leaving": Figure(
        title="leaving: from `exit` to the end of the process", theirs="`docker run -it --rm`", limit=2, shown=seconds
    ),
    "capture": Figure(
        title="`sandbox try htop --cache` to the prompt, with a record of the sandbox's state",
        theirs="`sandbox try htop --cache -- bash`, which records nothing",
        limit=1.1,
        shown=seconds,
    ),
    "look": Figure(
        title="leaving that shell, with the search for manual changes",
        theirs="leaving `sandbox try htop --cache -- bash`",
        limit=2,
        shown=seconds,
    ),
    "help": Figure(title="`sandbox --help`", theirs="`python -c pass`", limit=0.2, is_absolute=True, shown=seconds),
    "version": Figure(
        title="`sandbox --version`", theirs="`python -c pass`", limit=0.2, is_absolute=True, shown=seconds
    ),
    "memory": Figure(
        title="peak memory of the client, in the shell of a cold try",
        theirs="the docker command at the same point",
        limit=60e6,
        is_absolute=True,
        shown=megabytes,
    ),
    "paste": Figure(title="100 kB pasted into the shell", theirs="`docker exec -it`", limit=1.5, shown=seconds),
    "output": Figure(title="10 MB of output", theirs="`docker exec -it`", limit=1.5, shown=seconds),
    "inspect": Figure(
        title="`sandbox inspect htop`",
        theirs="`sandbox try htop -- true`, with the removal",
        limit=2,
        shown=seconds,
    ),
    "purge": Figure(
        title="`sandbox inspect redis-server`, with its service and its residue",
        theirs="`piuparts --apt redis-server`, with the chroot that it makes",
        limit=0.35,
        shown=seconds,
    ),
    "compare": Figure(
        title="`sandbox compare htop` on four releases of Debian",
        theirs="`sandbox inspect htop` on each, one after the other",
        limit=0.8,
        shown=seconds,
    ),
}

HEADER: Final = ("what", "sandbox", "compared with", "that took", "ratio", "target", "verdict")


def rows(found: Mapping[str, Pair]) -> list[tuple[str, ...]]:
    """Return the table's cells, medians with their range."""
    return [_row(figure, found[name]) for name, figure in FIGURES.items() if name in found]


def _row(figure: Figure, pair: Pair) -> tuple[str, ...]:
    ours, theirs = median(pair.ours), median(pair.theirs)
    return (
        figure.title,
        _cell(figure, pair.ours),
        figure.theirs,
        _cell(figure, pair.theirs),
        f"{ours / theirs:.2f}x",
        figure.target(),
        figure.verdict(ours, theirs),
    )


def _cell(figure: Figure, samples: list[float]) -> str:
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
    what, ours, other, theirs, ratio, target, verdict = line
    head = bullet(f"**{what}**: {ratio}, target {target}: {verdict}.")
    return f"{head}\n{bullet(f'{ours}; {other}: {theirs}').replace('- ', '  ', 1)}"
