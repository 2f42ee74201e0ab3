"""Which reader a host's manager has: each is in its family's folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.managers.registry import manager_of

if TYPE_CHECKING:
    from sandbox.managers.host_state import HostState
    from sandbox.managers.protocol import Runner
    from sandbox.managers.registry import ManagerName


def read_host(name: ManagerName, run: Runner, root: Path = Path("/")) -> HostState:
    """Return the state of a host with a manager of FAMILIES; `run` asks it, and its files are below `root`.

    Raise UsageError where it does not answer.
    """
    match name:
        case "apk":
            from sandbox.managers.apk import host_state as apk

            return apk.read_host(root)
        case "pacman":
            from sandbox.managers.pacman import host_state as pacman

            return pacman.read_host(run, root)
        case "dnf4" | "dnf5":
            from sandbox.managers.rpm import host_state as rpm

            return rpm.read_host(run, manager_of(name), root)
        case _:
            from sandbox.managers.apt import host_state as apt

            return apt.read_host(run, root)
