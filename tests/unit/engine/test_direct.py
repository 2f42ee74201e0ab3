"""Docker asked at its socket without the SDK: requests, what their answers mean, and what is left to the SDK."""

from __future__ import annotations

import base64
import contextlib
import json
import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sandbox.core.tar import links, one_file
from sandbox.core.tasks import wait_until
from sandbox.engine.described import Described, exec_config
from sandbox.engine.direct import DirectEngine, connect_directly
from sandbox.engine.docker.client import DockerEngine
from sandbox.engine.protocol import ContainerSpec, ExecSpec, FileStamp
from sandbox.errors import EngineError, NoEngine, NotFound
from sandbox.specs.model import Limits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

ABOUT = {"ApiVersion": "1.41", "Version": "20.10.24", "Os": "linux", "Arch": "amd64"}
SPEC = ContainerSpec(
    name="calm-otter",
    image="sha256:1",
    argv=("sh",),
    labels={"org.sandbox-try.kind": "session"},
    hostname="calm-otter",
    limits=Limits(),
)


class Answers:
    """A socket that gives each request the next answer, and notes the requests."""

    def __init__(self, folder: Path) -> None:
        self.path = str(folder / "engine.sock")
        self.answers: list[bytes] = []
        self.requests: list[bytes] = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.path)
        self._listener.listen()
        self._turn: threading.Semaphore | None = None
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                with client:
                    self.requests.append(_received(client))
                    if self._turn is not None:
                        self._turn.acquire()
                    client.sendall(self.answers.pop(0))

    def hold(self) -> threading.Semaphore:
        """Let each further answer wait for a release of what is returned."""
        self._turn = threading.Semaphore(0)
        return self._turn

    def close(self) -> None:
        with contextlib.suppress(OSError):  # it was closed before
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()


def _received(client: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        data += client.recv(4096)
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length:")), 0)
    while len(body) < length:
        body += client.recv(4096)
    while b"chunked" in head and not body.endswith(b"0\r\n\r\n") and (piece := client.recv(4096)):
        body += piece
    return head + b"\r\n\r\n" + body


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Answers]:
    found = Answers(tmp_path)
    yield found
    found.close()


@pytest.fixture
def engine(server: Answers) -> DirectEngine:
    def connect() -> DockerEngine:
        pytest.fail("the SDK is not needed")

    return DirectEngine(f"unix://{server.path}", ABOUT, {}, connect=connect)


def answer(value: object = None, status: int = 200, head: str = "") -> bytes:
    return f"HTTP/1.0 {status} X\r\n{head}\r\n".encode() + (b"" if value is None else json.dumps(value).encode())


@pytest.mark.parametrize("about", [{}, {**ABOUT, "Components": [{"Name": "Podman Engine"}]}, {"Version": "1"}])
def test_what_is_not_docker_is_asked_by_the_sdk(server: Answers, about: Mapping[str, Any]) -> None:
    server.answers = [answer(about)]
    assert connect_directly(f"unix://{server.path}", environ={}) is None


def test_an_engine_at_a_socket_is_known_by_one_request(server: Answers) -> None:
    server.answers = [answer(ABOUT)]
    found = connect_directly(f"unix://{server.path}", environ={})
    assert found is not None
    assert (found.title, found.platform) == ("docker 20.10", "linux/amd64")
    assert [line.split(b"\r\n")[0] for line in server.requests] == [b"GET /version HTTP/1.0"]


def test_it_describes_itself_once_for_all_who_ask(server: Answers, engine: DirectEngine) -> None:
    server.answers = [answer({"NCPU": 2, "DockerRootDir": "/var/lib/docker"})]
    assert (engine.about().cpus, engine.about().root) == (2, "/var/lib/docker")
    assert [line.split(b"\r\n")[0] for line in server.requests] == [b"GET /v1.41/info HTTP/1.0"]


@pytest.mark.parametrize("url", ["tcp://127.0.0.1:2375", "ssh://build1"])
def test_another_host_is_asked_by_the_sdk(url: str) -> None:
    assert connect_directly(url, environ={}) is None


def test_headers_of_the_configuration_are_the_sdks_to_send(server: Answers, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"HttpHeaders": {"X-Meta": "1"}}))
    assert connect_directly(f"unix://{server.path}", environ={"DOCKER_CONFIG": str(tmp_path)}) is None


def test_nobody_at_the_socket_is_no_engine(tmp_path: Path) -> None:
    with pytest.raises(NoEngine, match="could not answer at"):
        connect_directly(f"unix://{tmp_path}/none.sock", environ={})


def test_a_command_that_ended_has_its_status_and_one_that_runs_has_none(server: Answers, engine: DirectEngine) -> None:
    rows = [{"ExitCode": None, "Running": True}, {"ExitCode": 0, "Running": True}, {"ExitCode": 3, "Running": False}]
    server.answers = [answer(row) for row in rows]
    assert [engine.exec_status("e") for _ in rows] == [None, None, 3]


def test_what_is_gone_is_not_found_in_the_engines_words(server: Answers, engine: DirectEngine) -> None:
    server.answers = [answer({"message": "No such exec\ninstance"}, 404)]
    with pytest.raises(NotFound) as caught:
        engine.exec_status("e")
    assert caught.value.details == (("it said", "No such exec instance"),)


@pytest.mark.parametrize("cut", [b"HTTP/1.0 200 OK\r\n\r\n[{", b"HTTP/1.0 200 OK\r\n\r\n", b"HTTP/1.0 2"])
def test_a_list_that_is_cut_off_is_an_error_and_never_a_shorter_list(
    server: Answers, engine: DirectEngine, cut: bytes
) -> None:
    server.answers = [cut]
    with pytest.raises(EngineError):
        engine.containers(["org.sandbox-try.session=1"])


@pytest.mark.parametrize("cut", [b"HTTP/1.0 201 Created\r\n\r\n{", b"HTTP/1.0 201 Created\r\n\r\n", b"HTTP/1.0 2"])
def test_what_was_made_and_whose_answer_is_cut_off_is_an_error(
    server: Answers, engine: DirectEngine, cut: bytes
) -> None:
    server.answers = [cut, cut]
    with pytest.raises(EngineError):
        engine.create(SPEC)
    with pytest.raises(EngineError):
        engine.open("c", ExecSpec(argv=("true",)))


def test_what_comes_right_behind_the_header_is_the_commands_first_output(server: Answers, engine: DirectEngine) -> None:
    server.answers = [answer({"Id": "e1"}, 201), b"HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\n\r\nfirst"]
    process = engine.open("c", ExecSpec(argv=("true",)))
    assert (process.ident, process.stream.pending, process.stream.recv(100)) == ("e1", True, b"first")
    assert process.stream.recv(100) == b""
    process.stream.close()


def test_a_path_that_is_there_has_its_stamp_and_no_other_has_one(server: Answers, engine: DirectEngine) -> None:
    row = {"name": "a b", "size": 5, "mode": 420, "mtime": "2026-11-29T00:00:00Z", "linkTarget": ""}
    head = f"X-Docker-Container-Path-Stat: {base64.b64encode(json.dumps(row).encode()).decode()}\r\n"
    server.answers = [answer(head=head), answer(status=404)]
    assert engine.stamp("c", "/a b&c=\udcff") == FileStamp(size=5, modified="2026-11-29T00:00:00Z")
    assert engine.stamp("c", "/none") is None
    assert server.requests[0].startswith(b"HEAD /v1.41/containers/c/archive?path=%2Fa+b%26c%3D%FF HTTP/1.0\r\n")


def test_an_archive_comes_as_it_is_and_of_what_is_gone_there_is_none(server: Answers, engine: DirectEngine) -> None:
    server.answers = [answer() + b"x" * 70_000, answer({"message": "no such file"}, 404)]
    assert b"".join(engine.export("c")) == b"x" * 70_000
    with pytest.raises(NotFound):
        list(engine.copy_out("c", "/none"))


@pytest.mark.parametrize(
    ("row", "content"),
    [
        ({"size": 5, "mode": 420}, b"hello"),
        ({"size": 5, "mode": (1 << 31) | 493}, None),
        ({"size": 7, "mode": (1 << 27) | 511}, None),
    ],
    ids=["file", "folder", "link"],
)
def test_a_regular_file_has_content_and_nothing_else_has(
    server: Answers, engine: DirectEngine, row: dict[str, object], content: bytes | None
) -> None:
    stat = base64.b64encode(json.dumps({"mtime": "", "linkTarget": "/hello", **row}).encode()).decode()
    tar = one_file("hello", b"hello") if content else links({"/link": "/hello"})
    server.answers = [answer(head=f"X-Docker-Container-Path-Stat: {stat}\r\n") + tar]
    assert engine.read_file("c", "/hello", limit=5_000) == content


def test_a_large_file_is_not_read_and_one_that_is_not_there_is_none(server: Answers, engine: DirectEngine) -> None:
    stat = base64.b64encode(json.dumps({"size": 6, "mode": 420, "mtime": ""}).encode()).decode()
    server.answers = [answer(head=f"X-Docker-Container-Path-Stat: {stat}\r\n"), answer(status=404)]
    with pytest.raises(EngineError, match="too large to read: 6 bytes"):
        engine.read_file("c", "/hello", limit=5)
    assert engine.read_file("c", "/none", limit=5) is None


def test_what_is_removed_is_gone_and_what_is_not_there_is_not_removed(server: Answers, engine: DirectEngine) -> None:
    server.answers = [answer(status=204), answer({"message": "no such container"}, 404)]
    assert (engine.remove("c"), engine.remove("c")) == (True, False)
    assert server.requests[0].startswith(b"DELETE /v1.41/containers/c?v=1&force=1 HTTP/1.0\r\n")


def test_a_container_that_went_with_its_lifeline_is_gone(server: Answers, engine: DirectEngine) -> None:
    server.answers = [answer({"StatusCode": 0, "Error": None}), answer({"message": "no such container"}, 404)]
    ended: list[bool] = []
    assert engine.remove_by_end("c", lambda: ended.append(True), limit=5)
    assert not engine.remove_by_end("c", lambda: pytest.fail("there is nothing to end"), limit=5)
    assert ended == [True]


def test_a_container_on_which_its_engine_works_ends_before_the_answer(server: Answers, engine: DirectEngine) -> None:
    server.answers = [answer({"StatusCode": 0}), answer({"message": "no such container"}, 404), answer(status=500)]
    ended: list[int] = []
    turn = server.hold()

    def end() -> None:
        ended.append(len(ended))
        turn.release()

    gone = [engine.remove_by_end("c", end, limit=20, is_busy=True) for _ in server.answers[:]]
    assert (gone, ended) == ([True, True, False], [0, 1, 2])


def test_an_engine_without_a_swarm_has_no_objects_of_one(server: Answers, engine: DirectEngine) -> None:
    server.answers = [answer({"message": "This node is not a swarm manager."}, 503)]
    assert engine.swarm.swarm_objects(["org.sandbox-try.session"]) == ()


texts = st.text(max_size=12)


@given(
    argv=st.lists(texts, min_size=1, max_size=4).map(tuple),
    env=st.dictionaries(st.text("ABC_", min_size=1, max_size=5), texts, max_size=3),
    name=st.text("abc-", min_size=1, max_size=9),
    platform=st.sampled_from([None, "linux/arm64"]),
)
def test_both_ways_send_the_same_request_for_a_container(
    argv: tuple[str, ...], env: dict[str, str], name: str, platform: str | None
) -> None:
    spec = replace(SPEC, argv=argv, env=env, name=name, platform=platform)
    by_sdk = DockerEngine.__new__(DockerEngine)
    Described.__init__(by_sdk, "unix:///e.sock", ABOUT, {}, "")
    directly = DirectEngine("unix:///e.sock", ABOUT, {}, connect=lambda: by_sdk)
    assert by_sdk._creation(spec) == directly._creation(spec)


def test_a_command_is_asked_for_with_all_that_its_spec_says() -> None:
    spec = ExecSpec(argv=("a", "b c"), env={"X": "1=2"}, user="5", workdir="/w", tty=True, stdin=True)
    row = exec_config(spec)
    assert (row["Cmd"], row["Env"], row["User"], row["WorkingDir"]) == (["a", "b c"], ["X=1=2"], "5", "/w")
    assert (row["Tty"], row["AttachStdin"], row["AttachStdout"], row["AttachStderr"]) == (True, True, True, True)


def test_the_sdk_is_not_loaded_with_it() -> None:
    code = "import sandbox.engine.direct, sys; print({'docker', 'requests', 'urllib3', 'ssl'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_an_archive_goes_in_piece_by_piece_and_an_empty_one_does_not_end_it(
    server: Answers, engine: DirectEngine
) -> None:
    server.answers = [answer()]
    engine.copy_in("c1", "/srv", iter([b"one", b"", b"2" * 20]))
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.split(b"\r\n")[0] == b"PUT /v1.41/containers/c1/archive?path=%2Fsrv HTTP/1.1"
    assert body == b"3\r\none\r\n14\r\n" + b"2" * 20 + b"\r\n0\r\n\r\n"


def test_an_archive_that_can_not_be_read_to_its_end_is_not_ended(server: Answers, engine: DirectEngine) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"one"
        raise EngineError("the other end is gone")

    server.answers = [answer()]
    with pytest.raises(EngineError, match="the other end is gone"):
        engine.copy_in("c1", "/", pieces())
    assert wait_until(lambda: bool(server.requests), 60)  # its thread may not have taken the connection yet
    assert server.requests[0].endswith(b"\r\n\r\n3\r\none\r\n")


def test_an_engine_that_refuses_an_archive_before_its_end_is_heard(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "early.sock"))
        listener.listen()

        def refuse() -> None:
            client, _ = listener.accept()
            with client:
                client.recv(4096)
                client.sendall(answer({"message": "no such folder"}, 404))

        thread = threading.Thread(target=refuse)
        thread.start()
        engine = DirectEngine(f"unix://{tmp_path / 'early.sock'}", ABOUT, {}, connect=lambda: pytest.fail("no SDK"))
        with pytest.raises(NotFound) as caught:
            engine.copy_in("c1", "/none", iter([b"x" * 65536] * 100))
        thread.join()
    assert "no such folder" in str(caught.value.details)
