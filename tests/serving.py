"""Files of this host, served over HTTP."""

from __future__ import annotations

from http.server import SimpleHTTPRequestHandler


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder's files."""

    def log_message(self, *_args: object) -> None:
        """Say nothing."""
