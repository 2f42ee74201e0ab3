"""Where the logs of trials are: one folder a run, the last ones of which are kept."""

from __future__ import annotations

import re
import shutil
import time
from typing import TYPE_CHECKING, Final

from sandbox.errors import Advice, SandboxError

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.trials.results import Cell

KEPT: Final = 20
"""Runs whose logs are kept; the oldest go first."""
RUN: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d(\.\d+)?")


def new_folder(state: Path) -> Path:
    """Return a new folder for the logs of a run, named by its moment; raise SandboxError where it can't be made."""
    trials, moment = state / "trials", time.strftime("%Y-%m-%dT%H-%M-%S")
    number, folder = 0, trials / moment
    try:
        trials.mkdir(mode=0o700, parents=True, exist_ok=True)
        _forget(trials)
        while True:
            try:
                folder.mkdir(mode=0o700)
                return folder
            except FileExistsError:
                number += 1
                folder = trials / f"{moment}.{number}"
    except OSError as error:
        message = f"could not create {folder}: {error.strerror}"
        raise SandboxError(message, hints=[Advice.sandbox("doctor")]) from error


def _forget(trials: Path) -> None:
    """Remove the folders of the oldest runs, all but the last of those that are kept."""
    runs = sorted(path for path in trials.iterdir() if RUN.fullmatch(path.name) and path.is_dir())
    for path in runs[: max(0, len(runs) - KEPT + 1)]:
        shutil.rmtree(path, ignore_errors=True)


def log_path(folder: Path, cell: Cell) -> Path:
    """Return the path of a cell's log, its name made of the spec's and the distro's."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", f"{cell.spec}--{cell.distro}").strip("-.")
    return folder / f"{name[:150]}.log"
