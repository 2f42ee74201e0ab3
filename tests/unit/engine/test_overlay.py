"""The folder of a container's changes is read only where the kernel says that it is that container's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.engine import convert
from sandbox.engine.overlay import Layer, root_options, upper_folder

if TYPE_CHECKING:
    from pathlib import Path

MAP = "         0          0 4294967295\n"
LINE = "64 76 0:50 / / rw,relatime - overlay overlay rw,lowerdir=/l/A:/l/B,upperdir={},workdir=/w,xino=off\n"
PROC = "65 64 0:51 / /proc rw,nosuid - proc proc rw\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / ("0af" * 22)[:64] / "diff"
    found.mkdir(parents=True)
    return found


def described(folder: object, driver: str = "overlay2", pid: int = 42) -> Layer:
    data = {"GraphDriver": {"Name": driver, "Data": {"UpperDir": str(folder)}}, "State": {"Pid": pid}}
    return convert.layer(data)


def answer(
    folder: Path, layer: Layer, *, mounts: str = LINE + PROC, users: str = MAP, user: int = 0, pid: int = 42
) -> str:
    process = folder.parents[1] / "proc" / str(pid)
    process.mkdir(parents=True)
    (process / "uid_map").write_text(users)
    (process / "mountinfo").write_text(mounts.format(folder))
    return upper_folder(layer, user=user, proc=str(process.parent))


@pytest.mark.parametrize("driver", ["overlay2", "overlay"])
def test_root_reads_the_folder_that_the_kernel_names(folder: Path, driver: str) -> None:
    assert answer(folder, described(folder, driver)) == str(folder)


@pytest.mark.parametrize(
    "other",
    [
        {"user": 1000},
        {"users": "0 231072 65536\n"},
        {"mounts": PROC},
        {"mounts": LINE.replace("upperdir={}", "upperdir={}x")},
        {"mounts": LINE.replace("xino=off", "userxattr")},
        {"mounts": LINE.replace(" / rw", " /mnt rw")},
        {"mounts": LINE + "66 64 8:1 / / rw - ext4 /dev/sda1 rw\n"},
        {"pid": 43},
    ],
)
def test_it_is_not_read_by_others_of_others_or_where_the_kernel_says_something_else(
    folder: Path, other: dict[str, Any]
) -> None:
    assert answer(folder, described(folder), **other) == ""


def test_an_engine_that_names_no_folder_or_one_without_a_random_name_is_asked_for_its_export(folder: Path) -> None:
    plain = folder.parents[1] / "snapshots/12/fs"
    plain.mkdir(parents=True)
    for data in ({}, {"GraphDriver": None, "State": None}, {"GraphDriver": {"Name": "overlay2", "Data": None}}):
        assert upper_folder(convert.layer(data), user=0, proc=str(folder)) == ""
    for layer in (described(folder, "btrfs"), described(folder, pid=0)):
        assert upper_folder(layer, user=0, proc=str(folder)) == ""
    assert answer(plain, described(plain)) == ""


def test_a_later_root_hides_the_one_before_and_a_broken_line_is_none() -> None:
    assert root_options("1 2 0:5 / / rw - overlay overlay rw,upperdir=/a\n9 9 / /\n") == ("rw", "upperdir=/a")
    assert root_options("1 2 0:5 / / rw - overlay x rw,upperdir=/a\n1 2 0:5 / / rw - overlay x rw,upperdir=/b") == (
        "rw",
        "upperdir=/b",
    )
    assert root_options("") == root_options("/ - overlay") == ()
