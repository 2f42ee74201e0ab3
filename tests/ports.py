"""Ports of this machine for servers of the tests."""

from __future__ import annotations

import secrets
import socket
from typing import Final

GIVEN_AWAY_BY_NOBODY: Final = range(20_000, 32_000)
"""Below those that a kernel takes for connections (ip(7), `ip_local_port_range`), as engines do for `--port 0:80`."""


def free_port() -> int:
    """Return a TCP port of the loopback at which nobody listens.

    The kernel's answer to a bind to port 0 may be given to somebody else before the server that it is for has begun.
    """
    while True:
        port = secrets.choice(GIVEN_AWAY_BY_NOBODY)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
