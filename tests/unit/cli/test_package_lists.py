"""What verbs take of the files of --from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.advised import advice_of

from sandbox.cli.app import make_host
from sandbox.cli.package_lists import distro_names
from sandbox.cli.search import search_texts
from sandbox.cli.trial_matrix import entries_for
from sandbox.cli.trial_options import Cells
from sandbox.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "apt.txt").write_text("jq\nhtop=3.2\npip:flask\njq\n")
    return tmp_path


def test_a_search_takes_the_names_of_distro_packages_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert distro_names(["apt.txt"]) == ["jq", "htop"]
    assert "not taken  apt.txt:3  pip:flask: not a package of a distro" in capsys.readouterr().err
    assert search_texts("fd", ["apt.txt"], None) == ("fd", "jq", "htop")


def test_a_command_and_names_are_not_searched_for_at_once() -> None:
    with pytest.raises(UsageError, match=r"either package names .* or a command"):
        search_texts(None, ["apt.txt"], "rg")


def test_a_file_without_packages_of_a_distro_is_refused(folder: Path) -> None:
    (folder / "requirements.txt").write_text("flask\n")
    with pytest.raises(UsageError, match=r"^requirements.txt: no packages of a distro"):
        distro_names(["requirements.txt"])


def test_a_trial_has_a_cell_of_the_file_for_each_distro(folder: Path) -> None:
    (folder / "apt.txt").write_text("jq\nhtop\n")
    cells = Cells(files=["apt.txt"], distro="debian:bookworm,debian:trixie")
    found = entries_for(cells, make_host(), folder=folder)
    assert [(row.cell.spec, row.cell.distro, row.request.spec.packages) for row in found] == [
        ("apt.txt", "debian:bookworm", ("jq", "htop")),
        ("apt.txt", "debian:trixie", ("jq", "htop")),
    ]
    assert found[0].again == ("--from", "apt.txt", "--distro", "debian:bookworm")


def test_a_trial_reads_a_file_and_not_standard_input(folder: Path) -> None:
    with pytest.raises(UsageError, match="each reads the file anew") as caught:
        entries_for(Cells(files=["names:-"]), make_host(), folder=folder)
    assert advice_of(caught.value) == ("sandbox trial --from packages.txt",)
