"""The options of a verb in groups: values for the code, sections for the reader, and options as before for Typer."""

from __future__ import annotations

import inspect

import typer
from typer.testing import CliRunner

from sandbox.cli.option_groups import with_options
from sandbox.cli.table import BY_NAME
from sandbox.cli.try_ import try_
from sandbox.cli.try_arguments import TryArguments
from sandbox.cli.try_options import Bounds, Ending, Reach, What, Where
from sandbox.specs.model import Spec
from sandbox.specs.privileges import Trust

GROUPS = (What, Where, Reach, Bounds, Ending)


def test_every_option_of_try_is_in_one_of_five_groups() -> None:
    fields = [name for group in GROUPS for name in group.__struct_fields__]
    assert len(set(fields)) == len(fields)
    assert [*inspect.signature(try_).parameters] == fields


def test_a_verb_has_its_groups_as_they_were_typed() -> None:
    seen = []

    def verb(where: Where, ending: Ending) -> None:
        seen.append((where, ending))

    own = typer.Typer(rich_markup_mode=None)
    own.command()(with_options(verb, BY_NAME["try"]))
    done = CliRunner().invoke(own, ["--distro", "debian", "--keep", "--no-cache"])
    assert (done.exit_code, seen) == (0, [(Where(distro="debian"), Ending(keep=True, cache=False))])


def test_nothing_that_was_typed_is_a_spec_of_defaults() -> None:
    asked = TryArguments()
    assert asked.options == type(asked.options)()
    assert asked.trust_of(Spec()) == Trust()
