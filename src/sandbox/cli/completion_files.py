"""The completion file of each shell, which makes the shell call this program."""

from __future__ import annotations

from sandbox.core.programs import source


def script(shell: str) -> str:
    """Return the completion file of a shell."""
    return source("sandbox.cli", f"completion.{shell}")
