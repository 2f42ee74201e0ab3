"""Numbers as people read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.core.human import ago, count, name_distance, names, seconds, size


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 B"),
        (1, "1 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (1500, "1.5 kB"),
        (412_000, "412 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (9_200_000, "9.2 MB"),
        (99_960_000, "100 MB"),
        (117_000_000, "117 MB"),
        (5_000_000_000, "5.0 GB"),
        (10**15, "1000 TB"),
    ],
)
def test_sizes_are_in_powers_of_1000(value: int, text: str) -> None:
    assert size(value) == text


@given(st.integers(0, 10**15))
def test_a_size_has_at_most_four_digits(value: int) -> None:
    number, unit = size(value).split()
    assert len(number.replace(".", "")) <= 4
    assert unit in ("B", "kB", "MB", "GB", "TB")
    assert number not in ("1000", "1000.0") or unit == "TB"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0.0 s"), (0.34, "0.3 s"), (59.9, "59.9 s"), (59.96, "1 min 0 s"), (60, "1 min 0 s"), (125.9, "2 min 5 s")],
)
def test_durations(value: float, text: str) -> None:
    assert seconds(value) == text


@pytest.mark.parametrize(
    ("age", "text"),
    [
        (-5, "0 seconds ago"),
        (1, "1 second ago"),
        (119, "119 seconds ago"),
        (240, "4 minutes ago"),
        (7200, "2 hours ago"),
        (172_800, "2 days ago"),
    ],
)
def test_how_long_ago(age: float, text: str) -> None:
    assert ago(age) == text


def test_counts_have_their_plural() -> None:
    assert [count(number, "package") for number in (0, 1, 2)] == ["0 packages", "1 package", "2 packages"]
    assert count(2, "dependency", "dependencies") == "2 dependencies"


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ((), ""),
        (("a",), "a"),
        (("a", "b"), "a and b"),
        (("a", "b", "c"), "a, b and c"),
        (tuple("abcdefgh"), "a, b, c, d, e, f and 2 more"),
    ],
)
def test_lists_of_names(values: tuple[str, ...], text: str) -> None:
    assert names(values) == text


@pytest.mark.parametrize(
    ("command", "packages", "distance"),
    [
        ("nginx", ["nginx-full"], 0),
        ("docker-init", ["docker.io"], 0),
        ("dockerd", ["docker.io"], 1),
        ("http", ["pip:httpie"], 2),
        ("httpie", ["pip:httpie"], 0),
        ("htop", ["sys-process/htop"], 0),
        ("arpd", ["nginx-full", "htop"], 2),
        ("x", [], 2),
    ],
)
def test_a_command_is_as_near_to_a_package_as_its_first_word(command: str, packages: list[str], distance: int) -> None:
    assert name_distance(command, packages) == distance
