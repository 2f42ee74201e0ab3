"""The display of a session: a container beside the sandbox, without a network, that ends with the client.

The two share one anonymous volume, which holds the socket of X and the cookie for it. The engine removes it with the
last of the two.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from sandbox.core.programs import program
from sandbox.core.signals import leave_signals_to_main
from sandbox.core.tasks import Background
from sandbox.engine.frames import Frames
from sandbox.engine.protocol import ContainerSpec, ExecSpec
from sandbox.engine.pulse import Pulse
from sandbox.errors import EngineError
from sandbox.specs.model import Limits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.engine.protocol import Connection, Exec, Image
    from sandbox.lifecycle.session import Session

SOCKETS: Final = "/tmp/.X11-unix"  # noqa: S108 - where X clients look for it (X(7))
NUMBER: Final = 77
"""Of the display: high, since a client prefers a host's abstract socket of the same number, where it sees one."""
USER: Final = "65534:65534"
RELAY: Final = ("socat", "-", "UNIX-CONNECT:/var/lib/display/rfb")
READY_LIMIT: Final = 30.0
MEMORY: Final = 512 * 1024 * 1024
SAID: Final = 10_000
"""Most bytes of its messages to keep."""
VARIABLES: Final[Mapping[str, str]] = {
    "DISPLAY": f":{NUMBER}",
    "XAUTHORITY": f"{SOCKETS}/cookie",
    "XDG_SESSION_TYPE": "x11",
    "LIBGL_ALWAYS_SOFTWARE": "1",
    "NO_AT_BRIDGE": "1",
    "GTK_A11Y": "none",
    "GSK_RENDERER": "cairo",
}
"""What programs find the display by. There is no accessibility bus to wait for.

GTK 4 draws by itself, not by OpenGL in software: gnome-text-editor 43 then took 0.65 s of a processor and 112 MB until
its window was there, else 1.5 s and 181 MB.
"""


class Display:
    """The container of a session's display. It begins with `start` and ends with the session, or with this process."""

    def __init__(self, session: Session, image: Image, *, clipboard: bool = False) -> None:
        """Create it, so that the sandbox can be created with its volume. Raises EngineError."""
        self._session = session
        self._said = bytearray()
        self._changed = threading.Condition()
        self._is_over = False
        self.ident = session.create_helper(lambda name, labels: _spec(image, name, labels, clipboard=clipboard))
        self._starting = Background(self._start)

    def _start(self) -> tuple[Connection, Pulse]:
        stream = self._session.engine.attach(self.ident)
        with leave_signals_to_main():
            threading.Thread(target=self._read, args=(stream,), daemon=True).start()
        self._session.engine.start(self.ident)
        return stream, Pulse(stream)

    def _read(self, stream: Connection) -> None:
        frames = Frames()
        try:
            while data := stream.recv(65536):
                with self._changed:
                    for _, piece in frames.feed(data):
                        self._said += piece[: max(0, SAID - len(self._said))]
                    self._changed.notify_all()
        except OSError:
            pass  # `end` closed it
        finally:
            with self._changed:
                self._is_over = True
                self._changed.notify_all()

    def wait_until_ready(self) -> None:
        """Wait until it answers. Raises EngineError with its own words if it can't begin."""
        self._starting.result()
        with self._changed:
            self._changed.wait_for(lambda: self._said.startswith(b"R\n") or self._is_over, READY_LIMIT)
        if not self._said.startswith(b"R\n"):
            lines = self._said.decode(errors="replace").strip().splitlines() or ["nothing"]
            message = "the display could not be started"
            raise EngineError(message, details=[("it said", line[:200]) for line in lines[-5:]])

    def open(self) -> Exec:
        """Return a command whose streams are a connection to it (RFB 3.8, without a password)."""
        return self._session.engine.open(self.ident, ExecSpec(argv=RELAY, user=USER, stdin=True))

    def pages(self, folder: str) -> dict[str, bytes]:
        """Return the files of a folder of its base, by their paths in it."""
        from sandbox.provision.display.pages import regular_files

        return regular_files(self._session.engine.copy_out(self.ident, folder))

    def end(self) -> None:
        """End it; the session removes what is left. No error: the session says what could not be removed."""
        with suppress(EngineError, OSError):
            stream, pulse = self._starting.result()
            pulse.end()
            stream.close()


def _spec(image: Image, name: str, labels: Mapping[str, str], *, clipboard: bool) -> ContainerSpec:
    return ContainerSpec(
        name=name,
        image=image.id,
        argv=("sh", "-c", program(__package__, "display.sh"), "display", "yes" if clipboard else "no"),
        labels=labels,
        hostname="display",
        user=USER,
        limits=Limits(memory=MEMORY),
        network="none",
        volumes=(SOCKETS,),
        cap_drop=("ALL",),
        security_opt=("no-new-privileges",),
    )
