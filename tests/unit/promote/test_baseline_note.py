"""What is known of a sandbox as it is handed over, noted in it for a look from elsewhere: it comes back as data."""

from __future__ import annotations

import random
import zlib
from base64 import b64decode, b64encode

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.fakes import FakeEngine

from sandbox.container.box import Box
from sandbox.engine.protocol import FileStamp
from sandbox.lifecycle.scratch import NOTES
from sandbox.managers.protocol import Package
from sandbox.promote.baseline_note import LONGEST, encode_baseline, known_word, load_baseline
from sandbox.provision.run import Provisioned

HTOP = Package(name="htop", version="3", architecture="amd64", size=1, explicit=True)
STATE = Provisioned(
    asked=(HTOP,),
    explicit=frozenset({"htop"}),
    stamps={"/var/lib/dpkg/status": FileStamp(size=3, modified="2026-11-26T04:00:00.5Z"), "/none": None},
    present={"htop": "3", "libc6": "2"},
    languages=("pip",),
    came=("htop",),
)


def answering(output: bytes) -> FakeEngine:
    return FakeEngine(commands=lambda _: (0, output, b""), files={f"{NOTES}/known": output})


@pytest.mark.parametrize("life", ["session", "kept"])
def test_what_is_noted_comes_back(life: str) -> None:
    engine = answering(encode_baseline(STATE).encode())
    assert load_baseline(Box(engine, "c"), "session" if life == "session" else "kept") == STATE


def test_a_note_of_an_earlier_version_leaves_open_what_the_base_had() -> None:
    said = msgspec.json.decode(zlib.decompress(b64decode(encode_baseline(STATE))))
    del said["came"]
    old = b64encode(zlib.compress(msgspec.json.encode(said)))
    found = load_baseline(Box(answering(old), "c"), "kept")
    assert found is not None
    assert {*found.came} == {*STATE.present}


@given(st.binary(max_size=200))
def test_a_damaged_note_is_none(output: bytes) -> None:
    assert load_baseline(Box(answering(output), "c"), "session") is None


def test_what_is_too_much_for_a_word_is_written_by_a_command() -> None:
    names = random.Random(1)
    many = {f"package-{names.random()}": str(names.random()) for _ in range(9000)}
    large = Provisioned(explicit=frozenset(), stamps={}, present=many)
    engine = FakeEngine()
    assert known_word(Box(engine, "c"), large) == ""
    sent = engine.execs[-1].stream.sent
    assert len(sent) > LONGEST
    found = load_baseline(Box(answering(sent), "c"), "kept")
    assert found is not None
    assert found.present == many
    assert 0 < len(known_word(Box(engine, "c"), STATE)) < LONGEST
