"""The folder of a container's changes is read only where the kernel shows that it is that container's own."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.engine.overlay import root_folder, root_options, upper_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Ask = Callable[..., str]

IDENT = "5a5af0539a195a91333ddb916ddcb10016da14f509e3c572bf81e5cf3add885b"
MAP = "         0          0 4294967295\n"
LINE = "64 76 0:50 / / rw,relatime - overlay overlay rw,lowerdir=/l/A:/l/B,upperdir={},workdir=/w,xino=off\n"
PROC = "65 64 0:51 / /proc rw,nosuid - proc proc rw\n"
GROUP = f"2:cpuacct:/docker/{IDENT}\n1:name=systemd:/docker/{IDENT}\n"


@pytest.fixture
def place() -> Iterator[Path]:
    """Give a folder on another file system than this host's root, as a container's is."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as name:
        (Path(name) / "upper/etc").mkdir(parents=True)
        (Path(name) / "upper/etc/new").write_text("new")
        yield Path(name)


def answer(
    place: Path, *, user: int = 0, pid: int = 42, ident: str = IDENT, ask: Ask = upper_folder, **other: str
) -> str:
    """Return the answer for a process of which /proc says what is usual, but for `other`."""
    process = place / "proc/42"
    process.mkdir(parents=True)
    said = {"uid_map": MAP, "mountinfo": LINE + PROC, "cgroup": GROUP, "root": str(place / "upper"), **other}
    for name in ("uid_map", "mountinfo", "cgroup"):
        (process / name).write_text(said[name].format(place / "upper"))
    (process / "root").symlink_to(said["root"].format(place))
    return ask(ident, pid, user=user, proc=place / "proc")


def test_root_reads_the_folder_that_the_kernel_names(place: Path) -> None:
    assert answer(place) == str(place / "upper")


@pytest.mark.parametrize(
    "other",
    [
        {"user": 1000},
        {"pid": 0},
        {"pid": 43},
        {"ident": IDENT[:-1] + "c"},
        {"uid_map": "0 231072 65536\n"},
        {"mountinfo": PROC},
        {"mountinfo": LINE.replace("upperdir={}", "upperdir={}x")},
        {"mountinfo": LINE.replace("upperdir={},", "")},
        {"mountinfo": LINE.replace("upperdir={}", "upperdir=relative")},
        {"mountinfo": LINE.replace("xino=off", "userxattr")},
        {"mountinfo": LINE.replace(" / rw", " /mnt rw")},
        {"mountinfo": LINE + "66 64 8:1 / / rw - ext4 /dev/sda1 rw\n"},
        {"root": "/"},
    ],
)
def test_it_is_not_read_by_others_of_others_or_where_the_kernel_says_something_else(
    place: Path, other: dict[str, Any]
) -> None:
    assert answer(place, **other) == ""


@pytest.mark.parametrize("mountinfo", [LINE, PROC], ids=["overlayfs", "another file system"])
def test_root_reads_a_containers_files_where_its_first_process_has_them(place: Path, mountinfo: str) -> None:
    assert answer(place, ask=root_folder, mountinfo=mountinfo) == str(place / "proc/42/root")


@pytest.mark.parametrize(
    "other",
    [
        {"user": 1000},
        {"pid": 0},
        {"pid": 43},
        {"ident": IDENT[:-1] + "c"},
        {"uid_map": "0 231072 65536\n"},
        {"root": "/"},
        {"root": "/no/such/root"},
    ],
)
def test_nobody_elses_root_is_read(place: Path, other: dict[str, Any]) -> None:
    assert answer(place, ask=root_folder, **other) == ""


def test_another_folder_with_the_same_files_and_times_is_not_the_containers(place: Path) -> None:
    shutil.copytree(place / "upper", place / "other")
    assert answer(place, root="{}/other") == ""


@pytest.mark.parametrize(
    ("mounted", "named"), [("/run/.containerenv", "run/.containerenv"), ("/my\\040run", "my run/x")]
)
def test_a_new_file_that_something_is_mounted_over_is_not_compared(place: Path, mounted: str, named: str) -> None:
    shutil.copytree(place / "upper", place / "seen", copy_function=os.link)
    (place / "upper" / named).parent.mkdir()
    (place / "upper" / named).touch()
    rows = LINE.replace("xino=off", "volatile") + f"66 64 8:1 / {mounted} rw - ext4 /dev/sda1 rw\n"
    assert answer(place, root="{}/seen", mountinfo=rows) == str(place / "upper")


def test_a_folder_of_which_every_new_file_is_mounted_over_shows_nothing(place: Path) -> None:
    assert answer(place, mountinfo=LINE + "66 64 8:1 / /etc rw - ext4 /dev/sda1 rw\n") == ""


def test_a_folder_without_a_new_file_shows_nothing(place: Path) -> None:
    (place / "upper/etc/new").unlink()
    assert answer(place) == ""


@pytest.mark.parametrize(
    ("mountinfo", "options"),
    [
        ("1 2 0:5 / / rw - overlay x rw,upperdir=/a\n9 9 / /\n", ("rw", "upperdir=/a")),
        ("1 2 0:5 / / rw - overlay x rw,upperdir=/a\n1 2 0:5 / / rw - overlay x rw,upperdir=/b", ("rw", "upperdir=/b")),
        ("1 2 0:5 / / rw shared:1 master:2 - overlay x rw,upperdir=/a b", ("rw", "upperdir=/a b")),
        ("", ()),
        ("1 2 0:5 / / rw - overlay", ("",)),
        (" - overlay x rw", ()),
    ],
)
def test_the_last_root_counts_and_a_broken_line_is_none(mountinfo: str, options: tuple[str, ...]) -> None:
    assert root_options(mountinfo) == options
