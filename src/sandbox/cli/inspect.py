"""The verb inspect: measures what packages would do to a host."""

from __future__ import annotations

import os

import typer

from sandbox.cli.app import columns, connect, make_host
from sandbox.cli.inspect_options import Report, check_output, provenance, request_of, show
from sandbox.cli.sbom_options import Sbom, check_sbom, write_sbom
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
    *,
    report: Report,
    bill: Sbom,
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
    wanted, host = parse_fail_on(report.fail_on), make_host(engine=engine)
    if files:
        from sandbox.cli.package_lists import packages_with_lists

        packages = packages_with_lists(packages, files, host, distro=distro, takes_input=spec == "-")
    if not packages and spec is None:
        message = "no package to inspect"
        raise UsageError(message, hints=[Advice.sandbox("inspect", "htop"), Advice.sandbox("inspect", "pip:httpie")])
    if distro and "," in distro and packages:
        message = "inspect takes one distro at a time"
        raise UsageError(message, hints=[Advice.sandbox("compare", *packages, "--distro", distro)])
    request = request_of(packages or [], distro, host, spec=spec, locked=locked, allow=allow, keeps_files=with_bill)
    reporter = TerminalReporter(os.environ, quiet=report.quiet)
    with trap_termination() as guard, connect(host) as found:
        session, listens = host.session(found), report.network_log
        result = measure(
            request, host, session=session, reporter=reporter, guard=guard, listens=listens, with_bill=with_bill
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
        where = (*(("--spec", spec) if spec else ()), *["--locked"] * locked, *(("--distro", on) if on else ()))
        made = provenance(("inspect", *(packages or ()), *where), report, request, host)
        write_file(report.html, inspection_html(seen, made))
    write_sbom(bill, result.bill, os.environ)
    if error := fail_on_error({"": seen}, wanted):
        raise error
    raise typer.Exit(RemovalFailed.exit_code if result.removal.left else 0)
