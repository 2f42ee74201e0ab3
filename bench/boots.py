"""Compare what `sandbox inspect --boot` says of units and ports with a machine that boots: make boots, or PACKAGES.

The machine is bench/truth_boot.py's: a container with far more power, that is stopped and started after the install,
and asked by systemctl and ss. Both begin with the same packages of a host. It writes docs/evidence/boots.md.
"""

from __future__ import annotations

import argparse
import json
import math
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.pages import bullet
from bench.truth_boot import CHOSEN, IMAGE, Boot, make_image, measured
from bench.truth_said import kept

ROOT = Path(__file__).parents[1]
DOC = ROOT / "docs/evidence/boots.md"
PACKAGES = (
    "redis-server nginx-light openssh-server unattended-upgrades rsync memcached lighttpd anacron sysstat cockpit-ws"
    " apache2 fail2ban dnsmasq chrony at"
).split()
"""Chosen for what begins and how: at boot, by timers and sockets, under conditions, at ports, and what needs power."""
SPEC = {"distro": "debian:bookworm", "image": IMAGE, "boot": True}
_CLOCK = "the unit has ConditionCapability=CAP_SYS_TIME, which no sandbox has; the report says `skipped`"
REASONS: dict[str, dict[str, str]] = {
    "chrony": {"begun on the machine alone: chrony.service": _CLOCK, "open on the machine alone: 323/udp": _CLOCK}
}
"""Why a difference is none of the report's, by package and difference."""

Look = dict[str, Any]


def inspected(package: str) -> Look:
    """Return the footprint of a package, and what was not seen."""
    with tempfile.TemporaryDirectory() as folder:
        spec = Path(folder) / "boot.json"
        spec.write_text(json.dumps({**SPEC, "packages": [package]}))
        argv = [sys.executable, "-m", "sandbox", "inspect", "--spec", str(spec), "--allow", "boot", "--json", "-q"]
        done = subprocess.run(argv, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        sys.exit(f"sandbox inspect {package} --boot failed: {done.stderr.strip()}")
    found = json.loads(done.stdout)
    return {"booted": found["footprint"]["booted"], "ports": ports_said(found), "unseen": found["unseen"]}


def ports_said(found: Look) -> list[str]:
    """Return the ports of a report, as `80/tcp`, or `any/tcp` for one of the kernel's choice."""
    rows = [row["what"] for row in found["footprint"]["findings"] if row["kind"] == "ports"]
    return sorted({_port(row) for row in rows})


def _port(text: str) -> str:
    number, _, protocol = text.partition("/")
    return f"any/{protocol}" if number == "any" or int(number) in CHOSEN else text


def began(boot: Boot, suffix: str) -> set[str]:
    """Return the new units of a kind that the machine's boot has begun."""
    rows = boot.began(suffix).items()
    return {name for name, row in rows if row.get("InactiveExitTimestampMonotonic", "0") not in ("", "0")}


def differences(said: Look, boot: Boot) -> list[str]:
    """Return what one of both alone has: services that began, that failed, what waits, ports."""
    rows = said["booted"] or []
    ours = {row["name"] for row in rows if row["kind"] == "service" and row["state"] != "skipped"}
    waits = {row["name"] for row in rows if row["kind"] != "service"}
    theirs = {name for kind in (".timer", ".socket", ".path") for name in began(boot, kind)}
    failed = {row["name"] for row in rows if row["state"] == "failed"}
    ports = {_port(f"{row.split()[2]}/{row.split()[0]}") for row in boot.ports()}
    pairs = (
        ("begun", ours, began(boot, ".service")),
        ("waiting", waits, theirs),
        ("failed", failed, boot.failed()),
        ("open", set(said["ports"]), ports),
    )
    return [
        f"{what} {where} alone: {', '.join(sorted(part))}"
        for what, mine, other in pairs
        for where, part in (("here", mine - other), ("on the machine", other - mine))
        if part
    ]


def check(package: str, folder: Path) -> Look:
    """Return what was compared of a package, from files where it is known."""
    said = kept(folder / f"{package}.booted.gz", lambda: inspected(package))
    boot = Boot(kept(folder / f"{package}.boot.gz", lambda: measured(package)))
    rows = said["booted"] or []
    states = [row["state"] for row in rows if row["kind"] == "service"]
    return {
        "package": package,
        "facts": {
            "services that run": states.count("runs"),
            "that ended": states.count("ended"),
            "timers, sockets, paths": sum(row["kind"] != "service" for row in rows),
            "ports": len(said["ports"]),
        },
        "wrong": differences(said, boot),
    }


def page(rows: list[Look]) -> str:
    """Return docs/evidence/boots.md."""
    heads = ("package", *rows[0]["facts"], "differences")
    lines = [
        (ROOT / "bench/boots.head.md").read_text().rstrip().format(count=len(rows), wanted=len(PACKAGES)),
        "",
        f"| {' | '.join(heads)} |",
        f"|{' --- |' * len(heads)}",
        *(f"| {' | '.join(map(str, (row['package'], *row['facts'].values(), len(row['wrong']))))} |" for row in rows),
    ]
    for row in rows:
        reasons = REASONS.get(row["package"], {})
        told = [bullet(f"{text}: {reasons.get(text, 'NOT EXPLAINED')}") for text in row["wrong"]]
        lines += ["", f"**{row['package']}**", "", *told] if told else []
    return "\n".join(lines) + "\n"


def main() -> int:
    """Print a line a package; the status is 1 for a difference without a reason, 75 where there was no time for all."""
    parser = argparse.ArgumentParser()
    parser.add_argument("packages", nargs="*", default=PACKAGES)
    parser.add_argument("--results", type=Path, default=ROOT / ".truth")
    parser.add_argument("--seconds", type=float, default=math.inf)
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    given.results.mkdir(exist_ok=True)
    make_image()
    end, rows = time.monotonic() + given.seconds, []
    for package in given.packages:
        has_both = all((given.results / f"{package}.{kind}.gz").exists() for kind in ("boot", "booted"))
        if time.monotonic() < end or has_both:
            rows.append(check(package, given.results))
            print(f"{package:<24} {rows[-1]['facts']} {rows[-1]['wrong'] or 'equal'}", flush=True)
    if rows and given.packages == PACKAGES:
        DOC.write_text(page(rows))
    if len(rows) < len(given.packages):
        return 75
    return int(any(text not in REASONS.get(row["package"], {}) for row in rows for text in row["wrong"]))


if __name__ == "__main__":
    sys.exit(main())
