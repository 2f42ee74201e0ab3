"""`sandbox specs`: the specs that can be used by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.specs.find import SpecSummary, list_specs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def specs(*, environ: Mapping[str, str], cwd: Path) -> tuple[SpecSummary, ...]:
    """Return the project's, the user's and the shipped specs by name; broken ones carry their problems."""
    return list_specs(environ=environ, cwd=cwd)
