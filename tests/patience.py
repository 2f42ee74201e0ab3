"""Time limits of commands that are to be ended by them, on a machine that may be busy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Result = TypeVar("Result")

LONG: Final = 60.0
"""Seconds after which what takes a moment counts as hanging: machines are busy."""


def cut_short(attempt: Callable[[float], Result], has_begun: Callable[[Result], object]) -> Result:
    """Return what comes of an attempt with a limit of so many seconds, which ends it after it has begun.

    A busy machine takes longer to begin, and is given more time then.
    """
    for limit in (0.3, 5.0):
        if has_begun(found := attempt(limit)):
            return found
    return attempt(50.0)
