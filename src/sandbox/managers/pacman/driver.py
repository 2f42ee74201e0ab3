"""pacman of Arch and its relatives: its argv, its database and its progress.

A distro that rolls knows no partial upgrade: once the index is refreshed, nothing may be installed from it unless all
else is brought up to date. So `install` is `pacman -Su PACKAGES`, which does both in one transaction, here and on the
host of a promoted script. An upgrade of its own between `refresh` and `install`, as a distro's row may have, only
leaves it less to do.

Sources: pacman(8), pacman.conf(5), pacman-key(8), PKGBUILD(5), and the files of its local database. Run with pacman
7.0.0 on Debian, on a small repository, unsigned and signed, with a keyring of four keys. Arch's own images, keyring and
what these leave out of packages were not to be had: that rests on the documentation. Optional dependencies have no
option: `recommends` changes nothing. A package's script that fails is but a warning to pacman, and status 0.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from sandbox.core.programs import program
from sandbox.managers import mirrors, protocol
from sandbox.managers.pacman import names as pacman_names
from sandbox.managers.protocol import LISTING, Package, Query

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sandbox.errors import StepFailed
    from sandbox.managers.protocol import Argv, Failure, PackageRef

name: Final = "pacman"
parse_reference = pacman_names.parse_reference
environment: Final[Mapping[str, str]] = MappingProxyType({"LC_ALL": "C.UTF-8"})
throwaway: Final[Argv] = ("--noprogressbar",)

database: Final[tuple[str, ...]] = ()
listing: Final = "cat /var/lib/pacman/local/*/desc | sed -n '/^%[NVASR][A-Z]*%$/{N;p;}'"
"""The fields whose names begin like NAME, VERSION, ARCH, SIZE or REASON, each with its first line."""

state_files: Final = ("/var/lib/pacman/local", "/var/log/pacman.log")
"""The log grows with every transaction, where the folder may look the same within a second; a -D changes only it."""

from_source: Final = None
needs_root: Final = True
throwaway_environment = unsynced_environment = protocol.NOTHING
unsynced_folders: Final[tuple[str, ...]] = ()
index: Final = ("/var/lib/pacman/sync", "/var/cache/pacman/pkg")

prepare: Final = program(__package__, "prepare.sh")
"""pacman 7 downloads as another user under Landlock, which a container may lack; older versions lack the option.

The distro's keys are taken up where they are not there yet, as in images that leave out what differs between builds;
the agent that this starts would stay.
"""

keep_docs: Final = r"""
for file in /etc/pacman.conf /etc/pacman.d/*.conf; do
  [ ! -f "$file" ] || sed -i '/^[[:space:]]*NoExtract/d' "$file"
done
""".strip()


def use_mirror(official: str, mirror: str) -> Argv:
    """Return the argv that points pacman's repositories from the official mirror to another."""
    return mirrors.use_mirror(official, mirror, files="/etc/pacman.d/mirrorlist /etc/pacman.conf")


def refresh() -> Argv:
    """Return the argv that fetches the index; only an upgrade may follow, such as that of `install`."""
    return ("pacman", "-Sy")


def install(packages: Sequence[PackageRef], *, recommends: bool = False) -> Argv:
    """Return the argv that installs packages and upgrades all others, without asking.

    Files have a command of their own, behind this one.
    """
    # Arch supports no partial upgrades: an install behind a mere `-Sy` can break a host's libraries.
    # https://wiki.archlinux.org/title/System_maintenance#Partial_upgrades_are_unsupported
    return ("pacman", "-Su", "--needed", "--noconfirm", *_targets(packages))


def download(packages: Sequence[PackageRef], *, recommends: bool = False) -> Argv:
    """Return the argv that only fetches."""
    return ("pacman", "-Suw", "--needed", "--noconfirm", *_targets(packages))


def remove(packages: Sequence[PackageRef], *, purge: bool = False) -> tuple[Argv, ...]:
    """Return the command that removes packages and their unneeded dependencies."""
    return (("pacman", "-Rns" if purge else "-Rs", "--noconfirm", *(ref.name for ref in packages)),)


def is_installed(package: PackageRef) -> tuple[Argv, ...]:
    """Return the argv whose status shows it, also for names that other packages provide, such as `sh`."""
    if package.file is not None and package.file.seal:
        tree = f"/var/lib/pacman/local/{package.name}-{package.version}/mtree"
        return ("sha256sum", tree), ("grep", "-q", f"^{package.file.seal} ")
    return (("pacman", "-T", pacman_names.target(package)),)


def _targets(packages: Sequence[PackageRef]) -> tuple[str, ...]:
    return tuple(pacman_names.target(package) for package in packages if not package.file)


def files(packages: Sequence[PackageRef]) -> Query[str]:
    """Ask for the packages' files; the command skips one that is not installed."""
    return Query(argv=("pacman", "-Qlq", *(ref.name for ref in packages)), parse=_paths, statuses=(0, 1))


def parse_packages(database: Mapping[str, bytes]) -> tuple[Package, ...]:
    """Return the installed packages, with the bytes on disk; a package is explicit unless %REASON% is 1."""
    return tuple(
        Package(
            name=fields["NAME"],
            version=fields.get("VERSION", ""),
            architecture=fields.get("ARCH", ""),
            size=int(size) if (size := fields.get("SIZE", "")).isascii() and size.isdigit() else 0,
            explicit=fields.get("REASON") != "1",
        )
        for fields in _records(database.get(LISTING, b""))
        if pacman_names.NAME.fullmatch(fields["NAME"])
    )


def explain(failure: Failure, packages: Sequence[PackageRef], *, distro: str) -> StepFailed | None:
    """Return our error for the messages of pacman, or None if none is known."""
    from sandbox.managers.pacman import (
        errors as pacman_errors,  # its patterns take longer to compile than all the rest here
    )

    return pacman_errors.explain(failure, packages, distro=distro)


def failed_script(failure: Failure, *, distro: str) -> StepFailed | None:
    """Return the error for a script that failed although the command ended with status 0, or None."""
    from sandbox.managers.pacman import errors as pacman_errors

    return pacman_errors.MESSAGES.failed_script(failure.output, distro)


def progress(line: str) -> str | None:
    """Return the progress in a line of pacman, such as `installing htop`, or None for noise."""
    if found := _STEP.match(line):
        return f"{found[1]} {found[2]}"
    if found := _DOWNLOAD.match(line):
        return f"download {found[1]}"
    return found[1] if (found := _STAGE.match(line)) else None


_STEP: Final = re.compile(
    r"(?:\( *\d+/\d+\) )?(installing|upgrading|downgrading|reinstalling|removing) (\S+?)(?:\.\.\.| |$)"
)
_DOWNLOAD: Final = re.compile(r" *(\S+) downloading\.\.\.$")
_STAGE: Final = re.compile(
    r"(resolving dependencies|checking keyring|checking package integrity|loading package files)"
)
_KEY: Final = re.compile(r"%[A-Z]+%")


def _records(content: bytes) -> Iterator[dict[str, str]]:
    """Yield the fields of each package as `listing` prints them: `%FIELD%` and the first line of its value."""
    fields: dict[str, str] = {}
    lines = iter(content.decode("utf-8", "replace").splitlines())
    for key in lines:
        if key == "%NAME%":
            if fields:
                yield fields
            fields = {"NAME": next(lines, "")}
        elif fields and _KEY.fullmatch(key):
            fields[key.strip("%")] = next(lines, "")
    if fields:
        yield fields


def _paths(output: str) -> tuple[str, ...]:
    """Return the absolute paths that are no folders, which pacman prints with a slash at the end."""
    return tuple(line for line in output.split("\n") if line.startswith("/") and not line.endswith("/"))
