"""`sandbox list`: the sandboxes on the engine."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from sandbox.lifecycle.listing import list_sandboxes, whose_labels

if TYPE_CHECKING:
    from sandbox.engine.labels import Owner
    from sandbox.engine.protocol import Engine
    from sandbox.lifecycle.listing import SandboxInfo
    from sandbox.provision.context import Context


FargateState = Literal["in use", "left behind", "another's"]


class FargateSession(Struct, frozen=True, kw_only=True):
    """What a session has on Fargate, in numbers. `left behind`: its process died, and `clean` removes it.

    `owner` whose it is: `you`, or host and user.
    """

    name: str
    state: FargateState
    owner: str
    tasks: int
    definitions: int
    log_streams: int
    images: int


def list_(engine: Engine, owner: Owner, *, every: bool = False) -> tuple[SandboxInfo, ...]:
    """Return the running sandboxes, or with `every` all, with sizes, newest first."""
    found = list_sandboxes(engine, owner, sizes=True)
    return tuple(box for box in found if every or box.state == "running")


def list_fargate(host: Context, *, every: bool = False) -> tuple[FargateSession, ...]:
    """Return the sessions of this host and user, or with `every` all, that have something on Fargate.

    Raises what `find_place` raises.
    """
    from sandbox.trials.fargate.api import Aws
    from sandbox.trials.fargate.leftovers import sessions
    from sandbox.trials.fargate.place import find_place

    aws = Aws(host.settings.fargate.region)
    found = sessions(aws, find_place(aws, host.settings.fargate), host.owner, every=every)
    return tuple(_session(name, host.owner, Counter(row.kind for row in rows)) for name, rows in found.items())


def _session(name: str, owner: Owner, kinds: Counter[str]) -> FargateSession:
    from sandbox.trials.fargate.leftovers import is_orphan
    from sandbox.trials.fargate.names import owner_in

    whose = whose_labels(owner_in(name, owner), owner)
    return FargateSession(
        name=name,
        state="left behind" if is_orphan(name, owner) else "in use" if whose == "you" else "another's",
        owner=whose,
        tasks=kinds["task"],
        definitions=kinds["definition"],
        log_streams=kinds["log stream"],
        images=kinds["image"],
    )
