"""`make mutants`: make src wrong by one small change at a time, and see whether unit and contract tests notice.

It works in a copy of what is committed. The tests are run once under coverage, to know which of them come by a line;
of a change those are run. Of what a module does as it is imported all of its room's are: a test has come by before it
began. A line by which no test comes needs none to be run. So a change that survives is one that no test notices.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from coverage import CoverageData
from tests.mutants.sites import Site, is_whole, sites

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

ROOT: Final = Path(__file__).resolve().parents[2]
ROOMS: Final = ("managers", "inspect", "lifecycle", "promote", "provision")
PAGE: Final = ROOT / "docs/evidence/mutants.md"
MARK: Final = "<!-- make mutants writes this -->"
WIDTH: Final = 24
"""Letters of a change that the page shows: its lines are as long as a terminal is wide."""
LIMIT: Final = 240.0
"""Seconds after which a change counts as noticed: what never ends is noticed by who waits."""
FOLDERS: Final = ("tests/unit", "tests/contract")
ALONE: Final = Path(__file__).with_name("alone.sh")
PYTEST: Final = (sys.executable, "-m", "pytest", "--quiet", "-p", "no:cacheprovider", "--hypothesis-seed", "0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One change of one module of a room."""

    room: str
    path: str
    site: Site


def drawn(root: Path, count: int, seed: int) -> tuple[Mutant, ...]:
    """Return `count` changes, the rooms in turn, of each kind as many: else most would be words of messages."""
    chance = random.Random(seed)
    pools = {room: _pool(root, room) for room in ROOMS}
    found: list[Mutant] = []
    while len(found) < count and any(pools.values()):
        for room in ROOMS:
            if len(found) < count and pools[room]:
                kind = chance.choice(sorted(pools[room]))
                rows = pools[room][kind]
                one = rows.pop(chance.randrange(len(rows)))
                if not rows:
                    del pools[room][kind]
                if is_whole(one.site.applied((root / one.path).read_text())):
                    found.append(one)
    return tuple(found)


def _pool(root: Path, room: str) -> dict[str, list[Mutant]]:
    pool: dict[str, list[Mutant]] = {}
    for path in sorted((root / "src/sandbox" / room).rglob("*.py")):
        for site in sites(path.read_text()):
            pool.setdefault(site.kind, []).append(Mutant(room=room, path=str(path.relative_to(root)), site=site))
    return pool


@contextmanager
def copy_of(root: Path) -> Iterator[Path]:
    """Yield a folder with what is committed."""
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        packed = subprocess.run(("git", "-C", str(root), "archive", "HEAD"), check=True, capture_output=True).stdout
        subprocess.run(("tar", "-x", "-C", folder), input=packed, check=True)
        (Path(folder) / ".venv").symlink_to(root / ".venv")
        yield Path(folder)


def lines_of(text: str, site: Site) -> range:
    """Return the lines of a change, and of all of the statement that it is in: Python comes by some of them alone."""
    own = range(site.line, site.line + site.before.count("\n") + 1)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.stmt) and not hasattr(node, "body"):
            whole = range(node.lineno, (node.end_lineno or node.lineno) + 1)
            if own.start in whole:
                return whole
    return own


class Tests:
    """The tests of a copy, and which of them come by a line."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.data = CoverageData(str(root / ".coverage"))
        self.failing: frozenset[str] = frozenset()

    def watch(self) -> None:
        """Run all tests once under coverage; what fails without any change, as where there is no git, is left out."""
        cover = ("--cov=src/sandbox", "--cov-context=test", "--cov-report=")
        ended = self._pytest((*cover, *FOLDERS), limit=7200.0)
        self.failing = frozenset(re.findall(r"^(?:FAILED|ERROR) (\S+)", ended.stdout, re.MULTILINE))
        print(f"{ended.stdout.splitlines()[-1]}: {sorted(self.failing)}", flush=True)
        self.data.read()

    def notice(self, mutant: Mutant) -> str | None:
        """Return the test that fails with a change, None where none does."""
        words = self._about(mutant)
        if not words:
            return None
        path = self.root / mutant.path
        text = path.read_text()
        try:
            path.write_text(mutant.site.applied(text))
            return self._failing(words)
        finally:
            path.write_text(text)

    def _failing(self, words: Sequence[str]) -> str | None:
        try:
            ended = self._pytest(("--exitfirst", *words), limit=LIMIT)
        except subprocess.TimeoutExpired:
            return f"(runs longer than {LIMIT:.0f} s)"
        if ended.returncode == 0:
            return None
        named = re.search(r"^(?:FAILED|ERROR) (\S+)", ended.stdout, re.MULTILINE)
        return named[1] if named else "(no module of the tests can import it)"

    def _about(self, mutant: Mutant) -> Sequence[str]:
        """Return what pytest is to run: the tests that come by the lines of a change, all of its room, or nothing."""
        by_line = self.data.contexts_by_lineno(str(self.root / mutant.path))
        lines = lines_of((self.root / mutant.path).read_text(), mutant.site)
        names = {context.partition("|")[0] for line in lines for context in by_line.get(line, ())}
        if "" in names:
            return ("--only", mutant.room, *FOLDERS)
        return self._listed(names - self.failing)

    def _listed(self, names: Collection[str]) -> Sequence[str]:
        """Return the argument that names these tests; their names may be too long for a command line."""
        wanted = self.root / "wanted"
        wanted.write_text("\n".join(sorted(names)))
        return (f"@{wanted}",) if names else ()

    def _pytest(self, words: Sequence[str], limit: float) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, "PYTHONPATH": f"{self.root / 'src'}", "PYTHONDONTWRITEBYTECODE": "1"}
        argv = (str(ALONE), str(self.root), *PYTEST, *words)
        return subprocess.run(argv, env=env, text=True, capture_output=True, timeout=limit, check=False)


def report(rows: Sequence[tuple[Mutant, str | None]], seed: int) -> str:
    """Return the part of the page that is written."""
    rooms = Counter(mutant.room for mutant, _ in rows)
    noticed = Counter(mutant.room for mutant, test in rows if test)
    lines = [
        f"Tests noticed {noticed.total()} of {len(rows)} changes (seed {seed}).",
        "",
        "| room | changes | noticed |",
        "| --- | --- | --- |",
        *(f"| {room} | {rooms[room]} | {noticed[room]} |" for room in ROOMS if rooms[room]),
        "",
        "No test noticed these changes:",
        "",
        "| where | was | became |",
        "| --- | --- | --- |",
        *(_row(mutant) for mutant, test in rows if not test),
    ]
    return "\n".join((*lines, ""))


def _row(mutant: Mutant) -> str:
    where = f"{mutant.path.removeprefix('src/sandbox/')}:{mutant.site.line}"
    return f"| {where} | {_cell(mutant.site.before)} | {_cell(mutant.site.after)} |"


def _cell(text: str) -> str:
    words = " ".join(text.split()).replace("|", "\\|").replace("`", "'")
    return f"`{words if len(words) <= WIDTH else f'{words[: WIDTH - 3]}...'}`"


def main() -> None:
    """Run them all, print each as it ends, and write the page of those so far."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20261129)
    parser.add_argument("--from", type=int, default=0, dest="first", help="begin with the change of this number")
    wanted = parser.parse_args()
    rows: list[tuple[Mutant, str | None]] = []
    head = PAGE.read_text().partition(MARK)[0]
    with copy_of(ROOT) as root:
        tests = Tests(root)
        tests.watch()
        for number, mutant in enumerate(drawn(root, wanted.count, wanted.seed)[wanted.first :], wanted.first):
            began = time.monotonic()
            rows.append((mutant, tests.notice(mutant)))
            print(f"{number} {time.monotonic() - began:.0f}s {rows[-1][1] or 'SURVIVED'} {_row(mutant)}", flush=True)
            PAGE.write_text(f"{head}{MARK}\n\n{report(rows, wanted.seed)}")  # a run that is cut off has told something


if __name__ == "__main__":
    main()
