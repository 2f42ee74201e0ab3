"""The verb compare: packages side by side."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

import typer
from msgspec.structs import replace

from sandbox.cli import invocation
from sandbox.cli.app import columns, connect, make_host, working_folder
from sandbox.cli.inspect_options import Report, Run, check_output, installer_of, provenance, show, words_of
from sandbox.cli.verb import verb
from sandbox.errors import Advice, RemovalFailed, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sandbox.core.progress import Reporter
    from sandbox.inspect.comparison import Comparison
    from sandbox.lifecycle.removal import Removal
    from sandbox.provision.context import Context
    from sandbox.provision.installer import Installer
    from sandbox.provision.request import TryRequest


@verb("compare")
def compare(
    packages: list[str] | None = None,
    files: list[str] | None = None,
    distro: str | None = None,
    jobs: int | None = None,
    boot: bool = False,
    allow: str | None = None,
    engine: str | None = None,
    *,
    run: Run,
    report: Report,
) -> None:
    """Run `sandbox compare`."""
    from sandbox.inspect.fail_on import fail_on_error, parse_fail_on
    from sandbox.report.terminal import TerminalReporter

    check_output(report)
    installer = installer_of(run, invocation.command)
    wanted, host = parse_fail_on(report.fail_on), make_host(engine=engine)
    if files:
        from sandbox.cli.package_lists import packages_with_lists

        packages = packages_with_lists(packages, files, host, distro=distro, takes_input=False)
    asked = partial(_request_of, host=host, allow=allow, boot=boot)
    requests = _candidates(packages or [], distro, asked, installer)
    reporter = TerminalReporter(os.environ, quiet=report.quiet)
    found, removals = _measure(requests, host, reporter, report=report, jobs=jobs)
    _show(found, report)
    if report.html:
        first = next(iter(requests.values()))
        on = distro or (first.plan.target.option if first.plan else None)
        place = ("--distro", on) if on else ()
        booted = ("--boot", *(("--allow", allow) if allow else ())) if boot else ()
        words = (*(packages or ()), *booted, *place)
        _write_page(found, report, first, host, words=words, run=run)
        reporter.rows([("wrote", str(report.html))])
    if error := fail_on_error({one.name: one.inspection for one in found.candidates if one.inspection}, wanted):
        raise error
    left = any(removal.left for removal in removals)
    raise typer.Exit(RemovalFailed.exit_code if left else int(any(one.failure for one in found.candidates)))


def _request_of(packages: list[str], distro: str | None, *, host: Context, allow: str | None, boot: bool) -> TryRequest:
    """Return the request to install one candidate. Raises UsageError."""
    from sandbox.cli.request import make_request
    from sandbox.cli.try_arguments import TryArguments
    from sandbox.cli.try_options import Bounds, What, Where

    asked = TryArguments(
        what=What(packages=packages), where=Where(distro=distro, boot=boot), bounds=Bounds(allow=allow)
    )
    return make_request(asked, host, folder=working_folder())


def _measure(
    requests: Mapping[str, TryRequest], host: Context, reporter: Reporter, *, report: Report, jobs: int | None
) -> tuple[Comparison, Sequence[Removal]]:
    """Inspect all on the engine; return what was found, and what the engine says is left."""
    from sandbox.commands.compare import Comparing
    from sandbox.core.signals import trap_termination
    from sandbox.report.terminal import TerminalReporter

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
            listens=report.network_log,
        )
        return work.run(), work.removals


def _show(found: Comparison, report: Report) -> None:
    from sandbox.report.inspect_markdown import comparison_md

    if report.as_json or report.md:
        show(found, as_json=report.as_json, text=comparison_md(found))
    else:
        _show_table(found, columns())


def _show_table(found: Comparison, width: int) -> None:
    """Print the candidates side by side, and below them why some failed."""
    from sandbox.inspect.comparison import table
    from sandbox.report.columns import side_by_side, wrap

    failures = [f"{one.name} failed: {one.failure}" for one in found.candidates if one.failure]
    typer.echo("\n".join([*side_by_side(table(found), width), *([""] if failures else [])]))
    for failure in failures:
        typer.echo("\n".join(wrap(failure, width)))


def _write_page(
    found: Comparison, report: Report, first: TryRequest, host: Context, *, words: Sequence[str], run: Run
) -> None:
    """Write the page of --html; `words` name the packages and the distro of the command line that repeats it."""
    from sandbox.core.files import write_file
    from sandbox.report.inspect_html import comparison_html

    if report.html is None:
        return
    named, last = words_of(run, invocation.command)
    made = provenance(("compare", *named, *words), report, first, host, last)
    write_file(report.html, comparison_html(found, made))


def _candidates(
    packages: list[str], distro: str | None, request: Callable[..., TryRequest], installer: Installer | None = None
) -> dict[str, TryRequest]:
    """Return the requests to compare, by column name. Raises UsageError for a single candidate."""
    distros = list(dict.fromkeys(filter(None, (word.strip() for word in (distro or "").split(",")))))
    names = list(dict.fromkeys(packages))
    if installer is not None and (names or len(distros) > 1):
        return _with_installer(installer, names, distros or [None], request)
    if len(distros) > 1:
        several = len(names) > 1
        return {f"{name} {place}" if several else place: request([name], place) for name in names for place in distros}
    if len(names) > 1:
        return {name: request([name], distros[0] if distros else None) for name in names}
    request(names, distros[0] if distros else None)  # report its own errors first
    message = "compare needs two or more candidates"
    hints = [
        Advice.sandbox("compare", "htop", "btop"),
        Advice.sandbox("compare", "htop", "--distro", "debian,alpine"),
        Advice.sandbox("inspect", "htop"),
    ]
    raise UsageError(message, hints=hints)


def _with_installer(
    installer: Installer, names: list[str], distros: Sequence[str | None], request: Callable[..., TryRequest]
) -> dict[str, TryRequest]:
    """Return the requests of an installer, and of packages beside it, each on all distros."""
    found = {}
    for place in distros:
        behind = f" {place}" if len(distros) > 1 else ""
        found[f"{installer.name}{behind}"] = replace(request([], place), installer=installer)
        found |= {f"{name}{behind}": request([name], place) for name in names}
    return found
