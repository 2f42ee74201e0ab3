"""Texts that stand for a package's file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from sandbox.specs.load import load_spec
from sandbox.specs.package_files.read import read_package_file
from sandbox.specs.places import absolute, is_place, may_be_file, place_word, split_checksum

if TYPE_CHECKING:
    from collections.abc import Mapping

SUM: Final = "a" * 64
FOLDER, HOME = Path("/work/specs"), Path("/home/me")


@pytest.mark.parametrize(
    "text", ["./x.deb", "../x.rpm", "/x.apk", "~/x.whl", "https://example.org/x", "http://a/x", "./-x.deb"]
)
def test_a_path_or_an_address_stands_for_a_file(text: str) -> None:
    assert is_place(text)


@pytest.mark.parametrize(
    "text", ["jq", "x.deb", "app-misc/jq", "jq/bookworm-backports", "pip:httpie", "npm:@a/b", ".hidden", "~x"]
)
def test_a_name_stands_for_no_file(text: str) -> None:
    assert not is_place(text)


def test_a_name_that_ends_as_a_file_may_be_one() -> None:
    assert may_be_file("x.deb")
    assert may_be_file("pip:./x.whl")
    assert not may_be_file("jq=1.0")


def test_only_a_whole_checksum_at_the_end_is_one() -> None:
    assert split_checksum(f"./a b#c.deb#sha256={SUM.upper()}") == ("./a b#c.deb", SUM)
    for text in ("./x.deb", f"./x.deb#sha256={SUM[:-1]}", f"./x.deb#sha512={SUM}", f"./x#sha256={SUM}.deb"):
        assert split_checksum(text) == (text, "")


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("./x.deb", "/work/specs/x.deb"),
        (f"../x.deb#sha256={SUM}", f"/work/x.deb#sha256={SUM}"),
        ("~/x.deb", "/home/me/x.deb"),
        ("/x/../y.deb", "/y.deb"),
        ("https://example.org/../x", "https://example.org/../x"),
        ("jq", "jq"),
    ],
)
def test_a_path_starts_at_the_folder_of_its_spec(text: str, path: str) -> None:
    assert absolute(text, folder=FOLDER, home=HOME) == path


def test_a_spec_names_files_relative_to_itself() -> None:
    spec = load_spec(b"packages: [./x.deb, jq, ../my tool.rpm]", source="s", folder=FOLDER)
    assert spec.packages == ("/work/specs/x.deb", "jq", "/work/my tool.rpm")


def test_a_lock_names_no_folder_of_this_machine() -> None:
    assert place_word(f"/home/me/x.deb#sha256={SUM}") == "./x.deb"
    assert place_word(f"https://example.org/a/x.deb#sha256={SUM}") == "https://example.org/a/x.deb"
    assert place_word("jq") == "jq"


def test_a_list_names_files_of_its_own_folder_and_no_others(tmp_path: Path) -> None:
    (tmp_path / "lists/inner").mkdir(parents=True)
    (tmp_path / "lists/out").symlink_to("/etc")
    lines: Mapping[str, str] = {
        "jq": "jq",
        "./x.deb": f"{tmp_path}/lists/x.deb",
        "./inner/../y.deb": f"{tmp_path}/lists/y.deb",
    }
    others = ["../x.deb", "./inner/../../x.deb", "./out/x.deb", "/etc/x.deb", "~/x.deb", "https://example.org/x.deb"]
    (tmp_path / "lists/apt.txt").write_text("\n".join([*lines, *others]))
    found = read_package_file("lists/apt.txt", tmp_path, lambda _: b"")
    assert [row.name for row in found.entries] == list(lines.values())
    assert [row.text for row in found.not_taken] == others
    assert {row.reason for row in found.not_taken} == {"a list names no address and no path outside its folder"}
