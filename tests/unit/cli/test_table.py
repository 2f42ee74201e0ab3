"""The table of verbs is what the parser takes, names what the code knows, and needs nothing to be printed."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Final, get_args

import pytest
import typer.main
from typer.core import TyperGroup, TyperOption

from sandbox.cli.app import app
from sandbox.cli.completion_lists import LISTS
from sandbox.cli.help import example_lines, help_text, sections_of
from sandbox.cli.ready import WIDTHS
from sandbox.cli.registry import register
from sandbox.cli.table import BY_NAME, EXIT_STATUSES, GROUPS, PROGRAM, USAGES, VERBS
from sandbox.cli.usages import values
from sandbox.commands.schema import ANSWERS
from sandbox.inspect.fail_on import KNOWN
from sandbox.promote.formats.registry import FORMATS
from sandbox.specs.grants import GRANTS
from sandbox.specs.model import Limits, Network

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.unit.cli.conftest import Sandbox
    from typer._click import Command, Parameter

LOADED: Final = """
import sys
from sandbox.cli.program import run
run([{words}])
print(sorted(name.partition(".")[0] for name in sys.modules if name.startswith(("typer", "msgspec", "docker", "rich"))))
"""


def commands(group: TyperGroup, before: str = "") -> Iterator[tuple[str, Command]]:
    for name, command in group.commands.items():
        yield f"{before}{name}", command
        if isinstance(command, TyperGroup):
            yield from commands(command, f"{before}{name} ")


def registered() -> dict[str, Command]:
    register([])
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    return {"": group, **dict(commands(group))}


def spellings(param: Parameter) -> tuple[str, ...]:
    """Return how an option is typed, as the table has it: one with an opposite is a spelling with a slash."""
    if not isinstance(param, TyperOption):
        return ()
    return ("/".join((*param.opts, *param.secondary_opts)),) if param.secondary_opts else (*param.opts,)


def test_every_verb_of_the_table_is_one_of_the_program_and_the_other_way_round() -> None:
    assert {*registered()} == {"", *BY_NAME}
    assert len(USAGES) == len(BY_NAME)
    assert {verb for verbs in GROUPS.values() for verb in verbs} == {*VERBS}


@pytest.mark.parametrize("name", ["", *BY_NAME])
def test_what_the_table_says_of_a_verb_is_what_the_parser_takes(name: str) -> None:
    usage = BY_NAME.get(name, PROGRAM)
    taken = {
        (param.name, spellings(param), param.metavar or "", param.required)
        for param in registered()[name].params
        if param.name != "help"
    }
    assert taken == {(param.name, param.spellings, param.metavar, param.is_needed) for param in usage.params}


def test_lists_of_values_are_those_that_the_code_knows() -> None:
    assert values.ANSWERS == ANSWERS
    assert values.FINDINGS == KNOWN
    assert (*FORMATS,) == values.FORMATS
    assert values.GRANTS == GRANTS
    assert get_args(Network) == values.NETWORKS
    named = {param.values for usage in USAGES for param in usage.params if isinstance(param.values, str)}
    assert named == {*LISTS}


def test_the_defaults_of_limits_are_those_of_a_spec() -> None:
    defaults = {param.name: param.default for param in BY_NAME["try"].params}
    limits = Limits()
    assert defaults["memory"] == f"{limits.memory // 1_000_000_000}G"
    assert (float(defaults["cpus"]), int(defaults["pids"])) == (limits.cpus, limits.pids)


@pytest.mark.parametrize("words", ["'--help'", "'try', '--help'", "'base', 'build', '-h'", "'help', 'try'"])
def test_help_is_printed_without_the_parser_and_every_other_library(words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED.format(words=words)], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("Usage: sandbox")
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("name", ["", *BY_NAME])
@pytest.mark.parametrize("width", WIDTHS)
def test_no_line_of_help_is_cut_or_wrapped_by_a_terminal_of_80_columns_or_100(name: str, width: int) -> None:
    assert [line for line in help_text(name, width).splitlines() if len(line) > width] == []


def test_an_example_that_has_no_room_beside_its_explanation_has_it_below() -> None:
    examples = ("sandbox a", "sandbox b --long-option VALUE --more    what it does", "sandbox c    short")
    assert [*example_lines(examples, 50)] == [
        "sandbox a",
        "sandbox b --long-option VALUE --more  what it does",
        "sandbox c                             short",
    ]
    assert [*example_lines(examples, 40)] == [
        "sandbox a",
        "sandbox b --long-option VALUE --more",
        "                            what it does",
        "sandbox c                   short",
    ]
    assert [*example_lines(examples, 30)] == [
        "sandbox a",
        "sandbox b --long-option VALUE --more",
        "  what it does",
        "sandbox c",
        "  short",
    ]


@pytest.mark.parametrize("name", ["", *BY_NAME])
@pytest.mark.parametrize("width", [50, 98])
def test_the_parser_prints_the_same_help_and_no_line_is_wider_than_the_terminal(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, name: str, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width + 2))
    text = help_text(name, width)
    assert sandbox(*name.split(), "--help").out == text
    assert sandbox(*name.split(), "--help", "-h").out == text  # a line that only the parser understands
    shown = example_lines(BY_NAME.get(name, PROGRAM).examples, width - 2)
    examples = {f"  {line}" for line in (*shown, *EXIT_STATUSES.splitlines())}
    words = {word for line in text.splitlines() for word in line.split()}
    longest = max(map(len, words))
    long = [line for line in text.splitlines() if len(line) > width and line not in examples]
    assert [line for line in long if len(line) > longest + len(line) - len(line.lstrip()) + 32] == []


def test_options_are_listed_by_their_titles_with_help_at_the_end() -> None:
    titles = [title for title, _ in sections_of(BY_NAME["try"])]
    assert titles == ["Arguments", "What to try", "Where", "Reach", "Limits and trust", "Ending and output", "Options"]
    assert sections_of(BY_NAME["doctor"])[-1][1][-1][0] == "-h, --help"


def test_every_text_of_the_table_is_a_sentence_of_its_own() -> None:
    texts = [text for usage in USAGES for text in (usage.summary, *(param.help for param in usage.params))]
    assert [text for text in texts if not text.endswith((".", "...", "..")) or text != text.strip()] == []
    summaries = [usage.summary for usage in USAGES]
    assert len({*summaries}) == len(summaries)
