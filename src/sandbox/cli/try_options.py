"""The options of the verb try in five groups, whose fields hold the words as they were typed.

Annotations are no strings, as they are elsewhere: each would be compiled before the prompt.
"""

from pathlib import Path
from typing import Annotated, ClassVar

import typer

from sandbox.cli import app
from sandbox.cli.option_groups import Group

Text = str | None
Texts = list[str] | None

Hardened = Annotated[bool, typer.Option("--hardened", help="Take every privilege that an install can do without.")]
Allow = Annotated[Text, typer.Option(help="Grant what a spec asks for: mounts, ports, build ...", metavar="KIND,...")]


class What(Group, frozen=True, kw_only=True):
    """What is installed, and what then runs in it."""

    title: ClassVar[str] = "What to try"

    packages: Annotated[
        Texts,
        typer.Argument(help="Packages, as NAME, NAME=VERSION or pip:NAME (npm, cargo, gem, go).", show_default=False),
    ] = None
    spec: Annotated[
        Text, typer.Option("--spec", "-s", help="A spec by name or path, - for standard input.", metavar="SPEC")
    ] = None
    locked: Annotated[bool, typer.Option("--locked", help="Take exactly what the spec's lock says.")] = False
    as_of: Annotated[
        Text, typer.Option(help="Take the packages of that day, where the distro keeps them.", metavar="YYYY-MM-DD")
    ] = None
    bundle: Annotated[
        Path | None, typer.Option(help="Replay what sandbox bundle packed, without a network.", metavar="FILE")
    ] = None
    recommends: Annotated[
        bool | None, typer.Option("--recommends/--no-recommends", help="Install recommended packages too.")
    ] = None
    docs: Annotated[
        bool | None, typer.Option("--docs/--no-docs", help="Keep manual pages, which images mostly drop.")
    ] = None
    from_source: Annotated[
        bool | None, typer.Option("--from-source/--no-from-source", help="Compile, where the distro can.")
    ] = None
    setup: Annotated[Texts, typer.Option(help="A command to run after the install.", metavar="CMD")] = None
    env: Annotated[Texts, typer.Option("--env", "-e", help="For the shell.", metavar="NAME[=VALUE]")] = None
    shell: Annotated[Text, typer.Option(help="The shell to open (default: bash, else sh).")] = None


class Where(Group, frozen=True, kw_only=True):
    """What it is installed on, and by which engine."""

    title: ClassVar[str] = "Where"

    distro: Annotated[
        Text,
        typer.Option(
            "--distro",
            "-d",
            help="DISTRO or DISTRO:RELEASE (default: this host's).",
            metavar="DISTRO",
            autocompletion=app.distro_names,
        ),
    ] = None
    image: Annotated[
        Text, typer.Option(help="Any image; what distro it is stands in it (or --distro).", metavar="IMAGE")
    ] = None
    dockerfile: Annotated[
        Text, typer.Option(help="Build this first; it goes when the sandbox does.", metavar="PATH")
    ] = None
    platform: Annotated[Text, typer.Option(help="As linux/arm64, where the engine can run it.", metavar="PLATFORM")] = (
        None
    )
    distros: app.Rows = None
    engine: app.Engine = None


class Reach(Group, frozen=True, kw_only=True):
    """What of the host and the network it can reach."""

    title: ClassVar[str] = "Reach"

    network: Annotated[
        Text, typer.Option(help="default, offline (cut after the install), none or host.", metavar="KIND")
    ] = None
    offline: Annotated[bool, typer.Option("--offline", help="Cut the network after the install.")] = False
    port: Annotated[Texts, typer.Option("--port", "-p", help="Publish a port on 127.0.0.1.", metavar="[HOST:]PORT")] = (
        None
    )
    mount: Annotated[Texts, typer.Option(help="Show a path of this host, read-only.", metavar="SRC:DST[:rw]")] = None
    device: Annotated[Texts, typer.Option(help="Let it use a device of this host.", metavar="PATH")] = None
    proxy_in_shell: Annotated[bool, typer.Option("--proxy-in-shell", help="Pass proxy variables on.")] = False


class Bounds(Group, frozen=True, kw_only=True):
    """How much it may use, and how far it is trusted."""

    title: ClassVar[str] = "Limits and trust"

    memory: Annotated[Text, typer.Option(help="At most this much memory, as 512M or 2G.", metavar="SIZE")] = None
    cpus: Annotated[Text, typer.Option(help="At most this many cores, as 1.5.", metavar="N")] = None
    pids: Annotated[Text, typer.Option(help="At most this many processes.", metavar="N")] = None
    hardened: Hardened = False
    as_user: Annotated[bool, typer.Option("--user", help="Run the shell as a user without privileges.")] = False
    runtime: Annotated[Text, typer.Option(help="The engine's runtime, as runsc for gVisor.", metavar="NAME")] = None
    cap_add: Annotated[Texts, typer.Option("--cap-add", help="Give a kernel capability.", metavar="NAME")] = None
    allow: Allow = None
    allow_dangerous: Annotated[
        bool, typer.Option("--allow-dangerous", help="Mount even what hands this host over.")
    ] = False


class Ending(Group, frozen=True, kw_only=True):
    """What stays of it, and what is shown on the way."""

    title: ClassVar[str] = "Ending and output"

    name: Annotated[Text, typer.Option(help="The sandbox's name (default: a friendly random one).")] = None
    promote: Annotated[Path | None, typer.Option(help="Write the install script there, unasked.", metavar="FILE")] = (
        None
    )
    cache: Annotated[
        bool | None, typer.Option("--cache/--no-cache", help="Keep what was installed, for a fast next time.")
    ] = None
    keep: Annotated[bool, typer.Option("--keep", help="Keep it, stopped, when it is left.")] = False
    detach: Annotated[bool, typer.Option("--detach", help="Leave it running in the background.")] = False
    ttl: Annotated[
        Text, typer.Option(help="With --keep or --detach: it ends by itself after, as 2h.", metavar="TIME")
    ] = None
    no_trace: Annotated[
        bool, typer.Option("--no-trace", help="Keep no journal entry, and no base pulled for this.")
    ] = False
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the whole plan; no engine is asked.")] = False
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show all output of every step.")] = False
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show nothing but what goes wrong.")] = False
