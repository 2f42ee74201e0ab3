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


MEANT = (
    ("apt", "htop+", 'ends with a plus, which means "install" to apt-get', "sandbox try htop"),
    ("apt", "htop-", 'ends with a dash, which means "remove" to apt-get', "sandbox try htop"),
    ("apt", "'htop'", "has the invalid character", "sandbox try htop"),
    ("apt", "\u201chtop\u201d", "has the invalid character", "sandbox try htop"),
    ("apt", "htop\\", "has the invalid character", "sandbox try htop"),
    ("apt", "?installed", "has the invalid character '?'", "sandbox search installed"),
    ("apt", "$htop", "has the invalid character", "sandbox try htop"),
    ("apt", "lib[ab]c", "has the invalid character", "sandbox search lib"),
    ("apt", "htop_3.2.2-2_amd64.deb", "has the invalid character '_'", "sandbox search htop"),
    ("apt", "h", "is not a valid package name", "sandbox search h"),
    ("apt", "htop=", "has no valid version after =", "sandbox try htop, for the newest"),
    ("apt", "htop=3.2/bookworm", "has no valid version after =", "sandbox try htop, for the newest"),
    ("apt", "htop/bookworm=3", "has a slash", "sandbox try htop/bookworm"),
    ("apt", "s:htop", "htop is no architecture, and s: no prefix", "sandbox try htop"),
    ("portage", "=sys-process/htop-3.2", "has its version after a dash", "sandbox try sys-process/htop=3.2"),
    ("portage", "@world", "is a set", "sandbox search world"),
    ("apk", ".build", "is not a valid package name", "sandbox search build"),
    ("apt", "memtest86++", 'ends with a plus, which means "install" to apt-get', "sandbox try memtest86+"),
    ("apt", "g+++", 'ends with a plus, which means "install" to apt-get', "sandbox try g++"),
    ("apt", "htop=1.2+", 'ends with +, which means "install" to apt-get', "sandbox try htop=1.2"),
    ("apt", "htop/", "names no release after its slash", "sandbox try htop"),
    ("apt", "~nhtop", "is a search pattern of apt, not a name", "sandbox search htop"),
    ("apt", "?name(^htop$)", "is a search pattern of apt, not a name", "sandbox search htop"),
    ("apt", "^htop", "is an expression of apt, not a name", "sandbox search htop"),
    ("apt", "ubuntu:22.04", "has a prefix that is not known here: ubuntu:", "sandbox try --distro ubuntu:22.04"),
    ("apt", "python:3.12", "has a prefix that is not known here: python:", "sandbox try --image python:3.12"),
    ("apk", "!htop", 'begins with !, which means "keep it away" to apk', "sandbox try htop"),
    ("apk", "htop@edge", "names a tagged repository behind @, and a sandbox has none", "sandbox try htop"),
    ("apk", "htop-3.2-r0", "has its version after a dash; write it after =", "sandbox try htop=3.2-r0"),
    ("apk", "~htop", "asks for a range of versions (~) without one", "sandbox try htop"),
    ("apk", "so:libc.so", "is what a package provides to apk", "sandbox search libc.so"),
    ("zypper", "-htop", 'begins with a sign that zypper reads as "remove"', "sandbox try htop"),
    ("zypper", "!htop", 'begins with a sign that zypper reads as "remove"', "sandbox try htop"),
    ("zypper", "+htop", 'begins with a sign that zypper reads as "install"', "sandbox try htop"),
    ("zypper", "pattern:base", "is a pattern of zypper; sandbox tries packages", "sandbox search base"),
    ("zypper", "package:htop", "is a package, as zypper writes it", "sandbox try htop"),
    ("zypper", "@devel", "is a group, which sandbox installs with dnf alone", "sandbox search devel"),
    ("dnf5", "-htop", 'begins with a sign that zypper reads as "remove"', "sandbox try htop"),
    ("dnf5", "htop-3.2-1.fc40.x86_64", "has its version after a dash", "sandbox try htop.x86_64=3.2-1.fc40"),
    ("dnf5", "@nodejs:18", "is a stream of a module", "sandbox try nodejs"),
    ("dnf4", "nodejs:18/common", "is a stream of a module", "sandbox try nodejs"),
    ("dnf5", "perl(Foo)", "is what a package provides, not a name", "sandbox search perl"),
    ("pacman", "extra/htop", "names its repository; use the name alone", "sandbox try htop"),
    ("pacman", "-htop", "looks like an option, not like a package", "sandbox try htop"),
    ("xbps", "htop-3.2_1", "has its version after a dash; write it after =", "sandbox try htop=3.2_1"),
    ("xbps", "nonfree/htop", "names its repository; use the name alone", "sandbox try htop"),
    ("portage", "!!htop", 'begins with !, which means "blocks" in ebuilds', "sandbox try htop"),
    ("portage", "app/htop[x,-y]", "has USE flags in brackets", "sandbox try app/htop"),
    ("xbps", "!htop", "has the invalid character '!'", "sandbox try htop"),
    ("apt", "=1.0", "has no package name", ""),
    ("nix", "-htop", "looks like an option, not like a package", "sandbox try htop"),
    ("apt", "pip:-r x", "looks like an option of pip, not like a package", ""),
    ("apt", "pip:./x", "is a path, and a prefix is for packages of the index alone", ""),
    ("apt", "pip:x[y]", "has extras in brackets", "sandbox try pip:x"),
    ("apt", "pip:x>=1", "asks for a range of versions", "sandbox try pip:x"),
    ("apt", "pip:git+https://x", "is an address, and not in the index", ""),
    ("apt", "npm:-g", "looks like an option of npm, not like a package", ""),
    ("apt", "npm:a@npm:b@1.2.3", "is an alias of npm; use the package's own name", "sandbox try npm:b"),
    ("apt", "npm:@s/a@next", "has a tag for a version", "sandbox try npm:@s/a"),
    ("apt", "npm:a@1.x", "asks for a range of versions", "sandbox try npm:a"),
    ("apt", "npm:a@1", "has no valid version behind its name", "sandbox try npm:a"),
    ("apt", "npm:user/repo", "has a slash, and is no name in the index", ""),
    ("apt", "cargo:--git", "looks like an option of cargo, not like a package", ""),
    ("apt", "gem:a:>1", "asks for a range of versions", "sandbox try gem:a"),
    ("apt", "go:./x", "is a path, and a prefix is for packages of the index alone", ""),
    ("apt", "go:example.com/x@none", "has a tag for a version", "sandbox try go:example.com/x"),
)


@pytest.mark.parametrize(("manager", "text", "problem", "advice"), MEANT)
def test_what_means_another_action_or_package_to_a_manager_is_refused_with_what_works(
    manager: str, text: str, problem: str, advice: str
) -> None:
    with pytest.raises(UsageError) as caught:
        parse_reference(text, manager_of(next(name for name in NAMES if name == manager)))
    assert problem in caught.value.brief
    assert [*advice_of(caught.value)][:1] == ([advice] if advice else [])


@pytest.mark.parametrize(
    ("manager", "texts"),
    [
        (
            "apt",
            "memtest86+ ncbi-blast+ bonnie++ g++ g++-12 libsigc++-2.0-dev libstdc++6 htop/bookworm g++:amd64",
        ),
        ("apk", "g++ libstdc++ libsigc++3-dev _x"),
        ("dnf5", "gcc-c++ libsigc++20 libstdc++.x86_64 @development-tools java-17-openjdk webkit2gtk4.1 python3-3"),
        ("zypper", "gcc-c++ libstdc++6 htop.x86_64"),
        ("pacman", "libsigc++ libsigc++-3.0 gtk2+extra"),
        ("xbps", "libsigc++ libstdc++ font-misc-misc"),
        ("portage", "libsigc++:2 dev-libs/libsigc++ x11-libs/fltk:1 dev-libs/foo::guru"),
    ],
)
def test_a_real_name_with_signs_is_a_name(manager: str, texts: str) -> None:
    own = manager_of(next(name for name in NAMES if name == manager))
    for text in texts.split():
        assert parse_reference(text, own).text == text
