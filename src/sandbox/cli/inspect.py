"""The verbs inspect and compare: what packages would do to a host."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sandbox.cli.app import Engine, Json, app, columns, connect, make_host, show_json, working_folder
from sandbox.errors import RemovalFailed, UsageError

if TYPE_CHECKING:
    from sandbox.inspect.comparison import Comparison
    from sandbox.inspect.findings import Inspection
    from sandbox.provision.context import Context
    from sandbox.provision.request import TryRequest

Distro = Annotated[
    str | None,
    typer.Option("--distro", "-d", help="DISTRO or DISTRO:RELEASE (default: this host's).", metavar="DISTRO"),
]
Distros = Annotated[
    str | None, typer.Option("--distro", "-d", help="One, or several to compare: debian,alpine.", metavar="DISTRO,...")
]
Html = Annotated[Path | None, typer.Option("--html", help="Write a self-contained page there.", metavar="FILE")]
Md = Annotated[bool, typer.Option("--md", help="Print Markdown, for a pull request.")]
FailOn = Annotated[
    str | None, typer.Option(help="Exit with 6 where it finds these: damage, setuid ...", metavar="KIND,...")
]
Network = Annotated[bool, typer.Option("--network-log", help="Say whom the installation talked to.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show everything that was found.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")]


@app.command()
def inspect(
    packages: Annotated[
        list[str] | None,
        typer.Argument(help="Packages, as NAME, NAME=VERSION or pip:NAME.", metavar="PACKAGE...", show_default=False),
    ] = None,
    distro: Distro = None,
    spec: Annotated[
        str | None, typer.Option("--spec", "-s", help="Those of a spec, by name or path.", metavar="SPEC")
    ] = None,
    locked: Annotated[bool, typer.Option("--locked", help="Measure exactly what the spec's lock says.")] = False,
    as_json: Json = False,
    html: Html = None,
    md: Md = False,
    fail_on: FailOn = None,
    network_log: Network = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
    engine: Engine = None,
) -> None:
    """Show what packages would do to a host, measured in a throwaway container.

    \b
    sandbox inspect redis-server
    sandbox inspect postgresql --distro debian -v
    sandbox inspect pip:httpie
    sandbox inspect nginx --html nginx.html
    sandbox inspect --spec ./web-tools.yaml --locked
    sandbox inspect nginx --network-log                          names and addresses
    sandbox inspect mytool --fail-on setuid,residue,services     for pipelines: exit status 6
    """  # noqa: D301 - \b keeps the lines apart (click)
    from sandbox.commands.inspect import Inspecting
    from sandbox.core.signals import trap_termination
    from sandbox.inspect.fail_on import fail_on_error, parse_fail_on
    from sandbox.report.inspect_html import inspection_html
    from sandbox.report.inspect_markdown import inspection_md
    from sandbox.report.inspect_text import screen
    from sandbox.report.terminal import TerminalReporter

    _check(html, as_json=as_json, md=md)
    wanted, host = parse_fail_on(fail_on), make_host(engine=engine)
    if not packages and spec is None:
        message = "there is no package to inspect"
        raise UsageError(message, hints=["sandbox inspect htop", "sandbox inspect pip:httpie"])
    if distro and "," in distro and packages:
        message = "inspect is of one distro at a time"
        raise UsageError(message, hints=[f"sandbox compare {shlex.join(packages)} --distro {shlex.quote(distro)}"])
    request = _request(packages or [], distro, host, spec=spec, locked=locked)
    reporter = TerminalReporter(os.environ, quiet=quiet)
    with trap_termination() as guard, connect(host) as found:
        work = Inspecting(request, host, engine=found, reporter=reporter, guard=guard, listens=network_log)
        result = work.run()
    seen = result.inspection
    _show(
        seen,
        as_json=as_json,
        text=inspection_md(seen) if md else screen(seen, everything=verbose, width=columns()),
    )
    if html:
        from sandbox.cli.files import write_file

        write_file(html, inspection_html(seen))
    if error := fail_on_error({"": seen}, wanted):
        raise error
    raise typer.Exit(RemovalFailed.exit_code if result.removal.left else 0)


@app.command()
def compare(
    packages: Annotated[
        list[str], typer.Argument(help="Packages, as NAME, NAME=VERSION or pip:NAME.", metavar="PACKAGE...")
    ],
    distro: Distros = None,
    as_json: Json = False,
    html: Html = None,
    md: Md = False,
    fail_on: FailOn = None,
    network_log: Network = False,
    quiet: Quiet = False,
    jobs: Annotated[int | None, typer.Option(min=1, max=32, help="At a time (default: as many as cores).")] = None,
    engine: Engine = None,
) -> None:
    """Show candidates side by side, or one package on several distros.

    \b
    sandbox compare htop btop glances
    sandbox compare httpie pip:httpie npm:http-server --distro debian
    sandbox compare nginx --distro debian,alpine,fedora
    """  # noqa: D301 - \b keeps the lines apart (click)
    from sandbox.commands.compare import Comparing
    from sandbox.core.signals import trap_termination
    from sandbox.inspect.comparison import table
    from sandbox.inspect.fail_on import fail_on_error, parse_fail_on
    from sandbox.report.columns import side_by_side, wrap
    from sandbox.report.inspect_html import comparison_html
    from sandbox.report.inspect_markdown import comparison_md
    from sandbox.report.terminal import TerminalReporter

    _check(html, as_json=as_json, md=md)
    wanted, host = parse_fail_on(fail_on), make_host(engine=engine)
    requests = _candidates(packages, distro, host)
    reporter = TerminalReporter(os.environ, quiet=quiet)
    silent = TerminalReporter(os.environ, quiet=True)
    with trap_termination() as guard:
        connect(host).__exit__(None, None, None)
        work = Comparing(
            requests,
            host,
            connect=lambda: connect(host),
            reporter=reporter,
            silent=silent,
            guard=guard,
            jobs=jobs,
            listens=network_log,
        )
        found = work.run()
    if not as_json and not md:
        width = columns()
        failures = [f"{one.name} failed: {one.failure}" for one in found.candidates if one.failure]
        typer.echo("\n".join([*side_by_side(table(found), width), *([""] if failures else [])]))
        for failure in failures:
            typer.echo("\n".join(wrap(failure, width)))
    else:
        _show(found, as_json=as_json, text=comparison_md(found))
    if html:
        from sandbox.cli.files import write_file

        write_file(html, comparison_html(found))
    if error := fail_on_error({one.name: one.inspection for one in found.candidates if one.inspection}, wanted):
        raise error
    left = any(removal.left for removal in work.removals)
    raise typer.Exit(RemovalFailed.exit_code if left else int(any(one.failure for one in found.candidates)))


def _request(
    packages: list[str], distro: str | None, host: Context, *, spec: str | None = None, locked: bool = False
) -> TryRequest:
    from sandbox.cli.request import make_request
    from sandbox.cli.try_arguments import TryArguments
    from sandbox.specs.options import Options

    asked = TryArguments(options=Options(distro=distro, packages=packages), spec=spec, locked=locked)
    return make_request(asked, host, folder=working_folder())


def _candidates(packages: list[str], distro: str | None, host: Context) -> dict[str, TryRequest]:
    """Return what is to be compared by its column's name; raise UsageError for one candidate alone."""
    distros = list(dict.fromkeys(filter(None, (word.strip() for word in (distro or "").split(",")))))
    names = list(dict.fromkeys(packages))
    if len(distros) > 1:
        several = len(names) > 1
        return {
            f"{name} {place}" if several else place: _request([name], place, host)
            for name in names
            for place in distros
        }
    if len(names) > 1:
        return {name: _request([name], distros[0] if distros else None, host) for name in names}
    _request(names, distros[0] if distros else None, host)  # what is wrong with that alone comes first
    message = "there is nothing to compare with"
    hints = ["sandbox compare htop btop", "sandbox compare htop --distro debian,alpine", "sandbox inspect htop"]
    raise UsageError(message, hints=hints)


def _show(value: Inspection | Comparison, *, as_json: bool, text: str) -> None:
    from msgspec import to_builtins

    from sandbox.inspect.findings import SCHEMA

    if as_json:
        show_json({"schema": SCHEMA, **to_builtins(value)})
    else:
        typer.echo(text.rstrip("\n"))


def _check(html: Path | None, *, as_json: bool, md: bool) -> None:
    """Raise UsageError for what could not be shown or written in the end, before anything is measured for it."""
    if as_json and md:
        message = "--json and --md are both asked for: one can be printed"
        raise UsageError(message, hints=["the same command without --md"])
    if html is None:
        return
    from sandbox.promote.output_file import is_folder

    why = "it is a folder" if is_folder(html) else _refused(html)
    if why:
        message = f"{html} can't be written: {why}"
        raise UsageError(message, hints=["--html FILE, in a folder that is there"])


def _refused(path: Path) -> str:
    """Return why a file can't be written; what is there stays as it is, and what was not is not there afterwards."""
    try:
        was_there = path.exists() or path.is_symlink()
        if path.exists() and not path.is_file():
            return ""  # a pipe's reader would take our leaving for its end
        path.open("ab").close()
        if not was_there:
            path.unlink()
    except OSError as error:
        parent = path.parent
        return f"{parent} is no folder that can be written to" if not parent.is_dir() else str(error.strerror)
    return ""
