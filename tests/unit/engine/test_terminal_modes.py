"""What a program leaves on at a terminal is turned off, in any cut of its output, and nothing else is sent."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.engine.terminal_modes import TerminalModes

LEFT = {
    "alternate screen": (b"\x1b[?1049h", b"\x1b[?1049l\r"),
    "alternate screen of old": (b"\x1b[?47h", b"\x1b[?47l\r"),
    "mouse": (b"\x1b[?1000;1002;1006h", b"\x1b[?1000l\x1b[?1002l\x1b[?1006l"),
    "mouse of all kinds": (b"\x1b[?9h\x1b[?1003h\x1b[?1015h\x1b[?1016h", b"\x1b[?9l\x1b[?1003l\x1b[?1015l\x1b[?1016l"),
    "focus": (b"\x1b[?1004h", b"\x1b[?1004l"),
    "bracketed paste": (b"\x1b[?2004h", b"\x1b[?2004l"),
    "hidden cursor": (b"\x1b[?25l", b"\x1b[?25h"),
    "shape of the cursor": (b"\x1b[5 q", b"\x1b[0 q"),
    "cursor keys": (b"\x1b[?1h", b"\x1b[?1l"),
    "keypad": (b"\x1b=", b"\x1b>"),
    "colour": (b"\x1b[1;31mred", b"\x1b[m"),
    "colour that ends with zeros": (b"\x1b[38;2;0;0;0mblack", b"\x1b[m"),
    "lines that don't wrap": (b"\x1b[?7l", b"\x1b[?7h"),
    "lines and letters": (b"\x1b(0qqq", b"\x1b(B"),
    "letters shifted out": (b"\x0e", b"\x0f"),
    "scrolling region": (b"\x1b[3;20r", b"\x1b7\x1b[r\x1b8"),
    "insert mode": (b"\x1b[4h", b"\x1b[4l"),
    "output on hold": (b"\x1b[?2026h", b"\x1b[?2026l"),
    "kitty's keys": (b"\x1b[>1u\x1b[>5u\x1b[<u", b"\x1b[<1u"),
    "kitty's keys, changed": (b"\x1b[=5u", b"\x1b[=0;1u"),
    "xterm's other keys": (b"\x1b[>4;2m", b"\x1b[>4m"),
    "background": (b"\x1b]11;#ff0000\x07", b"\x1b]111\x1b\\"),
    "link": (b"\x1b]8;;http://a.example/\x1b\\here", b"\x1b]8;;\x1b\\"),
    "all at once": (b"\x1b[?25l\x1b[?2004h\x1b[31m\x1b[?1049h", b"\x1b[?1049l\x1b[?25h\x1b[?2004l\x1b[m\r"),
}
CLEAN = {
    "plain text": b"hello\r\n\xc5\xbc\x1b",
    "vim": b"\x1b[?1049h\x1b[?1h\x1b=\x1b[?2004h\x1b[?25l\x1b[5 q\x1b[>4;2m\x1b[1;24r\x1b[31m"
    b"\x1b[?1l\x1b>\x1b[?2004l\x1b[?25h\x1b[0 q\x1b[>4;m\x1b[r\x1b[0m\x1b[?1049l",
    "a prompt": b"\x1b[?2004h\x1b[01;32mroot\x1b[00m# exit\r\n\x1b[?2004l\r",
    "a full reset": b"\x1b[?1000h\x1b[31m\x1b[>1u\x1bc",
    "a question for colours": b"\x1b]11;?\x07\x1b]4;1;?\x1b\\",
    "colours set back": b"\x1b]11;#ff0000\x07\x1b]111\x07",
    "a title": b"\x1b]0;\x0b[?25l root@box\x07",
    "text of a device": b"\x1bP+q544e\x1b\\",
    "unknown modes": b"\x1b[?12h\x1b[?1034h\x1b[?8452h",
    "style inside a line": b"\x1b[1;31mx\x1b[39;0my\x1b[4mz\x1b[m",
}


def undo(*pieces: bytes) -> bytes:
    modes = TerminalModes()
    for piece in pieces:
        modes.feed(piece)
    return modes.reset()


@pytest.mark.parametrize(("output", "expected"), LEFT.values(), ids=LEFT)
def test_what_is_left_on_is_turned_off_once(output: bytes, expected: bytes) -> None:
    modes = TerminalModes()
    modes.feed(output)
    assert (modes.reset(), modes.reset()) == (expected, b"")


@pytest.mark.parametrize("output", CLEAN.values(), ids=CLEAN)
def test_where_nothing_is_left_on_nothing_is_sent(output: bytes) -> None:
    assert undo(output) == b""


@settings(max_examples=60)
@given(
    st.lists(st.sampled_from([*(row[0] for row in LEFT.values()), *CLEAN.values()]), max_size=6),
    st.lists(st.integers(0, 400), max_size=12),
)
def test_any_cut_of_the_output_is_read_alike(parts: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(part + b"." for part in parts)
    edges = sorted({0, len(stream), *(min(cut, len(stream)) for cut in cuts)})
    assert undo(*(stream[start:end] for start, end in pairwise(edges))) == undo(stream)


@given(st.binary(max_size=300))
def test_no_output_is_too_odd_and_what_undoes_it_leaves_nothing_on(output: bytes) -> None:
    sent = undo(output)
    assert undo(sent) == b""
    assert not any(word in sent for word in (b"\x1bc", b"J"))
