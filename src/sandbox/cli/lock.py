"""The verb lock: writes, updates and checks locks."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from sandbox.cli.app import connect, make_host, working_folder
from sandbox.cli.sbom_options import Sbom, check_sbom, write_sbom
from sandbox.cli.verb import verb
from sandbox.core.human import count, names, size
from sandbox.errors import Advice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.cli.lock_options import LockConstraint
    from sandbox.commands.lock import Locked
    from sandbox.errors import CheckFailed
    from sandbox.provision.context import Context
    from sandbox.provision.request import TryRequest
    from sandbox.report.terminal import TerminalReporter
    from sandbox.specs.lockfile import Lock, LockedTarget


@verb("lock")
def lock(
    specs: list[str] | None = None,
    files: list[str] | None = None,
    distro: list[str] | None = None,
    as_of: str | None = None,
    check: bool = False,
    update: list[str] | None = None,
    allow: str | None = None,
    engine: str | None = None,
    verbose: bool = False,
    quiet: bool = False,
    *,
    bill: Sbom,
) -> None:
    """Run `sandbox lock`."""
    from sandbox.report.terminal import TerminalReporter

    host = make_host(engine=engine)
    reporter = TerminalReporter(os.environ, verbose=verbose, quiet=quiet)
    asked = [*((name, False) for name in specs or ()), *((file, True) for file in files or ())]
    _check_options(asked, with_bill=check_sbom(bill, os.environ), check=check)
    stale: list[tuple[str, str]] = []
    for name, is_list in asked:
        work = Work(
            name, host, reporter, is_list=is_list, as_of=as_of, check=check, update=tuple(update or ()), allow=allow
        )
        stale += work.run(distro or (), bill)
    if stale:
        raise _stale_error(stale, asked)


def _check_options(asked: Sequence[tuple[str, bool]], *, with_bill: bool, check: bool) -> None:
    """Raise UsageError where there is nothing to lock, or one bill can't be of all that is asked for."""
    from sandbox.errors import UsageError

    if with_bill and check:
        message = "--sbom and --check can't be combined: --check writes nothing"
        raise UsageError(message, hints=[Advice.without("--check")])
    if not asked:
        message = "SPEC... or --from FILE is missing"
        raise UsageError(message, hints=[Advice.sandbox("lock", "--help")])
    if with_bill and len(asked) > 1:
        message = "--sbom needs one spec: each has a bill of its own"
        raise UsageError(message, hints=[Advice.say("one command for each spec, each with a file of its own")])


def _stale_error(stale: Sequence[tuple[str, str]], asked: Sequence[tuple[str, bool]]) -> CheckFailed:
    """Return the error for locks that differ from today's packages, with the command that locks all of them anew."""
    from sandbox.errors import CheckFailed

    words = (word for name, is_list in asked for word in (["--from", name] if is_list else [name]))
    message = "the packages of today differ from the lock"
    return CheckFailed(message, details=stale, hints=[Advice.sandbox("lock", *words)])


class Work:
    """The lock of one spec, or of one file that lists packages."""

    def __init__(
        self,
        name: str,
        host: Context,
        reporter: TerminalReporter,
        *,
        is_list: bool,
        as_of: str | None,
        check: bool,
        update: tuple[str, ...],
        allow: str | None,
    ) -> None:
        from sandbox.cli.lock_options import list_lock_path, parse_day, typed_path
        from sandbox.errors import UsageError
        from sandbox.specs.lockfile import load_lock

        folder = working_folder()
        self._allow, self._is_list = allow, is_list
        self._path, self._listing = list_lock_path(name, folder) if is_list else (_lock_path(name, host, folder), "")
        self._lock: Lock | None = None
        if self._path.exists() or check or update:
            self._lock = load_lock(self._path, source=typed_path(self._path, folder), listing=self._listing)
        self._name, self._host, self._reporter = name, host, reporter
        self._day, self._check, self._update = parse_day(as_of), check, update
        self._source = typed_path(self._path, folder)
        if check and update:
            message = "--check and --update can't be combined"
            raise UsageError(message)

    def run(self, distros: Sequence[str], bill: Sbom) -> list[tuple[str, str]]:
        """Resolve for each distro; with --check, return the differences. Raises UsageError for several with --sbom."""
        known = [target.option for target in self._lock.targets] if self._lock else []
        named = [word for words in distros for word in words.split(",") if word] or known
        wanted: list[str | None] = [*dict.fromkeys(named)] or [None]
        if len(wanted) == 1:
            return self._one(wanted[0], bill)
        if bill.sbom is not None:
            from sandbox.errors import UsageError

            message = "--sbom needs one distro: each has a bill of its own"
            raise UsageError(message, hints=[Advice.again("--distro", str(wanted[0]))] if not distros else ())
        return self._all(wanted)

    def _all(self, wanted: Sequence[str | None]) -> list[tuple[str, str]]:
        """Resolve for every distro, even if one fails; then raise StepFailed."""
        from sandbox.errors import StepFailed

        rows: list[tuple[str, str]] = []
        failed: list[str] = []
        for option in wanted:
            try:
                rows += self._one(option)
            except StepFailed as error:
                failed.append(str(option))
                self._reporter.warn(StepFailed(f"{option}: {error.brief}", details=error.details, hints=error.hints))
        if failed:
            message = f"{self._name} could not be resolved for {', '.join(failed)}"
            raise StepFailed(message, details=[*(("differs", f"{option}: {row}") for option, row in rows)])
        return rows

    def _one(self, distro: str | None, bill: Sbom | None = None) -> list[tuple[str, str]]:
        from sandbox.commands.lock import changes, lock_diff

        request = self._request(distro)
        found = self._resolve(request, with_bill=bill is not None and bill.sbom is not None)
        option = found.target.option
        before = next((row for row in self._lock.targets if row.option == option), None) if self._lock else None
        if self._check:
            if before is None:
                return [(option, f"{self._source} holds no lock")]
            rows = changes(before, found.target)
            if not rows:
                typer.echo(f"ok      {self._source}: {option}, {count_text(before)}")
            return [(option, row) for row in rows]
        self._write(found.target)
        for sign, row in lock_diff(before, found.target) if before else ():
            typer.echo(f"  {sign} {row}")
        if bill and (written := write_sbom(bill, found.bill, os.environ)):
            typer.echo(f"wrote   {written}")
        return []

    def _request(self, distro: str | None) -> TryRequest:
        from sandbox.cli.request import make_request
        from sandbox.cli.try_arguments import TryArguments
        from sandbox.cli.try_options import Bounds, What, Where

        what = What(spec=self._name)
        if self._is_list:
            from sandbox.cli.package_lists import packages_with_lists

            what = What(packages=packages_with_lists(None, [self._name], self._host, distro=distro, takes_input=False))
        asked = TryArguments(
            what=what,
            where=Where(distro=distro),
            bounds=Bounds(allow=self._allow),
            resolves=True,
            held=self._constraint(distro),
        )
        return make_request(asked, self._host, folder=working_folder())

    def _constraint(self, distro: str | None) -> LockConstraint:
        """Return the lock to resolve with: without the packages to update; with --check also its day."""
        from sandbox.cli.invocation import ALL
        from sandbox.cli.lock_options import LockConstraint

        if self._update and ALL not in self._update:
            return LockConstraint(lock=self._lock, day=self._day, loose=self._update)
        locked = self._lock.targets if self._lock and self._check else ()
        day = next((row.as_of for row in locked if row.option == distro or len(locked) == 1), None)
        return LockConstraint(day=self._day or day)

    def _resolve(self, request: TryRequest, *, with_bill: bool) -> Locked:
        from sandbox.commands.lock import resolve_lock
        from sandbox.core.signals import trap_termination

        with trap_termination() as guard, connect(self._host, tidy=True) as engine:
            self._reporter.heading(f"{request.title} on {engine.title}")
            return resolve_lock(
                request, self._host, engine=engine, reporter=self._reporter, guard=guard, with_bill=with_bill
            )

    def _write(self, target: LockedTarget) -> None:
        from sandbox.core.files import whole_file
        from sandbox.errors import Unwritten
        from sandbox.specs.lockfile import Lock, render

        lock = self._lock or Lock(source=self._source, tool=self._host.version, listing=self._listing)
        self._lock = lock.with_target(target, tool=self._host.version)
        try:
            with whole_file(self._path) as file:
                file.write(render(self._lock).encode())
        except OSError as error:
            raise Unwritten.place(
                self._source, error, hints=[Advice.program("cp", self._name, ".", after=", and lock the copy")]
            ) from error
        total = size(sum([row.size for row in target.packages] + [row.size for row in target.languages]))
        typer.echo(f"wrote   {self._source}: {target.option}, {count_text(target)}, {total}")


def _lock_path(name: str, host: Context, folder: Path) -> Path:
    """Return the path of the lock beside a spec."""
    from sandbox.specs.find import load_by_name
    from sandbox.specs.lockfile import lock_path

    file = load_by_name(name, environ=host.environ, cwd=folder).file or folder / "stdin.yaml"
    return lock_path(file.parent, file.stem)


def count_text(target: LockedTarget) -> str:
    """Return `4 packages`, or `4 packages and 2 files of pip and npm`."""
    languages = tuple(dict.fromkeys(row.root.partition(":")[0] for row in target.languages))
    more = f"{count(len(target.languages), 'file')} of {names(languages)}"
    return names((count(len(target.packages), "package"), *([more] if languages else [])))
