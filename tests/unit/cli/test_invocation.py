"""What the command line is made of before Typer reads it."""

from __future__ import annotations

import pytest

from sandbox.cli.invocation import fill_optional_values, take_user


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


@pytest.mark.parametrize(
    ("line", "read", "who"),
    [
        ("try htop --user", "try htop --user", ""),
        ("try --user htop", "try --user htop", ""),
        ("try --user=host htop", "try --user htop", "host"),
        ("try --user=1 --user=2:3", "try --user --user", "2:3"),
        ("enter --user=www-data box", "enter --user box", "www-data"),
        ("inspect --user=1", "inspect --user=1", ""),
    ],
)
def test_user_is_a_switch_that_may_say_who(line: str, read: str, who: str) -> None:
    assert take_user(line.split()) == (read.split(), who)
