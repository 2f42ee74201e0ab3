"""What listens, by rows as the kernel writes them, and whether anyone outside can reach it."""

from __future__ import annotations

import pytest

from sandbox.container.processes import Running, ports_by_choice
from sandbox.container.sockets import ListeningPort, compare_starts, listening_ports, port_range

HEADER = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
REST = "00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0"
FOUR, SIX = "00000000:0000", "00000000000000000000000000000000:0000"


@pytest.mark.parametrize(
    ("local", "remote", "address", "is_local"),
    [
        ("00000000:1F90", FOUR, "*", False),
        ("0100007F:1F90", FOUR, "127.0.0.1", True),
        ("3500007F:1F90", FOUR, "127.0.0.53", True),
        ("0200A8C0:1F90", FOUR, "192.168.0.2", False),
        ("00000000000000000000000000000000:1F90", SIX, "*", False),
        ("00000000000000000000000001000000:1F90", SIX, "::1", True),
        ("0000000000000000FFFF00000100007F:1F90", SIX, "127.0.0.1", True),
        ("000080FE00000000000000000100A8C0:1F90", SIX, "fe80::c0a8:1", False),
    ],
)
def test_a_socket_that_listens_is_at_its_address(local: str, remote: str, address: str, is_local: bool) -> None:
    (port,) = listening_ports(f"{HEADER}   0: {local} {remote} 0A {REST}\n", "tcp")
    assert (port.number, port.address, port.is_local) == (8080, address, is_local)


@pytest.mark.parametrize(
    ("protocol", "number", "state", "listens"),
    [
        ("tcp", "1F90", "01", False),
        ("tcp", "F000", "0A", True),
        ("udp", "0035", "07", True),
        ("udp", "0035", "01", False),
        ("udp", "FCE2", "07", True),
    ],
)
def test_a_socket_that_waits_for_others_listens_whatever_its_number(
    protocol: str, number: str, state: str, listens: bool
) -> None:
    found = [*listening_ports(f"{HEADER}   0: 00000000:{number} {FOUR} {state} {REST}\n", protocol)]
    expected = ListeningPort(number=int(number, 16), protocol=protocol, address="*")
    assert found == ([expected] if listens else [])


@pytest.mark.parametrize(
    ("text", "ports"), [("32768\t60999\n", (32768, 60999)), ("1024 2048", (1024, 2048)), ("", (32768, 60999))]
)
def test_the_kernel_chooses_ports_of_its_own_range(text: str, ports: tuple[int, int]) -> None:
    assert port_range(text) == ports


def test_a_port_that_a_second_start_does_not_have_is_of_the_kernels_choice() -> None:
    first = [ListeningPort(number=number, protocol="udp", address="*") for number in (51820, 40001)]
    second = [ListeningPort(number=number, protocol="udp", address="*") for number in (51820, 40002)]
    found = {port.number: port.choice for port in compare_starts(first, second)}
    assert found == {51820: "own", 40001: "kernel"}


def test_a_port_that_a_second_start_has_not_opened_yet_is_nobodys_choice_for_sure() -> None:
    first = [ListeningPort(number=40001, protocol="tcp", address=address) for address in ("*", "::1")]
    second = [ListeningPort(number=40002, protocol="udp", address="*")]
    assert compare_starts(first, second) == frozenset(first)


def test_a_fixed_port_stays_one_where_a_second_start_was_seen_too_early() -> None:
    """As of squid 5.7 on a busy machine: its port for UDP replies is open first, and 3128/tcp was not there yet."""
    fixed, reply, other, base = (
        ListeningPort(number=number, protocol=protocol, address="*")
        for number, protocol in ((3128, "tcp"), (38047, "udp"), (38048, "udp"), (40000, "tcp"))
    )
    before = Running(ports=frozenset((base,)))
    now, again = Running(ports=frozenset((base, fixed, reply))), Running(ports=frozenset((base, other)))
    found = ports_by_choice(now, again, before)
    assert {(port.number, port.choice) for port in found} == {(40000, ""), (3128, ""), (38047, "kernel")}


@pytest.mark.parametrize("table", ["", HEADER, "\n\n", "cat: tcp6: No such file", "0: zz:zz 0:0 0A ", "0: 0A"])
def test_what_is_no_row_is_passed_over(table: str) -> None:
    assert [*listening_ports(table, "tcp")] == []
