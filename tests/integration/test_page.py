"""The page of an inspection in a real browser: it asks nobody, sorts, opens, and is light or dark as one likes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from tests.unit.inspect.measuring import HOSTILE, MADE, hostile

from sandbox.inspect.comparison import ComparedTarget, Comparison
from sandbox.inspect.findings import FileSize, Inspection, InstalledPackage, SizeByGroup
from sandbox.report.inspect_html import comparison_html, inspection_html

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.browser import Browser


def inspected() -> Inspection:
    """Return an inspection with sizes that sort otherwise as texts, a tree, and names that are markup."""
    sizes = {"alpha": 9_000, "beta": 10_000, "gamma": 2_000_000, HOSTILE: 100}
    packages = tuple(
        InstalledPackage(
            name=name, version="1", size=size, asked=name == "alpha", needed_by=("alpha",) * (name != "alpha")
        )
        for name, size in sizes.items()
    )
    files = tuple(
        FileSize(path=path, size=20) for path in ("/usr/bin/alpha", "/usr/share/doc/a/copyright", f"/etc/{HOSTILE}")
    )
    bulks = (SizeByGroup(sort="commands", files=2, size=2000), SizeByGroup(sort="data", files=1, size=10))
    found = hostile()
    return replace(found, footprint=replace(found.footprint, packages=packages, files=files, bulks=bulks))


@pytest.fixture
def page(tmp_path: Path) -> str:
    path = tmp_path / "page.html"
    path.write_text(inspection_html(inspected(), MADE), encoding="utf-8")
    return path.as_uri()


PACKAGES = "Array.from(document.querySelectorAll('#packages tbody tr'), r => r.cells[0].textContent)"


def test_the_page_asks_nobody_and_nothing_goes_wrong_in_it(browser: Browser, page: str) -> None:
    browser.open(page)
    assert [row["request"]["url"] for row in browser.of("Network.requestWillBeSent")] == [page]
    assert browser.of("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded") == []
    assert browser.value("document.querySelectorAll('script').length") == 1  # no name became one
    assert browser.value("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_click_sorts_a_column_by_its_numbers_and_another_turns_it(browser: Browser, page: str) -> None:
    browser.open(page)
    assert browser.value(PACKAGES) == ["alpha", "beta", "gamma", HOSTILE]
    browser.click("#packages th:nth-child(4) button")
    assert browser.value(PACKAGES) == [HOSTILE, "alpha", "beta", "gamma"]
    assert browser.value("document.querySelector('#packages th:nth-child(4)').ariaSort") == "ascending"
    browser.click("#packages th:nth-child(4) button")
    assert browser.value(PACKAGES) == ["gamma", "beta", "alpha", HOSTILE]


def test_a_click_opens_a_folder_of_the_tree(browser: Browser, page: str) -> None:
    browser.open(page)
    file = (
        "Array.from(document.querySelectorAll('.file')).find(f => f.textContent.startsWith('alpha')).checkVisibility()"
    )
    assert browser.value(file) is False
    browser.click(".tree > details > summary")
    assert browser.value(file) is False
    browser.click(".tree > details > details > summary")
    browser.click(".tree > details > details:nth-of-type(2) > summary")
    assert browser.value(file) is True


def test_the_graph_and_the_bars_are_drawn(browser: Browser, page: str) -> None:
    browser.open(page)
    assert browser.value("document.querySelectorAll('svg rect').length") == 4
    assert browser.value("document.querySelectorAll('svg path').length") == 3
    widths = browser.value("Array.from(document.querySelectorAll('.bar'), b => b.getBoundingClientRect().width)")
    assert widths[0] > 20 * widths[1] > 0


def test_the_page_is_light_or_dark_as_its_reader_likes_it(browser: Browser, page: str) -> None:
    pictures, backs = [], []
    for scheme in ("light", "dark"):
        browser.open(page, scheme=scheme)
        pictures.append(browser.picture())
        backs.append(browser.value("getComputedStyle(document.body).backgroundColor"))
    assert backs == ["rgb(246, 247, 249)", "rgb(16, 19, 22)"]
    assert pictures[0] != pictures[1]


LINES = """Array.from(document.querySelectorAll('th button, td'), cell => {
    const range = document.createRange(); range.selectNodeContents(cell);
    return [cell.textContent, new Set(Array.from(range.getClientRects(), r => Math.round(r.top))).size];
})"""


def test_no_short_word_of_a_table_is_torn_in_two_however_long_the_others_are(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "nine.html"
    names = ("debian-goodies", "lab-stubborn", *(f"candidate-{number}" for number in range(7)))
    nine = tuple(ComparedTarget(name=name, inspection=inspected()) for name in names)
    path.write_text(comparison_html(Comparison(candidates=nine, seconds=2), MADE), encoding="utf-8")
    browser.open(path.as_uri())
    lines = browser.value(LINES)
    assert {"runs something", *names} <= {text for text, _ in lines}
    assert [text for text, number in lines if len(text) <= 20 and number > 1] == []
    assert [text for text, number in lines if len(text) > 60 and number == 1] == []
    assert browser.value("document.documentElement.scrollWidth <= window.innerWidth")


SCROLLS = """Array.from(document.querySelectorAll('.scroll')).filter(e => e.scrollWidth > e.clientWidth)"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 800, 1400])
def test_nothing_is_cut_and_what_is_wider_than_the_window_scrolls_and_shows_it(
    browser: Browser, tmp_path: Path, width: int, scheme: str
) -> None:
    path = tmp_path / "five.html"
    five = tuple(ComparedTarget(name=f"candidate-{number}", inspection=inspected()) for number in range(5))
    path.write_text(comparison_html(Comparison(candidates=five, seconds=2), MADE), encoding="utf-8")
    browser.resize(width)
    browser.open(path.as_uri(), scheme=scheme)
    assert browser.value("document.documentElement.scrollWidth <= window.innerWidth")
    assert width > 500 or browser.value(f"{SCROLLS}.length") > 0
    assert browser.value(f"{SCROLLS}.every(e => getComputedStyle(e).backgroundImage.split('gradient').length === 5)")
    assert browser.value("Array.from(document.querySelectorAll('section')).every(e => e.scrollWidth <= e.clientWidth)")
    browser.resize(1100)


def test_a_comparison_sorts_too(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "both.html"
    both = (ComparedTarget(name="one", inspection=inspected()), ComparedTarget(name="two", failure="no such package"))
    path.write_text(comparison_html(Comparison(candidates=both, seconds=2), MADE), encoding="utf-8")
    browser.open(path.as_uri())
    first = "document.querySelector('tbody tr').cells[0].textContent"
    assert browser.value(first) == "version"
    browser.click("th:nth-child(1) button")
    assert browser.value(first) == "after purge"
    assert browser.of("Runtime.exceptionThrown", "Log.entryAdded") == []
