"""A line of `try` that is read without Typer means what Typer says that it means."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.cli import plain_line, start, try_
from sandbox.cli.app import app
from sandbox.cli.plain_line import options_of
from sandbox.cli.registry import register

register(["try"])

package = st.text("abz019=:+.@~^-_*?[] \\'\"$\u00e9\u4e2d", max_size=8)
switch = st.sampled_from([*plain_line.SWITCHES]).map(lambda word: [word])
distro = st.one_of(
    st.tuples(st.sampled_from(start.VALUED), package).map(list),
    package.map(lambda name: [f"--distro={name}"]),
    st.sampled_from(start.VALUED).map(lambda word: [word]),
)
part = st.one_of(package.map(lambda word: [word]), switch, distro)


def by_typer(words: list[str]) -> tuple[Any, ...]:
    seen: list[tuple[Any, ...]] = []

    def run_try(*options: Any) -> int:
        seen.append(options)
        return 0

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(try_, "run_try", run_try)
        with pytest.raises(SystemExit):
            app(words, prog_name="sandbox")
    (found,) = seen
    return found


@given(parts=st.lists(part, max_size=6))
def test_every_line_that_is_read_without_typer_is_read_as_by_it(parts: list[list[str]]) -> None:
    words = ["try", *(word for words in parts for word in words)]
    found = options_of(words)
    assert found is None or found == by_typer(words)


@pytest.mark.parametrize(
    "line",
    [
        "try",
        "try htop",
        "try htop jq=1.6-2 -d debian --cache -q",
        "try --distro=alpine -n --no-cache --quiet --no-stdin",
    ],
)
def test_ordinary_lines_need_no_typer(line: str) -> None:
    assert options_of(line.split()) == by_typer(line.split())


@pytest.mark.parametrize(
    "line", ["", "inspect htop", "try htop --port 80", "try -h", "try -d", "try -d --cache", "try ./x.deb", "try -qn"]
)
def test_other_lines_are_typers(line: str) -> None:
    assert options_of(line.split()) is None


def test_every_switch_is_one_of_the_lines_that_begin_ahead() -> None:
    assert {*plain_line.SWITCHES} == {*start.FLAGS["try"]}


LOADED = """
import sys
sys.path.insert(0, sys.argv[1])
from sandbox.cli import program
print(program.run(["try", "htop", "-d", "nowhere:at-all"]), "typer" in sys.modules)
"""


def test_an_ordinary_line_loads_no_typer_before_it_fails_or_runs() -> None:
    folder = Path(start.__file__).parents[2]
    argv = [sys.executable, "-c", LOADED, str(folder)]
    assert subprocess.run(argv, capture_output=True, text=True, check=True).stdout.split() == ["2", "False"]
