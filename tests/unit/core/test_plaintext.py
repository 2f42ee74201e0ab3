"""Text out of a container can't act on a terminal."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.core.plaintext import plain, plain_line

HARMLESS = {
    "colour": ("\x1b[1;31mred\x1b[0m", "red"),
    "24-bit colour": ("\x1b[38;2;1;2;3mx", "x"),
    "cursor": ("a\x1b[2K\x1b[1;1Hb", "ab"),
    "private mode": ("\x1b[?1049hx\x1b[?25l", "x"),
    "title": ("\x1b]0;rm -rf\x07x", "x"),
    "title ended by ST": ("\x1b]2;t\x1b\\x", "x"),
    "link": ("\x1b]8;;http://x\x1b\\text\x1b]8;;\x1b\\", "text"),
    "clipboard": ("\x1b]52;c;aGk=\x07x", "x"),
    "device control": ("\x1bP$q\x1b\\x", "x"),
    "application command": ("\x1b_x\x1b\\y", "y"),
    "charset": ("\x1b(Bx", "x"),
    "reset": ("\x1bcx", "x"),
    "8-bit CSI": ("\x9b31mx", "x"),
    "cut off": ("x\x1b[31", "x"),
    "cut off title": ("x\x1b]0;t", "x"),
    "lone escape": ("x\x1b", "x"),
    "bell and backspace": ("a\x07b\x08c", "abc"),
    "carriage return": ("a\rb", "ab"),
    "delete": ("a\x7fb", "ab"),
    "right-to-left override": ("a\u202eb\u2066c", "abc"),
    "zero width": ("a\u200bb\ufeffc", "abc"),
    "line separator": ("a\u2028b", "ab"),
    "8-bit control": ("a\x85b", "ab"),
    "a sequence made by removing another": ("\x1b\x1b[m[31mx", "[31mx"),
    "tab and newline stay": ("a\tb\nc", "a\tb\nc"),
    "other scripts stay": ("żółw 🐢 العربية", "żółw 🐢 العربية"),
}


@pytest.mark.parametrize(("text", "expected"), HARMLESS.values(), ids=HARMLESS)
def test_what_a_terminal_would_act_on_is_gone(text: str, expected: str) -> None:
    assert plain(text) == expected


ACTS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
NASTY = st.text(st.one_of(st.sampled_from("\x1b\x9b[]P^_X;?\\\x07\x18\x00m0K\r\n\t"), st.characters()), max_size=40)


@given(NASTY)
def test_no_control_character_survives_any_text(text: str) -> None:
    assert not ACTS.search(plain(text))
    assert plain(plain(text)) == plain(text)


@given(st.binary(max_size=60))
def test_no_control_character_survives_any_bytes(data: bytes) -> None:
    assert not ACTS.search(plain(data))


def test_bytes_that_are_no_utf8_are_replaced() -> None:
    assert plain(b"a\xffb") == "a\ufffdb"


@given(NASTY, st.integers(1, 20))
def test_a_line_is_one_line_of_a_width(text: str, width: int) -> None:
    line = plain_line(text, width)
    assert "\n" not in line
    assert "\t" not in line
    assert len(line) <= width


def test_a_line_that_is_cut_says_so() -> None:
    assert plain_line("a  long\n\ttext", 6) == "a lon…"
    assert plain_line("short", 5) == "short"
