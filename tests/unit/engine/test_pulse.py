"""What an idle connection carries now and then."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from tests.patience import LONG

from sandbox.core.tasks import wait_until
from sandbox.engine.docker.streams import keep_alive
from sandbox.engine.pulse import Pulse

if TYPE_CHECKING:
    from sandbox.engine.protocol import Connection


class Wire:
    """The sending half of a connection, which may be full, or closed."""

    def __init__(self, *errors: OSError) -> None:
        self.errors = [*errors]
        self.sent = b""

    def sendall(self, data: bytes) -> None:
        if self.errors:
            raise self.errors.pop(0)
        self.sent += data


def pulse(wire: Wire) -> Pulse:
    stream: Connection = wire  # type: ignore[assignment]  # the half of it that is used
    return Pulse(stream, 0.001)


def test_it_writes_newlines_until_it_ends() -> None:
    wire = Wire()
    beating = pulse(wire)
    assert wait_until(lambda: wire.sent.startswith(b"\n\n"), LONG)
    beating.end()
    assert set(wire.sent) == {10}


def test_one_that_is_full_is_written_to_later() -> None:
    wire = Wire(BlockingIOError(), BlockingIOError())
    beating = pulse(wire)
    assert wait_until(lambda: bool(wire.sent), LONG)
    beating.end()


def test_one_that_is_closed_is_written_to_no_more() -> None:
    wire = Wire(BrokenPipeError())
    pulse(wire)
    assert wait_until(lambda: not wire.errors, LONG)
    assert not wait_until(lambda: bool(wire.sent), 0.02)


def test_a_tcp_connection_asks_whether_the_other_end_is_there_and_a_socket_of_this_host_does_not() -> None:
    with socket.socket(socket.AF_INET) as tcp, socket.socket(socket.AF_UNIX) as unix:
        keep_alive(tcp)
        keep_alive(unix)
        asks = [one.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) for one in (tcp, unix)]
        assert asks == [1, 0]
