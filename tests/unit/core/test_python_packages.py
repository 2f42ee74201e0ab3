"""How Python packages are added to where this program is installed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from sandbox.core.python_packages import install_argv

if TYPE_CHECKING:
    from pathlib import Path


def test_packages_are_added_to_the_folder_of_pipx_by_its_name(tmp_path: Path) -> None:
    place = tmp_path / "sandbox"
    place.mkdir()
    (place / "pipx_metadata.json").touch()
    assert install_argv("a", "b>=1", prefix=str(place)) == ("pipx", "inject", "sandbox", "a", "b>=1")


def test_pip_is_typed_where_it_is_this_pythons_own_and_else_this_python(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    own, other = str(tmp_path / "bin" / "pip"), "/elsewhere/bin/pip"
    assert install_argv("a", prefix=str(tmp_path), pip=own) == ("pip", "install", "a")
    assert install_argv("a", prefix=str(tmp_path), pip=other) == (sys.executable, "-m", "pip", "install", "a")
