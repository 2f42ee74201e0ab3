"""apk of Alpine and Wolfi: its argv, its database and its progress.

Sources: apk(8), apk-world(5), apk-cache(5), apk-repositories(5) and the format of its text database. Run with
apk-tools 3.0.8 of Alpine 3.23 and with 2.14.10 built from its sources; Wolfi's own image was not to be had.
There are no recommended packages: `recommends` changes nothing.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from sandbox.core.programs import program
from sandbox.managers import mirrors, protocol
from sandbox.managers.apk import names as apk_names
from sandbox.managers.protocol import Package, Query

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sandbox.errors import StepFailed
    from sandbox.managers.protocol import Argv, Failure, PackageRef

name: Final = "apk"
parse_reference = apk_names.parse_reference
environment: Final[Mapping[str, str]] = MappingProxyType({})
throwaway: Final[Argv] = ("--no-progress", "--timeout=20")

WORLD: Final = "/etc/apk/world"
INSTALLED: Final = ("/lib/apk/db/installed", "/usr/lib/apk/db/installed")
"""Its place in apk 2 and 3 on most systems, and in apk 3 once /lib is a link; both are then the same file."""

database: Final = (*INSTALLED, WORLD)
listing: Final = ""
state_files: Final = database
from_source: Final = None
needs_root: Final = True
throwaway_environment = unsynced_environment = protocol.NOTHING
unsynced_folders: Final[tuple[str, ...]] = ()
CACHE: Final = "/var/cache/apk"
index: Final = (CACHE,)

prepare: Final = program(__package__, "prepare.sh")
"""The link makes apk keep what it downloads (apk-cache(5)).

What stands behind this text is then run so that it fails where an index could not be opened, as one that nobody we
trust has signed: to apk that is a warning and status 0. A promoted script has the plain command.
"""

keep_docs: Final = r"""
apk update -q >/dev/null 2>&1
if apk search -qx docs 2>/dev/null | grep -qx docs; then apk add -q docs mandoc; fi
""".strip()
"""Manual pages are packages of their own (`jq-doc`), which come by themselves to whoever has Alpine's `docs`."""


def use_mirror(official: str, mirror: str) -> Argv:
    """Return the argv that points apk's repositories from the official mirror to another."""
    return mirrors.use_mirror(official, mirror, files="/etc/apk/repositories /etc/apk/repositories.d/*.list")


def refresh() -> Argv:
    """Return the argv that fetches the index."""
    return ("apk", "update")


def install(packages: Sequence[PackageRef], *, recommends: bool = False) -> Argv:
    """Return the argv that installs; a version that is given stays pinned in the world file."""
    return ("apk", "add", *_trust(packages), *map(_target, packages))


def download(packages: Sequence[PackageRef], *, recommends: bool = False) -> Argv:
    """Return the argv that only fetches; without the link of `prepare` it silently does nothing."""
    needs = (word for package in packages if package.file for word in package.file.needs)
    named = (_constraint(package) for package in packages if not package.file)
    return ("apk", "cache", "download", *dict.fromkeys((*named, *needs)))


def remove(packages: Sequence[PackageRef], *, purge: bool = False) -> tuple[Argv, ...]:
    """Return the command that removes packages and their unneeded dependencies."""
    return (("apk", "del", *(["--purge"] if purge else []), *(ref.name for ref in packages)),)


def is_installed(package: PackageRef) -> tuple[Argv, ...]:
    """Return the argv whose status shows it."""
    if package.file is not None:
        return (("grep", "-qsxF", f"C:{package.file.seal}", *INSTALLED),)
    return (("apk", "info", "-e", _constraint(package)),)


def files(packages: Sequence[PackageRef]) -> Query[str]:
    """Ask for the packages' files; the command skips one that is not installed."""
    return Query(argv=("apk", "info", "-qL", *(ref.name for ref in packages)), parse=_paths, statuses=(0, 1))


def parse_packages(database: Mapping[str, bytes]) -> tuple[Package, ...]:
    """Return the installed packages, with the bytes on disk; those in the world file are explicit."""
    content = next((database[path] for path in INSTALLED if path in database), b"")
    world = explicit(database.get(WORLD, b"").decode("utf-8", "replace"))
    return tuple(
        Package(
            name=fields["P"],
            version=fields.get("V", ""),
            architecture=fields.get("A", ""),
            size=int(size) if (size := fields.get("I", "")).isascii() and size.isdigit() else 0,
            explicit=fields["P"] in world,
        )
        for fields in _records(content)
        if apk_names.NAME.fullmatch(fields.get("P", ""))
    )


def explicit(world: str) -> frozenset[str]:
    """Return the names of a world file without their constraints; `!name` is one that must not be there."""
    names = (_CONSTRAINT.split(word)[0] for word in world.split())
    return frozenset(name for name in names if apk_names.NAME.fullmatch(name))


def explain(failure: Failure, packages: Sequence[PackageRef], *, distro: str) -> StepFailed | None:
    """Return our error for the messages of apk, or None if none is known."""
    from sandbox.managers.apk import errors as apk_errors  # its patterns take longer to compile than all the rest here

    return apk_errors.explain(failure, packages, distro=distro)


def failed_script(failure: Failure, *, distro: str) -> StepFailed | None:
    """Return the error for a script that failed although the command ended with status 0, or None."""
    from sandbox.managers.apk import errors as apk_errors

    return apk_errors.MESSAGES.failed_script(failure.output, distro)


def progress(line: str) -> str | None:
    """Return the progress in a line of apk, such as `Installing htop (1/2)`, or None for noise."""
    if found := _STEP.match(line):
        return f"{found[2]} {found[3]} ({found[1]})"
    if found := _FETCH.match(line):
        return f"fetch {found[1]}"
    return f"Executing {found[1]}" if (found := _EXECUTING.match(line)) else None


_STEP: Final = re.compile(r"\((\d+/\d+)\) (\w+) ([^\s(]+) \(")
_FETCH: Final = re.compile(r"fetch \S+?([^/\s]+/[^/\s]+/[^/\s]+)$")
_EXECUTING: Final = re.compile(r" *Executing (\S+)$")
_CONSTRAINT: Final = re.compile(r"[=<>~@]")
_FIELD: Final = re.compile(rb"^([PVAI]):(.*)$", re.MULTILINE)


def _trust(packages: Sequence[PackageRef]) -> Argv:
    """Return the option without which apk takes no file that nobody we trust has signed.

    The index is not affected: apk keeps none whose signature is wrong when it is fetched.
    """
    return ("--allow-untrusted",) if any(package.file for package in packages) else ()


def _target(package: PackageRef) -> str:
    return package.file.path if package.file else _constraint(package)


def _constraint(package: PackageRef) -> str:
    return package.name if package.version is None else f"{package.name}={package.version}"


def _records(content: bytes) -> Iterator[dict[str, str]]:
    """Yield the fields we read of each package; an empty line ends one, its files stand below in lower fields."""
    for paragraph in content.split(b"\n\n"):
        if fields := _FIELD.findall(paragraph.partition(b"\nF:")[0]):
            yield {key.decode("ascii"): value.decode("utf-8", "replace").strip() for key, value in fields}


def _paths(output: str) -> tuple[str, ...]:
    """Return the paths as absolute ones; apk prints them without the first slash."""
    return tuple(f"/{line.lstrip('/')}" for line in output.split("\n") if line)
