"""A base is pulled from a real registry: progress by bytes, causes by name, and what we pulled is known as ours."""

from __future__ import annotations

import base64
import json
import os
import signal
from itertools import product
from typing import TYPE_CHECKING, Final

import pytest
from tests.integration.engine_proxy import CREATE, EXEC, PULL, EngineProxy
from tests.integration.registry_proxy import RegistryProxy
from tests.integration.running import LONG, Program, ended, wait_for, wait_for_text
from tests.matrix import FULL, first, rows

from sandbox.commands.clean import clean
from sandbox.engine.discover import find_engine
from sandbox.engine.references import own_digest
from sandbox.errors import PullFailed
from sandbox.lifecycle import pulled_images
from sandbox.lifecycle.journal import Journal
from sandbox.lifecycle.owner import current_owner
from sandbox.provision.base_image import pull_and_record
from sandbox.provision.context import Context
from sandbox.specs.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.conftest import Registry

    from sandbox.engine.docker.client import DockerEngine
    from sandbox.engine.protocol import PullProgress


def host_in(folder: Path) -> Context:
    return Context(
        environ=os.environ,
        owner=current_owner(),
        settings=Settings(),
        journal=Journal(None),
        state_folder=folder,
        version="test",
    )


def test_a_pull_is_seen_by_bytes_and_removed_by_clean_images(
    registry: Registry, engine: DockerEngine, tmp_path: Path
) -> None:
    seen: list[PullProgress] = []
    image = pull_and_record(engine, registry.reference(), tmp_path, seen.append)
    assert own_digest(registry.reference(), image.digests) == registry.digest
    assert own_digest("elsewhere.example/tiny:1.0", image.digests) is None
    assert max(progress.total for progress in seen) > 1_000_000
    assert seen[-1].layers == seen[-1].layers_done
    assert pulled_images.records(tmp_path, engine.url) == {registry.reference(): image.id}

    done = clean(engine, host_in(tmp_path), cache=False, images=True, dry_run=False)
    assert [item.name for item in done.items] == [registry.reference()]
    assert engine.image(registry.reference()) is None
    assert pulled_images.records(tmp_path, engine.url) == {}


@pytest.mark.parametrize(
    ("tag", "private", "cause"), [("9.9", False, "does not have this tag"), ("1.0", True, "needs a login")]
)
def test_a_pull_that_fails_names_the_cause_and_leaves_no_note(
    registry: Registry,
    private_registry: Registry,
    engine: DockerEngine,
    tmp_path: Path,
    *,
    tag: str,
    private: bool,
    cause: str,
) -> None:
    reference = (private_registry if private else registry).reference(tag)
    with pytest.raises(PullFailed, match=cause):
        pull_and_record(engine, reference, tmp_path, lambda _: None)
    assert pulled_images.records(tmp_path, engine.url) == {}


def test_a_registry_that_is_not_there_is_no_network(engine: DockerEngine, tmp_path: Path) -> None:
    with pytest.raises(PullFailed, match="the registry can't be reached"):
        pull_and_record(engine, "127.0.0.1:1/lab/tiny:1.0", tmp_path, lambda _: None)


def test_a_layer_that_is_cut_off_in_the_middle_is_fetched_again(
    registry: Registry, engine: DockerEngine, tmp_path: Path
) -> None:
    with RegistryProxy(int(registry.host.rpartition(":")[2]), cuts=1) as proxy:
        reference = registry.reference().replace(registry.host, proxy.host)
        image = pull_and_record(engine, reference, tmp_path, lambda _: None)
        assert (own_digest(reference, image.digests), proxy.made) == (registry.digest, 1)
    clean(engine, host_in(tmp_path), cache=False, images=True, dry_run=False)
    assert engine.image(reference) is None


@pytest.mark.parametrize("kind", ["auth", "helper"])
def test_a_login_of_the_docker_cli_is_the_engines(
    private_registry: Registry, engine_url: str, tmp_path: Path, kind: str
) -> None:
    login = base64.b64encode(f"{private_registry.user}:{private_registry.password}".encode()).decode()
    said = {
        "auth": {"auths": {f"https://{private_registry.host}/v2/": {"auth": login}}},
        "helper": {"credHelpers": {private_registry.host: "lab"}, "credsStore": "missing"},
    }
    answer = {"Username": private_registry.user, "Secret": private_registry.password}
    helper = tmp_path / "docker-credential-lab"
    helper.write_text(f"#!/bin/sh\necho '{json.dumps(answer)}'\n")
    helper.chmod(0o755)
    (tmp_path / "config.json").write_text(json.dumps(said[kind]))
    environ = {"DOCKER_CONFIG": str(tmp_path), "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    with find_engine(environ, chosen=(engine_url, "--engine")) as engine:
        image = engine.pull(private_registry.reference(), lambda _: None)
        assert own_digest(private_registry.reference(), image.digests) == private_registry.digest
        assert engine.login_problem(private_registry.reference()) == ""
        engine.remove_image(private_registry.reference())


ODD: Final = ('{"credsStore": "missing"}', "[]", '{"auths": {"x": 1}, "proxies": 5}')


@pytest.mark.parametrize("text", first(ODD))
def test_a_pull_goes_on_without_a_login_that_can_not_be_had_and_no_library_warns(
    registry: Registry, engine_url: str, tmp_path: Path, text: str
) -> None:
    (tmp_path / "config.json").write_text(text)
    program = Program(folder=tmp_path, engine=engine_url)
    words = ("--image", registry.reference(), *ALPINE, "--no-trace", "-q", "--", "true")
    done = program.run("try", *words, PYTHONDEVMODE="1", PYTHONWARNINGS="always", DOCKER_CONFIG=str(tmp_path))
    assert done.returncode == 0, done.stderr
    lines = done.stderr.decode().splitlines()
    assert [line for line in lines if "arning" in line] == [
        f"warning: pulling {registry.reference()} without a login: {tmp_path}/config.json: {WHY[text]}"
    ]
    assert not any("Traceback" in line for line in lines)


ONE_EACH: Final = ((signal.SIGTERM, PULL), (signal.SIGINT, EXEC))
"""Each signal once, and each moment once."""

WHY: Final = dict(
    zip(
        ODD,
        ("docker-credential-missing is not installed", "it is not a JSON object", "it has invalid values for proxies"),
        strict=True,
    )
)


def without_a_trace(program: Program, registry: Registry, *words: str) -> tuple[str, ...]:
    """Return the words of a trial of the registry's image; a Dockerfile that fails behind it is there, too."""
    (program.work / "Dockerfile").write_text(f"FROM {registry.reference()}\nRUN exit 1\n")
    given = () if "--dockerfile" in words else ("--image", registry.reference())
    return ("try", *given, "--no-trace", *words)


ALPINE = ("--distro", "alpine")
"""Said of the image, in which there is no apk."""


@pytest.mark.parametrize(
    ("words", "status"),
    [
        pytest.param((*ALPINE, "--", "sh", "-c", "exit 3"), 3, id="the command's own end"),
        pytest.param(("--", "true"), 125, id="no distro that is known"),
        pytest.param(("--dockerfile", "Dockerfile", "--", "true"), 125, id="a build that fails"),
        pytest.param((*ALPINE, "no-such-package", "--", "true"), 125, id="no such package", marks=FULL),
        pytest.param((*ALPINE, "--shell", "/no", "--", "/no"), 127, id="no such command", marks=FULL),
        pytest.param((*ALPINE, "--setup", "exit 1", "--", "true"), 125, id="a step that fails", marks=FULL),
        pytest.param((*ALPINE, "--runtime", "no-such", "--", "true"), 125, id="no such runtime", marks=FULL),
    ],
)
def test_a_base_pulled_without_a_trace_goes_however_the_trial_ends(
    registry: Registry, engine: DockerEngine, tmp_path: Path, words: tuple[str, ...], status: int
) -> None:
    program = Program(folder=tmp_path, engine=engine.url)
    done = program.run(*without_a_trace(program, registry, *words))
    assert done.returncode == status, done.stderr
    assert engine.image(registry.reference()) is None
    assert pulled_images.records(program.journal.parent, engine.url) == {}


@pytest.mark.parametrize(
    ("number", "moment"),
    rows(product([signal.SIGINT, signal.SIGTERM], [PULL, EXEC]), lambda row: row in ONE_EACH, several=True),
)
def test_a_base_pulled_without_a_trace_goes_with_a_signal(
    registry: Registry, engine: DockerEngine, tmp_path: Path, moment: str, number: signal.Signals
) -> None:
    with EngineProxy(tmp_path, engine.url) as proxy:
        proxy.hold_answer(moment)
        program = Program(folder=tmp_path, engine=proxy.url)
        process = program.start(*without_a_trace(program, registry, *ALPINE, "--setup", "true", "--", "true"))
        wait_for(lambda: proxy.held.is_set() and engine.image(registry.reference()))
        process.send_signal(number)
        status, _, said = ended(process)
    assert status == 128 + number, said
    assert engine.image(registry.reference()) is None
    assert pulled_images.records(program.journal.parent, proxy.url) == {}


WAITS = (*ALPINE, "-q", "--", "sh", "-c", "echo here; read x; exit 3")


@pytest.mark.parametrize(
    "pulls",
    [pytest.param(True, id="both pull it"), pytest.param(False, id="the second meets it", marks=FULL)],
)
def test_of_two_trials_without_a_trace_the_last_takes_their_base_along(
    registry: Registry, engine: DockerEngine, tmp_path: Path, *, pulls: bool
) -> None:
    with EngineProxy(tmp_path, engine.url) as proxy:
        program = Program(folder=tmp_path, engine=proxy.url)
        words = without_a_trace(program, registry, *WAITS)
        if pulls:
            proxy.hold(PULL)
        first = program.start(*words)
        if not pulls:
            wait_for_text(first, b"here\n")
            proxy.hold(CREATE)
        second = program.start(*words)
        wait_for(lambda: proxy.held.is_set() and len(proxy.waiting) == 1 + pulls)
        if pulls:
            proxy.release()
            wait_for_text(first, b"here\n")
        assert first.communicate(b"go\n", timeout=LONG)[1] == b""
        assert engine.image(registry.reference()) is not None
        proxy.release()
        assert second.communicate(b"go\n", timeout=LONG)[1] == b""
        assert (first.returncode, second.returncode) == (3, 3)
        assert engine.image(registry.reference()) is None
    assert pulled_images.records(program.journal.parent, proxy.url) == {}


def test_a_base_that_is_removed_before_it_is_used_is_pulled_again(
    registry: Registry, engine: DockerEngine, tmp_path: Path
) -> None:
    with EngineProxy(tmp_path, engine.url) as proxy:
        proxy.hold(CREATE)
        program = Program(folder=tmp_path, engine=proxy.url)
        process = program.start(*without_a_trace(program, registry, *WAITS))
        wait_for(proxy.held.is_set)
        assert engine.remove_image(registry.reference())
        proxy.release()
        assert process.communicate(b"go\n", timeout=LONG) == (b"here\n", b"")
        assert process.returncode == 3
    assert engine.image(registry.reference()) is None


def test_a_base_of_a_trial_without_a_trace_that_was_killed_goes_with_the_next_command(
    registry: Registry, engine: DockerEngine, tmp_path: Path
) -> None:
    program = Program(folder=tmp_path, engine=engine.url)
    process = program.start(*without_a_trace(program, registry, *WAITS))
    wait_for_text(process, b"here\n")
    program.run("list")
    assert engine.image(registry.reference()) is not None
    process.kill()
    process.communicate()
    wait_for(lambda: program.run("list").returncode == 0 and engine.image(registry.reference()) is None)
    assert pulled_images.records(program.journal.parent, engine.url) == {}


def test_a_base_that_was_there_before_a_trial_without_a_trace_stays(
    registry: Registry, engine: DockerEngine, tmp_path: Path
) -> None:
    engine.pull(registry.reference(), lambda _: None)
    program = Program(folder=tmp_path, engine=engine.url)
    assert program.run(*without_a_trace(program, registry, *ALPINE, "--", "true")).returncode == 0
    assert program.run(*without_a_trace(program, registry, "--", "true")).returncode == 125
    assert engine.remove_image(registry.reference())
