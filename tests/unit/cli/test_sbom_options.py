"""The options --sbom and --sbom-format: refused before anything starts where the file could not be written."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.unit.advised import advice_of
from tests.unit.report.test_sbom import bill

from sandbox.cli.sbom_options import Sbom, check_sbom, write_sbom
from sandbox.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


def test_without_the_option_nothing_of_it_is_loaded() -> None:
    program = (
        "import sys, sandbox.cli.inspect, sandbox.cli.lock; from sandbox.cli.sbom_options import *;"
        "assert not check_sbom(Sbom(), {}); write_sbom(Sbom(), None, {});"
        "print([name for name in sys.modules if name.startswith(('cyclonedx', 'packag', 'sandbox.report.sbom'))"
        " or name in ('sandbox.inspect.bill', 'sandbox.inspect.licences')])"
    )
    done = subprocess.run((sys.executable, "-c", program), capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_what_could_not_be_written_in_the_end_is_refused_first(tmp_path: Path) -> None:
    for asked, message in (
        (Sbom(sbom=tmp_path), "is a folder"),
        (Sbom(sbom=tmp_path / "no/x.json"), "there is no folder"),
        (Sbom(sbom_format="spdx"), "--sbom-format needs --sbom FILE"),
        (Sbom(sbom=tmp_path / "x", sbom_format="xml"), "--sbom-format xml is unknown"),
    ):
        with pytest.raises(UsageError, match=message):
            check_sbom(asked, {})
    with pytest.raises(UsageError, match="SOURCE_DATE_EPOCH"):
        check_sbom(Sbom(sbom=tmp_path / "x"), {"SOURCE_DATE_EPOCH": "soon"})
    assert [*tmp_path.iterdir()] == []


def test_standard_output_is_taken_by_what_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="--sbom needs a file") as caught:
        check_sbom(Sbom(sbom=type(tmp_path)("-")), {})
    assert advice_of(caught.value)


def test_a_bill_takes_the_place_of_an_older_one_in_the_format_that_was_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    for words, key in (
        ({}, "bomFormat"),
        ({"sbom_format": "spdx"}, "spdxVersion"),
        ({"sbom_format": "cyclonedx"}, "bomFormat"),
    ):
        asked = Sbom(sbom=file, **words)
        assert check_sbom(asked, {})
        write_sbom(asked, bill(), {})
        assert key in json.loads(file.read_text())
    assert [*tmp_path.iterdir()] == [file]
