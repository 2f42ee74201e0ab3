"""The verb try: what it does with its options, its question at the end, and its closing lines.

Its annotations are no strings, as they are elsewhere: Typer would compile each of them twice, 7 ms before the prompt.
"""

import os
from typing import TYPE_CHECKING

import typer
from msgspec.structs import replace

from sandbox.cli import invocation
from sandbox.cli import try_options as typed
from sandbox.cli.app import Engine, Rows, app, connect, make_host, working_folder
from sandbox.errors import RemovalFailed, UsageError

if TYPE_CHECKING:
    from sandbox.cli.promote_prompt import PromotePrompt
    from sandbox.provision.context import Context
    from sandbox.provision.request import TryRequest, TryResult
    from sandbox.report.terminal import TerminalReporter


@app.command("try", epilog="See also: sandbox specs, sandbox promote, sandbox doctor.")
def try_(
    packages: typed.Packages = None,
    distro: typed.Distro = None,
    image: typed.Image = None,
    dockerfile: typed.Dockerfile = None,
    platform: typed.Platform = None,
    spec: typed.Spec = None,
    locked: typed.Locked = False,
    as_of: typed.AsOf = None,
    bundle: typed.Bundle = None,
    promote: typed.Promote = None,
    dry_run: typed.DryRun = False,
    cache: typed.Cache = None,
    recommends: typed.Recommends = None,
    docs: typed.Docs = None,
    from_source: typed.FromSource = None,
    name: typed.Name = None,
    env: typed.Env = None,
    port: typed.Port = None,
    mount: typed.Mount = None,
    setup: typed.Setup = None,
    shell: typed.Shell = None,
    memory: typed.Memory = None,
    cpus: typed.Cpus = None,
    pids: typed.Pids = None,
    network: typed.Network = None,
    offline: typed.Offline = False,
    hardened: typed.Hardened = False,
    as_user: typed.AsUser = False,
    runtime: typed.Runtime = None,
    cap_add: typed.CapAdd = None,
    device: typed.Device = None,
    allow: typed.Allow = None,
    allow_dangerous: typed.AllowDangerous = False,
    detach: typed.Detach = False,
    keep: typed.Keep = False,
    ttl: typed.Ttl = None,
    proxy_in_shell: typed.ProxyInShell = False,
    no_trace: typed.NoTrace = False,
    distros: Rows = None,
    engine: Engine = None,
    verbose: typed.Verbose = False,
    quiet: typed.Quiet = False,
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
    from sandbox.cli.promote_prompt import PromotePrompt
    from sandbox.cli.request import make_request
    from sandbox.cli.try_arguments import TryArguments, chosen_life
    from sandbox.report.terminal import TerminalReporter
    from sandbox.specs.options import Options
    from sandbox.specs.privileges import Trust

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
    asked = TryArguments(
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
        from sandbox.cli.try_dry_run import show_plan

        show_plan(request, host)
        return
    if not (request.spec.command or detach):
        from sandbox.engine import tty

        tty.check_shell()
    reporter = TerminalReporter(os.environ, verbose=verbose, quiet=quiet)
    raise typer.Exit(_run(request, host, reporter, PromotePrompt(request, host, reporter)))


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


def _run(request: "TryRequest", host: "Context", reporter: "TerminalReporter", offer: "PromotePrompt") -> int:
    from sandbox.commands.try_ import Try
    from sandbox.core.signals import trap_termination

    with trap_termination() as guard, connect(host) as engine:
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
    from sandbox.cli.try_closing import closing_rows

    reporter.rows(closing_rows(result))
