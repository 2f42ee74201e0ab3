"""The command line that was typed, with the names that were meant in the place of those that are missing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.unit.command_lines import problem

from sandbox.cli.hints import of_line
from sandbox.errors import Advice
from sandbox.report.advice import advice_text

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Sandbox

SWAPS = (("ripgrp", "ripgrep"), ("fdfind", "fd-find"), ("nopenope", ""))


def line(typed: str, *swaps: tuple[str, str], more: tuple[str, ...] = ()) -> str:
    argv = typed.split()
    return advice_text(of_line(Advice.mend(*swaps, more=more), argv))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("try htop ripgrp fdfind nopenope bat", "sandbox try htop ripgrep fd-find bat"),
        ("try -v ripgrp -d debian:bookworm fdfind nopenope", "sandbox try -v ripgrep -d debian:bookworm fd-find"),
        ("try --name ripgrp ripgrp fdfind nopenope", "sandbox try --name ripgrp ripgrep fd-find"),
        ("try -vd fdfind ripgrp fdfind nopenope", "sandbox try -vd fdfind ripgrep fd-find"),
        ("try -dfdfind ripgrp fdfind nopenope", "sandbox try -dfdfind ripgrep fd-find"),
        ("try ripgrep ripgrp fdfind nopenope", "sandbox try ripgrep fd-find"),
        ("try ripgrp fdfind nopenope -- fdfind --version", "sandbox try ripgrep fd-find -- fdfind --version"),
        ("inspect ripgrp fdfind nopenope --json", "sandbox inspect ripgrep fd-find --json"),
    ],
)
def test_the_good_names_are_kept_and_the_mended_ones_are_in_their_places(typed: str, meant: str) -> None:
    found = line(typed, *SWAPS)
    assert found == meant
    assert problem(found.split()[1:]) == ""


def test_names_that_stand_in_a_spec_are_told_in_words() -> None:
    assert line("try --spec web", *SWAPS) == "the same with ripgrep for ripgrp, fd-find for fdfind, without nopenope"


def test_a_step_of_its_own_is_added_where_the_verb_knows_such() -> None:
    more = ("--setup", "apt-get install -y nvidia-driver")
    assert line("try htop nvidia", ("nvidia", ""), more=more) == (
        "sandbox try htop --setup 'apt-get install -y nvidia-driver'"
    )
    assert line("inspect htop nvidia", ("nvidia", ""), more=more) == "sandbox inspect htop"
    assert line("inspect -d debian nvidia", ("nvidia", ""), more=more) == (
        "sandbox try --distro debian --setup 'apt-get install -y nvidia-driver'"
    ), "`sandbox inspect` without a package is no command"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("validate web", "sandbox validate ./web.yaml"),
        ("try --spec web -d debian", "sandbox try --spec ./web.yaml -d debian"),
        ("try -s web --name web", "sandbox try -s ./web.yaml --name web"),
        ("lock web --distro debian", "sandbox lock ./web.yaml --distro debian"),
    ],
)
def test_the_name_of_a_spec_is_mended_in_the_verb_that_was_typed(typed: str, meant: str) -> None:
    found = line(typed, ("web", "./web.yaml"))
    assert found == meant
    assert problem(found.split()[1:]) == ""


@pytest.mark.parametrize(
    ("typed", "hint", "meant"),
    [
        ("promote -o x.sh --pin", Advice.again("-o", "x-2.sh"), "sandbox promote -o x-2.sh --pin"),
        ("try jq --name a -- jq -o x", Advice.again("--name", "B"), "sandbox try jq --name B -- jq -o x"),
        ("inspect jq -d debiam --json", Advice.again("--distro", "debian"), "sandbox inspect jq -d debian --json"),
        ("promote --pin", Advice.again("-o", "x-2.sh"), "the same command with -o x-2.sh"),
        ("try jq --allow boot", Advice.again("--allow", "mounts"), "the same command with --allow mounts"),
    ],
)
def test_another_value_of_an_option_stands_in_the_line_that_was_typed(typed: str, hint: Advice, meant: str) -> None:
    assert advice_text(of_line(hint, typed.split())) == meant


def test_a_file_that_is_there_is_answered_with_a_name_that_is_free(sandbox: Sandbox) -> None:
    for name in ("x.sh", "x-2.sh"):
        Path(name).touch()
    assert "sandbox try jq --promote x-3.sh\n" in sandbox("try", "jq", "--promote", "x.sh").err


def test_validate_mends_its_line_as_other_verbs_do(sandbox: Sandbox) -> None:
    Path("web.yaml").write_text("packages: [htop]\n")
    assert "  next        sandbox validate ./web.yaml\n" in sandbox("validate", "web").err
    assert "sandbox validate ok.yaml ./web.yaml\n" in sandbox("validate", "ok.yaml", "web").err
