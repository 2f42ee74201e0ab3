"""Every verb, and every command line that the README shows, against the same claims."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from sandbox.cli.main import run
from sandbox.cli.registry import VERBS

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parents[2]
README: Final = ROOT / "README.md"
CODE: Final = re.compile(r"^(?: {4}.*\n?)+|^```(?:sh|console)\n(?:.*\n)*?```", re.MULTILINE)
BASES: Final = ("build", "import", "list", "rm", "ensure")
TYPED: Final = re.compile(r"(?:\$ )?(?:.* \| )?(sandbox (?:try|new) .*)")


@pytest.fixture(autouse=True)
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no settings, no state and no engine, in an empty folder."""
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("PWD", str(tmp_path / "work"))
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")


def examples(text: str) -> Iterator[str]:
    """Yield what is typed to sandbox in a document's code, without what stands behind it on the line."""
    for block in CODE.findall(text):
        for line in block.replace("\\\n", " ").splitlines():
            found = TYPED.match(line.strip())
            if found:
                yield re.split(r"\s+#|\s\||\s>|\s&&", found[1])[0].strip()


def shown() -> list[str]:
    return list(dict.fromkeys(examples(README.read_text(encoding="utf-8")))) if README.exists() else []


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
    place = words.index("--") if "--" in words else len(words)
    dry = ["--dry-run"] if words[0] == "try" else []
    status = run([*words[:place], *dry, *words[place:]])
    assert (status, capsys.readouterr().err) == (0, "")


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
