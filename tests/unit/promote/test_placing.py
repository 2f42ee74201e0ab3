"""What is promoted of a version that the index does not choose by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec.json
import pytest
from tests.unit.advised import advice_of

from sandbox.distros.lookup import find_target
from sandbox.errors import UsageError
from sandbox.lifecycle.journal import RecordedPackage
from sandbox.lifecycle.proof import Proof, ProofCheck
from sandbox.managers.protocol import Package, PackageRef
from sandbox.managers.registry import queries_of
from sandbox.promote.formats.base import PromotedPackage, Promotion
from sandbox.promote.formats.registry import FORMATS
from sandbox.promote.placing import entries_with_places
from sandbox.promote.promotion import refusal

if TYPE_CHECKING:
    from sandbox.managers.protocol import Found, Query
    from sandbox.managers.registry import ManagerName

POLICY = """\
index: yes
cmake:
     3.31.6-2~bpo12+1 100
        100 http://mirror.example/debian bookworm-backports/main amd64 Packages
     3.25.1-1 500
        500 http://mirror.example/debian bookworm/main amd64 Packages
cmake-data:
     3.31.6-2~bpo12+1 100
        100 http://mirror.example/debian bookworm-backports/main amd64 Packages
     3.25.1-1 500
        500 http://mirror.example/debian bookworm/main amd64 Packages
libuv1:
     1.44.2-1 500
        500 http://mirror.example/debian bookworm/main amd64 Packages
mine:
 *** 1.0 100
        100 /var/lib/dpkg/status
"""
VERSIONS = {"cmake": "3.31.6-2~bpo12+1", "cmake-data": "3.31.6-2~bpo12+1", "libuv1": "1.44.2-1", "mine": "1.0"}
CAME = [
    Package(name=name, version=version, architecture="amd64", size=1, explicit=name in ("cmake", "mine"))
    for name, version in VERSIONS.items()
]
TARGET = find_target("debian:bookworm")


def ask(query: Query[Found]) -> tuple[Found, ...] | None:
    return query.parse(POLICY)


def entry(name: str) -> RecordedPackage:
    return RecordedPackage(name=name, version=VERSIONS[name], origin="by-hand")


def promotion(*packages: PromotedPackage) -> Promotion:
    return Promotion(
        name="brave-otter",
        target=TARGET,
        family=TARGET.distro,
        image="debian:bookworm",
        digest=None,
        image_id="sha256:ae",
        packages=packages,
        date="2026-11-23",
        tool="0.1.0",
    )


def test_a_backport_is_pinned_with_what_it_needs_from_there() -> None:
    cmake, data = entries_with_places([entry("cmake")], CAME, CAME, "apt", ask)
    assert (cmake.pinned, cmake.origin, data.name, data.pinned, data.origin) == (
        True,
        "by-hand",
        "cmake-data",
        True,
        "locked",
    )
    assert "bookworm-backports" in cmake.place


ZYPPER = """\
<solvable status="installed" name="tool" kind="package" edition="1.0-1" arch="noarch" repository="(System Packages)"/>
<solvable status="not-installed" name="tool" kind="package" edition="2.0-1" arch="noarch" repository="Main"/>
<solvable status="other-version" name="tool" kind="package" edition="1.0-1" arch="noarch" repository="Old &amp; odd"/>
"""
PACMAN = "Repository : core\nName : tool\nVersion : 2.0-1\nRepository : old\nName : tool\nVersion : 1.0-1\n"
YUM = "Installed Packages\ntool.noarch 1.0-1 @x\nAvailable Packages\ntool.noarch 1.0-1 old\ntool.noarch 2.0-1 main"
ANSWERS: dict[ManagerName, tuple[str, str]] = {
    "dnf4": ("main=tool|2.0-1|29|9|a tool\nold=tool|1.0-1|29|9|a tool\nolder=tool|1.0-1|29|9|a tool\n", "old"),
    "dnf5": ("main=tool|2.0-1|29|9|a tool\nold=tool|1.0-1|29|9|a tool\n", "old"),
    "zypper": (ZYPPER, "Old & odd"),
    "pacman": (PACMAN, "old"),
    "yum": (
        "Installed Packages\ntool.noarch 1.0-1 @old\nAvailable Packages\ntool.noarch 1.0-1 old\ntool.noarch 2.0-1 main",
        "old",
    ),
}


@pytest.mark.parametrize("manager", ANSWERS)
def test_the_repository_of_a_version_that_is_not_the_newest_is_named(manager: ManagerName) -> None:
    output, repository = ANSWERS[manager]
    old = Package(name="tool", version="1.0-1", architecture="noarch", size=1, explicit=True)
    mine = RecordedPackage(name="tool", version="1.0-1", origin="by-hand")
    (found,) = entries_with_places([mine], [old], [old], manager, lambda query: query.parse(output))
    assert f"the repository {repository}" in (found.place or found.barred)


ORIGINS: list[tuple[ManagerName, str, str]] = [
    ("xbps", "pkgver: tool-2.0_1\nrepository: mirror.example/main\n", "https://me:secret@mirror.example/old"),
    ("portage", "index: yes\ntool policy:\n  2.0:\n    tree\n  1.0:\n    tree\n", "guru"),
]


@pytest.mark.parametrize(("manager", "output", "origin"), ORIGINS)
def test_where_a_package_says_itself_where_it_came_from_that_is_named(
    manager: ManagerName, output: str, origin: str
) -> None:
    version = "1.0_1" if manager == "xbps" else "1.0"
    old = Package(name="tool", version=version, architecture="", size=1, explicit=True, origin=origin)
    mine = RecordedPackage(name="tool", version=version, origin="by-hand")
    (found,) = entries_with_places([mine], [old], [old], manager, lambda query: query.parse(output))
    said = found.place or found.barred
    assert origin.rpartition("@")[2] in said
    assert "secret" not in said


def test_what_yum_has_installed_of_a_file_is_of_no_repository() -> None:
    output = "tool.noarch 1.0-1 installed\ntool.noarch 1.5-1 @/tool\ntool.noarch 2.0-1 main"
    assert [offer.version for offer in queries_of("yum").versions("tool").parse(output)] == ["2.0-1"]


def test_what_the_index_chooses_by_itself_is_as_it_was() -> None:
    assert entries_with_places([entry("libuv1")], CAME, CAME, "apt", ask) == (entry("libuv1"),)


def test_what_was_there_at_the_hand_over_is_not_asked_about() -> None:
    assert entries_with_places([entry("cmake")], [], CAME, "apt", ask) == (entry("cmake"),)


def test_a_package_of_a_file_is_refused_by_name_in_every_format() -> None:
    (mine,) = entries_with_places([entry("mine")], CAME, CAME, "apt", ask)
    row = PromotedPackage(ref=PackageRef(name="mine"), version="1.0", barred=mine.barred)
    for form in FORMATS.values():
        with pytest.raises(UsageError, match=r"mine 1\.0 can't be promoted: no repository"):
            form.render(promotion(row))


def test_each_format_carries_the_version_of_a_backport_or_refuses_it_by_name() -> None:
    ref = PackageRef(name="cmake", version=VERSIONS["cmake"])
    found = promotion(PromotedPackage(ref=ref, version=VERSIONS["cmake"], place="bookworm-backports/main"))
    for name, form in FORMATS.items():
        if name in ("nix", "brewfile"):
            with pytest.raises(UsageError, match="cmake can't be promoted for"):
                form.render(found)
        else:
            assert f"cmake={VERSIONS['cmake']}" in form.render(found), name


def test_versions_are_said_to_have_moved_on_only_where_they_have() -> None:
    def hints(*, has_moved: bool) -> tuple[str, ...]:
        check = ProofCheck(name="install", passed=False, found="1", differences=("x",), has_moved=has_moved)
        proof = Proof(where="debian bookworm", image_id="x", date="2026-11-23", seconds=1.0, checks=(check,))
        return advice_of(refusal(proof))

    assert any("newer versions" in text for text in hints(has_moved=True))
    assert not any("newer versions" in text for text in hints(has_moved=False))


def test_a_record_of_before_is_still_read() -> None:
    line = b'{"name":"htop","version":"1","origin":"by-hand","pinned":false,"source":""}'
    assert msgspec.json.decode(line, type=RecordedPackage) == RecordedPackage(
        name="htop", version="1", origin="by-hand"
    )
