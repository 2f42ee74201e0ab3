"""`make storm`: every storm in full against this machine's engine and engines of its own; prints the table."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

ROOT: Final = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))  # `python tests/storm/run.py` has only its own folder on it

import docker  # noqa: E402 - below what makes the rest importable
from tests.storm.breakdowns import breakdowns  # noqa: E402
from tests.storm.crowd import crowd, leftovers  # noqa: E402
from tests.storm.kills import kills  # noqa: E402
from tests.storm.output import output  # noqa: E402
from tests.storm.registries import registries  # noqa: E402
from tests.storm.signals import storm_of_signals  # noqa: E402
from tests.storm.stage import Row, Stage, table  # noqa: E402

from sandbox.commands.base import ensure  # noqa: E402
from sandbox.distros.lookup import find_target  # noqa: E402
from sandbox.engine.find import find_engine  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Storm = "Callable[[Stage, float], tuple[Row, ...]]"
STORMS: Final[Mapping[str, Callable[[Stage, float], tuple[Row, ...]]]] = {
    "kills": lambda stage, scale: kills(stage, max(3, round(300 * scale))),
    "signals": lambda stage, scale: storm_of_signals(stage, max(4, round(300 * scale))),
    "leftovers": lambda stage, scale: leftovers(stage, max(8, round(100 * scale))),
    "crowd": lambda stage, scale: crowd(stage, max(4, round(50 * scale))),
    "output": lambda stage, scale: output(stage, max(8, round(1000 * scale))),
    "registries": lambda stage, scale: registries(stage, max(4, round(50 * scale))),
    "docker": lambda stage, _: breakdowns(stage, "docker"),
    "podman": lambda stage, _: breakdowns(stage, "podman"),
}


def main() -> int:
    """Run the storms that are asked for; return 1 where one did not reach what it has to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full counts")
    parser.add_argument("--only", nargs="*", choices=STORMS, default=tuple(STORMS))
    asked = parser.parse_args()
    rows: list[Row] = []
    with find_engine(os.environ) as engine, tempfile.TemporaryDirectory(prefix="storm-") as folder:
        base = ensure(engine, find_target("debian:bookworm"), version="storm", folder=Path(folder)).reference
        client = docker.DockerClient(base_url=engine.url, timeout=120)
        stage = Stage(folder=Path(folder), url=engine.url, client=client, base=base)
        for name in asked.only:
            start = time.monotonic()
            done = STORMS[name](stage, asked.scale)
            rows += done
            print(f"{name}: {time.monotonic() - start:.0f} s", file=sys.stderr)
            for failure in (text for row in done for text in row.failures):
                print(f"  {failure}", file=sys.stderr)
    print(table(rows))
    return int(any(row.failures for row in rows))


if __name__ == "__main__":
    sys.exit(main())
