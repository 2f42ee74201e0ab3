"""The verb inspect: measures what packages would do to a host."""

from __future__ import annotations

import os

import typer
from msgspec.structs import replace

from sandbox.cli import invocation
from sandbox.cli.app import columns, connect, make_host
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
    request_of,
    show,
    words_of,
    write_picture,
)
from sandbox.cli.sbom_options import Sbom, check_bill_is_of_packages, check_sbom, write_sbom
from sandbox.cli.verb import verb
from sandbox.errors import Advice, RemovalFailed, UsageError


@verb("inspect")
def inspect(
    packages: list[str] | None = None,
    distro: str | None = None,
    files: list[str] | None = None,
    spec: str | None = None,
    locked: bool = False,
    allow: str | None = None,
    verbose: bool = False,
    engine: str | None = None,
    like_host: bool = False,
    boot: bool = False,
    upgrade: bool = False,
    upgrade_to: str | None = None,
    *,
    run: Run,
    report: Report,
    bill: Sbom,
    picture: Picture,
) -> None:
    """Run `sandbox inspect`."""
    from sandbox.commands.inspect import inspect as measure
    from sandbox.core.signals import trap_termination
    from sandbox.inspect.fail_on import fail_on_error, parse_fail_on
    from sandbox.report.inspect_html import inspection_html
    from sandbox.report.inspect_markdown import inspection_md
    from sandbox.report.inspect_text import screen
    from sandbox.report.terminal import TerminalReporter

    check_output(report)
    with_bill = check_sbom(bill, os.environ)
    installer = installer_of(run, invocation.command)
    check_bill_is_of_packages(bill, installer)
    check_picture(
        picture, (("--run", installer), ("--upgrade", upgrade), ("--upgrade-to", upgrade_to), ("--boot", boot))
    )
    wanted, host = parse_fail_on(report.fail_on), make_host(engine=engine)
    if files:
        from sandbox.cli.package_lists import packages_with_lists

        packages = packages_with_lists(packages, files, host, distro=distro, takes_input=spec == "-")
    if upgrade or upgrade_to:
        asked = (*(packages or ()), *["--spec"] * bool(spec), *["--run"] * bool(installer), *["--sbom"] * with_bill)
        check_upgrade(asked, like_host=like_host, both=upgrade, to=upgrade_to or "")
    elif not packages and spec is None and installer is None:
        message = "no package to inspect"
        raise UsageError(message, hints=[Advice.sandbox("inspect", "htop"), Advice.sandbox("inspect", "pip:httpie")])
    if distro and "," in distro and (packages or installer):
        message, (named, _) = "inspect takes one distro at a time", words_of(run, None)
        raise UsageError(message, hints=[Advice.sandbox("compare", *named, *(packages or ()), "--distro", distro)])
    request = request_of(
        packages or [],
        distro,
        host,
        spec=spec,
        locked=locked,
        allow=allow,
        keeps_files=with_bill,
        like_host=like_host,
        upgrade=upgrade or bool(upgrade_to),
        upgrade_to=upgrade_to or "",
        boot=boot,
    )
    request = for_picture(replace(request, installer=installer), picture)
    reporter = TerminalReporter(os.environ, quiet=report.quiet)
    with trap_termination() as guard, connect(host) as found:
        session, listens = host.session(found), report.network_log
        result = measure(
            request,
            host,
            session=session,
            reporter=reporter,
            guard=guard,
            listens=listens,
            with_bill=with_bill,
            with_picture=picture.screenshot is not None,
        )
    seen = result.inspection
    show(
        seen,
        as_json=report.as_json,
        text=inspection_md(seen) if report.md else screen(seen, everything=verbose, width=columns()),
    )
    if report.html:
        from sandbox.core.files import write_file

        on = request.plan.target.option if request.plan else distro
        where = _where(
            spec,
            on,
            locked=locked,
            boot=("--boot", *(("--allow", allow) if allow else ())) if boot else (),
            upgrade=upgrade,
            upgrade_to=upgrade_to,
            like_host=like_host,
        )
        named, last = words_of(run, invocation.command)
        made = provenance(("inspect", *named, *(packages or ()), *where), report, request, host, last)
        write_file(report.html, inspection_html(seen, made, result.picture or b""))
    written = (report.html, write_sbom(bill, result.bill, os.environ), write_picture(picture, result.picture))
    reporter.rows([("wrote", str(what)) for what in written if what])
    if error := fail_on_error({"": seen}, wanted):
        raise error
    if seen.installer and not seen.installer.is_good:
        raise installer_error(seen.installer)
    raise typer.Exit(RemovalFailed.exit_code if result.removal.left else 0)


def _where(
    spec: str | None,
    distro: str | None,
    *,
    locked: bool,
    boot: tuple[str, ...],
    upgrade: bool,
    upgrade_to: str | None,
    like_host: bool,
) -> tuple[str, ...]:
    """Return the words of a command line that say of what, and where, something is inspected."""
    where = (*(("--spec", spec) if spec else ()), *["--locked"] * locked, *boot)
    where = (*where, *["--upgrade"] * upgrade, *(("--upgrade-to", upgrade_to) if upgrade_to else ()))
    return (*where, *(("--like-host",) if like_host else ("--distro", distro) if distro else ()))
