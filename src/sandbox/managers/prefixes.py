"""Prefixes of packages that are none here, `uv:ruff` or `apt:htop`, and what to type in their place.

Sources: the names of the tools themselves; dpkg-architecture(1), -L, for what may stand behind the colon of Debian's
`NAME:ARCH`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox.core.plaintext import plain_line
from sandbox.errors import Advice, UnknownWord, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.managers.protocol import PackageRef

    Parse = Callable[[str, str], PackageRef]

TOOLS: Final[Mapping[str, str]] = {
    "pip": "pip3 pipx uv uvx poetry pdm pypi py python python3 conda mamba micromamba rye easy_install wheel",
    "npm": "npx yarn pnpm bun bunx deno jsr node nodejs js volta corepack",
    "cargo": "crate crates crates.io rust rustup binstall",
    "gem": "gems ruby rubygems bundle bundler",
    "go": "golang gopkg",
    "luarocks": "lua rock rocks luarock",
}
"""Tools and places of the packages that a language's manager has here, in the registry's order."""
LANGUAGES: Final = tuple(TOOLS)

DISTROS: Final[Mapping[str, str]] = {
    "debian": "apt apt-get aptitude deb dpkg debian",
    "ubuntu": "ubuntu ppa",
    "fedora": "dnf dnf5 yum rpm fedora",
    "opensuse-tumbleweed": "zypper zypp suse opensuse",
    "alpine": "apk alpine",
    "arch": "pacman yay paru aur arch archlinux",
    "void": "xbps void",
    "gentoo": "emerge portage ebuild gentoo",
    "nixos": "nix nixpkgs nixos",
}
"""Managers of distros, which have no prefix here: a distro is chosen for all packages at once."""

IMAGES: Final = frozenset(("docker", "podman", "oci", "image", "ghcr"))
TAGGED: Final = frozenset("python node golang ruby rust pypy".split())
"""Words that are images of languages, too, where a number stands behind the colon: `python:3.12`."""
ELSEWHERE: Final = frozenset(
    "brew homebrew cask snap flatpak flathub appimage port macports choco chocolatey winget scoop asdf mise github gh"
    " gitlab git cmd mvn maven cpan composer hex opam stack cabal".split()
)
"""Tools that are not asked here at all; the distro may have the same under its own name."""

_CPU: Final = (
    r"(?:amd64|i[3-6]86|arm(?:64|el|hf|eb)?(?:ilp32|be)?|aarch64|mips(?:n32|64)?(?:r6)?(?:el)?|ppc(?:64)?(?:el)?"
    r"|powerpc(?:spe|el)?|riscv(?:32|64)|s390x?|sparc(?:64|v9)?|alpha|hppa|ia64|loong(?:64|arch64)|m68k|sh[34](?:eb)?"
    r"|x32|arc|avr32|m32r|nios2|or1k|tilegx|any|all|native)"
)
KINDS: Final[Mapping[str, Mapping[str, str]]] = {
    "zypper": {
        "pattern": "a pattern of zypper",
        "patch": "a patch of zypper",
        "product": "a product of zypper",
        "srcpackage": "a package of sources",
        "application": "an application of zypper",
        "package": "a package, as zypper writes it",
    },
    "apk": dict.fromkeys(("so", "pc", "py3", "p", "dbus", "ocaml4-intf", "ruby-gem"), "what a package provides to apk"),
}
"""What the words before a colon mean to a manager itself (zypper(8), -t; apk-package(5), provides), beside packages."""
STREAMS: Final = ("dnf4", "dnf5", "microdnf", "yum")
"""Managers that read NAME:STREAM as a module (dnf(8))."""

# Only real architectures: `uv:ruff` passed as Debian's NAME:ARCH, and failed only after the index was fetched.
_ARCHITECTURE: Final = re.compile(rf"(?:[a-z0-9]+-){{0,3}}{_CPU}")
_ARCHITECTURES: Final = ("amd64", "i386", "arm64", "armhf", "armel", "riscv64", "ppc64el", "s390x", "mips64el", "any")
_PREFIX: Final = re.compile(r"[A-Za-z][A-Za-z0-9._+-]*")
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9+._-]+")


def check_prefix(text: str, manager: str, parse: Parse) -> None:
    """Raise UsageError for a reference to a distro's `manager` whose part before a colon is the prefix of another.

    `parse` returns the reference of a language's name and a text, and raises UsageError for what is none. What is
    behind the colon in Debian's NAME:ARCH and Gentoo's NAME:SLOT is none; that of a URL neither.
    """
    prefix, colon, rest = text.partition(":")
    if not (colon and rest and _PREFIX.fullmatch(prefix)) or rest.startswith(("//", ":")):
        return
    if _ARCHITECTURE.fullmatch(rest.partition("=")[0]):
        return
    if what := KINDS.get(manager, {}).get(prefix):
        hint = Advice.sandbox("try", rest) if prefix == "package" else Advice.sandbox("search", rest)
        raise UsageError(
            f'"{plain_line(text, 60)}" is {what}; sandbox tries packages by their names alone', hints=[hint]
        )
    if manager in STREAMS and rest[0].isdigit() and prefix not in DISTROS:
        return  # its own grammar says what a stream of a module is
    is_known = _is_known(prefix.lower())
    if manager == "portage" and not (is_known and not rest[0].isdigit()):
        return
    if manager == "apt" and not is_known and prefix.islower() and not _language_reference(prefix, rest, parse):
        raise _no_architecture(text, prefix, rest)
    raise _refusal(text, prefix.lower(), rest, _language_reference(prefix.lower(), rest, parse))


def _is_known(prefix: str) -> bool:
    return prefix in {*IMAGES, *ELSEWHERE} or any(
        prefix in words.split() for words in (*TOOLS.values(), *DISTROS.values(), " ".join(LANGUAGES))
    )


def _language_reference(prefix: str, rest: str, parse: Parse) -> str:
    """Return the reference of a language's own that was probably meant, empty if none was."""
    names = [name for name in LANGUAGES if prefix in TOOLS[name].split()]
    if not names and not _is_known(prefix):
        from sandbox.core.fuzzy import nearest_words

        names = [name for name in nearest_words(prefix, LANGUAGES) if abs(len(name) - len(prefix)) <= 1]
    if prefix in LANGUAGES:
        names = [name for name in LANGUAGES if name == prefix]
    for name in names if rest[0].isalpha() or rest[0] == "@" else ():
        try:
            return parse(name, rest).text
        except UsageError:
            return ""
    return ""


def _refusal(text: str, prefix: str, rest: str, near: str) -> UnknownWord:
    """Return the error, with the prefixes that exist and what fits; `near` is the reference that was meant, or none."""
    name, bare = rest.rpartition("/")[2], _NAME.fullmatch(rest)
    hints = [Advice.sandbox("try", near)] if near else []
    distro = next((distro for distro, words in DISTROS.items() if prefix in words.split()), "")
    if rest[0].isdigit() and (prefix == distro or prefix in TAGGED):
        hints = [Advice.sandbox("try", "--distro" if prefix == distro else "--image", f"{prefix}:{rest}")]
    elif rest[0].isdigit() and prefix not in IMAGES:
        hints = [Advice.sandbox("search", prefix)]
    elif distro and bare:
        hints = [Advice.sandbox("try", rest, "--distro", distro)]
    elif prefix in IMAGES:
        hints = [Advice.sandbox("try", "--image", rest)]
    elif prefix == "cmd":
        hints = [Advice.sandbox("search", "--command", rest)]
    elif not near and _is_known(prefix) and _NAME.fullmatch(name.partition("=")[0]):
        hints = [
            Advice.sandbox("try", name.partition("=")[0], after=", if the distro has it"),
            Advice.sandbox("search", name.partition("=")[0]),
        ]
    return UnknownWord(
        f'"{plain_line(text, 60)}" has a prefix that is not known here: {plain_line(prefix, 30)}:',
        near=near,
        details=[("prefixes", ", ".join(f"{name}:" for name in LANGUAGES)), ("none", "for the distro's own packages")],
        hints=hints,
    )


def _no_architecture(text: str, name: str, rest: str) -> UnknownWord:
    from sandbox.core.fuzzy import nearest_words

    near = [f"{name}:{found}" for found in nearest_words(rest, _ARCHITECTURES)]
    return UnknownWord(
        f'"{plain_line(text, 60)}": {plain_line(rest, 30)} is no architecture, and {plain_line(name, 30)}: no prefix',
        near="".join(near),
        details=[
            ("architectures", ", ".join(_ARCHITECTURES[:6]) + " and others"),
            ("prefixes", ", ".join(f"{known}:" for known in LANGUAGES)),
        ],
        hints=[Advice.sandbox("try", word) for word in near] or _by_name(rest),
    )


def _by_name(rest: str) -> list[Advice]:
    """Return the advice to try what is behind a prefix that nothing knows, where that can be a name."""
    return [Advice.sandbox("try", rest)] if _NAME.fullmatch(rest) else []
