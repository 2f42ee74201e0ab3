"""The options of the verb try, one a name."""

from pathlib import Path
from typing import Annotated

import typer

from sandbox.cli.app import distro_names

Text = str | None

Packages = Annotated[
    list[str] | None,
    typer.Argument(help="Packages, as NAME, NAME=VERSION or pip:NAME (npm, cargo, gem, go).", show_default=False),
]
Distro = Annotated[
    Text,
    typer.Option(
        "--distro",
        "-d",
        help="DISTRO or DISTRO:RELEASE (default: this host's).",
        metavar="DISTRO",
        autocompletion=distro_names,
    ),
]
Image = Annotated[Text, typer.Option(help="Any image; what distro it is stands in it (or --distro).", metavar="IMAGE")]
Dockerfile = Annotated[Text, typer.Option(help="Build this first; it goes when the sandbox does.", metavar="PATH")]
Platform = Annotated[Text, typer.Option(help="As linux/arm64, where the engine can run it.", metavar="PLATFORM")]
Spec = Annotated[
    Text, typer.Option("--spec", "-s", help="A spec by name or path, - for standard input.", metavar="SPEC")
]
Locked = Annotated[bool, typer.Option("--locked", help="Take exactly what the spec's lock says.")]
AsOf = Annotated[
    Text, typer.Option(help="Take the packages of that day, where the distro keeps them.", metavar="YYYY-MM-DD")
]
Bundle = Annotated[
    Path | None, typer.Option(help="Replay what sandbox bundle packed, without a network.", metavar="FILE")
]
Promote = Annotated[Path | None, typer.Option(help="Write the install script there, unasked.", metavar="FILE")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the whole plan; no engine is asked.")]
Cache = Annotated[
    bool | None, typer.Option("--cache/--no-cache", help="Keep what was installed, for a fast next time.")
]
Recommends = Annotated[
    bool | None, typer.Option("--recommends/--no-recommends", help="Install recommended packages too.")
]
Docs = Annotated[bool | None, typer.Option("--docs/--no-docs", help="Keep manual pages, which images mostly drop.")]
FromSource = Annotated[
    bool | None, typer.Option("--from-source/--no-from-source", help="Compile, where the distro can.")
]
Name = Annotated[Text, typer.Option(help="The sandbox's name (default: a friendly random one).")]
Env = Annotated[list[str] | None, typer.Option("--env", "-e", help="For the shell.", metavar="NAME[=VALUE]")]
Port = Annotated[
    list[str] | None, typer.Option("--port", "-p", help="Publish a port on 127.0.0.1.", metavar="[HOST:]PORT")
]
Mount = Annotated[list[str] | None, typer.Option(help="Show a path of this host, read-only.", metavar="SRC:DST[:rw]")]
Setup = Annotated[list[str] | None, typer.Option(help="A command to run after the install.", metavar="CMD")]
Shell = Annotated[Text, typer.Option(help="The shell to open (default: bash, else sh).")]
Memory = Annotated[Text, typer.Option(help="At most this much memory, as 512M or 2G.", metavar="SIZE")]
Cpus = Annotated[Text, typer.Option(help="At most this many cores, as 1.5.", metavar="N")]
Pids = Annotated[Text, typer.Option(help="At most this many processes.", metavar="N")]
Network = Annotated[Text, typer.Option(help="default, offline (cut after the install), none or host.", metavar="KIND")]
Offline = Annotated[bool, typer.Option("--offline", help="Cut the network after the install.")]
Hardened = Annotated[bool, typer.Option("--hardened", help="Take every privilege that an install can do without.")]
AsUser = Annotated[bool, typer.Option("--user", help="Run the shell as a user without privileges.")]
Runtime = Annotated[Text, typer.Option(help="The engine's runtime, as runsc for gVisor.", metavar="NAME")]
CapAdd = Annotated[list[str] | None, typer.Option("--cap-add", help="Give a kernel capability.", metavar="NAME")]
Device = Annotated[list[str] | None, typer.Option(help="Let it use a device of this host.", metavar="PATH")]
Allow = Annotated[Text, typer.Option(help="Grant what a spec asks for: mounts, ports, build ...", metavar="KIND,...")]
AllowDangerous = Annotated[bool, typer.Option("--allow-dangerous", help="Mount even what hands this host over.")]
Detach = Annotated[bool, typer.Option("--detach", help="Leave it running in the background.")]
Keep = Annotated[bool, typer.Option("--keep", help="Keep it, stopped, when it is left.")]
Ttl = Annotated[Text, typer.Option(help="With --keep or --detach: it ends by itself after, as 2h.", metavar="TIME")]
ProxyInShell = Annotated[bool, typer.Option("--proxy-in-shell", help="Pass proxy variables on.")]
NoTrace = Annotated[bool, typer.Option("--no-trace", help="Keep no journal entry, and no base pulled for this.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show all output of every step.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show nothing but what goes wrong.")]
