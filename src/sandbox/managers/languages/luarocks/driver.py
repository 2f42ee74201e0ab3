"""Lua's rocks, by luarocks: below /usr/local, their commands in /usr/local/bin.

Sources: `luarocks help install`, `help remove`, `help search`, the rockspec format of its wiki. Run by the tests with
luarocks 3.8 of Debian trixie against a rock server of their own in the place of luarocks.org, which the project's
machines can't reach.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sandbox.core.programs import program, sh_argv
from sandbox.errors import Advice, UnknownPackage
from sandbox.managers.languages.base import COMMANDS, explain_failure, kibibytes, no_failed_script, reference
from sandbox.managers.protocol import Package

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sandbox.errors import StepFailed
    from sandbox.managers.languages.base import ComplaintRow
    from sandbox.managers.protocol import Argv, Failure, PackageRef

name: Final = "luarocks"
support: Final = "lab"
environment: Final[Mapping[str, str]] = MappingProxyType({})
programs: Final = ("luarocks",)
LUAS: Final = ("5.1", "5.2", "5.3", "5.4")
state_files: Final = (
    COMMANDS,
    *(f"{tree}/lib/luarocks/rocks-{lua}/manifest" for tree in ("/usr/local", "/root/.luarocks") for lua in LUAS),
)

look_up: Final = (
    'rock=${1%%=*}; luarocks search --porcelain --all 2>/dev/null | awk -v rock="$rock" \''
    "$1 == rock { there = 1 } substr($1, 1, 1) == substr(rock, 1, 1) && !named[$1]++ { names = names FS $1 } "
    'END { if (!there) { print "luarocks: there is no " rock ", but:" names; exit 1 } }\''
)
names: Final = (
    'for rock in /usr/local/lib/luarocks/rocks-*/*/*/; do [ ! -d "$rock" ] || echo "$rock"; done |'
    " sed -n 's#.*/rocks-[^/]*/\\([^/]*\\)/\\([^/]*\\)/$#luarocks:\\1=\\2#p'"
)

_ROCK: Final = re.compile(r"rock /.+/rocks-[0-9.]+/([a-z0-9_][a-z0-9_.-]*)/([A-Za-z0-9][A-Za-z0-9.-]*)")
_THERE: Final = re.compile(r"^luarocks: there is no \S+, but: (.+)$", re.MULTILINE)

COMPLAINTS: Final[tuple[ComplaintRow, ...]] = (
    ("disk", r"No space left on device", "the disk is full in the sandbox", Advice.program("df", "-h")),
    (
        "network",
        r"Failed searching manifest|Failed downloading",
        "the sandbox can't reach luarocks.org, or the server that has the rock's sources",
        Advice.sandbox("doctor"),
    ),
    (
        "conflict",
        r"^luarocks: \S+/([^/\s]+) exists already, and is of no rock",
        "/usr/local already has another {0}",
        Advice.program("ls", "-l", "/usr/local/bin"),
    ),
    (
        "unknown-version",
        r"^luarocks: there is no such version of (\S+), but: ",
        "luarocks.org does not have that version of {0} for the Lua of {distro}",
        Advice.sandbox("try", "luarocks:{0}", "--distro", "{option}"),
    ),
    (
        "unknown-package",
        r"^luarocks: there is no (\S+), but: ",
        "luarocks.org has no rock named {0} for the Lua of {distro}",
        Advice.say("https://luarocks.org/search?q={0} lists similar names"),
    ),
    (
        "conflict",
        r"Could not satisfy dependency ([A-Za-z0-9_.-]+)",
        "the dependency {0} does not exist for the Lua of {distro}",
        Advice.say("an older version, or a newer release of the distro"),
    ),
    (
        "script",
        r"^Error: Build error(?:.*\n)*?luarocks: (\S+) was not installed",
        "{0} has to be compiled in {distro}, and that failed",
        Advice.again("gcc", "make", after=", or their names there, and the headers that it needs"),
    ),
)

EVIDENCE: Final = r"^Error: |^Warning: Failed|^luarocks: there is no such|^luarocks: \S+ exists|: error: |not found"


def parse_reference(text: str) -> PackageRef:
    """Return the reference. Raises UsageError for an invalid name or version. Rocks' names are lower case."""
    found = reference(
        text,
        source=name,
        name=r"[A-Za-z0-9_][A-Za-z0-9_.-]*",
        version=r"[A-Za-z0-9]+(?:\.[A-Za-z0-9]+)*(?:-[0-9]+)?",
        own="@",
        expected="expected luarocks:NAME or luarocks:NAME=VERSION, such as luarocks:luasocket=3.1.0-1",
    )
    return replace(found, name=found.name.lower())


def install(packages: Sequence[PackageRef]) -> Argv:
    """Return the argv that installs rocks and their dependencies for all users."""
    return sh_argv(
        __package__, "install.sh", *(f"{ref.name}={ref.version}" if ref.version else ref.name for ref in packages)
    )


def remove(packages: Sequence[PackageRef]) -> tuple[Argv, ...]:
    """Return the command that removes rocks, and the dependencies that came with them and that no other rock needs."""
    return (sh_argv(__package__, "remove.sh", *(ref.name for ref in packages)),)


def is_installed(package: PackageRef) -> tuple[Argv, ...]:
    """Return the command whose status is 0 where luarocks knows it; a version without a revision is any of it."""
    return (("luarocks", "show", package.name, *((package.version,) if package.version else ())),)


def listing() -> str:
    """Return the program that prints the folders of rocks, the sizes of their files, and their rockspecs."""
    return program(__package__, "listing.sh")


def parse_packages(output: str) -> tuple[Package, ...]:
    """Return the rocks; luarocks keeps no record of requests, so those that no other rock needs are explicit."""
    found = tuple(_packages_of(output))
    needed = {need for package in found for need in package.needs}
    return tuple(replace(package, explicit=package.name not in needed) for package in found)


def _packages_of(output: str) -> Iterator[Package]:
    from sandbox.managers.languages.luarocks.metadata import read

    for part in re.split(r"(?m)^(?=rock )", output):
        head, *lines = part.split("\n")
        if found := _ROCK.fullmatch(head):
            said = read("\n".join(line[1:] for line in lines if line.startswith(">")).encode())
            size = sum(kibibytes(line.partition("\t")[0]) for line in lines if not line.startswith(">"))
            needs = said.needs if said else ()
            yield Package(
                name=found[1], version=found[2], architecture="", size=size, explicit=False, source=name, needs=needs
            )


def explain(failure: Failure, packages: Sequence[PackageRef], *, distro: str) -> StepFailed | None:
    """Return our error for the messages of luarocks, with similar names, or None if none is known."""
    error = explain_failure(COMPLAINTS, failure, packages, distro=distro, evidence=EVIDENCE)
    known = _THERE.search(failure.output)
    if not isinstance(error, UnknownPackage) or known is None:
        return error
    from sandbox.core.fuzzy import nearest_rows, nearest_words
    from sandbox.managers.error_patterns import option

    near = nearest_words(error.package, known[1].split(), 3)
    if not near:
        return error
    hint = Advice.sandbox("try", f"{name}:{near[0]}", "--distro", option(distro))
    details = (*error.details, *nearest_rows(near))
    return UnknownPackage(error.brief, package=error.package, details=details, hints=[hint])


failed_script = no_failed_script


def progress(line: str) -> str | None:
    """Return the progress, such as `Installing lab-tool-1.2.0-1`, or None for noise."""
    found = re.match(r"Installing \S+/([A-Za-z0-9_.-]+-[0-9]+)\.(?:[a-z0-9_-]+\.rock|rockspec)$", line)
    return f"Installing {found[1]}" if found else None
