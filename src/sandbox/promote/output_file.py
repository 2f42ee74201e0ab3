"""Install scripts as files: where they may be written, never over an existing file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sandbox.core.files import check_new, is_folder, write_new
from sandbox.errors import Advice, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def write_script(text: str, path: Path, *, mode: int = 0o755) -> None:
    """Write an executable script. Raises what `write_new` raises."""
    write_new(
        path,
        text,
        mode=mode,
        if_there=Advice.sandbox("promote", "-o", "ANOTHER.sh"),
        hints=[Advice.sandbox("promote", after=" > install.sh")],
    )


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
        message = f"several formats need an existing folder: {', '.join(files)}"
        raise UsageError(
            message, hints=[Advice.program("mkdir", "promoted", after=", and the same command with -o promoted")]
        )
    for path in found:
        check_new(path, "-o")
    return tuple(found)


def free_path(folder: Path, label: str) -> Path:
    """Return `install-LABEL.sh` in a folder, with a number if that exists."""
    path, number = folder / f"install-{label}.sh", 2
    while os.path.lexists(path):
        path, number = folder / f"install-{label}-{number}.sh", number + 1
    return path
