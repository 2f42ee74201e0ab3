"""The table of names that differ between families, every row against the same claims."""

from __future__ import annotations

from contextlib import suppress

import pytest

from sandbox.errors import UsageError
from sandbox.managers.counterparts import also_known_as, counterparts, family_of
from sandbox.managers.counterparts_table import FAMILIES, ROWS, SOURCES, Family
from sandbox.managers.registry import NAMES, ManagerName, manager_of


def test_no_concept_and_no_set_of_names_stands_twice() -> None:
    assert len({row.concept for row in ROWS}) == len(ROWS)
    assert len({tuple(sorted(row.names.items())) for row in ROWS}) == len(ROWS)


def test_every_family_has_its_source_and_a_manager() -> None:
    assert set(SOURCES) == set(FAMILIES)
    assert {family_of(name) for name in NAMES} >= set(FAMILIES) - {"brew"}, "no distro of ours has Homebrew's names"


def test_a_rows_families_are_known_and_more_than_one() -> None:
    assert [row.concept for row in ROWS if not set(row.names) <= set(FAMILIES) or len(row.names) < 2] == []


def test_no_name_stands_twice_in_a_familys_cell() -> None:
    cells = [names for row in ROWS for names in row.names.values()]
    assert [names for names in cells if not names or len(set(names)) < len(names)] == []


def test_aliases_are_written_as_they_are_compared() -> None:
    assert [alias for row in ROWS for alias in row.aliases if alias != alias.lower() or "/" in alias] == []


def takes(manager: ManagerName, name: str) -> bool:
    with suppress(UsageError):
        ref = manager_of(manager).parse_reference(name)
        return (ref.name, ref.version) == (name, None)
    return False


@pytest.mark.parametrize("manager", NAMES)
def test_names_are_of_their_managers_grammar_but_for_groups_that_not_all_have(manager: ManagerName) -> None:
    names = {name for row in ROWS for name in row.names.get(family_of(manager), ())}
    assert {name for name in names if not takes(manager, name) and name[0] != "@"} == set()
    family = [other for other in NAMES if family_of(other) == family_of(manager)]
    assert {name for name in names if not any(takes(other, name) for other in family)} == set()


@pytest.mark.parametrize("family", FAMILIES)
def test_every_name_leads_to_every_other_family(family: Family) -> None:
    for row in ROWS:
        for name in row.names.get(family, ()):
            for other, names in row.names.items():
                assert set(names) <= set(counterparts(name, family, other))
                assert set(names) - {name} <= set(also_known_as(name, other))
