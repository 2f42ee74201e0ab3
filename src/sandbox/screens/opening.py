"""Opens a screen in the user's browser, with its address in no program's arguments: every user can read those."""

from __future__ import annotations

import os
import tempfile
import time
import webbrowser
from contextlib import suppress
from html import escape
from pathlib import Path
from typing import Final

from sandbox.core.programs import source
from sandbox.core.statefile import make_private_folder
from sandbox.core.tasks import Background

NAME: Final = "screen-"
OLD: Final = 3600.0
"""Seconds after which no browser is still on its way to such a file."""


class OpenedPage:
    """A file of mode 0600 that leads a browser to an address; `end` removes it."""

    def __init__(self, address: str, folder: Path) -> None:
        """Write it to our state folder; one that a killed process left there goes. Raises OSError."""
        make_private_folder(folder)
        for old in folder.glob(f"{NAME}*.html"):
            with suppress(OSError):
                if time.time() - old.stat().st_mtime > OLD:
                    old.unlink()
        descriptor, name = tempfile.mkstemp(prefix=NAME, suffix=".html", dir=folder)
        self.path = Path(name)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(source(__package__, "opening.html").replace("@ADDRESS@", escape(address)))

    def open(self) -> None:
        """Ask the user's browser for it, and wait for neither of them."""
        Background(lambda: webbrowser.open(self.path.as_uri()))

    def end(self) -> None:
        """Remove it."""
        with suppress(OSError):
            self.path.unlink(missing_ok=True)
