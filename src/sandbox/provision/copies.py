"""Copies what a spec asks for of this host into a sandbox, once it is provisioned: no saved state holds it."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from sandbox.container.copying import check_source, copy_into
from sandbox.core.plaintext import plain_line
from sandbox.errors import Advice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.container.box import Box
    from sandbox.core.progress import Reporter
    from sandbox.specs.model import Copy


def copy_all(box: Box, copies: Sequence[Copy], reporter: Reporter) -> None:
    """Copy them in their order. Raises what `check_source` and `copy_into` raise."""
    for copy in copies:
        with reporter.step("copy", plain_line(f"{copy.source} to {copy.target}", 60)):
            check_source(Path(copy.source))
            copy_into(box, Path(copy.source), copy.target, name="the sandbox", hints=_missing_folder)


def _missing_folder(folder: str) -> Advice:
    return Advice.again("--setup", f"mkdir -p {quote(folder)}")
