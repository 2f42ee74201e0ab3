"""Who may see a screen: the address that is printed works once, and what it gives is kept by the tab alone.

Every user of this machine, and every page of a browser, can reach a port on 127.0.0.1. So the address has a secret of
128 bits in its fragment, which no browser sends. The page exchanges it for a second one, the key, which goes with each
WebSocket as a subprotocol (RFC 6455, 1.9); with the first one the address is used up. A cookie would not do: those of
127.0.0.1 are shared by all its ports (RFC 6265, 8.5). Who comes second learns that, the user too if another was first.
"""

from __future__ import annotations

import hmac
import secrets
from typing import Final

BYTES: Final = 16
"""Of a secret: 128 bits."""
PREFIX: Final = "key."
"""What comes before the key in the subprotocol."""
HOSTS: Final = ("127.0.0.1", "localhost")
"""How a browser may call this machine: another name in `Host` is DNS rebinding."""


class Gate:
    """The secrets of one screen, at one port."""

    def __init__(self, port: int) -> None:
        self._token = secrets.token_urlsafe(BYTES)
        self._key = secrets.token_urlsafe(BYTES)
        self._is_closed = False
        self._hosts = frozenset(f"{host}:{port}" for host in HOSTS)
        self.address = f"http://127.0.0.1:{port}/#{self._token}"

    def close(self) -> None:
        """Let the address work no more: somebody has connected. Until then the same tab may ask again."""
        self._is_closed = True

    def is_host(self, host: str) -> bool:
        """Return whether a request's Host is this machine, by a name that no one else can give it."""
        return host in self._hosts

    def is_origin(self, origin: str, host: str) -> bool:
        """Return whether a page of this very server asks; no Origin is no browser."""
        return self.is_host(host) and origin == f"http://{host}"

    def take(self, token: str) -> str | None:
        """Return the key for the token of the address until `close`; None for another token, or later."""
        is_right = hmac.compare_digest(token.encode(), self._token.encode())
        return self._key if is_right and not self._is_closed else None

    def subprotocol(self, offered: str) -> str | None:
        """Return the one of the offered subprotocols (a header's value) that has the key, None without one."""
        wanted = f"{PREFIX}{self._key}"
        words = (word.strip() for word in offered.split(","))
        return next((word for word in words if hmac.compare_digest(word.encode(), wanted.encode())), None)
