"""Advice in words: hints, closing lines and banners come from here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.errors import Advice, Base

HEADS: Final[Mapping[Base, str]] = {
    "sandbox": "",
    "program": "",
    "again": "the same command with ",
    "without": "the same command without ",
    "mended": "the same with ",
    "words": "",
}


def advice_text(advice: Advice) -> str:
    """Return an advice in words, such as `sandbox try --spec web, once it is as you want it`."""
    if advice.base == "mended":
        return HEADS["mended"] + _swaps_text(advice)
    return f"{advice.before}{HEADS[advice.base]}{advice.line}{advice.after}"


def _swaps_text(advice: Advice) -> str:
    """Return `fd-find for fd, ripgrep for ripgrp, without nope`: for words that are not on the command line."""
    instead = [f"{new} for {old}" for old, new in advice.swaps if new]
    without = " ".join(old for old, new in advice.swaps if not new)
    return ", ".join([*instead, *([f"without {without}"] if without else []), *([advice.line] if advice.argv else [])])
