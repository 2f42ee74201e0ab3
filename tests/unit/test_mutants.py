"""Which changes `make mutants` makes of a module, and that it can't harm the machine it runs on."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Final

import pytest
from tests.mutants.run import ALONE, ROOMS, ROOT, drawn, lines_of
from tests.mutants.sites import sites

if TYPE_CHECKING:
    from pathlib import Path

TEXT: Final = '''\
"""A docstring."""
def f(a: int = 1, *rest: str) -> bool:
    """Another."""
    if a < 2 and not rest:
        g("żółć", [one for one in rest if one])
        return a + 1 == 3
    return None
'''
CHANGES: Final = {
    "constant": {"1": "2", "2": "3", "3": "4", '"żółć"': '""'},
    "comparison": {"a < 2": "(a <= 2)", "a + 1 == 3": "(a + 1 != 3)"},
    "and, or": {"a < 2 and not rest": "((a < 2) or (not rest))"},
    "condition": {"a < 2 and not rest": "(not (a < 2 and not rest))"},
    "negation": {"not rest": "(rest)"},
    "call": {'g("żółć", [one for one in rest if one])': "pass"},
    "filter": {"one": "True"},
    "return": {"a + 1 == 3": "None"},
    "arithmetic": {"a + 1": "(a - 1)"},
}


def test_each_kind_of_change_is_made_and_none_of_words_that_say_nothing() -> None:
    found: dict[str, dict[str, str]] = {}
    for site in sites(TEXT):
        found.setdefault(site.kind, {})[site.before] = site.after
    assert found == CHANGES


def test_a_change_is_one_place_and_leaves_a_module() -> None:
    for site in sites(TEXT):
        text = site.applied(TEXT)
        compile(text, "x", "exec")
        assert len(text) - len(TEXT) == len(site.after) - len(site.before)


def test_the_tests_of_a_change_are_those_of_its_whole_statement_and_not_of_the_function_around_it() -> None:
    text = 'KINDS = (\n    "a",\n    "b",\n)\ndef f(x):\n    if x:\n        return (\n            "c"\n        )\n'
    assert {site.before: lines_of(text, site) for site in sites(text) if site.kind in ("constant", "condition")} == {
        '"a"': range(1, 5),
        '"b"': range(1, 5),
        "x": range(6, 7),
        '"c"': range(7, 10),
    }


def test_the_same_seed_draws_the_same_changes_of_every_room(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    for room in ROOMS:
        shutil.copytree(ROOT / "src/sandbox" / room, tmp_path / "src/sandbox" / room, ignore=lambda _, names: names[8:])
    first, again, other = (drawn(tmp_path, 20, seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other
    assert {mutant.room for mutant in first} == set(ROOMS)


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("unshare"), reason="it needs root and unshare(1)")
def test_what_runs_alone_writes_in_its_folder_only_and_can_signal_nobody(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    text = f"echo x >mine; echo x >{tmp_path}/out; kill -0 {os.getpid()}; ls /run/docker.sock; exit 7"
    done = subprocess.run([ALONE, tmp_path / "in", "sh", "-c", text], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (7, ""), done.stderr
    assert (tmp_path / "in/mine").read_text() == "x\n"
    assert not (tmp_path / "out").exists()
    assert "Read-only file system" in done.stderr
    assert "No such process" in done.stderr
