"""Install scripts as files: where one may be written, never over anything that is there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sandbox.errors import UsageError
from sandbox.statefile import write_new

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def write_script(text: str, path: Path, *, mode: int = 0o755) -> None:
    """Write a script that can be run; raise UsageError where the file exists already or can't be made."""
    try:
        write_new(path, text, mode=mode)
    except FileExistsError as error:
        message = f"{path} exists already, and stays as it is"
        raise UsageError(message, hints=["sandbox promote -o ANOTHER.sh"]) from error
    except OSError as error:
        message = f"{path} can't be written: {error.strerror}"
        raise UsageError(message, hints=["sandbox promote > install.sh"]) from error


def check_free(path: Path, option: str = "--promote") -> None:
    """Raise UsageError where a script can't be written to a path later, since something is there or no folder is."""
    if path.exists() or path.is_symlink():
        message = f"{path} exists already, and stays as it is"
        raise UsageError(message, hints=[f"another name behind {option}"])
    if not path.absolute().parent.is_dir():
        message = f"there is no folder {path.absolute().parent} for {path.name}"
        raise UsageError(message, hints=[f"mkdir -p {path.absolute().parent}"])
    if not os.access(path.absolute().parent, os.W_OK):
        message = f"{path} can't be written: its folder can't be written to"
        raise UsageError(message, hints=[f"another folder behind {option}"])


def places(output: Path | None, files: Sequence[str]) -> tuple[Path | None, ...]:
    """Return where each file goes: into a folder that is there under its own name, one alone to any path or nowhere.

    Nowhere is standard output. Raise UsageError for several files without a folder, and where something is there.
    """
    if output is None and len(files) == 1:
        return (None,)
    if output is not None and output.is_dir():
        found = [output / name for name in files]
    elif output is not None and len(files) == 1:
        found = [output]
    else:
        message = f"{len(files)} formats need a folder that is there, to go into: {', '.join(files)}"
        raise UsageError(message, hints=["mkdir promoted, and the same command with -o promoted"])
    for path in found:
        check_free(path, "-o")
    return tuple(found)


def free_path(folder: Path, label: str) -> Path:
    """Return `install-LABEL.sh` in a folder, with a number behind it where that exists."""
    path, number = folder / f"install-{label}.sh", 2
    while path.exists() or path.is_symlink():
        path, number = folder / f"install-{label}-{number}.sh", number + 1
    return path
