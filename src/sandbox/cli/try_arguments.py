"""The arguments of `sandbox try`, and of verbs that try something on the way."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from msgspec import Struct

from sandbox.cli.try_options import Bounds, Ending, Reach, What, Where
from sandbox.errors import UsageError
from sandbox.specs.options import Options
from sandbox.specs.privileges import Trust, with_user

if TYPE_CHECKING:
    from sandbox.cli.lock_options import LockConstraint
    from sandbox.lifecycle.lifetimes import Life
    from sandbox.specs.model import Spec


class TryArguments(Struct, frozen=True, kw_only=True):
    """What was typed behind `sandbox try`, by groups of options, and the `command` behind `--`.

    `resolves`: packages are all that is asked of the spec, so nothing else of it has to be granted; `held` is then what
    for. `keeps_files`: packages are downloaded before the install, so that their files can be looked at.
    `upgrade`: what a host has is upgraded, in place of an install, to the release `upgrade_to` where it is named.
    """

    what: What = What()
    where: Where = Where()
    reach: Reach = Reach()
    bounds: Bounds = Bounds()
    ending: Ending = Ending()
    command: tuple[str, ...] = ()
    user: str = ""
    """Who `--user=` names: USER, USER:GROUP, host or new."""
    resolves: bool = False
    keeps_files: bool = False
    upgrade: bool = False
    upgrade_to: str = ""
    held: LockConstraint | None = None
    interactive: bool = True
    """Whether questions to the user are allowed."""
    is_here: bool = True
    """Whether it is run by the engine of the settings, and by no other."""

    @property
    def options(self) -> Options:
        """Return the options that belong to a spec. Raises UsageError for contradictions."""
        what, where, reach, bounds = self.what, self.where, self.reach, self.bounds
        return Options(
            distro=where.distro,
            image=where.image,
            dockerfile=where.dockerfile,
            platform=where.platform,
            packages=what.packages or (),
            env=what.env or (),
            ports=reach.port or (),
            mounts=reach.mount or (),
            copies=reach.copy or (),
            user=self.user or ("new" if bounds.as_user else None),
            shm_size=bounds.shm_size,
            setup=what.setup or (),
            shell=what.shell,
            memory=bounds.memory,
            cpus=bounds.cpus,
            pids=bounds.pids,
            network=network_of(reach),
            capabilities=bounds.cap_add or (),
            devices=reach.device or (),
            boot=where.boot or None,
            recommends=what.recommends,
            docs=what.docs,
            from_source=what.from_source,
            command=self.command,
        )

    def trust_of(self, spec: Spec) -> Trust:
        """Return how far a spec with these options is trusted."""
        trust = Trust(
            hardened=self.bounds.hardened,
            runtime=self.bounds.runtime,
            capabilities=spec.capabilities,
            devices=spec.devices,
        )
        return with_user(trust, spec.user, (os.getuid(), os.getgid()))


def network_of(reach: Reach) -> str | None:
    """Return the requested network. Raises UsageError for contradictions."""
    if reach.offline and reach.network not in (None, "offline"):
        message = f"--offline and --network {reach.network} can't be combined"
        raise UsageError(message)
    return "offline" if reach.offline else reach.network


def life_of(ending: Ending) -> Life:
    """Return the life of the sandbox. Raises UsageError for contradictions."""
    if ending.detach and ending.keep:
        message = (
            "--detach and --keep can't be combined: --detach leaves the sandbox running, --keep stops it when you leave"
        )
        raise UsageError(message)
    return "detached" if ending.detach else "kept" if ending.keep else "session"
