"""`sandbox specs`: the specs that have a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.specs.find import SpecSummary, list_specs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def specs(*, environ: Mapping[str, str], cwd: Path) -> tuple[SpecSummary, ...]:
    """Return the specs of the project, of the user and of the package, by name; invalid ones have problems."""
    return list_specs(environ=environ, cwd=cwd)
