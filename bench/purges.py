"""Compare the residue that `sandbox inspect` finds with what piuparts finds: make purges [PACKAGES=...], as root.

piuparts installs and purges each package in a chroot of the same base. Findings are kept in the folder of truth.py, so
that 40 packages can be done in pieces.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path
from posixpath import dirname
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.pages import bullet
from bench.reasons import reason
from bench.truth import BASE, ROOT, grouped, options, real
from bench.truth_images import LABEL, docker
from bench.truth_said import PACKAGES, inspected, kept

DOC = ROOT / "docs/evidence/residue.md"
PIUPARTS: Final = "/usr/sbin/piuparts"
HEADS: Final = {"left": "purging left files on system", "gone": "have disappeared", "changed": "have been modified"}
_FILE: Final = re.compile(r"  (/.*?)(?: -> .*)?\t ")
ACCOUNTS: Final = ("user", "group")

Rows = dict[str, Any]


def base(folder: Path) -> Path:
    """Return the base as a compressed archive for chroots, made once."""
    path = folder / "base.tar.gz"
    if not path.exists():
        name = docker("create", "--label", LABEL, BASE, "true").strip()
        plain = folder / "base.tar"
        try:
            docker("export", "--output", str(plain), name)
        finally:
            docker("rm", name)
        subprocess.run(("gzip", "-1", "--force", str(plain)), check=True)
    return path


def purged(package: str, archive: Path) -> Rows:
    """Return what piuparts says that a purge left, and how long it took, in seconds."""
    argv = [PIUPARTS, "--apt", package, "--basetgz", str(archive), "--distribution", "bookworm", "--keep-sources-list"]
    began = time.monotonic()
    done = subprocess.run(
        [*argv, "--no-eatmydata", "--warn-on-leftovers-after-purge"], capture_output=True, text=True, check=False
    )
    text = re.sub(r"^\d+m[\d.]+s ", "", done.stdout, flags=re.MULTILINE)
    found: Rows = {"seconds": round(time.monotonic() - began, 1), "status": done.returncode}
    for kind, head in HEADS.items():
        part = re.search(rf"^\w+: .*{head}:\n((?:  /.*\n)*)", text, re.MULTILINE)
        found[kind] = [row[1] for line in part[1].splitlines() if (row := _FILE.match(line))] if part else []
    found["end"] = text.splitlines()[-40:] if done.returncode else []
    return found


def paths(found: Rows) -> Iterator[str]:
    """Yield `kind path` of what piuparts found; folders only where they are empty, as inspect tells them."""
    for kind in HEADS:
        there = {dirname(path.rstrip("/")) for path in found[kind]}
        for path in found[kind]:
            if path.rstrip("/") not in there:
                yield f"{kind} {real(path)}"


def said(answer: Rows) -> Iterator[str]:
    """Yield the same of what inspect found."""
    for row in answer["residue"]["left"]:
        if row["what"].startswith("/"):
            yield f"{row['kind'] if row['kind'] in ('gone', 'changed') else 'left'} {real(row['what'])}"
        else:
            yield f"{row['kind']} {row['what']}"


TABLES: Final = """
import importlib.machinery, importlib.util, json
loader = importlib.machinery.SourceFileLoader("piuparts", "/usr/sbin/piuparts")
module = importlib.util.module_from_spec(importlib.util.spec_from_loader("piuparts", loader))
loader.exec_module(module)
settings = module.Settings()
print(json.dumps([list(settings.ignored_files), list(settings.ignored_patterns)]))
"""


class Ignored:
    """What piuparts does not look at, by its own tables, as the system's Python reads them."""

    def __init__(self) -> None:
        argv = ("/usr/bin/python3", "-c", TABLES)
        files, patterns = json.loads(subprocess.run(argv, capture_output=True, text=True, check=True).stdout)
        self._files = {real(path) for path in files}
        self._patterns = [re.compile(pattern) for pattern in patterns]

    def __contains__(self, path: str) -> bool:
        names = (path, path.removeprefix("/usr"))
        return path in self._files or any(row.fullmatch(name) for row in self._patterns for name in names)


def check(package: str, folder: Path, ignored: Ignored) -> Rows:
    """Return what both found, what one alone found with the reason, and the seconds of both."""
    found = kept(folder / f"{package}.piuparts.gz", lambda: purged(package, base(folder)))
    answer = kept(folder / f"{package}.said.gz", lambda: inspected(package))
    one, other = set(paths(found)), set(said(answer))
    notes = {row["what"]: row["note"] for row in answer["residue"]["left"]}
    if found["end"] and answer["residue"]["failure"]:
        ours = dict.fromkeys(
            sorted(other - one),
            "this package refuses its removal, with inspect and with piuparts; piuparts then compares nothing",
        )
    else:
        ours = {item: _why_ours(package, item, notes, ignored) for item in sorted(other - one)}
    theirs = {item: reason(package, "piuparts", item) for item in sorted(one - other)}
    failure = answer["residue"]["failure"] if not found["end"] else ""
    if found["end"] and not answer["residue"]["failure"] and not any(found[kind] for kind in HEADS):
        failure = f"piuparts ended with {found['status']}: {found['end'][-1]}"
    return {
        "package": package,
        "both": sorted(one & other),
        "ours": ours,
        "theirs": theirs,
        "failure": failure,
        "why": reason(package, "failure", failure) if failure else "",
        "seconds": [answer["seconds"], found["seconds"]],
    }


def _why_ours(package: str, item: str, notes: dict[str, str], ignored: Ignored) -> str:
    kind, _, what = item.partition(" ")
    why: str = reason(package, "inspect", item)
    if why:
        return why
    if kind in ACCOUNTS:
        return "piuparts ignores the files that list users and groups"
    if what in ignored or f"{what}/" in ignored:
        return "piuparts ignores this path"
    if kind == "changed" and notes.get(what) == "content":
        return "piuparts compares owner, mode and size, not content"
    return ""


def unexplained(row: Rows) -> list[str]:
    """Return the differences that nobody has explained."""
    rows = [f"only inspect: {item}" for item, why in row["ours"].items() if not why]
    rows += [f"only piuparts: {item}" for item, why in row["theirs"].items() if not why]
    return [*rows, *([row["failure"]] if row["failure"] and not row["why"] else [])]


def document(rows: list[Rows]) -> str:
    """Return docs/evidence/residue.md."""
    lines = [(ROOT / "bench/purges.head.md").read_text().rstrip(), ""]
    lines += [
        "| package | found by both | found only by inspect | found only by piuparts |",
        "| --- | --- | --- | --- |",
    ]
    for row in rows:
        lines.append(f"| {row['package']} | {len(row['both'])} | {len(row['ours'])} | {len(row['theirs'])} |")
    lines += ["", "## The differences, one by one", ""]
    for row in rows:
        told = [*grouped("found only by inspect", row["ours"]), *grouped("found only by piuparts", row["theirs"])]
        told += [bullet(f"{row['failure']}: {row['why'] or 'NOT EXPLAINED'}")] if row["failure"] else []
        lines += [f"**{row['package']}**", "", *told, ""] if told else []
    return "\n".join(lines).rstrip() + "\n"


def main() -> int:
    """Print a line a package; the status is 1 where a difference is not explained, 75 where there was no time."""
    given = options()
    end, ignored = time.monotonic() + given.seconds, Ignored()
    rows = []
    for package in given.packages:
        if time.monotonic() > end:
            return 75
        rows.append(check(package, given.results, ignored))
        odd = unexplained(rows[-1])
        counts = f"{len(rows[-1]['both'])} by both, {len(rows[-1]['ours'])} and {len(rows[-1]['theirs'])} by one"
        print("\n    ".join([f"{package:<28} {counts}, {len(odd)} not explained", *odd]), flush=True)
    if tuple(given.packages) == tuple(PACKAGES):
        DOC.write_text(document(rows))
    return int(any(map(unexplained, rows)))


if __name__ == "__main__":
    sys.exit(main())
