"""What a spec asks for beyond the defaults, in words, and whether the user allows it: specs are shared."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, get_args

from sandbox.core.human import size
from sandbox.errors import Advice, UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from sandbox.specs.model import Limits, Mount, Repository, Spec

Grant = Literal[
    "mounts",
    "copies",
    "ports",
    "build",
    "frontend",
    "devices",
    "capabilities",
    "network",
    "limits",
    "repositories",
    "pins",
    "architectures",
    "answers",
    "before",
    "boot",
    "local-url",
]
RISKS: Final = {
    "SYS_ADMIN": "is nearly root on this host",
    "SYS_MODULE": "loads code into this host's kernel",
    "SYS_RAWIO": "reaches this host's memory and disks",
    "SYS_PTRACE": "looks into other processes of the sandbox",
    "NET_ADMIN": "changes the sandbox's network",
    "DAC_READ_SEARCH": "reads files of this host by their handles",
    "MKNOD": "makes device files",
}
FORBIDDEN: Final = ("/", "/etc", "/root", "/home", "/boot", "/dev", "/proc", "/sys", "/usr", "/var", "/run", "/var/run")
"""Folders of a host that should not be mounted whole."""
SOCKETS: Final = ("docker.sock", "podman.sock", "containerd.sock", "crio.sock")
GRANTS: Final[tuple[str, ...]] = get_args(Grant)


def requests(spec: Spec, limits: Limits) -> tuple[tuple[Grant, str], ...]:
    """Return (kind, meaning) of each thing the spec asks for beyond the default `limits` and settings."""
    mounts = tuple(
        f"sees {mount.source} of this host as {mount.target}"
        + ("" if mount.read_only else " and may change it")
        + (" and changes its SELinux label" if mount.relabel else "")
        for mount in spec.mounts
    )
    copies = tuple(f"gets a copy of {copy.source} of this host as {copy.target}" for copy in spec.copies)
    ports = tuple(
        f"opens its port {port.container}/{port.protocol} at {port.host}:{port.published or '(any free)'}"
        for port in spec.ports
    )
    devices = tuple(f"uses {path} of this host" for path in spec.devices)
    capabilities = tuple(f"has the kernel capability {name}, which {_risk(name)}" for name in spec.capabilities)
    host = ("is on this host's own network: it sees and may open every local port",)
    build = (f"sends the folder of {spec.dockerfile} to the engine, where its commands can read it",)
    texts: Mapping[Grant, tuple[str, ...]] = {
        "mounts": mounts,
        "copies": copies,
        "ports": ports,
        "build": build if spec.dockerfile else (),
        "devices": devices,
        "capabilities": capabilities,
        "network": host if spec.network == "host" else (),
        "limits": _wider(spec.limits, limits),
        "boot": ("boots systemd, for which some engines have to give it power over this host",) if spec.boot else (),
        **_before_packages(spec),
    }
    return tuple((grant, text) for grant, rows in texts.items() for text in rows)


def _before_packages(spec: Spec) -> Mapping[Grant, tuple[str, ...]]:
    return {
        "repositories": tuple(f"takes packages from {row.url}, {_signer(row)}" for row in spec.repositories),
        "pins": tuple(f"prefers {row.pin} of {row.package} ({row.priority})" for row in spec.pins),
        "architectures": tuple(f"takes packages of {name}" for name in spec.architectures),
        "answers": tuple(f'answers "{row.value}" to {row.question}' for row in spec.answers),
        "before": tuple(f"runs before the packages: {' '.join(text.split())}" for text in spec.before),
    }


def _signer(row: Repository) -> str:
    """Return who signs a repository, as far as the spec says it."""
    from sandbox.specs.public_keys import fingerprints

    key = row.key
    if row.is_unsigned:
        return "which nobody signs"
    if key is None:
        return "signed by a key that the distro trusts"
    if key.url:
        return f"signed by the key at {key.url}"
    if key.path:
        return f"signed by {key.path} in the sandbox"
    return f"signed by {' or '.join(fingerprints(key)) or 'the key in the spec'}"


def _risk(capability: str) -> str:
    """Return the meaning of a capability (capabilities(7)), for those that are a way out of the sandbox."""
    return RISKS.get(capability, "packages don't need to install")


def _wider(asked_for: Limits | None, limits: Limits) -> tuple[str, ...]:
    if asked_for is None:
        return ()
    rows = (
        (asked_for.memory > limits.memory, f"may use {size(asked_for.memory)} of memory, not {size(limits.memory)}"),
        (asked_for.cpus > limits.cpus, f"may use {asked_for.cpus:g} cores, not {limits.cpus:g}"),
        (asked_for.pids > limits.pids, f"may have {asked_for.pids} processes, not {limits.pids}"),
    )
    return tuple(text for is_wider, text in rows if is_wider)


def parse_allow(names: Collection[str]) -> frozenset[str]:
    """Return the kinds in `--allow a,b`. Raises UsageError for an unknown one."""
    for name in names:
        if name not in GRANTS:
            message = f"--allow: unknown kind {name!r}"
            raise UsageError(message, details=[("known", ", ".join(GRANTS))])
    return frozenset(names)


def missing_grants(spec: Spec, granted: Collection[str], limits: Limits) -> tuple[tuple[Grant, str], ...]:
    """Return what the spec asks for and the user did not allow."""
    return tuple((grant, text) for grant, text in requests(spec, limits) if grant not in granted)


def refusal_error(rows: tuple[tuple[Grant, str], ...]) -> UsageError:
    """Return the error for a spec that asks for more than the user allowed."""
    kinds = sorted({grant for grant, _ in rows})
    return UsageError(
        "the spec asks for more than a sandbox has by default",
        details=list(rows),
        hints=[Advice.again("--allow", ",".join(kinds), after=", if you trust the spec")],
    )


def dangerous(mounts: Iterable[Mount], home: Path) -> tuple[str, ...]:
    """Return the sources of mounts that would hand the host over: its root, its folders, a home, an engine's socket."""
    return tuple(mount.source for mount in mounts if _is_dangerous(Path(mount.source), home))


def _is_dangerous(source: Path, home: Path) -> bool:
    real = Path(os.path.realpath(source))
    if any(str(path) in FORBIDDEN or path == home for path in (real, source)):
        return True
    return any(part in SOCKETS for part in (real.name, source.name)) or any(map(_holds_socket, (real, source)))


def _holds_socket(folder: Path) -> bool:
    try:
        return folder.is_dir() and any((folder / name).exists() for name in SOCKETS)
    except OSError:
        return False


def too_dangerous(sources: Iterable[str]) -> UsageError:
    """Return the error for dangerous mounts."""
    rows = [("mount", f"mounting {source} gives the package control of this host") for source in sources]
    hints = [
        Advice.say("mount a folder of its own instead"),
        Advice.again("--allow-dangerous", after=", if you mean it"),
    ]
    return UsageError("refused a dangerous mount", details=rows, hints=hints)
