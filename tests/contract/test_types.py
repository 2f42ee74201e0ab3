"""The types of the library, as mypy sees them in a program of somebody else."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PROGRAM: Final = ROOT / "tests/unit/api/typed.py"
IGNORED: Final = re.compile(r"  # type: ignore\[([a-z-]+)\]$")


def test_mypy_finds_each_mistake_in_a_program_and_nothing_else(tmp_path: Path) -> None:
    lines = PROGRAM.read_text().splitlines()
    marks = [(number, IGNORED.search(line)) for number, line in enumerate(lines, 1)]
    wrong = {number: str(mark[1]) for number, mark in marks if mark is not None}
    copy = tmp_path / "somebodys_program.py"
    copy.write_text("\n".join(IGNORED.sub("", line) for line in lines) + "\n")
    argv = [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), "--hide-error-context"]
    done = subprocess.run(
        [*argv, "--no-pretty", str(copy)], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    found = re.findall(r"somebodys_program\.py:(\d+): error: .*\[([a-z-]+)\]", done.stdout)
    assert {int(number): code for number, code in found} == wrong, done.stdout + done.stderr
    assert len(wrong) > 5
