"""A port between an engine and a registry, which cuts connections off in the middle of a layer."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from types import TracebackType

ENOUGH: Final = 500_000
"""Bytes of answers on one connection behind which it is cut: more than a manifest, less than a layer of the lab's."""


class RegistryProxy:
    """Passes bytes on to 127.0.0.1:`port`; the first `cuts` connections that carry a layer break off in it."""

    def __init__(self, port: int, *, cuts: int, enough: int = ENOUGH) -> None:
        self._port = port
        self._enough = enough
        self.cuts = cuts
        self.made = 0
        """How many connections it has cut."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = {self._listener}
        self.host = f"127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> RegistryProxy:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for end in tuple(self._open):
            _end(end)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                registry = socket.create_connection(("127.0.0.1", self._port))
                self._open |= {client, registry}
                threading.Thread(target=self._pass, args=(client, registry), daemon=True).start()
                threading.Thread(target=self._answer, args=(registry, client), daemon=True).start()

    def _pass(self, client: socket.socket, registry: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                registry.sendall(data)
        _end(registry)

    def _answer(self, registry: socket.socket, client: socket.socket) -> None:
        passed = 0
        with contextlib.suppress(OSError):
            while data := registry.recv(65536):
                client.sendall(data)
                passed += len(data)
                if passed > self._enough and self.made < self.cuts:
                    self.made += 1
                    break
        _end(client)
        _end(registry)
        self._open -= {client, registry}


def _end(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
