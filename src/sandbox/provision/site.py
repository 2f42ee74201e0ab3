"""Where a plan is carried out: the container, and all that its steps need beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from sandbox.container.box import Box
    from sandbox.core.progress import Reporter
    from sandbox.managers.protocol import Manager
    from sandbox.provision.index_use import IndexUse
    from sandbox.provision.network import HostNetwork
    from sandbox.provision.plan import Plan


class InstallSite(Struct, frozen=True, kw_only=True):
    """A running container and the plan for it.

    `network` is the host's, as the container reaches it. `goes`: nothing of it outlives its session, nor is it
    measured. `index` is how it uses the kept index of its base, None if it keeps none.
    """

    box: Box
    plan: Plan
    manager: Manager
    network: HostNetwork
    reporter: Reporter
    goes: bool = False
    index: IndexUse | None = None

    @property
    def manager_env(self) -> dict[str, str]:
        """The environment of the manager's commands."""
        return {**self.network.env, **self.manager.environment}
