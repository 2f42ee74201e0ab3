"""A matrix with every kind of end, for the tests of its renderings."""

from __future__ import annotations

from sandbox.trials.results import Cell, CellResult, CheckResult, TrialResult

HOSTILE = "\x1b[31mred\x1b[0m\x00 100%\n::error::x ]]> <b> &amp; \ud800 \ufffe"


def cell(spec: str, distro: str) -> Cell:
    return Cell(spec=spec, distro=distro)


GOOD = CellResult(
    cell=cell("web", "debian"), status="passed", seconds=4.1, install=3.0, checks=(CheckResult(number=1, title="curl"),)
)
BAD = CellResult(
    cell=cell("web", "alpine:3.23"),
    status="failed",
    seconds=2.2,
    checks=(
        CheckResult(number=1, title="curl", seconds=0.5),
        CheckResult(number=2, title="jq, yq: 100%", problem="exit status 127, expected 0", output=HOSTILE),
    ),
    log="/logs/web.log",
    attempts=2,
)
BROKEN = CellResult(
    cell=cell("c", "debian"), status="error", seconds=1.0, problem="no mirror answers", details=(("it said", "x"),)
)
DIFFERENT = CellResult(
    cell=cell("c", "alpine:3.23"), status="failed", seconds=61.0, differences=("package a: 1, then 2",)
)
FOUND = TrialResult(cells=(GOOD, BAD, BROKEN, DIFFERENT), seconds=70.0, folder="/logs")
