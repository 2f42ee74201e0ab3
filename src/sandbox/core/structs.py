"""Loads msgspec without what it asks typing_extensions for, which Python's own `typing` has for our structs.

typing_extensions loads `inspect`, `ast`, `dis` and `tokenize`: 10 ms of the way to each prompt. Typer needs it, so it
is installed; where something has loaded it already, or it is asked for later, all is as usual.
"""

from __future__ import annotations

import sys
from typing import Final

NEEDED_BY_NO_STRUCT: Final = "typing_extensions"


def load_structs() -> None:
    """Load msgspec; no effect where it is loaded. To be called before anything imports it, in the only thread."""
    if "msgspec" in sys.modules or NEEDED_BY_NO_STRUCT in sys.modules:
        return
    sys.modules[NEEDED_BY_NO_STRUCT] = None  # type: ignore[assignment]  # its import fails: Python's reference, 5.3.1
    try:
        import msgspec  # noqa: F401
    finally:
        del sys.modules[NEEDED_BY_NO_STRUCT]
