"""`sandbox rm`: removes sandboxes that stay, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.errors import Advice, UsageError
from sandbox.lifecycle.listing import find_sandbox, list_sandboxes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.engine.labels import Owner
    from sandbox.engine.protocol import Engine
    from sandbox.lifecycle.listing import SandboxInfo


def remove(engine: Engine, owner: Owner, names: Sequence[str], *, every: bool = False) -> tuple[SandboxInfo, ...]:
    """Remove sandboxes with everything in them, or with `every` all of ours that were kept or detached.

    All names are known before the first is touched.
    """
    if not names and not every:
        message = "rm needs a name, or --all"
        raise UsageError(
            message, hints=[Advice.sandbox("rm", "NAME"), Advice.sandbox("rm", "--all"), Advice.sandbox("list", "-a")]
        )
    staying = [box for box in list_sandboxes(engine, owner) if box.is_ours and box.life != "session"] if every else []
    found = {box.id: box for box in [*(find_sandbox(engine, owner, name) for name in names), *staying]}
    return tuple(box for box in found.values() if engine.remove(box.id))
