"""A page says where its numbers come from, and what its words mean, where they stand."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from typing import TYPE_CHECKING

from msgspec.structs import replace
from tests.unit.inspect.measuring import MADE, inspection

from sandbox.inspect.comparison import ComparedTarget, Comparison
from sandbox.inspect.findings import KINDS, Finding
from sandbox.report.inspect_html import comparison_html, inspection_html
from sandbox.report.page_words import MEANINGS, TITLES

if TYPE_CHECKING:
    from sandbox.inspect.findings import Kind


def test_a_page_says_how_it_was_made_and_how_to_repeat_that() -> None:
    found = inspection()
    both = Comparison(candidates=(ComparedTarget(name="one", inspection=found),), seconds=2)
    expected = (MADE.date, f"sandbox {MADE.version}", MADE.command, MADE.mirror, found.base, found.distro)
    for page in (inspection_html(found, MADE), comparison_html(both, MADE)):
        how = page.partition('id="how"')[2]
        assert [text for text in expected if escape(text) not in how] == []


def test_a_page_of_a_comparison_in_which_all_failed_is_one_too() -> None:
    none = Comparison(candidates=(ComparedTarget(name="one", failure="no such package"),), seconds=2)
    assert "no such package" in comparison_html(none, MADE)


def test_every_kind_of_finding_has_a_heading_and_a_meaning_of_its_own() -> None:
    assert {*TITLES} == {*MEANINGS} == {*KINDS}
    assert len({*MEANINGS.values()}) == len({*TITLES.values()}) == len(KINDS)
    assert all(text.endswith(".") for text in MEANINGS.values())


def test_findings_of_one_kind_stand_together_below_what_that_kind_is() -> None:
    kinds: tuple[Kind, ...] = ("setuid", "users", "setuid")
    rows = tuple(Finding(kind=kind, what=f"/{number}/{kind}") for number, kind in enumerate(kinds))
    found = inspection()
    page = inspection_html(replace(found, footprint=replace(found.footprint, findings=rows)), MADE)
    ordered = (MEANINGS["setuid"], "/0/setuid", "/2/setuid", MEANINGS["users"], "/1/users")
    places = [page.index(escape(text)) for text in ordered]
    assert places == sorted(places)
    assert escape(MEANINGS["sudoers"]) not in page


def test_a_page_shows_the_picture_and_the_icon_of_a_program_and_none_without_them() -> None:
    found = inspection()
    picture, icon = b64encode(b"a picture").decode(), b64encode(b"an icon").decode()
    page = inspection_html(found, MADE, b"a picture", b"an icon")
    assert 0 < page.index(f"data:image/png;base64,{icon}") < page.index(f"data:image/png;base64,{picture}")
    assert "data:image/png" not in inspection_html(found, MADE)
    assert inspection_html(found, MADE, b"a picture").count("data:image/png") == 1
