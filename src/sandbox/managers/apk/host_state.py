"""What a host with apk is: its packages, repositories, public keys and world, as its own files say.

Sources: apk-world(5), apk-repositories(5), apk-keys(5), apk-package(5) for the letters of its database. Nothing is
changed.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox.errors import Advice, UsageError
from sandbox.managers.apk import driver
from sandbox.managers.host_settings import LARGEST, plain_text, refusal_of_source
from sandbox.managers.host_state import HostFile, HostPackage, HostState

if TYPE_CHECKING:
    from collections.abc import Iterator

HOST_WORLD: Final = "/etc/apk/world.of-host"
"""Where the host's world waits in the sandbox until its packages are there."""
_LARGEST_DATABASE: Final = 200_000_000
_PINNED: Final = re.compile(r"[^<>=~@]+[<>=~@].+")


def read_host(root: Path = Path("/")) -> HostState:
    """Return the state of the host whose files are below `root`. Raises UsageError without apk's database."""
    world = _words(root / driver.WORLD[1:])
    packages = tuple(_packages(_database(root), world))
    if not packages:
        message = "apk's database on this host does not say which packages it has"
        raise UsageError(message, hints=[Advice.program("apk", "info", "-v")])
    left: list[str] = []
    sources = tuple(_repositories(root, left))
    keys = tuple(_keys(root, left))
    kept = HostFile(path=HOST_WORLD, content="".join(f"{word}\n" for word in world).encode())
    return HostState(packages=packages, files=(*keys, *sources, kept), left_out=tuple(dict.fromkeys(left)))


def _database(root: Path) -> str:
    for path in driver.INSTALLED:
        try:
            with (root / path[1:]).open("rb") as file:
                return file.read(_LARGEST_DATABASE).decode(errors="replace")
        except OSError:
            continue
    return ""


def _words(path: Path) -> tuple[str, ...]:
    try:
        return tuple(word for word in path.read_text().split() if word.isprintable())
    except OSError:
        return ()


def _packages(database: str, world: tuple[str, ...]) -> Iterator[HostPackage]:
    """Yield the packages, each with the fields above its files; `world` holds some to a version or a repository."""
    asked = driver.explicit("\n".join(world))
    held = driver.explicit("\n".join(word for word in world if _PINNED.fullmatch(word)))
    for part in database.split("\n\n"):
        rows = [line for line in part.partition("\nF:")[0].splitlines() if re.match(r"[A-Za-z]:", line)]
        fields = {line[0]: line[2:] for line in rows}
        name, version = fields.get("P", ""), fields.get("V", "")
        if re.fullmatch(r"[.\w][\w.+-]*", name) and re.fullmatch(r"[\w.~+-]+", version):
            yield HostPackage(
                name=name, version=version, is_manual=name in asked, is_held=name in held, record="\n".join(rows)
            )


def _repositories(root: Path, left: list[str]) -> Iterator[HostFile]:
    """Yield the lists of repositories that name public places."""
    folder = root / "etc/apk/repositories.d"
    more = sorted(folder.glob("*.list")) if folder.is_dir() else []
    for path in (root / "etc/apk/repositories", *more):
        kept = []
        for line in plain_text(path, left).splitlines() if path.is_file() else ():
            url = line.split()[-1:]
            reason = refusal_of_source(url)
            if url and reason:
                left.append(f"a source in /{path.relative_to(root)}: {reason}")
            elif url:
                kept.append(f"{line}\n")
        if kept:
            yield HostFile(path=f"/{path.relative_to(root)}", content="".join(kept).encode())


def _keys(root: Path, left: list[str]) -> Iterator[HostFile]:
    folder = root / "etc/apk/keys"
    for path in sorted(folder.glob("*.pub")) if folder.is_dir() else ():
        try:
            with path.open("rb") as file:
                data = file.read(LARGEST)
        except OSError as error:
            left.append(f"/{path.relative_to(root)}: {error.strerror}")
            continue
        if b"-----BEGIN PUBLIC KEY-----" not in data or b"PRIVATE" in data or re.search(r"\s", path.name):
            left.append(f"/{path.relative_to(root)}: no public key")
        else:
            yield HostFile(path=f"/{path.relative_to(root)}", content=data)
