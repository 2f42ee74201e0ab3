"""What runs containers: one small Protocol, and the values it uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from types import TracebackType

    from sandbox.engine.begun import Begun
    from sandbox.engine.head_start import HeadStart
    from sandbox.engine.swarm import Swarm
    from sandbox.specs.model import Limits, Mount, Port

Argv = tuple[str, ...]
State = Literal["created", "running", "paused", "restarting", "removing", "exited", "dead", "unknown"]


class EngineInfo(Struct, frozen=True, kw_only=True):
    """The engine's description of itself; `memory` in bytes."""

    name: str
    version: str
    api: str
    url: str
    architecture: str = ""
    storage: str = ""
    cgroup: str = ""
    memory: int = 0
    cpus: int = 0
    rootless: bool = False
    maps_users: bool = False
    """Whether a container's user numbers are others on its host, root's too (dockerd(8), --userns-remap)."""
    selinux: bool = False
    """Whether it gives containers SELinux labels, so that they can't read what has another."""
    root: str = ""
    """The folder of its data, on its own host."""
    can_limit_disk: bool = False
    lacks: tuple[str, ...] = ()
    """Those of `memory`, `swap`, `cpus` and `pids` that it can't limit."""
    runtimes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()
    """Differences from Docker, in sentences."""


class Image(Struct, frozen=True, kw_only=True):
    """An image of the engine; `size` in bytes, `created` an epoch, `digests` as `debian@sha256:...` of registries."""

    id: str
    tags: tuple[str, ...] = ()
    digests: tuple[str, ...] = ()
    size: int = 0
    created: float = 0.0
    env: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    platform: str = ""
    """Its platform, such as `linux/arm64/v8`; empty in a list of images."""
    workdir: str = ""
    user: str = ""
    """What its Dockerfile says with WORKDIR and USER; empty for nothing, and in a list of images."""


class BuildRequest(Struct, frozen=True, kw_only=True):
    """A Dockerfile to build with its folder as the context, less what .dockerignore names; all made has these labels.

    `arguments` are build arguments, as proxies, and in no image. `keeps_cache`: whether something may stay in the
    engine's cache, without which BuildKit is not used. `allows_frontend`: whether the image that `# syntax=` names may
    read the Dockerfile and its folder.
    """

    dockerfile: str
    reference: str
    labels: Mapping[str, str]
    platform: str | None = None
    arguments: Mapping[str, str] = field(default_factory=dict)
    keeps_cache: bool = True
    allows_frontend: bool = False


class Container(Struct, frozen=True, kw_only=True):
    """A container of the engine; `image` is its image's id, `created` is Unix time."""

    id: str
    name: str
    state: State
    image: str
    labels: Mapping[str, str]
    created: float
    ports: tuple[tuple[str, str], ...] = ()
    """Published ports, such as `6379/tcp` and `127.0.0.1:49153`."""
    size: int = 0
    """Bytes above its image, if requested."""
    pid: int = 0
    """The number of its first process on the engine's host, if it was looked for by itself and runs."""


class ContainerSpec(Struct, frozen=True, kw_only=True):
    """A container to create, with a stdin that closes with its first attachment.

    `auto_remove`: the engine removes it when it ends, and keeps no log of it. `volumes_from`: containers whose volumes
    it sees read-only. `volumes`: paths of anonymous volumes, which go with the last container that has them.
    `user`: UID:GID of PID 1.
    """

    name: str
    image: str
    argv: Argv
    labels: Mapping[str, str]
    hostname: str
    limits: Limits
    env: Mapping[str, str] = field(default_factory=dict)
    tmpfs: Mapping[str, str] = field(default_factory=dict)
    ports: tuple[Port, ...] = ()
    mounts: tuple[Mount, ...] = ()
    volumes_from: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    user: str = "0:0"
    platform: str | None = None
    network: Literal["default", "none", "host"] = "default"
    hosts: Mapping[str, str] = field(default_factory=dict)
    """Names that /etc/hosts gives an address besides the engine's own lines."""
    shm: int | None = None
    """Bytes of /dev/shm; None for the engine's default."""
    network_of: str = ""
    """A running container whose network it shares, instead of its own."""
    auto_remove: bool = True
    cap_drop: tuple[str, ...] = ()
    cap_add: tuple[str, ...] = ()
    security_opt: tuple[str, ...] = ()
    runtime: str | None = None
    devices: tuple[str, ...] = ()
    own_cgroups: bool = False
    """Whether it has a cgroup namespace of its own where that is not the engine's default."""
    links: Mapping[str, str] = field(default_factory=dict)
    """Symbolic links that are made in it before its start: where each leads, by its path."""


class ExecSpec(Struct, frozen=True, kw_only=True):
    """A command to run in a running container."""

    argv: Argv
    env: Mapping[str, str] = field(default_factory=dict)
    user: str = ""
    workdir: str = ""
    tty: bool = False
    stdin: bool = False


class FileStamp(Struct, frozen=True, kw_only=True):
    """What the engine says of a path without reading it: size in bytes, the change time as it prints it.

    `target`: where a link leads in the container in the end, whether something is there or not; empty for all else.
    """

    size: int
    modified: str
    is_folder: bool = False
    target: str = ""


class Ending(Struct, frozen=True, kw_only=True):
    """How a container ended, as the engine saw it: PID 1's status, None where it does not say.

    `signals` are those that the engine was asked to send, `is_memory` whether the kernel killed something at the limit
    of memory. `shows_signals`: whether it notes at all what it was asked for.
    """

    status: int | None = None
    signals: tuple[int, ...] = ()
    is_memory: bool = False
    shows_signals: bool = True


class PullProgress(Struct, frozen=True, kw_only=True):
    """Progress of a pull: bytes over all layers seen so far, and how many layers are done."""

    done: int
    total: int
    layers: int
    layers_done: int
    status: str


class Connection(Protocol):
    """A byte stream to a process in a container, with the interface of a socket."""

    @property
    def pending(self) -> bool:
        """Whether `recv` returns at once even if the descriptor has no data."""

    def fileno(self) -> int:
        """Return the file descriptor, for select."""

    def setblocking(self, flag: bool, /) -> None:
        """Set blocking mode."""

    def recv(self, size: int, /) -> bytes:
        """Return up to `size` bytes; nothing at the end."""

    def send(self, data: bytes, /) -> int:
        """Write some of `data`; return the number of bytes."""

    def sendall(self, data: bytes, /) -> None:
        """Write all of `data`."""

    def close_write(self) -> None:
        """Close the writing side; reading goes on."""

    def close(self) -> None:
        """Close both directions; a second call has no effect."""


class Exec(Protocol):
    """A started command and the stream to it: raw with a terminal, else the engine's 8-byte frames."""

    @property
    def ident(self) -> str:
        """The engine's name for it."""

    @property
    def stream(self) -> Connection:
        """The connection with its stdin, stdout and stderr."""

    def resize(self, rows: int, columns: int) -> None:
        """Resize its terminal. No effect once the command has ended."""

    def status(self) -> int:
        """Return its exit status once the stream has ended."""


class Engine(Protocol):
    """Docker, or Podman through its Docker-compatible socket. It raises only our errors."""

    def __enter__(self) -> Engine:
        """Return the engine itself."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close its connections."""

    @property
    def url(self) -> str:
        """Its URL."""

    @property
    def title(self) -> str:
        """Its name and version, short, such as `docker 28.2`."""

    @property
    def platform(self) -> str:
        """Its platform, such as `linux/amd64`; empty if unknown."""

    @property
    def client(self) -> Argv:
        """The command line of its own client up to the verb, as typed here: `docker`, `ssh build1 podman`."""

    @property
    def swarm(self) -> Swarm | None:
        """Its swarm mode; None for an engine that has none, such as Podman."""

    @property
    def discarded(self) -> tuple[str, ...]:
        """Its warnings about limits that its containers don't have."""

    def about(self) -> EngineInfo:
        """Return its description of itself (slow: tens of milliseconds)."""

    def bridge_address(self) -> str:
        """Return this host's address on the engine's own bridge; empty where that is not on this host."""

    # images
    def image(self, reference: str) -> Image | None:
        """Return the image of that name, digest or id, or None."""

    def images(self, labels: Sequence[str] = ()) -> tuple[Image, ...]:
        """Return the images that have all these labels (`key` or `key=value`)."""

    def login_problem(self, reference: str) -> str:
        """Return why the user's login for an image's registry is unavailable, or ""."""

    def pull(
        self, reference: str, on_progress: Callable[[PullProgress], None], *, platform: str | None = None
    ) -> Image:
        """Pull an image, of that platform or the engine's own. Raises PullFailed with the cause."""

    def push(self, source: str, reference: str, *, login: Mapping[str, str]) -> str:
        """Push an image to a registry as `reference`, by a name that it has only meanwhile; return its digest there.

        `login`: username and password. Raises EngineError with the registry's words.
        """

    def has_buildkit(self) -> bool:
        """Return whether it builds by BuildKit, through the user's buildx (slow: tenths of a second, once)."""

    def build(self, request: BuildRequest, on_line: Callable[[str], None]) -> Image:
        """Build an image; `on_line` is given the engine's words.

        Raise StepFailed with a failed step's last lines, PullFailed for what it starts from, UsageError for what can't
        be read, is too much to send, or is not allowed.
        """

    def build_cache(self) -> Mapping[str, int]:
        """Return the records of BuildKit's cache in bytes, by id: they have no labels, and stay."""

    def import_image(self, chunks: Iterable[bytes], *, reference: str, changes: Sequence[str]) -> Image:
        """Make an image of a root file system's tar stream (any compression the engine knows)."""

    def commit(self, container: str, *, reference: str, labels: Mapping[str, str]) -> Image:
        """Make an image of a container's files; `labels` override those of its image."""

    def remove_image(self, reference: str) -> bool:
        """Remove or untag; False if it did not exist. Raises Conflict if it is in use."""

    # containers
    def containers(self, labels: Sequence[str], *, sizes: bool = False) -> tuple[Container, ...]:
        """Return the containers, in any state, with all these labels; the engine walks their files to find sizes."""

    def container(self, ident: str) -> Container | None:
        """Return the container of that id or name, or None."""

    def create(self, spec: ContainerSpec) -> str:
        """Create a container and return its id."""

    def head_start(self, spec: ContainerSpec) -> HeadStart | None:
        """Return how to begin a container before the program is loaded; None where this engine can't be asked so."""

    def adopt(self, spec: ContainerSpec, begun: Begun) -> tuple[str, Connection] | None:
        """Return the id and the lifeline of a container that was begun ahead, if it is exactly the one of `spec`."""

    def attach(self, ident: str) -> Connection:
        """Attach to a container's stdin and output, before its start."""

    def start(self, ident: str) -> None:
        """Start a created or stopped container. No effect if it runs."""

    def stop(self, ident: str, *, limit: int) -> None:
        """Ask PID 1 to end; kill it after `limit` seconds. No effect if it is stopped."""

    def is_in_use(self, ident: str, *, besides: Exec) -> bool:
        """Return whether a command that was started by exec still runs, except the one in `besides`."""

    def logs(self, ident: str, *, follow: bool, tail: int | None = None) -> Iterator[bytes]:
        """Yield the output of PID 1, as it arrives with `follow`; with `tail` only its last lines."""

    def copy_out(self, ident: str, path: str) -> Iterator[bytes]:
        """Yield a tar archive of a file or folder. Raises NotFound if it does not exist."""

    def copy_in(self, ident: str, folder: str, archive: Iterable[bytes]) -> None:
        """Unpack a tar archive into a folder of a container. Raises NotFound if there is no such folder."""

    def export(self, ident: str) -> Iterator[bytes]:
        """Yield a tar archive of all of a container's files, running or not, without mounts."""

    def remove(self, ident: str) -> bool:
        """Kill and remove it with its anonymous volumes, and wait for the end; False if it was already gone."""

    def remove_by_end(self, ident: str, end: Callable[[], object], *, limit: float, is_busy: bool = False) -> bool:
        """Call `end`, which ends a container with `auto_remove`; return whether it is gone within `limit` seconds.

        That takes less time than to kill it. False, without that call, where the engine can't say when it is gone.
        `is_busy`: the engine still works on it, as by `disconnect`, and may answer only then: the call is not late.
        """

    def ending(self, ident: str) -> Ending:
        """Return how a container ended, even if it is gone, from the engine's records of the last day."""

    def disconnect(self, ident: str) -> None:
        """Disconnect the container from every network."""

    # inside
    def open(self, ident: str, spec: ExecSpec) -> Exec:
        """Start a command in a running container."""

    def read_file(self, ident: str, path: str, *, limit: int) -> bytes | None:
        """Return a regular file's content, or None if there is none. Raises EngineError above `limit` bytes."""

    def stamp(self, ident: str, path: str) -> FileStamp | None:
        """Return the stamp of a path, or None if it does not exist."""
