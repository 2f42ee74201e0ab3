"""A list that can't be right leaves open what depends on it, and each doubt is said once, in order."""

from __future__ import annotations

from typing import Final

from tests.unit.snapshots import tree

from sandbox.container.packages import Probe
from sandbox.container.survey import Survey
from sandbox.inspect.blind_spots import OWNED, RUNNING, Doubt
from sandbox.inspect.claims import PACKAGES, RESIDUE
from sandbox.inspect.doubts import Doubts, list_doubts
from sandbox.inspect.file_changes import diff
from sandbox.inspect.measured import Measured
from sandbox.managers.protocol import Package

HTOP: Final = Package(name="htop", version="1", architecture="amd64", size=1, explicit=True)
SURVEY: Final = Survey(probe=Probe(packages=(HTOP,), stamps={}), commands=frozenset())


def a_measurement(*, lost: frozenset[str] = frozenset()) -> Measured:
    files = tree({})
    return Measured(
        before=files, after=files, difference=diff(files, files), came=(), asked=frozenset(), path="", lost=lost
    )


def test_a_whole_list_leaves_nothing_in_doubt() -> None:
    assert [*list_doubts(a_measurement(), SURVEY)] == []


def test_a_list_that_is_empty_or_was_not_read_leaves_packages_residue_and_owners_open() -> None:
    empty = Survey(probe=Probe(packages=(), stamps={}), commands=frozenset(), is_whole=False)
    for survey in (None, empty):
        (doubt,) = list_doubts(a_measurement(), survey)
        assert "could not be read" in doubt.text
        assert doubt.about == (PACKAGES, RESIDUE, *OWNED)


def test_a_list_that_lost_packages_whose_files_are_still_there_is_damaged() -> None:
    (doubt,) = list_doubts(a_measurement(lost=frozenset(("htop",))), SURVEY)
    assert "is damaged" in doubt.text


def test_a_sandbox_without_a_shell_shows_files_alone() -> None:
    survey = Survey(probe=SURVEY.probe, commands=frozenset(), is_whole=False)
    (doubt,) = list_doubts(a_measurement(), survey)
    assert doubt.about == (*RUNNING, *OWNED)


def test_each_doubt_is_said_once_and_blind_spots_come_first() -> None:
    doubts = Doubts()
    for text in ("b", "c", "b"):
        doubts.admit(Doubt(text=text, about=(text,)))
    doubts.begin_with([Doubt(text="a"), Doubt(text="c")])
    assert doubts.texts == ("a", "c", "b")
    assert doubts.about == {"b", "c"}
