from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sandbox.errors import StepFailed, UnknownPackage
from sandbox.managers.protocol import LISTING, Change, Failure, PackageRef
from sandbox.managers.registry import manager_of
from sandbox.managers.rpm import dnf_queries, dnf_tables
from sandbox.managers.rpm.dnf4 import manager as dnf4
from sandbox.managers.rpm.dnf5 import manager as dnf5

if TYPE_CHECKING:
    from sandbox.managers.registry import ManagerName

RECORDED = Path(__file__).parents[1] / "recorded"
BOTH = pytest.mark.parametrize("name", ["dnf4", "dnf5"])
LONG = "lab-a-package-with-a-name-of-forty-characters-and-more-than-a-table-likes"


def recorded(manager: str, name: str) -> str:
    """Return a recorded output as a parser gets it: no stream of ours keeps empty lines."""
    lines = (RECORDED / manager / f"{name}.txt").read_text().splitlines()
    return "\n".join(line for line in lines if line)


def explained(manager: ManagerName, name: str, *packages: str) -> StepFailed:
    refs = [manager_of(manager).parse_reference(text) for text in packages]
    failure = Failure(argv=("dnf",), status=1, output=recorded(manager, name))
    error = manager_of(manager).explain(failure, refs, distro="fedora 40")
    assert error is not None
    return error


@BOTH
def test_what_was_asked_for_is_explicit_and_dependencies_are_not(name: ManagerName) -> None:
    listing = (RECORDED / name / "listing.txt").read_bytes()
    packages = {package.name: package for package in manager_of(name).parse_packages({LISTING: listing})}
    explicit = {package for package in packages if packages[package].explicit}
    assert explicit - {"lab-broken"} == {"lab-epoch", "lab-tool", "lab-stubborn"}
    assert packages["lab-epoch"].version == "2:1.5-1"
    assert packages["lab-tool"].size == 60
    assert packages["lab-lib"].origin == "lab"


@BOTH
def test_packages_that_came_with_the_image_are_nobodys_wish(name: ManagerName) -> None:
    listing = (RECORDED / name / "listing.txt").read_bytes()
    base = next(
        package for package in manager_of(name).parse_packages({LISTING: listing}) if package.name == "lab-shell"
    )
    assert not base.explicit
    assert base.origin == ""


def test_members_of_a_group_that_was_asked_for_are_explicit() -> None:
    rows = b"gcc\t0:14-1\tx86_64\t1\n=reasons=\n"
    assert dnf5.parse_packages({LISTING: rows + b'"gcc.x86_64" = {reason = "Group"}\n'})[0].explicit
    assert dnf4.parse_packages({LISTING: rows + b"gcc.x86_64\t5\t@fedora\n"})[0].explicit
    assert dnf4.parse_packages({LISTING: rows + b"gcc.x86_64\t5\t@fedora\n"})[0].origin == "fedora"
    assert not dnf5.parse_packages({LISTING: rows + b'"gcc.x86_64" = {reason = "None"}\n'})[0].explicit


@BOTH
def test_a_simulation_is_read_with_its_sizes(name: ManagerName) -> None:
    parse = dnf_queries.simulate([PackageRef(name="lab-tool")]).parse
    changes = {change.name: change for change in parse(f"{recorded(name, 'table')}\n{recorded(name, 'rows')}")}
    assert {change: changes[change].action for change in changes} == {
        LONG: "install",
        "lab-big": "install",
        "lab-new": "install",
        "lab-tool": "upgrade",
    }
    assert changes["lab-tool"].version == "2.0.0-1"
    assert changes["lab-tool"].size == 60
    assert changes["lab-tool"].download > 6000
    assert changes["lab-big"].size == 0


@BOTH
def test_a_downgrade_and_a_removal_are_told_apart(name: ManagerName) -> None:
    assert dnf_tables.changes(recorded(name, "table-down")) == (
        Change(action="downgrade", name="lab-lib", version="1.0.0-1"),
    )
    removed = dnf_tables.changes(recorded(name, "table-remove"))
    assert {(change.action, change.name) for change in removed} == {
        ("remove", "lab-tool"),
        ("remove", "lab-extra"),
        ("remove", "lab-lib"),
    }


def test_a_row_that_is_broken_behind_a_long_name_is_one_row() -> None:
    table = (
        "Installing:\n a-very-long-name\n             x86_64   1:2.0-1.el9   appstream  1.0 M\nTransaction Summary\n"
    )
    assert dnf_tables.changes(table) == (Change(action="install", name="a-very-long-name", version="1:2.0-1.el9"),)


def test_what_is_replaced_is_no_change_of_its_own() -> None:
    table = "Installing:\n new       noarch  2-1  lab  6 k\n     replacing  old.noarch 1.0-1\nTransaction Summary\n"
    assert [change.name for change in dnf_tables.changes(table)] == ["new"]


@BOTH
def test_versions_come_newest_first_with_their_sizes(name: ManagerName) -> None:
    offers = dnf_queries.versions("lab-tool").parse(recorded(name, "rows"))
    assert [offer.version for offer in offers if offer.name == "lab-tool"] == ["2.0.0-1", "1.0.0-1"]
    assert all(offer.size and offer.download and offer.summary for offer in offers)


def test_a_pin_and_an_architecture_are_in_dnfs_words() -> None:
    argv = dnf4.install([PackageRef(name="jq", version="1.6-1"), PackageRef(name="glibc.i686")])
    assert argv == ("dnf", "install", "-y", "--setopt=install_weak_deps=False", "jq-1.6-1", "glibc.i686")
    assert "--setopt=install_weak_deps=True" in dnf4.install([PackageRef(name="jq")], recommends=True)


def test_both_install_with_the_same_words_so_that_a_script_fits_either() -> None:
    packages = [PackageRef(name="jq")]
    assert dnf4.install(packages) == dnf5.install(packages)
    assert dnf4.refresh() == dnf5.refresh()


def test_a_group_is_looked_for_among_groups() -> None:
    group = PackageRef(name="@lab-group")
    assert "[groups.lab-group]" in dnf5.is_installed(group)[0]
    assert dnf4.is_installed(group)[1] == ("grep", "-qF", "(lab-group)")


@BOTH
@pytest.mark.parametrize(
    ("output", "cause", "word"),
    [
        ("no-name-server", "network", "nope.invalid"),
        ("refused", "network", "127.0.0.1"),
        ("no-such-repo", "mirror", "mirror"),
        ("damaged-index", "mirror", "differs from its index"),
        ("damaged-package", "mirror", "differs from its index"),
        ("archive-gone", "mirror", "mirror"),
        ("no-key", "signature", "signature"),
        ("repo-unsigned", "signature", "signature"),
        ("disk", "disk", "full"),
        ("not-root", "root", "root"),
        ("conflict", "conflict", "lab-conflict conflicts"),
        ("needs", "conflict", "lab-needs can't be installed"),
        ("file-conflict", "conflict", "/usr/bin/labtool"),
        ("pre", "script", "installation script of lab-prebroken"),
        ("preun", "script", "lab-st"),
    ],
)
def test_each_failure_has_its_cause_and_evidence(name: ManagerName, output: str, cause: str, word: str) -> None:
    error = explained(name, output, "lab-extra")
    assert error.cause == cause
    assert word in error.brief
    assert error.details
    assert {label for label, _ in error.details} - {"its script said"} == {"dnf said"}


def test_a_failing_script_after_the_install_is_an_error_for_dnf5_alone() -> None:
    assert explained("dnf5", "post", "lab-broken").brief == "the installation script of lab-broken failed in fedora 40"


def test_a_held_lock_is_told() -> None:
    assert explained("dnf4", "lock", "lab-extra").cause == "lock"


def test_a_list_of_mirrors_that_fails_is_a_failure_of_the_network() -> None:
    assert explained("dnf5", "mirrorlist").cause == "network"


@BOTH
def test_all_unknown_names_are_named(name: ManagerName) -> None:
    error = explained(name, "unknown", "lab-extra", "nopenope", "nopeother")
    assert isinstance(error, UnknownPackage)
    assert error.package == "nopenope"
    assert error.brief == "fedora 40 has none of nopenope, nopeother"


@BOTH
def test_an_unknown_version_is_told_from_an_unknown_name(name: ManagerName) -> None:
    error = explained(name, "unknown-version", "lab-tool=9.9")
    assert error.cause == "unknown-version"
    assert error.brief == "fedora 40 has no version 9.9 of lab-tool"


@BOTH
def test_an_unknown_group_keeps_its_sign(name: ManagerName) -> None:
    error = explained(name, "group", "@nogroup")
    assert isinstance(error, UnknownPackage)
    assert error.package == "@nogroup"


def test_a_distro_without_repositories_says_so() -> None:
    assert "no enabled package repository" in explained("dnf4", "no-repos", "lab-extra").brief


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("[3/4] Installing lab-lib-0:1.1.0-1.noar 100% |  19.5 KiB/s | 100.0   B |  00m00s", "Installing lab-lib"),
        ("[1/2] lab-tool-0:1.0.0-1.noarch         100% |   6.8 MiB/s |   7.0 KiB |  00m00s", "Get lab-tool"),
        (
            " Lab local repository                   100% | 271.1 KiB/s |   3.0 KiB |  00m00s",
            "Get Lab local repository",
        ),
        ("Lab local repository                            1.9 MB/s | 2.0 kB     00:00    ", "Get Lab local repository"),
        ("  Installing       : lab-epoch-2:1.5-1.noarch                               4/4 ", "Installing lab-epoch"),
        ("(1/2): jq-1.6-1.el9.x86_64.rpm                   1.2 MB/s | 180 kB     00:00    ", "Get jq"),
        ("Running transaction", "Running transaction"),
        ("Transaction Summary:", None),
        (" lab-tool  noarch 0:1.0.0-1 lab         60.0   B", None),
        ("Installed size: 1.0 M", None),
    ],
)
def test_progress_is_short(line: str, shown: str | None) -> None:
    assert dnf4.progress(line) == shown


def test_commands_of_packages_are_gathered() -> None:
    query = dnf_queries.commands_of(["a", "b", "c", "d"])
    assert query is not None
    assert query.argv[-3:] == ("a", "b", "c")
    found = query.parse("a\tone\na\ttwo\na\tone\nb\tthree\nnoise")
    assert [(candidate.name, candidate.commands) for candidate in found] == [("a", ("one", "two")), ("b", ("three",))]
    assert dnf_queries.commands_of([]) is None
