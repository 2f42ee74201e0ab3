"""Go's programs, compiled into /usr/local/bin.

Sources: the `go` command's own reference (`go help install`, `go help environment`, `go help version`) and the modules
reference. Run by the tests with go 1.24 of Debian trixie against a module proxy of their own in the place of Go's,
which the project's machines can't reach.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sandbox.core.programs import program, sh_argv
from sandbox.errors import Advice
from sandbox.managers.languages.base import CA_ADVICE, COMMANDS, explain_failure, kibibytes, no_failed_script, reference
from sandbox.managers.protocol import Package

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sandbox.errors import StepFailed
    from sandbox.managers.languages.base import ComplaintRow
    from sandbox.managers.protocol import Argv, Failure, PackageRef

name: Final = "go"
support: Final = "lab"
environment: Final[Mapping[str, str]] = MappingProxyType({"GOBIN": COMMANDS})
programs: Final = ("go",)
state_files: Final = (COMMANDS, "/root/go", "/root/go/bin")


look_up: Final = 'go install -n "$1" >/dev/null'
names: Final = ""

COMPLAINTS: Final[tuple[ComplaintRow, ...]] = (
    ("disk", r"[Nn]o space left on device", "the disk is full in the sandbox", Advice.program("df", "-h")),
    (
        "signature",
        r"x509: |certificate verification failed|tls: failed to verify certificate",
        "the sandbox does not trust the certificate of Go's module proxy",
        CA_ADVICE,
    ),
    (
        "network",
        r"dial tcp|no such host|i/o timeout|connection refused|TLS handshake timeout|proxyconnect tcp",
        "the sandbox can't reach Go's module proxy",
        Advice.sandbox("doctor"),
    ),
    (
        "conflict",
        r"^go: \S+/([^/\s]+) exists already, and is not of",
        "/usr/local/bin already has another {0}",
        Advice.program("ls", "-l", "/usr/local/bin"),
    ),
    (
        "unknown-version",
        r"^go: (\S+?)@v\S+: (?:\S+: )?(?:invalid version|reading \S+|unknown revision|no matching versions)",
        "there is no such version of {0}",
        Advice.sandbox("try", "go:{0}", "--distro", "{option}"),
    ),
    (
        "conflict",
        r"requires go >= ?[\d.]+|invalid go version|go\.mod requires go|note: module requires Go [\d.]+",
        "the Go of {distro} is too old for this module",
        Advice.say("an older version, or a newer release of the distro"),
    ),
    (
        "unknown-package",
        (
            r"module (\S+?): (?:reading|git ls-remote|no matching)|(\S+)@\S+: module \S+ found[^\n]*, but does not"
            r"|package (\S+) is not a main package|unrecognized import path \"([^\"]+)\""
        ),
        "{0} has no program to install",
        Advice.say("https://pkg.go.dev/search?q={0} lists similar names"),
    ),
    (
        "script",
        r"^# (\S+)\n|exec: \"gcc\": executable file not found",
        "{0} could not be compiled in {distro}",
        Advice.say("the same command, with the compiler and headers that it needs as packages"),
    ),
)


def parse_reference(text: str) -> PackageRef:
    """Return the reference of an import path. Raises UsageError if invalid. `@latest` is not a version."""
    found = reference(
        text,
        source=name,
        name=r"[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)+(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*",
        version=r"v[0-9][A-Za-z0-9.+-]*|latest",
        own="@",
        expected="expected go:PATH, go:PATH@VERSION or go:PATH=VERSION, such as go:github.com/junegunn/fzf@v0.55.0",
    )
    return replace(found, version=None) if found.version == "latest" else found


def install(packages: Sequence[PackageRef]) -> Argv:
    """Return the argv that compiles and installs the programs, in their newest version unless one is named."""
    return sh_argv(
        __package__,
        "install.sh",
        *(f"{ref.name}@{ref.version or 'latest'}" for ref in packages),
    )


def command_of(package: str) -> str:
    """Return the name of a package's program: its path's last element that is no major version."""
    *before, last = package.split("/")
    return before[-1] if before and re.fullmatch(r"v(?:[2-9]|[1-9][0-9]+)", last) else last


def remove(packages: Sequence[PackageRef]) -> tuple[Argv, ...]:
    """Return the command that removes the programs: they are all that was installed."""
    return (("rm", "-f", *(f"{COMMANDS}/{command_of(ref.name)}" for ref in packages)),)


def is_installed(package: PackageRef) -> tuple[Argv, ...]:
    """Return the command that reads the program's own record of its origin."""
    return (
        sh_argv(
            __package__,
            "is_installed.sh",
            command_of(package.name),
            package.name,
            package.version or "",
        ),
    )


def listing() -> str:
    """Return the program that prints the sizes of all programs, then what go says of them."""
    return program(__package__, "listing.sh")


def parse_packages(output: str) -> tuple[Package, ...]:
    """Return what the programs say they were built from: they were asked for, and have the modules that they need."""
    found: dict[tuple[str, str], Package] = {}
    for package in _packages_of(output):
        found.setdefault((package.name, package.version), package)
    return tuple(found.values())


def _packages_of(output: str) -> Iterator[Package]:
    sizes: dict[str, int] = {}
    program = _Program()
    for line in output.splitlines():
        size, tab, path = line.partition("\t")
        if size and tab:
            sizes[path] = kibibytes(size)
        elif line[:1] not in (" ", "\t"):
            yield from program.packages()
            program = _Program(size=sizes.get(line.partition(": go")[0], 0))
        else:
            program.read(line.split())
    yield from program.packages()


class _Program:
    """What `go version -m` says of one program."""

    def __init__(self, *, size: int = 0) -> None:
        self._size = size
        self._path = self._version = ""
        self._modules: list[tuple[str, str]] = []

    def read(self, words: Sequence[str]) -> None:
        match words:
            case ["path", path]:
                self._path = path
            case ["mod", _, version, *_]:
                self._version = version
            case ["dep", path, version, *_]:
                self._modules.append((path, version))
            case ["=>", path, version, *_] if self._modules:
                self._modules[-1] = (path, version)
            case _:
                pass

    def packages(self) -> Iterator[Package]:
        """Yield the program and its modules; nothing if it is not built from a module."""
        if not (self._path and self._version):
            return
        needs = tuple(path for path, _ in self._modules)
        yield _package(self._path, self._version, size=self._size, explicit=True, needs=needs)
        for path, version in self._modules:
            yield _package(path, version)


def _package(path: str, version: str, *, size: int = 0, explicit: bool = False, needs: tuple[str, ...] = ()) -> Package:
    return Package(name=path, version=version, architecture="", size=size, explicit=explicit, source=name, needs=needs)


def explain(failure: Failure, packages: Sequence[PackageRef], *, distro: str) -> StepFailed | None:
    """Return our error for the messages of go, or None if none is known."""
    return explain_failure(
        COMPLAINTS, failure, packages, distro=distro, evidence=r"^go: (?!downloading|finding)|^package |^\S+\.go:\d|^#"
    )


failed_script = no_failed_script


def progress(line: str) -> str | None:
    """Return `downloading github.com/x/y`, or None for noise."""
    found = re.match(r"go: (downloading|finding) (\S+)", line)
    return f"{found[1]} {found[2]}" if found else None
