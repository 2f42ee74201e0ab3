"""The page that says what is done with package files and repositories: each row is of a test that is there."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
from tests.integration import test_local_packages, test_spec_repositories

PAGE: Final = Path(__file__).parents[2] / "docs/evidence/kinds.md"
ROWS: Final = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.read_text().splitlines()
    if line.startswith("| ") and not line.startswith(("| kind", "| ---"))
]
NAMES: Final = {
    "languages": "test_wheels_and_npm_tarballs_are_tried_inspected_locked_bundled_promoted_and_proven",
    "address": "test_an_address_is_inspected_locked_bundled_promoted_and_proven",
}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]} by {row[1]}")
def test_a_row_is_of_a_test_that_does_all_that_it_says(row: list[str]) -> None:
    does, (place, _, names) = set(row[2:8]), row[8].partition(": ")
    if does == {"no"}:
        assert row[8].startswith("the lab has no")
        return
    assert does == {"yes"}
    for name in filter(None, names.split(", ")):
        if place == "local":
            assert name in test_local_packages.FILES
            assert name in test_local_packages.BUNDLED
        else:
            assert place == "spec"
            assert name in {case.lab for case in test_spec_repositories.CASES}
    if not names:
        assert hasattr(test_local_packages, NAMES[place])


def test_the_page_has_all_rows_of_the_tests() -> None:
    named = {name for row in ROWS for name in row[8].partition(": ")[2].split(", ") if name}
    assert named == {*test_local_packages.FILES, *(case.lab for case in test_spec_repositories.CASES)}
    assert len({row[0] for row in ROWS if row[2] == "yes"}) >= 10
