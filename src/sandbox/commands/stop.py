"""`sandbox stop`: stops sandboxes that stay, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.errors import Advice, UsageError
from sandbox.lifecycle.listing import find_sandbox
from sandbox.lifecycle.session import STOP_LIMIT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.engine.labels import Owner
    from sandbox.engine.protocol import Engine
    from sandbox.lifecycle.listing import SandboxInfo


def stop(engine: Engine, owner: Owner, names: Sequence[str]) -> tuple[SandboxInfo, ...]:
    """Stop sandboxes and return their earlier state. All names are checked before the first one is stopped."""
    if not names:
        message = "stop needs a name, or --all"
        raise UsageError(message, hints=[Advice.sandbox("stop", "NAME"), Advice.sandbox("list")])
    found = tuple(find_sandbox(engine, owner, name) for name in dict.fromkeys(names))
    for box in found:
        engine.stop(box.id, limit=STOP_LIMIT)
    return found
