"""The verb inspect: measures what packages would do to a host."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import typer
from msgspec.structs import replace

from sandbox.cli import invocation, start
from sandbox.cli.app import columns, connect, make_host, working_folder
from sandbox.cli.group import Group
from sandbox.cli.inspect_options import (
    Picture,
    Report,
    Run,
    check_output,
    check_picture,
    check_upgrade,
    for_picture,
    installer_error,
    installer_of,
    provenance,
    show,
    words_of,
    write_picture,
)
from sandbox.cli.sbom_options import Sbom, check_bill_is_of_packages, check_sbom, write_sbom
from sandbox.cli.verb import verb
from sandbox.errors import Advice, RemovalFailed, UsageError

if TYPE_CHECKING:
    from sandbox.commands.inspect import Inspected
    from sandbox.core.progress import Reporter
    from sandbox.inspect.findings import Inspection
    from sandbox.provision.context import Context
    from sandbox.provision.installer import Installer
    from sandbox.provision.request import TryRequest


class Subject(Group, frozen=True, kw_only=True):
    """What to inspect, and where."""

    packages: list[str] | None = None
    distro: str | None = None
    files: list[str] | None = None
    spec: str | None = None
    locked: bool = False
    allow: str | None = None
    like_host: bool = False
    boot: bool = False
    upgrade: bool = False
    upgrade_to: str | None = None

    @property
    def is_upgrade(self) -> bool:
        """Whether an upgrade of this host is inspected."""
        return self.upgrade or bool(self.upgrade_to)

    def where(self, distro: str | None) -> tuple[str, ...]:
        """Return the words that say of what, and where, it was inspected; `distro` is the one that it was."""
        spec = ("--spec", self.spec) if self.spec else ()
        boot = ("--boot", *(("--allow", self.allow) if self.allow else ())) if self.boot else ()
        release = ("--upgrade-to", self.upgrade_to) if self.upgrade_to else ()
        place = ("--like-host",) if self.like_host else ("--distro", distro) if distro else ()
        return (*spec, *["--locked"] * self.locked, *boot, *["--upgrade"] * self.upgrade, *release, *place)


@verb("inspect")
def inspect(
    subject: Subject,
    verbose: bool = False,
    engine: str | None = None,
    *,
    run: Run,
    report: Report,
    bill: Sbom,
    picture: Picture,
) -> None:
    """Run `sandbox inspect`."""
    from sandbox.inspect.fail_on import fail_on_error, parse_fail_on
    from sandbox.report.terminal import TerminalReporter

    installer = _installer_of(subject, run, report, bill, picture)
    wanted, host = parse_fail_on(report.fail_on), replace(make_host(engine=engine), begun=start.begun)
    subject = _with_lists(subject, host)
    _check_subject(subject, run, installer, bill)
    request = _request_of(subject, host, installer, bill, picture)
    reporter = TerminalReporter(os.environ, quiet=report.quiet)
    result = _measure(request, host, reporter, report=report, bill=bill, picture=picture)
    start.keep(sys.argv[1:], result.head_start, host.cache_folder)
    seen = result.inspection
    _show(seen, report, verbose=verbose)
    if report.html:
        _write_page(result, report, request, host, subject=subject, run=run)
    shown = result.picture
    written = (
        report.html,
        write_sbom(bill, result.bill, os.environ),
        write_picture(picture, shown.png if shown else None),
    )
    reporter.rows([("wrote", str(what)) for what in written if what])
    if error := fail_on_error({"": seen}, wanted):
        raise error
    if seen.installer and not seen.installer.is_good:
        raise installer_error(seen.installer)
    raise typer.Exit(RemovalFailed.exit_code if result.removal.left else 0)


def _installer_of(subject: Subject, run: Run, report: Report, bill: Sbom, picture: Picture) -> Installer | None:
    """Return the installer, if one was asked for. Raises UsageError for options that exclude each other."""
    check_output(report)
    check_sbom(bill, os.environ)
    installer = installer_of(run, invocation.command)
    check_bill_is_of_packages(bill, installer)
    others = (
        ("--run", installer),
        ("--upgrade", subject.upgrade),
        ("--upgrade-to", subject.upgrade_to),
        ("--boot", subject.boot),
    )
    check_picture(picture, others)
    return installer


def _with_lists(subject: Subject, host: Context) -> Subject:
    """Return the subject with the packages of its --from files."""
    if not subject.files:
        return subject
    from sandbox.cli.package_lists import packages_with_lists

    reads = subject.spec == "-"
    named = packages_with_lists(subject.packages, subject.files, host, distro=subject.distro, takes_input=reads)
    return replace(subject, packages=named)


def _check_subject(subject: Subject, run: Run, installer: Installer | None, bill: Sbom) -> None:
    """Raise UsageError for nothing to inspect, for more than an upgrade allows, and for several distros."""
    packages, distro = subject.packages or (), subject.distro
    if subject.is_upgrade:
        others = (("--spec", bool(subject.spec)), ("--run", bool(installer)), ("--sbom", bill.sbom is not None))
        asked = (*packages, *(word for word, is_asked in others if is_asked))
        check_upgrade(asked, like_host=subject.like_host, both=subject.upgrade, to=subject.upgrade_to or "")
    elif not packages and subject.spec is None and installer is None:
        message = "no package to inspect"
        raise UsageError(message, hints=[Advice.sandbox("inspect", "htop"), Advice.sandbox("inspect", "pip:httpie")])
    if distro and "," in distro and (packages or installer):
        message, (named, _) = "inspect takes one distro at a time", words_of(run, None)
        raise UsageError(message, hints=[Advice.sandbox("compare", *named, *packages, "--distro", distro)])


def _request_of(
    subject: Subject, host: Context, installer: Installer | None, bill: Sbom, picture: Picture
) -> TryRequest:
    """Return the request to install for the measurement. Raises UsageError."""
    from sandbox.cli.request import make_request
    from sandbox.cli.try_arguments import TryArguments
    from sandbox.cli.try_options import Bounds, What, Where

    asked = TryArguments(
        what=What(packages=subject.packages or [], spec=subject.spec, locked=subject.locked),
        where=Where(distro=subject.distro, like_host=subject.like_host, boot=subject.boot),
        bounds=Bounds(allow=subject.allow),
        keeps_files=bill.sbom is not None,
        upgrade=subject.is_upgrade,
        upgrade_to=subject.upgrade_to or "",
    )
    request = make_request(asked, host, folder=working_folder())
    return for_picture(replace(request, installer=installer), picture)


def _measure(
    request: TryRequest, host: Context, reporter: Reporter, *, report: Report, bill: Sbom, picture: Picture
) -> Inspected:
    """Measure on the engine, and return what was found and what the engine says is left."""
    from sandbox.commands.inspect import inspect as measure
    from sandbox.core.signals import trap_termination

    with trap_termination() as guard, connect(host) as engine:
        return measure(
            request,
            host,
            session=host.session(engine),
            reporter=reporter,
            guard=guard,
            listens=report.network_log,
            with_bill=bill.sbom is not None,
            with_picture=picture.screenshot is not None,
        )


def _show(seen: Inspection, report: Report, *, verbose: bool) -> None:
    from sandbox.report.inspect_markdown import inspection_md
    from sandbox.report.inspect_text import screen

    text = inspection_md(seen) if report.md else screen(seen, everything=verbose, width=columns())
    show(seen, as_json=report.as_json, text=text)


def _write_page(
    result: Inspected, report: Report, request: TryRequest, host: Context, *, subject: Subject, run: Run
) -> None:
    """Write the page of --html, with the command line that repeats the measurement. Raises Unwritten."""
    from sandbox.core.files import write_file
    from sandbox.report.inspect_html import inspection_html

    if report.html is None:
        return
    distro = request.plan.target.option if request.plan else subject.distro
    named, last = words_of(run, invocation.command)
    words = ("inspect", *named, *(subject.packages or ()), *subject.where(distro))
    made = provenance(words, report, request, host, last)
    shown = result.picture
    pictures = (shown.png, shown.icon) if shown else (b"", b"")
    write_file(report.html, inspection_html(result.inspection, made, *pictures))
