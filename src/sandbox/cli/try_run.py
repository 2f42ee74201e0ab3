"""What the verb try does with its options, its question at the end, and its closing lines."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sandbox.cli import invocation, start
from sandbox.cli.host import connect, make_host, working_folder
from sandbox.errors import Advice, RemovalFailed, SandboxError, UsageError

if TYPE_CHECKING:
    from sandbox.cli.promote_prompt import PromotePrompt
    from sandbox.cli.try_options import Bounds, Ending, Reach, What, Where
    from sandbox.provision.context import Context
    from sandbox.provision.installer import Installer
    from sandbox.provision.request import TryRequest, TryResult
    from sandbox.report.terminal import TerminalReporter


def run_try(what: What, where: Where, reach: Reach, bounds: Bounds, ending: Ending) -> int:
    """Run `sandbox try`; return the exit status."""
    from sandbox.cli.promote_prompt import PromotePrompt
    from sandbox.cli.request import make_request
    from sandbox.cli.try_arguments import TryArguments
    from sandbox.report.terminal import TerminalReporter

    host = _host(where, ending)
    if what.files:
        what = _with_lists(what, where, ending, host)
    ttl = 0
    if where.on is not None or where.push:
        from sandbox.cli.try_fargate import check_options

        ttl = check_options(what, where, reach, bounds, ending, has_command=bool(_command()))
        ending = replace(ending, ttl=None)
    installer = _installer(what, bounds) if what.run or what.answers else None
    command = () if installer else _command()
    asked = TryArguments(
        what=what, where=where, reach=reach, bounds=bounds, ending=ending, command=command, user=invocation.user
    )
    request = make_request(asked, host, folder=working_folder())
    if installer:
        request = replace(request, installer=installer)
    reporter = TerminalReporter(os.environ, verbose=ending.verbose, quiet=ending.quiet)
    if ttl:
        from sandbox.cli.try_fargate import run_on_fargate
        from sandbox.specs.package_files.read import reads_input

        is_open = not (ending.no_stdin or what.spec == "-" or any(map(reads_input, what.files or ())))
        return run_on_fargate(request, host, reporter, ttl=ttl, pushes=where.push, has_stdin=is_open)
    request = _with_streams(request, reach, ending)
    if ending.dry_run:
        from sandbox.cli.try_dry_run import show_plan

        show_plan(request, host, verbose=ending.verbose)
        return 0
    if not (request.spec.command or ending.detach):
        from sandbox.engine import tty

        tty.check_shell()
    return _run(request, host, reporter, PromotePrompt(request, host, reporter))


def _host(where: Where, ending: Ending) -> Context:
    """Return this host, with what the options set of it, and with the container that was begun ahead."""
    journal = False if ending.no_trace else None
    host = make_host(engine=where.engine, distros=where.distros, cache=ending.cache, journal=journal)
    return replace(host, no_trace=ending.no_trace, begun=start.begun)


def _with_lists(what: What, where: Where, ending: Ending, host: Context) -> What:
    """Return what to try, with the packages that files list; a list on standard input leaves the terminal for it."""
    from sandbox.cli.package_lists import packages_with_lists, take_terminal

    files = what.files or ()
    reads = what.spec == "-"
    named = packages_with_lists(what.packages, files, host, distro=where.distro, takes_input=reads)
    take_terminal(files, has_command=bool(what.run or _command()) or ending.detach or ending.dry_run)
    return replace(what, packages=named)


def _with_streams(request: TryRequest, reach: Reach, ending: Ending) -> TryRequest:
    """Return the request with its display, and without a terminal where standard input is closed, which it is then."""
    if reach.screen or reach.open or reach.screen_clipboard:
        from sandbox.cli.screen_options import with_display

        request = with_display(request, reach, ending)
    if ending.no_stdin:
        from sandbox.cli.streams import close_input

        close_input(is_of_use=bool(request.spec.command) or ending.detach)
        request = replace(request, terminal=False)
    return request


def _installer(what: What, bounds: Bounds) -> Installer | None:
    """Return the installer to run; what is behind `--` is its own."""
    from sandbox.cli.inspect_options import Run, installer_of

    if invocation.user:
        message = "--run and --user=USER can't be combined: an installer runs as root, or as a new user"
        raise UsageError(message, hints=[Advice.again("--user", after=" in its place, which is a new user")])
    run = Run(run=what.run, answers=what.answers, as_user=bounds.as_user)
    return installer_of(run, invocation.command)


def _command() -> tuple[str, ...]:
    if invocation.command == []:
        message = "-- needs a command behind it"
        raise UsageError(message, hints=[Advice.sandbox("try", "htop", "--", "htop", "--version")])
    return tuple(invocation.command or ())


def _run(request: TryRequest, host: Context, reporter: TerminalReporter, offer: PromotePrompt) -> int:
    from sandbox.commands.try_ import try_packages
    from sandbox.core.signals import trap_termination

    with trap_termination() as guard, connect(host) as engine:
        offer.engine = engine
        reporter.heading(f"{request.title} on {engine.title}")
        result = try_packages(request, host, engine=engine, reporter=reporter, guard=guard, offer=offer.ask)
        invocation.finished = True
        _close(result, request, reporter)
        if request.life == "detached":
            _print_name(result, reporter)
        start.keep(sys.argv[1:], result.head_start, host.cache_folder)
        if result.failed and not result.status:
            raise result.failed
        return result.status or (RemovalFailed.exit_code if result.removal.left else 0)


def _print_name(result: TryResult, reporter: TerminalReporter) -> None:
    """Print the name of what runs on, for a script; at a terminal the rows have it, unless they are not shown."""
    if reporter.is_quiet and result.has_ended:
        status = "" if result.ended_with is None else f", with status {result.ended_with}"
        message = f"what {result.name} was to run has ended{status}"
        reporter.warn(SandboxError(message, hints=[Advice.sandbox("logs", result.name)]))
    if reporter.is_quiet or not sys.stdout.isatty():
        sys.stdout.write(f"{result.name}\n")
        sys.stdout.flush()


def _close(result: TryResult, request: TryRequest, reporter: TerminalReporter) -> None:
    """Show what was removed and what stays, from the engine's answers; always a kept sandbox that nobody named."""
    from sandbox.cli.try_closing import closing_rows

    rows = closing_rows(result)
    reporter.rows(rows)
    if reporter.is_quiet and request.life == "kept" and request.name is None:
        reporter.needed_rows(rows[:1])
