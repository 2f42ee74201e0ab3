from __future__ import annotations

from typing import Any

import pytest
import typer
from tests.storm.terminals import MISUSE, VERBS, Ended, Verb, summary

from sandbox.cli import invocation
from sandbox.cli.app import app
from sandbox.cli.registry import register


def parse(verb: Verb) -> None:
    """Parse a verb's words as the program does, and run nothing; a command behind -- is taken as it is."""
    own = verb.words[: verb.words.index("--")] if "--" in verb.words else verb.words
    register(verb.words)
    group: Any = typer.main.get_command(app)
    context = group.make_context("sandbox", ["--help"], resilient_parsing=True)
    command = group.get_command(context, verb.words[0])
    assert command is not None
    command.make_context(verb.words[0], invocation.fill_optional_values([*own])[1:], parent=context)


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_each_verb_of_the_storm_of_terminals_takes_its_words(verb: Verb) -> None:
    parse(verb)


def test_words_that_a_verb_does_not_take_are_seen() -> None:
    with pytest.raises(Exception, match="No such option"):
        parse(Verb(name="lock", words=("lock", "slow.yaml", "--distros", "x")))


def test_what_the_program_says_of_wrong_words_is_known() -> None:
    assert MISUSE.search(b"\nUsage: sandbox lock [OPTIONS] {SPEC...}\nTry")
    assert not MISUSE.search(b"usage of the disk")


def test_the_table_counts_what_it_says() -> None:
    done = [Ended(took=3, hangs=True, containers=2, wrong=("it hangs",)), Ended(took=1), Ended(took=0, by_itself=True)]
    row = summary(VERBS[0], done)
    counts = "2 ended by the signal, 1 by themselves before, 1 hang, 2 containers left, 1 took more than 2 s"
    assert (row.reached, row.failures) == (counts, ("it hangs",))


def test_a_verb_that_was_never_there_to_be_ended_has_failed() -> None:
    assert summary(VERBS[0], [Ended(took=0, by_itself=True)]).failures
