"""The options of the verb trial in groups, whose fields hold the words as they were typed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar

import typer

from sandbox.cli.app import Rows
from sandbox.cli.completion import spec_names
from sandbox.cli.option_groups import Group
from sandbox.cli.try_options import Allow, Hardened

Text = str | None
Texts = list[str] | None


class Cells(Group, frozen=True, kw_only=True):
    """Which specs on which distros, and what is the same for each of them."""

    title: ClassVar[str] = "What to try"

    specs: Annotated[
        Texts,
        typer.Argument(
            help="Specs, by name or path (default: all in ./sandboxes).", metavar="SPEC", autocompletion=spec_names
        ),
    ] = None
    distro: Annotated[
        Text, typer.Option("--distro", "-d", help="Distros to run on (default: the spec's).", metavar="DISTRO,...")
    ] = None
    locked: Annotated[bool, typer.Option("--locked", help="Use exactly the versions in each spec's lock.")] = False
    hardened: Hardened = False
    allow: Allow = None
    distros: Rows = None

    @property
    def words(self) -> tuple[str, ...]:
        """The options that each cell alone needs too, as they are typed, but for its distro."""
        flags = (("--locked", self.locked), ("--hardened", self.hardened))
        values = (("--allow", self.allow), ("--distros", self.distros))
        return (
            *(flag for flag, said in flags if said),
            *(word for option, value in values if value for word in (option, value)),
        )


class Work(Group, frozen=True, kw_only=True):
    """How the cells are run, and by what."""

    title: ClassVar[str] = "How it runs"

    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs", "-j", min=1, max=64, metavar="N", help="How many to run at a time (default: the number of cores)."
        ),
    ] = None
    retries: Annotated[
        int, typer.Option(min=0, max=10, metavar="N", help="Run a cell that fails again, up to this often.")
    ] = 0
    twice: Annotated[bool, typer.Option("--twice", help="Run each cell twice, and fail if the results differ.")] = False
    shell_on_fail: Annotated[
        bool, typer.Option("--shell-on-fail", help="Open a shell in the first sandbox that fails.")
    ] = False
    engine: Annotated[
        Texts,
        typer.Option(help="Engine to use; repeat it to share the work between several.", metavar="URL"),
    ] = None
    on: Annotated[
        Text,
        typer.Option(
            "--on", help="Where to run: swarm, with the engine as a manager of a Docker Swarm.", metavar="swarm"
        ),
    ] = None


class Output(Group, frozen=True, kw_only=True):
    """How the result is shown: as JSON, as JUnit XML in a file beside it, without progress."""

    title: ClassVar[str] = "Output"

    junit: Annotated[Path | None, typer.Option(help="Write the results as JUnit XML to FILE.", metavar="FILE")] = None
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False
