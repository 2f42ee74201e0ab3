"""Makes text from a container safe to show: no escape sequences, no control characters."""

from __future__ import annotations

import re
from typing import Final

ESCAPES: Final = (
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?"  # OSC: titles, links, clipboard
    r"|\x1b[PX^_][^\x1b]*(?:\x1b\\)?"  # DCS, SOS, PM, APC
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"  # CSI: colours, cursor
    r"|\x1b[ -/]*[0-~]?"  # the two-byte ones
)
"""ECMA-48 control sequences, incomplete ones too."""

INVISIBLE: Final = "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
"""Control characters except tab and newline, and characters that reorder or hide text."""


def plain(text: str | bytes) -> str:
    """Return the text without anything a terminal would act on; invalid UTF-8 becomes U+FFFD."""
    if isinstance(text, bytes):
        text = text.decode(errors="replace")
    if text.isprintable():  # the common case, in a tenth of the time
        return text
    return re.sub(INVISIBLE, "", re.sub(ESCAPES, "", text))  # compiled at its first use, which is after the start


def plain_line(text: str | bytes, width: int = 0) -> str:
    """Return the text as one plain line, cut to `width` characters where that is given."""
    line = " ".join(plain(text).split())
    return f"{line[: width - 1]}…" if width and len(line) > width else line
