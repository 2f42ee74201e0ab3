"""Lines in any cut, bounded in what is kept and in what they cost."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from sandbox.container.output import (
    BURST,
    GAP,
    LAST,
    LONGEST_LINE,
    LONGEST_LIST,
    LONGEST_RECORD,
    LONGEST_TEXT,
    RATE,
    LineSplitter,
    TailBuffer,
    ThrottledLines,
)


@given(st.lists(st.text("ab☃", min_size=1, max_size=6), max_size=6), st.lists(st.integers(0, 60), max_size=6))
def test_lines_are_the_same_in_any_cut(lines: list[str], cuts: list[int]) -> None:
    data = "".join(f"{line}\n" for line in lines).encode()
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    cutter, found = LineSplitter(), list[str]()
    for start, end in zip(edges, edges[1:], strict=False):  # noqa: RUF007 - the pairs of a list
        found += cutter.feed(data[start:end])
    assert found + cutter.end() == lines


def test_a_carriage_return_ends_a_line_as_progress_bars_do() -> None:
    assert LineSplitter().feed(b"10%\r20%\r\n30%\n") == ["10%", "20%", "30%"]


def test_what_has_no_newline_comes_at_the_end() -> None:
    lines = LineSplitter()
    assert lines.feed(b"a\nb") == ["a"]
    assert lines.end() == ["b"]
    assert lines.end() == []


def test_an_endless_line_is_held_short() -> None:
    lines = LineSplitter()
    for _ in range(10):
        lines.feed(b"x" * LONGEST_LINE)
    assert [len(line) for line in lines.end()] == [LONGEST_LINE]


def test_a_line_for_programs_is_whole_up_to_the_longest_of_a_distros_index() -> None:
    lines, data = LineSplitter(longest=LONGEST_RECORD), b"P " + b"lib (= 1), " * 8000
    found = [*lines.feed(data[:50_000]), *lines.feed(data[50_000:] + b"\nN"), *lines.end()]
    assert found == [data.decode(), "N"]
    lines.feed(b"x" * LONGEST_RECORD * 3)
    assert [len(line) for line in lines.end()] == [LONGEST_RECORD]


def test_a_line_has_no_escapes() -> None:
    assert LineSplitter().feed(b"\x1b[31mred\x1b[0m\x07\n") == ["red"]


def test_few_long_lines_are_bounded_as_many_short_ones_are() -> None:
    long, short = TailBuffer(10_000), TailBuffer(3)
    for number in range(4000):
        long.extend(["x" * LONGEST_LINE])
        short.extend([str(number)])
    assert LONGEST_TEXT - 2 * LONGEST_LINE < len(long.text().replace("\n", "")) <= LONGEST_TEXT
    assert short.text() == "3997\n3998\n3999"


def test_of_a_flood_a_part_is_read_and_the_end() -> None:
    lines, began, count = LineSplitter(flood=100_000), time.monotonic(), 0
    for _ in range(5000):
        count += len(lines.feed(b"y\n" * 8000))
    count += len(lines.feed(b"last"))
    seconds = time.monotonic() - began
    assert 48_000 <= count < 50_000 + 8000 * (seconds / 0.1 + 2)
    assert lines.end()[-1] == "last"


def test_short_lines_without_number_are_a_flood_too() -> None:
    lines = LineSplitter(flood=10**9)
    count = sum(len(lines.feed(b"y\n" * 20_000)) for _ in range(60))
    assert LONGEST_LIST <= count < 60 * 20_000


def test_without_such_a_limit_every_line_is_read() -> None:
    lines = LineSplitter()
    assert sum(len(lines.feed(b"y\n" * 1000)) for _ in range(100)) == 100_000


def test_the_last_lines_of_a_flood_are_read_though_each_comes_alone() -> None:
    lines = LineSplitter(flood=1000)
    for _ in range(100):
        lines.feed(b"y\n" * 1000)
    found = [line for number in range(40) for line in lines.feed(f"E: {number}\n".encode())]
    assert [line for line in [*found, *lines.end()] if line != "y"] == [f"E: {number}" for number in range(40)]


def test_a_line_that_was_torn_by_what_was_passed_over_is_none() -> None:
    lines, found = LineSplitter(flood=1000), list[str]()
    for number in range(3000):
        found += lines.feed(f"{number:03d} is a whole line\n".encode() * 7)
    found += lines.end()
    assert lines.has_gap
    assert {line.partition(" ")[2] for line in found} == {"is a whole line"}


def test_a_burst_is_told_whole() -> None:
    told: list[str] = []
    telling = ThrottledLines(told.append)
    for start in range(0, BURST, 100):
        telling.take([str(number) for number in range(start, start + 100)])
    assert told == [str(number) for number in range(BURST)]


def test_of_a_flood_so_many_lines_a_second_are_told_and_the_last() -> None:
    told: list[str] = []
    now = [0.0]
    telling = ThrottledLines(told.append, clock=lambda: now[0])
    for number in range(1000):
        now[0] += 0.01
        telling.take([f"{number}-{line}" for line in range(500)])
    telling.end()
    lines = [line for line in told if line != GAP]
    assert len(lines) <= BURST + 10 * RATE + LAST
    assert len(told) > len(lines) > BURST + 9 * RATE
    assert lines[-LAST:] == [f"999-{line}" for line in range(500 - LAST, 500)]
    assert told[told.index(GAP) + 1].endswith(str(500 - LAST))


def test_what_was_passed_over_before_is_said_of_few_lines_too() -> None:
    told: list[str] = []
    ThrottledLines(told.append).take(["a"], has_gap=True)
    assert told == [GAP, "a"]


def test_what_waits_is_told_in_its_order_before_what_comes_later() -> None:
    told: list[str] = []
    now = [0.0]
    telling = ThrottledLines(told.append, clock=lambda: now[0])
    telling.take(["y"] * BURST)
    telling.take(["one"])
    now[0] += 1
    telling.take(["two"])
    telling.take(["three"])
    assert told[BURST:] == ["one", "two", "three"]
