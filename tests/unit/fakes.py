"""An engine, its streams and a reporter in memory; mypy holds them to the Protocols of src."""

# ruff: noqa: ARG002 - a fake has the shape of its Protocol, used or not
from __future__ import annotations

import io
import struct
import tarfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.core.tar import one_file
from sandbox.engine.labels import Owner
from sandbox.engine.protocol import Container, ContainerSpec, Ending, EngineInfo, ExecSpec, FileStamp, Image
from sandbox.engine.swarm import SwarmObject
from sandbox.errors import Conflict, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from types import TracebackType

    from sandbox.core.progress import Reporter, StepReport
    from sandbox.engine.protocol import Connection, Engine, Exec, PullProgress
    from sandbox.engine.swarm import Attempt, JobSpec, Node, Swarm
    from sandbox.errors import Row, SandboxError

OWNER = Owner(host="ourhost", boot="thisboot", pid_namespace="4026531836", uid=1000, pid=4711, started=99)


def frame(data: bytes, *, error: bool = False) -> bytes:
    return struct.pack(">BxxxL", 2 if error else 1, len(data)) + data


class FakeConnection:
    """Gives its chunks, one a call or a part of it, and keeps what is sent."""

    def __init__(self, *chunks: bytes) -> None:
        self.chunks = list(chunks)
        self.sent = b""
        self.write_closed = self.closed = False

    @property
    def pending(self) -> bool:
        return bool(self.chunks)

    def fileno(self) -> int:
        return -1

    def setblocking(self, flag: bool, /) -> None:
        """Nothing here ever waits."""

    def recv(self, size: int, /) -> bytes:
        chunk = self.chunks.pop(0) if self.chunks else b""
        self.chunks[:0] = [chunk[size:]] * (len(chunk) > size)
        return chunk[:size]

    def send(self, data: bytes, /) -> int:
        self.sent += data
        return len(data)

    def sendall(self, data: bytes, /) -> None:
        self.sent += data

    def close_write(self) -> None:
        self.write_closed = True

    def close(self) -> None:
        self.closed = True


@dataclass
class FakeExec:
    """A command that has written what it will and ended with `code`, or lost its container."""

    stream: FakeConnection
    code: int | None = 0
    ident: str = "exec"

    def resize(self, rows: int, columns: int) -> None:
        """No terminal here has a size."""

    def status(self) -> int:
        if self.code is None:
            raise NotFound("no such exec")
        return self.code


@dataclass
class FakeEngine:
    """Holds images and containers. `failing`: what the next calls of a method raise, one each.

    `commands`: what a command answers: its status, stdout and stderr; None for one whose container dies under it.
    """

    containers_known: list[Container] = field(default_factory=list)
    images_known: list[Image] = field(default_factory=list)
    failing: dict[str, list[BaseException]] = field(default_factory=dict)
    commands: Callable[[ExecSpec], tuple[int | None, bytes, bytes]] = lambda _: (0, b"", b"")
    files: dict[str, bytes] = field(default_factory=dict)
    url: str = "unix:///fake.sock"
    login: str = ""
    lacks: tuple[str, ...] = ()
    discarded: tuple[str, ...] = ()
    title: str = "docker 28.2"
    platform: str = "linux/amd64"
    calls: list[str] = field(default_factory=list)
    ran: list[ExecSpec] = field(default_factory=list)
    created: list[ContainerSpec] = field(default_factory=list)
    lifelines: list[FakeConnection] = field(default_factory=list)
    execs: list[FakeExec] = field(default_factory=list)
    ended_so: Ending = field(default_factory=lambda: Ending(status=0))
    said: bytes = b""
    exports: list[bytes] = field(default_factory=list)
    root: str = ""
    nodes_known: list[Node] = field(default_factory=list)
    on_swarm: list[SwarmObject] = field(default_factory=list)
    jobs_created: list[JobSpec] = field(default_factory=list)
    tasks_of: Callable[[FakeEngine], Iterable[Attempt]] = lambda _: ()
    logs_of: Callable[[str], bytes] = lambda _: b""

    def __enter__(self) -> FakeEngine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """There is nothing to close."""

    def _call(self, name: str) -> None:
        self.calls.append(name)
        if self.failing.get(name):
            raise self.failing[name].pop(0)

    @property
    def swarm(self) -> FakeEngine | None:
        return self if self.title.startswith("docker") else None

    def about(self) -> EngineInfo:
        self._call("about")
        return EngineInfo(lacks=self.lacks, name="docker", version="28.2.2", api="1.44", url=self.url, root=self.root)

    def image(self, reference: str) -> Image | None:
        self._call("image")
        return next((row for row in self.images_known if reference in (row.id, *row.tags)), None)

    def images(self, labels: Sequence[str] = ()) -> tuple[Image, ...]:
        self._call("images")
        return tuple(row for row in self.images_known if _has(row.labels, labels))

    def login_problem(self, reference: str) -> str:
        return self.login

    def pull(
        self, reference: str, on_progress: Callable[[PullProgress], None], *, platform: str | None = None
    ) -> Image:
        self._call("pull")
        return self._keep(Image(id="sha256:pulled", tags=(reference,), size=100, platform=platform or self.platform))

    def build(
        self,
        dockerfile: str,
        *,
        reference: str,
        labels: Mapping[str, str],
        platform: str | None,
        arguments: Mapping[str, str],
        on_line: Callable[[str], None],
    ) -> Image:
        made = self._keep(Image(id="sha256:built", tags=(reference,), labels=dict(labels)))
        self._call("build")
        return made

    def import_image(self, chunks: Iterable[bytes], *, reference: str, changes: Sequence[str]) -> Image:
        self._call("import_image")
        return self._keep(Image(id="sha256:imported", tags=(reference,), size=sum(map(len, chunks))))

    def commit(self, container: str, *, reference: str, labels: Mapping[str, str]) -> Image:
        self._call("commit")
        self.images_known = [row for row in self.images_known if reference not in row.tags]
        ident = f"sha256:commit{self.calls.count('commit')}"
        return self._keep(Image(id=ident, tags=(reference,), size=150, created=4e9, labels=dict(labels)))

    def _keep(self, image: Image) -> Image:
        self.images_known.append(image)
        return image

    def remove_image(self, reference: str) -> bool:
        self._call("remove_image")
        before = len(self.images_known)
        self.images_known = [row for row in self.images_known if reference not in (row.id, *row.tags)]
        return len(self.images_known) < before

    def containers(self, labels: Sequence[str], *, sizes: bool = False) -> tuple[Container, ...]:
        self._call("containers")
        return tuple(row for row in self.containers_known if _has(row.labels, labels))

    def container(self, ident: str) -> Container | None:
        self._call("container")
        return next((row for row in self.containers_known if ident in (row.id, row.name)), None)

    def create(self, spec: ContainerSpec) -> str:
        self._call("create")
        if any(row.name == spec.name for row in self.containers_known):
            raise Conflict(f"the name {spec.name} is taken")
        self.created.append(spec)
        ident = f"id-of-{spec.name}"
        self.containers_known.append(
            Container(id=ident, name=spec.name, state="created", image=spec.image, labels=spec.labels, created=0.0)
        )
        return ident

    def attach(self, ident: str) -> FakeConnection:
        self._call("attach")
        self.lifelines.append(FakeConnection(*([frame(self.said)] if self.said else [])))
        return self.lifelines[-1]

    def start(self, ident: str) -> None:
        self._call("start")

    def stop(self, ident: str, *, limit: int) -> None:
        self._call("stop")

    def is_in_use(self, ident: str, *, besides: Exec) -> bool:
        self._call("is_in_use")
        return False

    def logs(self, ident: str, *, follow: bool, tail: int | None = None) -> Iterator[bytes]:
        self._call("logs")
        yield self.said

    def copy_out(self, ident: str, path: str) -> Iterator[bytes]:
        self._call("copy_out")
        if path not in self.files:
            raise NotFound(f"no {path}")
        yield one_file(path.rpartition("/")[2], self.files[path])

    def copy_in(self, ident: str, folder: str, archive: Iterable[bytes]) -> None:
        self._call("copy_in")
        with tarfile.open(fileobj=io.BytesIO(b"".join(archive))) as tar:
            for member in tar:
                content = tar.extractfile(member)
                if content is not None:
                    self.files[f"{folder.rstrip('/')}/{member.name}"] = content.read()

    def export(self, ident: str) -> Iterator[bytes]:
        self._call("export")
        yield self.exports.pop(0) if self.exports else bytes(1024)

    def remove(self, ident: str) -> bool:
        self._call("remove")
        before = len(self.containers_known)
        self.containers_known = [row for row in self.containers_known if ident not in (row.id, row.name)]
        return len(self.containers_known) < before

    def ending(self, ident: str) -> Ending:
        self._call("ending")
        return self.ended_so

    def disconnect(self, ident: str) -> None:
        self._call("disconnect")

    def open(self, ident: str, spec: ExecSpec) -> FakeExec:
        self._call("open")
        self.ran.append(spec)
        code, stdout, stderr = self.commands(spec)
        chunks = [frame(text, error=is_error) for text, is_error in ((stdout, False), (stderr, True)) if text]
        self.execs.append(FakeExec(FakeConnection(*chunks), code))
        return self.execs[-1]

    def read_file(self, ident: str, path: str, *, limit: int) -> bytes | None:
        self._call("read_file")
        return self.files.get(path)

    def stamp(self, ident: str, path: str) -> FileStamp | None:
        self._call("stamp")
        return FileStamp(size=len(self.files[path]), modified="then") if path in self.files else None

    def nodes(self) -> tuple[Node, ...]:
        return tuple(self.nodes_known)

    def swarm_objects(self, labels: Sequence[str]) -> tuple[SwarmObject, ...]:
        found = [row for row in self.on_swarm if _has(row.labels, labels)]
        return tuple(sorted(found, key=lambda row: row.kind, reverse=True))

    def create_config(self, name: str, content: bytes, labels: Mapping[str, str]) -> str:
        self._call("create_config")
        self.on_swarm.append(SwarmObject(kind="config", id=f"id-of-{name}", name=name, labels=labels))
        return self.on_swarm[-1].id

    def create_job(self, spec: JobSpec) -> str:
        self._call("create_job")
        self.jobs_created.append(spec)
        self.on_swarm.append(SwarmObject(kind="service", id=f"id-of-{spec.name}", name=spec.name, labels=spec.labels))
        return self.on_swarm[-1].id

    def attempts(self, labels: Sequence[str]) -> tuple[Attempt, ...]:
        jobs = {row.id for row in self.swarm_objects(labels)}
        return tuple(task for task in self.tasks_of(self) if task.job in jobs)

    def attempt_log(self, attempt: str, *, limit: int) -> bytes:
        self._call("attempt_log")
        return self.logs_of(attempt)[:limit]

    def remove_swarm_object(self, found: SwarmObject) -> bool:
        self._call("remove_swarm_object")
        before = len(self.on_swarm)
        self.on_swarm = [row for row in self.on_swarm if row.id != found.id]
        return len(self.on_swarm) < before


def _has(labels: Mapping[str, str], wanted: Sequence[str]) -> bool:
    pairs = [text.partition("=") for text in wanted]
    return all(key in labels and (not equals or labels[key] == value) for key, equals, value in pairs)


@dataclass
class FakeReporter:
    """Keeps what it is told, as (verb, text); it is also the report of each of its steps."""

    told: list[tuple[str, str]] = field(default_factory=list)

    def heading(self, text: str) -> None:
        self.told.append(("heading", text))

    @contextmanager
    def step(self, label: str, title: str) -> Iterator[StepReport]:
        self.told.append((label, title))
        yield self

    def rows(self, rows: Sequence[Row]) -> None:
        self.told.extend(rows)

    def blank(self) -> None:
        self.told.append(("blank", ""))

    def warn(self, error: SandboxError) -> None:
        self.told.append(("warn", error.brief))

    def line(self, text: str) -> None:
        self.told.append(("line", text))

    def now(self, text: str) -> None:
        self.told.append(("now", text))

    def title(self, text: str) -> None:
        self.told.append(("title", text))

    def note(self, text: str) -> None:
        self.told.append(("note", text))


if TYPE_CHECKING:
    _engine: Engine = FakeEngine()
    _swarm: Swarm = FakeEngine()
    _connection: Connection = FakeConnection()
    _exec: Exec = FakeExec(FakeConnection())
    _reporter: Reporter = FakeReporter()
