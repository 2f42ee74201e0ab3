"""`make engines`: what depends on an engine, tested on each kind; writes the table of docs/reference/engines.md.

Results of the engines that were not run are kept as they were. It ends with 1 where a test failed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import textwrap
import time
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import TYPE_CHECKING, Final

ROOT: Final = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))  # `python tests/engines/run.py` has only its own folder on it

from msgspec import Struct  # noqa: E402 - below what makes the rest importable
from tests.engines.daemons import DAEMONS  # noqa: E402
from tests.engines.differences import DIFFERENCES  # noqa: E402
from tests.storm.engines import private_engine  # noqa: E402
from tests.storm.run import STORMS, storms  # noqa: E402
from tests.storm.stage import LAB, Stage, stage_here  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.storm.engines import PrivateEngine


class Feature(Struct, frozen=True, kw_only=True):
    """What the tests of a file show; `only`: an expression that chooses some of them, as of pytest's -k.

    `is_full`: those too that only `make full` runs.
    """

    name: str
    file: str
    only: str = ""
    is_full: bool = False


FEATURES: Final = (
    Feature(name="contract", file="engine"),
    Feature(name="life", file="life"),
    Feature(name="cache", file="cache"),
    Feature(name="terminal", file="terminal"),
    Feature(name="trust", file="trust"),
    Feature(name="staying", file="living"),
    Feature(name="image", file="images"),
    Feature(name="build", file="buildkit"),
    Feature(name="inspect", file="inspect", only="apt or apk"),
    Feature(name="screen", file="screens", only="typed or killed"),
    Feature(name="boot", file="boot", only="host or grant or kill or root or enter", is_full=True),
    Feature(name="promote", file="promoting", only="not (nix or ruby or ansible or another)"),
)
"""Of inspect and promote what the engine may change: a manager's own rows are the lab's, on any engine."""
ASKED_STORMS: Final = ("kills", "signals", "leftovers", "crowd", "output")
"""Those that need no broken engine."""
SMALLEST: Final = ("life", "cache")
IMAGES: Final = (LAB, *(f"sandbox-lab/{name}:latest" for name in ("archive-bookworm", "postgres", "apk")))
DISK: Final = "9g"
SEED: Final = 20261129
RESULTS: Final = ROOT / "tests/engines/results.json"
PAGE: Final = ROOT / "docs/reference/engines.md"
BEGIN, END = "<!-- engines: written by make engines -->\n", "<!-- /engines -->\n"

WIDTH: Final = 99

PASSED, SKIPPED, FAILED = WORST = ("passed", "skipped", "failed")
"""How a test ended, the worst last."""

Cell = dict[str, object]


def main() -> int:
    """Run what is asked for; return 1 where something failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--on", nargs="*", choices=DAEMONS, default=tuple(DAEMONS))
    names = [feature.name for feature in FEATURES]
    parser.add_argument("--only", nargs="*", choices=[*names, "storms"], default=(*names, "storms"))
    parser.add_argument("--scale", type=float, default=0.1, help="share of the storms' full counts")
    parser.add_argument("--again", action="store_true", help="only what failed, or was not run, the last time")
    parser.add_argument("--dry", action="store_true", help="write the page of the results there are")
    asked = parser.parse_args()
    failed = [] if asked.dry else [kind for kind in asked.on if not run_on(kind, asked)]
    write_page(read_results())
    return int(bool(failed))


def run_on(kind: str, asked: argparse.Namespace) -> bool:
    """Run features on one engine, and note each result as it comes; return whether all passed."""
    before = read_results().get(kind, {}) if asked.again else {}
    only = [name for name in asked.only if name not in before or before[name]["failed"]]
    if not only:
        return True
    if reason := DAEMONS[kind].missing():
        raise SystemExit(f"{kind}: {reason}")
    with (
        stage_here(SEED) as stage,
        private_engine(stage, kind, images=IMAGES, disk=DISK, uplink=True) as (own, theirs),
    ):
        cells = [
            note(kind, row.name, tested_again(own, row, before.get(row.name))) for row in FEATURES if row.name in only
        ]
        if "storms" in only:
            cells.append(note(kind, "storms", stormed(theirs, asked.scale)))
    return not any(cell["failed"] for cell in cells)


def tested_again(own: PrivateEngine, feature: Feature, before: Cell | None) -> Cell:
    """Return how the tests of a feature ended; where some failed before, those alone are run again."""
    if before is None:
        return tested(own, feature)
    failed, passed, spent = before["failed"], before["passed"], before["seconds"]
    assert isinstance(failed, list)
    assert isinstance(passed, int)
    assert isinstance(spent, int)
    begun = time.monotonic()
    ended = run_tests(own, feature, {name.partition("[")[0] for name in failed})
    if not ended:  # they have other names by now
        return tested(own, feature)
    count = sum(ended.get(name) == PASSED for name in failed)
    still = [name for name, end in ended.items() if end == FAILED]
    return {**before, "passed": passed + count, "failed": still, "seconds": spent + round(time.monotonic() - begun)}


def tested(own: PrivateEngine, feature: Feature) -> Cell:
    """Return how the tests of a feature ended on an engine: how many passed, and the names of what did not."""
    begun = time.monotonic()
    ended = run_tests(own, feature)
    named = {end: [name for name, how in ended.items() if how == end] for end in (PASSED, FAILED, SKIPPED)}
    return {
        "passed": len(named[PASSED]),
        "failed": named[FAILED] or ([] if ended else ["no test was run"]),
        "skipped": named[SKIPPED],
        "seconds": round(time.monotonic() - begun),
    }


def run_tests(own: PrivateEngine, feature: Feature, names: Iterable[str] = ()) -> dict[str, str]:
    """Run the tests of a feature on an engine, or some of them by name; return how each ended."""
    chosen = " and ".join(f"({text})" for text in (feature.only, " or ".join(sorted(names))) if text)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        argv = (
            *("nsenter", f"--net=/run/netns/{own.space}"),
            *(sys.executable, "-m", "pytest", "--quiet", "-p", "no:cacheprovider", f"--junitxml={report}"),
            *(("-k", chosen) if chosen else ()),
            *(("-m", "full or not full") if feature.is_full else ()),
            f"tests/integration/test_{feature.file}.py",
        )
        environ = {**os.environ, "DOCKER_HOST": own.url, "SANDBOX_REQUIRE_ENGINE": "1"}
        subprocess.run(argv, cwd=ROOT, env=environ, check=False)
        cases = list(ET.parse(report).iter("testcase")) if report.is_file() else []
    # a test that passed and then left something is there twice: the worse of both counts
    ended = [(case.get("name", ""), end_of(case)) for case in cases]
    return {name: max((how for other, how in ended if other == name), key=WORST.index) for name, _ in ended}


def end_of(case: ET.Element) -> str:
    """Return how a test of a report of pytest's (JUnit) ended."""
    if any(case.find(kind) is not None for kind in ("failure", "error")):
        return FAILED
    return PASSED if case.find("skipped") is None else SKIPPED


def stormed(stage: Stage, scale: float) -> Cell:
    """Return how the storms ended on an engine."""
    begun = time.monotonic()
    rows = storms(stage, [name for name in STORMS if name in ASKED_STORMS], scale)
    failures = [text for row in rows for text in row.failures]
    passed = sum(row.count for row in rows) - len(failures)
    return {"passed": passed, "failed": failures, "skipped": [], "seconds": round(time.monotonic() - begun)}


def note(kind: str, name: str, cell: Cell) -> Cell:
    """Note a result beside those there are; return it."""
    results = read_results()
    results.setdefault(kind, {})[name] = cell
    RESULTS.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")
    print(f"{kind} {name}: {cell}", file=sys.stderr, flush=True)
    return cell


def read_results() -> dict[str, dict[str, Cell]]:
    """Return the results that were noted, by engine and feature."""
    found: dict[str, dict[str, Cell]] = json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}
    return found


def write_page(results: Mapping[str, Mapping[str, Cell]]) -> None:
    """Write the table and the differences into the page."""
    text = PAGE.read_text()
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}{table(results)}\n{differences()}{END}{after}")


def table(results: Mapping[str, Mapping[str, Cell]]) -> str:
    """Return engine x feature, as a Markdown item for each engine: a table would be wider than a terminal."""
    names = [*(feature.name for feature in FEATURES), "storms"]
    rows = []
    for kind, daemon in DAEMONS.items():
        there = results.get(kind, {})
        cells = [f"{name} {word(there[name], kind, name)}" for name in names if name in there]
        rest = [name for name in names if name not in there]
        cells += [f"not run: {', '.join(rest)}"] if rest else []
        rows.append(item(f"**{daemon.title}**: {'; '.join(cells)}"))
    return "".join(rows)


def word(cell: Cell, kind: str, name: str) -> str:
    """Return what stands in the table: `ok 39`, `differs 39`, `differs` where all are skipped, or `2 of 41 fail`."""
    passed, failed = cell["passed"], cell["failed"]
    assert isinstance(passed, int)
    assert isinstance(failed, list)
    if not passed and cell["skipped"]:
        return "differs"
    if failed:
        return f"{len(failed)} of {passed + len(failed)} fail"
    differs = any(name in row.features and kind in row.engines for row in DIFFERENCES)
    return f"{'differs' if differs else 'ok'} {passed}"


def differences() -> str:
    """Return each difference as a line: which engines, what they do, and why."""
    return "".join(lines_of(row.engines, row.how, row.why) for row in DIFFERENCES)


def lines_of(engines: Iterable[str], how: str, why: str) -> str:
    """Return one difference as a Markdown item."""
    titles = "; ".join(DAEMONS[kind].title for kind in engines)
    return item(f"**{titles}**: {how} {why}")


def item(text: str) -> str:
    """Return a text as an item of a Markdown list, no wider than a terminal."""
    return textwrap.fill(text, WIDTH, initial_indent="- ", subsequent_indent="  ", break_on_hyphens=False) + "\n"


if __name__ == "__main__":
    sys.exit(main())
