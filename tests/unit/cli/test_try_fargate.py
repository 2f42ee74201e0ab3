"""What a command on Fargate takes of the options of try, of standard input, and how a push is agreed to."""

from __future__ import annotations

import io
import os
import socket
from typing import TYPE_CHECKING

import pytest

from sandbox.cli.on_fargate import ask_push
from sandbox.cli.streams import has_input
from sandbox.cli.table import BY_NAME
from sandbox.cli.try_fargate import REFUSED, check_options, refused_options
from sandbox.cli.try_options import Bounds, Ending, Reach, What, Where
from sandbox.errors import UsageError
from sandbox.trials.fargate.images import Push

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

GROUPS = (What, Where, Reach, Bounds, Ending)
HONOURED = frozenset(
    "packages files spec as_of recommends docs from_source setup env distro image platform distros engine on push "
    "network memory cpus cap_add allow ttl no_stdin verbose quiet".split()
)
"""The options of try that mean the same for a task; of some values, the plan's refusals say that it can't have them."""
PUSH = Push(reference="sandbox-base/debian:12", size=84_000_000, repository="team/bases", region="eu-west-1")


def test_every_option_of_try_is_either_honoured_or_refused_on_fargate() -> None:
    known = {param.name for param in BY_NAME["try"].params}
    assert HONOURED | REFUSED.keys() == known
    assert HONOURED.isdisjoint(REFUSED)
    assert known == {field for group in GROUPS for field in group.__struct_fields__}


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_a_refused_option_is_named_with_the_reason(name: str) -> None:
    spelling = next(param for param in BY_NAME["try"].params if param.name == name).spellings[0].partition("/")[0]
    given = {field: None for group in GROUPS for field in group.__struct_fields__}
    assert refused_options(given) == []
    assert refused_options({**given, name: "something"}) == [(spelling, REFUSED[name])]


def test_options_that_are_refused_are_named_together() -> None:
    with pytest.raises(UsageError) as caught:
        check_options(
            What(run="x"), Where(on="fargate"), Reach(offline=True), Bounds(), Ending(keep=True), has_command=True
        )
    assert caught.value.brief == "Fargate does not support --run, --offline and --keep"
    assert [option for option, _ in caught.value.details] == ["--run", "--offline", "--keep"]


def test_a_switch_that_asks_for_less_is_not_refused() -> None:
    ending = Ending(cache=False, ttl="30m", quiet=True)
    assert check_options(What(), Where(on="fargate"), Reach(), Bounds(), ending, has_command=True) == 1800


@pytest.mark.parametrize(
    ("typed", "is_agreed"),
    [("y\n", True), ("YES\n", True), ("n\n", False), ("\n", False), ("", False), ("maybe\ny\n", True), ("x\n", False)],
)
def test_only_a_yes_pushes_and_the_question_names_image_size_and_repository(
    typed: str, is_agreed: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    assert ask_push(PUSH) is is_agreed
    said = capsys.readouterr().err
    for word in ("sandbox-base/debian:12", "84.0 MB", "team/bases in eu-west-1", "Push it? [y/N] "):
        assert word in said


@pytest.fixture
def stdin() -> Iterator[int]:
    """Give a copy of standard input, and put that back."""
    kept = os.dup(0)
    yield kept
    os.dup2(kept, 0)
    os.close(kept)


def _sockets() -> tuple[int, int]:
    ours, theirs = socket.socketpair()
    return ours.detach(), theirs.detach()


@pytest.mark.usefixtures("stdin")
@pytest.mark.parametrize("make", [os.pipe, _sockets])
def test_input_of_a_program_is_there_while_nobody_has_read_it(make: Callable[[], tuple[int, int]]) -> None:
    reader, writer = make()
    os.dup2(reader, 0)
    os.close(reader)
    assert not has_input()
    os.write(writer, b"x")
    assert has_input()
    os.read(0, 1)
    os.close(writer)
    assert not has_input()


@pytest.mark.usefixtures("stdin")
def test_input_of_a_file_is_what_was_not_read_and_the_null_device_has_none(tmp_path: Path) -> None:
    (tmp_path / "in").write_text("ab")
    for path, read, is_there in ((tmp_path / "in", 0, True), (tmp_path / "in", 2, False), (os.devnull, 0, False)):
        file = os.open(path, os.O_RDONLY)
        os.dup2(file, 0)
        os.close(file)
        os.read(0, read)
        assert has_input() is is_there
