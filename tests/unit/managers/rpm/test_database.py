from __future__ import annotations

import subprocess
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.errors import UsageError
from sandbox.managers.protocol import LISTING, MAX_REFERENCE, AvailableVersion, PackageRef
from sandbox.managers.rpm import database as rpm
from sandbox.managers.rpm import names as rpm_names
from sandbox.managers.rpm.dnf4 import manager as dnf4

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "name", "version"),
    [
        ("htop", "htop", None),
        ("gcc-c++", "gcc-c++", None),
        ("NetworkManager-libnm", "NetworkManager-libnm", None),
        ("python3.11", "python3.11", None),
        ("glibc.i686", "glibc.i686", None),
        ("ripgrep=13.0.0-4.fc40", "ripgrep", "13.0.0-4.fc40"),
        ("vim-enhanced=2:9.1.083-1.fc40", "vim-enhanced", "2:9.1.083-1.fc40"),
        ("jq=1.6~rc1^git2", "jq", "1.6~rc1^git2"),
    ],
)
def test_names_and_versions_of_rpm_are_taken(text: str, name: str, version: str | None) -> None:
    assert rpm_names.parse_reference(text) == PackageRef(name=name, version=version)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "has no package name"),
        ("=1.0", "has no package name"),
        ("-y", "looks like an option"),
        ("htop; reboot", "invalid character ';'"),
        ("/usr/bin/htop", "has a slash"),
        ("./thing.rpm", "has a slash"),
        ("https://example.org/thing.rpm", "has a slash"),
        ("lib*", "is a pattern"),
        ("perl(Carp)", "is what a package provides"),
        ("+foo", "begins with a sign that zypper reads"),
        ("htop=", "no valid version"),
        ("htop=1.0 -o x", "no valid version"),
        ("htop=1.0-1-2", "no valid version"),
        ("htop=1.0\n", "no valid version"),
        ("a" * 10_000, "10000 characters"),
    ],
)
def test_what_is_no_package_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(UsageError) as caught:
        rpm_names.parse_reference(text)
    assert reason in caught.value.brief
    assert caught.value.brief.isprintable()
    assert caught.value.brief.isascii()


@given(st.text(max_size=MAX_REFERENCE + 20))
def test_whatever_is_taken_is_one_harmless_word(text: str) -> None:
    try:
        reference = rpm_names.parse_with_groups(text)
    except UsageError:
        return
    word = dnf4.install([reference])[-1]
    assert not set(word) & set(" \t\n;&|$`'\"\\*?[]<>(){}/")
    assert not word.startswith("-")


def test_a_group_is_taken_where_groups_exist_and_has_no_version() -> None:
    assert rpm_names.parse_with_groups("@development-tools") == PackageRef(name="@development-tools")
    for text in ("@", "@-x", "@a=1"):
        with pytest.raises(UsageError):
            rpm_names.parse_with_groups(text)
    with pytest.raises(UsageError):
        rpm_names.parse_reference("@development-tools")


def test_the_architecture_stands_behind_the_version() -> None:
    assert rpm_names.label(PackageRef(name="glibc.i686", version="2.39-1")) == "glibc-2.39-1.i686"
    assert rpm_names.label(PackageRef(name="python3.11", version="3.11.9")) == "python3.11-3.11.9"


def test_keys_are_no_packages_and_an_epoch_is_shown_where_there_is_one() -> None:
    listing = b"gpg-pubkey\t0:a1-b2\t(none)\t0\nvim\t2:9-1\tx86_64\t42\njq\t0:1.6-1\tnoarch\t7\nbroken\trow\n"
    rows, rest = rpm.parse_listing({LISTING: listing + b"=reasons=\nmore\n"})
    assert [(row.key, row.version, row.size) for row in rows] == [
        ("vim.x86_64", "2:9-1", 42),
        ("jq.noarch", "1.6-1", 7),
    ]
    assert rest == "more\n"


ORDERED = "1.0~beta1-1 1.0~rc1-1 1.0-0.9 1.0-1.fc39 1.0-1.fc40 1.0-2.fc39 1.0^20240101-1 1.0a-1 1.0.1-1".split()


def test_versions_are_in_the_order_of_rpm() -> None:
    offers = [
        AvailableVersion(name="x", version=version) for version in ("1.9-1", "1:0.1-1", "1.10-1", "1.10~rc1-1", "1.9-1")
    ]
    assert [offer.version for offer in rpm.newest_first(offers)] == ["1:0.1-1", "1.10-1", "1.10~rc1-1", "1.9-1"]
    for older, newer in pairwise(ORDERED):
        assert (
            rpm.newest_first([AvailableVersion(name="x", version=older), AvailableVersion(name="x", version=newer)])[
                0
            ].version
            == newer
        )


def test_a_name_may_be_one_that_another_package_provides_and_a_version_is_the_packages_own() -> None:
    assert rpm.is_installed(PackageRef(name="vim"))[0] == ("rpm", "-q", "--whatprovides", "--qf", r"%{ARCH}\n", "vim")
    asked, own = rpm.is_installed(PackageRef(name="jq", version="2:1.6-1"))
    assert (asked[-1], own[0], "--whatprovides" in asked) == ("jq-2:1.6-1", "sh", False)
    assert rpm.is_installed(PackageRef(name="glibc.i686")) == (("rpm", "-q", "glibc.i686"),)


def test_what_rpm_says_instead_of_an_answer_is_none() -> None:
    assert rpm.owner("/bin/ls").parse("file /bin/ls is not owned by any package\n") == ()
    assert rpm.owner("/bin/ls").parse("coreutils\ncoreutils\n") == ("coreutils",)
    files = rpm.files([PackageRef(name="jq"), PackageRef(name="nope")])
    assert files.parse("/usr/bin/jq\nno package provides nope\n") == ("/usr/bin/jq",)
    assert 1 in files.statuses


REPO = """\
[fedora]
name=Fedora
#baseurl=http://download.example/pub/fedora/linux/releases/$releasever/Everything/$basearch/os/
metalink=https://mirrors.example/metalink?repo=fedora-$releasever&arch=$basearch
enabled=1
"""


def test_a_mirror_takes_the_place_of_lists_of_mirrors(tmp_path: Path) -> None:
    mine, other = tmp_path / "fedora.repo", tmp_path / "other.repo"
    mine.write_text(REPO)
    other.write_text("[x]\nmetalink=https://else.example/\n")
    argv = rpm.use_mirror("http://download.example/pub/fedora/linux", "http://mirror.example/f&dora")
    text = argv[2].replace("/etc/yum.repos.d", str(tmp_path))
    subprocess.run(("sh", "-c", text, *argv[3:]), check=True)
    lines = mine.read_text().splitlines()
    assert lines[2] == "baseurl=http://mirror.example/f&dora/releases/$releasever/Everything/$basearch/os/"
    assert lines[3].startswith("#metalink=")
    assert other.read_text() == "[x]\nmetalink=https://else.example/\n"


def test_a_url_can_run_no_command_of_sed(tmp_path: Path) -> None:
    mine = tmp_path / "fedora.repo"
    mine.write_text(REPO)
    argv = rpm.use_mirror("http://download.example/pub/fedora/linux", "x#e touch " + str(tmp_path / "ran"))
    subprocess.run(("sh", "-c", argv[2].replace("/etc/yum.repos.d", str(tmp_path)), *argv[3:]), check=True)
    assert not (tmp_path / "ran").exists()


def test_a_namesake_of_a_foreign_architecture_is_a_package_of_its_own() -> None:
    rows = [("bash", "x86_64"), ("glibc", "x86_64"), ("glibc", "i686"), ("vim", "x86_64_v2"), ("tzdata", "noarch")]
    text = "".join(f"{name}\t0:1-1\t{arch}\t1\n" for name, arch in rows)
    found, _ = rpm.parse_listing({LISTING: f"{text}{rpm.SEPARATOR}\n".encode()})
    names = [row.package(explicit=True).name for row in found]
    assert names == ["bash", "glibc", "glibc.i686", "vim", "tzdata"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("libc.so.6(GLIBC_2.34)(64bit)", ("libc.so.6(GLIBC_2.34)(64bit)",)),
        ("/bin/sh", ("/bin/sh",)),
        (
            "(glibc-langpack-en >= 2 or glibc-all-langpacks if langpacks-en)",
            ("glibc-langpack-en", "glibc-all-langpacks"),
        ),
        ("(a if (x or y) else z)", ("a", "z")),
        ("(foo(x86-64) = 1:2.0 and bar)", ("foo(x86-64)", "bar")),
        ("((a with b) and c)", ("a", "b", "c")),
        ("(a without b)", ("a",)),
        ("(a", ("a",)),
    ],
)
def test_a_rich_need_names_the_packages_that_are_needed(text: str, names: tuple[str, ...]) -> None:
    assert rpm.needs(text) == names
