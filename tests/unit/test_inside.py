"""Commands inside a sandbox: their lines in any cut, their ends, and the shell."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.fakes import FakeEngine

from sandbox.engine.base import Container, ExecSpec, Image
from sandbox.errors import EngineError, NotFound, SandboxDied
from sandbox.inside import (
    LONGEST_LINE,
    LONGEST_TEXT,
    PROMOTE,
    TAIL,
    WRAPPER,
    Kept,
    Lines,
    capture,
    run,
    search_path,
    shell_environment,
    shell_spec,
)

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.engine.base import State

SPEC = ExecSpec(argv=("cmd",))


@given(st.lists(st.text("ab☃", min_size=1, max_size=6), max_size=6), st.lists(st.integers(0, 60), max_size=6))
def test_lines_are_the_same_in_any_cut(lines: list[str], cuts: list[int]) -> None:
    data = "".join(f"{line}\n" for line in lines).encode()
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    cutter, found = Lines(), list[str]()
    for start, end in zip(edges, edges[1:], strict=False):  # noqa: RUF007 - the pairs of a list
        found += cutter.feed(data[start:end])
    assert found + cutter.end() == lines


def test_a_carriage_return_ends_a_line_as_progress_bars_do() -> None:
    assert Lines().feed(b"10%\r20%\r\n30%\n") == ["10%", "20%", "30%"]


def test_what_has_no_newline_comes_at_the_end() -> None:
    lines = Lines()
    assert lines.feed(b"a\nb") == ["a"]
    assert lines.end() == ["b"]
    assert lines.end() == []


def test_an_endless_line_is_held_short() -> None:
    lines = Lines()
    for _ in range(10):
        lines.feed(b"x" * LONGEST_LINE)
    assert [len(line) for line in lines.end()] == [LONGEST_LINE]


def test_a_line_has_no_escapes() -> None:
    assert Lines().feed(b"\x1b[31mred\x1b[0m\x07\n") == ["red"]


def test_a_command_gives_its_status_and_its_streams() -> None:
    lines: list[str] = []
    engine = FakeEngine(commands=lambda _: (3, b"out\n", b"err"))
    outcome = run(engine, "c", SPEC, on_line=lines.append)
    assert (outcome.status, outcome.stdout, outcome.stderr, outcome.output) == (3, "out", "err", "out\nerr")
    assert lines == ["out", "err"]
    assert engine.execs[0].stream.closed


def test_its_input_is_sent_and_ended() -> None:
    engine = FakeEngine()
    run(engine, "c", SPEC, stdin=b"data")
    stream = engine.execs[0].stream
    assert (stream.sent, stream.write_closed, engine.ran[0].stdin) == (b"data", True, True)


def test_without_input_it_has_none() -> None:
    engine = FakeEngine()
    run(engine, "c", SPEC)
    assert (engine.ran[0].stdin, engine.execs[0].stream.sent) == (False, b"")


def test_a_long_output_is_kept_by_its_tail_and_a_list_in_full() -> None:
    count = TAIL * 3
    text = "".join(f"{number}\n" for number in range(count)).encode()
    outcome = run(FakeEngine(commands=lambda _: (0, text, b"")), "c", SPEC)
    assert len(outcome.output.splitlines()) == TAIL
    assert outcome.output.splitlines()[-1] == str(count - 1)
    assert len(outcome.stdout.splitlines()) == count


def test_captured_output_is_exact() -> None:
    data = b"\x00\xff\r\n\x1b[m"
    assert capture(FakeEngine(commands=lambda _: (0, data, b"err")), "c", SPEC, limit=10) == (0, data)


def test_captured_output_is_bounded() -> None:
    engine = FakeEngine(commands=lambda _: (0, b"x" * 11, b""))
    with pytest.raises(EngineError, match="more than 10 bytes"):
        capture(engine, "c", SPEC, limit=10)
    assert engine.execs[0].stream.closed


@pytest.mark.parametrize("state", [None, "exited", "dead", "removing"])
def test_a_container_that_ended_under_a_command_is_said_to_have_died(state: State | None) -> None:
    engine = FakeEngine(commands=lambda _: (None, b"", b""))
    if state is not None:
        engine.containers_known.append(Container(id="c", name="c", state=state, image="i", labels={}, created=0))
    with pytest.raises(SandboxDied) as caught:
        run(engine, "c", SPEC)
    assert caught.value.exit_code == 4


def test_an_engines_error_in_a_live_container_stays_what_it_is() -> None:
    row = Container(id="c", name="c", state="running", image="i", labels={}, created=0)
    with pytest.raises(NotFound):
        run(FakeEngine(commands=lambda _: (None, b"", b""), containers_known=[row]), "c", SPEC)


def test_the_path_is_the_images_with_what_the_distros_users_have() -> None:
    image = Image(id="i", env=("A=b", "PATH=/bin:/opt"))
    assert search_path(image, ("/usr/games", "/bin")) == "/bin:/opt:/usr/games"
    assert "/usr/bin" in search_path(Image(id="i"), ()).split(":")


def test_the_shells_environment_is_the_terminals_and_the_specs() -> None:
    environ = {"TERM": "xterm", "COLORTERM": "truecolor", "AWS_SECRET_ACCESS_KEY": "s", "HOME": "/home/me"}
    env = shell_environment(environ, "/bin", {"A": "b"})
    assert env == {"TERM": "xterm", "COLORTERM": "truecolor", "LANG": "C.UTF-8", "PATH": "/bin:/dev/sandbox", "A": "b"}
    assert shell_environment({}, "/bin", {})["TERM"] == "dumb"


def test_a_command_is_handed_over_word_by_word() -> None:
    words = ("printf", "%s|", "a b", "$(id)", "", "--shells")
    spec = shell_spec(words, ("bash",), env={}, terminal=None)
    assert spec.argv[-len(words) :] == words
    assert (spec.tty, spec.stdin) == (False, True)
    done = subprocess.run(spec.argv, capture_output=True, text=True, check=True, env={"TERM": "dumb"})
    assert done.stdout == "a b|$(id)||--shells|"


def test_the_first_shell_that_is_there_is_opened(tmp_path: Path) -> None:
    spec = shell_spec((), ("nonesuch", "sh"), env={}, terminal=None)
    done = subprocess.run(spec.argv, input="echo $((1+1))", capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout == "2\n"


def test_a_terminals_size_and_the_promote_command_go_only_where_there_is_one() -> None:
    spec = shell_spec((), ("sh",), env={}, terminal=(24, 80))
    assert spec.tty
    assert spec.argv[2:7] == (WRAPPER, "sandbox", "24", "80", PROMOTE)
    assert shell_spec((), ("sh",), env={}, terminal=None).argv[4:7] == ("", "", "")


def test_few_long_lines_are_bounded_as_many_short_ones_are() -> None:
    long, short = Kept(10_000), Kept(3)
    for number in range(4000):
        long.extend(["x" * LONGEST_LINE])
        short.extend([str(number)])
    assert LONGEST_TEXT - 2 * LONGEST_LINE < len(long.text().replace("\n", "")) <= LONGEST_TEXT
    assert short.text() == "3997\n3998\n3999"
