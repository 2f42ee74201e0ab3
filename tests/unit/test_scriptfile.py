from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.errors import UsageError
from sandbox.scriptfile import places

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
