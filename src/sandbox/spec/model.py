"""The spec: what a user wants, as frozen values, whether it came from YAML or from the command line."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Network = Literal["default", "offline", "none"]
"""default: the engine's bridge. offline: cut once the packages are in. none: never connected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InlineFile:
    """A small file to put into the sandbox; `mode` is octal permission bits."""

    path: str
    content: str
    mode: int = 0o644


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """A TCP or UDP port of the sandbox, published on `host` (an address) as `published` (0: any free one)."""

    container: int
    published: int
    host: str = "127.0.0.1"
    protocol: Literal["tcp", "udp"] = "tcp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """A folder or file of the host, seen in the sandbox; read-only unless asked otherwise."""

    source: str
    target: str
    read_only: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a sandbox may use: memory in bytes, cpus as a number of cores, pids as a count of tasks."""

    memory: int = 2_000_000_000
    cpus: float = 2.0
    pids: int = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class TextMatch:
    """What a check expects of an output stream."""

    kind: Literal["equals", "contains", "matches"]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCheck:
    """A shell command that must end with `exit` within `timeout` seconds and print what is asked."""

    run: str
    exit: int = 0
    stdout: TextMatch | None = None
    stderr: TextMatch | None = None
    timeout: float = 60.0
    user: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCheck:
    """A path that must exist, with this mode (octal bits) and owner (`user` or `user:group`) where given."""

    file: str
    mode: int | None = None
    owner: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PortCheck:
    """A TCP port of the sandbox that must answer within `timeout` seconds."""

    port: int
    timeout: float = 10.0


Check = RunCheck | FileCheck | PortCheck


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """What the user wants. `limits` is None where the settings' own hold; `distro` is None for the host's."""

    name: str | None = None
    description: str = ""
    distro: str | None = None
    packages: tuple[str, ...] = ()
    setup: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    shell: str | None = None
    command: tuple[str, ...] = ()
    files: tuple[InlineFile, ...] = ()
    ports: tuple[Port, ...] = ()
    mounts: tuple[Mount, ...] = ()
    limits: Limits | None = None
    network: Network = "default"
    checks: tuple[Check, ...] = ()
