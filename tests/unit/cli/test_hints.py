"""What to type next is said in the verb that was called."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.cli.hints import of_verb

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Sandbox


@pytest.mark.parametrize(
    ("hint", "inspect", "compare"),
    [
        (
            "sandbox try htop --distro debian:bookworm",
            "sandbox inspect htop --distro debian:bookworm",
            "the same command with htop",
        ),
        ("sandbox try --spec web", "sandbox inspect --spec web", "the same command with --spec web"),
        ("sandbox try htop=3", "sandbox inspect htop=3", "the same command with htop=3"),
        ("sandbox try --distro alpine", *["the same command with --distro alpine"] * 2),
        (
            "sandbox try pip:x --distro debian -v",
            "sandbox inspect pip:x --distro debian -v",
            "the same command with pip:x",
        ),
        ("sandbox try --memory 4G, if so", *["limits: {memory: 4G} in the settings, if so"] * 2),
        ("sandbox try htop --distro debian -- apt-cache policy htop",) * 3,
        ("sandbox try --name ANOTHER",) * 3,
        ("sandbox doctor",) * 3,
    ],
)
def test_a_hint_is_said_in_the_verb_that_was_called(hint: str, inspect: str, compare: str) -> None:
    assert (of_verb(hint, "inspect"), of_verb(hint, "compare"), of_verb(hint, "try")) == (inspect, compare, hint)


@pytest.mark.parametrize(
    ("words", "next_step"),
    [
        (("inspect", "HTOP", "--distro", "debian"), "sandbox inspect htop"),
        (("inspect", "htop", "--distro", "debiam"), "the same command with --distro debian"),
        (("inspect", "htop,jq", "--distro", "debian"), "sandbox inspect htop jq"),
        (("inspect", "htop", "--distro", "debian,alpine"), "sandbox compare htop --distro debian,alpine"),
        (("compare", "htop,jq", "--distro", "debian"), "the same command with htop jq"),
        (("compare", "htop", "btop", "--distro", "alpin"), "the same command with --distro alpine"),
    ],
)
def test_no_hint_leads_to_another_verb(words: tuple[str, ...], next_step: str, sandbox: Sandbox) -> None:
    answer = sandbox(*words)
    assert answer.status == 2
    assert next_step in answer.err
    assert "sandbox try" not in answer.err
