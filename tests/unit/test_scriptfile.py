from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from sandbox.errors import UsageError
from sandbox.scriptfile import check_free, places

if TYPE_CHECKING:
    from pathlib import Path


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
    with pytest.raises(UsageError, match="exists already"):
        places(tmp_path, ["a", "b"])


def test_a_folder_that_takes_no_files_is_said_before_anything_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, _: path != tmp_path)  # root may write to what is not read-only
    with pytest.raises(UsageError, match="its folder can't be written to") as caught:
        check_free(tmp_path / "x.sandbox", "-o")
    assert caught.value.hints == ("another folder behind -o",)


def test_what_is_there_is_refused_with_the_option_that_named_it(tmp_path: Path) -> None:
    (tmp_path / "x.sandbox").touch()
    with pytest.raises(UsageError, match="exists already") as caught:
        check_free(tmp_path / "x.sandbox", "-o")
    assert caught.value.hints == ("another name behind -o",)
