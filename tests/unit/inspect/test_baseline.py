"""The files of an image are read once, in this run or an earlier one, and again where whoever did was cut off."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from sandbox.container.snapshot import FileEntry, Snapshot
from sandbox.errors import EngineError
from sandbox.inspect.baseline import KEPT, BaselineSnapshots, cached_files

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FILE = FileEntry(kind="f", mode=0o4755, uid=0, gid=7, size=3, digest=b"\0\xff", capability=b"\x01")
LINK = FileEntry(kind="l", mode=0o777, uid=0, gid=0, link="b\u00fcch")
FILES = Snapshot(entries={"/a\nb": FILE, "/l": LINK}, contents={"/etc/passwd": b"root:\xff"})


def test_an_image_is_read_once_however_many_ask() -> None:
    reads, pristine = list[str](), BaselineSnapshots()

    def found(ident: str) -> Snapshot:
        def read() -> Snapshot:
            reads.append(ident)
            return Snapshot(entries={})

        return pristine.of(ident, read).result()

    found_here = [found(ident) for ident in ("a", "b", "a", "a")]
    assert reads == ["a", "b"]
    assert found_here[0] is found_here[2] is found_here[3]


def test_a_reader_that_was_cut_off_does_not_take_the_others_along() -> None:
    pristine, whole = BaselineSnapshots(), Snapshot(entries={})

    def cut_off() -> Snapshot:
        message = "the container is gone"
        raise EngineError(message)

    pristine.of("a", cut_off)
    assert pristine.of("a", lambda: whole).result() is whole


def never() -> Snapshot:
    message = "it was read"
    raise AssertionError(message)


def given(files: Snapshot) -> Callable[[], Snapshot]:
    return lambda: files


def test_a_later_run_has_what_an_earlier_one_read(tmp_path: Path) -> None:
    assert BaselineSnapshots(tmp_path / "new").of("a", given(FILES)).result() is FILES
    found = BaselineSnapshots(tmp_path / "new").of("a", never).result()
    assert (found.entries, found.contents) == (FILES.entries, FILES.contents)


def test_another_image_is_read_by_itself(tmp_path: Path) -> None:
    BaselineSnapshots(tmp_path).of("a", given(FILES)).result()
    other = Snapshot(entries={"/other": LINK})
    assert BaselineSnapshots(tmp_path).of("b", given(other)).result() is other


@pytest.mark.parametrize("damage", [b"", b"\xc1", b"\x80", b"\x81\xa7entries\x01"])
def test_what_is_damaged_is_read_again_and_kept_anew(damage: bytes, tmp_path: Path) -> None:
    BaselineSnapshots(tmp_path).of("a", given(FILES)).result()
    (path,) = cached_files(tmp_path)
    path.write_bytes(damage)
    assert BaselineSnapshots(tmp_path).of("a", given(FILES)).result() is FILES
    assert BaselineSnapshots(tmp_path).of("a", never).result().entries == FILES.entries


def test_a_bit_that_fell_over_is_noticed_where_all_of_it_still_reads_well(tmp_path: Path) -> None:
    BaselineSnapshots(tmp_path).of("a", given(FILES)).result()
    (path,) = cached_files(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"b\xc3\xbcch", b"b\xc3\xbccH"))
    assert BaselineSnapshots(tmp_path).of("a", given(FILES)).result() is FILES


@pytest.mark.parametrize("there", ["a pipe", "/dev/zero", "/nowhere/at/all", "itself", "too much"])
def test_what_is_no_file_of_ours_is_neither_waited_for_nor_read_but_replaced(there: str, tmp_path: Path) -> None:
    BaselineSnapshots(tmp_path).of("a", given(FILES)).result()
    (path,) = cached_files(tmp_path)
    path.unlink()
    if there == "a pipe":
        os.mkfifo(path)
    elif there == "too much":
        with path.open("wb") as file:
            file.truncate(10**12)
    else:
        path.symlink_to(path if there == "itself" else there)
    task = BaselineSnapshots(tmp_path).of("a", given(FILES))
    assert task.wait(10), f"{there} is waited for"
    assert task.result() is FILES
    assert BaselineSnapshots(tmp_path).of("a", never).result().entries == FILES.entries


def test_a_folder_in_the_way_is_left_alone_and_hinders_nothing(tmp_path: Path) -> None:
    BaselineSnapshots(tmp_path).of("a", given(FILES)).result()
    (path,) = cached_files(tmp_path)
    path.unlink()
    path.mkdir()
    assert BaselineSnapshots(tmp_path).of("a", given(FILES)).result() is FILES
    assert not cached_files(tmp_path)
    assert path.is_dir()


def test_what_a_killed_run_has_begun_to_write_goes_when_the_next_one_keeps_something(tmp_path: Path) -> None:
    old, now = (tmp_path / f".0a.files.{name}" for name in ("old", "now"))
    for path in (old, now):
        path.write_bytes(b"half")
    os.utime(old, (0, 0))
    BaselineSnapshots(tmp_path).of("a", given(FILES)).result()
    assert [old.exists(), now.exists()] == [False, True]


def test_only_what_was_used_last_is_kept(tmp_path: Path) -> None:
    for number in range(KEPT):
        BaselineSnapshots(tmp_path).of(str(number), given(FILES)).result()
        for path in cached_files(tmp_path):
            os.utime(path, ns=(0, path.stat().st_mtime_ns - 10**9))
    BaselineSnapshots(tmp_path).of("0", never).result()
    BaselineSnapshots(tmp_path).of("new", given(FILES)).result()
    assert len(cached_files(tmp_path)) == KEPT
    BaselineSnapshots(tmp_path).of("0", never).result()
    assert BaselineSnapshots(tmp_path).of("1", given(FILES)).result() is FILES


def test_names_that_are_no_text_and_disks_that_refuse_keep_nothing_and_fail_nothing(tmp_path: Path) -> None:
    hostile = Snapshot(entries={"/\udcff": FILE})
    assert BaselineSnapshots(tmp_path).of("a", given(hostile)).result() is hostile
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("")
    assert BaselineSnapshots(tmp_path / "file" / "below").of("a", given(FILES)).result() is FILES
