"""Docker's engine at a socket of this host, asked without the docker SDK for all that an ordinary session needs.

The SDK and its libraries take a tenth of a second to load. They are loaded for what is not here, as a build or a pull,
and where the engine refuses something: then it is asked once more by the SDK, which knows what each refusal means.
"""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

from sandbox.engine import convert
from sandbox.engine.begun import speaker_of
from sandbox.engine.described import ANSWER_LIMIT, ATTACHED, STAMP_LIMIT, Described, exec_config, wait_for_status
from sandbox.engine.dockercli import read_config
from sandbox.engine.raw import read_head, read_rest, send
from sandbox.engine.refusals import refusal
from sandbox.engine.socket_api import OK, REFUSED, SocketApi, connection_error, parse, path_stat
from sandbox.errors import EngineError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from types import TracebackType

    from sandbox.engine.begun import Begun
    from sandbox.engine.docker.client import DockerEngine
    from sandbox.engine.dockercli import Endpoint
    from sandbox.engine.protocol import (
        BuildRequest,
        Connection,
        Container,
        ContainerSpec,
        Ending,
        EngineInfo,
        Exec,
        ExecSpec,
        FileStamp,
        Image,
        PullProgress,
    )
    from sandbox.engine.streams import SocketConnection
    from sandbox.engine.swarm import Swarm

ABSENT: Final = 404
CONFLICT: Final = 409
STARTED: Final = (204, 304)


def connect_directly(
    url: str,
    *,
    environ: Mapping[str, str],
    endpoint: Endpoint | None = None,
    timeout: float = 60.0,
    begun: Begun | None = None,
) -> DirectEngine | None:
    """Return the engine at a URL; None where it is not Docker at a socket of this host that takes plain requests.

    `begun` is a container that was begun ahead, perhaps there: its engine may be known.

    Raises NoEngine or EngineTimeout where nothing answers there.
    """
    if not url.startswith("unix://") or _has_headers(environ):
        return None
    try:
        about, speaker = _known_version(url, begun) or _version(url.removeprefix("unix://"))
    except OSError as error:
        raise connection_error(f"answer at {url}", error) from error
    except ValueError:
        return None
    if not about.get("ApiVersion") or convert.engine_name(about) != "docker":
        return None  # Podman's answers differ in many small things, which the other way knows
    context = endpoint.name if endpoint is not None else ""

    def connect() -> DockerEngine:
        from sandbox.engine.docker import connect as by_sdk

        return by_sdk.connect(url, environ=environ, endpoint=endpoint, timeout=timeout)

    found = DirectEngine(url, about, environ, context=context, connect=connect, timeout=timeout)
    found.speaker = speaker
    return found


def _known_version(url: str, begun: Begun | None) -> tuple[Mapping[str, Any], str] | None:
    """Return the answer to /version and the speaker of the engine that has begun a container; None if not known."""
    known = begun.version() if begun is not None and begun.url == url else None
    return (known, begun.speaker) if known is not None and begun is not None else None


def _version(path: str) -> tuple[Mapping[str, Any], str]:
    """Return the answer to /version at a socket, and its speaker. Raises OSError, ValueError."""
    connection = send(path, "GET", "/version", limit=ANSWER_LIMIT)
    status, head, rest = read_head(connection)
    answer = read_rest(connection, rest)
    return json.loads(answer) if status == OK else {}, speaker_of(head)


def _has_headers(environ: Mapping[str, str]) -> bool:
    try:
        return bool(read_config(environ).headers)
    except UsageError:
        return False


class DirectExec:
    """A started command and its stream."""

    def __init__(self, engine: DirectEngine, ident: str, stream: SocketConnection) -> None:
        self._engine = engine
        self.ident = ident
        self.stream = stream

    def resize(self, rows: int, columns: int) -> None:
        """Resize the terminal. No effect once the command has ended."""
        self._engine.resize_exec(self.ident, rows, columns)

    def status(self) -> int:
        """Return its exit status once the stream has ended; raise ConnectionCut where it is still running."""
        return wait_for_status(lambda: self._engine.exec_status(self.ident))


class DirectEngine(Described):
    """Docker at a socket. `connect` connects the SDK to it, `timeout` is in seconds."""

    def __init__(
        self,
        url: str,
        about: Mapping[str, Any],
        environ: Mapping[str, str],
        *,
        context: str = "",
        connect: Callable[[], DockerEngine],
        timeout: float = 60.0,
    ) -> None:
        super().__init__(url, about, environ, context)
        self._api = SocketApi(url.removeprefix("unix://"), self._version, limit=timeout)
        self._connect = connect
        self._sdk: DockerEngine | None = None
        self._loading = threading.Lock()
        self._info: EngineInfo | None = None
        self._describing = threading.Lock()

    def __enter__(self) -> DirectEngine:
        """Return the engine itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close its connections."""
        if self._sdk is not None:
            self._sdk.__exit__(kind, error, trace)

    @property
    def by_sdk(self) -> DockerEngine:
        """The same engine through the SDK, which is loaded now. Raises what connecting does."""
        with self._loading:
            if self._sdk is None:
                self._sdk = self._connect()
            return self._sdk

    # itself

    @property
    def swarm(self) -> Swarm:
        """Its swarm mode."""
        from sandbox.engine.direct_swarm import DirectSwarm

        return DirectSwarm(self, self._api, lambda: self.by_sdk)

    def about(self) -> EngineInfo:
        """Return its description of itself, asked for once: the engine runs two programs for each answer."""
        with self._describing:
            if self._info is None:
                status, found = self._api.read("describe itself", self._api.target("/info"))
                about, version = self._about, self._version
                self._info = (
                    convert.info(found, about, url=self.url, api=version) if status == OK else self.by_sdk.about()
                )
            return self._info

    def bridge_address(self) -> str:
        """Return this host's address on the engine's own bridge; empty where that is not on this host."""
        return self.by_sdk.bridge_address()

    # images

    def image(self, reference: str) -> Image | None:
        """Return the image of that name, digest or id, or None."""
        path, query = self._image_query(quote(reference, safe="/:"))
        target = path + (f"?{urlencode(query)}" if query else "")
        status, found = self._api.read(f"look for the image {reference}", target)
        if status == ABSENT:
            return None
        return convert.image(found) if status == OK else self.by_sdk.image(reference)

    def images(self, labels: Sequence[str] = ()) -> tuple[Image, ...]:
        """Return the images that have all these labels."""
        query = {"all": 0, **({"filters": json.dumps({"label": list(labels)})} if labels else {})}
        status, rows = self._api.read("list its images", self._api.target("/images/json", query))
        return tuple(convert.image(row) for row in rows) if status == OK else self.by_sdk.images(labels)

    def login_problem(self, reference: str) -> str:
        """Return why the user's login for an image's registry is unavailable, or ""."""
        return self.by_sdk.login_problem(reference)

    def pull(
        self, reference: str, on_progress: Callable[[PullProgress], None], *, platform: str | None = None
    ) -> Image:
        """Pull an image. Raises PullFailed with the cause."""
        return self.by_sdk.pull(reference, on_progress, platform=platform)

    def push(self, source: str, reference: str, *, login: Mapping[str, str]) -> str:
        """Push an image as `reference`; return its digest there."""
        return self.by_sdk.push(source, reference, login=login)

    def has_buildkit(self) -> bool:
        """Return whether it builds by BuildKit, through the user's buildx."""
        return self.by_sdk.has_buildkit()

    def build(self, request: BuildRequest, on_line: Callable[[str], None]) -> Image:
        """Build an image."""
        return self.by_sdk.build(request, on_line)

    def build_cache(self) -> Mapping[str, int]:
        """Return the records of BuildKit's cache in bytes, by id."""
        return self.by_sdk.build_cache()

    def import_image(self, chunks: Iterable[bytes], *, reference: str, changes: Sequence[str]) -> Image:
        """Make an image of a root file system's tar stream."""
        return self.by_sdk.import_image(chunks, reference=reference, changes=changes)

    def commit(self, container: str, *, reference: str, labels: Mapping[str, str]) -> Image:
        """Make an image of a container's files."""
        return self.by_sdk.commit(container, reference=reference, labels=labels)

    def remove_image(self, reference: str) -> bool:
        """Remove or untag; False if it did not exist. Raises Conflict if it is in use."""
        return self.by_sdk.remove_image(reference)

    # containers

    def containers(self, labels: Sequence[str], *, sizes: bool = False) -> tuple[Container, ...]:
        """Return the containers, in any state, that have all these labels."""
        query = {"all": 1, "size": int(sizes), "filters": json.dumps({"label": list(labels)})}
        status, rows = self._api.read("list its containers", self._api.target("/containers/json", query))
        if status != OK:
            return self.by_sdk.containers(labels, sizes=sizes)
        return tuple(convert.listed_container(row) for row in rows)

    def container(self, ident: str) -> Container | None:
        """Return the container of that id or name, or None."""
        status, found = self._api.read(f"look for the container {ident}", self._container(ident, "/json"))
        if status == ABSENT:
            return None
        return convert.inspected_container(found) if status == OK else self.by_sdk.container(ident)

    def _container(self, ident: str, path: str, query: Mapping[str, Any] | None = None) -> str:
        return self._api.target(f"/containers/{quote(ident, safe='/:')}{path}", query)

    def create(self, spec: ContainerSpec) -> str:
        """Create a container and return its id."""
        if spec.links or spec.volumes_from:
            return self._create_by_sdk(spec)
        target, body = self._creation(spec)
        doing = f"create the container {spec.name}"
        status, answer = self._api.ask(doing, "POST", target, body)
        if status >= REFUSED:
            return self._create_by_sdk(spec)
        made = parse(doing, answer)
        self._collect_warnings(made.get("Warnings"))
        return str(made["Id"])

    def _create_by_sdk(self, spec: ContainerSpec) -> str:
        made = self.by_sdk.create(spec)
        self._collect_warnings(self.by_sdk.discarded)
        return made

    def attach(self, ident: str) -> Connection:
        """Attach to a container's stdin and output, before its start."""
        opened = self._api.stream("attach to the container", self._container(ident, "/attach", ATTACHED))
        return opened or self.by_sdk.attach(ident)

    def start(self, ident: str) -> None:
        """Start a created or stopped container. No effect if it runs."""
        status, _ = self._api.ask("start the container", "POST", self._container(ident, "/start"))
        if status not in STARTED:
            self.by_sdk.start(ident)

    def stop(self, ident: str, *, limit: int) -> None:
        """Ask PID 1 to end; kill it after `limit` seconds."""
        self.by_sdk.stop(ident, limit=limit)

    def is_in_use(self, ident: str, *, besides: Exec) -> bool:
        """Return whether a command that was started by exec still runs, except the one in `besides`."""
        return self.by_sdk.is_in_use(ident, besides=besides)

    def logs(self, ident: str, *, follow: bool, tail: int | None = None) -> Iterator[bytes]:
        """Yield the output of PID 1."""
        return self.by_sdk.logs(ident, follow=follow, tail=tail)

    def copy_out(self, ident: str, path: str) -> Iterator[bytes]:
        """Yield a tar archive of a file or folder. Raises NotFound if it does not exist."""
        return self._api.download(f"copy {path}", self._container(ident, "/archive", {"path": path}))

    def copy_in(self, ident: str, folder: str, archive: Iterable[bytes]) -> None:
        """Unpack a tar archive in a folder of a container."""
        self._api.upload(f"copy to {folder}", self._container(ident, "/archive", {"path": folder}), archive)

    def export(self, ident: str) -> Iterator[bytes]:
        """Yield a tar archive of all of a container's files."""
        return self._api.download("read the container's files", self._container(ident, "/export"))

    def remove(self, ident: str) -> bool:
        """Kill and remove it with its anonymous volumes, and wait for the end; False if it was already gone."""
        target = self._container(ident, "", {"v": 1, "force": 1})
        status, _ = self._api.ask(f"remove the container {ident[:12]}", "DELETE", target)
        if status == ABSENT:
            return False
        # the engine's own AutoRemove may be faster, or still at work: the SDK's way waits for it
        return True if status < REFUSED else self.by_sdk.remove(ident) or status == CONFLICT

    def remove_by_end(self, ident: str, end: Callable[[], object], *, limit: float, is_busy: bool = False) -> bool:
        """Call `end`, and return whether the engine has removed the container by itself within `limit` seconds.

        While the engine takes it off its networks it lets the question wait, 50 ms and more: with `is_busy` the end
        comes meanwhile, right behind the question, and one that was gone before its turn is as gone.
        """
        target = self._container(ident, "/wait", {"condition": "removed"})
        try:
            connection = send(self._api.path, "POST", target, limit=limit)
            if is_busy:
                end()
            # its header comes at once, so that none is missed that is gone as fast
            status, _, begin = read_head(connection)
            if status != OK:
                connection.close()
                return is_busy and status == ABSENT
            if not is_busy:
                end()
            return not json.loads(read_rest(connection, begin)).get("Error")
        except (OSError, ValueError):
            return False

    def ending(self, ident: str) -> Ending:
        """Return how a container ended, even if it is gone, from the engine's events."""
        return self.by_sdk.ending(ident)

    def disconnect(self, ident: str) -> None:
        """Disconnect the container from every network."""
        doing = "disconnect the container from its networks"
        found = self._api.value(doing, self._container(ident, "/json"))
        for name in found["NetworkSettings"]["Networks"] or ():
            body = json.dumps({"Container": ident, "Force": True})
            target = self._api.target(f"/networks/{quote(name, safe='/:')}/disconnect")
            status, answer = self._api.ask(doing, "POST", target, body)
            if status >= REFUSED:
                raise refusal(doing, status, answer)

    # inside

    def open(self, ident: str, spec: ExecSpec) -> Exec:
        """Start a command in a running container."""
        doing = f"run {spec.argv[0]} in the sandbox"
        status, answer = self._api.ask(doing, "POST", self._container(ident, "/exec"), json.dumps(exec_config(spec)))
        if status >= REFUSED:
            return self.by_sdk.open(ident, spec)
        made = str(parse(doing, answer)["Id"])
        body = json.dumps({"Tty": spec.tty, "Detach": False})
        stream = self._api.stream(doing, self._api.target(f"/exec/{made}/start"), body)
        return DirectExec(self, made, stream) if stream is not None else self.by_sdk.open(ident, spec)

    def resize_exec(self, ident: str, rows: int, columns: int) -> None:
        """Resize a command's terminal. No effect once it has ended."""
        query = {"h": rows, "w": columns}
        self._api.ask("resize the terminal", "POST", self._api.target(f"/exec/{ident}/resize", query))

    def exec_status(self, ident: str) -> int | None:
        """Return a command's exit status; None while it runs. Raises NotFound where its container is gone."""
        row = self._api.value("ask for the exit status", self._api.target(f"/exec/{ident}/json"))
        return convert.exit_status(row)

    def read_file(self, ident: str, path: str, *, limit: int) -> bytes | None:
        """Return a regular file's content, or None if there is none. Raises EngineError above `limit` bytes."""
        from sandbox.core.tar import only_file

        with self._api.answer(f"read {path}", "GET", self._container(ident, "/archive", {"path": path})) as answer:
            found = convert.stamp(path_stat(answer.head)) if answer.status == OK else None
            if found is None or found.is_folder:
                return None if answer.status in (OK, ABSENT) else self.by_sdk.read_file(ident, path, limit=limit)
            if found.size > limit:
                message = f"{path} is too large to read: {found.size} bytes"
                raise EngineError(message)
            return only_file(answer.body())

    def stamp(self, ident: str, path: str) -> FileStamp | None:
        """Return the stamp of a path, or None if it does not exist (HEAD /containers/NAME/archive)."""
        target = self._container(ident, "/archive", {"path": path})
        with self._api.answer(f"look up {path}", "HEAD", target, limit=STAMP_LIMIT) as answer:
            if answer.status == ABSENT:
                return None
            return convert.stamp(path_stat(answer.head)) if answer.status == OK else self.by_sdk.stamp(ident, path)
