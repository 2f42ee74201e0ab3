"""The step in which an init becomes PID 1 of a sandbox, and where it comes in a plan. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sandbox.core.programs import sh_argv
from sandbox.errors import Advice, UsageError
from sandbox.managers import apt
from sandbox.provision.steps import Step, kinds_before

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.distros.model import Target
    from sandbox.managers.protocol import Manager

FAMILIES: Final = ("apt",)
"""Managers of the distros on which an init is known to boot here."""
BEFORE: Final = kinds_before("boot")
"""Steps that come before the boot: what they bring is there when a host boots."""


def check_bootable(target: Target) -> None:
    """Raise UsageError for a distro on which no init is known to boot here."""
    if target.manager not in FAMILIES:
        message = f"--boot can't boot {target.label}, only Debian and its relatives"
        raise UsageError(message, hints=[Advice.again("--distro", "debian"), Advice.without("--boot")])


def with_boot(steps: Sequence[Step], target: Target, manager: Manager, index: Step) -> tuple[Step, ...]:
    """Return a plan's steps with the boot before the packages; with an `index` where they have none.

    Raises UsageError for a distro that can't boot.
    """
    check_bootable(target)
    options = (*manager.throwaway, *target.options)
    boot = Step(
        kind="boot",
        title="systemd",
        argv=sh_argv(apt.__name__, "boot.sh", *options),
        env={**manager.environment, **manager.throwaway_environment},
    )
    last = max((at for at, step in enumerate(steps) if step.kind in BEFORE), default=-1) + 1
    has_index = any(step.kind == "index" for step in steps)
    return (*steps[:last], *(() if has_index else (replace(index, env=boot.env),)), boot, *steps[last:])
