"""The difference between two probes: what an install added."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.container.packages import Probe
    from sandbox.managers.protocol import Package


def added_packages(before: Iterable[Package], after: Iterable[Package]) -> tuple[Package, ...]:
    """Return the packages in `after` that `before` lacks, or has only in other versions."""
    known = {(package.full_name, package.version, package.architecture) for package in before}
    return tuple(
        package for package in after if (package.full_name, package.version, package.architecture) not in known
    )


def by_hand(provisioned: frozenset[str], last: Probe) -> tuple[Package, ...]:
    """Return the packages marked as asked for since the provisioning."""
    return tuple(package for package in last.packages if package.explicit and package.full_name not in provisioned)
