from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.errors import UnknownPackage, UsageError
from sandbox.managers.protocol import LISTING, AvailableVersion, Change, Failure, PackageRef
from sandbox.managers.registry import manager_of, queries_of
from sandbox.managers.rpm import leaves
from sandbox.managers.rpm.microdnf import manager as microdnf
from sandbox.managers.rpm.tdnf import manager as tdnf
from sandbox.managers.rpm.yum import manager as yum

if TYPE_CHECKING:
    from sandbox.managers.registry import ManagerName

HTOP = PackageRef(name="htop")

LEAVES = b"""\
bash\t0:5.2-1\tx86_64\t8000
glibc\t0:2.39-1\tx86_64\t9000
htop\t0:3.3-1\tx86_64\t500
=reasons=
bash\tbash
bash\t/bin/sh
glibc\tlibc.so.6
glibc\tlibm.so.6
htop\thtop
=needs=
bash\tlibc.so.6
glibc\tlibm.so.6
htop\tlibc.so.6
htop\t/bin/sh
"""


def test_what_nothing_else_needs_counts_as_asked_for() -> None:
    packages = leaves.parse_packages({LISTING: LEAVES})
    assert {package.name for package in packages if package.explicit} == {"htop"}
    assert [package.size for package in packages] == [8000, 9000, 500]


def test_weak_dependencies_are_left_out_in_each_ones_words() -> None:
    assert "--setopt=install_weak_deps=0" in microdnf.install([HTOP])
    assert "--setopt=install_weak_deps=1" in microdnf.install([HTOP], recommends=True)
    assert tdnf.install([HTOP]) == tdnf.install([HTOP], recommends=True) == ("tdnf", "install", "-y", "htop")


def test_an_unknown_name_beside_a_known_one_is_an_error_for_yum_too() -> None:
    assert "--setopt=skip_missing_names_on_install=False" in yum.install([HTOP])
    assert "--setopt=clean_requirements_on_remove=1" in yum.remove([HTOP])[0]


def test_groups_are_yums_alone() -> None:
    assert yum.parse_reference("@development").name == "@development"
    assert yum.is_installed(PackageRef(name="@development"))[1] == ("grep", "-qF", "(development)")
    for manager in (microdnf, tdnf):
        with pytest.raises(UsageError):
            manager.parse_reference("@development")


@pytest.mark.parametrize(
    ("name", "output"),
    [
        ("microdnf", "error: No package matches 'nope'"),
        ("tdnf", "No package nope available\nError(1011) : No matching packages"),
        ("tdnf", "nope package not found or not installed\nError(1011) : No matching packages"),
        ("yum", "No package nope available.\nError: Not tolerating missing names on install, stopping."),
    ],
)
def test_each_ones_words_for_an_unknown_name_are_known(name: ManagerName, output: str) -> None:
    failure = Failure(argv=(name,), status=1, output=output)
    error = manager_of(name).explain(failure, [PackageRef(name="nope")], distro="photon 5.0")
    assert isinstance(error, UnknownPackage)
    assert error.package == "nope"
    assert error.details[0][0] == f"{name} said"


MICRODNF_TABLE = """\
Package                         Repository      Size
Installing:
 htop-3.2.1-1.el9.x86_64        epel        180.3 kB
Upgrading:
 bash-5.1.8-9.el9.x86_64        baseos        1.8 MB
   replacing bash-5.1.8-6.el9.x86_64
Transaction Summary:
 Installing:        1 packages
"""
TDNF_TABLE = """\
Installing:
ncurses-libs   x86_64   6.4-1.ph5   photon   500.11k
htop           x86_64   1:3.2.2-1.ph5   photon   300.00k
Total installed size: 800.11k
"""


def test_both_shapes_of_tables_are_read() -> None:
    assert queries_of("microdnf").simulate([HTOP]).parse(MICRODNF_TABLE) == (
        Change(action="install", name="htop", version="3.2.1-1.el9"),
        Change(action="upgrade", name="bash", version="5.1.8-9.el9"),
    )
    assert queries_of("tdnf").simulate([HTOP]).parse(TDNF_TABLE) == (
        Change(action="install", name="ncurses-libs", version="6.4-1.ph5"),
        Change(action="install", name="htop", version="1:3.2.2-1.ph5"),
    )


def test_lists_of_full_names_and_yums_own_are_read() -> None:
    repoquery = "vim-2:9.0-1.el9.x86_64\nvim-2:9.1-1.el9.x86_64\njq-0:1.6-1.el9.noarch\nLast metadata check: now\n"
    versions = queries_of("microdnf").versions("vim").parse(repoquery)
    assert versions[:2] == (
        AvailableVersion(name="vim", version="2:9.1-1.el9"),
        AvailableVersion(name="vim", version="2:9.0-1.el9"),
    )
    assert queries_of("microdnf").names().parse(repoquery) == ("vim", "jq")
    listed = (
        "Available Packages\nhtop.x86_64    2.2.0-3.amzn2    epel\na-long-name.noarch\n         1:1.0-1.amzn2   core"
    )
    assert queries_of("yum").names().parse(listed) == ("htop", "a-long-name")
    assert queries_of("yum").versions("x").parse(listed)[0].version == "1:1.0-1.amzn2"
    provided = "2:vim-enhanced-9.0-1.amzn2.x86_64 : The editor\nRepo        : core\nFilename    : /usr/bin/vim\n"
    assert queries_of("yum").provides("vim").parse(provided) == ("vim-enhanced",)


@pytest.mark.parametrize("name", ["microdnf", "tdnf", "yum"])
def test_a_simulation_never_answers_yes(name: ManagerName) -> None:
    argv = queries_of(name).simulate([HTOP]).argv
    assert argv[4:7] == (name, "install", "--assumeno")
    assert "-y" not in argv


def test_what_can_not_be_known_is_not_asked() -> None:
    assert queries_of("tdnf").commands_of(["htop"]) is None
    assert microdnf.download([HTOP]) == microdnf.refresh()
