"""Text keeps to the columns of a terminal, wide characters counted as two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.report.columns import fill, fit_columns, side_by_side, truncate, width_of, wrap

TABLE = [
    ("", "htop", "btop", "glances"),
    ("version", "3.2.2-2", "1.2.13-1", "3.3.1.1+dfsg-1"),
    ("users", "no", "no", "_glances, www-data and 3 more"),
]


def test_a_wide_character_takes_two_columns() -> None:
    assert (width_of("htop"), width_of("漢字")) == (4, 4)
    assert fill("漢字", 6) == "漢字  "
    assert truncate("漢字漢字", 5) == "漢字…"


@given(st.text(alphabet="ab 漢é", max_size=60), st.integers(min_value=12, max_value=40))
def test_no_line_is_wider_than_asked_and_no_word_is_lost(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    longest = max(map(width_of, text.split()), default=0)
    assert all(width_of(line.strip()) <= max(width, longest) for line in lines)


def test_a_line_that_is_set_in_goes_on_set_in_further() -> None:
    assert wrap("  Brings a service and a user.", 20) == ["  Brings a service", "    and a user."]


def test_a_table_that_fits_is_as_wide_as_its_cells() -> None:
    assert side_by_side(TABLE, 1000) == [
        "          htop      btop       glances",
        "version   3.2.2-2   1.2.13-1   3.3.1.1+dfsg-1",
        "users     no        no         _glances, www-data and 3 more",
    ]


def test_a_cell_that_does_not_fit_has_several_lines() -> None:
    assert side_by_side(TABLE, 52) == [
        "          htop      btop       glances",
        "version   3.2.2-2   1.2.13-1   3.3.1.1+dfsg-1",
        "users     no        no         _glances, www-data",
        "                                 and 3 more",
    ]


def test_without_room_for_columns_one_stands_below_the_other() -> None:
    lines = side_by_side(TABLE, 40)
    assert lines[:4] == ["htop", "  version   3.2.2-2", "  users     no", ""]
    assert lines[-2:] == ["  users     _glances, www-data and 3", "              more"]


@pytest.mark.parametrize("width", range(30, 90, 3))
def test_no_line_of_a_table_is_wider_than_the_terminal(width: int) -> None:
    wide = [(*row, f"漢字-{row[1]}") for row in TABLE]
    assert all(width_of(line) <= width for line in side_by_side(wide, width))


LIST = (
    ("name", "distro", "packages", "state"),
    ("brave-otter", "debian:bookworm", "redis-server, htop and 3 more of a kind", "running"),
    ("calm-heron", "alpine:3.23", "-", "kept"),
)


def test_a_list_that_fits_is_a_table() -> None:
    assert fit_columns(LIST, 200) == [
        "name          distro            packages                                  state",
        "brave-otter   debian:bookworm   redis-server, htop and 3 more of a kind   running",
        "calm-heron    alpine:3.23       -                                         kept",
    ]


def test_a_list_that_no_terminal_shows_has_a_line_a_row_however_long() -> None:
    long = ("calm-heron", "x " * 3000, "-", "kept")
    assert [len(line) > 6000 for line in fit_columns((*LIST, long), None)] == [True, True, True, True]


def test_a_list_in_less_room_has_cells_of_several_lines() -> None:
    assert fit_columns(LIST, 60) == [
        "name          distro            packages             state",
        "brave-otter   debian:bookworm   redis-server, htop   running",
        "                                  and 3 more of a",
        "                                  kind",
        "calm-heron    alpine:3.23       -                    kept",
    ]


def test_a_list_in_a_narrow_place_has_a_text_a_row() -> None:
    assert fit_columns(LIST, 40) == [
        "brave-otter   debian:bookworm",
        "  redis-server, htop and 3 more of a",
        "    kind",
        "  running",
        "calm-heron   alpine:3.23   kept",
    ]


@pytest.mark.parametrize("width", range(12, 100, 7))
def test_no_line_of_a_list_is_wider_than_its_place(width: int) -> None:
    assert max(width_of(line) for line in fit_columns(LIST, width)) <= width


def test_a_candidate_without_cells_is_not_a_column_of_dashes() -> None:
    rows = [("", "htop", "nosuch"), ("version", "1", "failed"), ("on disk", "942 kB", "-")]
    shown = side_by_side(rows, 20)
    assert shown == ["htop", "  version   1", "  on disk   942 kB", "", "nosuch", "  version   failed"]
