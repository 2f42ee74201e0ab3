"""Every verb, and every command line that the README shows, against the same claims."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from sandbox.cli import run
from sandbox.cli.app import VERBS

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parents[2]
README: Final = ROOT / "README.md"
BLOCK: Final = re.compile(r"^```(?:sh|console|shell)\n(.*?)^```", re.MULTILINE | re.DOTALL)
BASES: Final = ("build", "import", "list", "rm", "ensure")
TRIED: Final = re.compile(r"(?:\$ )?(?:.* \| )?(sandbox try .*)")


@pytest.fixture(autouse=True)
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no settings, no state and no engine; the folder is the project's, whose specs the README names."""
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")
    monkeypatch.chdir(ROOT)


def examples(text: str) -> Iterator[str]:
    """Yield the `sandbox try` lines of the shell blocks, without what follows them."""
    for block in BLOCK.findall(text):
        for line in block.replace("\\\n", " ").splitlines():
            found = TRIED.match(line.strip())
            if found:
                yield re.split(r"\s+#|\s\||\s>|\s&&", found[1])[0].strip()


def shown() -> list[str]:
    return sorted(set(examples(README.read_text(encoding="utf-8")))) if README.exists() else []


def test_examples_are_found_in_shell_blocks_alone() -> None:
    text = "sandbox try no\n```sh\n$ sandbox try a  # why\nls\necho x | sandbox try b -- c | less\n```\n"
    assert list(examples(text)) == ["sandbox try a", "sandbox try b -- c"]


@pytest.mark.parametrize("line", shown())
def test_what_the_readme_tells_people_to_type_makes_a_plan(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = shlex.split(line)[1:]
    place = words.index("--") if "--" in words else len(words)
    status = run([*words[:place], "--dry-run", *words[place:]])
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
