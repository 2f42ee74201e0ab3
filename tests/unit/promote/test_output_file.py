from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from tests.unit.advised import advice_of

from sandbox.core.files import check_new, is_folder
from sandbox.errors import UsageError
from sandbox.promote.output_file import free_path, places, write_script

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOBODY = 65534


@contextmanager
def as_nobody() -> Iterator[None]:
    """Have no more rights than a user has: root's would open every folder."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(before)


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Path]:
    """Give a folder that only its owner, who has no rights on it either, may look into."""
    for folder in (tmp_path, *tmp_path.parents):
        if os.geteuid() == 0 and folder.stat().st_uid == 0 and folder.stat().st_mode & 0o077 == 0:
            folder.chmod(0o711)
    path = tmp_path / "locked"
    path.mkdir(mode=0)
    yield path
    path.chmod(0o700)


@pytest.mark.parametrize("inside", ["x.sh", "more/x.sh"])
def test_a_folder_that_may_not_be_looked_into_is_named(locked: Path, inside: str) -> None:
    with as_nobody(), pytest.raises(UsageError, match="locked") as refused:
        places(locked / inside, ["install.sh"])
    assert advice_of(refused.value) == ("a folder that you may write to, after -o",)
    with as_nobody():
        assert not is_folder(locked / "more")


def test_a_folder_that_may_not_be_written_to_is_named_before_a_proof_is_waited_for(locked: Path) -> None:
    locked.chmod(0o555)
    with as_nobody(), pytest.raises(UsageError, match="you may not write to"):
        check_new(locked / "x.sh", "--promote")
    with as_nobody(), pytest.raises(UsageError, match="you may not write to"):
        places(locked, ["install.sh"])


def test_one_file_goes_to_standard_output_to_a_path_or_into_a_folder(tmp_path: Path) -> None:
    assert places(None, ["install.sh"]) == (None,)
    assert places(tmp_path / "x.sh", ["install.sh"]) == (tmp_path / "x.sh",)
    assert places(tmp_path, ["install.sh"]) == (tmp_path / "install.sh",)


def test_several_files_need_a_folder_that_is_there(tmp_path: Path) -> None:
    assert places(tmp_path, ["a", "b"]) == (tmp_path / "a", tmp_path / "b")
    for output in (None, tmp_path / "nope"):
        with pytest.raises(UsageError, match="folder"):
            places(output, ["a", "b"])


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "b").touch()
    with pytest.raises(UsageError, match="already exists"):
        places(tmp_path, ["a", "b"])


def test_a_script_can_be_run(tmp_path: Path) -> None:
    write_script("#!/bin/sh\n", tmp_path / "install.sh")
    assert (tmp_path / "install.sh").stat().st_mode & 0o500 == 0o500


@pytest.mark.parametrize("kind", ["file", "folder", "dangling link"])
def test_a_script_never_goes_over_what_is_there(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "install.sh"
    match kind:
        case "file":
            path.write_text("mine")
        case "folder":
            path.mkdir()
        case _:
            path.symlink_to(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="already exists"):
        check_new(path, "-o")
    with pytest.raises(UsageError, match="already exists"):
        write_script("x", path)
    assert not (tmp_path / "nowhere").exists()


def test_a_script_needs_a_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no folder") as caught:
        check_new(tmp_path / "nope/install.sh", "-o")
    assert advice_of(caught.value) == (f"mkdir -p {tmp_path}/nope",)
    with pytest.raises(UsageError, match="no such file"):
        write_script("x", tmp_path / "nope/install.sh")


def test_a_free_path_has_a_number_where_it_needs_one(tmp_path: Path) -> None:
    names = []
    for _ in range(3):
        path = free_path(tmp_path, "htop")
        path.write_text("")
        names.append(path.name)
    assert names == ["install-htop.sh", "install-htop-2.sh", "install-htop-3.sh"]
