"""The interface of a package manager: it builds argvs and parses output, without I/O."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Generic, Literal, Protocol, TypeVar

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sandbox.errors import StepFailed

    Runner = Callable[[tuple[str, ...], Mapping[str, str]], tuple[int, str, str]]
    """Runs a command on this host with more variables, and returns its status, its output and its errors."""

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


def paths_in(output: str) -> tuple[str, ...]:
    """Return the lines that are absolute paths."""
    return tuple(line for line in output.split("\n") if line.startswith("/"))


NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
"""No environment beyond the usual one."""


class PackageFile(Struct, frozen=True, kw_only=True):
    """The file that a package is installed from, where it comes from no index.

    `source` is its absolute path on this host, or its address. `path` is where it lies while it is installed, in a
    sandbox and on a host. `sha256` is in hexadecimal, `size` in bytes. `seal` is what the manager keeps of an installed
    package that shows from which file it is, in words of the manager's own; empty where it keeps nothing. `needs` are
    the names that the package needs, for a manager that has to be told of them; `is_signed` is about the file itself.
    """

    source: str
    path: str
    sha256: str
    size: int
    architecture: str = ""
    seal: str = ""
    needs: tuple[str, ...] = ()
    is_signed: bool = True


class PackageRef(Struct, frozen=True, kw_only=True):
    """A package as the user names it: a name of the manager's own grammar and a version or None.

    `source` is the language manager it is asked of, as `pip`; empty for the distro's own. `release` is the one of the
    distro's releases that it is taken from, for a manager that knows several. `file` is what it is installed from.
    """

    name: str
    version: str | None = None
    source: str = ""
    release: str = ""
    file: PackageFile | None = None

    @property
    def text(self) -> str:
        """The reference as users write it: `htop`, `htop=3.2.2-2`, `htop/bookworm-backports`, `pip:httpie=3.2.2`."""
        if self.release:
            return f"{self.full_name}/{self.release}"
        return f"{self.full_name}={self.version}" if self.version else self.full_name

    @property
    def full_name(self) -> str:
        """The name, with the prefix of its language manager if it has one."""
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
        """The name, with the prefix of its language manager if it has one."""
        return full_name(self.source, self.name)

    @property
    def spellings(self) -> frozenset[str]:
        """The names by which it can be asked for."""
        return spellings(self.name, self.architecture)


OWN_ARCHITECTURES: Final = ("all", "any", "native")
"""Words in the place of ARCH in `NAME:ARCH` that are not architectures."""


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
    """A package in the distro's index similar to the requested one; `commands` are those it is known to provide."""

    name: str
    commands: tuple[str, ...] = ()


class Elsewhere(Struct, frozen=True, kw_only=True):
    """A package of an `archive` that is not enabled, such as non-free; `sources` are the lines that enable it."""

    name: str
    archive: str
    sources: tuple[str, ...]


class Query(Struct, Generic[Found], frozen=True, kw_only=True):
    """A query to a manager: the command, the exit statuses of an answer, and the parser of its standard output.

    `parse` accepts any output and returns the parts that it understands; it never raises.
    """

    argv: Argv
    parse: Callable[[str], tuple[Found, ...]]
    statuses: tuple[int, ...] = (0,)


class Failure(Struct, frozen=True, kw_only=True):
    """A failed command of a manager: its argv, exit status and the last lines of its output, without escapes."""

    argv: Argv
    status: int
    output: str


class Manager(Protocol):
    """The part of a package manager that is needed before the prompt; modules implement it, so `self` is ignored."""

    @property
    def name(self) -> str:
        """The manager's name, such as `apt`."""

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment that its commands need, such as DEBIAN_FRONTEND; the user's shell never gets it."""

    @property
    def throwaway(self) -> Argv:
        """Options for throwaway containers only: speed instead of durability, no questions.

        They follow the program's name in the argv of `refresh`, `download`, `install` and a distro's upgrade.
        """

    @property
    def throwaway_environment(self) -> Mapping[str, str]:
        """The environment of a sandbox's steps besides `environment`, if a manager has no option for it.

        It is for containers that are thrown away, as `throwaway` is: a promoted script never has it.
        """

    @property
    def unsynced_environment(self) -> Mapping[str, str]:
        """The environment in which an install leaves it to the kernel when its files reach the disk.

        Only for a sandbox that goes with its session: a crash of the host would leave torn files behind.
        """

    @property
    def unsynced_folders(self) -> tuple[str, ...]:
        """Absolute paths of folders, empty between its commands, in which it waits for the disk whatever it is told.

        Such a sandbox has them in memory.
        """

    @property
    def needs_root(self) -> bool:
        """Whether installing on a host needs root; False if each user has packages of their own."""

    @property
    def database(self) -> tuple[str, ...]:
        """Absolute paths of the files that `parse_packages` reads; empty if only a command can list packages."""

    @property
    def listing(self) -> str:
        """Constant shell text that prints what `parse_packages` needs besides the files; empty if they suffice."""

    @property
    def state_files(self) -> tuple[str, ...]:
        """Absolute paths, of files or folders, one of which changes with every transaction."""

    @property
    def index(self) -> tuple[str, ...]:
        """Absolute paths of the files that a refresh and a download create, for a cache."""

    @property
    def prepare(self) -> str:
        """Constant shell text that prepares a fresh image for the refresh, such as a keyring; may be empty."""

    @property
    def keep_docs(self) -> str:
        """Constant shell text that makes later installs keep manual pages where images drop them; may be empty."""

    @property
    def from_source(self) -> Mapping[str, str] | None:
        """The environment in which `install` compiles, or None for a manager that only installs binaries.

        It overrides `environment` and `throwaway_environment`; on a host the user's own settings decide.
        """

    def parse_reference(self, text: str) -> PackageRef:
        """Return the reference. Raises UsageError for an invalid name or version in this manager's grammar."""

    def use_mirror(self, official: str, mirror: str) -> Argv:
        """Return the argv that points the distro's own sources from the official mirror's URL to another."""

    def refresh(self) -> Argv:
        """Return the argv that fetches the package index."""

    def install(self, packages: Sequence[PackageRef], *, recommends: bool = False) -> Argv:
        """Return the argv that installs without asking. A promoted script runs the same."""

    def download(self, packages: Sequence[PackageRef], *, recommends: bool = False) -> Argv:
        """Return the argv that only fetches what `install` would need."""

    def remove(self, packages: Sequence[PackageRef], *, purge: bool = False) -> tuple[Argv, ...]:
        """Return the commands that remove packages and their unneeded dependencies; `purge`: also configuration."""

    def is_installed(self, package: PackageRef) -> tuple[Argv, ...]:
        """Return a pipeline whose last status is 0 only if the package is installed, in its version if it has one.

        It is one argv if the manager's own status suffices. Promoted scripts discard its output.
        """

    def parse_packages(self, database: Mapping[str, bytes]) -> tuple[Package, ...]:
        """Return all installed packages from the contents of `database`, and what `listing` printed under LISTING.

        Absent files are absent keys.
        """

    def files(self, packages: Sequence[PackageRef]) -> Query[str]:
        """Ask for the absolute paths of the files that installed packages own."""

    def explain(self, failure: Failure, packages: Sequence[PackageRef], *, distro: str) -> StepFailed | None:
        """Return our error for the manager's own, with its cause, or None if it is unknown."""

    def failed_script(self, failure: Failure, *, distro: str) -> StepFailed | None:
        """Return the error for a script or hook that failed although the command ended with status 0, or None."""

    def progress(self, line: str) -> str | None:
        """Return the progress in a line of output, in short, or None for noise."""
