"""A Dockerfile of today is built by the real buildx and the engine's BuildKit, and only its cache stays."""

from __future__ import annotations

import os
import re
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.engines import root
from tests.integration.running import Program, ended, owned, wait_for, wait_for_text

from sandbox.core.human import size
from sandbox.engine.buildx import PLUGIN, find_program

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.engine.docker.client import DockerEngine

FOLDER = "usr/libexec/docker/cli-plugins"


@pytest.fixture(scope="module")
def buildx() -> str:
    """Return the machine's own buildx, else that of the root file system of newer engines."""
    found = find_program(os.environ, ())
    if not found and (reason := root.missing()):
        pytest.skip(reason)
    return found or str(root.ensure() / FOLDER / PLUGIN)


@pytest.fixture
def program(tmp_path: Path, engine: DockerEngine, buildx: str) -> Program:
    """Give the program of a user who has that buildx."""
    if engine.title.startswith("podman"):
        pytest.skip("Podman has a builder of its own")
    plugins = tmp_path / "docker" / "cli-plugins"
    plugins.mkdir(parents=True)
    (plugins / PLUGIN).symlink_to(buildx)
    return Program(folder=tmp_path, engine=engine.url, environ={"DOCKER_CONFIG": str(tmp_path / "docker")})


@pytest.fixture(autouse=True)
def new_records(client: Any, engine: DockerEngine) -> Iterator[dict[str, int]]:
    """Give the records of the build cache before; those that a test adds are removed, and no others."""
    before = dict(engine.build_cache())
    yield before

    def are_gone() -> bool:  # one that another stands on, or a build that ends, goes after that
        new = engine.build_cache().keys() - before.keys()
        for ident in new:
            client.api.prune_builds(filters={"id": ident}, all=True)
        return not new

    wait_for(are_gone)


def is_new(engine: DockerEngine) -> bool:
    return tuple(map(int, engine.about().api.split("."))) >= (1, 42)


def test_what_only_buildkit_can_do_is_built_and_the_closing_line_says_what_stays(
    program: Program, engine: DockerEngine, base: str, new_records: dict[str, int]
) -> None:
    fill = f"head -c 3000000 /dev/zero >/made; : {time.time_ns()}"  # or an older run's record would serve
    here = f"RUN <<X\n{fill}\nX\n" if is_new(engine) else f"RUN {fill}\n"
    text = f"FROM {base}\nARG TARGETARCH\n{here}COPY --chmod=640 kept /kept\n"
    text += "RUN --mount=type=cache,target=/c echo $TARGETARCH $(ulimit -Hn) >/said\n"
    (program.work / "Dockerfile").write_text(text)
    (program.work / "kept").write_text("x\n")
    line = "stat -c %a /kept; cat /said; ls -a / | grep -c sandbox.Dockerfile"
    done = program.run("try", "--dockerfile", "Dockerfile", "--", "sh", "-c", line)
    mode, architecture, files, sent = done.stdout.decode().split()
    assert (mode, f"linux/{architecture}", sent) == ("640", engine.platform, "0"), done.stderr
    assert int(files) <= 1 << 19
    assert b"and the built image; nothing else of this session is left" in done.stderr
    new = {ident: more for ident, more in engine.build_cache().items() if ident not in new_records}
    said = re.search(rb"stays .*build cache of the engine, (.*?) \((docker.* builder prune)\)", done.stderr)
    assert said is not None, done.stderr
    assert said[1].decode() == size(sum(new.values()))
    assert sum(new.values()) > 3_000_000


def test_a_step_that_fails_is_said_as_the_classic_builder_says_it(program: Program, base: str) -> None:
    (program.work / "Dockerfile").write_text(f"FROM {base}\nRUN echo first\nRUN echo almost; echo broken >&2; exit 7\n")
    done = program.run("try", "--dockerfile", "Dockerfile")
    assert done.returncode == 4
    assert b"the Dockerfile could not be built" in done.stderr
    assert b"exit 7" in done.stderr
    assert b"broken" in done.stderr
    assert b"first" not in done.stderr


def test_no_trace_builds_without_buildkit_or_refuses(
    program: Program, engine: DockerEngine, base: str, new_records: dict[str, int]
) -> None:
    (program.work / "Dockerfile").write_text(f"FROM {base}\nRUN test $(ulimit -Hn) -le 524288\n")
    done = program.run("try", "--no-trace", "--dockerfile", "Dockerfile", "--", "true")
    assert done.returncode == 0, done.stderr
    (program.work / "Dockerfile").write_text(f"FROM {base}\nRUN --mount=type=cache,target=/c true\n")
    done = program.run("try", "--no-trace", "--dockerfile", "Dockerfile", "--", "true")
    assert done.returncode == 125
    assert b"Dockerfile:2: RUN --mount needs BuildKit, whose cache stays in the engine" in done.stderr
    assert engine.build_cache().keys() <= new_records.keys()


def test_a_reader_of_somebody_else_is_run_only_if_it_is_allowed(program: Program) -> None:
    reader = "127.0.0.1:1/reader:1"
    (program.work / "Dockerfile").write_text(f"# check=skip=all\n# syntax={reader}\nFROM scratch\n")
    done = program.run("try", "--dockerfile", "Dockerfile")
    assert done.returncode == 2
    assert f"{reader}, another image than docker/dockerfile".encode() in done.stderr
    # an engine that does not know the line before it, as Docker 26.1's, reads no further, and pulls none
    (program.work / "Dockerfile").write_text(f"# syntax={reader}\nFROM scratch\n")
    done = program.run("try", "--dockerfile", "Dockerfile", "--allow", "frontend")
    assert done.returncode == 3
    assert f"could not pull {reader}".encode() in done.stderr


def running(text: str) -> set[str]:
    found = set()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found |= {path.parent.name} if text.encode() in path.read_bytes() else set()
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_build_that_is_cut_off_leaves_no_process_no_login_and_no_image(
    program: Program, client: Any, base: str, number: signal.Signals, tmp_path: Path
) -> None:
    (program.work / "Dockerfile").write_text(f"FROM {base}\nRUN echo {os.getpid()}{number}; sleep 30\n")
    process = program.start("try", "--verbose", "--dockerfile", "Dockerfile", TMPDIR=str(tmp_path))
    wait_for_text(process, b"sleep 30", stream="stderr")
    assert running(str(tmp_path / "docker"))
    process.send_signal(number)
    ended(process)
    wait_for(lambda: not running(str(tmp_path / "docker")))
    wait_for(lambda: not list(tmp_path.glob("sandbox-buildx-*")))
    wait_for(lambda: not running(f"echo {os.getpid()}{number}; sleep"))
    assert not owned(client, process.pid)
