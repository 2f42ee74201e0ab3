"""What `sandbox try` is given and what it returns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from sandbox.trust import Trust

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.engine.base import Image
    from sandbox.lives import Life
    from sandbox.plan import Plan
    from sandbox.session import Removal


class TryRequest(Struct, frozen=True, kw_only=True):
    """What to try and how. `terminal`: the shell has one. `promote`: where the install script goes, unasked.

    `lifetime` in seconds: how long a sandbox that stays does so.
    """

    plan: Plan
    name: str | None = None
    promote: Path | None = None
    label: str = "sandbox"
    terminal: bool = False
    no_trace: bool = False
    proxy_in_shell: bool = False
    life: Life = "session"
    lifetime: int | None = None
    trust: Trust = Trust()


class TryResult(Struct, frozen=True, kw_only=True):
    """How the user's shell or command ended, what the engine says is left, and what was written."""

    status: int
    removal: Removal
    swept: tuple[str, ...]
    base: Image
    base_reference: str
    base_removed: bool
    promoted: Path | None
    recorded: bool
