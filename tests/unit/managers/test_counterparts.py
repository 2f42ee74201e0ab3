"""What a package is called elsewhere: by family, by what people type, and nothing where the table is silent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.managers.counterparts import also_known_as, counterparts, family_of, foreign_name, names_here

if TYPE_CHECKING:
    from sandbox.managers.counterparts_table import Family


@pytest.mark.parametrize(
    ("name", "families", "found"),
    [
        ("fd-find", ("debian", "arch"), ("fd",)),
        ("fd", ("alpine", "debian"), ("fd-find",)),
        ("build-essential", ("debian", "alpine"), ("build-base",)),
        ("openssh", ("arch", "debian"), ("openssh-client", "openssh-server")),
        ("openssh-server", ("debian", "fedora"), ("openssh-server",)),
        ("fd", ("debian", "arch"), ()),
        ("htop", ("debian", "arch"), ()),
    ],
)
def test_a_familys_name_has_its_counterparts(
    name: str, families: tuple[Family, Family], found: tuple[str, ...]
) -> None:
    assert counterparts(name, *families) == found


@pytest.mark.parametrize(
    ("name", "family", "found"),
    [
        ("fdfind", "alpine", ("fd",)),
        ("rg", "debian", ("ripgrep",)),
        ("ripgrep", "debian", ()),
        ("ShellCheck", "debian", ("shellcheck",)),
        ("base-devel", "alpine", ("build-base",)),
        ("fd", "gentoo", ("sys-apps/fd",)),
        ("sys-apps/fd", "debian", ("fd-find",)),
        ("", "debian", ()),
        ("no-such-thing", "debian", ()),
    ],
)
def test_what_people_type_leads_to_a_familys_names(name: str, family: Family, found: tuple[str, ...]) -> None:
    assert also_known_as(name, family) == found


@pytest.mark.parametrize(
    ("name", "family", "nix", "brew"),
    [
        ("htop", "debian", "htop", "htop"),
        ("sys-process/htop", "gentoo", "htop", "htop"),
        ("fd-find", "debian", "fd", "fd"),
        ("github-cli", "arch", "gh", "gh"),
        ("p7zip-full", "debian", "p7zip", ""),
        ("7zip", "debian", "_7zz", "sevenzip"),
        ("valkey-server", "debian", "valkey", "valkey"),
        ("strace", "debian", "strace", ""),
        ("libssl-dev", "debian", "", ""),
        ("curl", "arch", "curl", "curl"),
        ("fd-find", "arch", "", ""),
        ("no-such-thing", "debian", "", ""),
    ],
)
def test_nix_and_homebrew_have_one_name_for_it_or_none(name: str, family: Family, nix: str, brew: str) -> None:
    assert (foreign_name(name, family, "nix"), foreign_name(name, family, "brew")) == (nix, brew)


def test_a_manager_has_the_family_whose_names_its_distros_share() -> None:
    assert (family_of("dnf4"), family_of("dnf5")) == ("fedora", "fedora")


def test_the_distros_own_index_decides() -> None:
    assert names_here("dig", "apt", ("dnsutils", "dig-tools")) == ("dnsutils",)
    assert names_here("dig", "apt", ()) == ()


def test_a_group_of_packages_is_named_where_the_manager_knows_groups() -> None:
    assert names_here("build-essential", "dnf5", ()) == ("@development-tools",)
    assert names_here("build-essential", "microdnf", ()) == ()
