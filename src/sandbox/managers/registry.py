"""The registry of package managers: each is a folder; mypy refuses its case here until all of the folder is there.

It is a match and not a table, so that a run imports the one manager that it needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sandbox.managers.data import Family, ManagerData
    from sandbox.managers.languages.base import Language, LanguageManager
    from sandbox.managers.protocol import Manager, PackageRef
    from sandbox.managers.queries import Queries

ManagerName = Literal[
    "apt", "dnf4", "dnf5", "zypper", "microdnf", "tdnf", "yum", "portage", "nix", "apk", "pacman", "xbps"
]
NAMES: Final[tuple[ManagerName, ...]] = get_args(ManagerName)

LanguageName = Literal["pip", "npm", "cargo", "gem", "go", "luarocks"]
LANGUAGES: Final[tuple[LanguageName, ...]] = get_args(LanguageName)
"""The managers of a language's packages, which are asked for as `pip:httpie`."""
PROGRAMS: Final = frozenset(("pip", "pip3", "pipx", "npm", "pnpm", "yarn", "cargo", "gem", "bundle", "go", "luarocks"))
"""Every language's programs, so that a sandbox without any costs no import; a test holds it to the managers' own."""


def family_of(name: ManagerName) -> Family:  # noqa: C901 - a table, as a match
    """Return what the package manager of that name consists of."""
    match name:
        case "apt":
            from sandbox.managers.apt import family as apt

            return apt
        case "apk":
            from sandbox.managers.apk import family as apk

            return apk
        case "pacman":
            from sandbox.managers.pacman import family as pacman

            return pacman
        case "xbps":
            from sandbox.managers.xbps import family as xbps

            return xbps
        case "nix":
            from sandbox.managers.nix import family as nix

            return nix
        case "portage":
            from sandbox.managers.portage import family as portage

            return portage
        case "dnf4":
            from sandbox.managers.rpm import dnf4

            return dnf4
        case "dnf5":
            from sandbox.managers.rpm import dnf5

            return dnf5
        case "zypper":
            from sandbox.managers.rpm import zypper

            return zypper
        case "microdnf":
            from sandbox.managers.rpm import microdnf

            return microdnf
        case "tdnf":
            from sandbox.managers.rpm import tdnf

            return tdnf
        case "yum":
            from sandbox.managers.rpm import yum

            return yum


def manager_of(name: ManagerName) -> Manager:
    """Return the commands of the package manager of that name."""
    return family_of(name).manager


def queries_of(name: ManagerName) -> Queries:
    """Return its queries."""
    return family_of(name).queries()


def data_of(name: ManagerName) -> ManagerData:
    """Return the facts about it."""
    return family_of(name).data()


def find_data(name: str) -> ManagerData | None:
    """Return the facts about a distro's manager by name, or None for a language's manager."""
    return next((data_of(known) for known in NAMES if known == name), None)


def language_family(name: LanguageName) -> Language:
    """Return what the language manager of that name consists of."""
    match name:
        case "pip":
            from sandbox.managers.languages.pip import family as pip

            return pip
        case "npm":
            from sandbox.managers.languages.npm import family as npm

            return npm
        case "cargo":
            from sandbox.managers.languages.cargo import family as cargo

            return cargo
        case "gem":
            from sandbox.managers.languages.gem import family as gem

            return gem
        case "go":
            from sandbox.managers.languages.go import family as go

            return go
        case "luarocks":
            from sandbox.managers.languages.luarocks import family as luarocks

            return luarocks


def language_of(name: LanguageName) -> LanguageManager:
    """Return the commands of the language manager of that name."""
    return language_family(name).manager


def languages_among(names: Iterable[str]) -> tuple[LanguageManager, ...]:
    """Return the language managers of these names, each once, in the registry's order; others are passed over."""
    wanted = frozenset(names)
    return tuple(language_of(name) for name in LANGUAGES if name in wanted)


def parse_reference(text: str, manager: Manager) -> PackageRef:
    """Return the reference, read by the language manager whose prefix it has, else by the distro's own.

    Raise UsageError for what is no name or version in that one's grammar.
    """
    prefix, colon, rest = text.partition(":")
    for language in languages_among([prefix] if colon else ()):  # the distro has a package npm, too
        return language.parse_reference(rest)
    if colon:
        from sandbox.managers.prefixes import check_prefix

        check_prefix(text, manager.name, lambda name, rest: languages_among([name])[0].parse_reference(rest))
    return manager.parse_reference(text)


def runtime_packages(
    languages: Iterable[LanguageManager], manager: Manager, own: Sequence[PackageRef]
) -> tuple[PackageRef, ...]:
    """Return the distro packages that bring these languages' managers and are not among its `own` asked for already.

    Raise UsageError where a distro's manager has no row of them.
    """
    asked = {ref.name for ref in own}
    texts = dict.fromkeys(text for language in languages for text in _runtime(language, manager))
    found = (manager.parse_reference(text) for text in texts)
    return tuple(ref for ref in found if ref.name not in asked)


def _runtime(language: LanguageManager, manager: Manager) -> tuple[str, ...]:
    data, by_family = find_data(manager.name), _runtime_by_family(language)
    if data is not None and (found := data.runtimes.get(language.name) or by_family.get(data.family)):
        return found
    from sandbox.errors import UsageError

    rows = ((name, data_of(name)) for name in NAMES)
    known = [name for name, row in rows if language.name in row.runtimes or row.family in by_family]
    message = f"no packages are known that provide {language.name} for {manager.name}"
    raise UsageError(message, details=[("known for", ", ".join(known))])


def _runtime_by_family(language: LanguageManager) -> Mapping[str, tuple[str, ...]]:
    return next((language_family(name).data().runtime for name in LANGUAGES if name == language.name), {})
