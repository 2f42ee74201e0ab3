"""`sandbox list`: the sandboxes on the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.lifecycle.listing import list_sandboxes

if TYPE_CHECKING:
    from sandbox.engine.labels import Owner
    from sandbox.engine.protocol import Engine
    from sandbox.lifecycle.listing import SandboxInfo


def list_(engine: Engine, owner: Owner, *, every: bool = False) -> tuple[SandboxInfo, ...]:
    """Return the running sandboxes, or with `every` all, with sizes, newest first."""
    found = list_sandboxes(engine, owner, sizes=True)
    return tuple(box for box in found if every or box.state == "running")
