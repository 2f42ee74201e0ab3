"""Prove the install scripts of real packages on real Debian, and print the table: make prove [PACKAGES=...]."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

PACKAGES = (
    "htop jq ripgrep tree tmux git curl strace nano vim fish zsh cowsay graphviz sqlite3 python3-requests libssl-dev"
    " redis-server nginx-light postgresql openssh-server rsyslog cron mariadb-server postfix tzdata locales"
    " keyboard-configuration w3m default-jre-headless"
).split()
"""Tools, libraries, services; with users (redis, postgresql), questions (postfix, tzdata), alternatives (vim, w3m)."""
RELEASES = ("bookworm", "trixie")
SANDBOX = Path(sys.executable).with_name("sandbox")


def run(folder: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the program with a journal of its own."""
    env = {**os.environ, "XDG_STATE_HOME": folder}
    return subprocess.run([SANDBOX, *words], env=env, capture_output=True, text=True, check=False, cwd=folder)


def proof_of(package: str, release: str) -> tuple[str, float, str]:
    """Return the verdict, the seconds of the proof, and what was found or went wrong."""
    with tempfile.TemporaryDirectory() as folder:
        tried = run(folder, "try", package, "--distro", f"debian:{release}", "-q", "--", "true")
        if tried.returncode:
            return "not tried", 0.0, (tried.stderr.splitlines() or [""])[0]
        done = run(folder, "promote", "--for", "tried", "-o", "install.sh")
        proof = json.loads(run(folder, "history", "--json").stdout)[0]["proof"]
        if proof is None:
            return "no proof", 0.0, (done.stderr.splitlines() or [""])[-1]
        said = [text for row in proof["checks"] if not row["passed"] for text in (row["name"], *row["differences"])]
        return (
            "FAILED" if done.returncode else "passed",
            proof["seconds"],
            ", ".join(said) or proof["checks"][0]["found"],
        )


def main() -> int:
    """Print a row a proof; the status is 1 where one failed."""
    packages = sys.argv[1:] or PACKAGES
    rows = []
    for release in RELEASES:
        for package in packages:
            verdict, seconds, found = proof_of(package, release)
            rows.append((verdict, seconds))
            print(f"{package:<24} {release:<10} {verdict:<10} {seconds:>6.1f} s  {found[:100]}", flush=True)
    passed = [seconds for verdict, seconds in rows if verdict == "passed"]
    print(f"{len(passed)} of {len(rows)} passed, median {statistics.median(passed or [0]):.1f} s")
    return int(len(passed) < len(rows))


if __name__ == "__main__":
    sys.exit(main())
