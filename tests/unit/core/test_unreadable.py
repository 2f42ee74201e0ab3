"""A file of the host that can't be read is named, with what is there instead and a next step."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from sandbox.core.unreadable import unreadable_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sandbox.errors import UsageError


def error_of(path: str | Path, *, shown: str = "", fits: Callable[[str], bool] | None = None) -> UsageError:
    """Return the error for a path that can't be opened."""
    with pytest.raises((OSError, ValueError)) as caught:
        os.close(os.open(path, os.O_WRONLY))
    return unreadable_file(path, caught.value, shown=shown, fits=fits)


def test_what_is_spelled_alike_is_named_and_the_folder_can_be_listed(tmp_path: Path) -> None:
    (tmp_path / "install.sh").touch()
    (tmp_path / "notes.txt").touch()
    error = error_of(tmp_path / "instal.sh", shown="./instal.sh")
    assert error.brief == "./instal.sh does not exist"
    assert error.details == (("nearest", f"{tmp_path}/install.sh"),)
    assert [hint.line for hint in error.hints] == [f"ls {tmp_path}"]


def test_a_folder_that_is_not_there_is_what_is_spelled_wrong(tmp_path: Path) -> None:
    (tmp_path / "packages").mkdir()
    error = error_of(tmp_path / "pacakges/deep/x.deb")
    assert error.details == (("nearest", f"{tmp_path}/packages"),)
    assert [hint.line for hint in error.hints] == [f"ls {tmp_path}"]


def test_of_files_that_fit_three_are_named_though_none_is_spelled_alike(tmp_path: Path) -> None:
    for name in ("zlib.deb", "readme", "a.deb", "b.deb", "c.deb"):
        (tmp_path / name).touch()
    error = error_of(tmp_path / "something-else.deb", fits=lambda name: name.endswith(".deb"))
    assert len(error.details[0][1].split(", ")) == 3
    assert "readme" not in error.details[0][1]


@pytest.mark.parametrize(
    ("name", "brief"),
    [
        ("a\0b", "a\\0b can't be read: not a path"),
        ("x" * 300, f"{'x' * 199}… can't be read: file name too long"),
        ("folder", "folder is a folder, not a file"),
        ("dead", "dead is a link to red, which does not exist"),
        ("file/below", "file/below does not exist"),
    ],
)
def test_why_it_can_not_be_read_is_said_on_one_plain_line(
    name: str, brief: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "dead").symlink_to("\x1b[31mred")
    assert error_of(name).brief == brief
