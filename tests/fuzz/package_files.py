"""`make fuzz`: a coverage-guided fuzzer for each format of --from; a file or a UsageError comes of each input."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any, Final

LISTS: Final = Path(__file__).parents[1] / "unit" / "specs" / "package_files" / "lists"
FOUND: Final = Path(__file__).parents[2] / "build" / "fuzz"
LONGEST: Final = 4096
SLOWEST: Final = 10
"""Seconds after which one input counts as hanging."""

atheris: Any = import_module("atheris")  # it has no types, and is no dependency: only this needs it
with atheris.instrument_imports(include=["sandbox"]):
    from sandbox.errors import UsageError
    from sandbox.specs.package_files.read import KINDS, read_package_file, recognise


def one(kind: str, data: bytes) -> None:
    """Read one input as a kind; what is taken is a name, and each row stands in a line that the input has."""
    try:
        found = read_package_file(f"{kind}:-", Path("/nonexistent"), lambda most: data[:most])
    except UsageError:
        return
    most = max(len(data.decode("utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig").splitlines()), 1)
    for row in found.entries:
        assert re.fullmatch(r"[^\s-]\S*", row.name)
        assert row.name.isprintable()
    assert all(
        1 <= line <= most for line in [row.line for row in found.entries] + [row.line for row in found.not_taken]
    )
    assert all(row.reason for row in found.not_taken)
    assert recognise("list", data.decode(errors="ignore")) in KINDS


def main() -> int:
    """Run each kind for its share of the time; print how many inputs it read, and give 1 if one failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--kind", choices=KINDS)
    asked = parser.parse_args()
    if asked.kind:
        fuzz(asked.kind, asked.seconds)
    share = str(max(asked.seconds // len(KINDS), 1))
    status = 0
    for kind in KINDS:
        command = [sys.executable, __file__, "--kind", kind, "--seconds", share]
        done = subprocess.run(command, capture_output=True, check=False)
        said = done.stderr.decode(errors="replace")
        inputs = re.search(r"number_of_executed_units: (\d+)", said)
        sys.stdout.write(f"{kind:<14} {inputs[1] if inputs else '-':>9} inputs\n")
        if done.returncode:
            status = 1
            sys.stdout.write(said)
    return status


def fuzz(kind: str, seconds: int) -> None:
    """Run until the time is over or an input fails; this never returns."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        for number, path in enumerate(sorted(LISTS.glob("*/*"))):
            Path(folder, str(number)).write_bytes(path.read_bytes())
        FOUND.mkdir(parents=True, exist_ok=True)
        limits = [
            f"-artifact_prefix={FOUND}/{kind}-",
            f"-max_total_time={seconds}",
            f"-max_len={LONGEST}",
            f"-timeout={SLOWEST}",
        ]
        arguments = [sys.argv[0], folder, *limits, "-print_final_stats=1", "-verbosity=0"]
        atheris.Setup(arguments, lambda data: one(kind, data))
        atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
