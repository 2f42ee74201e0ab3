"""An engine in memory."""

# ruff: noqa: ARG002 - a fake has the shape of its Protocol, used or not
from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from msgspec.structs import replace
from tests.unit.fakes.calls import has_labels
from tests.unit.fakes.images import FakeImages
from tests.unit.fakes.inside import KILLED, RUNNING, Inside
from tests.unit.fakes.streams import FakeConnection, FakeExec, frame
from tests.unit.fakes.swarm import FakeSwarm
from tests.unit.fakes.tree import Tree

from sandbox.container.box import WAITS
from sandbox.core.tar import links
from sandbox.engine.protocol import Container, ContainerSpec, Ending, EngineInfo, ExecSpec, FileStamp, Image
from sandbox.errors import Conflict, EngineError, NotFound
from sandbox.lifecycle.lifetimes import HANDED_OVER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from types import TracebackType

    from tests.unit.fakes.inside import Answer, Program
    from tests.unit.fakes.tree import Node

    from sandbox.engine.begun import Begun
    from sandbox.engine.head_start import HeadStart
    from sandbox.engine.protocol import Engine, Exec
    from sandbox.engine.swarm import Swarm


@dataclass
class FakeEngine(FakeImages, FakeSwarm):
    """Holds images and containers, which behave as the claims of tests/contract/engine_claims.py say.

    `commands` or, with the container's files and the command's stdin, `program`: what a command answers. `files`:
    what every image holds. `said`: what a lifeline's PID 1 has written. `ended_so`: how every container ended.
    `exports`: what the next exports give, instead of the container's files.

    For tests of single functions: an engine that never had a container takes every id for one that runs, and one
    that never had an image makes containers of any.
    """

    commands: Callable[[ExecSpec], Answer] = lambda _: (0, b"", b"")
    program: Program | None = None
    files: dict[str, bytes] = field(default_factory=dict)
    url: str = "unix:///fake.sock"
    lacks: tuple[str, ...] = ()
    discarded: tuple[str, ...] = ()
    title: str = "docker 28.2"
    client: tuple[str, ...] = ("docker",)
    bridge: str = ""
    machine: str = ""
    ran: list[ExecSpec] = field(default_factory=list)
    created: list[ContainerSpec] = field(default_factory=list)
    lifelines: list[FakeConnection] = field(default_factory=list)
    execs: list[FakeExec] = field(default_factory=list)
    ended_so: Ending | None = None
    said: bytes = b""
    exports: list[bytes] = field(default_factory=list)
    root: str = ""
    insides: dict[str, Inside] = field(default_factory=dict)
    endings: dict[str, Ending] = field(default_factory=dict)
    volumes: dict[str, dict[str, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._has_images = bool(self.images_known)
        self._has_containers = bool(self.containers_known)

    def __enter__(self) -> FakeEngine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """There is nothing to close."""

    def bridge_address(self) -> str:
        return self.bridge

    def about(self) -> EngineInfo:
        self.call("about")
        name, _, version = self.title.partition(" ")
        return EngineInfo(
            lacks=self.lacks,
            name=name,
            version=f"{version}.2",
            api="1.44",
            url=self.url,
            root=self.root,
            architecture=self.machine,
            memory=1,
            cpus=1,
        )

    @property
    def swarm(self) -> FakeEngine | None:
        return self if self.title.startswith("docker") else None

    # containers
    def containers(self, labels: Sequence[str], *, sizes: bool = False) -> tuple[Container, ...]:
        self.call("containers")
        return tuple(row for row in self.containers_known if has_labels(row.labels, labels))

    def container(self, ident: str) -> Container | None:
        self.call("container")
        return self._row(ident)

    def _row(self, ident: str) -> Container | None:
        exact = [row for row in self.containers_known if row.id == ident]
        named = [row for row in self.containers_known if row.name == ident]
        short = [row for row in self.containers_known if row.id.startswith(ident)]
        return next(iter(exact or named or (short if len(short) == 1 else [])), None)

    def inside(self, ident: str) -> Inside:
        """Return what is behind a container; raise NotFound for none."""
        row = self._row(ident)
        self._has_containers = self._has_containers or bool(self.created or self.containers_known)
        if row is None and self._has_containers:
            raise NotFound(f"no such container: {ident}")
        known = row.id if row else ident
        if known not in self.insides:
            self.insides[known] = Inside(known, Tree(self.files))
        return self.insides[known]

    def create(self, spec: ContainerSpec) -> str:
        self.call("create")
        if any(row.name == spec.name for row in self.containers_known):
            raise Conflict(f"the name {spec.name} is taken")
        image = self._image(spec.image)
        self._has_images = self._has_images or bool(self.images_known)
        if image is None and self._has_images:
            raise NotFound(f"no such image: {spec.image}")
        self.created.append(spec)
        ident = f"id-of-{spec.name}"
        nodes = self.trees.get(image.id) if image else None
        tree = Tree(self.files) if nodes is None else Tree(nodes=nodes)
        self.insides[ident] = Inside(ident, tree, argv=spec.argv, auto_remove=spec.auto_remove)
        self._give_volumes(self.insides[ident], spec, image)
        tree.unpack("/", [links(spec.links)])
        labels = {**(image.labels if image else {}), **spec.labels}
        ports = tuple(
            (f"{port.container}/{port.protocol}", f"127.0.0.1:{port.published or 49_153}") for port in spec.ports
        )
        row = Container(
            id=ident, name=spec.name, state="created", image=spec.image, labels=labels, created=time.time(), ports=ports
        )
        self.containers_known.append(row)
        return ident

    def _give_volumes(self, inside: Inside, spec: ContainerSpec, image: Image | None) -> None:
        for path in self.volumes_of.get(image.id, ()) if image else ():
            name = f"volume-{len(self.volumes) + 1}-{inside.ident}"
            self.volumes[name] = {}
            inside.volumes[path] = name
        for other in spec.volumes_from:
            for path, name in self.inside(other).volumes.items():
                inside.volumes[path] = name
                inside.tree.unpack("/", [self.inside(other).tree.archive()])

    def head_start(self, spec: ContainerSpec) -> HeadStart | None:
        return None

    def adopt(self, spec: ContainerSpec, begun: Begun) -> tuple[str, FakeConnection] | None:
        self.call("adopt")
        return None

    def attach(self, ident: str) -> FakeConnection:
        self.call("attach")
        inside = self.inside(ident)
        said = [frame(self.said)] if self.said else []
        inside.lifeline = FakeConnection(*said, on_end=lambda: self._lose_lifeline(inside))
        self.lifelines.append(inside.lifeline)
        return inside.lifeline

    def _lose_lifeline(self, inside: Inside) -> None:
        row = self._row(inside.ident)
        if row is None or row.state != "running" or not inside.has_lifeline or row.id != inside.ident:
            return None
        if inside.tree.get(HANDED_OVER) is None:
            return self._end(inside, Ending(status=0))
        return self._hand_over(inside)

    def _hand_over(self, inside: Inside) -> None:
        """Run what PID 1 was told to, where it was told anything."""
        start = inside.tree.get(HANDED_OVER)
        if start is not None and start.content and self.program is not None:
            self._be_first(inside, ("sh", HANDED_OVER))

    def _be_first(self, inside: Inside, argv: tuple[str, ...]) -> None:
        code, stdout, stderr = self._answer(inside, ExecSpec(argv=argv), b"")
        inside.log += stdout + stderr
        if code != RUNNING:
            self._end(inside, Ending(status=code))

    def _answer(self, inside: Inside, spec: ExecSpec, stdin: bytes) -> Answer:
        return self.program(inside, spec, stdin) if self.program else self.commands(spec)

    def start(self, ident: str) -> None:
        self.call("start")
        inside = self.inside(ident)
        row = self._row(ident)
        if row is None or row.state == "running":
            return
        self._be(inside.ident, "running")
        if not inside.has_lifeline:
            self._be_first(inside, inside.argv)
        elif inside.tree.get(HANDED_OVER) is not None:
            self._hand_over(inside)
        else:
            inside.log += self.said
            if inside.lifeline is not None and (inside.lifeline.closed or inside.lifeline.write_closed):
                self._end(inside, Ending(status=0))

    def _be(self, ident: str, state: str) -> None:
        rows = self.containers_known
        rows[:] = [replace(row, state=state) if row.id == ident else row for row in rows]

    def _end(self, inside: Inside, ended: Ending) -> None:
        """Let a container end as it does when its PID 1 has."""
        inside.end(ended)
        self.endings[inside.ident] = ended
        if inside.auto_remove:
            self._forget(inside.ident)
        else:
            self._be(inside.ident, "exited")

    def _forget(self, ident: str) -> None:
        self.containers_known[:] = [row for row in self.containers_known if row.id != ident]
        gone = self.insides.pop(ident, None)
        if gone is not None:
            gone.vanish()
            used = {name for inside in self.insides.values() for name in inside.volumes.values()}
            for name in set(gone.volumes.values()) - used:
                self.volumes.pop(name, None)

    def kill(self, ident: str, *, status: int = KILLED, signals: tuple[int, ...] = ()) -> None:
        """Let a container die, as of its own fault or by another client."""
        self._end(self.inside(ident), Ending(status=status, signals=signals))

    def stop(self, ident: str, *, limit: int) -> None:
        self.call("stop")
        row = self._row(ident)
        inside = self.inside(ident)
        if row is not None and row.state == "running":
            self._end(inside, Ending(status=143 if inside.has_lifeline else KILLED, signals=(15,)))

    def is_in_use(self, ident: str, *, besides: Exec) -> bool:
        self.call("is_in_use")
        inside = self.insides.get(getattr(self._row(ident), "id", ident))
        return any(row.is_running and row.ident != besides.ident for row in (inside.execs if inside else ()))

    def logs(self, ident: str, *, follow: bool, tail: int | None = None) -> Iterator[bytes]:
        self.call("logs")
        lines = (self.inside(ident).log or self.said).splitlines(keepends=True)
        yield from lines if tail is None else lines[len(lines) - min(tail, len(lines)) :]

    def remove(self, ident: str) -> bool:
        self.call("remove")
        row = self._row(ident)
        if row is None:
            return False
        inside = self.inside(row.id)
        if row.state == "running":
            self.endings[row.id] = Ending(status=KILLED, signals=(9,))
        inside.end(Ending(status=KILLED, signals=(9,)))
        self._forget(row.id)
        return True

    def remove_by_end(self, ident: str, end: Callable[[], object], *, limit: float, is_busy: bool = False) -> bool:
        self.call("remove_by_end")
        return False

    def ending(self, ident: str) -> Ending:
        self.call("ending")
        return self.ended_so or self.endings.get(ident) or Ending(status=0)

    def disconnect(self, ident: str) -> None:
        self.call("disconnect")
        self.inside(ident).is_connected = False

    def commit(self, container: str, *, reference: str, labels: Mapping[str, str]) -> Image:
        self.call("commit")
        inside, row = self.inside(container), self._row(container)
        ident = f"sha256:commit{self.calls.count('commit')}"
        self.trees[ident] = inside.tree.nodes()
        given = {**(row.labels if row else {}), **labels}
        return self._keep(Image(id=ident, tags=(reference,), size=150, created=4e9, labels=given))

    # inside
    def copy_out(self, ident: str, path: str) -> Iterator[bytes]:
        self.call("copy_out")
        yield self.inside(ident).tree.archive(path)

    def copy_in(self, ident: str, folder: str, archive: Iterable[bytes]) -> None:
        self.call("copy_in")
        self.inside(ident).tree.unpack(folder, archive)

    def export(self, ident: str) -> Iterator[bytes]:
        self.call("export")
        yield self.exports.pop(0) if self.exports else self.inside(ident).tree.archive()

    def open(self, ident: str, spec: ExecSpec) -> FakeExec:
        self.call("open")
        inside, row = self.inside(ident), self._row(ident)
        if row is not None and row.state != "running":
            raise Conflict(f"container {row.name} is not running")
        if spec.argv[2:3] and WAITS in spec.argv[2]:
            return self._open_ahead(inside, spec)
        self.ran.append(spec)
        process = inside.open(
            spec, lambda stdin: self._answer(inside, spec, stdin), at_once=self.program is None or not spec.stdin
        )
        self.execs.append(process)
        return process

    def _open_ahead(self, inside: Inside, spec: ExecSpec) -> FakeExec:
        """Return a command that begins with the line that it waits for, and never where none comes."""
        own = replace(spec, argv=spec.argv[4:], stdin=spec.argv[2].endswith(WAITS))

        def answer(sent: bytes) -> Answer:
            if not sent.startswith(b"\n"):
                return 1, b"", b""
            self.ran.append(own)
            process.stream.sent = sent[1:]
            self.execs.append(process)
            return self._answer(inside, own, sent[1:])

        process = inside.open(spec, answer, at_once=False)
        return process

    def read_file(self, ident: str, path: str, *, limit: int) -> bytes | None:
        self.call("read_file")
        node = self._node(ident, path)
        if node is None or not node.is_file:
            return None
        if len(node.content) > limit:
            raise EngineError(f"{path} is too large to read: {len(node.content)} bytes")
        return node.content

    def stamp(self, ident: str, path: str) -> FileStamp | None:
        self.call("stamp")
        return None if self._node(ident, path) is None else self.inside(ident).tree.stamp(path)

    def _node(self, ident: str, path: str) -> Node | None:
        try:
            return self.inside(ident).tree.get(path)
        except NotFound:
            return None


if TYPE_CHECKING:
    _engine: Engine = FakeEngine()
    _swarm: Swarm = FakeEngine()
