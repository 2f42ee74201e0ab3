"""Whom a sandbox talked to is read of packets that may hold anything."""

from __future__ import annotations

import random
import struct

from sandbox.inspect.findings import Contact
from sandbox.inspect.network_log import answers, contacts


def packet(name: bytes, *records: tuple[bytes, int, bytes]) -> bytes:
    """Return a DNS answer to a question for a name in wire format; a record is its name, type and data."""
    head = struct.pack(">6H", 7, 0x8180, 1, len(records), 0, 0)
    body = b"".join(owner + struct.pack(">HHIH", kind, 1, 60, len(data)) + data for owner, kind, data in records)
    return head + name + struct.pack(">HH", 1, 1) + body


NAME = b"\3deb\7example\0"
POINTER = b"\xc0\x0c"


def test_an_address_has_the_name_that_was_asked_for_also_behind_an_alias() -> None:
    alias = b"\3cdn\3net\0"
    found = packet(NAME, (POINTER, 5, alias), (alias, 1, bytes((192, 0, 2, 1))), (alias, 28, bytes(15) + b"\1"))
    assert answers(found) == (("deb.example", "192.0.2.1"), ("deb.example", "::1"))


def test_a_damaged_or_hostile_answer_is_read_as_far_as_it_is_whole() -> None:
    whole = packet(NAME, (POINTER, 1, bytes((192, 0, 2, 1))), (POINTER, 1, bytes((192, 0, 2, 2))))
    assert answers(whole[:-1]) == (("deb.example", "192.0.2.1"),)
    assert answers(packet(b"\xc0\x0c", (POINTER, 1, bytes(4)))) == ()  # a name that points at itself
    assert answers(packet(b"\x3f" + b"a" * 63 + b"\xc0\x0c", (POINTER, 1, bytes(4)))) == ()
    assert answers(b"") == ()
    dice = random.Random(7)
    for _ in range(3000):
        noise = bytearray(whole)
        for _ in range(dice.randrange(1, 6)):
            noise[dice.randrange(len(noise))] = dice.randrange(256)
        answers(bytes(noise[: dice.randrange(len(noise) + 1)]))


def test_a_question_is_no_answer() -> None:
    asked = bytearray(packet(NAME, (POINTER, 1, bytes(4))))
    asked[2] = 1
    assert answers(bytes(asked)) == ()


def test_a_name_can_not_write_to_the_terminal() -> None:
    ((name, _),) = answers(packet(b"\6\x1b[31m\n\3\xffab\0", (POINTER, 1, bytes((192, 0, 2, 1)))))
    assert name == "\\x1b[31m\\n.\\xffab"


def test_notes_become_contacts_once_each_and_the_loopback_is_none() -> None:
    answer = packet(NAME, (POINTER, 1, bytes((192, 0, 2, 1)))).hex()
    notes = [
        "C udp 198.51.100.53 53",
        f"D {answer}",
        "C tcp 192.0.2.1 80",
        "C tcp 192.0.2.1 80",
        "C udp 127.0.0.11 53",
        "C tcp 2001:0db8:0000:0000:0000:0000:0000:0001 443",
    ]
    assert contacts(notes) == (
        Contact(protocol="udp", address="198.51.100.53", port=53),
        Contact(protocol="tcp", address="192.0.2.1", port=80, names=("deb.example",)),
        Contact(protocol="tcp", address="2001:db8::1", port=443),
    )


def test_what_a_proxy_was_asked_for_is_told() -> None:
    asked = [
        b"CONNECT pypi.example:443 HTTP/1.1\r\n",
        b"GET http://deb.example/a HTTP/1.1\r\n",
        b"GET /own HTTP/1.1\r\n",
    ]
    assert contacts(f"P {text.hex()}" for text in asked) == (
        Contact(protocol="proxy", address="", port=443, names=("pypi.example",)),
        Contact(protocol="proxy", address="", port=80, names=("deb.example",)),
    )


def test_what_is_no_note_is_passed_over() -> None:
    assert (
        contacts(
            ["", "C", "C tcp", "C sctp 192.0.2.1 1", "C tcp 999.0.0.1 80", "C tcp 192.0.2.1 x", "D zz", "P q", "X"]
        )
        == ()
    )


def test_a_name_that_is_longer_than_names_may_be_is_none() -> None:
    label = b"\x3f" + b"a" * 63
    record = (POINTER, 1, bytes((192, 0, 2, 1)))
    assert len(answers(packet(label * 3 + b"\0", record))) == 1
    assert answers(packet(label * 5 + b"\0", record)) == ()
