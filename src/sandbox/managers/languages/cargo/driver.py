"""Rust's programs, compiled by cargo into /usr/local/bin.

Sources: cargo-install(1), cargo-uninstall(1). Run by the tests with cargo 1.85 of Debian trixie against a sparse
registry of their own in the place of crates.io, which the project's machines can't reach. `NAME@VERSION` needs cargo
1.61, which Debian bullseye does not have.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from sandbox.core.programs import program
from sandbox.errors import Advice
from sandbox.managers.languages.base import CA_ADVICE, COMMANDS, explain_failure, kibibytes, no_failed_script, reference
from sandbox.managers.protocol import Package

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sandbox.errors import StepFailed
    from sandbox.managers.languages.base import ComplaintRow
    from sandbox.managers.protocol import Argv, Failure, PackageRef

name: Final = "cargo"
support: Final = "lab"
environment: Final[Mapping[str, str]] = MappingProxyType({"CARGO_TERM_PROGRESS_WHEN": "never"})
programs: Final = ("cargo",)
state_files: Final = (COMMANDS, "/usr/local/.crates.toml", "/root/.cargo", "/root/.cargo/bin")

PREFIX: Final = ("--root", "/usr/local")

look_up: Final = ""
names: Final = ""

_CRATE: Final = re.compile(r'"([A-Za-z0-9_-]+) ([0-9][A-Za-z0-9.+-]*) \([^)]*\)" = \[(.*)\]')

COMPLAINTS: Final[tuple[ComplaintRow, ...]] = (
    ("disk", r"No space left on device", "the disk is full in the sandbox", Advice.program("df", "-h")),
    (
        "signature",
        r"SSL certificate problem|SSL peer certificate|the SSL certificate is invalid",
        "the sandbox does not trust the certificate of crates.io",
        CA_ADVICE,
    ),
    (
        "network",
        (
            r"[Cc]ould(?:n't| not) resolve host|[Cc]ould not connect|Couldn't connect|failed to connect|[Tt]imeout was "
            r"reached|failed to resolve address|spurious network error|network failure seems to have happened"
        ),
        "the sandbox can't reach crates.io",
        Advice.sandbox("doctor"),
    ),
    (
        "unknown-version",
        r"could not find `([\w-]+)` in registry `[^`]*` with version `=",
        "crates.io does not have that version of {0}",
        Advice.sandbox("try", "cargo:{0}", "--distro", "{option}"),
    ),
    (
        "unknown-package",
        r"could not find `([\w-]+)` in (?:registry|the registry index)",
        "crates.io has no crate named {0}",
        Advice.say("https://crates.io/search?q={0} lists similar names"),
    ),
    (
        "conflict",
        (
            r"package `([\w-]+) [^`]*` cannot be built because|requires rustc \d\S+ or|feature `edition\d+` is required"
            # bookworm's cargo can't read the lock file that today's cargo puts into a crate.
            r"|this version of Cargo does not understand this lock file"
        ),
        "the Rust of {distro} is too old for this crate",
        Advice.say("an older version, or a newer release of the distro"),
    ),
    (
        "unknown-package",
        r"there is nothing to install in `([\w-]+) [^`]*`, because it has no binaries",
        "the crate {0} is a library and has no program to install",
        Advice.say("https://crates.io/search?q={0} lists similar names"),
    ),
    (
        "conflict",
        r"binary `([^`]+)` already exists in destination",
        "/usr/local/bin already has another {0}",
        Advice.program("ls", "-l", "/usr/local/bin"),
    ),
    (
        "script",
        r"error: failed to compile `([\w-]+)|error: could not compile `([\w-]+)`",
        "{0} could not be compiled in {distro}",
        Advice.say("the same command, with the headers that it needs as packages"),
    ),
)

_PROGRESS: Final = re.compile(r"\s*(Updating|Downloading|Downloaded|Compiling|Installing|Finished) (\S+)")


def parse_reference(text: str) -> PackageRef:
    """Return the reference. Raises UsageError for an invalid name or version."""
    return reference(
        text,
        source=name,
        name=r"[A-Za-z][A-Za-z0-9_-]*",
        version=r"[0-9]+\.[0-9]+\.[0-9]+[A-Za-z0-9.+-]*",
        own="@",
        expected="expected cargo:NAME or cargo:NAME=VERSION, such as cargo:ripgrep=14.1.1",
    )


def install(packages: Sequence[PackageRef]) -> Argv:
    """Return the argv that compiles and installs the packages as their authors locked them."""
    wanted = (f"{ref.name}@{ref.version}" if ref.version else ref.name for ref in packages)
    return ("cargo", "install", "--locked", *PREFIX, *wanted)


def remove(packages: Sequence[PackageRef]) -> tuple[Argv, ...]:
    """Return the command that removes what the packages installed."""
    return (("cargo", "uninstall", *PREFIX, *(ref.name for ref in packages)),)


def is_installed(package: PackageRef) -> tuple[Argv, ...]:
    """Return the pipeline that looks for it in cargo's own list, such as `ripgrep v14.1.1:`."""
    version = f"{re.escape(package.version)}[ :]" if package.version else "[0-9]"
    return ("cargo", "install", "--list", *PREFIX), ("grep", "-q", f"^{package.name} v{version}")


def listing() -> str:
    """Return the program that prints the sizes of all commands, and which crates have which."""
    return program(__package__, "listing.sh")


def parse_packages(output: str) -> tuple[Package, ...]:
    """Return the crates in cargo's own records, with the size of their commands; all were asked for."""
    return tuple(_packages_of(output))


def _packages_of(output: str) -> Iterator[Package]:
    sizes: dict[str, int] = {}
    for line in output.splitlines():
        size, tab, path = line.partition("\t")
        if tab:
            sizes[path.rpartition("/")[2]] = kibibytes(size)
        elif crate := _CRATE.fullmatch(line):
            taken = sum(sizes.get(command.strip(' "'), 0) for command in crate[3].split(","))
            yield Package(name=crate[1], version=crate[2], architecture="", size=taken, explicit=True, source=name)


def explain(failure: Failure, packages: Sequence[PackageRef], *, distro: str) -> StepFailed | None:
    """Return our error for the messages of cargo, or None if none is known."""
    evidence = r"^ *(?:error|Caused by|-->|\[\d+\])|^  [a-z`]"  # what it does meanwhile begins with a capital
    return explain_failure(COMPLAINTS, failure, packages, distro=distro, evidence=evidence)


failed_script = no_failed_script


def progress(line: str) -> str | None:
    """Return `Compiling regex` and the like, or None for noise."""
    found = _PROGRESS.match(line)
    return f"{found[1]} {found[2]}" if found else None
