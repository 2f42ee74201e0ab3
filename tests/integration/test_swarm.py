"""Trials on a swarm of two engines of our own: the same results as on one, a node that dies, nothing left anywhere."""

from __future__ import annotations

import json
import signal
import time
from typing import TYPE_CHECKING, Any, Final

import pytest
from junitparser import JUnitXml
from msgspec.structs import replace
from tests.integration.running import Program, ended, wait_for
from tests.integration.test_trial import SPECS as TRIALS
from tests.lab.images import LABS
from tests.matrix import FULL, first, rows
from tests.storm.swarm import missing, swarm

from sandbox.distros.lookup import find_target
from sandbox.engine import labels
from sandbox.managers.apt import driver as apt
from sandbox.provision.network import HostNetwork
from sandbox.provision.plan import Terms, plan_for
from sandbox.provision.steps import Step
from sandbox.specs.model import FileCheck, RunCheck, Spec, TextMatch
from sandbox.trials.jobs.log_parser import parse_log
from sandbox.trials.jobs.script import script_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from subprocess import Popen

    from tests.storm.swarm import Node

ALPINE: Final = "sandbox-lab/apk"
DEBIAN: Final = "sandbox-lab/apt-bookworm"
ROWS: Final = f'alpine: {{image: "{ALPINE}"}}\ndebian: {{image: "{DEBIAN}"}}\n'
ONLY_HERE: Final = "sandbox-test/only-here"
EVERYWHERE: Final = ("-d", "alpine,debian:bookworm")
INSTALLED: Final = "(dpkg-query -W; apk list -I) 2>/dev/null | grep lab- | sort"
SPECS: Final = {
    **TRIALS,
    "versions": f'packages: [lab-tool]\nchecks:\n  - run: "{INSTALLED}; exit 1"\n',
    "slow": "packages: [lab-tool]\nchecks:\n  - run: sleep 5\n  - run: labtool\n    stdout: {contains: '2.0'}\n",
}
SHELLS: Final = (("sh",), ("dash",), ("bash",), ("busybox", "ash"))
WITH_A_SHELL_OF_ITS_OWN: Final = ("sandbox-lab/apk", "sandbox-lab/apt-bookworm", "sandbox-lab/dnf5", "sandbox-lab/nix")
"""busybox, dash, bash as sh, and bash without /usr."""

ANY: Final = TextMatch(kind="contains", text="")
CHECKS: Final = (
    RunCheck(run="true"),
    RunCheck(run='printf %s "$WORD"; echo e >&2; exit 3', stdout=ANY, stderr=ANY),
    RunCheck(run="sleep 5", timeout=0.3),
    FileCheck(file="/etc/passwd"),
    FileCheck(file="/nowhere"),
)


@pytest.fixture(scope="module")
def nodes(client: Any) -> Iterator[list[Node]]:
    """Give a manager and a worker."""
    if why := missing():
        pytest.skip(why)
    with swarm(client, (ALPINE, DEBIAN)) as found:
        yield found


@pytest.fixture
def program(nodes: list[Node], tmp_path: Path) -> Program:
    return with_specs(Program(folder=tmp_path, engine=nodes[0].engine.url))


def with_specs(program: Program) -> Program:
    """Return the program with the specs, and the table of the distros that the nodes have."""
    (program.work / "sandboxes").mkdir()
    for name, text in SPECS.items():
        (program.work / "sandboxes" / f"{name}.yaml").write_text(text)
    (program.work / "rows.yaml").write_text(ROWS)
    return program


def ours(node: Node, *, tasks: bool = False) -> list[str]:
    """Return what a node has of any trial: containers in any state, and what it knows as a manager."""
    api, found = node.engine.client.api, {"label": labels.SESSION}
    rows = [row["Id"] for row in api.containers(all=True, filters=found)]
    if api.info()["Swarm"]["ControlAvailable"]:
        kinds = (api.services, api.configs, *((api.tasks,) if tasks else ()))
        rows += [row["ID"] for ask in kinds for row in ask(filters=found)]
    return rows


def runs(node: Node) -> bool:
    return bool(node.engine.client.api.containers(filters={"label": labels.SESSION}))


def begun(program: Program, *words: str) -> Popen[bytes]:
    return program.start("trial", *words, "--on", "swarm", "--distros", "rows.yaml")


def told(text: bytes) -> dict[str, Any]:
    """Return what --json says that does not depend on when and where it ran."""
    keys = ("status", "problem", "details", "checks", "attempts")
    cells = json.loads(text)["cells"]
    for cell in cells:
        cell["checks"] = [{key: check[key] for key in check if key != "seconds"} for check in cell["checks"]]
    return {f"{cell['spec']} on {cell['distro']}": {key: cell[key] for key in keys} for cell in cells}


@FULL
def test_a_node_that_dies_costs_no_result_and_all_are_what_one_engine_says(nodes: list[Node], program: Program) -> None:
    manager, worker = nodes
    words = ("slow", "versions", *EVERYWHERE, "--json")
    process = begun(program, *words, "--junit", "trials.xml")
    wait_for(lambda: runs(worker))
    time.sleep(1)
    worker.engine.end(signal.SIGKILL)
    status, out, err = ended(process)
    assert ours(manager) == []
    worker.engine.start()
    wait_for(lambda: [*ours(worker), *ours(manager, tasks=True)] == [])
    alone = program.run("trial", *words, "--distros", "rows.yaml")
    assert told(out) == told(alone.stdout), err
    versions = told(out)["versions on alpine"]["checks"][0]["output"]
    assert "lab-tool-2.0" in versions
    moved = [cell["moved"] for cell in json.loads(out)["cells"] if cell["moved"]]
    assert moved
    assert all(f"({worker.ident[:12]})" in name for row in moved for name in row)
    assert (status, alone.returncode) == (6, 6)
    assert b"is down: its tasks of this trial are removed when it is back" in err
    assert JUnitXml.fromfile(str(program.work / "trials.xml")).failures == 2


@pytest.mark.parametrize("number", first([signal.SIGTERM, signal.SIGINT]))
def test_an_interrupted_matrix_leaves_no_service_config_or_container(
    nodes: list[Node], program: Program, number: signal.Signals
) -> None:
    process = begun(program, "slow", *EVERYWHERE)
    wait_for(lambda: any(map(runs, nodes)))
    process.send_signal(number)
    assert ended(process)[0] == 128 + number
    assert [ours(node) for node in nodes] == [[], []]


def test_what_a_killed_client_left_goes_with_the_next_command(nodes: list[Node], program: Program) -> None:
    process = begun(program, "slow", *EVERYWHERE)
    wait_for(lambda: any(map(runs, nodes)))
    process.kill()
    ended(process)
    assert b"would remove service sandbox-" in program.run("clean", "--dry-run").stdout
    assert b"service sandbox-" in program.run("clean").stdout
    wait_for(lambda: [ours(node) for node in nodes] == [[], []])


def test_an_image_that_one_node_lacks_keeps_the_cell_to_the_others(nodes: list[Node], program: Program) -> None:
    nodes[0].engine.client.images.get(ALPINE).tag(ONLY_HERE)
    (program.work / "rows.yaml").write_text(f'alpine: {{image: "{ONLY_HERE}"}}\n')
    words = ("good", "missing", "versions", "-d", "alpine", "--json", "--on", "swarm", "--distros", "rows.yaml")
    done = program.run("trial", *words)
    assert [cell["status"] for cell in json.loads(done.stdout)["cells"]] == ["passed", "error", "failed"], done.stderr
    places = {cell["engine"] for cell in json.loads(done.stdout)["cells"]}
    assert places == {f"swarm node {nodes[0].engine.client.info()['Name']} ({nodes[0].ident[:12]})"}
    assert f"({nodes[1].ident[:12]}) has no image {ONLY_HERE} and can't pull it".encode() in done.stderr


def test_the_next_step_goes_to_the_manager_that_was_asked(nodes: list[Node], program: Program) -> None:
    where = ("--distros", "rows.yaml", "--engine", nodes[0].engine.url)
    done = program.run("trial", "missing", "-d", "alpine", "--on", "swarm", *where, SANDBOX_ENGINE="unix:///nowhere")
    assert done.returncode == 6, done.stderr
    assert f"next       sandbox trial missing --distro alpine {' '.join(where)} --shell-on-fail".encode() in done.stdout
    assert b"    nearest: sandbox search lab-nope --distro alpine" in done.stdout


def test_what_a_swarm_can_not_enforce_is_refused_by_name(program: Program) -> None:
    words = ("good", "-d", "alpine", "--on", "swarm", "--distros", "rows.yaml")
    for option in ("--hardened", "--twice", "--jobs=2"):
        done = program.run("trial", *words, option)
        assert done.returncode == 2
        assert option.partition("=")[0].encode() in done.stderr


def test_an_engine_that_manages_no_swarm_says_so(tmp_path: Path, engine_url: str) -> None:
    done = with_specs(Program(folder=tmp_path, engine=engine_url)).run("trial", "good", "--on", "swarm", "-d", "alpine")
    assert done.returncode == 3
    assert b"this engine is not a manager of a swarm" in done.stderr


IMAGES: Final = rows((lab.reference for lab in LABS), lambda name: name.startswith(WITH_A_SHELL_OF_ITS_OWN))


@pytest.mark.parametrize("image", IMAGES)
def test_a_script_says_the_same_in_every_shell_of_every_distro(client: Any, image: str) -> None:
    plan = plan_for(Spec(checks=CHECKS), find_target("debian:bookworm"), apt, Terms())
    steps = (Step(kind="setup", title="x", argv=("sh", "-c", "cat; echo oops >&2"), stdin=b"a'b\n" * 5000),)
    script = script_for(
        replace(plan, steps=steps), env={"WORD": "it's"}, network=HostNetwork(), mark="5ecret", limit=20
    )
    box = client.containers.run(
        image, ["sleep", "100"], entrypoint="", detach=True, labels={labels.KIND: "test-service"}, network_mode="none"
    )
    try:
        tried = set()
        for shell in SHELLS:
            path = box.exec_run(["sh", "-c", 'readlink -f "$(command -v "$1")" 2>/dev/null', "sh", shell[0]]).output
            if path in tried or not path.strip():
                continue
            tried.add(path)
            status, (out, _) = box.exec_run([*shell, *script.argv[1:]], demux=True)
            found = parse_log(out, script)
            assert (status, found.whole, found.wrong) == (0, True, ""), (shell, out)
            assert [row.status for row in found.ran] in ([0, 0, 3, 124, 0, 1], [0, 0, 3, 143, 0, 1]), shell  # busybox
            assert found.ran[0].stdout.endswith("a'b\noops")
            assert (found.ran[2].stdout, found.ran[2].stderr) == ("it's", "e")
        assert tried
    finally:
        box.remove(force=True)
