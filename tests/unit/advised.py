"""What an error advises, in the words that are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.report.advice import advice_text

if TYPE_CHECKING:
    from sandbox.errors import SandboxError


def advice_of(error: SandboxError) -> tuple[str, ...]:
    return tuple(map(advice_text, error.hints))
