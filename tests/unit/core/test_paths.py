"""The XDG folders."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from sandbox.core.paths import cache_folder, config_folder, expand, home, state_folder


def test_variables_win_and_relative_ones_are_ignored() -> None:
    environ = {"HOME": "/h", "XDG_CONFIG_HOME": "/c", "XDG_STATE_HOME": "relative", "XDG_CACHE_HOME": ""}
    assert config_folder(environ) == Path("/c/sandbox")
    assert state_folder(environ) == Path("/h/.local/state/sandbox")
    assert cache_folder(environ) == Path("/h/.cache/sandbox")


def test_without_home_the_account_says_it() -> None:
    assert home({}) == home({"HOME": "x"}) == Path(pwd.getpwuid(os.getuid()).pw_dir)


def test_paths_are_made_absolute_without_the_disk() -> None:
    places = {"folder": Path("/f"), "home": Path("/h")}
    found = [expand(text, **places) for text in ("x", "./x/", "../x", "~", "~/x", "/x/./y", "~x")]
    assert found == ["/f/x", "/f/x", "/x", "/h", "/h/x", "/x/y", "/f/~x"]


def test_debians_home_of_users_that_have_none_is_never_made() -> None:
    folder = state_folder({"HOME": "/nonexistent/"})
    with pytest.raises(OSError, match="Not a directory"):
        folder.mkdir(parents=True)
    assert not Path("/nonexistent").exists()
