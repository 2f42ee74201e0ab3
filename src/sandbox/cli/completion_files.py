"""The completion file of each shell, which makes the shell call this program."""

from __future__ import annotations

from typing import Final

from sandbox.core.programs import source

SHELLS: Final = ("bash", "zsh", "fish")
"""The shells that have a completion file."""


def script(shell: str) -> str:
    """Return the completion file of a shell."""
    return source("sandbox.cli", f"completion.{shell}")
