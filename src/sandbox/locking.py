"""A run held to its lock: what is in the base, what was downloaded and what came, each against what is locked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.engine.base import ExecSpec
from sandbox.errors import CheckFailed, StepFailed
from sandbox.inside import run
from sandbox.managers.archives import downloaded, version_of_file
from sandbox.plaintext import plain_line
from sandbox.quantities import count
from sandbox.spec.lock import LockedPackage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sandbox.engine.base import Engine
    from sandbox.evaluate.probe import Probe
    from sandbox.managers import ManagerName
    from sandbox.managers.archives import Archive
    from sandbox.managers.base import Package
    from sandbox.plan import Plan

SHOWN: Final = 20
"""Differences that an error lists."""
SHORT: Final = 12
"""Digits of a checksum that tell two apart."""


def archives(engine: Engine, container: str, manager: ManagerName) -> tuple[Archive, ...]:
    """Return the package files that a download left in a sandbox; raise StepFailed where they can't be read."""
    query = downloaded(manager)
    outcome = run(engine, container, ExecSpec(argv=query.argv, user="0"))
    if outcome.status not in query.statuses:
        message = "the downloaded packages can't be held to checksums: the sandbox can't read them"
        raise StepFailed(message, details=[("it said", plain_line(outcome.stderr, 200))])
    return query.parse(outcome.stdout)


def base_lines(packages: Iterable[Package]) -> tuple[str, ...]:
    """Return the packages of a base as a lock names them, sorted."""
    return tuple(sorted(plain_line(f"{row.name} {row.version} {row.architecture or '-'}") for row in packages))


def locked_packages(
    manager: ManagerName, came: Sequence[Package], files: Sequence[Archive]
) -> tuple[LockedPackage, ...]:
    """Return what came with the size and checksum of each file; raise StepFailed where one is missing."""
    by_name = {(file.name, file.version): file for file in files}
    found = []
    for package in came:
        file = by_name.get((package.name, version_of_file(manager, package)))
        if file is None:
            message = f"{package.name} {package.version} can't be locked: {manager} kept no file of it"
            raise StepFailed(plain_line(message))
        found.append(
            LockedPackage(
                name=plain_line(package.name),
                version=plain_line(package.version),
                architecture=plain_line(package.architecture or "-"),
                size=file.size,
                sha256=file.sha256,
            )
        )
    return tuple(sorted(found))


def hold(engine: Engine, container: str, plan: Plan, before: Probe, after: Probe | None = None) -> None:
    """Hold a sandbox to the plan's lock, before an install or `after` it; raise CheckFailed where it differs."""
    if plan.lock is None:
        return
    if after is None:
        check_files(plan, before.packages, archives(engine, container, plan.target.manager))
    else:
        check_came(plan, before.packages, after.packages)


def check_files(plan: Plan, before: Sequence[Package], files: Sequence[Archive]) -> None:
    """Raise CheckFailed where the base or the files are not the locked ones: before any package's script has run."""
    if plan.lock is None:
        return
    base = base_differences(plan.lock.base, base_lines(before))
    if base:
        raise differs(plan, base, what="the base")
    known = {row.partition(" ")[0] for row in plan.lock.base}
    if rows := [*file_differences(plan.target.manager, plan.lock.packages, files, known)]:
        raise differs(plan, rows, what="what the mirror gives")


def check_came(plan: Plan, before: Sequence[Package], after: Sequence[Package]) -> None:
    """Raise CheckFailed where the packages that came are not the locked ones."""
    if plan.lock is None:
        return
    wanted = [f"{row.name} {row.version} {row.architecture}" for row in plan.lock.packages]
    if rows := base_differences(wanted, base_lines(new_packages(before, after))):
        raise differs(plan, rows, what="what came")


def new_packages(before: Sequence[Package], after: Sequence[Package]) -> tuple[Package, ...]:
    """Return the packages that are there in a version in which they were not before."""
    known = {(row.name, row.version, row.architecture) for row in before}
    return tuple(row for row in after if (row.name, row.version, row.architecture) not in known)


def base_differences(wanted: Sequence[str], found: Sequence[str]) -> tuple[str, ...]:
    """Return a line for each package that is not the same, is missing or is new; texts are `NAME VERSION ARCH`."""
    lost, new = _by_name(set(wanted) - set(found)), _by_name(set(found) - set(wanted))
    return tuple(_difference(name, lost.get(name, ""), new.get(name, "")) for name in sorted({*lost, *new}))


def _by_name(lines: Iterable[str]) -> dict[str, str]:
    return {name: rest for name, _, rest in (line.partition(" ") for line in sorted(lines))}


def _difference(name: str, wanted: str, found: str) -> str:
    if not found:
        return f"{name}: {wanted} is locked, but did not come"
    return f"{name}: {wanted} is locked, {found} came" if wanted else f"{name}: {found} came, and is not in the lock"


def file_differences(
    manager: ManagerName, wanted: Sequence[LockedPackage], files: Sequence[Archive], known: Iterable[str]
) -> Iterator[str]:
    """Yield what is not the same of the files; those of packages that the base has (`known`) may be there, too."""
    there = {(file.name, file.version, file.sha256) for file in files}
    by_name = {file.name: file for file in files}
    for package in wanted:
        file = by_name.get(package.name)
        if (package.name, _file_version(manager, package), package.sha256) in there:
            continue
        if file is None:
            yield f"{package.name}: {package.version} is locked, but did not come"
        elif file.version == _file_version(manager, package):
            yield _other_file(package, file)
        else:
            yield plain_line(f"{package.name}: {package.version} is locked, {file.version} came")
    for name in sorted(set(by_name) - {package.name for package in wanted} - set(known)):
        yield plain_line(f"{name}: {by_name[name].version} came, and is not in the lock")


def _other_file(package: LockedPackage, file: Archive) -> str:
    sizes = f" ({package.size} and {file.size} bytes)" if package.size != file.size else ""
    wanted, came = package.sha256[:SHORT], file.sha256[:SHORT]
    return f"{package.name} {package.version}: sha256:{wanted}... is locked, the file that came is {came}...{sizes}"


def _file_version(manager: ManagerName, package: LockedPackage) -> str:
    from sandbox.managers.base import Package

    row = Package(name=package.name, version=package.version, architecture=package.architecture, size=0, explicit=False)
    return version_of_file(manager, row)


def differs(plan: Plan, rows: Sequence[str], *, what: str) -> CheckFailed:
    """Return the error for a run that is not what is locked."""
    rest = [f"and {len(rows) - SHOWN} more"] if len(rows) > SHOWN else []
    details = [("differs", row) for row in [*rows[:SHOWN], *rest]]
    asked = count(len(rows), "difference")
    as_of = plan.lock.as_of if plan.lock else None
    name = plan.lock.spec if plan.lock else "SPEC"
    hints = [f"sandbox lock {name} --check", f"sandbox lock {name}"]
    if as_of is None and plan.target.distro.snapshot:
        hints.append(f"sandbox lock {name} --as-of YYYY-MM-DD")
    return CheckFailed(f"{what} is not what is locked for {plan.target.option}: {asked}", details=details, hints=hints)
