"""The list of distros: what has ended, what is here, and what is said without an engine."""

from __future__ import annotations

from sandbox.commands.distros import Listed, distros
from sandbox.distros.lookup import targets_of
from sandbox.distros.merge import merge
from sandbox.distros.registry import DISTROS


def listed(*tags: str, today: str = "2026-11-24") -> dict[str, Listed]:
    return {f"{row.distro}:{row.release}": row for row in distros(targets_of(None), today=today, tags=tags)}


def test_every_release_has_a_line() -> None:
    assert len(listed()) == sum(len(row.releases) for row in DISTROS)


def test_a_release_has_ended_the_day_after_its_last() -> None:
    assert listed(today="2026-09-01")["debian:bullseye"].has_ended
    assert not listed(today="2026-08-31")["debian:bullseye"].has_ended
    assert not listed()["debian:sid"].has_ended


def test_what_is_here_is_told_by_its_name() -> None:
    found = listed("debian:bookworm", "sandbox-base/void:rolling", "x/debian:trixie")
    assert found["debian:bookworm"].here == "present"
    assert found["void:rolling"].here == "made here"
    assert found["debian:trixie"].here == "to pull"
    assert found["wolfi:rolling"].here == "no public image"


def test_without_an_engine_only_what_no_engine_can_pull_is_told() -> None:
    found = {row.distro: row.here for row in distros(targets_of(None), today="2026-11-24", tags=None)}
    assert (found["debian"], found["void"]) == ("not asked", "no public image")


def test_a_row_of_the_user_is_told_to_be_one() -> None:
    rows = merge(DISTROS, b"debian: {title: Mine}\n", source="x")
    found = distros(targets_of(None, rows), today="2026-11-24", tags=None)
    assert {row.support for row in found if row.distro == "debian"} == {"yours"}
