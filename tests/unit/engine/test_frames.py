"""The engine's frames, in any cut of the stream."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.fakes import frame

from sandbox.engine.frames import Frames

PIECES = st.lists(st.tuples(st.booleans(), st.binary(max_size=40)), max_size=8)


def joined(frames: Frames, chunks: list[bytes]) -> dict[bool, bytes]:
    found = {False: b"", True: b""}
    for chunk in chunks:
        for is_error, data in frames.feed(chunk):
            assert data
            found[is_error] += data
    return found


@settings(max_examples=50)
@given(PIECES, st.lists(st.integers(0, 400), max_size=12))
def test_any_cut_gives_the_same_bytes(pieces: list[tuple[bool, bytes]], cuts: list[int]) -> None:
    stream = b"".join(frame(data, error=is_error) for is_error, data in pieces)
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    chunks = [stream[start:end] for start, end in pairwise(edges)]
    expected = {kind: b"".join(data for is_error, data in pieces if is_error is kind) for kind in (False, True)}
    assert joined(Frames(), chunks) == expected


def test_bytes_are_given_out_before_their_frame_is_complete() -> None:
    frames = Frames()
    head = frame(b"0123456789")
    assert list(frames.feed(head[:12])) == [(False, b"0123")]
    assert list(frames.feed(head[12:])) == [(False, b"456789")]


@pytest.mark.parametrize("length", range(8))
def test_a_cut_in_the_header_gives_nothing_yet(length: int) -> None:
    assert list(Frames().feed(frame(b"x")[:length])) == []


def test_a_frame_without_bytes_is_passed_over() -> None:
    assert list(Frames().feed(frame(b"") + frame(b"x", error=True))) == [(True, b"x")]


def test_frames_of_one_stream_in_a_row_are_given_out_together() -> None:
    stream = frame(b"a") + frame(b"b") + frame(b"c", error=True) + frame(b"d", error=True) + frame(b"e")
    assert list(Frames().feed(stream)) == [(False, b"ab"), (True, b"cd"), (False, b"e")]
