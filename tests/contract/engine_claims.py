"""The engine's contract: what is relied on of whatever answers, Docker, Podman or the one in memory.

Its commands are those that any distro has, one argv each, so that an engine in memory can answer them.
"""

from __future__ import annotations

import contextlib
import io
import os
import tarfile
import time
from typing import TYPE_CHECKING, Final

import pytest
from msgspec.structs import replace

from sandbox.container.box import Box
from sandbox.core.tar import links, one_file
from sandbox.core.tasks import wait_until
from sandbox.engine import labels
from sandbox.engine.frames import Frames
from sandbox.engine.protocol import ContainerSpec, ExecSpec
from sandbox.errors import Conflict, EngineError, NotFound
from sandbox.lifecycle.lifetimes import HANDED_OVER, pid1_argv
from sandbox.specs.model import Limits, Port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.engine.protocol import Container, Engine, Exec

MINE: Final = "org.sandbox-try.test"
OWN: Final = {labels.KIND: "test-engine", MINE: str(os.getpid()), "org.sandbox-try.text": "a=b, 'c' \"d\" é"}
LONG: Final = 150.0
"""Seconds after which something that takes one or two counts as hanging: machines are noisy."""
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


def wait_for(condition: Callable[[], bool]) -> None:
    assert wait_until(condition, LONG)


def output(process: Exec) -> tuple[bytes, bytes]:
    """Return what a command without a terminal wrote, by its streams."""
    frames, seen = Frames(), {False: b"", True: b""}
    while data := process.stream.recv(65536):
        for is_error, piece in frames.feed(data):
            seen[is_error] += bytes(piece)
    return seen[False], seen[True]


def found(engine: Engine, ident: str) -> Container:
    row = engine.container(ident)
    assert row is not None
    return row


def status_of(engine: Engine, ident: str, unknown: int = 0) -> int | None:
    """Return the status that a container ended with, `unknown` from an engine that notes no such thing: Podman 4.3."""
    if engine.title.startswith("podman"):
        return unknown
    wait_for(lambda: engine.ending(ident).status is not None)
    return engine.ending(ident).status


def put(engine: Engine, box: str, path: str, text: str) -> None:
    """Write a file from within."""
    assert Box(engine, box).exec(("tee", path), stdin=text.encode()).status == 0


def names_in(archive: bytes) -> set[str]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return {member.name.removeprefix("./").strip("/") for member in tar}


class EngineClaims:
    """What holds on every engine; whoever inherits it has the fixtures `engine`, `base` and `has_volume`.

    `base` is the reference of Debian's image. `has_volume` says whether the engine knows a volume that a container
    has at a path: it is given both while there is a container, and returns what asks the engine again.
    """

    @pytest.fixture
    def spec(self, engine: Engine, base: str) -> ContainerSpec:
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
    def stack(self, engine: Engine) -> Iterator[contextlib.ExitStack]:
        """Give what undoes a test, and remove every container that it has made."""
        with contextlib.ExitStack() as found:
            yield found
        for row in engine.containers([f"{MINE}={os.getpid()}"]):
            engine.remove(row.id)

    @pytest.fixture
    def box(self, engine: Engine, spec: ContainerSpec, stack: contextlib.ExitStack) -> str:
        """Give a running container that ends with its test."""
        ident = engine.create(spec)
        stack.callback(engine.attach(ident).close)
        engine.start(ident)
        return ident

    def test_it_says_what_it_is(self, engine: Engine) -> None:
        about = engine.about()
        assert about.name in ("docker", "podman")
        assert about.version[0].isdecimal()
        assert about.url == engine.url
        assert about.memory > 0
        assert about.cpus > 0
        assert engine.platform.startswith("linux/")
        assert engine.title.startswith(f"{about.name} ")
        assert bool(about.differs) == (about.name != "docker")

    def test_an_image_is_found_by_name_and_id_and_its_absence_is_none(self, engine: Engine, base: str) -> None:
        image = engine.image(base)
        assert image is not None
        assert base in {tag.removesuffix(":latest") for tag in image.tags} | set(image.tags)
        for name in (image.id, image.id.removeprefix("sha256:")[:12]):
            again = engine.image(name)
            assert again is not None
            assert (again.id, again.platform) == (image.id, engine.platform)
        assert image.size > 1_000_000
        assert engine.image("sandbox-test/no-such:1") is None

    @pytest.mark.usefixtures("stack")
    def test_a_container_is_found_by_its_labels_in_any_state(self, engine: Engine, spec: ContainerSpec) -> None:
        ident = engine.create(spec)
        for query in ([MINE], [f"{MINE}={os.getpid()}"], [labels.KIND, f"{MINE}={os.getpid()}"]):
            rows = [row for row in engine.containers(query) if row.id == ident]
            assert [(row.name, row.state, row.image) for row in rows] == [(spec.name, "created", spec.image)]
            assert OWN.items() <= dict(rows[0].labels).items()
        assert ident not in [row.id for row in engine.containers([MINE, "org.sandbox-try.no-such"])]
        assert abs(found(engine, spec.name).created - time.time()) < LONG
        assert (engine.remove(ident), engine.remove(ident), engine.container(ident)) == (True, False, None)

    def test_a_container_is_found_by_its_name_its_id_and_the_begin_of_its_id(self, engine: Engine, box: str) -> None:
        row = found(engine, box)
        assert found(engine, row.name).id == row.id == found(engine, row.id[:-1]).id
        assert engine.container(f"{row.id[:-1]}!") is None

    def test_a_name_that_is_taken_is_a_conflict(self, engine: Engine, spec: ContainerSpec, box: str) -> None:
        with pytest.raises(Conflict):
            engine.create(spec)
        assert found(engine, box).state == "running"

    def test_a_container_of_an_image_that_is_gone_is_not_created(self, engine: Engine, spec: ContainerSpec) -> None:
        with pytest.raises(NotFound):
            engine.create(replace(spec, image=f"sha256:{'0' * 64}"))
        assert engine.container(spec.name) is None

    @pytest.mark.usefixtures("stack")
    def test_it_ends_and_is_removed_when_its_lifeline_closes(self, engine: Engine, spec: ContainerSpec) -> None:
        ident = engine.create(spec)
        lifeline = engine.attach(ident)
        engine.start(ident)
        process = engine.open(ident, ExecSpec(argv=("sleep", "600")))
        assert found(engine, ident).state == "running"
        lifeline.close()
        wait_for(lambda: engine.container(ident) is None)
        process.stream.close()
        assert status_of(engine, ident) == 0

    @pytest.mark.usefixtures("stack")
    def test_one_that_is_said_to_be_gone_by_its_end_is_gone(self, engine: Engine, spec: ContainerSpec) -> None:
        ident = engine.create(spec)
        lifeline = engine.attach(ident)
        engine.start(ident)
        is_gone = engine.remove_by_end(ident, lifeline.close_write, limit=20)
        assert (engine.container(ident) is None, engine.remove(ident)) == (is_gone, not is_gone)
        lifeline.close()
        assert not engine.remove_by_end(ident, lambda: pytest.fail("there is nothing to end"), limit=1)

    @pytest.mark.usefixtures("stack")
    def test_one_that_was_handed_over_lives_on_without_its_lifeline(self, engine: Engine, spec: ContainerSpec) -> None:
        ident = engine.create(replace(spec, argv=pid1_argv("kept", None), auto_remove=False))
        lifeline = engine.attach(ident)
        engine.start(ident)
        engine.copy_in(ident, "/", [one_file(HANDED_OVER.strip("/"), b"")])
        lifeline.close_write()
        lifeline.close()
        assert Box(engine, ident).exec(("true",)).status == 0
        engine.stop(ident, limit=10)
        assert found(engine, ident).state == "exited"
        engine.start(ident)
        assert found(engine, ident).state == "running"

    def test_a_command_has_its_streams_and_status(self, engine: Engine, box: str) -> None:
        process = engine.open(box, ExecSpec(argv=("cat", "-", "/no/such"), stdin=True))
        process.stream.sendall(b"typed\n")
        process.stream.close_write()
        stdout, stderr = output(process)
        assert stdout == b"typed\n"
        assert b"/no/such" in stderr
        assert process.status() == 1
        process.stream.close()

    def test_a_command_has_its_user_folder_and_environment(self, engine: Engine, box: str) -> None:
        for argv, said in ((("printenv", "X"), "1 '2'"), (("pwd",), "/usr/lib"), (("id", "-u"), "65534")):
            process = engine.open(box, ExecSpec(argv=argv, env={"X": "1 '2'"}, user="65534", workdir="/usr/lib"))
            assert output(process) == (f"{said}\n".encode(), b"")
            assert process.status() == 0
            process.stream.close()

    def test_a_command_that_is_not_there_is_said_and_the_container_goes_on(self, engine: Engine, box: str) -> None:
        outcome = Box(engine, box).exec(("/no/such",))
        assert outcome.status in (126, 127)
        assert Box(engine, box).exec(("echo", "on")).stdout == "on"

    def test_a_command_that_still_runs_is_a_use_besides_ones_own(self, engine: Engine, box: str) -> None:
        own = engine.open(box, ExecSpec(argv=("sleep", "0")))
        output(own)
        assert not engine.is_in_use(box, besides=own)
        other = engine.open(box, ExecSpec(argv=("sleep", "600")))
        assert engine.is_in_use(box, besides=own)
        assert not engine.is_in_use(box, besides=other)
        for process in (own, other):
            process.stream.close()
        engine.remove(box)
        assert not engine.is_in_use(box, besides=own)

    @pytest.mark.usefixtures("stack")
    def test_nothing_is_done_in_one_that_does_not_run(self, engine: Engine, spec: ContainerSpec) -> None:
        ident = engine.create(spec)
        with pytest.raises(Conflict):
            engine.open(ident, ExecSpec(argv=("true",)))
        engine.remove(ident)

    def test_what_is_asked_of_one_that_is_gone_is_not_found(self, engine: Engine, box: str) -> None:
        own = engine.open(box, ExecSpec(argv=("true",)))
        output(own)
        assert engine.remove(box)
        with pytest.raises(NotFound):
            own.status()
        own.stream.close()
        for ask in (
            lambda: engine.open(box, ExecSpec(argv=("true",))),
            lambda: engine.attach(box),
            lambda: engine.start(box),
            lambda: engine.stop(box, limit=1),
            lambda: engine.disconnect(box),
            lambda: engine.copy_in(box, "/opt", [one_file("in", b"")]),
            lambda: list(engine.copy_out(box, "/etc")),
            lambda: list(engine.export(box)),
            lambda: list(engine.logs(box, follow=False)),
            lambda: engine.commit(box, reference="sandbox-test/gone:1", labels={}),
        ):
            with pytest.raises(NotFound):
                ask()
        assert engine.read_file(box, "/etc/debian_version", limit=100) is None
        assert engine.stamp(box, "/etc/debian_version") is None

    def test_files_are_read_and_stamped_whether_it_runs_or_not(
        self, engine: Engine, spec: ContainerSpec, stack: contextlib.ExitStack
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

    def test_a_stamp_changes_with_its_file(self, engine: Engine, box: str) -> None:
        put(engine, box, "/file", "1\n")
        before = engine.stamp(box, "/file")
        time.sleep(0.02)
        put(engine, box, "/file", "2\n")
        assert engine.stamp(box, "/file") not in (None, before)

    def test_what_goes_in_is_read_stamped_copied_out_and_exported(self, engine: Engine, box: str) -> None:
        engine.copy_in(box, "/opt", [one_file("in", b"x" * 70_000)])
        assert Box(engine, box).read(("cat", "/opt/in"), limit=70_000) == (0, b"x" * 70_000)
        assert engine.read_file(box, "/opt/in", limit=70_000) == b"x" * 70_000
        stamp = engine.stamp(box, "/opt/in")
        assert stamp is not None
        assert stamp.size == 70_000
        with tarfile.open(fileobj=io.BytesIO(b"".join(engine.copy_out(box, "/opt/in")))) as archive:
            assert [(member.name, member.size, member.uid) for member in archive] == [("in", 70_000, 0)]
        assert "opt/in" in names_in(b"".join(engine.copy_out(box, "/opt")))
        assert "opt/in" in names_in(b"".join(engine.export(box)))
        for folder in ("/no/such", "/opt/in"):
            with pytest.raises(EngineError):
                engine.copy_in(box, folder, [one_file("in", b"")])
        with pytest.raises(NotFound):
            b"".join(engine.copy_out(box, "/no/such"))

    def test_a_link_says_where_it_leads_and_is_no_file_but_on_podman(self, engine: Engine, box: str) -> None:
        engine.copy_in(box, "/opt", [links({"to": "there"})])
        engine.copy_in(box, "/opt", [one_file("there", b"1")])
        stamp = engine.stamp(box, "/opt/to")
        assert stamp is not None
        assert (stamp.target, stamp.is_folder) == ("/opt/there", False)
        followed = b"1" if engine.title.startswith("podman") else None
        assert engine.read_file(box, "/opt/to", limit=100) == followed

    @pytest.mark.usefixtures("stack")
    def test_links_are_made_in_one_before_it_starts(self, engine: Engine, spec: ContainerSpec) -> None:
        # to what is there: Podman says nothing of a link that leads nowhere
        box = engine.create(replace(spec, links={"/usr/local/sbin/init": "/etc/passwd"}))
        stamp = engine.stamp(box, "/usr/local/sbin/init")
        assert stamp is not None
        assert stamp.target == "/etc/passwd"

    @pytest.mark.usefixtures("stack")
    def test_all_files_come_out_of_one_that_never_ran(self, engine: Engine, spec: ContainerSpec) -> None:
        ident = engine.create(spec)
        names = names_in(b"".join(engine.export(ident)))
        assert "etc/debian_version" in names
        assert "proc/1" not in names

    def test_labels_of_an_image_are_read_as_they_were_given(self, engine: Engine, box: str) -> None:
        given = {**dict.fromkeys(OWN, ""), **{f"{MINE}.{name}": value for name, value in ODD.items()}}
        image = engine.commit(box, reference="sandbox-test/labels:1", labels=given)
        try:
            assert {name: image.labels.get(name) for name in given} == given
        finally:
            assert engine.remove_image("sandbox-test/labels:1")

    def test_what_a_container_holds_becomes_an_image_whose_labels_are_those_given(
        self, engine: Engine, spec: ContainerSpec, box: str
    ) -> None:
        put(engine, box, "/kept", "mine\n")
        given = {**dict.fromkeys(OWN, ""), MINE: "commit"}
        image = engine.commit(box, reference="sandbox-test/commit:1", labels=given)
        try:
            assert {name: image.labels[name] for name in OWN} == given
            assert image.id in [row.id for row in engine.images([f"{MINE}=commit"])]
            known = engine.image("sandbox-test/commit:1")
            assert known is not None
            assert known.id == image.id
            other = engine.create(replace(spec, name=f"{spec.name}-of-it", image=image.id))
            assert engine.read_file(other, "/kept", limit=100) == b"mine\n"
            engine.remove(other)
        finally:
            assert engine.remove_image("sandbox-test/commit:1")
        assert not engine.remove_image("sandbox-test/commit:1")
        assert engine.image(image.id) is None

    def test_a_name_moves_to_the_newer_image_and_the_older_one_loses_it(self, engine: Engine, box: str) -> None:
        given = {**dict.fromkeys(OWN, ""), MINE: "moved"}
        first = engine.commit(box, reference="sandbox-test/moved:1", labels=given)
        put(engine, box, "/newer", "")
        second = engine.commit(box, reference="sandbox-test/moved:1", labels=given)
        try:
            there = {row.id: row.tags for row in engine.images([f"{MINE}=moved"])}
            assert there == {first.id: (), second.id: ("sandbox-test/moved:1",)}
        finally:
            assert engine.remove_image(second.id)
            assert engine.remove_image(first.id)

    def test_an_image_in_use_is_a_conflict_and_goes_with_its_volumes_once_it_is_free(
        self,
        engine: Engine,
        spec: ContainerSpec,
        stack: contextlib.ExitStack,
        has_volume: Callable[[str, str], Callable[[], bool]],
    ) -> None:
        root = io.BytesIO()
        with tarfile.open(fileobj=root, mode="w") as archive:
            folder = tarfile.TarInfo("data")
            folder.type, folder.mode = tarfile.DIRTYPE, 0o755
            archive.addfile(folder)
            archive.addfile(tarfile.TarInfo("data/file"))
        changes = [f"LABEL {MINE}=import", "VOLUME /data"]
        image = engine.import_image([root.getvalue()], reference="sandbox-test/import:1", changes=changes)
        try:
            assert image.labels == {MINE: "import"}
            helper = engine.create(replace(spec, name=f"{spec.name}-data", image=image.id, tmpfs={}, auto_remove=False))
            with pytest.raises(Conflict):
                engine.remove_image(image.id)
            user = engine.create(replace(spec, volumes_from=(helper,)))
            stack.callback(engine.attach(user).close)
            engine.start(user)
            is_there = has_volume(helper, "/data")
            engine.remove(helper)
            assert is_there()
            assert Box(engine, user).exec(("cat", "/data/file")).status == 0
            engine.remove(user)
            wait_for(lambda: not is_there())
        finally:
            assert engine.remove_image("sandbox-test/import:1")

    def test_one_that_stays_stops_starts_and_is_seen_to_end(
        self, engine: Engine, spec: ContainerSpec, stack: contextlib.ExitStack
    ) -> None:
        ident = engine.create(replace(spec, argv=("sleep", "600"), auto_remove=False))
        stack.callback(engine.attach(ident).close)
        engine.start(ident)
        engine.start(ident)
        assert found(engine, ident).state == "running"
        engine.stop(ident, limit=1)
        engine.stop(ident, limit=1)
        assert found(engine, ident).state == "exited"
        engine.start(ident)
        assert found(engine, ident).state == "running"
        assert engine.remove(ident)
        assert status_of(engine, ident, 137) == 137

    @pytest.mark.usefixtures("stack")
    def test_what_pid_1_wrote_is_kept_with_one_that_stays(self, engine: Engine, spec: ContainerSpec) -> None:
        ident = engine.create(replace(spec, argv=("echo", "one\ntwo"), auto_remove=False))
        engine.start(ident)
        wait_for(lambda: found(engine, ident).state == "exited")
        assert b"".join(engine.logs(ident, follow=True)).endswith(b"one\ntwo\n")
        assert b"".join(engine.logs(ident, follow=False, tail=1)).endswith(b"two\n")
        assert b"one" not in b"".join(engine.logs(ident, follow=False, tail=1))
        assert status_of(engine, ident) == 0

    @pytest.mark.usefixtures("stack")
    def test_one_that_ends_with_its_own_command_is_removed_unless_it_stays(
        self, engine: Engine, spec: ContainerSpec
    ) -> None:
        ident = engine.create(replace(spec, argv=("false",)))
        engine.start(ident)
        wait_for(lambda: engine.container(ident) is None)
        assert status_of(engine, ident, 1) == 1

    def test_a_cut_network_can_be_cut_again(self, engine: Engine, box: str) -> None:
        engine.disconnect(box)
        engine.disconnect(box)
        assert Box(engine, box).exec(("true",)).status == 0

    def test_a_port_is_published_on_the_loopback(
        self, engine: Engine, spec: ContainerSpec, stack: contextlib.ExitStack
    ) -> None:
        ident = engine.create(replace(spec, ports=(Port(container=80, published=0),)))
        stack.callback(engine.attach(ident).close)
        engine.start(ident)
        ((port, place),) = found(engine, ident).ports
        assert port == "80/tcp"
        assert place.startswith("127.0.0.1:")
        assert place.rpartition(":")[2].isdecimal()
