"""The completion files that are shipped complete a line, in the shells that read them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pytest
from tests.programs import need

FILES: Final = Path(__file__).parents[3] / "completions"
LINES: Final = {
    "sandbox ins": ["inspect"],
    "sandbox try htop --network=of": ["--network=offline"],
    "sandbox try htop -d debian:book": ["debian:bookworm"],
    "sandbox try --allow mounts,po": ["mounts,ports"],
    "sandbox try htop -- --ver": [],
}
"""What is typed, and the words that it can become."""
BASH: Final = """
source "$1"
COMP_LINE=$2 COMP_POINT=${#2} COMP_WORDBREAKS=$' \\t\\n:='
_sandbox_completion sandbox
printf '%s\\n' "${COMPREPLY[@]}"
"""
ZSH: Final = """
compdef() { :; }
_files() { :; }
compadd() { while [ "$1" != -a ]; do shift; done; print -rl -- "${(P@)2}"; }
source "$1"
words=("${(@s: :)2}") CURRENT=${#words}
_sandbox
"""
FISH: Final = 'source $argv[1]; complete --do-complete "$argv[2]"'


def completed(shell: str, file: str, program: str, line: str) -> list[str]:
    """Return the words that a shell completes a line to, with its file read."""
    need(shell)
    ahead = {
        "bash": ("--norc", "-c", program, "bash"),
        "zsh": ("-f", "-c", program, "zsh"),
        "fish": ("-N", "-c", program),
    }
    with TemporaryDirectory() as home:  # fish makes folders there
        done = subprocess.run(
            [shell, *ahead[shell], FILES / file, line],
            env={"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "HOME": home},
            cwd="/",
            capture_output=True,
            text=True,
            check=True,
        )
    return [row.partition("\t")[0] for row in done.stdout.splitlines() if row]


@pytest.mark.parametrize("line", LINES)
def test_bash_completes_what_is_behind_its_own_breaks_of_words(line: str) -> None:
    cut = {"sandbox try htop --network=of": ["offline"], "sandbox try htop -d debian:book": ["bookworm"]}
    assert completed("bash", "bash/sandbox", BASH, line) == cut.get(line, LINES[line])


@pytest.mark.parametrize("line", LINES)
def test_zsh_completes_the_whole_word(line: str) -> None:
    assert completed("zsh", "zsh/_sandbox", ZSH, line) == LINES[line]


@pytest.mark.parametrize("line", [line for line, words in LINES.items() if words])
def test_fish_completes_the_whole_word(line: str) -> None:
    assert completed("fish", "fish/sandbox.fish", FISH, line) == LINES[line]


@pytest.mark.parametrize("name", ["bash/sandbox", "zsh/_sandbox", "fish/sandbox.fish"])
def test_every_shell_has_its_file_where_the_wheel_takes_it_from(name: str) -> None:
    project = (FILES.parent / "pyproject.toml").read_text()
    assert f'"completions/{name}" = "share/' in project
    assert "_SANDBOX_COMPLETE" in (FILES / name).read_text()
