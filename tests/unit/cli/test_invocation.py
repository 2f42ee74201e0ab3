"""What the command line is made of before Typer reads it."""

from __future__ import annotations

import pytest

from sandbox.cli.invocation import fill_optional_values


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("lock a.yaml --update", "lock a.yaml --update *"),
        ("lock a.yaml --update --quiet", "lock a.yaml --update * --quiet"),
        ("lock --update jq a.yaml", "lock --update jq a.yaml"),
        ("lock a.yaml --update jq --update", "lock a.yaml --update jq --update *"),
        ("try x --update", "try x --update"),
        ("", ""),
    ],
)
def test_an_update_of_nothing_in_particular_is_one_of_all(line: str, read: str) -> None:
    assert fill_optional_values(line.split()) == read.split()
