"""Faster equivalents of a manager's commands, for a sandbox that is measured and thrown away."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from sandbox.core.programs import sh_argv
from sandbox.managers.registry import data_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.managers.protocol import Argv, Package
    from sandbox.managers.registry import ManagerName


def refresh_argv(name: ManagerName, argv: Argv) -> Argv:
    """Return a refresh, whose last words may be options, as one that does the same with fewer processes."""
    shorter = data_of(name).shortcuts
    return argv if shorter is None or shorter.refresh is None else shorter.refresh(argv)


def fetch_at_once_argv(name: ManagerName, argv: Argv, folder: str, *, goes: bool) -> Argv:
    """Return an install as one that fetches several files at once, by a program in a folder of ours, if it can.

    `goes`: nothing of the sandbox stays, nor is it measured.
    """
    shorter = data_of(name).shortcuts
    if shorter is None or (shorter.is_noted and not goes):
        return argv
    return shorter.fetch_at_once(argv, folder) or argv


def ready_text(name: ManagerName, folder: str) -> str:
    """Return shell text that makes ready what `fetch_at_once_argv` needs, for the environment of that; or ""."""
    shorter = data_of(name).shortcuts
    if shorter is None or shorter.ready is None:
        return ""
    return f"export SANDBOX_READY; SANDBOX_READY=$({shlex.join(shorter.ready(folder))})"


def hold_installed_argv(name: ManagerName, argv: Argv, mark: str) -> Argv | None:
    """Return an install that changes nothing which is installed before the file `mark` is there; None if it can't."""
    shorter = data_of(name).shortcuts
    return shorter.hold_installed(argv, mark) if shorter is not None and shorter.hold_installed is not None else None


def mark_argv(argv: Argv, mark: str) -> Argv:
    """Return a command that makes the file `mark` when it has ended, however it ends."""
    return sh_argv(__package__, "marked.sh", mark, *argv)


def removal_argv(name: ManagerName, argv: Argv, came: Sequence[Package], *, folder: str, waits: bool = False) -> Argv:
    """Return a removal that may do without the index, where it then removes none but packages that `came`.

    `folder` is one of the sandbox's that is ours. `waits`: it plans at once, but removes only once a line comes; empty
    where the manager's removal needs no plan.
    """
    # apt reads its lists for 2 s before a purge, which has no use for them.
    shorter = data_of(name).shortcuts
    if shorter is None or shorter.removal is None:
        return () if waits else argv
    names = " ".join(package.name for package in came)
    return ("sh", "-c", shorter.removal(), "sh", names, folder, "waits" * waits, *argv)
