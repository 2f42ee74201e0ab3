"""A matrix on a swarm: what comes of cells as their tasks end, are lost, refused or forged; what is left."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import pytest
from msgspec.structs import replace
from tests.unit.fakes import FakeEngine, FakeReporter

from sandbox import __version__
from sandbox.distros.lookup import find_target
from sandbox.engine import labels
from sandbox.engine.protocol import Image
from sandbox.engine.swarm import Attempt, Node, SwarmObject
from sandbox.errors import Denied, EngineError, PullFailed, UsageError
from sandbox.lifecycle.cleanup import sweep
from sandbox.lifecycle.journal import Journal
from sandbox.lifecycle.owner import current_owner
from sandbox.managers.apt import driver as apt
from sandbox.provision.context import Context
from sandbox.provision.plan import Terms, plan_for
from sandbox.provision.request import TryRequest
from sandbox.specs.model import RunCheck, Spec, TextMatch
from sandbox.specs.privileges import Trust
from sandbox.specs.settings import Settings
from sandbox.trials.engine_runner import Log
from sandbox.trials.jobs.runner import MOST_JOBS
from sandbox.trials.results import Cell
from sandbox.trials.runner import MatrixEntry
from sandbox.trials.swarm.resources import pinned_image
from sandbox.trials.swarm.runner import SwarmRunner

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.engine.swarm import JobSpec
    from sandbox.trials.results import CellResult

IMAGE: Final = "debian:bookworm"
NODES: Final = (Node(id="n1", name="one"), Node(id="n2", name="two"))
AS_EVER: Final = Trust()
CHECK: Final = RunCheck(run="labtool", stdout=TextMatch(kind="equals", text="2.0"))


class Silent:
    """Hears how a matrix goes on."""

    def __init__(self) -> None:
        self.results: list[CellResult] = []

    def began(self, cell: Cell, where: str) -> None: ...

    def now(self, cell: Cell, text: str) -> None: ...

    def end(self, result: CellResult) -> None:
        self.results.append(result)


def log(spec: JobSpec, *ends: tuple[str, int, bytes], last: str = "end") -> bytes:
    """Return what the script of a job says where its commands end like this."""
    lines = []
    for name, status, out in ends:
        sent = [f"o {b64encode(out).decode()}"] if out else []
        lines += [f"ended {name} {status} 1 {len(out)} 0", *sent, f"said {name}"]
    return "".join(f"{spec.argv[-1]} {line}\n" for line in (*lines, last) if line).encode()


@dataclass
class Swarm(FakeEngine):
    """Shows each job's tasks, round by round: what `play` gives for the number of the job and of the round."""

    script: dict[int, list[list[Attempt]]] = field(default_factory=dict)
    rounds: dict[str, int] = field(default_factory=dict)
    log_of: dict[int, bytes | EngineError] = field(default_factory=dict)
    ends: tuple[tuple[str, int, bytes], ...] = (("c1", 0, b"2.0"),)

    def attempts(self, labels: object) -> tuple[Attempt, ...]:  # noqa: ARG002
        found: list[Attempt] = []
        for number, spec in enumerate(self.jobs_created, 1):
            if not any(row.name == spec.name for row in self.on_swarm):
                continue
            shown = self.script.get(number, [[task("complete")]])
            tasks = shown[min(self.rounds.get(spec.name, 0), len(shown) - 1)]
            self.rounds[spec.name] = self.rounds.get(spec.name, 0) + 1
            found += [replace(one, job=f"id-of-{spec.name}", id=f"{number}") for one in tasks]
        return tuple(found)

    def attempt_log(self, attempt: str, *, limit: int) -> bytes:
        number = int(attempt)
        found = self.log_of.get(number, log(self.jobs_created[number - 1], *self.ends))
        if isinstance(found, EngineError):
            raise found
        return found[:limit]


def task(phase: str, node: str = "n1", *, problem: str = "", lacks_image: bool = False) -> Attempt:
    return Attempt(
        id="",
        job="",
        phase=phase,  # type: ignore[arg-type]  # a word of the tests
        state=phase,
        node=node,
        problem=problem,
        lacks_image=lacks_image,
    )


@dataclass
class Run:
    """A matrix of one spec, checked once, on a fake swarm."""

    engine: Swarm
    host: Context
    folder: Path
    watcher: Silent = field(default_factory=Silent)
    packages: tuple[str, ...] = ()

    def entries(self, names: tuple[str, ...], trust: Trust) -> list[MatrixEntry]:
        spec = Spec(packages=self.packages, checks=(CHECK,))
        plan = plan_for(spec, find_target("debian:bookworm"), apt, Terms())
        request = TryRequest(spec=spec, planned=lambda _: plan, plan=plan, trust=trust)
        return [MatrixEntry(cell=Cell(spec=name, distro="debian:bookworm"), request=request) for name in names]

    def __call__(self, *names: str, retries: int = 0, trust: Trust = AS_EVER) -> list[CellResult]:
        def made(path: Path, now: object) -> Log:  # noqa: ARG001
            return Log(reporter=FakeReporter(), line=lambda _: None, close=lambda: None)

        runner = SwarmRunner(
            self.host,
            connect=lambda: self.engine,
            folder=self.folder,
            log=made,
            retries=retries,
            poll=0.0,
            patience=0.0,
        )
        entries = self.entries(names or ("good",), trust)
        runner.check(entries)
        try:
            return list(runner.run(entries, self.watcher))
        finally:
            runner.close()
            self.removals, self.warnings = runner.removals, [error.brief for error in runner.warnings]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    host = Context(
        environ={"SSL_CERT_FILE": str(tmp_path / "ca.pem")},
        owner=current_owner(),
        settings=Settings(),
        journal=Journal(None),
        state_folder=tmp_path,
        version=__version__,
    )
    (tmp_path / "ca.pem").write_bytes(b"PEM" * 100_000)
    engine = Swarm(images_known=[Image(id="sha256:x", tags=(IMAGE,), size=1)], nodes_known=list(NODES))
    return Run(engine=engine, host=host, folder=tmp_path)


def test_a_cell_whose_checks_hold_passes_and_nothing_is_left(run: Run) -> None:
    [result] = run()
    assert (result.status, result.engine, result.moved) == ("passed", "swarm node one (n1)", ())
    assert run.engine.on_swarm == []
    assert run.removals[0].left == ()


def test_every_object_is_ours_by_its_labels_and_certificates_come_as_one_config(run: Run) -> None:
    seen: list[tuple[str, str]] = []
    created = run.engine.create_config

    def create_config(name: str, content: bytes, labels: dict[str, str]) -> str:
        seen.append((name, content[:3].decode()))
        assert labels["org.sandbox-try.kind"] == "job"
        return created(name, content, labels)

    run.engine.create_config = create_config  # type: ignore[method-assign,assignment]
    run("good", "other")
    assert len(seen) == 1
    first, second = run.engine.jobs_created
    assert first.labels["org.sandbox-try.session"] == second.labels["org.sandbox-try.session"]
    assert first.files == second.files
    assert first.files[0].path == "/dev/sandbox/ca.pem"
    assert sum(map(len, first.argv)) < 10_000


def test_a_cell_whose_node_dies_is_run_again_and_says_from_where(run: Run) -> None:
    run.engine.script[1] = [
        [task("running")],
        [task("lost"), task("running", "n2")],
        [task("lost"), task("complete", "n2")],
    ]
    [result] = run()
    assert (result.status, result.engine) == ("passed", "swarm node two (n2)")
    assert (result.moved, result.attempts) == (("node one (n1)",), 1)


def test_a_result_that_died_with_its_node_is_had_anew(run: Run) -> None:
    run.engine.log_of[1] = EngineError("out of reach")
    [result] = run()
    assert (result.status, result.moved, len(run.engine.jobs_created)) == ("passed", ("node one (n1)",), 2)


def test_results_that_are_lost_again_and_again_are_an_error_at_last(run: Run) -> None:
    run.engine.log_of = dict.fromkeys(range(1, 9), EngineError("out of reach"))
    [result] = run()
    assert (result.status, len(run.engine.jobs_created)) == ("error", MOST_JOBS)
    assert result.problem == "could not get its result: out of reach"


def test_what_fails_at_one_cell_costs_no_other_its_result(run: Run) -> None:
    run.engine.script[1] = [[task("running")], [task("failed", lacks_image=True)]]
    asked = run.engine.nodes
    answers: list[EngineError | None] = [None, EngineError("silent"), EngineError("silent")]

    def nodes() -> tuple[Node, ...]:
        error = answers.pop(0) if answers else None
        if error is not None:
            raise error
        return asked()

    run.engine.nodes = nodes  # type: ignore[method-assign]
    assert [result.status for result in run("one", "two", "three")] == ["passed"] * 3
    assert sorted(result.cell.spec for result in run.watcher.results) == ["one", "three", "two"]


def test_a_job_that_may_not_be_created_is_not_asked_for_again(run: Run) -> None:
    def create_job(spec: JobSpec) -> str:
        run.engine.jobs_created.append(spec)
        raise Denied("you may not do that")

    run.engine.create_job = create_job  # type: ignore[method-assign]
    [result] = run()
    assert (result.status, result.problem) == ("error", "you may not do that")
    assert len(run.engine.jobs_created) == 1


def test_a_node_without_the_image_is_left_out(run: Run) -> None:
    run.engine.script[1] = [[task("failed", "n2", lacks_image=True), task("waiting", "n2")]]
    [result] = run()
    assert (result.status, run.engine.jobs_created[1].avoid) == ("passed", ("n2",))
    assert run.warnings == [f"node two (n2) has no image {IMAGE} and can't pull it"]


def test_where_no_node_has_the_image_that_is_said(run: Run) -> None:
    run.engine.script = {n: [[task("failed", f"n{n}", problem="No such image", lacks_image=True)]] for n in (1, 2)}
    [result] = run()
    assert (result.status, result.problem) == ("error", f"no node of the swarm has the image {IMAGE} or can pull it")


def test_a_check_that_does_not_hold_fails_and_is_tried_again_only_where_asked(run: Run) -> None:
    [result] = run(retries=1)
    assert (result.status, result.attempts) == ("passed", 1)
    run.engine.jobs_created.clear()
    run.engine.log_of = {}
    bad = run.engine.attempt_log

    def attempt_log(attempt: str, *, limit: int) -> bytes:
        spec = run.engine.jobs_created[int(attempt) - 1]
        return log(spec, ("c1", 0, b"1.0")) if attempt == "1" else bad(attempt, limit=limit)

    run.engine.attempt_log = attempt_log  # type: ignore[method-assign]
    [result] = run(retries=1)
    assert (result.status, result.attempts) == ("passed", 2)
    run.engine.jobs_created.clear()
    [result] = run()
    assert (result.status, result.reason) == (
        "failed",
        "check 1: labtool: stdout is '1.0', expected text that equals '2.0'",
    )


def said(run: Run, *ends: tuple[str, int, bytes], last: str = "end") -> CellResult:
    """Return the result of a cell whose script said this."""

    def attempt_log(attempt: str, *, limit: int) -> bytes:
        return log(run.engine.jobs_created[int(attempt) - 1], *ends, last=last)[:limit]

    run.engine.attempt_log = attempt_log  # type: ignore[method-assign]
    [result] = run()
    return result


def test_an_end_without_the_checks_is_no_pass(run: Run) -> None:
    result = said(run)
    assert (result.status, result.problem) == (
        "error",
        "its log was not written by its script: unexpected line: end",
    )


def test_a_script_that_was_killed_or_cut_off_is_an_error_with_its_reason(run: Run) -> None:
    assert said(run, last="died 137").problem == "its script was killed, with status 137"
    run.engine.jobs_created.clear()
    assert said(run, last="late").problem == "not finished after 1860 s"


def test_an_unknown_package_says_what_to_run_for_the_names_near_it(run: Run) -> None:
    said = b"E: Unable to locate package lab-tol\n"
    run.packages, run.engine.ends = ("lab-tol",), (("s1", 0, b""), ("s2", 100, said))
    [result] = run()
    assert result.problem == "debian bookworm has no package lab-tol"
    assert ("nearest", "sandbox search lab-tol --distro debian:bookworm") in result.details


def test_what_a_swarm_can_not_enforce_is_refused_before_anything_is_made(run: Run) -> None:
    with pytest.raises(UsageError) as caught:
        run("one", "two", trust=Trust(hardened=True))
    assert [label for label, _ in caught.value.details] == ["one: --hardened", "two: --hardened"]
    assert run.engine.jobs_created == []


def test_an_image_that_can_not_be_had_is_its_cell_s_own_error(run: Run) -> None:
    run.engine.images_known.clear()
    run.engine.failing["pull"] = [PullFailed("no such image")] * 9
    [result] = run()
    assert (result.status, result.problem) == ("error", "no such image")
    assert run.engine.jobs_created == []


def test_a_node_that_is_down_at_the_end_is_said_to_hold_something(run: Run) -> None:
    run.engine.nodes_known[0] = Node(id="n1", name="one", is_up=False)
    [result] = run()
    assert result.status == "passed"
    assert [(row.kind, row.id) for row in run.removals[0].left] == [("node", "n1")]
    assert "is down" in run.removals[0].failures[0].brief


def test_what_a_killed_client_left_is_swept_services_first_and_a_live_one_s_stays(run: Run) -> None:
    dead = replace(run.host.owner, started=run.host.owner.started + 1)
    for owner in (dead, run.host.owner):
        found = labels.session_labels(owner, session="s", name="x", version="1", kind="job")
        run.engine.create_config(f"c{owner.started}", b"", found)
        run.engine.on_swarm.append(SwarmObject(kind="service", id=f"s{owner.started}", name="x", labels=found))
    assert [row.kind for row in sweep(run.engine, run.host.owner)] == ["service", "config"]
    assert {row.labels[labels.OWNER].split(":")[1] for row in run.engine.on_swarm} == {str(run.host.owner.started)}


def test_every_node_runs_the_same_image_where_a_registry_has_it() -> None:
    image = Image(id="sha256:x", tags=(IMAGE,), size=1, digests=("debian@sha256:abc",))
    assert pinned_image(IMAGE, image) == f"{IMAGE}@sha256:abc"
    assert pinned_image(f"{IMAGE}@sha256:abc", image) == f"{IMAGE}@sha256:abc"
    assert pinned_image(IMAGE, replace(image, digests=())) == IMAGE
    assert pinned_image(IMAGE, replace(image, digests=("mirror.example/debian@sha256:abc",))) == IMAGE
