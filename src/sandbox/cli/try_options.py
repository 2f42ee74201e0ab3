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

Hardened = Annotated[bool, typer.Option("--hardened", help="Drop all privileges that an install does not need.")]
Allow = Annotated[
    Text,
    typer.Option(
        help="Grant what a spec asks for: mounts, ports, devices, capabilities, network, limits, build.",
        metavar="KIND,...",
    ),
]


class What(Group, frozen=True, kw_only=True):
    """What is installed, and what then runs in it."""

    title: ClassVar[str] = "What to try"

    packages: Annotated[
        Texts,
        typer.Argument(
            help="Packages: NAME, NAME=VERSION, or pip:NAME (also npm:, cargo:, gem:, go:, luarocks:).",
            metavar="PACKAGE",
            show_default=False,
        ),
    ] = None
    spec: Annotated[
        Text, typer.Option("--spec", "-s", help="Use a spec, by name or path; - is standard input.", metavar="SPEC")
    ] = None
    locked: Annotated[bool, typer.Option("--locked", help="Use exactly the versions in the spec's lock.")] = False
    as_of: Annotated[
        Text,
        typer.Option(help="Use the packages of that day, if the distro has a snapshot service.", metavar="YYYY-MM-DD"),
    ] = None
    bundle: Annotated[
        Path | None, typer.Option(help="Use a file that sandbox bundle wrote, without a network.", metavar="FILE")
    ] = None
    recommends: Annotated[
        bool | None, typer.Option("--recommends/--no-recommends", help="Install recommended packages too.")
    ] = None
    docs: Annotated[bool | None, typer.Option("--docs/--no-docs", help="Keep manual pages; most images drop them.")] = (
        None
    )
    from_source: Annotated[
        bool | None,
        typer.Option("--from-source/--no-from-source", help="Compile the packages, if the distro's manager can."),
    ] = None
    setup: Annotated[
        Texts, typer.Option(help="Run a shell command after the install; may be repeated.", metavar="CMD")
    ] = None
    env: Annotated[
        Texts,
        typer.Option(
            "--env", "-e", help="Set a variable in the shell; without a value, pass yours on.", metavar="NAME[=VALUE]"
        ),
    ] = None
    shell: Annotated[Text, typer.Option(help="Shell to open (default: bash, else sh).", metavar="SHELL")] = None


class Where(Group, frozen=True, kw_only=True):
    """What it is installed on, and by which engine."""

    title: ClassVar[str] = "Where"

    distro: Annotated[
        Text,
        typer.Option(
            "--distro",
            "-d",
            help="Distro to use, as debian or debian:trixie (default: this host's).",
            metavar="DISTRO",
            autocompletion=app.distro_names,
        ),
    ] = None
    image: Annotated[
        Text,
        typer.Option(
            help="Image to start from; its distro is read from it unless --distro names one.", metavar="IMAGE"
        ),
    ] = None
    dockerfile: Annotated[
        Text,
        typer.Option(help="Build this Dockerfile and start from it; it is removed with the sandbox.", metavar="PATH"),
    ] = None
    platform: Annotated[
        Text, typer.Option(help="Platform of the image, as linux/arm64, if the engine can run it.", metavar="PLATFORM")
    ] = None
    distros: app.Rows = None
    engine: app.Engine = None


class Reach(Group, frozen=True, kw_only=True):
    """What of the host and the network it can reach."""

    title: ClassVar[str] = "Reach"

    network: Annotated[
        Text, typer.Option(help="default, offline (cut after the install), none, or host.", metavar="KIND")
    ] = None
    offline: Annotated[bool, typer.Option("--offline", help="Cut the network after the install.")] = False
    port: Annotated[
        Texts, typer.Option("--port", "-p", help="Publish a port on 127.0.0.1; may be repeated.", metavar="[HOST:]PORT")
    ] = None
    mount: Annotated[
        Texts, typer.Option(help="Mount a path of this host, read-only unless :rw.", metavar="SRC:DST[:rw]")
    ] = None
    device: Annotated[Texts, typer.Option(help="Pass a device of this host.", metavar="PATH")] = None
    proxy_in_shell: Annotated[
        bool, typer.Option("--proxy-in-shell", help="Set this host's proxy variables in the shell too.")
    ] = False


class Bounds(Group, frozen=True, kw_only=True):
    """How much it may use, and how far it is trusted."""

    title: ClassVar[str] = "Limits and trust"

    memory: Annotated[Text, typer.Option(help="Memory limit, as 512M or 2G (default: 2G).", metavar="SIZE")] = None
    cpus: Annotated[Text, typer.Option(help="Core limit, as 1.5 (default: 2).", metavar="N")] = None
    pids: Annotated[Text, typer.Option(help="Process limit (default: 1024).", metavar="N")] = None
    hardened: Hardened = False
    as_user: Annotated[bool, typer.Option("--user", help="Run the shell or command as a user without privileges.")] = (
        False
    )
    runtime: Annotated[Text, typer.Option(help="Runtime of the engine, as runsc for gVisor.", metavar="NAME")] = None
    cap_add: Annotated[Texts, typer.Option("--cap-add", help="Add a kernel capability.", metavar="NAME")] = None
    allow: Allow = None
    allow_dangerous: Annotated[
        bool, typer.Option("--allow-dangerous", help="Allow mounts that give the sandbox control of this host.")
    ] = False


class Ending(Group, frozen=True, kw_only=True):
    """What stays of it, and what is shown on the way."""

    title: ClassVar[str] = "Ending and output"

    name: Annotated[Text, typer.Option(help="Name of the sandbox (default: a random one).", metavar="NAME")] = None
    promote: Annotated[
        Path | None, typer.Option(help="Write the install script to FILE when you leave.", metavar="FILE")
    ] = None
    cache: Annotated[
        bool | None, typer.Option("--cache/--no-cache", help="Save the installed state, for a fast start next time.")
    ] = None
    keep: Annotated[bool, typer.Option("--keep", help="Keep the sandbox, stopped, when you leave.")] = False
    detach: Annotated[
        bool, typer.Option("--detach", help="Run it in the background; without a command, the package's service.")
    ] = False
    ttl: Annotated[
        Text, typer.Option(help="With --keep or --detach: stop it after this time, as 2h.", metavar="TIME")
    ] = None
    no_trace: Annotated[
        bool, typer.Option("--no-trace", help="Write no history, and remove a base that was pulled for this.")
    ] = False
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be done, without an engine.")] = False
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show all output of every step.")] = False
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show errors and warnings only.")] = False
