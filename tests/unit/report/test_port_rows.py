"""Where a published port is, and how it is reached from here."""

from __future__ import annotations

import pytest

from sandbox.report.try_text import port_rows

SSH = ("ssh", "-p", "2222", "build1")


def test_a_port_of_an_engine_here_is_on_this_host() -> None:
    assert port_rows("80/tcp", "127.0.0.1:8080", answer="!") == (("  port", "80/tcp is 127.0.0.1:8080 on this host!"),)


@pytest.mark.parametrize(
    ("place", "tunnel"),
    [
        ("127.0.0.1:8080", "8080:127.0.0.1:8080"),
        ("0.0.0.0:80", "8080:127.0.0.1:80"),
        ("10.0.0.7:6379", "6379:10.0.0.7:6379"),
    ],
)
def test_a_port_of_an_engine_elsewhere_is_there_and_a_tunnel_leads_to_it(place: str, tunnel: str) -> None:
    said, way = port_rows("80/tcp", place, remote=SSH)
    assert said == ("  port", f"80/tcp is {place} on build1, where the engine is")
    assert way == ("  from here", f"ssh -N -L {tunnel} -p 2222 build1")


def test_no_tunnel_leads_to_a_port_of_udp() -> None:
    assert len(port_rows("53/udp", "127.0.0.1:53", remote=SSH)) == 1
