"""What was typed behind `sandbox try`, and behind the verbs that try something on the way."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field

from sandbox.errors import UsageError
from sandbox.specs.options import Options
from sandbox.specs.privileges import Trust

if TYPE_CHECKING:
    from sandbox.cli.lock_options import LockConstraint
    from sandbox.lifecycle.lifetimes import Life


class TryArguments(Struct, frozen=True, kw_only=True):
    """What was typed behind `sandbox try`.

    `locked`: the run is held to the lock beside its spec. `as_of`: the day whose packages it is to have. `resolves`:
    packages are all that is asked of the spec, so nothing else of it has to be granted; `held` is then what for.
    `bundle` is a file that all is taken from.
    """

    options: Options = field(default_factory=Options)
    spec: str | None = None
    allow: tuple[str, ...] = ()
    promote: Path | None = None
    name: str | None = None
    no_trace: bool = False
    proxy_in_shell: bool = False
    life: Life = "session"
    ttl: str | None = None
    allow_dangerous: bool = False
    trust: Trust = Trust()
    locked: bool = False
    as_of: str | None = None
    resolves: bool = False
    held: LockConstraint | None = None
    bundle: Path | None = None
    interactive: bool = True
    """Whether the user may be asked to grant something."""


def chosen_life(*, detach: bool, keep: bool) -> Life:
    """Return how long the sandbox is to live; raise UsageError for two answers."""
    if detach and keep:
        message = "--detach runs on in the background and --keep stops on leaving: one of the two"
        raise UsageError(message)
    return "detached" if detach else "kept" if keep else "session"
