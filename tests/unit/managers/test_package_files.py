"""What the names of downloaded files say, and what the repositories' signatures do."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from sandbox.core.programs import sh_argv
from sandbox.errors import UsageError
from sandbox.managers.apt.repositories import issuers
from sandbox.managers.data import ExactInstall
from sandbox.managers.package_files import (
    can_pin,
    downloads,
    either,
    exact,
    install_exact_argv,
    no_pins_reason,
    pins,
)
from sandbox.managers.protocol import PackageRef
from sandbox.managers.registry import NAMES, data_of, queries_of

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.managers.registry import ManagerName

SUM = "ab" * 32
LOCKABLE = [name for name in NAMES if not isinstance(data_of(name).downloads, str)]
EXACT = [name for name in NAMES if isinstance(data_of(name).versions, ExactInstall)]


@pytest.mark.parametrize(
    ("manager", "path", "name", "version"),
    [
        ("apt", "/var/cache/apt/sandbox/vim_2%3a9.0-1_amd64.deb", "vim", "2:9.0-1"),
        ("apt", "/x/libstdc++6_12.2_amd64.deb", "libstdc++6", "12.2"),
        ("apk", "/var/cache/apk/lab-tool-2.0-r1.0123abcd.apk", "lab-tool", "2.0-r1"),
        ("dnf5", "/c/python3-libs-3.12.1-2.fc40.x86_64.rpm", "python3-libs", "3.12.1-2.fc40"),
        ("pacman", "/c/gtk-update-icon-cache-1:4.12.5-1-x86_64.pkg.tar.zst", "gtk-update-icon-cache", "1:4.12.5-1"),
    ],
)
def test_a_files_name_says_whose_it_is(manager: ManagerName, path: str, name: str, version: str) -> None:
    (found,) = downloads(manager).parse(f"{SUM} 12 {path}\n")
    assert (found.name, found.version, found.size, found.sha256) == (name, version, 12, SUM)


@pytest.mark.parametrize("line", ["", "junk", f"{SUM} x /a.deb", f"{SUM} 1 a_1_b.deb", f"{SUM} 1 /a.deb\x1b", "\ud800"])
def test_lines_of_any_kind_are_passed_over(line: str) -> None:
    assert downloads("apt").parse(line) == ()


@pytest.mark.parametrize("manager", ["portage", "nix", "xbps"])
def test_a_manager_whose_files_are_not_known_is_named(manager: ManagerName) -> None:
    with pytest.raises(UsageError, match=f"packages of {manager} can't be locked"):
        downloads(manager)


def test_the_shell_text_sums_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "a_1_all.deb").write_bytes(b"hello")
    done = subprocess.run(
        sh_argv("sandbox.managers", "hashes.sh", f"{tmp_path}/*.deb {tmp_path}/none/*.deb"),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824 5 {tmp_path}/a_1_all.deb\n"


def test_only_apt_is_pinned_by_a_file() -> None:
    assert pins("apt", [("a", "1")]) == (
        "/etc/apt/preferences.d/sandbox-lock",
        "Package: a\nPin: version 1\nPin-Priority: 1001\n",
    )
    assert [name for name in NAMES if pins(name, [("a", "1")])] == ["apt"]


ARMOUR = """-----BEGIN PGP SIGNATURE-----

iHUEABYIAB0WIQQSNFZ4kKvN7xI0VniQq83vEjRWeAUCZbpwgAAKCRCQq83vEjRW
AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
-----END PGP SIGNATURE-----
"""


def test_a_signature_says_which_key_made_it() -> None:
    assert issuers(ARMOUR) == ("1234567890ABCDEF1234567890ABCDEF12345678",)


@pytest.mark.parametrize("text", ["", "-----BEGIN PGP SIGNATURE-----\n\n!!!!\n", "\n\nwsA=", "\n\niP8="])
def test_what_is_no_signature_has_no_key(text: str) -> None:
    assert issuers(text) == ()


def test_a_repositorys_line_holds_no_password() -> None:
    asked = queries_of("apk").repositories()
    assert asked is not None
    assert asked.parse("repository https://me:secret@dl.test/v3/main\nkey a.pub\n") == (
        "https://dl.test/v3/main",
        "key a.pub",
    )


def test_a_repository_of_apt_has_the_keys_of_its_own_index() -> None:
    asked = queries_of("apt").repositories()
    assert asked is not None
    output = f"repository http://deb.test/debian sid main\nfile deb.test_debian_dists_sid_InRelease\n{ARMOUR}"
    assert asked.parse(output) == (
        "http://deb.test/debian sid main, signed by 1234567890ABCDEF1234567890ABCDEF12345678",
    )


def test_of_two_releases_at_one_address_each_has_its_own_keys_and_a_flat_repository_has_its() -> None:
    asked = queries_of("apt").repositories()
    assert asked is not None
    rows = ("http://deb.test/debian trixie main", "http://deb.test/debian sid main", "http://flat.test/r ./")
    files = {"deb.test_debian_dists_trixie_InRelease": "", "deb.test_debian_dists_sid_InRelease": ARMOUR}
    files["flat.test_r_._InRelease"] = ARMOUR
    output = "".join(f"repository {row}\n" for row in rows) + "".join(f"file {name}\n{files[name]}" for name in files)
    key = "signed by 1234567890ABCDEF1234567890ABCDEF12345678"
    assert asked.parse(output) == (rows[0], f"{rows[1]}, {key}", f"{rows[2]}, {key}")


def said(argv: tuple[str, ...]) -> str:
    return subprocess.run(argv, capture_output=True, text=True, check=False).stdout


@pytest.mark.parametrize(("first", "shown"), [("exit 0", "first a b\n"), ("exit 3", "first a b\nsecond c d\n")])
def test_the_second_command_runs_only_where_the_first_fails(first: str, shown: str) -> None:
    left = ("sh", "-c", f'echo first "$@"; {first}', "sh", "a", "b")
    right = ("sh", "-c", 'echo second "$@"', "sh", "c", "d")
    assert said(either(left, right)) == shown


VERSIONS = (("tool", "1-1"), ("lib", "2-1"))
TOOL, OTHER = PackageRef(name="tool"), PackageRef(name="vim")


def test_exact_versions_are_asked_for_of_all_that_is_locked() -> None:
    assert [ref.text for ref in exact("dnf5", [TOOL, OTHER], VERSIONS)] == ["vim", "tool=1-1", "lib=2-1"]
    assert exact("pacman", [TOOL], VERSIONS) == ()
    assert exact("apt", [TOOL], VERSIONS) == ()


@pytest.mark.parametrize("manager", EXACT)
def test_what_only_others_need_does_not_count_as_asked_for(manager: ManagerName) -> None:
    argv = install_exact_argv(manager, ("true",), [TOOL], VERSIONS, base=())
    assert argv[-3:] == ("lib", "tool", "true")
    assert install_exact_argv(manager, ("true",), [OTHER], VERSIONS, base=())[-3] == ""
    assert install_exact_argv(manager, ("true",), [TOOL, OTHER], VERSIONS, base=("vim",))[-3] == "lib"
    subprocess.run(["sh", "-n", "-c", argv[2]], check=True)


@pytest.mark.parametrize("manager", EXACT)
def test_an_install_that_fails_keeps_its_status(manager: ManagerName) -> None:
    argv = install_exact_argv(manager, ("sh", "-c", "exit 7"), [TOOL], VERSIONS, base=())
    assert subprocess.run(argv, capture_output=True, check=False).returncode == 7


@pytest.mark.parametrize("manager", LOCKABLE)
def test_a_manager_that_can_be_locked_is_held_to_versions_or_says_why_not(manager: ManagerName) -> None:
    assert can_pin(manager) != bool(no_pins_reason(manager))
