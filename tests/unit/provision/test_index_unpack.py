"""An index is written at a sandbox's root as an engine would unpack it, and nowhere else."""

from __future__ import annotations

import io
import os
import tarfile
from typing import TYPE_CHECKING

import pytest

from sandbox.container.upper import archive_of, open_folder
from sandbox.provision.index_file import read_index, tar_of, write_archives, write_list
from sandbox.provision.index_unpack import unpack_index

if TYPE_CHECKING:
    from pathlib import Path

PLACES = ("/var/lib/apt/lists", "/var/cache/apt/pkgcache.bin")
FILES = {
    "var/lib/apt/lists/a_InRelease": b"signed",
    "var/lib/apt/lists/in/b": b"",
    "var/cache/apt/pkgcache.bin": b"p" * 9,
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Give a sandbox's root that has an older index."""
    (tmp_path / "root/var/lib/apt/lists/partial").mkdir(parents=True)
    (tmp_path / "root/var/lib/apt/lists/a_InRelease").write_bytes(b"an older one, which is longer")
    return tmp_path / "root"


@pytest.fixture
def index(tmp_path: Path) -> io.BytesIO:
    """Give the file of an index of FILES."""
    for path, content in FILES.items():
        (tmp_path / "other" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "other" / path).write_bytes(content)
        os.utime(tmp_path / "other" / path, (1_700_000_000, 1_700_000_000))
    file = io.BytesIO()
    raw = write_archives(((place, archive_of(str(tmp_path / "other"), place)) for place in PLACES), file)
    write_list(file, raw, 1_700_000_500.0)
    return file


def unpack(index: io.BytesIO, root: Path) -> None:
    size = len(index.getvalue())
    with open_folder(str(root)) as folder:
        unpack_index(index, size, read_index(index, size, PLACES), folder)


def test_the_files_are_those_of_the_archive_that_an_engine_gets(index: io.BytesIO, root: Path) -> None:
    umask = os.umask(0o077)
    try:
        unpack(index, root)
    finally:
        os.umask(umask)
    assert (root / "var/lib/apt/lists/in").stat().st_mode & 0o7777 == 0o755
    size = len(index.getvalue())
    archive = io.BytesIO(b"".join(tar_of(index, size, read_index(index, size, PLACES))))
    with tarfile.open(fileobj=archive) as tar:
        files = {member.name: member for member in tar if member.isfile()}
    assert set(files) == set(FILES)
    for name, content in FILES.items():
        found = (root / name).stat()
        assert (root / name).read_bytes() == content
        assert (found.st_size, found.st_mode & 0o7777, found.st_mtime) == (files[name].size, 0o644, files[name].mtime)
    assert (root / "var/lib/apt/lists/partial").is_dir()


@pytest.mark.parametrize("place", ["var", "var/lib/apt/lists", "var/cache"])
def test_a_folder_that_is_a_link_is_not_followed(index: io.BytesIO, root: Path, place: str, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (root / place).parent.mkdir(parents=True, exist_ok=True)
    if (root / place).exists():
        (root / place).rename(tmp_path / "away")
    (root / place).symlink_to(outside)
    with pytest.raises(OSError, match=r"Not a directory|Too many levels"):
        unpack(index, root)
    assert [*outside.iterdir()] == []


def test_what_has_the_name_of_a_file_goes_and_is_not_written_through(
    index: io.BytesIO, root: Path, tmp_path: Path
) -> None:
    (tmp_path / "host").write_text("the host's")
    (root / "var/cache/apt").mkdir(parents=True)
    (root / "var/cache/apt/pkgcache.bin").symlink_to(tmp_path / "host")
    (root / "var/lib/apt/lists/a_InRelease").unlink()
    os.mkfifo(root / "var/lib/apt/lists/a_InRelease")
    unpack(index, root)
    assert (tmp_path / "host").read_text() == "the host's"
    assert {name: (root / name).read_bytes() for name in FILES} == FILES
    assert not (root / "var/cache/apt/pkgcache.bin").is_symlink()


def test_contents_that_were_changed_are_noticed(index: io.BytesIO, root: Path) -> None:
    index.getbuffer()[index.getvalue().index(b"signed")] ^= 1
    with pytest.raises(ValueError, match="changed"):
        unpack(index, root)


def test_nothing_is_written_on_another_file_system(tmp_path: Path) -> None:
    place, file = "/dev/shm/sandbox-of-a-test/lists", io.BytesIO()
    (tmp_path / "lists").write_bytes(b"x")
    raw = write_archives([(place, archive_of(str(tmp_path), "/lists"))], file)
    write_list(file, raw, 1_700_000_500.0)
    size = len(file.getvalue())
    with open_folder("/") as folder, pytest.raises(OSError, match="mounted"):
        unpack_index(file, size, read_index(file, size, (place,)), folder)
    assert not os.path.lexists("/dev/shm/sandbox-of-a-test")
