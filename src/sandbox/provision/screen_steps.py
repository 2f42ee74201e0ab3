"""The step that installs what desktop programs need beside themselves, and where it comes in a plan. Pure."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sandbox.managers.registry import data_of, manager_of, parse_reference
from sandbox.provision.plan import index_step
from sandbox.provision.steps import Step, kinds_before

if TYPE_CHECKING:
    from sandbox.provision.plan import Plan

BEFORE: Final = kinds_before("screen")
"""Steps that come before it: their packages are there when a user installs a program on a desktop."""
UNLESS_THERE: Final = 'command -v dbus-daemon >/dev/null && test -d /usr/share/fonts && exit 0\n{index} && exec "$@"'
"""Installs in an image that has no desktop yet, for which the index has to be fetched first."""


def with_screen(plan: Plan) -> Plan:
    """Return the plan with the packages for a screen before its own, so that they count as part of the base.

    They are a session bus, a font, and where programs don't bring it themselves, OpenGL in software. Nothing is added
    where the manager's data have no names for them.
    """
    packages = data_of(plan.target.manager).screen
    if not packages:
        return plan
    manager = manager_of(plan.target.manager)
    argv = manager.install([parse_reference(name, manager) for name in packages], recommends=False)
    argv = (argv[0], *manager.throwaway, *plan.target.options, *argv[1:])
    if not any(known.kind == "index" for known in plan.steps):
        index = shlex.join(index_step(manager, plan.target).argv)
        argv = ("sh", "-c", UNLESS_THERE.format(index=index), "sh", *argv)
    step = Step(
        kind="screen",
        title=f"{' '.join(packages)}, for the screen",
        argv=argv,
        env={**manager.environment, **manager.throwaway_environment},
    )
    last = max((at for at, known in enumerate(plan.steps) if known.kind in BEFORE), default=-1) + 1
    return replace(plan, steps=(*plan.steps[:last], step, *plan.steps[last:]))
