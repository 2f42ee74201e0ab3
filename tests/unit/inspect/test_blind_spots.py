"""A report admits what it was told by programs of the package itself, what was too deep, and what it does not list."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from tests.unit.inspect.measuring import measured
from tests.unit.snapshots import member, tree

from sandbox.inspect import blind_spots as module
from sandbox.inspect.blind_spots import blind_spots, cut_residue, truncate
from sandbox.inspect.file_changes import diff
from sandbox.inspect.findings import Finding, Residue, ResidueItem
from sandbox.inspect.verdict import verdict

if TYPE_CHECKING:
    from collections.abc import Mapping
    from tarfile import TarInfo

PATH = "/usr/local/bin:/usr/bin:/bin"
BASE: Mapping[str, bytes | TarInfo] = {
    "/bin": member("/bin", link="usr/bin"),
    "/usr/bin/cat": b"cat",
    "/usr/bin/dpkg-query": b"query",
    "/usr/bin/vi": b"vi",
}


def told(files: Mapping[str, bytes | TarInfo]) -> list[str]:
    before, after = tree(BASE), tree({**BASE, **files})
    return [doubt.text for doubt in blind_spots(diff(before, after), after, PATH)]


@pytest.mark.parametrize("path", ["/usr/bin/dpkg-query", "/usr/local/bin/cat", "/etc/ld.so.preload"])
def test_a_program_that_is_asked_and_was_replaced_is_named(path: str) -> None:
    (text,) = told({path: b"liar"})
    assert text.endswith(f"may be wrong: {path}.")


@pytest.mark.parametrize("path", ["/usr/bin/vi", "/usr/bin/rpm", "/opt/cat", "/usr/local/bin/new"])
def test_other_programs_are_none_of_those(path: str) -> None:
    assert told({path: b"new"}) == []


def test_what_an_engine_cannot_reach_is_admitted() -> None:
    deep = "/var" + "/d" * 1860
    assert told({f"{deep}/": member(f"{deep}/")})[0].endswith(
        "is too long a path for the engine: inspect could not see what is below it."
    )
    assert told({"/var/d/": member("/var/d/")}) == []


def test_a_list_that_is_cut_says_so_and_the_numbers_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LISTED", 2)
    whole = measured()
    found, said = truncate(whole)
    assert len(whole.files) > len(found.files) == 2
    assert said == (f"The report lists only the first 2 of {len(whole.files)} files.",)
    assert (found.measured, found.bulks) == (whole.measured, whole.bulks)
    assert verdict(found, Residue(), said)[0].text == said[0]


def test_a_million_files_of_one_kind_hide_nothing_of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LISTED", 2)
    strays = [Finding(kind="unowned", what=f"/{number}") for number in range(5)]
    found, said = truncate(
        replace(measured(), files=(), findings=(*strays, Finding(kind="foreign", what="/etc/shadow")))
    )
    assert [row.what for row in found.findings] == ["/0", "/1", "/etc/shadow"]
    assert said == ("The report lists only the first 2 of 5 findings of kind unowned.",)
    files = [ResidueItem(kind="file", what=f"/{number}") for number in range(5)]
    last, said = cut_residue(Residue(left=(*files, ResidueItem(kind="gone", what="/etc/shadow")), failure="no"))
    assert [row.what for row in last.left] == ["/0", "/1", "/etc/shadow"]
    assert (said, last.failure) == (("The report lists only the first 2 of 5 traces of kind file.",), "no")
