"""The spec: what a user wants, as frozen values, from YAML or from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

# Not dataclasses: the creation of their classes took a tenth of the time to the prompt.
from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Mapping

Network = Literal["default", "offline", "none", "host"]
"""default: the engine's bridge. offline: cut after the install. none: never connected. host: the host's own network."""


class InlineFile(Struct, frozen=True, kw_only=True):
    """A small file to write in the sandbox; `mode` is octal permission bits."""

    path: str
    content: str
    mode: int = 0o644


class Port(Struct, frozen=True, kw_only=True):
    """A TCP or UDP port of the sandbox, published on `host` (an address) as `published` (0: any free one)."""

    container: int
    published: int
    host: str = "127.0.0.1"
    protocol: Literal["tcp", "udp"] = "tcp"


class Mount(Struct, frozen=True, kw_only=True):
    """A folder or file of the host, mounted in the sandbox; read-only by default."""

    source: str
    target: str
    read_only: bool = True
    relabel: Literal["", "z", "Z"] = ""
    """The SELinux label that it gets on the host: z shared by all containers, Z this one's alone."""

    @property
    def only_as_text(self) -> tuple[str, ...]:
        """What of it engines take only as the text SOURCE:TARGET (Binds), where no path can have a `:`; else nothing.

        The structured form (Mounts) has no word for labels (API 1.41). Podman 4.3 and 5.8 write it as a line of CSV
        and read that: a source `/a,src=/etc` mounted /etc.
        """
        labels = ("a label",) if self.relabel else ()
        return labels + tuple(f"a {sign}" for sign in (",", '"') if sign in self.source + self.target)


class Copy(Struct, frozen=True, kw_only=True):
    """A file or folder of the host, copied in as `target`, or into that folder; nothing is copied back."""

    source: str
    target: str


class Limits(Struct, frozen=True, kw_only=True):
    """What a sandbox may use: memory in bytes, cpus as a number of cores, pids as a count of tasks.

    `named` are the fields that were asked for by name, by an option or a spec; the rest are defaults.
    """

    memory: int = 2_000_000_000
    cpus: float = 2.0
    pids: int = 1024
    named: tuple[str, ...] = ()


class TextMatch(Struct, frozen=True, kw_only=True):
    """What a check expects of an output stream."""

    kind: Literal["equals", "contains", "matches"]
    text: str


class RunCheck(Struct, frozen=True, kw_only=True):
    """A shell command with an expected exit status, time limit in seconds, and expected output."""

    run: str
    exit: int = 0
    stdout: TextMatch | None = None
    stderr: TextMatch | None = None
    timeout: float = 60.0
    user: str | None = None


class FileCheck(Struct, frozen=True, kw_only=True):
    """A path that must exist, with this mode (octal bits) and owner (`user` or `user:group`) if given."""

    file: str
    mode: int | None = None
    owner: str | None = None


class PortCheck(Struct, frozen=True, kw_only=True):
    """A TCP port of the sandbox that must answer within `timeout` seconds."""

    port: int
    timeout: float = 10.0


Check = RunCheck | FileCheck | PortCheck


RepositoryFormat = Literal["deb822", "repo", "apk.list", "pacman.conf", "xbps.d"]
"""How a repository is written: the file that its manager reads."""


class SigningKey(Struct, frozen=True, kw_only=True):
    """The public key that signs a repository: its `content`, or where it lies.

    `file` is the name of the file it was read from, beside the spec. Else it is at `path` in the sandbox already, or at
    `url`, where it must have the SHA-256 `sha256`.
    """

    content: bytes = b""
    file: str = ""
    path: str = ""
    url: str = ""
    sha256: str = ""


class Repository(Struct, frozen=True, kw_only=True):
    """A package repository, in the words of its format: `fields` are these with their values, in order, less the key's.

    `name` is its own, and that of its files.
    """

    format: RepositoryFormat
    name: str
    fields: tuple[tuple[str, str], ...]
    key: SigningKey | None = None

    def field(self, name: str) -> str:
        """Return the value of a field, or ""."""
        return dict(self.fields).get(name, "")

    @property
    def url(self) -> str:
        """Its first address."""
        named = (
            self.field(key) for key in ("URIs", "baseurl", "mirrorlist", "metalink", "url", "Server", "repository")
        )
        return next((text.split()[0] for text in named if text), "")

    @property
    def is_unsigned(self) -> bool:
        """Whether its manager is told to take packages that nobody signed."""
        never = self.field("SigLevel").replace("Package", "").replace("Database", "")
        return (
            self.field("Trusted") == "yes"
            or self.field("gpgcheck") == "0"
            or bool({"Never", "TrustAll"} & set(never.split()))
        )


AnswerType = Literal["string", "boolean", "select", "multiselect"]


class Answer(Struct, frozen=True, kw_only=True):
    """An answer to a question that a package asks debconf before it is set up."""

    package: str
    question: str
    type: AnswerType
    value: str


class VersionPin(Struct, frozen=True, kw_only=True):
    """Which version of packages is preferred, in the words of apt_preferences(5)."""

    package: str
    pin: str
    priority: int


class Spec(Struct, frozen=True, kw_only=True):
    """What the user wants. `distro` is None for the host's or the image's, `limits` and `recommends` for the settings'.

    `image` is any image's reference, `dockerfile` an absolute path; not both. `platform` is None for the engine's own.
    `user` runs the shell and the command: `new`, `host`, UID or UID:GID; None is root. `shm_size` is in bytes.
    `docs` keeps manual pages that images drop; `from_source` compiles what the manager would install as binaries.
    `boot`: an init runs in it, as on a host.
    `repositories`, `answers`, `architectures` (foreign), `pins` and the commands `before` come before the packages.
    """

    name: str | None = None
    description: str = ""
    distro: str | None = None
    image: str | None = None
    dockerfile: str | None = None
    platform: str | None = None
    packages: tuple[str, ...] = ()
    recommends: bool | None = None
    docs: bool = False
    from_source: bool = False
    setup: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    shell: str | None = None
    command: tuple[str, ...] = ()
    files: tuple[InlineFile, ...] = ()
    ports: tuple[Port, ...] = ()
    mounts: tuple[Mount, ...] = ()
    copies: tuple[Copy, ...] = ()
    shm_size: int | None = None
    user: str | None = None
    limits: Limits | None = None
    network: Network = "default"
    capabilities: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    boot: bool = False
    checks: tuple[Check, ...] = ()
    repositories: tuple[Repository, ...] = ()
    answers: tuple[Answer, ...] = ()
    architectures: tuple[str, ...] = ()
    pins: tuple[VersionPin, ...] = ()
    before: tuple[str, ...] = ()
