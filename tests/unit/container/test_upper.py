"""A part of a layer comes as an archive of plain files and folders, and never of what a link leads to."""

from __future__ import annotations

import io
import os
import socket
import tarfile
from typing import TYPE_CHECKING

import pytest

from sandbox.container.upper import DEEPEST, archive_of

if TYPE_CHECKING:
    from pathlib import Path


def unpacked(folder: Path, path: str) -> dict[str, tuple[str, int, bytes]]:
    """Return type, mode and content of each member by its name."""
    found = {}
    with tarfile.open(fileobj=io.BytesIO(b"".join(archive_of(str(folder), path)))) as archive:
        for member in archive:
            file = archive.extractfile(member) if member.isreg() else None
            found[member.name] = (member.type.decode(), member.mode, file.read() if file else b"")
    return found


@pytest.fixture
def layer(tmp_path: Path) -> Path:
    lists = tmp_path / "layer/var/lib/apt/lists"
    lists.mkdir(parents=True)
    lists.chmod(0o755)
    (lists / "partial").mkdir(mode=0o700)
    (lists / "a_Packages").write_bytes(b"Package: a\n" * 20_000)
    (lists / "b_InRelease").write_bytes(b"")
    for path in lists.iterdir():
        path.chmod(0o700 if path.is_dir() else 0o644)
    return tmp_path / "layer"


def test_a_folder_comes_with_all_below_under_its_own_name(layer: Path) -> None:
    assert unpacked(layer, "/var/lib/apt/lists") == {
        "lists": ("5", 0o755, b""),
        "lists/a_Packages": ("0", 0o644, b"Package: a\n" * 20_000),
        "lists/b_InRelease": ("0", 0o644, b""),
        "lists/partial": ("5", 0o700, b""),
    }


def test_a_file_comes_alone(layer: Path) -> None:
    assert list(unpacked(layer, "/var/lib/apt/lists/b_InRelease")) == ["b_InRelease"]


@pytest.mark.parametrize("link", ["var/lib/apt/lists/c", "var/lib/apt/lists"])
def test_a_link_comes_as_one_and_not_as_what_it_leads_to(layer: Path, link: str) -> None:
    (layer.parent / "host").mkdir()
    (layer.parent / "host/secret").write_text("secret")
    path = layer / link
    if path.exists():
        path.rename(layer / "moved")
    path.symlink_to(layer.parent / "host")
    found = unpacked(layer, "/var/lib/apt/lists")
    assert [name for name, (kind, _, _) in found.items() if kind == "2"] == [link.partition("var/lib/apt/")[2]]
    assert not [name for name in found if "secret" in name]


def test_no_link_above_the_path_is_followed(layer: Path) -> None:
    (layer / "var/lib").rename(layer / "moved")
    (layer / "var/lib").symlink_to(layer / "moved")
    with pytest.raises(OSError, match="Not a directory"):
        list(archive_of(str(layer), "/var/lib/apt/lists"))


def test_a_socket_is_left_out_as_engines_do(layer: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = unpacked(layer, "/var/lib/apt/lists")
    monkeypatch.chdir(layer / "var/lib/apt/lists")  # a path of a socket has 107 bytes at most
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("S.gpg-agent")
    assert unpacked(layer, "/var/lib/apt/lists") == before


def test_a_pipe_is_refused_without_being_opened(layer: Path) -> None:
    os.mkfifo(layer / "var/lib/apt/lists/pipe")
    with pytest.raises(ValueError, match="no plain file"):
        list(archive_of(str(layer), "/var/lib/apt/lists"))


def test_folders_deeper_than_any_index_has_are_refused_before_there_are_no_files_left_to_open(layer: Path) -> None:
    place = layer / "var/lib/apt/lists"
    for _ in range(DEEPEST + 2):
        place /= "d"
        place.mkdir()
    with pytest.raises(ValueError, match="deep"):
        unpacked(layer, "/var/lib/apt/lists")


def test_what_is_not_there_is_an_error(layer: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(archive_of(str(layer), "/var/cache/apt/pkgcache.bin"))
