"""`make storm`: every storm in full against this machine's engine and engines of its own; prints the table.

`make podman` runs those that need no broken engine on a Podman of their own, at a tenth.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

ROOT: Final = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))  # `python tests/storm/run.py` has only its own folder on it

from tests.engines.daemons import DAEMONS  # noqa: E402 - below what makes it importable
from tests.storm.breakdowns import breakdowns  # noqa: E402
from tests.storm.crowd import crowd, leftovers  # noqa: E402
from tests.storm.engines import ROOM, private_engine  # noqa: E402
from tests.storm.kills import kills  # noqa: E402
from tests.storm.output import output  # noqa: E402
from tests.storm.registries import registries  # noqa: E402
from tests.storm.signals import storm_of_signals  # noqa: E402
from tests.storm.stage import LAB, SEED, Row, Stage, stage_here, table  # noqa: E402
from tests.storm.terminals import terminals  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

STORMS: Final[Mapping[str, Callable[[Stage, float], tuple[Row, ...]]]] = {
    "kills": lambda stage, scale: kills(stage, max(3, round(300 * scale))),
    "signals": lambda stage, scale: storm_of_signals(stage, max(4, round(300 * scale))),
    "leftovers": lambda stage, scale: leftovers(stage, max(8, round(100 * scale))),
    "crowd": lambda stage, scale: crowd(stage, max(4, round(50 * scale))),
    "output": lambda stage, scale: output(stage, max(8, round(1000 * scale))),
    "terminals": lambda stage, _: terminals(stage),
    "registries": lambda stage, scale: registries(stage, max(4, round(50 * scale))),
    "docker": lambda stage, _: breakdowns(stage, "docker"),
    "podman": lambda stage, _: breakdowns(stage, "podman"),
}

OWN: Final = "terminals"
"""The storm that has a target of its own, `make terminals`."""


def main() -> int:
    """Run the storms that are asked for; return 1 where one did not reach what it has to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full counts")
    parser.add_argument("--only", nargs="*", choices=STORMS, default=tuple(name for name in STORMS if name != OWN))
    parser.add_argument("--on", choices=DAEMONS, help="run them on an engine of their own, of this kind")
    parser.add_argument("--seed", type=int, default=SEED, help="of the chance that chooses the moments")
    asked = parser.parse_args()
    with stage_here(asked.seed) as stage:
        if asked.on is None:
            rows = storms(stage, asked.only, asked.scale)
        else:
            with private_engine(stage, asked.on, images=(LAB,), disk=ROOM) as (_, own):
                rows = storms(own, asked.only, asked.scale)
    print(table(rows))
    return int(any(row.failures for row in rows))


def storms(stage: Stage, names: Sequence[str], scale: float) -> list[Row]:
    """Run storms one after the other; say of each how long it took and what failed."""
    rows: list[Row] = []
    for name in names:
        start = time.monotonic()
        done = STORMS[name](stage, scale)
        rows += done
        print(f"{name}: {time.monotonic() - start:.0f} s", file=sys.stderr)
        for failure in (text for row in done for text in row.failures):
            print(f"  {failure}", file=sys.stderr)
    return rows


if __name__ == "__main__":
    sys.exit(main())
