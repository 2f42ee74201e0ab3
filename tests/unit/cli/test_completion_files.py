"""The completion files that are shipped complete a verb, in the shell that reads them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from tests.programs import need

FILES: Final = Path(__file__).parents[3] / "completions"
COMPLETE: Final = """
source "$1"
COMP_WORDS=(sandbox ins) COMP_CWORD=1
_sandbox_completion sandbox
printf '%s\\n' "${COMPREPLY[@]}"
"""


def test_bash_completes_a_verb() -> None:
    need("bash")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", COMPLETE, "bash", FILES / "bash/sandbox"],
        env={"PATH": path, "HOME": "/nonexistent"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["inspect"]


@pytest.mark.parametrize("name", ["bash/sandbox", "zsh/_sandbox", "fish/sandbox.fish"])
def test_every_shell_has_its_file_where_the_wheel_takes_it_from(name: str) -> None:
    project = (FILES.parent / "pyproject.toml").read_text()
    assert f'"completions/{name}" = "share/' in project
    assert "_SANDBOX_COMPLETE" in (FILES / name).read_text()
