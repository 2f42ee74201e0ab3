"""What to type next is said in the verb that was called."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.cli.hints import of_verb
from sandbox.errors import Advice

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Sandbox


TRY = Advice.sandbox


@pytest.mark.parametrize(
    ("hint", "inspect", "compare"),
    [
        (
            TRY("try", "htop", "--distro", "debian:bookworm"),
            TRY("inspect", "htop", "--distro", "debian:bookworm"),
            Advice.again("htop"),
        ),
        (TRY("try", "--spec", "web"), TRY("inspect", "--spec", "web"), Advice.again("--spec", "web")),
        (TRY("try", "--spec", "my web"), TRY("inspect", "--spec", "my web"), Advice.again("--spec", "my web")),
        (TRY("try", "htop=3"), TRY("inspect", "htop=3"), Advice.again("htop=3")),
        (TRY("try", "--distro", "alpine"), *[Advice.again("--distro", "alpine")] * 2),
        (
            TRY("try", "pip:x", "--distro", "debian", "-v"),
            TRY("inspect", "pip:x", "--distro", "debian", "-v"),
            Advice.again("pip:x"),
        ),
        (
            Advice.again("--memory", "4G", after=", if so"),
            *[Advice.say("limits: {memory: 4G} in the settings, if so")] * 2,
        ),
        (TRY("try", "htop", "--distro", "debian", "--", "apt-cache", "policy", "htop"),) * 3,
        (TRY("try", "--name", "ANOTHER"),) * 3,
        (TRY("try", "htop", after=", if you mean it"),) * 3,
        (TRY("doctor"),) * 3,
    ],
)
def test_a_hint_is_said_in_the_verb_that_was_called(hint: Advice, inspect: Advice, compare: Advice) -> None:
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
