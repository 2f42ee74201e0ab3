"""The verb try: its options, its question at the end, and its closing lines.

Its annotations are no strings, as they are elsewhere: Typer would compile each of them twice, 7 ms before the prompt.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec.structs import replace

from sandbox.cli import invocation
from sandbox.cli.app import Engine, Rows, app, connect, distro_names, make_host, working_folder
from sandbox.errors import RemovalFailed, UsageError

if TYPE_CHECKING:
    from sandbox.cli.offer import Offer
    from sandbox.commands.host import Host
    from sandbox.commands.try_values import TryRequest, TryResult
    from sandbox.report.terminal import TerminalReporter

Text = str | None


@app.command("try", epilog="See also: sandbox specs, sandbox promote, sandbox doctor.")
def try_(
    packages: Annotated[
        list[str] | None,
        typer.Argument(help="Packages, as NAME, NAME=VERSION or pip:NAME (npm, cargo, gem, go).", show_default=False),
    ] = None,
    distro: Annotated[
        Text,
        typer.Option(
            "--distro",
            "-d",
            help="DISTRO or DISTRO:RELEASE (default: this host's).",
            metavar="DISTRO",
            autocompletion=distro_names,
        ),
    ] = None,
    image: Annotated[
        Text, typer.Option(help="Any image; what distro it is stands in it (or --distro).", metavar="IMAGE")
    ] = None,
    dockerfile: Annotated[
        Text, typer.Option(help="Build this first; it goes when the sandbox does.", metavar="PATH")
    ] = None,
    platform: Annotated[
        Text, typer.Option(help="As linux/arm64, where the engine can run it.", metavar="PLATFORM")
    ] = None,
    spec: Annotated[
        Text, typer.Option("--spec", "-s", help="A spec by name or path, - for standard input.", metavar="SPEC")
    ] = None,
    locked: Annotated[bool, typer.Option("--locked", help="Take exactly what the spec's lock says.")] = False,
    as_of: Annotated[
        Text, typer.Option(help="Take the packages of that day, where the distro keeps them.", metavar="YYYY-MM-DD")
    ] = None,
    bundle: Annotated[
        Path | None, typer.Option(help="Replay what sandbox bundle packed, without a network.", metavar="FILE")
    ] = None,
    promote: Annotated[
        Path | None, typer.Option(help="Write the install script there, unasked.", metavar="FILE")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the whole plan; no engine is asked.")] = False,
    cache: Annotated[
        bool | None, typer.Option("--cache/--no-cache", help="Keep what was installed, for a fast next time.")
    ] = None,
    recommends: Annotated[
        bool | None, typer.Option("--recommends/--no-recommends", help="Install recommended packages too.")
    ] = None,
    docs: Annotated[
        bool | None, typer.Option("--docs/--no-docs", help="Keep manual pages, which images mostly drop.")
    ] = None,
    from_source: Annotated[
        bool | None, typer.Option("--from-source/--no-from-source", help="Compile, where the distro can.")
    ] = None,
    name: Annotated[Text, typer.Option(help="The sandbox's name (default: a friendly random one).")] = None,
    env: Annotated[list[str] | None, typer.Option("--env", "-e", help="For the shell.", metavar="NAME[=VALUE]")] = None,
    port: Annotated[
        list[str] | None, typer.Option("--port", "-p", help="Publish a port on 127.0.0.1.", metavar="[HOST:]PORT")
    ] = None,
    mount: Annotated[
        list[str] | None, typer.Option(help="Show a path of this host, read-only.", metavar="SRC:DST[:rw]")
    ] = None,
    setup: Annotated[list[str] | None, typer.Option(help="A command to run after the install.", metavar="CMD")] = None,
    shell: Annotated[Text, typer.Option(help="The shell to open (default: bash, else sh).")] = None,
    memory: Annotated[Text, typer.Option(help="At most this much memory, as 512M or 2G.", metavar="SIZE")] = None,
    cpus: Annotated[Text, typer.Option(help="At most this many cores, as 1.5.", metavar="N")] = None,
    pids: Annotated[Text, typer.Option(help="At most this many processes.", metavar="N")] = None,
    network: Annotated[
        Text, typer.Option(help="default, offline (cut after the install), none or host.", metavar="KIND")
    ] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Cut the network after the install.")] = False,
    hardened: Annotated[
        bool, typer.Option("--hardened", help="Take every privilege that an install can do without.")
    ] = False,
    as_user: Annotated[bool, typer.Option("--user", help="Run the shell as a user without privileges.")] = False,
    runtime: Annotated[Text, typer.Option(help="The engine's runtime, as runsc for gVisor.", metavar="NAME")] = None,
    cap_add: Annotated[
        list[str] | None, typer.Option("--cap-add", help="Give a kernel capability.", metavar="NAME")
    ] = None,
    device: Annotated[list[str] | None, typer.Option(help="Let it use a device of this host.", metavar="PATH")] = None,
    allow: Annotated[
        Text, typer.Option(help="Grant what a spec asks for: mounts, ports, build ...", metavar="KIND,...")
    ] = None,
    allow_dangerous: Annotated[
        bool, typer.Option("--allow-dangerous", help="Mount even what hands this host over.")
    ] = False,
    detach: Annotated[bool, typer.Option("--detach", help="Leave it running in the background.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Keep it, stopped, when it is left.")] = False,
    ttl: Annotated[
        Text, typer.Option(help="With --keep or --detach: it ends by itself after, as 2h.", metavar="TIME")
    ] = None,
    proxy_in_shell: Annotated[bool, typer.Option("--proxy-in-shell", help="Pass proxy variables on.")] = False,
    no_trace: Annotated[
        bool, typer.Option("--no-trace", help="Keep no journal entry, and no base pulled for this.")
    ] = False,
    distros: Rows = None,
    engine: Engine = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show all output of every step.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show nothing but what goes wrong.")] = False,
) -> None:
    """Stand in a throwaway distro with these packages; leave, and everything is gone.

    \b
    sandbox try htop
    sandbox try htop ripgrep=13.0.0-4+b2 --distro debian:bookworm
    sandbox try htop pip:httpie npm:cowsay       of a language's own manager
    sandbox try --distro debian                  no package: just a shell
    sandbox try --spec web-tools
    sandbox try --spec ./web.yaml --locked       exactly what sandbox lock ./web.yaml wrote down
    sandbox try htop -- htop --version           a command; its exit status is ours
    echo 'jq --version' | sandbox try jq         a script on standard input
    sandbox try htop --promote install.sh
    sandbox try htop --image registry.example/tools:1.2
    sandbox try --dockerfile ./Dockerfile
    sandbox try redis-server --detach --port 6379
    """  # noqa: D301 - \b keeps the lines apart (click)
    from sandbox.cli.offer import Offer
    from sandbox.cli.request import Asked, chosen_life, make_request
    from sandbox.report.terminal import TerminalReporter
    from sandbox.spec.options import Options
    from sandbox.trust import Trust

    host = make_host(engine=engine, distros=distros, cache=cache, journal=False if no_trace else None)
    host = replace(host, no_trace=no_trace)
    options = Options(
        distro=distro,
        image=image,
        dockerfile=dockerfile,
        platform=platform,
        packages=packages or (),
        env=env or (),
        ports=port or (),
        mounts=mount or (),
        setup=setup or (),
        shell=shell,
        memory=memory,
        cpus=cpus,
        pids=pids,
        network=_network(network, offline=offline),
        capabilities=cap_add or (),
        devices=device or (),
        recommends=recommends,
        docs=docs,
        from_source=from_source,
        command=_command(),
    )
    asked = Asked(
        options=options,
        spec=spec,
        allow=tuple(allow.split(",")) if allow else (),
        promote=promote,
        name=name,
        no_trace=no_trace,
        proxy_in_shell=proxy_in_shell,
        life=chosen_life(detach=detach, keep=keep),
        ttl=ttl,
        allow_dangerous=allow_dangerous,
        trust=Trust(hardened=hardened, runtime=runtime, as_user=as_user),
        locked=locked,
        bundle=bundle,
        as_of=as_of,
    )
    request = make_request(asked, host, folder=working_folder())
    if dry_run:
        from sandbox.cli.dryrun import show_plan

        show_plan(request, host)
        return
    reporter = TerminalReporter(os.environ, verbose=verbose, quiet=quiet)
    raise typer.Exit(_run(request, host, reporter, Offer(request, host, reporter)))


def _network(network: str | None, *, offline: bool) -> str | None:
    if offline and network not in (None, "offline"):
        message = f"--offline and --network {network}: one of the two"
        raise UsageError(message)
    return "offline" if offline else network


def _command() -> tuple[str, ...]:
    if invocation.command == []:
        message = "there is no command behind --"
        raise UsageError(message, hints=["sandbox try htop -- htop --version"])
    return tuple(invocation.command or ())


def _run(request: "TryRequest", host: "Host", reporter: "TerminalReporter", offer: "Offer") -> int:
    from sandbox.commands.try_ import Try
    from sandbox.signals import ending_signals

    with ending_signals() as guard, connect(host) as engine:
        offer.engine = engine
        reporter.heading(f"{request.title} on {engine.title}")
        trial = Try(request, host, engine=engine, reporter=reporter, guard=guard)
        result = trial.run(offer.ask)
        invocation.finished = True
        _close(result, reporter)
        if trial.failed and not result.status:
            raise trial.failed
        return result.status or (RemovalFailed.exit_code if result.removal.left else 0)


def _close(result: "TryResult", reporter: "TerminalReporter") -> None:
    """Say what was removed and what stays, from the engine's answers."""
    from sandbox.cli.closing import closing_rows

    reporter.rows(closing_rows(result))
