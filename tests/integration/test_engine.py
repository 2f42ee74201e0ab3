"""The engine's contract: what is relied on of whatever answers, Docker or Podman (`make podman` runs it there).

What an engine in memory promises, too, stands in tests/contract/engine_claims.py; what only a kernel, a builder, a
registry or a real first process shows is here.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace
from tests.contract.engine_claims import MINE, OWN, EngineClaims, found, wait_for

from sandbox.container.box import ROOT, Box, Outcome
from sandbox.engine.discover import find_engine
from sandbox.engine.docker.connect import connect
from sandbox.engine.protocol import BuildRequest, ContainerSpec, ExecSpec
from sandbox.errors import Conflict, EngineError, PullFailed, StepFailed
from sandbox.specs.model import Mount

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.engine.docker.client import DockerEngine


def done(engine: DockerEngine, box: str, text: str, user: str = ROOT) -> Outcome:
    return Box(engine, box).exec(("sh", "-c", text), user=user)


class TestEngine(EngineClaims):
    @pytest.fixture
    def has_volume(self, client: Any) -> Callable[[str, str], Callable[[], bool]]:
        def ask(ident: str, path: str) -> Callable[[], bool]:
            (name,) = [
                row["Name"] for row in client.api.inspect_container(ident)["Mounts"] if row["Destination"] == path
            ]
            return lambda: name in {volume.name for volume in client.volumes.list()}

        return ask

    def test_it_has_what_it_was_given_and_no_more(self, engine: DockerEngine, box: str) -> None:
        said = done(
            engine, box, 'hostname; echo "$GIVEN"; df -k /scratch | tail -1; id -u; tr "\\0" " " </proc/1/cmdline'
        )
        lines = said.stdout.splitlines()
        assert lines[:2] == ["contract", "a b=c"]
        assert lines[2].split()[1] == "1024"
        assert lines[3] == "0"
        lacks = engine.about().lacks
        memory = done(
            engine, box, "cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null"
        )
        pids = done(engine, box, "cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max 2>/dev/null")
        limits = (int(memory.stdout or 0) // 4096, pids.stdout.strip())
        # what a rootless engine without cgroups can't limit, it says; doctor and `try` do
        assert (limits == (300_000_000 // 4096, "77")) == ({"memory", "pids"}.isdisjoint(lacks))

    def test_a_terminal_has_a_size_and_its_bytes_as_they_are(self, engine: DockerEngine, box: str) -> None:
        process = engine.open(
            box, ExecSpec(argv=("sh", "-c", "read x; stty size; printf 'a\\377b'"), tty=True, stdin=True)
        )
        process.resize(33, 99)
        process.stream.sendall(b"\r")
        seen = b""
        while data := process.stream.recv(4096):
            seen += data
        assert b"33 99\r\n" in seen
        assert seen.endswith(b"a\xffb")
        assert process.status() == 0
        process.resize(1, 1)
        process.stream.close()

    def test_a_command_that_ends_before_it_has_read_its_input_says_why(self, engine: DockerEngine, box: str) -> None:
        run, unread = Box(engine, box), b"x" * 10_000_000
        ended = run.exec(("sh", "-c", "echo gone; exit 3"), stdin=unread)
        assert (ended.status, ended.output) == (3, "gone")
        # opened ahead, it has ended when its turn comes: its last argument is longer than Linux takes
        spec = ExecSpec(argv=("echo", "x" * 140_000), stdin=True)
        waiting = run.open_ahead(spec)
        while waiting.status() is None:
            time.sleep(0.01)
        ended = run.exec(spec.argv, stdin=unread, ahead=waiting)
        assert ended.status
        assert "too long" in ended.output

    def test_an_image_has_the_same_size_in_a_list_and_by_itself(self, engine: DockerEngine, base: str) -> None:
        image = engine.image(base)
        assert image is not None
        assert [row.size for row in engine.images() if row.id == image.id] == [image.size]

    def test_a_label_of_two_lines_is_kept_or_refused_and_then_no_image_is_left(
        self, engine: DockerEngine, box: str
    ) -> None:
        given = {**dict.fromkeys(OWN, ""), f"{MINE}.lines": "a\nb"}
        try:
            assert engine.commit(box, reference="sandbox-test/lines:1", labels=given).labels[f"{MINE}.lines"] == "a\nb"
            assert engine.remove_image("sandbox-test/lines:1")
        except EngineError:
            assert engine.title.startswith("podman 4")
        assert engine.image("sandbox-test/lines:1") is None

    def test_a_build_is_labelled_in_all_its_parts_and_its_failures_are_told(
        self, engine: DockerEngine, base: str, tmp_path: Path
    ) -> None:
        def built(text: str) -> str:
            file = tmp_path / "Dockerfile"
            file.write_text(text)
            asked = BuildRequest(
                dockerfile=str(file),
                reference="sandbox-test/build:1",
                labels={MINE: "build"},
                arguments={"WORD": "argued"},
            )
            return engine.build(asked, lines.append).id

        lines: list[str] = []
        (tmp_path / "file").write_text("from the folder\n")
        try:
            copies = "COPY . /all\nRUN ls -A /all | grep -v -x -e file -e Dockerfile; echo $TARGETARCH"
            words = "ARG WORD\nARG TARGETARCH\nCOPY file /file\nRUN echo $WORD; cat /file"
            ident = built(f"FROM {base}\n{words}\n{copies}\n")
            assert ident in [row.id for row in engine.images([f"{MINE}=build"])]
            said = {line.strip() for line in lines}
            assert {"argued", "from the folder", engine.platform.split("/")[1]} <= said
            assert not said & {".sandbox.Dockerfile", ".dockerignore"}
            with pytest.raises(StepFailed, match="the Dockerfile could not be built"):
                built(f"FROM {base}\nRUN echo before; exit 3\n")
            with pytest.raises(PullFailed):
                built("FROM 127.0.0.1:1/no/such:1\n")
        finally:
            for _ in range(3):  # a stage goes once what was made of it has gone
                for row in engine.images([f"{MINE}=build"]):
                    with contextlib.suppress(Conflict):
                        engine.remove_image(row.id)
                for left in engine.containers([f"{MINE}=build"]):
                    engine.remove(left.id)
        assert engine.images([f"{MINE}=build"]) == ()

    def test_a_registry_that_is_not_there_is_a_failed_pull(self, engine: DockerEngine) -> None:
        with pytest.raises(PullFailed):
            engine.pull("127.0.0.1:1/no/such:1", lambda _: None)

    def test_its_own_end_is_in_its_output(
        self, engine: DockerEngine, spec: ContainerSpec, stack: contextlib.ExitStack
    ) -> None:
        argv = ("sh", "-c", "trap 'echo ended; exit 0' TERM; echo one; echo two; while :; do sleep 0.1; done")
        ident = engine.create(replace(spec, argv=argv, auto_remove=False))
        stack.callback(engine.attach(ident).close)
        engine.start(ident)
        wait_for(lambda: b"two" in b"".join(engine.logs(ident, follow=False)))
        engine.stop(ident, limit=10)
        assert b"one\ntwo\nended\n" in b"".join(engine.logs(ident, follow=True))

    def test_one_that_does_not_want_to_stop_is_killed(
        self, engine: DockerEngine, spec: ContainerSpec, stack: contextlib.ExitStack
    ) -> None:
        ident = engine.create(replace(spec, argv=("sh", "-c", "trap '' TERM; sleep 600"), auto_remove=False))
        stack.callback(engine.attach(ident).close)
        engine.start(ident)
        engine.stop(ident, limit=1)
        assert found(engine, ident).state == "exited"

    def test_without_a_network_it_has_its_loopback_alone_and_a_network_can_be_cut(
        self, engine: DockerEngine, spec: ContainerSpec, stack: contextlib.ExitStack, box: str
    ) -> None:
        other = engine.create(replace(spec, name=f"{spec.name}-cut", network="none"))
        stack.callback(engine.attach(other).close)
        engine.start(other)
        look = "tail -n +3 /proc/net/dev | grep -v lo: | wc -l"
        assert (done(engine, other, look).stdout.strip(), done(engine, box, look).stdout.strip()) == ("0", "1")
        engine.disconnect(box)
        assert done(engine, box, look).stdout.strip() == "0"

    def test_a_mount_is_read_only(self, engine: DockerEngine, spec: ContainerSpec, stack: contextlib.ExitStack) -> None:
        top = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        top.chmod(0o755)  # the user of a rootless engine may read it
        names = ("plain", "a:b", "c,src=", 'q"q', "e f")
        for name in names:
            (top / name).mkdir()
            (top / name / "file").write_text(f"the host's {name}\n")
        mounts = tuple(Mount(source=str(top / name), target=f"/mounted/{name}") for name in names)
        ident = engine.create(replace(spec, mounts=mounts))
        stack.callback(engine.attach(ident).close)
        engine.start(ident)
        outcome = done(engine, ident, 'for f in /mounted/*; do cat "$f/file"; echo x >"$f/file"; done')
        assert sorted(outcome.stdout.splitlines()) == sorted(f"the host's {name}" for name in names)
        assert outcome.stderr.count("Read-only") == len(names)

    def test_capabilities_and_privileges_are_those_asked_for(
        self, engine: DockerEngine, spec: ContainerSpec, stack: contextlib.ExitStack
    ) -> None:
        asked = replace(spec, cap_drop=("ALL",), cap_add=("CHOWN",), security_opt=("no-new-privileges",))
        ident = engine.create(asked)
        stack.callback(engine.attach(ident).close)
        engine.start(ident)
        said = done(
            engine, ident, "grep -E '^(CapBnd|CapEff|NoNewPrivs)' /proc/1/status; touch /tmp/f; chown 1 /tmp/f; echo $?"
        )
        rows = dict(line.split(":\t") for line in said.stdout.splitlines() if ":" in line)
        assert {int(rows["CapBnd"], 16), int(rows["CapEff"], 16)} == {1}
        assert rows["NoNewPrivs"] == "1"
        assert said.stdout.splitlines()[-1] == "0"


@pytest.mark.full
class TestEngineBySdk(TestEngine):
    """The same claims of the other way to the same engine: what a socket of this host does not need."""

    @pytest.fixture(scope="session")
    @classmethod
    def engine(cls) -> Iterator[DockerEngine]:
        with find_engine(os.environ) as found, connect(found.url, environ=os.environ) as other:
            yield other
