"""Compares a run with its lock: the base, the downloaded files and the installed packages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.container.diff import added_packages
from sandbox.container.languages import language_packages
from sandbox.core.human import count
from sandbox.core.plaintext import plain_line
from sandbox.errors import Advice, CheckFailed, StepFailed
from sandbox.managers.languages.locking import files_of
from sandbox.managers.local_files import archives_of
from sandbox.managers.package_files import downloads, version_of_file
from sandbox.managers.registry import languages_among
from sandbox.specs.lockfile import LockedFile, LockedPackage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sandbox.container.box import Box
    from sandbox.container.packages import Probe
    from sandbox.managers.languages.locked_files import LanguageFile
    from sandbox.managers.package_files import Archive
    from sandbox.managers.protocol import Found, Package, Query
    from sandbox.managers.registry import ManagerName
    from sandbox.provision.plan import Plan

SHOWN: Final = 20
"""Most differences to list in an error."""
SHORT: Final = 12
"""Digits of a checksum to show."""
SHORT_DIGEST: Final = len("sha512-") + SHORT


def archives(box: Box, plan: Plan) -> tuple[Archive, ...]:
    """Return the package files of a download, and those that were given; raise StepFailed if they can't be read."""
    given = archives_of(plan.target.manager, plan.packages)
    mine = {(file.name, file.sha256) for file in given}
    found = _answer(box, downloads(plan.target.manager))
    return (*given, *(file for file in found if (file.name, file.sha256) not in mine))


def _answer(box: Box, query: Query[Found]) -> tuple[Found, ...]:
    outcome = box.exec(query.argv)
    if outcome.status not in query.statuses:
        message = "can't verify the downloaded packages: the sandbox can't read them"
        raise StepFailed(message, details=[("it said", plain_line(outcome.stderr, 200))])
    return query.parse(outcome.stdout)


def language_files(box: Box, source: str) -> tuple[LockedFile, ...]:
    """Return the files of a language's packages that a fetch left in a sandbox, as a lock has them, sorted.

    Raise StepFailed where they can't be read, UsageError for a language that keeps none.
    """
    return tuple(_locked_file(file) for file in kept_language_files(box, source))


def kept_language_files(box: Box, source: str) -> tuple[LanguageFile, ...]:
    """Return the same files with their paths. Raises what `language_files` raises."""
    return tuple(
        file for language in languages_among([source]) for file in _answer(box, files_of(language).list_stored)
    )


def _locked_file(file: LanguageFile) -> LockedFile:
    return LockedFile(
        root=plain_line(file.root),
        name=plain_line(file.name, 1000),
        version=plain_line(file.version),
        size=file.size,
        digest=file.digest,
    )


def base_lines(packages: Iterable[Package]) -> tuple[str, ...]:
    """Return the packages of a base as lines of a lock, sorted."""
    return tuple(sorted(plain_line(f"{row.name} {row.version} {row.architecture or '-'}") for row in packages))


def locked_packages(
    manager: ManagerName, came: Sequence[Package], files: Sequence[Archive]
) -> tuple[LockedPackage, ...]:
    """Return the new packages with size and checksum of each file. Raises StepFailed for a missing file."""
    found = []
    for package in came:
        file = next(
            (
                file
                for file in files
                if file.is_of(package.name, package.architecture) and file.version == version_of_file(manager, package)
            ),
            None,
        )
        if file is None:
            message = f"{package.name} {package.version} can't be locked: {manager} did not keep its package file"
            why = f"{manager} keeps no package files from a repository on the base's own disk; use a mirror over http"
            raise StepFailed(plain_line(message), details=[("may be", why)])
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


def verify_lock(box: Box, plan: Plan, before: Probe, after: Probe | None = None, *, source: str = "") -> None:
    """Hold a sandbox to the plan's lock, before an install or `after` it; raise CheckFailed where it differs.

    `source` is the language manager that installs, empty for the distro's own.
    """
    if plan.lock is None:
        return
    if source and after is None:
        check_language_files(plan, source, language_files(box, source))
    elif source:
        check_language_came(plan, source, language_packages(box, languages_among([source])))
    elif after is None:
        check_files(plan, before.packages, archives(box, plan))
    else:
        check_came(plan, before.packages, after.packages)


def check_files(plan: Plan, before: Sequence[Package], files: Sequence[Archive]) -> None:
    """Raise CheckFailed if the base or the files differ from the lock; this runs before any package's script."""
    if plan.lock is None:
        return
    base = base_differences(plan.lock.base, base_lines(before))
    if base:
        raise lock_mismatch(plan, base, what="the base differs")
    if rows := [*file_differences(plan.target.manager, plan.lock.packages, files, plan.lock.base_names)]:
        raise lock_mismatch(plan, rows, what="what the mirror gives differs")


def check_language_files(plan: Plan, source: str, files: Sequence[LockedFile]) -> None:
    """Raise CheckFailed if the files of a language's packages differ from the lock."""
    if plan.lock is None:
        return
    locked = [file for file in plan.lock.languages if file.root.partition(":")[0] == source]
    if rows := language_differences(locked, files):
        raise lock_mismatch(plan, rows, what=f"the files from {source} differ")


def language_differences(wanted: Sequence[LockedFile], found: Sequence[LockedFile]) -> tuple[str, ...]:
    """Return a line for each changed, missing or new file, such as `pip:httpie: certifi: ...`."""
    return base_differences([_short(file) for file in wanted], [_short(file) for file in found])


def _short(file: LockedFile) -> str:
    return f"{file.root}/{file.name} {file.version} {file.digest[:SHORT_DIGEST]}..."


def check_language_came(plan: Plan, source: str, packages: Sequence[Package]) -> None:
    """Raise CheckFailed if a requested package of a language has another version than the lock."""
    if plan.lock is None:
        return
    there = {f"{row.name} {row.version} -" for row in packages}
    locked = {
        f"{name} {file.version} -"
        for file in plan.lock.languages
        for prefix, _, name in [file.root.partition(":")]
        if prefix == source and file.name in (name, f"node_modules/{name}")
    }
    names = {row.partition(" ")[0] for row in locked}
    if rows := base_differences(sorted(locked), [row for row in there if row.partition(" ")[0] in names]):
        raise lock_mismatch(plan, rows, what=f"what {source} installed differs")


def check_came(plan: Plan, before: Sequence[Package], after: Sequence[Package]) -> None:
    """Raise CheckFailed if the new packages differ from the lock."""
    if plan.lock is None:
        return
    wanted = [f"{row.name} {row.version} {row.architecture}" for row in plan.lock.packages]
    if rows := base_differences(wanted, base_lines(added_packages(before, after))):
        raise lock_mismatch(plan, rows, what="what was installed differs")


def base_differences(wanted: Sequence[str], found: Sequence[str]) -> tuple[str, ...]:
    """Return a line for each changed, missing or new package; texts are `NAME VERSION ARCH`."""
    lost, new = _by_name(set(wanted) - set(found)), _by_name(set(found) - set(wanted))
    return tuple(_difference(name, lost.get(name, ""), new.get(name, "")) for name in sorted({*lost, *new}))


def _by_name(lines: Iterable[str]) -> dict[str, str]:
    return {name: rest for name, _, rest in (line.partition(" ") for line in sorted(lines))}


def _difference(name: str, wanted: str, found: str) -> str:
    if not found:
        return f"{name}: {wanted} is locked, but was not installed"
    return (
        f"{name}: {wanted} is locked, {found} was installed"
        if wanted
        else f"{name}: {found} was installed, but is not in the lock"
    )


def file_differences(
    manager: ManagerName, wanted: Sequence[LockedPackage], files: Sequence[Archive], known: Iterable[str]
) -> Iterator[str]:
    """Yield the differences of files; files of the base's packages (`known`) are allowed too."""
    rest = {*files}
    for package in wanted:
        of_it = [file for file in files if file.is_of(package.name, package.architecture)]
        rest.difference_update(of_it)
        version = _file_version(manager, package)
        if any((file.version, file.sha256) == (version, package.sha256) for file in of_it):
            continue
        file = of_it[-1] if of_it else None
        if file is None:
            yield f"{package.name}: {package.version} is locked, but was not installed"
        elif file.version == _file_version(manager, package):
            yield _other_file(package, file)
        else:
            yield plain_line(f"{package.name}: {package.version} is locked, {file.version} was installed")
    for file in sorted(rest):
        spelled = {file.name, f"{file.name}:{file.architecture}", f"{file.name}.{file.architecture}"}
        if spelled.isdisjoint(known):
            yield plain_line(f"{file.name}: {file.version} was installed, but is not in the lock")


def _other_file(package: LockedPackage, file: Archive) -> str:
    sizes = f" ({package.size} and {file.size} bytes)" if package.size != file.size else ""
    wanted, came = package.sha256[:SHORT], file.sha256[:SHORT]
    return f"{package.name} {package.version}: sha256:{wanted}... is locked, the downloaded file has {came}...{sizes}"


def _file_version(manager: ManagerName, package: LockedPackage) -> str:
    from sandbox.managers.protocol import Package

    row = Package(name=package.name, version=package.version, architecture=package.architecture, size=0, explicit=False)
    return version_of_file(manager, row)


def lock_mismatch(plan: Plan, rows: Sequence[str], *, what: str) -> CheckFailed:
    """Return the error for a run that differs from its lock; `what` says what of it, with the verb."""
    rest = [f"and {len(rows) - SHOWN} more"] if len(rows) > SHOWN else []
    details = [("differs", row) for row in [*rows[:SHOWN], *rest]]
    asked = count(len(rows), "difference")
    as_of = plan.lock.as_of if plan.lock else None
    words = plan.lock.words if plan.lock else ("SPEC",)
    if not words:  # of a bundle
        message = f"the bundle's files differ from its lock for {plan.target.option}: {asked}"
        return CheckFailed(
            message,
            details=details,
            hints=[Advice.sandbox("bundle", "SPEC", "-o", "FILE", before="get it again, or rebuild it: ")],
        )
    hints = [Advice.sandbox("lock", *words, "--check"), Advice.sandbox("lock", *words)]
    if as_of is None and plan.target.distro.snapshot:
        hints.append(Advice.sandbox("lock", *words, "--as-of", "YYYY-MM-DD"))
    return CheckFailed(f"{what} from the lock for {plan.target.option}: {asked}", details=details, hints=hints)
