"""Use programs of eight toolkits in a browser tab: make screens, or ON="tk-bookworm qt5-trixie".

Each row is a test of tests/integration/test_toolkits.py. What came of it is kept in bench/screens.json, so that a run
goes on where the one before ended; it writes docs/evidence/screens.md after each row.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from bench.pages import bullet  # noqa: E402
from tests.integration.test_toolkits import RELEASES, ROWS, TOOLKITS  # noqa: E402 - below what makes it importable

RESULTS: Final = ROOT / "bench/screens.json"
DOC: Final = ROOT / "docs/evidence/screens.md"
TEST: Final = "tests/integration/test_toolkits.py::test_a_program_of_each_toolkit_is_seen_and_used_in_a_tab"
FAILED: Final = "failed"
LONGEST: Final = 300

Seen = dict[str, str]
"""What was recorded of a row: `window`, `version`, `pixels` and what was `copied` out, or why it `failed`."""


def main() -> int:
    """Run rows and print a line for each; the status is 1 where one was not used."""
    parser = argparse.ArgumentParser()
    parser.add_argument("rows", nargs="*", default=[], metavar="ROW", help=" ".join(ROWS))
    parser.add_argument("--again", action="store_true", help="what was not used the last time")
    given = parser.parse_args()
    if unknown := set(given.rows) - set(ROWS):
        parser.error(f"no such row: {' '.join(sorted(unknown))}; there are {' '.join(ROWS)}")
    found: dict[str, Seen] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    new = [row for row in ROWS if row not in found or (given.again and FAILED in found[row])]
    for row in given.rows or new:
        found[row] = look(row)
        RESULTS.write_text(json.dumps({name: found[name] for name in ROWS if name in found}, indent=1) + "\n")
        DOC.write_text(page(found))
        print(f"{row:<20} {cell(found[row])}", flush=True)
    return int(any(FAILED in found[row] for row in found))


def look(row: str) -> Seen:
    """Run a row's test, and return what it recorded."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        options = ("-m", "full", "-o", "junit_family=xunit1", f"--junitxml={report}")
        argv = [sys.executable, "-m", "pytest", "--quiet", *options, f"{TEST}[{row}]"]
        done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
        if not report.exists():
            sys.exit(done.stdout + done.stderr)
        return recorded(ET.parse(report).getroot())


def recorded(report: ET.Element) -> Seen:
    """Return what the only test of a report in JUnit's form has recorded, or why it failed or did not run."""
    (case,) = report.iter("testcase")
    for kind in ("failure", "error", "skipped"):
        if (bad := case.find(kind)) is not None:
            return {FAILED: " ".join(re.sub(r"\s+", " ", bad.get("message", kind)).split())[:LONGEST]}
    return {one.get("name", ""): one.get("value", "") for one in case.iter("property")}


def cell(seen: Seen | None) -> str:
    """Return a row's outcome as it stands in the table."""
    if seen is None:
        return "not run"
    return "not used" if FAILED in seen else f"used, {seen['version']}"


def page(found: dict[str, Seen]) -> str:
    """Return docs/evidence/screens.md."""
    unseen = [row for row in ROWS if row in found and FAILED in found[row]]
    head = (ROOT / "bench/screens.head.md").read_text().rstrip()
    lines = [
        head.format(ran=len(found), wanted=len(ROWS), seen=len(found) - len(unseen), unseen=len(unseen)),
        "",
        f"| toolkit | program | {' | '.join(RELEASES)} |",
        f"|{' --- |' * (2 + len(RELEASES))}",
    ]
    for name, toolkit in TOOLKITS.items():
        cells = (cell(found.get(f"{name}-{release}")) for release in RELEASES)
        lines.append(f"| {toolkit.title} | {toolkit.argv[0]} ({toolkit.packages[0]}) | {' | '.join(cells)} |")
    rows = [(row, found[row]) for row in ROWS if row in found]
    told = [
        bullet(f"{row}: {seen.get(FAILED) or '{window}; {pixels} pixels; copied out: {copied}'.format(**seen)}")
        for row, seen in rows
    ]
    return "\n".join((*lines, "", "What was seen and copied out, or why it was not:", "", *told)) + "\n"


if __name__ == "__main__":
    sys.exit(main())
