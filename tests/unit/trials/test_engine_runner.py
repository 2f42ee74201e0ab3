"""A matrix on engines: what comes of each cell whatever happens to it, and that nothing of it is left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.fakes import FakeEngine, FakeReporter
from tests.unit.fakes.debian import SURVEY, Debian, debian_engine, recorded
from tests.unit.fakes.host import host_in, request_for

from sandbox.engine import labels
from sandbox.engine.protocol import Image
from sandbox.errors import EngineError, Interrupted, NoEngine
from sandbox.specs.model import Port, PortCheck, RunCheck
from sandbox.trials.engine_runner import EngineRunner, Log, RunOptions, slots_of
from sandbox.trials.results import Cell
from sandbox.trials.runner import MatrixEntry

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.unit.fakes.inside import Inside

    from sandbox.trials.results import CellResult

CHECK = RunCheck(run="htop --version")


class Watching:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.began_at: list[tuple[str, str]] = []
        self.ended: list[CellResult] = []

    def began(self, cell: Cell, where: str) -> None:
        self.began_at.append((cell.spec, where))

    def now(self, cell: Cell, text: str) -> None:
        """Not of interest here."""

    def end(self, result: CellResult) -> None:
        self.ended.append(result)


class Matrix:
    """Cells of one spec on one or more engines."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.host = folder, host_in(folder)
        self.debian = Debian()
        self.engines = [debian_engine(self.debian)]
        self.watcher, self.reporter = Watching(), FakeReporter()

    def run(self, *names: str, options: RunOptions = RunOptions(jobs=1), **given: Any) -> list[CellResult]:  # noqa: B008
        given.setdefault("checks", (CHECK,))
        request = request_for("htop", **given)
        cells = [Cell(spec=name, distro="debian:bookworm") for name in names or ("web",)]
        self.runner = EngineRunner(
            self.host,
            engines={engine.url: (self.connect(engine), 1) for engine in self.engines},
            folder=self.folder,
            log=lambda *_: Log(reporter=self.reporter, line=lambda _: None, close=lambda: None),
            wanted=options,
            pause=0.0,
        )
        try:
            return list(self.runner.run([MatrixEntry(cell=cell, request=request) for cell in cells], self.watcher))
        finally:
            if self.runner.held is None:
                self.runner.close()
                assert [row for engine in self.engines for row in engine.containers_known] == []

    def connect(self, engine: FakeEngine) -> Callable[[], FakeEngine]:
        def make() -> FakeEngine:
            engine.call("connect")
            return engine

        return make


@pytest.fixture
def matrix(tmp_path: Path) -> Matrix:
    return Matrix(tmp_path)


def test_a_cell_whose_checks_hold_passes_and_says_where(matrix: Matrix) -> None:
    [result] = matrix.run()
    assert (result.status, result.engine, result.attempts, result.problem) == ("passed", "unix:///fake.sock", 1, "")
    assert [check.holds for check in result.checks] == [True]
    assert matrix.watcher.ended == [result]


def test_every_cell_has_a_result_in_their_order_and_a_sandbox_of_its_own(matrix: Matrix) -> None:
    results = matrix.run("one", "two", "three", options=RunOptions(jobs=2))
    assert [(result.cell.spec, result.status) for result in results] == [
        (name, "passed") for name in ("one", "two", "three")
    ]
    assert len({spec.name for spec in matrix.engines[0].created}) == 3


@pytest.mark.parametrize(("given", "looks"), [({}, 3), ({"before": ("true",)}, 4)])
def test_a_base_is_looked_at_once_for_all_cells_that_begin_with_it(
    given: dict[str, Any], looks: int, matrix: Matrix
) -> None:
    matrix.run("one", "two", options=RunOptions(jobs=2), **given)
    ran = [spec.argv for spec in matrix.engines[0].ran]
    assert len([argv for argv in ran if any("wc -c" in word for word in argv)]) == looks
    assert len([argv for argv in ran if SURVEY in argv]) == looks - 2  # the others come with the installs


def test_a_check_that_does_not_hold_fails_the_cell(matrix: Matrix) -> None:
    matrix.debian.fails["htop --version"] = (1, b"no terminal\n")
    [result] = matrix.run()
    assert result.status == "failed"
    assert [check.holds for check in result.checks] == [False]


def test_a_failed_cell_has_its_retries_and_the_last_one_counts(matrix: Matrix) -> None:
    tries: list[int] = []

    def mend(_box: Inside) -> None:
        tries.append(1)
        if len(tries) == 2:
            matrix.debian.fails.clear()

    matrix.debian.fails["htop --version"] = (1, b"")
    matrix.debian.on["htop --version"] = mend
    [result] = matrix.run(options=RunOptions(jobs=1, retries=3))
    assert (result.status, result.attempts) == ("passed", 2)


def test_an_install_that_fails_is_an_error_with_its_evidence(matrix: Matrix) -> None:
    matrix.debian.fails["install"] = (100, recorded("2.6-unmet.txt"))
    [result] = matrix.run()
    assert result.status == "error"
    assert result.problem
    assert result.details
    assert not result.checks


@pytest.mark.parametrize("method", ["create", "attach", "start"])
def test_a_sandbox_that_can_not_be_born_costs_its_own_cell(matrix: Matrix, method: str) -> None:
    matrix.engines[0].failing[method] = [EngineError("no room left")]
    first, second = matrix.run("one", "two")
    assert (first.status, first.problem, second.status) == ("error", "no room left", "passed")


def test_a_sandbox_that_dies_costs_its_own_cell_with_the_reason(matrix: Matrix) -> None:
    def die(box: Inside) -> None:
        matrix.debian.on.clear()
        matrix.engines[0].kill(box.ident, signals=(9,))

    matrix.debian.on["htop --version"] = die
    first, second = matrix.run("one", "two")
    assert (first.status, second.status) == ("error", "passed")
    assert "another client of the engine" in first.problem


def test_cells_of_an_engine_that_is_lost_move_to_another_one(matrix: Matrix) -> None:
    other = debian_engine(Debian(), url="unix:///other.sock")
    matrix.engines.append(other)
    gone = NoEngine("the engine went away")

    def lose() -> None:
        matrix.engines[0].failing["connect"] = [gone] * 9

    matrix.engines[0].failing["start"] = [gone]
    lose_at_start(matrix.engines[0], lose)
    results = matrix.run("one", "two", options=RunOptions(jobs=1))
    assert {result.status for result in results} == {"passed"}
    assert {result.engine for result in results} == {other.url}
    assert results[0].moved == ("unix:///fake.sock",)
    assert [warning.brief for warning in matrix.runner.warnings] == [
        "lost the engine at unix:///fake.sock: the engine went away; the engine went away"
    ]


def lose_at_start(engine: FakeEngine, act: Callable[[], object]) -> None:
    """Do something as soon as a container is to be started."""
    plain = engine.call

    def call(name: str) -> None:
        if name == "start":
            act()
        plain(name)

    engine.call = call  # type: ignore[method-assign]


def test_where_no_engine_is_left_each_cell_says_so(matrix: Matrix) -> None:
    engine, gone = matrix.engines[0], NoEngine("the engine went away")
    engine.failing["start"] = [gone]
    lose_at_start(engine, lambda: engine.failing.update(connect=[gone] * 9))
    results = matrix.run("one", "two")
    assert {(result.status, result.problem) for result in results} == {("error", "no engine is left to run it")}
    assert results[0].details[0][0] == "lost"


def test_an_engine_that_answers_again_is_not_lost(matrix: Matrix) -> None:
    engine, gone = matrix.engines[0], NoEngine("the engine went away")
    engine.failing["start"] = [gone]
    lose_at_start(engine, lambda: engine.failing.update(connect=[gone, gone]))
    first, second = matrix.run("one", "two")
    assert (first.status, second.status, matrix.runner.warnings) == ("error", "passed", ())


def test_what_two_runs_hold_that_differs_fails_the_cell(matrix: Matrix) -> None:
    asked: list[int] = []

    def add(box: Inside) -> None:
        asked.append(1)
        if len(asked) == 2:
            matrix.debian.unpack(box, "jq", is_auto=False)

    matrix.debian.on["htop --version"] = add
    [result] = matrix.run(options=RunOptions(jobs=1, twice=True))
    assert result.status == "failed"
    assert any("jq" in line for line in result.differences)


def test_two_runs_that_hold_the_same_pass(matrix: Matrix) -> None:
    [result] = matrix.run(options=RunOptions(jobs=1, twice=True))
    assert (result.status, result.differences, len(matrix.engines[0].created)) == ("passed", (), 2)


def test_the_first_cell_that_fails_is_kept_to_look_at_and_goes_when_it_is_closed(matrix: Matrix) -> None:
    matrix.debian.fails["htop --version"] = (1, b"")
    results = matrix.run("one", "two", options=RunOptions(jobs=1, keep_failed=True))
    assert [result.status for result in results] == ["failed", "failed"]
    assert matrix.runner.held is not None
    assert (matrix.runner.held.entry.cell.spec, matrix.runner.held.launch.box.is_running()) == ("one", True)
    assert len(matrix.engines[0].containers_known) == 1
    matrix.runner.close()
    assert matrix.engines[0].containers_known == []


def test_a_sandbox_that_can_not_be_removed_is_in_the_removals(matrix: Matrix) -> None:
    matrix.debian.on["htop --version"] = lambda _: matrix.engines[0].failing.update(remove=[EngineError("busy")])
    [result] = matrix.run()
    assert result.status == "passed"
    assert [failure.brief for removal in matrix.runner.removals for failure in removal.failures]
    assert matrix.reporter.warnings


def test_an_image_that_a_cell_left_is_in_the_removals_and_the_engine_is_asked_once_for_all(
    matrix: Matrix,
) -> None:
    engine = matrix.engines[0]

    def save(_box: Inside) -> None:
        matrix.debian.on.clear()
        found = {labels.SESSION: engine.created[0].labels[labels.SESSION]}
        engine.images_known.append(Image(id="sha256:1", tags=("somebodys:1",), labels=found))

    matrix.debian.on["htop --version"] = save
    assert {result.status for result in matrix.run("one", "two", "three")} == {"passed"}
    assert [row.name for removal in matrix.runner.removals for row in removal.left] == ["somebodys:1"]
    failures = [failure.brief for removal in matrix.runner.removals for failure in removal.failures]
    assert failures == [f"images of {engine.created[0].name} could not be removed: something uses them"]
    assert (engine.calls.count("connect"), engine.calls.count("images")) == (1, 1)


def test_a_signal_in_a_cell_ends_the_matrix_and_leaves_nothing(matrix: Matrix) -> None:
    def come(_box: Inside) -> None:
        raise Interrupted(15)

    matrix.debian.on["htop --version"] = come
    with pytest.raises(Interrupted):
        matrix.run("one", "two")
    assert matrix.engines[0].containers_known == []


def test_offline_cells_have_no_network_at_their_checks(matrix: Matrix) -> None:
    connected: list[bool] = []
    matrix.debian.on["htop --version"] = lambda box: connected.append(box.is_connected)
    matrix.run(network="offline")
    assert connected == [False]


def test_the_service_of_the_packages_runs_for_a_check_of_its_port(matrix: Matrix) -> None:
    matrix.debian.archive = {**matrix.debian.archive, "htop": matrix.debian.archive["nginx"]}
    matrix.debian.listens = (80,)
    served: list[bool] = []
    matrix.debian.on["wait"] = lambda _: served.append(bool(matrix.debian.serving))
    [result] = matrix.run(checks=(PortCheck(port=80),))
    assert len(result.checks) == 1
    assert any("nginx" in line for line in matrix.debian.asked)
    assert ("service", "nginx") in matrix.reporter.told


def test_a_cell_publishes_no_port_of_the_host(matrix: Matrix) -> None:
    matrix.run(ports=(Port(container=80, published=80),))
    assert matrix.engines[0].created[0].ports == ()


def test_an_engine_is_given_two_more_cells_than_it_has_cores_or_as_many_as_were_asked_for() -> None:
    assert (slots_of(FakeEngine(), None), slots_of(FakeEngine(), 12)) == (3, 12)
