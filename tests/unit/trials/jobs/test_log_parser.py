"""What counts of a log that a hostile package may have written into."""

from __future__ import annotations

from base64 import b64encode
from typing import Final

import pytest

from sandbox.trials.jobs.log_parser import parse_log
from sandbox.trials.jobs.script import Script, ScriptCommand

M: Final = "5ecret"
SCRIPT: Final = Script(
    text="", mark=M, commands=(ScriptCommand(name="s1"), ScriptCommand(name="c1", out=10, err=10)), limit=9
)


def ran(name: str, status: int = 0, *, out: bytes = b"", err: bytes = b"", size: int | None = None) -> list[str]:
    sent = [f"{letter} {b64encode(data).decode()}" for letter, data in (("o", out), ("e", err)) if data]
    return [f"ended {name} {status} 4 {len(out) if size is None else size} {len(err)}", *sent, f"said {name}"]


def log(*parts: list[str] | str) -> bytes:
    lines = [line for part in parts for line in ([part] if isinstance(part, str) else part)]
    return "".join(f"{M} {line}\n" for line in lines).encode()


def test_commands_are_heard_in_order_with_status_seconds_and_output() -> None:
    found = parse_log(log(ran("s1", out=b"x"), ran("c1", 3, out=b"a\x1b[1mb\n", err=b"no"), "end"), SCRIPT)
    assert (found.whole, found.is_over) == (True, True)
    assert [(row.name, row.status, row.seconds) for row in found.ran] == [("s1", 0, 4.0), ("c1", 3, 4.0)]
    assert (found.ran[1].stdout, found.ran[1].stderr) == ("ab", "no")


def test_lines_without_the_mark_are_not_there() -> None:
    noise = b"ended s1 0 0 0 0\n5ecre ended s1 1 0 0 0\n\x00\xff\nx 5ecret end\n"
    found = parse_log(noise + log(ran("s1"), ran("c1"), "end") + noise, SCRIPT)
    assert (found.whole, [row.status for row in found.ran]) == (True, [0, 0])


CUT: dict[str, bytes] = {
    "nothing": b"",
    "before the first end": log(),
    "in the middle of an output": log(ran("s1", out=b"x")[:-1]),
    "between two": log(ran("s1")),
    "before the last word": log(ran("s1"), ran("c1")),
}


@pytest.mark.parametrize("data", CUT.values(), ids=CUT.keys())
def test_a_log_that_ends_early_is_not_over(data: bytes) -> None:
    assert not parse_log(data, SCRIPT).is_over


def test_the_end_of_a_script_that_was_cut_off_is_heard_wherever_it_was() -> None:
    for before in (log(), log(ran("s1")), log(ran("s1"), ran("c1", out=b"x")[:-1])):
        late, died = parse_log(before + log("late"), SCRIPT), parse_log(before + log("died 137"), SCRIPT)
        assert (late.late, late.is_over, late.wrong) == (True, True, "")
        assert (died.died, died.is_over, died.wrong) == (137, True, "")


WRONG: dict[str, bytes] = {
    "an end before the checks": log(ran("s1"), "end"),
    "an end before everything": log("end"),
    "another order": log(ran("c1"), ran("s1"), "end"),
    "the same twice": log(ran("s1"), ran("s1"), ran("c1"), "end"),
    "a line more": log(ran("s1"), ran("c1"), "end", "end"),
    "shorter than it says": log(ran("s1", out=b"abc", size=5), ran("c1"), "end"),
    "longer than it says": log(ran("s1", out=b"abc", size=2), ran("c1"), "end"),
    "not base64": log(["ended s1 0 0 3 0", "o $$$$", "said s1"], ran("c1"), "end"),
    "more behind a failed step": log(ran("s1", 1), ran("c1"), "late", "end"),
}


@pytest.mark.parametrize("data", WRONG.values(), ids=WRONG.keys())
def test_what_a_script_can_not_have_written_is_wrong(data: bytes) -> None:
    found = parse_log(data, SCRIPT)
    assert (found.whole, found.is_over) == (False, True)
    assert found.wrong


def test_a_step_that_fails_may_be_the_last() -> None:
    found = parse_log(log(ran("s1", 100, out=b"E: no"), "end"), SCRIPT)
    assert (found.whole, len(found.ran)) == (True, 1)


def test_an_output_above_its_bound_is_known_to_be_cut() -> None:
    found = parse_log(log(ran("s1"), ran("c1", out=b"0123456789", size=12), "end"), SCRIPT)
    assert found.ran[1].cut == (True, False)
