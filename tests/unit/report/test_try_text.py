"""What is said of what went and what stays: the words are made here, of values."""

from __future__ import annotations

import pytest

from sandbox.errors import EngineError
from sandbox.lifecycle.removal import EngineObject, Removal
from sandbox.report.try_text import absent_text, object_name, removed_row

BOX = EngineObject(kind="container", name="brave otter", id="abc")
NAMES = {
    "container brave otter": BOX,
    "image x:1": EngineObject(kind="image", name="x:1", id="sha256:1"),
    "image sha256:1": EngineObject(kind="image", id="sha256:1"),
    "the built image": EngineObject(kind="build"),
    "task 0123456789ab on node n1": EngineObject(kind="task", id="0123456789abcdef", node="n1"),
    "service": EngineObject(kind="service"),
}


@pytest.mark.parametrize(("words", "found"), NAMES.items(), ids=list(NAMES))
def test_an_object_of_the_engine_is_named_by_its_kind(words: str, found: EngineObject) -> None:
    assert object_name(found) == words


def test_what_is_kept_is_named_whole_in_the_command_that_removes_it() -> None:
    label, text = removed_row(Removal(removed=(), left=(), failures=(), kept=(BOX,)))
    assert label == "kept"
    assert text == "container brave otter, until you remove it: sandbox rm 'brave otter'"


def test_what_went_and_what_is_left_are_told_apart() -> None:
    left = EngineObject(kind="image", name="x:1")
    assert (
        removed_row(Removal(removed=(BOX,), left=(left,), failures=()))[1]
        == "container brave otter; not removed: image x:1"
    )
    said = removed_row(Removal(removed=(), left=(), failures=()), ["debian:trixie"])[1]
    assert said == "base image debian:trixie; nothing else of this session is left"
    unknown = Removal(removed=(BOX,), left=(), failures=(EngineError("gone"),), is_known=False)
    assert removed_row(unknown)[1] == "container brave otter; it is unknown what else is left"


@pytest.mark.parametrize(
    ("argv", "distro", "brought", "said"),
    [
        (("htop",), "debian:bookworm", (), "  next   sandbox search --command htop --distro debian:bookworm"),
        (
            ("hallo", "-x"),
            "debian:bookworm",
            ("hello",),
            "  new commands   hello\n  next           sandbox search --command hallo --distro debian:bookworm",
        ),
        (("/opt/x",), "debian:bookworm", (), ""),
        (("a b",), "debian:bookworm", (), ""),
        (("htop",), "", (), ""),
        ((), "debian:bookworm", (), ""),
    ],
)
def test_a_command_that_is_not_there_leads_to_those_that_came_or_to_who_has_it(
    argv: tuple[str, ...], distro: str, brought: tuple[str, ...], said: str
) -> None:
    assert absent_text(argv, distro, brought) == said
