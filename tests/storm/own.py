"""Run a command with an engine of its own in place of the machine's: `python tests/storm/own.py podman pytest FILE`.

It gets the machine's base and lab images, DOCKER_HOST, and the engine's network.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))  # `python tests/storm/own.py` has only its own folder on it

from tests.storm.engines import ROOM, missing, private_engine  # noqa: E402 - below what makes it importable
from tests.storm.stage import LAB, stage_here  # noqa: E402


def main(kind: str, *argv: str) -> int:
    """Return the command's status; raise SystemExit with the reason where there can be no such engine."""
    if reason := missing(kind):
        raise SystemExit(f"{kind}: {reason}")
    with stage_here() as stage, private_engine(stage, kind, images=(LAB,), disk=ROOM, uplink=True) as (own, _):
        inside = ["nsenter", f"--net=/run/netns/{own.space}", *argv]
        return subprocess.run(inside, env={**os.environ, "DOCKER_HOST": own.url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
