"""Listens on a sandbox's own network while something is installed, from a container beside it.

It shares the sandbox's network and nothing else, holds one capability (NET_RAW, of its own network alone), takes no
part in what it hears, and ends when our end of its standard input closes. The host needs no privilege and no program.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from sandbox.core.programs import program
from sandbox.core.signals import leave_signals_to_main
from sandbox.engine.frames import Frames
from sandbox.engine.protocol import ContainerSpec
from sandbox.errors import EngineError
from sandbox.specs.model import Limits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.engine.protocol import Connection, Image
    from sandbox.lifecycle.session import Session

READY_LIMIT: Final = 15.0
ASK: Final = b"\n"
"""Asks the listener to say once it has looked at every packet that went before."""
ALL: Final = "E"
"""Its answer, a line."""
LARGEST: Final = 16_000_000
"""Most bytes of notes to keep."""


class PacketListener:
    """A container on the network of a session's sandbox, and its notes so far."""

    def __init__(self, session: Session, image: Image) -> None:
        """Start listening. Raises EngineError if that fails."""
        self._session = session
        self._told = bytearray()
        self._said = bytearray()
        self._changed = threading.Condition()
        self._is_over = False
        self._ident = session.create_helper(lambda name, labels: _spec(image, session.container, name, labels))
        self._stream = session.engine.attach(self._ident)
        with leave_signals_to_main():
            threading.Thread(target=self._read, args=(self._stream,), daemon=True).start()
        session.engine.start(self._ident)
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._told or self._is_over, READY_LIMIT)
        if not self._told.startswith(b"R\n"):
            said = self._said.decode(errors="replace").strip() or "nothing"
            message = "could not listen on the sandbox's network"
            raise EngineError(message, details=[("the listener said", said[:200])])

    def _read(self, stream: Connection) -> None:
        frames = Frames()
        try:
            while data := stream.recv(65536):
                with self._changed:
                    for is_error, piece in frames.feed(data):
                        kept = self._said if is_error else self._told
                        kept += piece[: max(0, LARGEST - len(kept))]
                    self._changed.notify_all()
        except OSError:
            pass  # `end` closed it
        finally:
            with self._changed:
                self._is_over = True
                self._changed.notify_all()

    def end(self) -> tuple[str, ...]:
        """Return the notes of all that went over the network so far, line by line, and remove the listener.

        Raises EngineError if it died early, or does not say that these are all.
        """
        with suppress(OSError):
            self._stream.sendall(ASK)
        with self._changed:
            self._changed.wait_for(self._has_told_all, READY_LIMIT)
            has_died, has_told_all = self._is_over, self._has_told_all()
            lines = self._told.decode("ascii", "replace").split("\n")[1:-1]
        self._stream.close()
        self._session.remove_helper(self._ident)
        if has_died or not has_told_all:
            how = "ended too early" if has_died else "does not answer"
            message = f"the listener on the sandbox's network {how}"
            raise EngineError(message)
        return tuple(line for line in lines if line != ALL)

    def _has_told_all(self) -> bool:
        return self._is_over or len(self._told) >= LARGEST or self._told.endswith(f"\n{ALL}\n".encode())


def _spec(image: Image, sandbox: str, name: str, labels: Mapping[str, str]) -> ContainerSpec:
    return ContainerSpec(
        name=name,
        image=image.id,
        argv=("perl", "-e", program(__package__, "sniffer.pl")),
        labels=labels,
        hostname="",
        limits=Limits(),
        network_of=sandbox,
        cap_drop=("ALL",),
        cap_add=("NET_RAW",),
        security_opt=("no-new-privileges",),
    )
