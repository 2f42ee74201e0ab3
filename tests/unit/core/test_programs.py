"""Programs in files of their own: read from where their module came, shipped, and sent without what explains them."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder
from tests.rooms import ROOT, SRC

from sandbox.core.programs import program, source, template, text_argv

if TYPE_CHECKING:
    from collections.abc import Iterator

KINDS = ("sh", "pl", "js", "rb", "nix")
PROGRAMS = sorted(path for kind in KINDS for path in SRC.rglob(f"*.{kind}"))


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Yield a package in a zip, which holds a program."""
    text = "#!/bin/sh\n# Says hello.\n#\n# Prints: hello\n\n# why\necho hello # not alone\n\n  # why else\n\techo bye\n"
    with zipfile.ZipFile(tmp_path / "app.zip", "w") as archive:
        archive.writestr("zipped_for_a_test/__init__.py", "")
        archive.writestr("zipped_for_a_test/hello.sh", text)
    monkeypatch.syspath_prepend(str(tmp_path / "app.zip"))
    __import__("zipped_for_a_test")
    yield "zipped_for_a_test"
    del sys.modules["zipped_for_a_test"]


def test_a_program_is_sent_without_its_comments_and_is_read_from_a_zip_too(package: str) -> None:
    assert program(package, "hello.sh") == "echo hello # not alone\n\techo bye"


def test_a_template_loses_its_head_alone(package: str) -> None:
    assert template(package, "hello.sh") == "# why\necho hello # not alone\n\n  # why else\n\techo bye\n"


def test_a_source_is_the_file(package: str) -> None:
    assert source(package, "hello.sh").startswith("#!/bin/sh\n# Says hello.\n")


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: str(path.relative_to(SRC)))
def test_a_program_says_what_it_is_and_no_text_in_it_looks_like_a_comment(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert lines[0].startswith("#!")
    assert lines[1].startswith(("# ", "// "))
    here = [number for number, line in enumerate(lines) if "<<" in line and "<<-" not in line and "'" in line]
    for number in here:
        end = lines[number].rpartition("'")[0].rpartition("'")[2]
        text = lines[number + 1 : lines.index(end, number + 1)] if end in lines[number + 1 :] else []
        assert [line for line in text if line.lstrip().startswith("#") or not line] == []


@pytest.mark.parametrize("kind", [WheelBuilder, SdistBuilder])
def test_the_archives_of_a_release_hold_every_program(kind: type[WheelBuilder | SdistBuilder]) -> None:
    shipped = {Path(found.path) for found in kind(str(ROOT)).recurse_included_files()}
    assert {*PROGRAMS} - shipped == set()


@pytest.mark.parametrize("lines", [1, 20_000])
def test_a_program_gets_its_arguments_however_long_it_is(lines: int) -> None:
    argv = text_argv("n=$((n + 1))\n" * lines + 'printf "%s|" "$0" "$n" "$#" "$@"', "a b", "", "c'd")
    assert max(map(len, argv)) < 131_072
    assert subprocess.run(argv, capture_output=True, check=True, text=True).stdout == f"sh|{lines}|3|a b||c'd|"


def test_a_short_program_is_sent_as_it_is() -> None:
    assert text_argv("true", "x") == ("sh", "-c", "true", "sh", "x")
