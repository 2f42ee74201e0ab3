"""The registry of package managers; mypy refuses a line until its module is complete.

It is a match and not a table, so that a run imports the one manager that it needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sandbox.managers.languages.base import LanguageManager
    from sandbox.managers.protocol import Manager, PackageRef, Queries

ManagerName = Literal[
    "apt", "dnf4", "dnf5", "zypper", "microdnf", "tdnf", "yum", "portage", "nix", "apk", "pacman", "xbps"
]
NAMES: Final[tuple[ManagerName, ...]] = get_args(ManagerName)

LanguageName = Literal["pip", "npm", "cargo", "gem", "go"]
LANGUAGES: Final[tuple[LanguageName, ...]] = get_args(LanguageName)
"""The managers of a language's packages, which are asked for as `pip:httpie`."""


def manager_of(name: ManagerName) -> Manager:  # noqa: C901 - a table, as a match
    """Return the package manager of that name."""
    match name:
        case "apt":
            from sandbox.managers.apt import driver as apt

            return apt
        case "apk":
            from sandbox.managers.apk import driver as apk

            return apk
        case "pacman":
            from sandbox.managers.pacman import driver as pacman

            return pacman
        case "xbps":
            from sandbox.managers.xbps import driver as xbps

            return xbps
        case "nix":
            from sandbox.managers.nix import driver as nix

            return nix
        case "portage":
            from sandbox.managers.portage import driver as portage

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


def queries_of(name: ManagerName) -> Queries:  # noqa: C901 - a table, as a match
    """Return what else the manager of that name can be asked."""
    match name:
        case "apt":
            from sandbox.managers.apt import queries as apt_queries

            return apt_queries
        case "apk":
            from sandbox.managers.apk import queries as apk_queries

            return apk_queries
        case "pacman":
            from sandbox.managers.pacman import queries as pacman_queries

            return pacman_queries
        case "xbps":
            from sandbox.managers.xbps import queries as xbps_queries

            return xbps_queries
        case "dnf4" | "dnf5":
            from sandbox.managers.rpm import dnf_queries

            return dnf_queries
        case "zypper":
            from sandbox.managers.rpm import zypper_queries

            return zypper_queries
        case "microdnf":
            from sandbox.managers.rpm import small_queries

            return small_queries.microdnf()
        case "tdnf":
            from sandbox.managers.rpm import small_queries

            return small_queries.tdnf()
        case "yum":
            from sandbox.managers.rpm import small_queries

            return small_queries.yum()
        case "nix":
            from sandbox.managers.nix import queries as nix_queries

            return nix_queries
        case "portage":
            from sandbox.managers.portage import queries as portage_queries

            return portage_queries


def language_of(name: LanguageName) -> LanguageManager:
    """Return the language manager of that name."""
    match name:
        case "pip":
            from sandbox.managers.languages import pip

            return pip
        case "npm":
            from sandbox.managers.languages import npm

            return npm
        case "cargo":
            from sandbox.managers.languages import cargo

            return cargo
        case "gem":
            from sandbox.managers.languages import gem

            return gem
        case "go":
            from sandbox.managers.languages import go

            return go


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
    if manager.name in language.runtime:
        return language.runtime[manager.name]
    from sandbox.errors import UsageError

    message = f"which packages bring {language.name} is not known for {manager.name}"
    raise UsageError(message, details=[("known for", ", ".join(language.runtime))])
