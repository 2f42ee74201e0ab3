"""One inspection in a container that runs: the operation, then the measurement, which is loaded meanwhile."""

from __future__ import annotations

import time
from importlib import import_module
from typing import TYPE_CHECKING

from sandbox.core.tasks import Background
from sandbox.inspect.operation import operate

if TYPE_CHECKING:
    from sandbox.inspect.findings import Inspection
    from sandbox.inspect.operation import Listen, Pristine
    from sandbox.inspect.site import Site
    from sandbox.provision.installer import Installer, InstallerRoom


def inspect_site(
    site: Site,
    *,
    base: str,
    pristine: Pristine | None = None,
    listen: Listen | None = None,
    installer: Installer | None = None,
) -> Inspection:
    """Measure the plan's packages, or an installer, and return what was found. Raises what provisioning raises.

    `base` is the container's image, whose files `pristine` begins to read. `listen` begins to hear what is contacted.
    """
    began = time.monotonic()
    room = _room(site, installer) if installer else None
    done = operate(site, room, pristine=pristine, listen=listen, meanwhile=lambda: Background(_load))
    from sandbox.inspect.measure import Measurement

    return Measurement(site, room).run(done, base=base, began=began)


def _load() -> None:
    """Load what reads and judges, and compile the table of places, while the sandbox fetches the index: 0.2 s."""
    from sandbox.inspect.locations import rule_of

    import_module("sandbox.inspect.measure")
    rule_of("/etc/")


def _room(site: Site, installer: Installer) -> InstallerRoom:
    from sandbox.provision.installer import InstallerRoom

    own = {**site.manager.environment, "PATH": site.path, **site.plan.spec.env}
    return InstallerRoom(site.box, installer, env=own, network=site.network)
