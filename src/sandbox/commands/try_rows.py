"""What a trial says in rows: the banner before the shell, and what was removed after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.quantities import names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.errors import Row
    from sandbox.provision import Provisioned
    from sandbox.session import Removal


def banner(state: Provisioned, ports: Sequence[Row]) -> tuple[Row, ...]:
    """Return what the user is told before the shell's first prompt."""
    from sandbox.provision import FEW, versions

    noun = "new command" if len(state.commands) == 1 else "new commands"
    return (
        ("", ""),
        *([("  packages", names(versions(state), 12))] if len(state.asked) > FEW else []),
        *(("  port", f"{port} is {place} on this host") for port, place in ports),
        *([(f"  {noun}", names(state.commands))] if state.commands else []),
        ("  to leave", "exit or Ctrl-D: everything is removed"),
        ("  to keep it", "promote"),
        ("", ""),
    )


def removed_row(removal: Removal) -> Row:
    """Return what was removed, and what the engine says is left."""
    none = "the engine knows of no other object of this session"
    left = f"still there: {names(removal.left)}" if removal.left else none
    return "removed", f"{' and '.join(removal.removed) or 'nothing'}; {left}"
