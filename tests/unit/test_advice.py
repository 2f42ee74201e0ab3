"""Whatever is advised can be typed as it stands: each command line of ours is read by the real parser."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

import pytest
from tests.rooms import SRC, nodes, trees
from tests.unit.command_lines import advice_problem, command_texts, every_advice, problem

from sandbox.cli.table import PROGRAM, USAGES
from sandbox.errors import Advice
from sandbox.report.advice import advice_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HELP: Final = ("epilog", "help", "doc")
"""Arguments that are texts of --help, and of a key's documentation; what they name is held to the parser below."""
NAMES: Final[Mapping[str, str]] = {
    "cli/table.py": "what --help says: its examples are held to the parser below",
    "cli/usages/evaluate_verbs.py": "the same",
    "cli/usages/keep_verbs.py": "the same",
    "cli/usages/manage_verbs.py": "the same",
    "cli/usages/repeat_verbs.py": "the same",
    "cli/usages/spec_verbs.py": "the same",
    "cli/usages/try_verbs.py": "the same",
    "commands/schema.py": "the title of a schema",
    "report/trial_junit.py": "the name of a report",
    "container/shell.py": "a shell script's own words",
}
"""Texts that advise nothing, or are a program of their own."""
FEWEST: Final = 200
"""Pieces of advice of src; a collection that finds fewer has gone blind."""


def test_a_text_with_a_command_line_of_ours_is_made_by_advice_alone() -> None:
    helps = {id(text) for tree in trees().values() for text in _texts_of_help(tree)}
    wrong = [(module, text) for module, text, node in command_texts() if module not in NAMES and node not in helps]
    assert wrong == []


def _texts_of_help(tree: ast.Module) -> Iterator[ast.Constant]:
    for node in nodes(tree):
        if isinstance(node, ast.keyword) and node.arg in HELP:
            yield from (part for part in ast.walk(node.value) if isinstance(part, ast.Constant))


def test_every_advice_is_a_command_line_that_is_understood() -> None:
    known, _ = every_advice()
    assert len(known) >= FEWEST
    assert {(place, advice_text(hint)): why for place, hint in known if (why := advice_problem(hint))} == {}


def test_few_pieces_of_advice_have_a_verb_that_is_known_at_run_time_alone() -> None:
    _, dynamic = every_advice()
    assert dynamic == {"cli/hints.py", "cli/registry.py", "cli/usage_errors.py", "distros/lookup.py"}, (
        "tests of these read what they give"
    )


OF_DOCKER_ITSELF: Final = {
    "engine/dockercli.py",  # its contexts
    "provision/base_image.py",  # its logins, which pulls are made with
    "commands/doctor.py",  # where no engine has answered that could be asked
}


def test_an_engine_is_named_by_its_own_client() -> None:
    named = {
        str(path.relative_to(SRC / "sandbox"))
        for path, tree in trees().items()
        for node in nodes(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Advice.program"
        if any(isinstance(word, ast.Constant) and word.value in ("docker", "podman") for word in node.args[:1])
    }
    assert named == OF_DOCKER_ITSELF


EXAMPLE: Final = re.compile(r"^(?:.*\| *)?sandbox (.+?)(?:  .*| [|>] .*)?$")
"""A line of an example of help: what is piped in, the command, and what is said of it behind two spaces."""


def _examples() -> list[str]:
    lines = [line for usage in (*USAGES, PROGRAM) for line in usage.examples]
    found = [match[1] for line in lines if (match := EXAMPLE.match(line))]
    assert len(found) == len(lines) > len(USAGES)
    return found


@pytest.mark.parametrize("line", _examples())
def test_every_example_of_help_is_understood(line: str) -> None:
    import shlex

    assert problem(shlex.split(line)) == ""


DEAD: Final = {
    "an option without its value": Advice.sandbox("schema", "--doc"),
    "an option that is needed and not there": Advice.sandbox("bundle", "SPEC"),
    "an argument that is needed and not there": Advice.sandbox("validate", "--nope"),
    "a verb that is none": Advice.sandbox("help"),
    "an option that no verb has": Advice.again("--nope"),
    "an option to leave out that no verb has": Advice.without("--nope"),
    "a verb of a group that is none": Advice.sandbox("base", "nope"),
}


@pytest.mark.parametrize("hint", DEAD.values(), ids=list(DEAD))
def test_dead_advice_is_found(hint: Advice) -> None:
    assert advice_problem(hint) != ""


WORDS: Final = {
    "sandbox try 'my spec'": Advice.sandbox("try", "my spec"),
    "tar -c FILE... | sandbox cp - NAME:FOLDER": Advice.sandbox("cp", "-", "NAME:FOLDER", before="tar -c FILE... | "),
    "sandbox promote NAME, once it is done": Advice.sandbox("promote", "NAME", after=", once it is done"),
    "df -h": Advice.program("df", "-h"),
    "the same command with --name ANOTHER": Advice.again("--name", "ANOTHER"),
    "the same command without --md": Advice.without("--md"),
    "mount a folder of its own instead": Advice.say("mount a folder of its own instead"),
}


@pytest.mark.parametrize(("text", "hint"), WORDS.items(), ids=list(WORDS))
def test_an_advice_is_shown_as_it_is_typed(text: str, hint: Advice) -> None:
    assert advice_text(hint) == text
