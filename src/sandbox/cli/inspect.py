"""The verb inspect: what packages would do to a host."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from sandbox.cli.app import Engine, app, columns, connect, make_host
from sandbox.cli.inspect_options import Distro, Report, check_output, request_of, show
from sandbox.cli.option_groups import expand_groups
from sandbox.cli.verb import Verb
from sandbox.errors import Advice, RemovalFailed, UsageError

if TYPE_CHECKING:
    pass


@app.command(cls=Verb)
@expand_groups
def inspect(
    packages: Annotated[
        list[str] | None,
        typer.Argument(
            help="Packages: NAME, NAME=VERSION, or pip:NAME (also npm:, cargo:, gem:, go:, luarocks:).",
            metavar="PACKAGE...",
            show_default=False,
        ),
    ] = None,
    distro: Distro = None,
    spec: Annotated[
        str | None,
        typer.Option("--spec", "-s", help="Inspect the packages of a spec, by name or path.", metavar="SPEC"),
    ] = None,
    locked: Annotated[bool, typer.Option("--locked", help="Use exactly the versions in the spec's lock.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show everything that was found.")] = False,
    engine: Engine = None,
    *,
    report: Report,
) -> None:
    """Measure what packages would do to a host, in a throwaway container.

    \b
    sandbox inspect redis-server
    sandbox inspect postgresql --distro debian -v
    sandbox inspect pip:httpie
    sandbox inspect nginx --html nginx.html
    sandbox inspect --spec ./web-tools.yaml --locked
    sandbox inspect nginx --network-log                          names and addresses
    sandbox inspect mytool --fail-on setuid,residue,services     for pipelines: exit status 6
    """  # noqa: D301 - \b keeps the lines apart (click)
    from sandbox.commands.inspect import inspect as measure
    from sandbox.core.signals import trap_termination
    from sandbox.inspect.fail_on import fail_on_error, parse_fail_on
    from sandbox.report.inspect_html import inspection_html
    from sandbox.report.inspect_markdown import inspection_md
    from sandbox.report.inspect_text import screen
    from sandbox.report.terminal import TerminalReporter

    check_output(report)
    wanted, host = parse_fail_on(report.fail_on), make_host(engine=engine)
    if not packages and spec is None:
        message = "there is no package to inspect"
        raise UsageError(message, hints=[Advice.sandbox("inspect", "htop"), Advice.sandbox("inspect", "pip:httpie")])
    if distro and "," in distro and packages:
        message = "inspect is of one distro at a time"
        raise UsageError(message, hints=[Advice.sandbox("compare", *packages, "--distro", distro)])
    request = request_of(packages or [], distro, host, spec=spec, locked=locked)
    reporter = TerminalReporter(os.environ, quiet=report.quiet)
    with trap_termination() as guard, connect(host) as found:
        session, listens = host.session(found), report.network_log
        result = measure(request, host, session=session, reporter=reporter, guard=guard, listens=listens)
    seen = result.inspection
    show(
        seen,
        as_json=report.as_json,
        text=inspection_md(seen) if report.md else screen(seen, everything=verbose, width=columns()),
    )
    if report.html:
        from sandbox.core.files import write_file

        write_file(report.html, inspection_html(seen))
    if error := fail_on_error({"": seen}, wanted):
        raise error
    raise typer.Exit(RemovalFailed.exit_code if result.removal.left else 0)
