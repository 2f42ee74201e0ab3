"""`sandbox list`: the sandboxes on the engine."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from msgspec import Struct

from sandbox.lifecycle.listing import list_sandboxes

if TYPE_CHECKING:
    from sandbox.engine.labels import Owner
    from sandbox.engine.protocol import Engine
    from sandbox.lifecycle.listing import SandboxInfo
    from sandbox.provision.context import Context


class FargateSession(Struct, frozen=True, kw_only=True):
    """What a session of this host and user has on Fargate, in numbers. `is_dead`: nobody will remove it but clean."""

    name: str
    is_dead: bool
    tasks: int
    definitions: int
    streams: int
    images: int


def list_(engine: Engine, owner: Owner, *, every: bool = False) -> tuple[SandboxInfo, ...]:
    """Return the running sandboxes, or with `every` all, with sizes, newest first."""
    found = list_sandboxes(engine, owner, sizes=True)
    return tuple(box for box in found if every or box.state == "running")


def list_fargate(host: Context) -> tuple[FargateSession, ...]:
    """Return the sessions of this host and user that have something on Fargate. Raises what `find_place` raises."""
    from sandbox.trials.fargate.api import Aws
    from sandbox.trials.fargate.leftovers import is_orphan, sessions
    from sandbox.trials.fargate.place import find_place

    aws = Aws(host.settings.fargate.region)
    found = sessions(aws, find_place(aws, host.settings.fargate), host.owner)
    return tuple(
        _session(name, is_orphan(name, host.owner), Counter(row.kind for row in rows)) for name, rows in found.items()
    )


def _session(name: str, is_dead: bool, kinds: Counter[str]) -> FargateSession:
    return FargateSession(
        name=name,
        is_dead=is_dead,
        tasks=kinds["task"],
        definitions=kinds["definition"],
        streams=kinds["log stream"],
        images=kinds["image"],
    )
