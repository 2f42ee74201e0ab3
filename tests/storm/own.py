"""Run a command with an engine of its own in place of the machine's: `python tests/storm/own.py podman pytest FILE`.

It gets the machine's base and lab images, DOCKER_HOST, and the engine's network.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))  # `python tests/storm/own.py` has only its own folder on it

import docker  # noqa: E402 - below what makes the rest importable
from tests.storm.engines import ROOM, missing, private_engine  # noqa: E402
from tests.storm.stage import LAB, Stage  # noqa: E402

from sandbox.commands.base import ensure  # noqa: E402
from sandbox.distros.lookup import find_target  # noqa: E402
from sandbox.engine.discover import find_engine  # noqa: E402


def main(kind: str, *argv: str) -> int:
    """Return the command's status; raise SystemExit with the reason where there can be no such engine."""
    if reason := missing(kind):
        raise SystemExit(f"{kind}: {reason}")
    with find_engine(os.environ) as engine, tempfile.TemporaryDirectory(prefix="own-") as folder:
        base = ensure(engine, find_target("debian:bookworm"), version="storm", folder=Path(folder)).reference
        client = docker.DockerClient(base_url=engine.url, timeout=120)
        stage = Stage(folder=Path(folder), url=engine.url, client=client, base=base)
        with private_engine(stage, kind, images=(LAB,), disk=ROOM, uplink=True) as (own, _):
            inside = ["nsenter", f"--net=/run/netns/{own.space}", *argv]
            return subprocess.run(inside, env={**os.environ, "DOCKER_HOST": own.url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
