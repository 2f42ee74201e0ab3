"""Which files of a sandbox are its image's, and which no look has to read. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.managers.registry import data_of

if TYPE_CHECKING:
    from sandbox.provision.plan import Plan

OWN_FILES: Final = frozenset({"mirror", "repository", "before", "host", "boot", "screen", "upgrade"})
"""Steps before an install that leave files which the image does not have."""
FOREIGN: Final = frozenset({"before", "host", "boot", "screen", "upgrade"})
"""Steps of programs that may remove the folders of an index: a folder that is a volume can't be removed."""


def shares_files(plan: Plan) -> bool:
    """Return whether the base has just the image's files when the plan's packages are installed."""
    return data_of(plan.target.manager).refresh_keeps_files and not OWN_FILES & {step.kind for step in plan.steps}


def folders_apart(plan: Plan) -> tuple[str, ...]:
    """Return the folders of the manager's index, which no look has to read, where nothing but the manager uses them.

    Of 170 MB that an engine exported after an install of htop on bookworm, 53 MB were apt's lists.
    """
    if FOREIGN & {step.kind for step in plan.steps}:
        return ()
    taken = tuple(f"{mount.target.rstrip('/')}/" for mount in plan.spec.mounts)
    return tuple(
        folder
        for folder in data_of(plan.target.manager).index_folders
        if not any(f"{folder}/".startswith(place) or place.startswith(f"{folder}/") for place in taken)
    )
