"""The rows in use: the built-in ones, overridden by the user's distros.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox.core.files import read_file
from sandbox.core.paths import config_folder
from sandbox.distros.registry import DISTROS
from sandbox.errors import Advice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.distros.model import Distro

FILE: Final = "distros.yaml"
LIMIT: Final = 1_000_000
"""Bytes to read of a file: one more than a document may have."""


def load_rows(environ: Mapping[str, str], *, path: str | None = None) -> tuple[Distro, ...]:
    """Return the rows with the user's own file above them where there is one, and the file at `path` above both.

    Raise SpecError with all problems of a file, UsageError for one that can't be read and for a `path` that is absent.
    Without a file this costs one look at the disk.
    """
    rows = _with(DISTROS, str(config_folder(environ) / FILE), needed=False)
    return rows if path is None else _with(rows, path, needed=True)


def _with(rows: tuple[Distro, ...], path: str, *, needed: bool) -> tuple[Distro, ...]:
    hints = [Advice.sandbox("schema", "--distros")]
    data = read_file(Path(path), limit=LIMIT, needed=needed, hints=hints)
    if data is None:
        return rows
    from sandbox.distros.merge import merge

    return merge(rows, data, source=path)
