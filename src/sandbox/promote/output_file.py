"""Install scripts as files: where one may be written, never over anything that is there."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

from sandbox.core.statefile import write_new
from sandbox.errors import Unwritten, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def write_script(text: str, path: Path, *, mode: int = 0o755) -> None:
    """Write a script that can be run; raise UsageError where the file is there already, Unwritten on failure."""
    try:
        write_new(path, text, mode=mode)
    except FileExistsError as error:
        message = f"{path} exists already, and stays as it is"
        raise UsageError(message, hints=["sandbox promote -o ANOTHER.sh"]) from error
    except (FileNotFoundError, NotADirectoryError, PermissionError) as error:
        message = f"{path} can't be written: {error.strerror}"
        raise UsageError(message, hints=["sandbox promote > install.sh"]) from error
    except OSError as error:
        raise Unwritten.place(path, error, hints=["sandbox promote > install.sh"]) from error


def check_writable(path: Path, option: str) -> None:
    """Raise UsageError where nothing can be written to a path later: it is there, or its folder is not, or not ours."""
    folder = path.absolute().parent
    if os.path.lexists(path):
        message = f"{path} exists already, and stays as it is"
        raise UsageError(message, hints=[f"another name behind {option}"])
    if is_folder(folder):
        if os.access(folder, os.W_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids):
            return
        message = f"{path} can't be written: the folder {folder} can't be written to"
        raise UsageError(message, hints=[f"a folder of your own behind {option}"])
    message = f"there is no folder {folder} for {path.name}"
    hints = [f"mkdir -p {shlex.quote(str(folder))}"]
    if _may_not_look(folder):
        message, hints = f"{folder} can't be looked into", [f"a folder of your own behind {option}"]
    raise UsageError(message, hints=hints)


def is_folder(path: Path) -> bool:
    """Return whether a folder is there, also where one on the way may not be looked into: Path's own raises there."""
    return os.path.isdir(path)  # noqa: PTH112


def _may_not_look(folder: Path) -> bool:
    try:
        folder.stat()
    except PermissionError:
        return True
    except OSError:
        return False
    return False


def places(output: Path | None, files: Sequence[str]) -> tuple[Path | None, ...]:
    """Return where each file goes: into a folder that is there under its own name, one alone to any path or nowhere.

    Nowhere is standard output. Raise UsageError for several files without a folder, and where something is there.
    """
    if output is None and len(files) == 1:
        return (None,)
    if output is not None and is_folder(output):
        found = [output / name for name in files]
    elif output is not None and len(files) == 1:
        found = [output]
    else:
        message = f"{len(files)} formats need a folder that is there, to go into: {', '.join(files)}"
        raise UsageError(message, hints=["mkdir promoted, and the same command with -o promoted"])
    for path in found:
        check_writable(path, "-o")
    return tuple(found)


def free_path(folder: Path, label: str) -> Path:
    """Return `install-LABEL.sh` in a folder, with a number behind it where that exists."""
    path, number = folder / f"install-{label}.sh", 2
    while os.path.lexists(path):
        path, number = folder / f"install-{label}-{number}.sh", number + 1
    return path
