"""A search over several distros: each in its own sandbox, each failure in its own cell, nothing left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.fakes import FakeEngine, FakeReporter

from sandbox import __version__
from sandbox.commands.search import Search, SearchRequest, SearchResult, targets_here
from sandbox.core.signals import Guard
from sandbox.distros.lookup import find_target
from sandbox.distros.registry import DISTROS
from sandbox.engine import labels
from sandbox.engine.protocol import ExecSpec, Image
from sandbox.errors import Advice, EngineError, Interrupted, UsageError
from sandbox.lifecycle.journal import Journal
from sandbox.lifecycle.owner import current_owner
from sandbox.provision.context import Context
from sandbox.specs.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

BOTH = ("debian:bookworm", "debian:trixie")
HTOP = b"Package: htop\nVersion: 3\nDescription: x\n"


def distro(spec: ExecSpec) -> tuple[int, bytes, bytes]:
    if "show" in spec.argv:
        return (0, HTOP, b"") if "htop" in spec.argv else (100, b"", b"")
    return 0, b"htop\n" if "pkgnames" in spec.argv else b"", b""


def offline(spec: ExecSpec) -> tuple[int, bytes, bytes]:
    if "update" in spec.argv:
        return 100, b"", b"something else entirely"
    return distro(spec)


def engine_with(*images: str) -> FakeEngine:
    known = [Image(id=f"sha256:{name}", tags=(name,), size=1) for name in images]
    return FakeEngine(images_known=known, commands=distro)


def search(engine: FakeEngine, text: str, *distros: str, folder: Path, guard: Guard | None = None) -> SearchResult:
    host = Context(
        environ={},
        owner=current_owner(),
        settings=Settings(),
        journal=Journal(None),
        state_folder=folder,
        version=__version__,
    )
    request = SearchRequest(texts=tuple(text.split()), targets=tuple(find_target(name) for name in distros))
    return Search(request, host, engine=engine, reporter=FakeReporter(), guard=guard or Guard()).run()


def test_several_names_are_asked_of_one_sandbox_a_distro_and_each_must_be_somewhere(tmp_path: Path) -> None:
    engine = engine_with(*BOTH)
    found = search(engine, "htop nothing", *BOTH, folder=tmp_path)
    assert [(cell.asked, cell.distro, bool(cell.hits)) for cell in found.cells] == [
        ("htop", "debian:bookworm", True),
        ("htop", "debian:trixie", True),
        ("nothing", "debian:bookworm", False),
        ("nothing", "debian:trixie", False),
    ]
    assert found.status == 4
    assert len(found.removals) == len(BOTH)


def test_every_distro_answers_in_the_order_in_which_it_was_asked_for(tmp_path: Path) -> None:
    engine = engine_with(*BOTH)
    found = search(engine, "htop", *BOTH, folder=tmp_path)
    assert [(cell.distro, cell.hits[0].version) for cell in found.cells] == [(name, "3") for name in BOTH]
    assert found.status == 0


def test_its_sandboxes_live_and_go_as_those_of_any_session(tmp_path: Path) -> None:
    engine = engine_with(*BOTH)
    found = search(engine, "htop", *BOTH, folder=tmp_path)
    assert len(engine.created) == len(found.removals) == 2
    assert all(spec.auto_remove and labels.SESSION in spec.labels for spec in engine.created)
    assert engine.containers_known == []
    assert [removal.left for removal in found.removals] == [(), ()]


def test_an_absent_base_costs_its_own_cell_and_says_how_to_get_it(tmp_path: Path) -> None:
    engine = engine_with(BOTH[0])
    found = search(engine, "htop", *BOTH, folder=tmp_path)
    assert (found.cells[0].problem, found.status) == (None, 0)
    assert found.cells[1].problem == "the engine has no base image of debian trixie"
    assert found.cells[1].next == Advice.sandbox("base", "ensure", "debian:trixie")
    assert len(engine.created) == 1


def test_what_is_nowhere_is_4_and_where_nobody_answers_the_status_is_the_failures(tmp_path: Path) -> None:
    assert search(engine_with(BOTH[0]), "htpo", *BOTH, folder=tmp_path).status == 4
    assert search(engine_with(), "htop", *BOTH, folder=tmp_path).status == 3


def test_a_mirror_that_fails_costs_its_own_cell(tmp_path: Path) -> None:
    engine = engine_with(BOTH[0])
    engine.commands = offline
    [cell] = search(engine, "htop", BOTH[0], folder=tmp_path).cells
    assert (cell.hits, cell.status, engine.containers_known) == ((), 4, [])
    assert "index failed" in (cell.problem or "")


def test_a_container_that_can_not_start_costs_its_own_cell_and_is_removed(tmp_path: Path) -> None:
    engine = engine_with(*BOTH)
    engine.failing["start"] = [EngineError("no room")]
    found = search(engine, "htop", *BOTH, folder=tmp_path)
    assert sorted(cell.problem or "" for cell in found.cells) == ["", "no room"]
    assert engine.containers_known == []


def test_an_interrupted_search_leaves_nothing(tmp_path: Path) -> None:
    engine, guard = engine_with(*BOTH), Guard()
    engine.failing["open"] = [Interrupted(15)]
    with pytest.raises(Interrupted):
        search(engine, "htop", *BOTH, folder=tmp_path, guard=guard)
    assert guard.cleaning
    assert engine.containers_known == []


def test_all_is_every_release_whose_base_is_here() -> None:
    engine = engine_with("sandbox-base/debian:sid", "debian:bookworm", "busybox:latest")
    assert [target.option for target in targets_here(engine, DISTROS)] == ["debian:bookworm", "debian:sid"]
    with pytest.raises(UsageError, match="no base image of any distro"):
        targets_here(engine_with("busybox:latest"), DISTROS)
