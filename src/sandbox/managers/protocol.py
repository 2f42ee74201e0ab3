"""What a package manager is to the program: argv builders and parsers, no I/O."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Generic, Literal, Protocol, TypeVar

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sandbox.errors import StepFailed

Argv = tuple[str, ...]
Found = TypeVar("Found")
Action = Literal["install", "upgrade", "downgrade", "remove"]

MAX_REFERENCE: Final = 200
"""Characters in a package reference: far above any real name and version."""


LISTING: Final = "listing"
"""The key of a manager's own listing among the contents of its files, whose keys are absolute paths."""


def full_name(source: str, name: str) -> str:
    """Return `pip:httpie` for a language manager's package, the name alone for the distro's own."""
    return f"{source}:{name}" if source else name


NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
"""No environment beyond the usual one."""


class PackageRef(Struct, frozen=True, kw_only=True):
    """A package as the user names it: a name of the manager's own grammar and a version or None.

    `source` is the language manager it is asked of, as `pip`; empty for the distro's own.
    """

    name: str
    version: str | None = None
    source: str = ""

    @property
    def text(self) -> str:
        """The reference as users write it: `htop`, `htop=3.2.2-2`, `pip:httpie=3.2.2`."""
        return f"{self.full_name}={self.version}" if self.version else self.full_name

    @property
    def full_name(self) -> str:
        """The name, behind the prefix of its language manager where it has one."""
        return full_name(self.source, self.name)


class Package(Struct, frozen=True, kw_only=True):
    """An installed package: `size` in bytes as the manager claims it, `explicit` when it was asked for.

    `origin` is the repository it came from, empty where the manager does not keep that. `source` is the language
    manager that has it, empty for the distro's own; `needs` are those of the same that its listing says it needs.
    """

    name: str
    version: str
    architecture: str
    size: int
    explicit: bool
    origin: str = ""
    source: str = ""
    needs: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        """The name, behind the prefix of its language manager where it has one."""
        return full_name(self.source, self.name)

    @property
    def spellings(self) -> frozenset[str]:
        """The names by which it can be asked for."""
        return spellings(self.name, self.architecture)


OWN_ARCHITECTURES: Final = ("all", "any", "native")
"""What stands in an architecture's place in `NAME:ARCH` and is none."""


def spellings(name: str, architecture: str) -> frozenset[str]:
    """Return the names by which a package can be asked for: its own, and with its architecture as dpkg or rpm has it.

    Debian's `:any` and `:native` are what it has of a name anyway; no package of the machine's own has another.
    """
    if not architecture or name.endswith((f":{architecture}", f".{architecture}")):
        return frozenset((name,))
    return frozenset((name, f"{name}:{architecture}", f"{name}.{architecture}", f"{name}:any", f"{name}:native"))


class AvailableVersion(Struct, frozen=True, kw_only=True):
    """A version of a package in the distro's index: bytes on disk and to download, 0 where the index is silent.

    `repository` is the name of one that has it, empty where the manager does not tell.
    """

    name: str
    version: str
    size: int = 0
    download: int = 0
    summary: str = ""
    repository: str = ""


class Change(Struct, frozen=True, kw_only=True):
    """What a transaction would do to one package: bytes on disk and to download, 0 where the manager is silent.

    `freed` are the bytes of what is there of it before.
    """

    action: Action
    name: str
    version: str
    size: int = 0
    download: int = 0
    freed: int = 0


class Candidate(Struct, frozen=True, kw_only=True):
    """A package of the distro's index, near to what was asked; `commands` are those it is known to provide."""

    name: str
    commands: tuple[str, ...] = ()


class Elsewhere(Struct, frozen=True, kw_only=True):
    """A package of an `archive` that is not switched on, as non-free; `sources` are the lines that switch it on."""

    name: str
    archive: str
    sources: tuple[str, ...]


class Query(Struct, Generic[Found], frozen=True, kw_only=True):
    """A question to a manager: what to run, which statuses are an answer, and what its standard output means.

    `parse` takes output of any kind and returns what it understands of it; it never raises.
    """

    argv: Argv
    parse: Callable[[str], tuple[Found, ...]]
    statuses: tuple[int, ...] = (0,)


class Failure(Struct, frozen=True, kw_only=True):
    """A manager command that ended badly: its argv, exit status and its output's last lines, clean of escapes."""

    argv: Argv
    status: int
    output: str


class Manager(Protocol):
    """One package manager on the way to a prompt; implemented by modules, so `self` is ignored."""

    @property
    def name(self) -> str:
        """The manager's name, as `apt`."""

    @property
    def environment(self) -> Mapping[str, str]:
        """What its commands need in their environment, as DEBIAN_FRONTEND; never for the user's shell."""

    @property
    def throwaway(self) -> Argv:
        """Options that only a container that is thrown away may have: speed for durability, no questions.

        They go right behind the program's name in the argv of `refresh`, `download`, `install` and a distro's upgrade.
        """

    @property
    def throwaway_environment(self) -> Mapping[str, str]:
        """What the sandbox's steps have in their environment besides `environment`, where options can't say it.

        It is for containers that are thrown away, as `throwaway` is: a promoted script never has it.
        """

    @property
    def needs_root(self) -> bool:
        """Whether installing on a host takes root; False where packages are each user's own."""

    @property
    def database(self) -> tuple[str, ...]:
        """Absolute paths of the files that `installed` reads; empty where only a command can tell."""

    @property
    def listing(self) -> str:
        """Constant shell text that prints what `installed` needs beyond the files, empty where they say all."""

    @property
    def state_files(self) -> tuple[str, ...]:
        """Absolute paths, of files or folders, one of which changes with every transaction."""

    @property
    def index(self) -> tuple[str, ...]:
        """Absolute paths of what the refresh and a download leave, for a cache."""

    @property
    def prepare(self) -> str:
        """Constant shell text that makes a fresh image fit for the refresh, as a keyring; empty where nothing is."""

    @property
    def keep_docs(self) -> str:
        """Constant shell text that makes later installs keep manual pages where images drop them; may be empty."""

    @property
    def from_source(self) -> Mapping[str, str] | None:
        """What makes `install` compile in a sandbox, None for a manager that installs binaries only.

        It goes over `environment` and `throwaway_environment`; on a host the user's own settings decide.
        """

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

    def remove(self, packages: Sequence[PackageRef], *, purge: bool = False) -> tuple[Argv, ...]:
        """Return the commands that remove packages with what only they needed; `purge`: their configuration too."""

    def is_installed(self, package: PackageRef) -> tuple[Argv, ...]:
        """Return a pipeline whose last status is 0 only where the package is installed, in its version if it has one.

        One argv where the manager's own status tells it. What it prints is of no interest: promoted scripts discard it.
        """

    def parse_packages(self, database: Mapping[str, bytes]) -> tuple[Package, ...]:
        """Return all installed packages from the contents of `database`, and what `listing` printed under LISTING.

        Absent files are absent keys.
        """

    def files(self, packages: Sequence[PackageRef]) -> Query[str]:
        """Ask for the absolute paths of the files that installed packages own."""

    def explain(self, failure: Failure, packages: Sequence[PackageRef], *, distro: str) -> StepFailed | None:
        """Return our error for the manager's own, with its cause, or None where it is not one that is known."""

    def failed_script(self, failure: Failure, *, distro: str) -> StepFailed | None:
        """Return the error for a package's script or a hook that failed in a command with status 0, None for none."""

    def progress(self, line: str) -> str | None:
        """Return what a line of output says of the progress, short, or None for noise."""
