"""What a host with pacman is: its packages, repositories, the keys that it signed itself, and what it ignores.

Sources: pacman.conf(5), pacman-conf(8), pacman-key(8), and libalpm's local database. Nothing is changed.
"""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox.core.openpgp import dearmor, public_keys
from sandbox.errors import Advice, UsageError
from sandbox.managers.host_settings import refusal_of_source
from sandbox.managers.host_state import HostFile, HostPackage, HostState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.managers.protocol import Runner

REPOSITORIES: Final = "/etc/pacman.d/of-host.conf"
OPTIONS: Final = "/etc/pacman.d/of-host.options"
KEYS: Final = "/etc/pacman.d/of-host"
"""Where the sandbox finds the host's repositories, options and keys."""
LOCAL: Final = "var/lib/pacman/local"
_NAME: Final = re.compile(r"[A-Za-z0-9@_+][A-Za-z0-9@._+-]*")
_VERSION: Final = re.compile(r"[A-Za-z0-9:._+~-]+")
_TAKEN: Final = ("IgnorePkg", "IgnoreGroup", "SigLevel", "NoExtract")


def read_host(run: Runner, root: Path = Path("/")) -> HostState:
    """Return the state of the host whose files are below `root`; `run` asks its pacman. Raises UsageError."""
    packages = tuple(_packages(root))
    if not packages:
        message = "pacman's database on this host does not say which packages it has"
        raise UsageError(message, hints=[Advice.program("pacman", "-Q")])
    ignored = frozenset(run(("pacman-conf", "IgnorePkg"), {})[1].split())
    packages = tuple(
        HostPackage(name=row.name, version=row.version, is_manual=row.is_manual, is_held=True, record=row.record)
        if row.name in ignored
        else row
        for row in packages
    )
    left: list[str] = []
    repositories = "\n".join(_repositories(run, left))
    own = run(("pacman-conf",), {})[1].removeprefix("[options]\n").partition("\n[")[0]
    options = "".join(f"{line}\n" for line in own.splitlines() if line.partition(" = ")[0] in _TAKEN)
    files = (
        *_keys(run, left),
        HostFile(path=OPTIONS, content=options.encode()),
        HostFile(path=REPOSITORIES, content=f"{repositories}\n".encode()),
    )
    return HostState(packages=packages, files=files, left_out=tuple(dict.fromkeys(left)))


def _packages(root: Path) -> Iterator[HostPackage]:
    """Yield the packages of the local database, a folder for each; a record is its `desc` without empty lines."""
    folder = root / LOCAL
    for path in sorted(folder.glob("*/desc")) if folder.is_dir() else ():
        lines = [line for line in path.read_text(errors="replace").splitlines() if line]
        fields = dict(pairwise(lines))
        name, version = fields.get("%NAME%", ""), fields.get("%VERSION%", "")
        if _NAME.fullmatch(name) and _VERSION.fullmatch(version):
            is_manual = fields.get("%REASON%", "0") == "0"
            yield HostPackage(name=name, version=version, is_manual=is_manual, record="\n".join(lines))


def _repositories(run: Runner, left: list[str]) -> Iterator[str]:
    """Yield the lines of the repositories' sections, as pacman-conf resolves them."""
    for name in run(("pacman-conf", "--repo-list"), {})[1].split():
        if not _NAME.fullmatch(name):
            continue
        rows = [row.partition(" = ") for row in run(("pacman-conf", f"--repo={name}"), {})[1].splitlines()]
        servers = [value for key, _, value in rows if key == "Server"]
        reasons = {url: refusal_of_source((url,)) for url in servers}
        left += [f"a server of the repository {name}: {reason}" for reason in reasons.values() if reason]
        kept = [url for url, reason in reasons.items() if not reason]
        if kept:
            levels = [f"{key} = {value}" for key, _, value in rows if key in ("SigLevel", "Usage")]
            yield from (f"[{name}]", *levels, *(f"Server = {url}" for url in kept))


def _keys(run: Runner, left: list[str]) -> Iterator[HostFile]:
    """Yield the public keys that the host's own key has signed, which is how pacman comes to trust one."""
    said = run(("pacman-key", "--list-sigs"), {})[1]
    for part in re.split(r"(?m)^(?=pub )", said):
        found = re.search(r"(?m)^\s+([0-9A-F]{40})\s*$", part)
        if not found or not re.search(r"(?m)^sig +[0-9]* *L", part):
            continue
        text = run(("pacman-key", "--export", found[1]), {})[1]
        try:
            is_public = bool(public_keys(dearmor(text)))
        except ValueError:
            is_public = False
        if is_public:
            yield HostFile(path=f"{KEYS}/{found[1]}.asc", content=f"{text}\n".encode())
        else:
            left.append(f"the key {found[1]}: pacman-key does not export it")
