"""Every verb, and every command line that README and docs/ show, against the same claims."""

from __future__ import annotations

import os
import re
import shlex
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from tests.integration.package_builds import control, deb
from typer.main import get_command

from sandbox.cli import invocation
from sandbox.cli.app import app
from sandbox.cli.program import run
from sandbox.cli.registry import register
from sandbox.cli.table import VERBS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typer._click import Command

ROOT: Final = Path(__file__).parents[2]
README: Final = ROOT / "README.md"
CODE: Final = re.compile(r"^(?: {4}.*\n?)+|^```(?:sh|console)\n(?:.*\n)*?```", re.MULTILINE)
BASES: Final = ("build", "import", "list", "rm", "ensure")
TYPED: Final = re.compile(r"(?:\$ )?(?:.* \| )?(sandbox (?:try|new) .*)")
ANY: Final = re.compile(r"(?:\$ )?(?:.* \| )?(sandbox [a-z].*)")
PAGES: Final = [README, *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.fixture(autouse=True)
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no settings, no state and no engine, in an empty folder."""
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("PWD", str(tmp_path / "work"))
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")


def examples(text: str, typed: re.Pattern[str] = TYPED) -> Iterator[str]:
    """Yield what is typed to sandbox in a document's code, without what stands behind it on the line."""
    for block in CODE.findall(text):
        for line in block.replace("\\\n", " ").splitlines():
            found = typed.match(line.strip())
            if found:
                yield re.split(r"\s+#|\s\||\s>|\s&&", found[1])[0].strip()


def with_tables(text: str) -> str:
    """Return a document with the command lines in the cells of its tables as code of their own."""
    cells = re.findall(r"^\|.*`([^`]*sandbox [a-z][^`]*)`", text, re.MULTILINE)
    return "\n".join([text, "", *(f"    {cell}" for cell in cells)]).replace("\\|", "|")


def shown() -> list[str]:
    """Return what the README shows of `try` and `new`, less what needs the lock that another line writes."""
    lines = examples(with_tables(README.read_text(encoding="utf-8")))
    return list(dict.fromkeys(line for line in lines if "--locked" not in line))


def test_examples_are_found_in_code_alone() -> None:
    fenced = "sandbox try no\n```sh\n$ sandbox try a  # why\n```\n"
    indented = "\n    x | sandbox try b -- c | less\n    next  sandbox try d\n"
    assert list(examples(fenced + indented)) == ["sandbox try a", "sandbox try b -- c"]


def test_the_readme_shows_how_to_try() -> None:
    assert len(shown()) > 5


@pytest.mark.parametrize("line", shown())
def test_what_the_readme_tells_people_to_type_makes_a_plan(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    for earlier in shown()[: shown().index(line)]:
        if earlier.startswith("sandbox new "):
            assert run(shlex.split(earlier)[1:]) == 0
    words = shlex.split(os.path.expandvars(line))[1:]
    for word in words:
        if word.endswith(".deb"):
            Path(word).write_bytes(deb(control("tool", "1.2", "amd64"), {}))
    place = words.index("--") if "--" in words else len(words)
    dry = ["--dry-run"] if words[0] == "try" else []
    status = run([*words[:place], *dry, *words[place:]])
    assert (status, capsys.readouterr().err) == (0, "")


def command_lines() -> list[str]:
    """Return every command line of README and docs/ that is typed to sandbox."""
    texts = [page.read_text(encoding="utf-8") for page in PAGES if page.name != "commands.md"]
    return list(dict.fromkeys(line for text in texts for line in examples(with_tables(text), ANY)))


@pytest.mark.parametrize("line", command_lines())
def test_every_command_line_of_the_docs_is_one_that_the_program_takes(line: str) -> None:
    parse(shlex.split(os.path.expandvars(line))[1:])


@cache
def program() -> Command:
    """Return the program's command with all its verbs."""
    register(())
    return get_command(app)


def parse(words: list[str]) -> None:
    """Parse words as the program does, without running anything; raise what the parser raises."""
    from typer.core import TyperGroup

    words = invocation.fill_optional_values(invocation.take_user(invocation.split(words)[0])[0])
    command = program()
    while isinstance(command, TyperGroup):
        name, found, words = command.resolve_command(
            command.make_context("sandbox", [words[0]], resilient_parsing=True), words
        )
        assert found is not None, name
        command = found
    command.make_context(command.name, words)


@pytest.mark.parametrize("words", [[verb] for verb in VERBS] + [["base", verb] for verb in BASES], ids=" ".join)
def test_a_verb_says_in_a_line_what_it_does_and_shows_how(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*words, "--help"]) == 0
    out, err = capsys.readouterr()
    lines = [line.strip() for line in out.splitlines()]
    assert err == ""
    assert lines[0].startswith(f"Usage: sandbox {' '.join(words)}")
    assert lines[2]
    assert words == ["base"] or [line for line in lines if line.startswith("sandbox ")]
    assert max(map(len, lines)) <= 100
