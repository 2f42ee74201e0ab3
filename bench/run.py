"""`make bench`: sandbox beside what a user would type instead, in one run; writes docs/evidence/performance.md."""

from __future__ import annotations

import argparse
import os
import platform
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # `python bench/run.py` has only bench/ on it

from bench.measures import LONG, MEASURES, PAIRS, Pairs  # noqa: E402 - below what makes it importable
from bench.pages import COLUMNS  # noqa: E402
from bench.stage import INSTALL, Stage  # noqa: E402
from bench.table import FIGURES, markdown, plain, rows  # noqa: E402
from bench.terminal import BenchError  # noqa: E402

PAGE: Final = ROOT / "docs/evidence/performance.md"
QUIET: Final = 1.0
"""The load above which the machine is too busy for figures that mean something."""
FEWEST: Final = 5
"""Pairs of a figure for which nothing else is said, and of `--quick`."""

TEMPLATE: Final = """\
# Performance

This page compares the time and memory of `sandbox` with those of the commands that you would type
instead. `make bench` wrote it. Both sides ran on one machine, in turn (A B A B), so that a busy
machine slows both. Times and bytes are medians, with the range in brackets.

Each item begins with the median ratio of `sandbox` to the other command, its 95 % interval (their
range for fewer than six pairs), and the number of pairs. Below 1x, `sandbox` needs less.
The target is the ratio, time or memory that must be reached. The aim is the ratio that we would
like. The second line gives both figures.

{table}

{measured}
Load of the machine: {before:.1f} before, {after:.1f} after{busy}.

## How it is measured

- Each side has its own terminal (24x80).
  A first pair of short runs fills the page cache, and does not count.
- **To the prompt**: the time from the start of the process to the first `root@...:/#` on its
  terminal.
- **Cold**: both sides have the base image, but neither the package index nor the packages.
  `sandbox try htop` is compared with this command; both download from the same mirror:

  ```sh
  docker run -it --rm {base} \\
    sh -c '{install} && exec bash'
  ```

- **Cold again**: `sandbox` has the package index of a run before, which is 30 minutes or 12 hours
  old. `docker run` fetches it, as the first time.
- **Warm**: `sandbox try htop --cache` starts from its cached image, and `docker run -it --rm` from
  an image that contains htop.
- **Inspecting**: both commands fetch the package index (`index_cache: false`). The first inspection
  on a base has an empty cache folder.
- **Leaving**: the time from typing `exit` to the end of the process, in the warm runs. `sandbox`
  does not ask about promotion there (`SANDBOX_PROMOTE=never`). Both end when the container is gone.
  `sandbox` also asks the engine whether the session has left anything.
- **Record and search**: with `-- bash`, `sandbox` neither records the state at the start nor
  searches for manual changes at the end.
- **Memory**: the highest memory use of the client process (VmHWM, proc(5)), read at the prompt.
- **Pasting**: the time from pasting 100 kB into `head -c 100000 | sha256sum` until the sum appears.
- **Printing**: the time until the last byte of 10 MB from `seq` is read. `make bench` compares the
  checksums of both sides.
- All settings have their defaults. At its end, the run removes everything that it made on the
  engine.

## Again

```sh
make bench
.venv/bin/python bench/run.py --quick    # shown, not written
.venv/bin/python bench/run.py --only warm --only leaving    # a part: shown, not written
```
"""


def main() -> int:
    """Measure, show and write; return 1 where something can't be measured."""
    asked = _arguments()
    before = os.getloadavg()[0]
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))  # so that the stage is left
    try:
        with Stage() as stage:
            found = measure(stage, asked.runs, asked.only or quick_figures(is_quick=asked.quick))
            table = rows(found)
            print(plain(table))
            if not (asked.only or asked.quick or asked.runs):
                PAGE.write_text(page(stage, table, before), encoding="utf-8")
                print(f"wrote {PAGE.relative_to(ROOT)}")
    except BenchError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def quick_figures(*, is_quick: bool) -> list[str]:
    """Return the names of all figures, or of those that take no minute."""
    slow = {name for take in LONG for name in MEASURES[take]} if is_quick else set()
    return [name for name in FIGURES if name not in slow]


def measure(stage: Stage, runs: int, wanted: list[str]) -> Pairs:
    """Return the samples of the figures that are wanted; `runs` pairs of each, or 0 for its usual number."""
    found: Pairs = {}
    for take, names in MEASURES.items():
        if set(names) & set(wanted):
            print(f"measuring {', '.join(names)} ...", file=sys.stderr, flush=True)
            found |= take(stage, runs or PAIRS.get(take, FEWEST))
    return {name: pair for name, pair in found.items() if name in wanted}


def page(stage: Stage, table: list[tuple[str, ...]], before: float) -> str:
    """Return the text of docs/evidence/performance.md."""
    after = os.getloadavg()[0]
    return TEMPLATE.format(
        table=markdown(table),
        measured=textwrap.fill(
            f"Measured on {time.strftime('%Y-%m-%d')} with {_said(*stage.program, '--version')} "
            f"({_said('git', '-C', str(ROOT), 'describe', '--always', '--dirty') or 'no commit known'}) "
            f"on {_machine(stage)}.",
            COLUMNS,
        ),
        before=before,
        after=after,
        busy=";\nit was busy with other work, so these are no final figures" if before > QUIET else "",
        base=stage.base,
        install=INSTALL,
    )


def _machine(stage: Stage) -> str:
    """Return what it ran on: processor, memory, kernel, engine, client and Python."""
    info = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    model = next((line.partition(": ")[2] for line in info.splitlines() if line.startswith("model name")), "unknown")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    server, client = stage.docker("version", "--format", "{{.Server.Version}} {{.Client.Version}}").split()
    return (
        f"{model}, {os.cpu_count()} cores, {memory:.0f} GB, Linux {platform.release()}, Docker {server} "
        f"(docker command {client}), Python {platform.python_version()}"
    )


def _said(*argv: str) -> str:
    return subprocess.run(argv, capture_output=True, text=True, check=False).stdout.strip()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument(
        "--runs", type=int, default=0, help="pairs of each figure (default: 25 of quick ones, else fewer)"
    )
    parser.add_argument("--quick", action="store_true", help="only what takes no minute")
    parser.add_argument("--only", choices=FIGURES, action="append", help="only this figure; may be given again")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
