"""How a command ended, as its caller sees it."""

from __future__ import annotations

import pytest

from sandbox import CommandFailed, Completed, StepFailed
from sandbox.api.completed import completion
from sandbox.api.problems import explain_errors
from sandbox.container.command import CommandEnd

END = CommandEnd(status=3, stdout=b"a\r\n\xffb\n", stderr=b"no\x1b[31m way\n")


def test_text_is_utf8_with_its_newlines_and_a_mark_for_what_is_none() -> None:
    assert completion(("x",), END, text=True).stdout == "a\r\n\ufffdb\n"


def test_bytes_are_as_they_came() -> None:
    assert completion(("x",), END, text=False).stdout == b"a\r\n\xffb\n"


def test_a_status_other_than_0_can_be_made_an_error_of_the_tree() -> None:
    done = Completed(args=("sh", "-c", "a b"), returncode=3, stdout="out", stderr="no\x1b[31m way\n")
    with pytest.raises(CommandFailed, match="sh in the sandbox ended with status 3") as caught:
        done.check_returncode()
    assert isinstance(caught.value, StepFailed)
    assert (caught.value.returncode, caught.value.stdout, caught.value.stderr) == (3, "out", "no\x1b[31m way\n")
    assert caught.value.details == (("ran", "sh -c 'a b'"), ("it said", "no way"))
    Completed(args=("true",), returncode=0, stdout="", stderr="").check_returncode()


def test_a_traceback_shows_what_the_command_line_does() -> None:
    with pytest.raises(CommandFailed) as caught, explain_errors(), explain_errors():
        completion(("false",), CommandEnd(status=1, stdout=b"", stderr=b""), text=True).check_returncode()
    assert getattr(caught.value, "__notes__", ["  ran   false"]) == ["  ran   false"]
