"""What a package manager is to the program: argv builders and parsers, no I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.errors import StepFailed

Argv = tuple[str, ...]

MAX_REFERENCE: Final = 200
"""Characters in a package reference: far above any real name and version."""


class PackageRef(Struct, frozen=True, kw_only=True):
    """A package as the user names it: a name of the manager's own grammar and a version or None."""

    name: str
    version: str | None = None


class Package(Struct, frozen=True, kw_only=True):
    """An installed package: `size` in bytes as the manager claims it, `explicit` when it was asked for."""

    name: str
    version: str
    architecture: str
    size: int
    explicit: bool


class Candidate(Struct, frozen=True, kw_only=True):
    """A package of the distro's index, near to what was asked; `commands` are those it is known to provide."""

    name: str
    commands: tuple[str, ...] = ()


class Failure(Struct, frozen=True, kw_only=True):
    """A manager command that ended badly: its argv, exit status and its output's last lines, clean of escapes."""

    argv: Argv
    status: int
    output: str


class Manager(Protocol):
    """One package manager; implemented by modules, so `self` is ignored."""

    @property
    def name(self) -> str:
        """The manager's name, as `apt`."""

    @property
    def environment(self) -> Mapping[str, str]:
        """What its commands need in their environment, as DEBIAN_FRONTEND; never for the user's shell."""

    @property
    def throwaway(self) -> Argv:
        """Options that only a container that is thrown away may have: speed for durability, no questions.

        They go right behind the program's name in the argv of `refresh`, `download` and `install`; in no other.
        """

    @property
    def database(self) -> tuple[str, ...]:
        """Absolute paths of the files that `installed` reads; the first one changes with every transaction."""

    @property
    def index(self) -> tuple[str, ...]:
        """Absolute paths of what the refresh and a download leave, for a cache."""

    def parse_reference(self, text: str) -> PackageRef:
        """Return the reference; raise UsageError for what is no name or version in this manager's grammar."""

    def use_mirror(self, official: str, mirror: str) -> Argv:
        """Return the argv that points the distro's own sources from the official mirror's URL to another."""

    def refresh(self) -> Argv:
        """Return the argv that fetches the package index."""

    def install(self, packages: Sequence[PackageRef], *, recommends: bool = False) -> Argv:
        """Return the argv that installs without asking. It is what a promoted script runs too."""

    def download(self, packages: Sequence[PackageRef], *, recommends: bool = False) -> Argv:
        """Return the argv that only fetches what `install` would need."""

    def is_installed(self, package: PackageRef) -> tuple[Argv, ...]:
        """Return a pipeline whose last status is 0 only where the package is installed, in its version if it has one.

        One argv where the manager's own status tells it. What it prints is of no interest: promoted scripts discard it.
        """

    def installed(self, database: Mapping[str, bytes]) -> tuple[Package, ...]:
        """Return all installed packages from the contents of `database` (absent files are absent keys)."""

    def list_files(self, packages: Sequence[PackageRef]) -> Argv:
        """Return the argv that prints the paths of the files that installed packages own, one a line."""

    def list_names(self) -> Argv:
        """Return the argv that prints every name of the index, one a line."""

    def commands_of(self, names: Sequence[str]) -> Argv | None:
        """Return the argv that prints `name<TAB>command` lines and downloads little, or None if that can't be known."""

    def explain(self, failure: Failure, packages: Sequence[PackageRef], *, distro: str) -> StepFailed | None:
        """Return our error for the manager's own, or None where it is not one that is known."""

    def progress(self, line: str) -> str | None:
        """Return what a line of output says of the progress, short, or None for noise."""
