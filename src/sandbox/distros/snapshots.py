"""A distro on an earlier day: its sources point to a service that keeps the packages of every day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from sandbox.core.programs import sh_argv
from sandbox.errors import Advice, UsageError

if TYPE_CHECKING:
    from sandbox.distros.model import Target
    from sandbox.managers.protocol import Argv, Manager


class AsOf(Struct, frozen=True, kw_only=True):
    """A day (ISO), and the URL of the snapshot service, or None for the distro's own."""

    day: str
    service: str | None = None


def snapshot_target(target: Target, as_of: AsOf) -> Target:
    """Return the target with what its manager needs for a snapshot. Raises UsageError if there is no service."""
    snapshot = target.distro.snapshot
    if snapshot is None:
        message = f"{target.distro.name} has no packages as of {as_of.day}: no snapshot service is known for it"
        raise UsageError(
            message,
            hints=[Advice.sandbox("lock", "SPEC"), Advice.sandbox("bundle", "SPEC", "-o", "FILE")],
        )
    if as_of.service is None and as_of.day < snapshot.since:
        message = (
            f"{target.distro.name} has no packages as of {as_of.day}: {snapshot.service} begins on {snapshot.since}"
        )
        raise UsageError(message, hints=[Advice.say(f"--as-of {snapshot.since} or later")])
    found = target.with_options(snapshot.options)
    return replace(found, distro=replace(found.distro, upgrade=snapshot.upgrade or found.distro.upgrade))


def snapshot_argvs(target: Target, manager: Manager, as_of: AsOf) -> tuple[Argv, ...]:
    """Return the commands that point a distro's own sources to the snapshot, and fail if they find none."""
    snapshot = target.distro.snapshot
    year, month, day = as_of.day.split("-")
    service = (as_of.service or (snapshot.service if snapshot else "")).rstrip("/")
    urls = {
        official: service + path.format(year=year, month=month, day=day)
        for official, path in (snapshot.places if snapshot else ())
    }
    used = sh_argv(__package__, "uses_snapshot.sh", *dict.fromkeys(urls.values()))
    return (*(manager.use_mirror(official, url) for official, url in urls.items()), used)
