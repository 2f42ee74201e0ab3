"""What can't be had as it was asked for: all of a list in one error, each with what may have been meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.core.human import names
from sandbox.errors import Advice, Missing, UnknownPackage
from sandbox.managers.error_patterns import option, try_advice

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sandbox.errors import Row
    from sandbox.managers.protocol import PackageRef

SHOWN: Final = 5
"""Names that are shown of those that may be meant by one."""
PROVIDERS: Final = 12
"""Providers of a name that are shown; Debian's mail-transport-agent has eleven."""
COMPARED: Final = 3


def missing_error(
    missing: Sequence[Missing], distro: str, evidence: Iterable[Row], *, hints: Iterable[Advice] = (), why: str = ""
) -> UnknownPackage:
    """Return the error for all that a distro's index can't give, with `why` behind what is said of it."""
    known = list(dict.fromkeys(missing))
    return UnknownPackage(f"{_brief(known, distro)}{why}", missing=known, details=evidence, hints=hints)


def no_package(unknown: Sequence[str], distro: str, evidence: Iterable[Row]) -> UnknownPackage:
    """Return the error for names that a distro's index does not have."""
    return missing_error([Missing(name=name) for name in unknown], distro, evidence)


def no_version(
    package: str, version: str, distro: str, evidence: Iterable[Row], *, ask: Sequence[str] = (), why: str = ""
) -> UnknownPackage:
    """Return the error for a version that a distro's index does not have; `ask` shows those that it has."""
    hints = [try_advice(package, distro), *([try_advice(package, distro, *ask)] if ask else [])]
    return missing_error([Missing(name=package, version=version)], distro, evidence, hints=hints, why=why)


def virtual(package: str, providers: Sequence[str], *, own: str = "") -> Missing:
    """Return a name that is no package but one that others provide; `own` is the one that it is called today."""
    near = (own, *(name for name in providers if name != own)) if own in providers else tuple(providers)
    return Missing(name=package, is_virtual=bool(near), is_tied=len(near) > 1 and own not in near, near=near)


def provided_by_others(one: Missing, distro: str, evidence: Iterable[Row]) -> UnknownPackage:
    """Return the error for a virtual package: all who provide it, and no choice where the manager makes none."""
    rows = [*evidence, ("provided by", names(one.near, PROVIDERS))]
    return missing_error([one], distro, rows, hints=_choices(one, distro))


def _choices(one: Missing, distro: str) -> list[Advice]:
    """Return how to try who provides a name: of several that are tied, how to tell them apart first."""
    first, *others = one.near
    if not one.is_tied:
        return [try_advice(first, distro)]
    place = ("--distro", option(distro))
    return [
        Advice.sandbox("compare", *one.near[:COMPARED], *place, after=" shows how they differ"),
        Advice.sandbox("try", first, *place, after=f", or {others[0] if len(others) == 1 else 'another of them'}"),
    ]


def in_order(missing: Iterable[Missing], packages: Sequence[PackageRef]) -> list[Missing]:
    """Return the missing packages in the order of the request; those that were not requested come last."""
    place = {package.name: number for number, package in enumerate(packages)}
    return sorted(dict.fromkeys(missing), key=lambda one: place.get(one.name, len(place)))


def missing_rows(missing: Sequence[Missing]) -> list[Row]:
    """Return a row for each of several that are missing, with what may have been meant by it."""
    return [(one.text, _proposal(one)) for one in missing]


def _proposal(one: Missing) -> str:
    near = ", ".join(one.near[:SHOWN])
    if one.archive:
        return f"{one.archive} has it, but is not enabled here"
    if one.is_virtual:
        return f"virtual, provided by {near}" if near else "virtual, and no available package provides it"
    if one.version:
        known = ", ".join((*one.versions[:SHOWN], *one.near[:1]))
        return f"not in this version, but in {known}" if known else "not in this version"
    if near:
        return near
    return "mentioned by other packages, but not available" if one.is_mentioned else "no similar names"


def _brief(missing: Sequence[Missing], distro: str) -> str:
    if len(missing) == 1:
        return _brief_of_one(missing[0], distro)
    unknown = [one.name for one in missing if not (one.version or one.is_virtual)]
    virtual = ", ".join(one.name for one in missing if one.is_virtual)
    versions = ", ".join(one.text for one in missing if one.version)
    parts = [f"has none of {', '.join(unknown)}" if unknown[1:] else f"has no package {unknown[0]}"] if unknown else []
    parts += [f"can't choose which package provides {virtual}"] * bool(virtual)
    parts += [f"does not have the version {versions}"] * bool(versions)
    return f"{distro} {'; it '.join(parts)}"


def _brief_of_one(one: Missing, distro: str) -> str:
    if one.version:
        return f"{distro} has no version {one.version} of {one.name}"
    if one.is_virtual:
        return f"{one.name} is not a package of {distro}, but other packages provide it"
    if one.is_mentioned and not one.archive:
        return f"{distro} mentions {one.name} but does not have it; contrib, non-free or another archive may"
    return f"{distro} has no package {one.name}"
