"""Files that are typed as a package: each is answered with the option that takes it, before anything starts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from tests.unit.command_lines import problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.unit.cli.conftest import Sandbox

FILES: Final[Mapping[str, str]] = {
    "requirements.txt": "flask==3.0\n",
    "apt.txt": "jq\ncurl\n",
    "Brewfile": 'brew "jq"\n',
    "package.json": '{"dependencies": {"cowsay": "1"}}',
    "Dockerfile": "FROM debian\n",
    "web.yaml": "packages: [jq]\n",
    "get.sh": "echo\n",
    "htop": "jq\n",
    "tool.bin": "\0",
}
MEANT: Final[Mapping[str, str]] = {
    "try ./requirements.txt": "try --from ./requirements.txt",
    "try requirements.txt jq -- jq .": "try jq --from ./requirements.txt -- jq .",
    "inspect ./Brewfile --json": "inspect --json --from ./Brewfile",
    "compare jq apt.txt": "compare jq --from ./apt.txt",
    "try package.json": "try --from ./package.json",
    "try Dockerfile": "try --dockerfile ./Dockerfile",
    "inspect ./Dockerfile": "inspect --from ./Dockerfile",
    "try web.yaml -v": "try -v --spec ./web.yaml",
    "try get.sh": "try --run ./get.sh",
    "try ./tool.bin": "try --run ./tool.bin",
    "try -v /tmp:/x:ro jq": "try -v jq --mount /tmp:/x",
    "try -v ./data:/x:rw jq": "try -v jq --mount ./data:/x:rw",
}


@pytest.fixture(autouse=True)
def files(sandbox: Sandbox) -> Sandbox:
    for name, text in FILES.items():
        Path(name).write_text(text)
    return sandbox


@pytest.mark.parametrize("typed", MEANT)
def test_a_file_that_is_no_package_is_answered_with_the_option_that_takes_it(sandbox: Sandbox, typed: str) -> None:
    found = sandbox(*typed.split())
    assert found.status in {2, 125}
    assert f" sandbox {MEANT[typed]}\n" in found.err
    assert problem(MEANT[typed].split()) == ""


@pytest.mark.parametrize("word", ["./gone.txt", "./gone", "../work/gone.list"])
def test_a_path_of_no_file_is_said_to_be_missing(sandbox: Sandbox, word: str) -> None:
    assert sandbox("try", word).err.startswith(f"error: {word} does not exist\n")


@pytest.mark.parametrize("word", ["htop", "gone.txt", "three.js", "python3.11"])
def test_a_name_that_a_package_may_have_is_one(sandbox: Sandbox, word: str) -> None:
    assert sandbox("try", word, "--distro", "debian", "--dry-run").status == 0
