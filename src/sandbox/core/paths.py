"""The program's folders on the host, by the XDG rules, as pure functions of the environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NAME: Final = "sandbox"
STARTS: Final = "start"
"""The folder, below the cache folder, of the requests by which `try` begins containers early (cli/start.py)."""
NONE: Final = "/nonexistent"
"""The home of Debian's users without one (adduser(8)); root could create it."""
NO_HOME: Final = Path("/dev/null/home")
"""A folder in which reads find nothing and writes fail clearly, even for root."""


def home(environ: Mapping[str, str]) -> Path:
    """Return HOME, else the home of the user's account, else a folder that does not exist; always absolute."""
    value = environ.get("HOME", "")
    return _home_path(value) if value.startswith("/") else _account_home()


def config_folder(environ: Mapping[str, str]) -> Path:
    """Return `$XDG_CONFIG_HOME/sandbox` (default ~/.config/sandbox); it need not exist."""
    return _folder(environ, "XDG_CONFIG_HOME", ".config")


def state_folder(environ: Mapping[str, str]) -> Path:
    """Return `$XDG_STATE_HOME/sandbox` (default ~/.local/state/sandbox); it need not exist."""
    return _folder(environ, "XDG_STATE_HOME", ".local/state")


def cache_folder(environ: Mapping[str, str]) -> Path:
    """Return `$XDG_CACHE_HOME/sandbox` (default ~/.cache/sandbox); it need not exist."""
    return _folder(environ, "XDG_CACHE_HOME", ".cache")


def kept_starts(cache: Path | None) -> tuple[Path, ...]:
    """Return the files by which `try` begins containers early, below the cache folder."""
    try:
        return tuple(sorted((cache / STARTS).iterdir())) if cache else ()
    except OSError:
        return ()


def expand(text: str, *, folder: Path, home: Path) -> str:
    """Return an absolute path: `~` and `~/x` below `home`, relative ones below `folder`, without `.` and `..`."""
    if text == "~" or text.startswith("~/"):
        text = f"{home}{text[1:]}"
    if not text.startswith("/"):  # an absolute path needs no current folder, which may be gone
        text = os.path.join(folder, text)  # noqa: PTH118 - as below
    return os.path.normpath(text)  # Path has no normpath without the disk


def _folder(environ: Mapping[str, str], variable: str, below_home: str) -> Path:
    value = environ.get(variable, "")  # the XDG rules: a relative value is ignored
    return (Path(value) if value.startswith("/") else home(environ) / below_home) / NAME


def _account_home() -> Path:
    import pwd

    try:
        return _home_path(pwd.getpwuid(os.getuid()).pw_dir)
    except KeyError:
        return NO_HOME


def _home_path(text: str) -> Path:
    return NO_HOME if text.rstrip("/") == NONE else Path(text)


IN_MEMORY: Final = ("/dev", "/proc", "/sys")
"""Folders of a container that are file systems of its own, which its engine copies nothing to or from: what is copied
there lies below them, and nobody sees it (https://docs.docker.com/reference/cli/docker/container/cp/)."""


def place_in(path: str, places: Iterable[str]) -> str | None:
    """Return which of these folders an absolute path is, or lies in."""
    return next((place for place in places if f"{path}/".startswith(f"{place}/")), None)
