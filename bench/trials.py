"""A matrix of 8 specs on 4 distros, one cell at a time and side by side, in turn: A B B A.

Run as `python bench/trials.py [--order ABBA]`; it needs the lab's images (make lab), whose managers ask no mirror.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
ROWS: Final = ROOT / "tests" / "lab" / "distros.yaml"
DISTROS: Final = "alpine,fedora,opensuse-leap,arch"
HERE: Final = (str(Path(sys.executable).with_name("sandbox")),)
SPECS: Final = {
    "tool": ("lab-tool", "labtool"),
    "library": ("lab-lib", "true"),
    "extra": ("lab-extra", "true"),
    "big": ("lab-big", "true"),
    "tool-and-big": ("lab-tool, lab-big", "labtool"),
    "tool-and-extra": ("lab-tool, lab-extra", "labtool"),
    "library-and-big": ("lab-lib, lab-big", "true"),
    "all": ("lab-tool, lab-lib, lab-extra, lab-big", "labtool"),
}


def write_specs(folder: Path) -> None:
    """Write the specs into the folder's ./sandboxes."""
    (folder / "sandboxes").mkdir()
    for name, (packages, command) in SPECS.items():
        text = f"packages: [{packages}]\nchecks:\n  - run: {command}\n"
        (folder / "sandboxes" / f"{name}.yaml").write_text(text)


def cells_seconds(folder: Path, *words: str, program: tuple[str, ...] = HERE) -> float:
    """Return the seconds of a whole run; end where a cell of it does not pass."""
    env = {**os.environ, "XDG_STATE_HOME": str(folder / "state")}
    argv = [*program, "trial", "--distros", str(ROWS), "-d", DISTROS, "--json", "-q", *words]
    began = time.monotonic()
    done = subprocess.run(argv, cwd=folder, env=env, capture_output=True, check=False)
    seconds = time.monotonic() - began
    if done.returncode:
        sys.exit(f"{' '.join(words)} failed:\n{done.stdout.decode()[-3000:]}{done.stderr.decode()}")
    assert len(json.loads(done.stdout)["cells"]) == len(SPECS) * len(DISTROS.split(","))
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--order", default="ABBA", help="A is one at a time, B side by side")
    order = parser.parse_args().order
    alone: list[float] = []
    together: list[float] = []
    with tempfile.TemporaryDirectory(prefix="sandbox-bench-trials-") as name:
        write_specs(Path(name))
        for letter in order:
            if letter == "A":
                alone.append(cells_seconds(Path(name), "--jobs", "1"))
            else:
                together.append(cells_seconds(Path(name)))
    ratio = statistics.median(together) / statistics.median(alone)
    shown = {"one at a time": alone, "side by side": together}
    print(f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
    for label, values in shown.items():
        print(f"{label}: {statistics.median(values):.1f} s  ({', '.join(f'{value:.1f}' for value in values)})")
    print(f"ratio: {ratio:.2f}")


if __name__ == "__main__":
    main()
