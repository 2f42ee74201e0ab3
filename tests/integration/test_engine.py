"""The engine's contract: what is relied on of whatever answers, Docker or Podman (`make podman` runs it there)."""

from __future__ import annotations

import contextlib
import io
import os
import tarfile
import time
from typing import TYPE_CHECKING, Final

import pytest
from msgspec.structs import replace
from tests.integration.running import LONG, wait_for

from sandbox.container.box import ROOT, Box, Outcome
from sandbox.core.tar import one_file
from sandbox.engine import labels
from sandbox.engine.frames import Frames
from sandbox.engine.protocol import ContainerSpec, ExecSpec
from sandbox.errors import Conflict, EngineError, NotFound, PullFailed, StepFailed
from sandbox.lifecycle.lifetimes import pid1_argv
from sandbox.specs.model import Limits, Mount, Port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sandbox.engine.docker.client import DockerEngine
    from sandbox.engine.protocol import Container, Exec

MINE: Final = "org.sandbox-try.test"
OWN: Final = {labels.KIND: "test-engine", MINE: str(os.getpid()), "org.sandbox-try.text": "a=b, 'c' \"d\" é"}


@pytest.fixture
def spec(engine: DockerEngine, base: str) -> ContainerSpec:
    """Give a throwaway container of the base, its lifeline PID 1."""
    image = engine.image(base)
    assert image is not None
    return ContainerSpec(
        name=f"engine-{os.urandom(6).hex()}",
        image=image.id,
        argv=pid1_argv("session", None),
        labels=OWN,
        hostname="contract",
        limits=Limits(memory=300_000_000, cpus=1.0, pids=77),
        env={"GIVEN": "a b=c"},
        tmpfs={"/scratch": "size=1m,mode=0755"},
    )


@pytest.fixture
def stack(engine: DockerEngine) -> Iterator[contextlib.ExitStack]:
    """Give what undoes a test, and remove every container that it has made."""
    with contextlib.ExitStack() as found:
        yield found
    for row in engine.containers([f"{MINE}={os.getpid()}"]):
        engine.remove(row.id)


@pytest.fixture
def box(engine: DockerEngine, spec: ContainerSpec, stack: contextlib.ExitStack) -> str:
    """Give a running container that ends with its test."""
    ident = engine.create(spec)
    stack.callback(engine.attach(ident).close)
    engine.start(ident)
    return ident


def done(engine: DockerEngine, box: str, text: str, user: str = ROOT) -> Outcome:
    return Box(engine, box).exec(("sh", "-c", text), user=user)


def output(process: Exec) -> tuple[bytes, bytes]:
    """Return what a command without a terminal wrote, by its streams."""
    frames, seen = Frames(), {False: b"", True: b""}
    while data := process.stream.recv(65536):
        for is_error, piece in frames.feed(data):
            seen[is_error] += bytes(piece)
    return seen[False], seen[True]


def found(engine: DockerEngine, ident: str) -> Container:
    row = engine.container(ident)
    assert row is not None
    return row


def test_it_says_what_it_is(engine: DockerEngine) -> None:
    about = engine.about()
    assert about.name in ("docker", "podman")
    assert about.version[0].isdecimal()
    assert (about.url, about.os) == (engine.url, "linux")
    assert about.memory > 0
    assert about.cpus > 0
    assert engine.platform.startswith("linux/")
    assert engine.title.startswith(f"{about.name} ")
    assert bool(about.differs) == (about.name != "docker")


def test_an_image_is_found_by_name_and_id_and_its_absence_is_none(engine: DockerEngine, base: str) -> None:
    image = engine.image(base)
    assert image is not None
    assert base in {tag.removesuffix(":latest") for tag in image.tags} | set(image.tags)
    again = engine.image(image.id)
    assert again is not None
    assert (again.id, again.platform) == (image.id, engine.platform)
    assert image.size > 1_000_000
    assert engine.image("sandbox-test/no-such:1") is None


def test_a_container_is_found_by_its_labels_in_any_state(
    engine: DockerEngine, spec: ContainerSpec, stack: object
) -> None:
    assert stack
    ident = engine.create(spec)
    for query in ([MINE], [f"{MINE}={os.getpid()}"], [labels.KIND, f"{MINE}={os.getpid()}"]):
        rows = [row for row in engine.containers(query) if row.id == ident]
        assert [(row.name, row.state, row.image) for row in rows] == [(spec.name, "created", spec.image)]
        assert OWN.items() <= dict(rows[0].labels).items()
    assert ident not in [row.id for row in engine.containers([MINE, "org.sandbox-try.no-such"])]
    assert abs(found(engine, spec.name).created - time.time()) < LONG
    assert (engine.remove(ident), engine.remove(ident), engine.container(ident)) == (True, False, None)


def test_a_name_that_is_taken_is_a_conflict(engine: DockerEngine, spec: ContainerSpec, box: str) -> None:
    with pytest.raises(Conflict):
        engine.create(spec)
    assert found(engine, box).state == "running"


def test_it_ends_and_is_removed_when_its_lifeline_closes(
    engine: DockerEngine, spec: ContainerSpec, stack: object
) -> None:
    assert stack
    ident = engine.create(spec)
    lifeline = engine.attach(ident)
    engine.start(ident)
    process = engine.open(ident, ExecSpec(argv=("sleep", "600")))
    lifeline.close()
    wait_for(lambda: engine.container(ident) is None)
    process.stream.close()


def test_it_has_what_it_was_given_and_no_more(engine: DockerEngine, box: str) -> None:
    said = done(engine, box, 'hostname; echo "$GIVEN"; df -k /scratch | tail -1; id -u; tr "\\0" " " </proc/1/cmdline')
    lines = said.stdout.splitlines()
    assert lines[:2] == ["contract", "a b=c"]
    assert lines[2].split()[1] == "1024"
    assert lines[3] == "0"
    memory = done(engine, box, "cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null")
    pids = done(engine, box, "cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max 2>/dev/null")
    assert (int(memory.stdout) // 4096, pids.stdout.strip()) == (300_000_000 // 4096, "77")


def test_a_command_has_its_streams_status_user_folder_and_environment(engine: DockerEngine, box: str) -> None:
    argv = ("sh", "-c", 'cat; echo "$X"; pwd; id -u; echo wrong >&2; exit 7')
    spec = ExecSpec(argv=argv, env={"X": "1 '2'"}, user="65534", workdir="/usr/lib", stdin=True)
    process = engine.open(box, spec)
    process.stream.sendall(b"typed\n")
    process.stream.close_write()
    assert output(process) == (b"typed\n1 '2'\n/usr/lib\n65534\n", b"wrong\n")
    assert process.status() == 7
    process.stream.close()


def test_a_command_that_is_not_there_is_said_and_the_container_goes_on(engine: DockerEngine, box: str) -> None:
    outcome = Box(engine, box).exec(("/no/such",))
    assert outcome.status in (126, 127)
    assert done(engine, box, "echo on").stdout == "on"


def test_a_terminal_has_a_size_and_its_bytes_as_they_are(engine: DockerEngine, box: str) -> None:
    process = engine.open(box, ExecSpec(argv=("sh", "-c", "read x; stty size; printf 'a\\377b'"), tty=True, stdin=True))
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


def test_a_command_that_still_runs_is_a_use_besides_ones_own(engine: DockerEngine, box: str) -> None:
    own = engine.open(box, ExecSpec(argv=("sleep", "0")))
    output(own)
    assert not engine.is_in_use(box, besides=own)
    other = engine.open(box, ExecSpec(argv=("sleep", "600")))
    assert engine.is_in_use(box, besides=own)
    assert not engine.is_in_use(box, besides=other)
    for process in (own, other):
        process.stream.close()


def test_files_are_read_and_stamped_whether_it_runs_or_not(
    engine: DockerEngine, spec: ContainerSpec, stack: contextlib.ExitStack
) -> None:
    ident = engine.create(replace(spec, auto_remove=False))
    for is_running in (False, True):
        if is_running:
            stack.callback(engine.attach(ident).close)
            engine.start(ident)
        content = engine.read_file(ident, "/etc/debian_version", limit=100)
        assert content is not None
        stamp = engine.stamp(ident, "/etc/debian_version")
        assert stamp is not None
        assert (stamp.size, stamp.is_folder) == (len(content), False)
        folder = engine.stamp(ident, "/etc")
        assert folder is not None
        assert folder.is_folder
        assert (engine.read_file(ident, "/no/such", limit=9), engine.stamp(ident, "/no/such")) == (None, None)
        assert engine.read_file(ident, "/etc", limit=1_000_000) is None
        with pytest.raises(EngineError):
            engine.read_file(ident, "/etc/debian_version", limit=1)


def test_a_stamp_changes_with_its_file(engine: DockerEngine, box: str) -> None:
    done(engine, box, "echo 1 >/file")
    before = engine.stamp(box, "/file")
    done(engine, box, "sleep 0.02; echo 2 >/file")
    assert engine.stamp(box, "/file") not in (None, before)


def test_files_go_in_and_come_out(engine: DockerEngine, box: str) -> None:
    engine.copy_in(box, "/opt", [one_file("in", b"x" * 70_000)])
    assert done(engine, box, "wc -c </opt/in; stat -c %u /opt/in").stdout.split() == ["70000", "0"]
    with tarfile.open(fileobj=io.BytesIO(b"".join(engine.copy_out(box, "/opt/in")))) as archive:
        assert [(member.name, member.size) for member in archive] == [("in", 70_000)]
    with pytest.raises(NotFound):
        b"".join(engine.copy_out(box, "/no/such"))
    with pytest.raises(NotFound):
        engine.copy_in(box, "/no/such", [one_file("in", b"")])


def test_all_files_come_out_of_one_that_never_ran(engine: DockerEngine, spec: ContainerSpec, stack: object) -> None:
    assert stack
    ident = engine.create(spec)
    with tarfile.open(fileobj=io.BytesIO(b"".join(engine.export(ident)))) as archive:
        names = {name.removeprefix("./") for name in archive.getnames()}
    assert {"etc/debian_version", "bin"} & names or "usr/bin" in names
    assert "proc/1" not in names


ODD: Final = {
    "blanks": " a  b\tc ",
    "quotes": 'say "hi" \'yo\' "',
    "quoted": '"a"',
    "json": '{"a": [1, "x y"], "b": "\\u00e9 \\\\ \\"q\\""}',
    "backslashes": "a\\b \\n \\",
    "dollars": "$HOME ${PATH} $ $$ `id` $(id)",
    "empty": "",
    "signs": "# a=b; c, é ☃ [x] {y} <z> & | * ? ~ % ^",
}


def test_labels_of_an_image_are_read_as_they_were_given(engine: DockerEngine, box: str) -> None:
    given = {**dict.fromkeys(OWN, ""), **{f"{MINE}.{name}": value for name, value in ODD.items()}}
    image = engine.commit(box, reference="sandbox-test/labels:1", labels=given)
    try:
        assert {name: image.labels.get(name) for name in given} == given
    finally:
        assert engine.remove_image("sandbox-test/labels:1")


def test_a_label_of_two_lines_is_kept_or_refused_and_then_no_image_is_left(engine: DockerEngine, box: str) -> None:
    given = {**dict.fromkeys(OWN, ""), f"{MINE}.lines": "a\nb"}
    try:
        assert engine.commit(box, reference="sandbox-test/lines:1", labels=given).labels[f"{MINE}.lines"] == "a\nb"
        assert engine.remove_image("sandbox-test/lines:1")
    except EngineError:
        assert engine.title.startswith("podman 4")
    assert engine.image("sandbox-test/lines:1") is None


def test_what_a_container_holds_becomes_an_image_whose_labels_are_those_given(engine: DockerEngine, box: str) -> None:
    done(engine, box, "echo mine >/kept; mkdir /new")
    image = engine.commit(box, reference="sandbox-test/commit:1", labels={**dict.fromkeys(OWN, ""), MINE: "commit"})
    try:
        assert {name: image.labels[name] for name in OWN} == {**dict.fromkeys(OWN, ""), MINE: "commit"}
        assert image.id in [row.id for row in engine.images([f"{MINE}=commit"])]
        known = engine.image("sandbox-test/commit:1")
        assert known is not None
        assert known.id == image.id
    finally:
        assert engine.remove_image("sandbox-test/commit:1")
    assert not engine.remove_image("sandbox-test/commit:1")
    assert engine.image(image.id) is None


def test_an_image_in_use_is_a_conflict(engine: DockerEngine, spec: ContainerSpec, stack: object) -> None:
    assert stack
    root = io.BytesIO()
    with tarfile.open(fileobj=root, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("file"))
    image = engine.import_image([root.getvalue()], reference="sandbox-test/import:1", changes=[f"LABEL {MINE}=import"])
    try:
        assert image.labels == {MINE: "import"}
        ident = engine.create(replace(spec, image=image.id, tmpfs={}))
        with pytest.raises(Conflict):
            engine.remove_image(image.id)
        engine.remove(ident)
    finally:
        assert engine.remove_image("sandbox-test/import:1")


def test_a_build_is_labelled_in_all_its_parts_and_its_failures_are_told(
    engine: DockerEngine, base: str, tmp_path: Path
) -> None:
    def built(text: str) -> str:
        file = tmp_path / "Dockerfile"
        file.write_text(text)
        return engine.build(
            str(file),
            reference="sandbox-test/build:1",
            labels={MINE: "build"},
            platform=None,
            arguments={"WORD": "argued"},
            on_line=lines.append,
        ).id

    lines: list[str] = []
    (tmp_path / "file").write_text("from the folder\n")
    try:
        ident = built(f"FROM {base}\nARG WORD\nCOPY file /file\nRUN echo $WORD; cat /file\n")
        assert ident in [row.id for row in engine.images([f"{MINE}=build"])]
        assert {"argued", "from the folder"} <= {line.strip() for line in lines}
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


def test_a_registry_that_is_not_there_is_a_failed_pull(engine: DockerEngine) -> None:
    with pytest.raises(PullFailed):
        engine.pull("127.0.0.1:1/no/such:1", lambda _: None)


def test_one_that_stays_stops_starts_and_keeps_its_output(
    engine: DockerEngine, spec: ContainerSpec, stack: contextlib.ExitStack
) -> None:
    argv = ("sh", "-c", "trap 'echo ended; exit 0' TERM; echo one; echo two; while :; do sleep 0.1; done")
    ident = engine.create(replace(spec, argv=argv, auto_remove=False))
    stack.callback(engine.attach(ident).close)
    engine.start(ident)
    engine.start(ident)
    wait_for(lambda: b"two" in b"".join(engine.logs(ident, follow=False)))
    assert b"".join(engine.logs(ident, follow=False, tail=1)).endswith(b"two\n")
    engine.stop(ident, limit=10)
    engine.stop(ident, limit=10)
    assert found(engine, ident).state == "exited"
    assert b"one\ntwo\nended\n" in b"".join(engine.logs(ident, follow=True))
    engine.start(ident)
    assert found(engine, ident).state == "running"


def test_one_that_does_not_want_to_stop_is_killed(
    engine: DockerEngine, spec: ContainerSpec, stack: contextlib.ExitStack
) -> None:
    ident = engine.create(replace(spec, argv=("sh", "-c", "trap '' TERM; sleep 600"), auto_remove=False))
    stack.callback(engine.attach(ident).close)
    engine.start(ident)
    engine.stop(ident, limit=1)
    assert found(engine, ident).state == "exited"


def test_without_a_network_it_has_its_loopback_alone_and_a_network_can_be_cut(
    engine: DockerEngine, spec: ContainerSpec, stack: contextlib.ExitStack, box: str
) -> None:
    other = engine.create(replace(spec, name=f"{spec.name}-cut", network="none"))
    stack.callback(engine.attach(other).close)
    engine.start(other)
    look = "tail -n +3 /proc/net/dev | grep -v lo: | wc -l"
    assert (done(engine, other, look).stdout.strip(), done(engine, box, look).stdout.strip()) == ("0", "1")
    engine.disconnect(box)
    assert done(engine, box, look).stdout.strip() == "0"


def test_a_port_is_published_on_the_loopback_and_a_mount_is_read_only(
    engine: DockerEngine, spec: ContainerSpec, stack: contextlib.ExitStack, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("the host's\n")
    asked = replace(
        spec, ports=(Port(container=80, published=0),), mounts=(Mount(source=str(tmp_path), target="/mounted"),)
    )
    ident = engine.create(asked)
    stack.callback(engine.attach(ident).close)
    engine.start(ident)
    ((port, place),) = found(engine, ident).ports
    assert port == "80/tcp"
    assert place.startswith("127.0.0.1:")
    assert place.rpartition(":")[2].isdecimal()
    outcome = done(engine, ident, "cat /mounted/file; echo x >/mounted/file")
    assert outcome.stdout == "the host's"
    assert "Read-only" in outcome.stderr


def test_capabilities_and_privileges_are_those_asked_for(
    engine: DockerEngine, spec: ContainerSpec, stack: contextlib.ExitStack
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
