"""Lists the sandboxes of an engine from their labels."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from sandbox.engine import labels
from sandbox.errors import Advice, UsageError
from sandbox.lifecycle.lifetimes import LIVES
from sandbox.lifecycle.owner import is_ours, owner_is_dead

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.engine.labels import Owner
    from sandbox.engine.protocol import Container, Engine

BoxState = Literal["running", "kept", "stopped", "left over"]


class SandboxInfo(Struct, frozen=True, kw_only=True):
    """A sandbox: `age` in seconds, `size` in bytes above its base, `life` as it was born, `owner` whose it is."""

    id: str
    name: str
    life: str
    state: BoxState
    distro: str
    packages: tuple[str, ...]
    age: float
    size: int
    owner: str
    image: str
    expires: float | None = None
    folder: str = ""
    """Where its shells start; empty for /."""
    user: str = ""
    """Who runs its shells, as `--user` has it; empty for root."""
    init: str = ""
    """Whether an init runs in it, as its label has it."""

    @property
    def is_ours(self) -> bool:
        """Whether this user made it on this host."""
        return self.owner == "you"


def list_sandboxes(engine: Engine, owner: Owner, *, sizes: bool = False) -> tuple[SandboxInfo, ...]:
    """Return every sandbox of the engine, newest first. The engine walks their files to find the sizes."""
    rows = engine.containers([labels.SESSION], sizes=sizes)
    known = [_box(row, owner, time.time()) for row in rows if _is_sandbox(row)]
    return tuple(sorted(known, key=lambda box: box.age))


def find_sandbox(engine: Engine, owner: Owner, name: str) -> SandboxInfo:
    """Return our sandbox of that name; raise UsageError with the nearest name where there is none."""
    mine = [box for box in list_sandboxes(engine, owner) if box.is_ours]
    found = next((box for box in mine if box.name == name), None)
    if found is not None:
        return found
    from sandbox.core.fuzzy import nearest_rows, nearest_words

    details = nearest_rows(nearest_words(name, [box.name for box in mine], 2))
    raise UsageError(f"there is no sandbox {name[:70]!r}", details=details, hints=[Advice.sandbox("list", "-a")])


def _is_sandbox(row: Container) -> bool:
    """Return whether a container is a sandbox, and none that serves one: a builder's has labels of what it builds.

    A sandbox is called what its label says, as no other container can be.
    """
    return row.labels.get(labels.KIND) in LIVES and row.labels.get(labels.NAME, row.name) == row.name


def _box(row: Container, owner: Owner, now: float) -> SandboxInfo:
    found = row.labels
    end = found.get(labels.EXPIRES, "")
    return SandboxInfo(
        id=row.id,
        name=row.name,
        life=found[labels.KIND],
        state=_state(row, owner),
        distro=found.get(labels.DISTRO, ""),
        packages=tuple(found.get(labels.PACKAGES, "").split()),
        age=max(0.0, now - row.created),
        size=row.size,
        owner=whose_labels(found, owner),
        image=row.image,
        expires=float(end) if end.isdecimal() else None,
        folder=found.get(labels.FOLDER, ""),
        user=found.get(labels.AS, ""),
        init=found.get(labels.INIT, ""),
    )


def _state(row: Container, owner: Owner) -> BoxState:
    life = row.labels[labels.KIND]
    if row.state == "running":
        return "running"
    if life == "session":
        return "left over" if owner_is_dead(owner, row.labels) else "stopped"
    return "kept" if life == "kept" else "stopped"


def whose_labels(found: Mapping[str, str], owner: Owner) -> str:
    """Return whose labels these are: `you`, another user of this host, or another host."""
    if is_ours(owner, found):
        return "you"
    if found.get(labels.HOST) == owner.host:
        return f"user {found.get(labels.USER) or '?'}"
    return "another host"
