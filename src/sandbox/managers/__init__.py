"""The registry of package managers; mypy refuses a line until its module is complete.

It is a match and not a table, so that a run imports the one manager that it needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, get_args

if TYPE_CHECKING:
    from sandbox.managers.base import Manager, Queries

ManagerName = Literal["apt", "dnf4", "dnf5", "zypper", "microdnf", "tdnf", "yum"]
NAMES: Final[tuple[ManagerName, ...]] = get_args(ManagerName)


def manager_named(name: ManagerName) -> Manager:
    """Return the package manager of that name."""
    match name:
        case "apt":
            from sandbox.managers import apt

            return apt
        case "dnf4":
            from sandbox.managers import dnf4

            return dnf4
        case "dnf5":
            from sandbox.managers import dnf5

            return dnf5
        case "zypper":
            from sandbox.managers import zypper

            return zypper
        case "microdnf":
            from sandbox.managers import microdnf

            return microdnf
        case "tdnf":
            from sandbox.managers import tdnf

            return tdnf
        case "yum":
            from sandbox.managers import yum

            return yum


def queries_named(name: ManagerName) -> Queries:
    """Return what else the manager of that name can be asked."""
    match name:
        case "apt":
            from sandbox.managers import apt_queries

            return apt_queries
        case "dnf4" | "dnf5":
            from sandbox.managers import dnf_queries

            return dnf_queries
        case "zypper":
            from sandbox.managers import zypper_queries

            return zypper_queries
        case "microdnf":
            from sandbox.managers import rpm_small_queries

            return rpm_small_queries.microdnf()
        case "tdnf":
            from sandbox.managers import rpm_small_queries

            return rpm_small_queries.tdnf()
        case "yum":
            from sandbox.managers import rpm_small_queries

            return rpm_small_queries.yum()
