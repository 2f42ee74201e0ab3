"""Serve a folder over HTTP as a package mirror does, or fail at it in the way that was last asked for.

PUT /fault/NAME sets how: `none`, `slow` (100 kB/s), `cut` (packages end in the middle), `corrupt` (the index is not
what Release says), `missing` (packages are gone), `down` (503).
"""

from __future__ import annotations

import sys
import time
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

FAULTS: Final = ("none", "slow", "cut", "corrupt", "missing", "down")
RATE: Final = 100_000


class Mirror(SimpleHTTPRequestHandler):
    """One request; the fault in force is the class's own."""

    fault = "none"

    def do_PUT(self) -> None:
        """Set the fault."""
        wanted = self.path.removeprefix("/fault/")
        if wanted in FAULTS:
            Mirror.fault = wanted
        self.send_response(HTTPStatus.NO_CONTENT if wanted in FAULTS else HTTPStatus.BAD_REQUEST)
        self.end_headers()

    def do_GET(self) -> None:
        """Serve a file, with the fault."""
        path = Path(self.translate_path(self.path))
        package = path.suffix == ".deb"
        if Mirror.fault == "down":
            self.send_error(HTTPStatus.SERVICE_UNAVAILABLE)
        elif not path.is_file() or (package and Mirror.fault == "missing"):
            self.send_error(HTTPStatus.NOT_FOUND)
        else:
            self._serve(path.read_bytes(), package=package, index=path.name.startswith("Packages"))

    def _serve(self, content: bytes, *, package: bool, index: bool) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if Mirror.fault == "corrupt" and index:
            content = bytes(byte ^ 1 for byte in content)
        if Mirror.fault == "cut" and package:
            content = content[: len(content) // 2]
            self.close_connection = True
        step = RATE // 10 if Mirror.fault == "slow" else len(content) or 1
        for start in range(0, len(content), step):
            self.wfile.write(content[start : start + step])
            time.sleep(0.1 if Mirror.fault == "slow" else 0)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    ThreadingHTTPServer(("", 8080), lambda *args: Mirror(*args, directory=sys.argv[1])).serve_forever()
