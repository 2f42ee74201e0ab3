"""`make bench`: sandbox beside what a user would type instead, in one run; writes docs/evidence/performance.md.

`--on KIND`, on another kind of engine: what depends on the engine and takes no minute, on a page of its own.
"""

from __future__ import annotations

import argparse
import os
import platform
import signal
import sys
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # `python bench/run.py` has only bench/ on it

from bench.engines import other_engine  # noqa: E402 - below what makes it importable
from bench.measures import LONG, MEASURES, PAIRS, Pairs, starting  # noqa: E402
from bench.pages import QUIET, said, wrapped  # noqa: E402
from bench.stage import INSTALL, Stage  # noqa: E402
from bench.table import FIGURES, markdown, plain, rows  # noqa: E402
from bench.terminal import BenchError  # noqa: E402
from tests.engines.daemons import DAEMONS  # noqa: E402

PAGE: Final = ROOT / "docs/evidence/performance.md"
FEWEST: Final = 5
"""Pairs of a figure for which nothing else is said, and of `--quick`."""

INTRO: Final = """\
This page compares the time and memory of `sandbox` with those of the commands that you would type instead. `{command}`
wrote it. Both sides ran on one machine, in turn (A B A B), so that a busy machine slows both. Times and bytes are
medians, with the range in brackets."""
HERE: Final = "The same on other engines: {pages}."
THERE: Final = """\
It has the figures that depend on the engine and take less than a minute; [performance](performance.md) has all, on the
machine's own engine. This engine ran beside that one, with its data on the same disk. Its network went by the bridge
of the other, for both sides."""

TEMPLATE: Final = """\
# Performance{title}

{intro}

{elsewhere}

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
- **Inspecting, comparing**: all commands fetch the package index (`index_cache: false`). The first
  inspection on a base has an empty cache folder. As root on the engine's host, `inspect` reads only
  the files that changed; without root, in a user namespace here, it reads exports of the engine.
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
{command}
# what takes no minute, or a part: shown, not written
.venv/bin/python bench/run.py{option} --quick
.venv/bin/python bench/run.py{option} --only warm --only leaving
```
"""


def main() -> int:
    """Measure, show and write; return 1 where something can't be measured."""
    asked = _arguments()
    before = os.getloadavg()[0]
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))  # so that the stage is left
    try:
        with other_engine(asked.on) if asked.on else nullcontext(), Stage() as stage:
            found = measure(stage, asked.runs, asked.only or figures(is_quick=asked.quick, is_other=bool(asked.on)))
            table = rows(found)
            print(plain(table))
            if not (asked.only or asked.quick or asked.runs):
                path = page_of(asked.on)
                path.write_text(page(stage, table, before, asked.on), encoding="utf-8")
                print(f"wrote {path.relative_to(ROOT)}")
    except BenchError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def figures(*, is_quick: bool, is_other: bool) -> list[str]:
    """Return the names of all figures, of those that take no minute, or of these that depend on the engine."""
    left_out = (*(LONG if is_quick or is_other else ()), *((starting,) if is_other else ()))
    absent = {name for take in left_out for name in MEASURES[take]}
    return [name for name in FIGURES if name not in absent]


def measure(stage: Stage, runs: int, wanted: list[str]) -> Pairs:
    """Return the samples of the figures that are wanted; `runs` pairs of each, or 0 for its usual number."""
    found: Pairs = {}
    for take, names in MEASURES.items():
        if set(names) & set(wanted):
            print(f"measuring {', '.join(names)} ...", file=sys.stderr, flush=True)
            found |= take(stage, runs or PAIRS.get(take, FEWEST))
    return {name: pair for name, pair in found.items() if name in wanted}


def page_of(kind: str) -> Path:
    """Return the path of the page of a kind of engine, of this machine's own for none."""
    return PAGE.with_name(f"{PAGE.stem}-{kind}.md") if kind else PAGE


def page(stage: Stage, table: list[tuple[str, ...]], before: float, kind: str) -> str:
    """Return the text of docs/evidence/performance.md, or of the page of another `kind` of engine."""
    command = f"make bench ON={kind}" if kind else "make bench"
    return TEMPLATE.format(
        title=f" on {DAEMONS[kind].title}" if kind else "",
        intro=wrapped(INTRO.format(command=command)),
        elsewhere=wrapped(THERE if kind else HERE.format(pages=_other_pages())),
        table=markdown(table),
        measured=wrapped(
            f"Measured on {time.strftime('%Y-%m-%d')} with {said(*stage.program, '--version')} "
            f"({said('git', '-C', str(ROOT), 'describe', '--always', '--dirty') or 'no commit known'}) "
            f"on {_machine(stage)}."
        ),
        before=before,
        after=os.getloadavg()[0],
        busy=";\nit was busy with other work, so these are no final figures" if before > QUIET else "",
        base=stage.base,
        install=INSTALL,
        command=command,
        option=f" --on {kind}" if kind else "",
    )


def _other_pages() -> str:
    """Return a link to the page of each other kind of engine that has one."""
    pages = {page_of(kind): daemon.title for kind, daemon in DAEMONS.items() if page_of(kind).is_file()}
    return "; ".join(f"[{title}]({path.name})" for path, title in pages.items()) or "none yet"


def _machine(stage: Stage) -> str:
    """Return what it ran on: processor, memory, kernel, engine and its store of images, client and Python."""
    info = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    model = next((line.partition(": ")[2] for line in info.splitlines() if line.startswith("model name")), "unknown")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    server, client = stage.docker("version", "--format", "{{.Server.Version}} {{.Client.Version}}").split()
    return (
        f"{model}, {os.cpu_count()} cores, {memory:.0f} GB, Linux {platform.release()}, Docker {server} "
        f"(images: {_store(stage)}; docker command {client}), Python {platform.python_version()}"
    )


def _store(stage: Stage) -> str:
    """Return what keeps the engine's images: its own store, with its driver, or containerd's, with the snapshotter."""
    driver, status = stage.docker("info", "--format", "{{.Driver}}\t{{json .DriverStatus}}").split("\t")
    return f"containerd's store, {driver}" if "io.containerd.snapshotter" in status else f"own store, {driver}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument(
        "--runs", type=int, default=0, help="pairs of each figure (default: 25 of quick ones, else fewer)"
    )
    parser.add_argument("--on", choices=DAEMONS, default="", help="another kind of engine, started for it")
    parser.add_argument("--quick", action="store_true", help="only what takes no minute")
    parser.add_argument("--only", choices=FIGURES, action="append", help="only this figure; may be given again")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
