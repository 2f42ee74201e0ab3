"""`make prove`: the install scripts of real packages proven on real Debian; writes docs/evidence/proofs.md."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import textwrap
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from threading import Lock
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.pages import COLUMNS

ROOT: Final = Path(__file__).resolve().parents[1]
PAGE: Final = ROOT / "docs/evidence/proofs.md"
BEGIN: Final = "<!-- make prove writes this -->\n"
SANDBOX: Final = Path(sys.executable).with_name("sandbox")
RELEASES: Final = ("bookworm", "trixie")
KINDS: Final = {
    "tool": "htop jq ripgrep tree tmux git curl strace fish zsh cowsay graphviz sqlite3".split(),
    "library": "python3-requests libssl-dev".split(),
    "service, user": "redis-server nginx-light postgresql openssh-server rsyslog cron mariadb-server".split(),
    "service, user, questions": ["postfix"],
    "questions": "tzdata locales keyboard-configuration".split(),
    "alternatives": "nano vim w3m default-jre-headless".split(),
}
"""What each package was chosen for: what its maintainer's scripts do, or that it has none."""
PACKAGES: Final = {name: kind for kind, names in KINDS.items() for name in names}
SMALL: Final = 10
"""Packages that come at most with a small one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One proof: `seconds` of it, `came` packages with it, `found` what it said or what differed."""

    package: str
    release: str
    verdict: str
    seconds: float = 0.0
    came: int = 0
    found: str = ""

    def line(self) -> str:
        """Return the row for a terminal."""
        return f"{self.package:<22} {self.release:<9} {self.verdict:<9} {self.seconds:>6.1f} s  {self.found[:120]}"


def run(folder: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the program with a journal of its own."""
    env = {**os.environ, "XDG_STATE_HOME": folder}
    return subprocess.run([SANDBOX, *words], env=env, capture_output=True, text=True, check=False, cwd=folder)


def proof_of(package: str, release: str) -> Row:
    """Try a package, promote it with its proof, and return what came of that."""
    with tempfile.TemporaryDirectory() as folder:
        tried = run(folder, "try", package, "--distro", f"debian:{release}", "-q", "--", "true")
        if tried.returncode:
            return Row(package=package, release=release, verdict="not tried", found=_line(tried.stderr, 0))
        done = run(folder, "promote", "--for", "tried", "-o", "install.sh")
        proof = json.loads(run(folder, "history", "--json").stdout)[0]["proof"]
        if proof is None:
            return Row(package=package, release=release, verdict="no proof", found=_line(done.stderr, -1))
        said = [text for row in proof["checks"] if not row["passed"] for text in (row["name"], *row["differences"])]
        first = proof["checks"][0]["found"]
        return Row(
            package=package,
            release=release,
            verdict="FAILED" if done.returncode or said else "passed",
            seconds=proof["seconds"],
            came=int(first.split()[0]) if first[:1].isdigit() and not said else 0,
            found=", ".join(said) or "; ".join(f"{row['name']}: {row['found']}" for row in proof["checks"]),
        )


def _line(text: str, place: int) -> str:
    return (text.splitlines() or [""])[place]


def known(path: Path | None) -> dict[tuple[str, str], Row]:
    """Return the rows of a run that was cut off."""
    lines = path.read_text().splitlines() if path and path.exists() else []
    rows = [Row(**json.loads(line)) for line in lines]
    return {(row.package, row.release): row for row in rows}


def rows_of(packages: list[str], path: Path | None, jobs: int) -> list[Row]:
    """Return a row a proof, `jobs` at a time; what the file has is not run again, and the rest is added to it."""
    before, writing = known(path), Lock()

    def row_of(pair: tuple[str, str]) -> Row:
        row = before.get(pair) or proof_of(*pair)
        with writing:
            print(row.line(), flush=True)
            if path and pair not in before:
                with path.open("a") as file:
                    file.write(json.dumps(asdict(row)) + "\n")
        return row

    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(row_of, [(package, release) for package in packages for release in RELEASES]))


def summary(rows: list[Row]) -> str:
    """Return how many passed, and how long the small ones took."""
    passed = [row for row in rows if row.verdict == "passed"]
    small = [row.seconds for row in passed if row.came <= SMALL]
    seconds = median([row.seconds for row in passed] or [0])
    text = f"{len(passed)} of {len(rows)} proofs passed. The median time is {seconds:.1f} s"
    if not small:
        return text
    return f"{text}. For the {len(small)} proofs with at most {SMALL} packages, the median is {median(small):.1f} s"


def table(rows: list[Row]) -> str:
    """Return the part of the page between its marks."""
    lines = [
        "| package | chosen for | release | packages | time | proof |",
        "| --- | --- | --- | --- | --- | --- |",
        *(
            f"| {row.package} | {PACKAGES[row.package]} | {row.release} | {row.came} | {row.seconds:.1f} s |"
            f" {row.verdict}{f': {row.found}' if row.verdict != 'passed' else ''} |"
            for row in rows
        ),
    ]
    wanted = len(PACKAGES) * len(RELEASES)
    missing = f" `make prove` runs {wanted} proofs; this run left out {wanted - len(rows)} of them."
    text = f"{summary(rows)}. The load of the machine was {os.getloadavg()[2]:.1f}."
    return textwrap.fill(f"{text}{missing if len(rows) < wanted else ''}", COLUMNS) + "\n\n" + "\n".join(lines) + "\n"


def write(rows: list[Row]) -> None:
    """Write the table into the page."""
    head, begin, _ = PAGE.read_text().partition(BEGIN)
    if not begin:
        message = f"{PAGE.relative_to(ROOT)} has no place for the table"
        raise SystemExit(message)
    PAGE.write_text(f"{head}{begin}\n{table(rows)}")


def main() -> int:
    """Prove, print, and write the page where all were proven; the status is 1 where one failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("packages", nargs="*", help="only these, shown and not written")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="keep the rows there, and carry on from it")
    parser.add_argument("--only-kept", action="store_true", help="run none, and write what --keep has")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="proofs at a time (default: 2)")
    given = parser.parse_args()
    kept = list(known(given.keep).values()) if given.only_kept else None
    rows = kept or rows_of(given.packages or list(PACKAGES), given.keep, given.jobs)
    print(summary(rows))
    if not given.packages:
        write(rows)
    return int(any(row.verdict != "passed" for row in rows))


if __name__ == "__main__":
    sys.exit(main())
