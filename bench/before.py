"""`make before`: this checkout beside an earlier commit, in one run; writes docs/evidence/performance-before.md.

Run as `python bench/before.py COMMIT [--only FIGURE]`. What `make bench` measures of `sandbox` is measured of both, in
turn. The older one is installed into an environment of its own, in a temporary folder.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # `python bench/before.py` has only bench/ on it

from bench.measures import HERE, RELEASES, SERVICE, Pair, Pairs, output, paste, seconds_of, visit  # noqa: E402
from bench.pages import QUIET, bullet, said, wrapped  # noqa: E402
from bench.stage import PACKAGE, Stage  # noqa: E402
from bench.table import FIGURES, cell, ratio_of  # noqa: E402
from bench.terminal import PROMPT, BenchError  # noqa: E402
from bench.trials import cells_seconds, write_specs  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

PAGE: Final = ROOT / "docs/evidence/performance-before.md"
MOST: Final = 1.03
"""The ratio above which an interval must not begin: else something became slower."""
COMMIT: Final = "ade17cd9"
"""The last commit before the work on the time to the prompt began."""
TEMPLATE: Final = """\
# Performance, compared with an earlier version

{intro}

Each item begins with the median ratio of this version to the earlier one, its 95 % interval (their
range for fewer than six pairs), and the number of pairs. Below 1x, this version needs less. No
interval may begin above {most}x. [Performance](performance.md) says how each figure is measured, and
compares it with other commands.

{table}

Measured on {day} with {ours} and {theirs} on {cores} cores, load {before:.1f} before and {after:.1f} after{busy}.
"""
INTRO: Final = """\
`make before` wrote this page. It compares the time and memory of `sandbox` with those of commit {commit} of {day}:
"{subject}". Both ran on one machine, in turn (A B A B). The second line of an item has the medians, with the range in
brackets."""


def shells(sides: Sequence[Stage], runs: int) -> Pairs:
    """Compare starts from the cache, and leaving."""
    for side in sides:
        side.fill_cache()
    visits = [[visit(side.try_(PACKAGE, "--cache")) for side in sides] for _ in range(runs + 1)][1:]
    return {
        "warm": _pair([[one.prompt for one in both] for both in visits]),
        "leaving": _pair([[one.leaving for one in both] for both in visits]),
    }


def installs(sides: Sequence[Stage], runs: int) -> Pairs:
    """Compare starts with an install, and the memory at the prompt: nothing is kept here."""
    visits = []
    for _ in range(runs + 1):
        for side in sides:
            side.forget_index()
        visits.append([visit(side.try_(PACKAGE, "--no-cache")) for side in sides])
    return {
        "cold": _pair([[one.prompt for one in both] for both in visits[1:]]),
        "memory": _pair([[one.memory for one in both] for both in visits[1:]]),
    }


def texts(sides: Sequence[Stage], runs: int) -> Pairs:
    """Compare what needs no engine."""
    asked = {"help": ("--help",), "version": ("--version",), "help-verb": ("help", "try")}
    return {name: _commands(sides, runs, words) for name, words in asked.items()}


def streams(sides: Sequence[Stage], runs: int) -> Pairs:
    """Compare a paste and a flood of output through two open shells."""
    opened = [side.try_() for side in sides]
    for shell in opened:
        shell.read_until(PROMPT)
    pasted = [[paste(shell) for shell in opened] for _ in range(runs + 1)]
    printed = [[output(shell) for shell in opened] for _ in range(runs + 1)]
    for shell in opened:
        shell.send(b"exit\r")
        shell.wait()
        shell.close()
    return {"paste": _pair(pasted[1:]), "output": _pair(printed[1:])}


def inspections(sides: Sequence[Stage], runs: int) -> Pairs:
    """Compare an inspection, and the first one on a base."""
    inspect = ("inspect", PACKAGE, *HERE)
    first = []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
            folders = zip(sides, (one, other), strict=True)
            first.append([seconds_of(side, *side.program, *inspect, XDG_CACHE_HOME=empty) for side, empty in folders])
    return {"inspect": _commands(sides, runs, inspect), "first": _pair(first)}


def services(sides: Sequence[Stage], runs: int) -> Pairs:
    """Compare an inspection of a package with a service."""
    return {"purge": _commands(sides, runs, ("inspect", SERVICE, *HERE))}


def comparisons(sides: Sequence[Stage], runs: int) -> Pairs:
    """Compare several inspections in one command."""
    return {"compare": _commands(sides, runs, ("compare", PACKAGE, "--quiet", "--distro", ",".join(RELEASES)))}


def matrices(sides: Sequence[Stage], runs: int) -> Pairs:
    """Compare a matrix of trials; of the lab's distros, which ask no mirror."""
    with tempfile.TemporaryDirectory() as name:
        write_specs(Path(name))
        return {
            "trial": _pair([[cells_seconds(Path(name), program=side.program) for side in sides] for _ in range(runs)])
        }


MEASURES: Final[Mapping[Callable[[Sequence[Stage], int], Pairs], tuple[int, tuple[str, ...]]]] = {
    texts: (25, ("help", "version", "help-verb")),
    shells: (25, ("warm", "leaving")),
    installs: (9, ("cold", "memory")),
    streams: (9, ("paste", "output")),
    inspections: (9, ("inspect", "first")),
    services: (5, ("purge",)),
    comparisons: (5, ("compare",)),
    matrices: (5, ("trial",)),
}
"""Each measurement with its number of pairs and the figures that it gives, by their names in `bench.table`."""


def _commands(sides: Sequence[Stage], runs: int, words: Sequence[str]) -> Pair:
    """Return the seconds of a command of both sides, in turn, after one pair that does not count."""
    found = [[seconds_of(side, *side.program, *words) for side in sides] for _ in range(runs + 1)]
    return _pair(found[1:])


def _pair(samples: Sequence[Sequence[float]]) -> Pair:
    ours, theirs = zip(*samples, strict=True)
    return Pair(ours=list(ours), theirs=list(theirs))


def main() -> int:
    """Measure, show and write; return 1 where something can't be measured, or became slower."""
    asked = _arguments()
    before = os.getloadavg()[0]
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))  # so that the stages are left
    try:
        with ExitStack() as stack:
            older = install(
                asked.commit, Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sandbox-before-")))
            )
            sides = [stack.enter_context(Stage()), stack.enter_context(Stage(older))]
            found: Pairs = {}
            for take, (runs, names) in MEASURES.items():
                if set(names) & set(asked.only or FIGURES):
                    print(f"measuring {', '.join(names)} ...", file=sys.stderr, flush=True)
                    found |= take(sides, asked.runs or runs)
            print(table(found))
            if not (asked.only or asked.runs):
                PAGE.write_text(page(sides, asked.commit, found, before), encoding="utf-8")
                print(f"wrote {PAGE.relative_to(ROOT)}")
    except BenchError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return int(any(is_slower(pair) for pair in found.values()))


def install(commit: str, folder: Path) -> tuple[str, ...]:
    """Install a commit of this project into the folder; return the command of its program."""
    archive = folder / "source.tar"
    python = folder / "venv" / "bin" / "python"
    (folder / "source").mkdir()
    for argv in (
        ("git", "-C", str(ROOT), "archive", "--output", str(archive), commit),
        ("tar", "-xf", str(archive), "-C", str(folder / "source")),
        (sys.executable, "-m", "venv", str(folder / "venv")),
        (str(python), "-m", "pip", "install", "--quiet", str(folder / "source")),
    ):
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        if done.returncode:
            raise BenchError(f"{' '.join(argv)} failed:\n{done.stderr.strip()}")
    return (str(python.with_name("sandbox")),)


def is_slower(pair: Pair) -> bool:
    """Return whether the whole interval of the ratio lies above what is allowed."""
    return ratio_of(pair)[0] > MOST


def table(found: Pairs) -> str:
    """Return the figures as a list of Markdown."""
    return "\n".join(_item(name, found[name]) for name in FIGURES if name in found)


def _item(name: str, pair: Pair) -> str:
    figure = FIGURES[name]
    low, ratio, high = ratio_of(pair)
    verb = "used" if figure.is_absolute else "took"
    slower = " It became slower." if is_slower(pair) else ""
    head = bullet(f"**{figure.title}**: {ratio:.2f}x ({low:.2f}-{high:.2f}, {len(pair.ours)} pairs).{slower}")
    both = bullet(f"It {verb} {cell(figure, pair.ours)}; the earlier version {verb} {cell(figure, pair.theirs)}.")
    return f"{head}\n{both.replace('- ', '  ', 1)}"


def page(sides: Sequence[Stage], commit: str, found: Pairs, before: float) -> str:
    """Return the text of docs/evidence/performance-before.md."""
    day, subject = said("git", "-C", str(ROOT), "show", "--no-patch", "--format=%cs%x09%s", commit).split("\t")
    ours = f"{said(*sides[0].program, '--version')} ({said('git', '-C', str(ROOT), 'describe', '--always', '--dirty')})"
    text = TEMPLATE.format(
        intro=wrapped(INTRO.format(commit=commit, day=day, subject=subject)),
        most=MOST,
        table=table(found),
        day=time.strftime("%Y-%m-%d"),
        ours=ours,
        theirs=f"{said(*sides[1].program, '--version')} ({commit})",
        cores=os.cpu_count(),
        before=before,
        after=os.getloadavg()[0],
        busy="; it was busy with other work, so these are no final figures" if before > QUIET else "",
    )
    head, _, last = text.rstrip("\n").rpartition("\n")
    return f"{head}\n{wrapped(last)}\n"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("commit", nargs="?", default=COMMIT, help=f"the earlier version (default: {COMMIT})")
    parser.add_argument("--runs", type=int, default=0, help="pairs of each figure; shown, not written")
    names = [name for _, names in MEASURES.values() for name in names]
    parser.add_argument("--only", choices=names, action="append", help="only this figure; may be given again")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
