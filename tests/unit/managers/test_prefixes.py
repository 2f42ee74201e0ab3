"""What other tools put before a package's name is refused before anything starts, with what to type in its place."""

from __future__ import annotations

import pytest
from tests.unit.advised import advice_of

from sandbox.errors import UnknownWord, UsageError
from sandbox.managers.prefixes import DISTROS, TOOLS
from sandbox.managers.registry import LANGUAGES, NAMES, manager_of, parse_reference

FITTING = {
    "uv:ruff": "sandbox try pip:ruff",
    "UV:ruff==0.4": "sandbox try pip:ruff=0.4",
    "pipx:x": "sandbox try pip:x",
    "pip3:httpie": "sandbox try pip:httpie",
    "conda:numpy": "sandbox try pip:numpy",
    "yarn:@angular/cli": "sandbox try npm:@angular/cli",
    "crates:ripgrep": "sandbox try cargo:ripgrep",
    "rubygems:rake": "sandbox try gem:rake",
    "golang:github.com/x/y": "sandbox try go:github.com/x/y",
    "apt:htop": "sandbox try htop --distro debian",
    "dnf:htop": "sandbox try htop --distro fedora",
    "aur:yay": "sandbox try yay --distro arch",
    "brew:jq": "sandbox try jq, if the distro has it",
    "snap:core": "sandbox try core, if the distro has it",
    "github:BurntSushi/ripgrep": "sandbox try ripgrep, if the distro has it",
    "docker:nginx:1.2": "sandbox try --image nginx:1.2",
    "cmd:rg": "sandbox search --command rg",
}


@pytest.mark.parametrize("manager", NAMES)
@pytest.mark.parametrize(("text", "advice"), FITTING.items())
def test_a_foreign_prefix_is_refused_with_what_fits(manager: str, text: str, advice: str) -> None:
    own = manager_of(next(name for name in NAMES if name == manager))
    with pytest.raises(UnknownWord) as caught:
        parse_reference(text, own)
    assert advice_of(caught.value)[0] == advice
    assert dict(caught.value.details)["prefixes"] == "pip:, npm:, cargo:, gem:, go:, luarocks:"


@pytest.mark.parametrize("manager", [name for name in NAMES if name not in ("apt", "portage")])
def test_a_prefix_that_nobody_knows_is_refused_too(manager: str) -> None:
    own = manager_of(next(name for name in NAMES if name == manager))
    with pytest.raises(UnknownWord, match="has a prefix that is not known here: foo:"):
        parse_reference("foo:bar", own)


def test_what_is_nearly_a_prefix_is_taken_for_it() -> None:
    with pytest.raises(UnknownWord) as caught:
        parse_reference("pipp:httpie", manager_of("apt"))
    assert caught.value.near == "pip:httpie"


def test_an_architecture_of_debian_is_no_prefix() -> None:
    apt = manager_of("apt")
    for text in ("htop:i386", "apt:amd64", "libc6:x32", "gcc:arm64=12.2", "a-b:musl-linux-amd64", "node:riscv64"):
        assert parse_reference(text, apt).name == text.partition("=")[0]
    assert parse_reference("perl:any", apt).name == "perl"
    with pytest.raises(UnknownWord) as caught:
        parse_reference("htop:armfh", apt)
    assert caught.value.near == "htop:armhf"


def test_a_slot_of_gentoo_is_no_prefix() -> None:
    portage = manager_of("portage")
    for text in ("python:3.12", "dev-lang/python:3.12", "foo:stable", "dev-lang/rust:stable", "jq::guru"):
        assert parse_reference(text, portage).name == text


def test_each_tool_is_named_once() -> None:
    assert tuple(TOOLS) == LANGUAGES
    words = [word for row in (*TOOLS.values(), *DISTROS.values()) for word in row.split()]
    assert len(words) == len({*words, *LANGUAGES}) - len(LANGUAGES)


SPECIAL = {
    "name=1.8.*": ("a pattern for a version", "sandbox try name, for the newest"),
    "name=*": ("a pattern for a version", "sandbox try name, for the newest"),
    "web-server^": ("an apt task", "sandbox try task-web-server --distro debian: Debian's tasks are packages, too"),
    "lib*": ("a pattern", "sandbox search lib"),
    "jq>=1.6": ("a range of versions (>=)", "sandbox try jq, for the newest"),
    "jq~=1.6": ("a range of versions (~=)", "sandbox try jq, for the newest"),
    "jq==1.6": ("has == before its version", "sandbox try jq=1.6"),
    "jq@1.6": ("has @ before its version", "sandbox try jq=1.6"),
}


@pytest.mark.parametrize(("text", "said"), SPECIAL.items())
def test_what_other_tools_read_in_a_name_is_said_with_what_works(text: str, said: tuple[str, str]) -> None:
    for manager in ("apt", "dnf5", "apk", "xbps"):
        with pytest.raises(UsageError) as caught:
            parse_reference(text, manager_of(next(name for name in NAMES if name == manager)))
        assert said[0] in caught.value.brief
        assert advice_of(caught.value)[0] == said[1]
