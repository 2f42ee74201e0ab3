"""What one distro's index answers, from what its manager says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.core.programs import program
from sandbox.errors import StepFailed
from sandbox.managers.apt import driver as apt
from sandbox.managers.apt import queries as apt_queries
from sandbox.managers.index_search import Index, IndexMatches, PackageMatch
from sandbox.managers.registry import manager_of, queries_of

if TYPE_CHECKING:
    from sandbox.managers.protocol import Query

NAMES = "fd-find\nfdisk\nripgrep\nripgrep-doc\nhtop\n"
RECORD = "Package: {0}\nVersion: {1}\nInstalled-Size: 4\nSize: 100\nDescription: what {0} is\x1b[31m\n"
RECORDS = {
    "ripgrep": RECORD.format("ripgrep", "14") + RECORD.format("ripgrep", "13"),
    "fd-find": RECORD.format("fd-find", "8"),
}


class Distro:
    """Answers apt's questions; those in `silent` fail."""

    def __init__(self, *silent: str) -> None:
        self.silent, self.asked = silent, list[tuple[str, ...]]()

    def __call__(self, query: Query[Any]) -> tuple[Any, ...]:
        self.asked.append(query.argv)
        return query.parse(self.said(query.argv))

    def said(self, argv: tuple[str, ...]) -> str:
        kind = {program("sandbox.managers.apt", f"{name}.sh"): name for name in ("provides", "commands_of")}.get(
            argv[2], argv[-1]
        )
        if kind in self.silent:
            raise StepFailed(f"apt did not answer: {kind}")
        if kind == "provides":
            return "utils/ripgrep,utils/$(id),utils/fd-find\n" if argv[-1] == "rg" else ""
        if kind == "commands_of":
            return "ripgrep\trg\nfd-find\tfdfind\n"
        return NAMES if kind == "pkgnames" else RECORDS.get(kind, "")


def index(distro: Distro) -> Index:
    return Index(name="apt", manager=apt, queries=apt_queries, ask=distro)


def test_a_package_is_told_with_its_newest_version_its_sizes_and_commands() -> None:
    assert index(Distro()).find_package("ripgrep") == IndexMatches(
        hits=(
            PackageMatch(
                package="ripgrep",
                version="14",
                versions=("14", "13"),
                download=100,
                size=4096,
                commands=("rg",),
                summary="what ripgrep is",
            ),
        )
    )


def test_a_package_that_is_called_otherwise_here_is_found_and_marked() -> None:
    [hit] = index(Distro()).find_package("fd").hits
    assert (hit.package, hit.is_called_so, hit.commands) == ("fd-find", False, ("fdfind",))


def test_what_is_not_here_has_the_nearest_names() -> None:
    assert index(Distro()).find_package("htpo") == IndexMatches(nearest=("htop",))


def test_a_name_outside_the_grammar_is_never_asked_for() -> None:
    distro = Distro()
    assert index(distro).find_package("RIPGREP;x") == IndexMatches(nearest=("ripgrep",))
    assert not [argv for argv in distro.asked if "RIPGREP;x" in argv]


def test_a_package_is_found_where_its_commands_can_not_be_known() -> None:
    [hit] = index(Distro("commands_of")).find_package("ripgrep").hits
    assert hit.commands == ()


def test_a_command_leads_to_its_packages_and_hostile_names_nowhere() -> None:
    distro = Distro()
    hits = index(distro).find_command("rg").hits
    assert [(hit.package, hit.commands) for hit in hits] == [("fd-find", ("rg",)), ("ripgrep", ("rg",))]
    assert not [argv for argv in distro.asked if "$(id)" in argv]


def test_a_command_that_nobody_is_known_to_provide_has_what_people_call_so() -> None:
    assert index(Distro()).find_command("fdfind") == IndexMatches(nearest=("fd-find",))
    assert index(Distro()).find_command("nope") == IndexMatches()


def test_a_command_is_unknown_to_an_index_that_lists_none_and_has_nothing_of_its_name() -> None:
    nix = Index(name="nix", manager=manager_of("nix"), queries=queries_of("nix"), ask=lambda _: ())
    assert nix.find_command("rg") == IndexMatches(is_unknown=True)
    assert not index(Distro()).find_command("nope").is_unknown
