"""Command lines as users of other tools type them: each is answered with the line of ours that it means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from tests.unit.command_lines import problem

from sandbox.cli.other_tools import ALIASES, ALONE, LINES, MANAGERS, NEEDLESS, meant_line
from sandbox.cli.table import BY_NAME, VERBS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.unit.cli.conftest import Sandbox

MEANT: Final[Mapping[str, str]] = {
    "run -it --rm debian bash": "try --distro debian -- bash",
    "run debian:12 sh -c ls": "try --distro debian:12 -- sh -c ls",
    "run htop": "try htop",
    "run --name web nginx": "try --name web nginx",
    "pull alpine": "try --distro alpine",
    "exec -it web sh -c ls": "enter web -- sh -c ls",
    "exec web -- ls -l": "enter web -- ls -l",
    "exec -u root web ls": "list -a",
    "exec": "list -a",
    "kill": "list -a",
    "diff": "compare --help",
    "ps -a --no-trunc": "list -a",
    "images -q": "base list",
    "build .": "try --dockerfile ./Dockerfile",
    "upgrade": "inspect --upgrade --like-host",
    "version": "--version",
    "completion zsh": "--show-completion zsh",
    "docker run --rm -it alpine:3.23 sh": "try --distro alpine:3.23 -- sh",
    "sandbox try htop": "try htop",
    "apt-get install -y --no-install-recommends htop jq": "try htop jq",
    "apt search fd": "search fd",
    "pacman -S htop": "try htop",
    "pip install httpie==3.2.2 rich": "try pip:httpie=3.2.2 pip:rich",
    "pip install -r requirements.txt": "try --from requirements.txt",
    "npm i -g @scope/x@1.2 cowsay@latest": "try npm:@scope/x=1.2 npm:cowsay",
    "cargo install hexyl": "try cargo:hexyl",
}


@pytest.mark.parametrize("typed", MEANT)
def test_a_line_of_another_tool_is_answered_with_ours(sandbox: Sandbox, typed: str) -> None:
    found = sandbox(*typed.split())
    assert (found.status, found.out) == (2, "")
    assert f"  next   sandbox {MEANT[typed]}\n" in found.err
    assert problem(MEANT[typed].split()) == ""


@pytest.mark.parametrize("word", ["restart", "push", "apt remove jq", "npm run x", "hepl"])
def test_what_has_no_counterpart_is_not_taken_for_a_package(sandbox: Sandbox, word: str) -> None:
    found = sandbox(*word.split())
    assert found.err.splitlines()[-1].split() == ["next", "sandbox", "--help"]


def test_every_word_of_other_tools_leads_to_a_line_that_is_understood_and_is_no_verb() -> None:
    words = (*ALIASES, *LINES)
    assert {word: why for word in words if (why := problem(meant_line(word, ())))} == {}
    assert not {*words, *MANAGERS} & {*VERBS}


def test_every_verb_that_needs_a_word_has_a_line_for_none() -> None:
    needy = {name for name in ALIASES.values() if problem(name.split())}
    assert needy <= {*ALONE}


def test_no_option_is_called_needless_that_the_verb_has() -> None:
    known = {
        verb: {part for param in BY_NAME[verb].params for name in param.spellings for part in name.split("/")}
        for verb in NEEDLESS
    }
    assert {verb: known[verb] & {*NEEDLESS[verb]} for verb in NEEDLESS} == {verb: set() for verb in NEEDLESS}


LINES_WITHOUT: Final[Mapping[str, str]] = {
    "try -it htop --rm -y": "sandbox try htop",
    "enter -ti web -- bash -i": "sandbox enter web -- bash -i",
    "rm -f web": "sandbox rm web",
}


@pytest.mark.parametrize("typed", LINES_WITHOUT)
def test_an_option_that_is_not_needed_is_left_out_of_the_line_with_the_reason(sandbox: Sandbox, typed: str) -> None:
    found = sandbox(*typed.split())
    assert found.status in {2, 125}
    assert "  not needed   " in found.err
    assert f" {LINES_WITHOUT[typed]}\n" in found.err
    assert problem(LINES_WITHOUT[typed].split()[1:]) == ""


BEFORE_VERB: Final[Mapping[str, str]] = {
    "-it htop": "sandbox try htop",
    "--distro debian htop": "sandbox try --distro debian htop",
    "--json inspect htop": "sandbox inspect --json htop",
    "-d debian try htop -- ls -l": "sandbox try -d debian htop -- ls -l",
}


@pytest.mark.parametrize("typed", BEFORE_VERB)
def test_options_before_the_verb_are_answered_with_the_verb_first(sandbox: Sandbox, typed: str) -> None:
    found = sandbox(*typed.split())
    assert f"next           {BEFORE_VERB[typed]}\n" in found.err or f"next   {BEFORE_VERB[typed]}\n" in found.err
    assert problem(BEFORE_VERB[typed].split()[1:]) == ""


@pytest.mark.parametrize("typed", ["-v", "--nope htop", "--distro"])
def test_options_of_no_verb_are_answered_with_no_line(sandbox: Sandbox, typed: str) -> None:
    assert "next" in (found := sandbox(*typed.split())).err
    assert "sandbox try" not in found.err


def test_a_package_behind_d_is_answered_with_detach(sandbox: Sandbox) -> None:
    assert "sandbox try nginx --name web --detach\n" in sandbox("try", "-d", "nginx", "--name", "web").err
    assert "--detach" not in sandbox("try", "htop", "--distro", "nginx").err
