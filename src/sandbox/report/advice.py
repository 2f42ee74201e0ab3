"""What to type next, in words: every hint, closing line and banner is made here, of a value."""

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
    "words": "",
}


def advice_text(advice: Advice) -> str:
    """Return an advice as it is shown, as `sandbox try --spec web, once it is as you want it`."""
    return f"{advice.before}{HEADS[advice.base]}{advice.line}{advice.after}"
