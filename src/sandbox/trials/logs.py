"""The folders of trial logs: one for each run; the latest ones are kept."""

from __future__ import annotations

import re
import shutil
import time
from typing import TYPE_CHECKING, Final

from sandbox.core.statefile import make_private_folder
from sandbox.errors import Advice, SandboxError

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.trials.results import Cell

KEPT: Final = 20
"""Runs whose logs are kept."""
RUN: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d(\.\d+)?")


def new_folder(state: Path) -> Path:
    """Return a new folder for the logs of a run, named by its time. Raises SandboxError."""
    trials, moment = state / "trials", time.strftime("%Y-%m-%dT%H-%M-%S")
    number, folder = 0, trials / moment
    try:
        make_private_folder(trials)
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
    """Remove the folders of the oldest runs."""
    runs = sorted(path for path in trials.iterdir() if RUN.fullmatch(path.name) and path.is_dir())
    for path in runs[: max(0, len(runs) - KEPT + 1)]:
        shutil.rmtree(path, ignore_errors=True)


def log_path(folder: Path, cell: Cell) -> Path:
    """Return the path of a cell's log, named by spec and distro."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", f"{cell.spec}--{cell.distro}").strip("-.")
    return folder / f"{name[:150]}.log"
