"""xbps of Void: its argv, its database and its progress.

Sources: xbps-install(1), xbps-remove(1), xbps-query(1), xbps.d(5) and its package database. Void itself could not be
had: run with xbps 0.60.7, built from its sources on Debian, on a small local repository; signed and remote ones, and
what the images leave out, are written from the documentation. There are no recommended packages: `recommends` changes
nothing. A repository holds one version of each package.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from sandbox.managers import mirrors, protocol
from sandbox.managers.protocol import Package, Query
from sandbox.managers.xbps import names as xbps_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.errors import StepFailed
    from sandbox.managers.protocol import Argv, Failure, PackageRef

name: Final = "xbps"
parse_reference = xbps_names.parse_reference
environment: Final[Mapping[str, str]] = MappingProxyType({"LC_ALL": "C.UTF-8"})
throwaway: Final[Argv] = ()

PKGDB: Final = "/var/db/xbps/pkgdb-0.38.plist"
database: Final = (PKGDB,)
listing: Final = ""
state_files: Final = database
from_source: Final = None
needs_root: Final = True
throwaway_environment = unsynced_environment = protocol.NOTHING
unsynced_folders: Final[tuple[str, ...]] = ()
index: Final = ("/var/db/xbps", "/var/cache/xbps")

prepare: Final = "xbps-install -Syu xbps >/dev/null 2>&1"
"""xbps refuses to install anything else while the repository has a newer version of xbps."""

_CONFIGURATION: Final = "/etc/xbps.d/*.conf /usr/share/xbps.d/*.conf"

keep_docs: Final = rf"""
for file in {_CONFIGURATION}; do
  [ ! -f "$file" ] || sed -i '/^[[:space:]]*noextract=/d' "$file"
done
""".strip()

FILES: Final = r"""
for name; do xbps-query -f "$name"; done 2>/dev/null
exit 0
"""
"""Constant shell text: xbps-query takes one package."""


def use_mirror(official: str, mirror: str) -> Argv:
    """Return the argv that points xbps's repositories from the official mirror to another."""
    return mirrors.use_mirror(official, mirror, files=_CONFIGURATION)


def refresh() -> Argv:
    """Return the argv that fetches the index."""
    return ("xbps-install", "-S")


def install(packages: Sequence[PackageRef], *, recommends: bool = False) -> Argv:
    """Return the argv that installs without asking."""
    return ("xbps-install", "-y", *map(xbps_names.expression, packages))


def download(packages: Sequence[PackageRef], *, recommends: bool = False) -> Argv:
    """Return the argv that only fetches."""
    return ("xbps-install", "-y", "-D", *map(xbps_names.expression, packages))


def remove(packages: Sequence[PackageRef], *, purge: bool = False) -> tuple[Argv, ...]:
    """Return the command that removes packages and their unneeded dependencies; a purge also removes changed files."""
    return (("xbps-remove", "-R", "-y", *(["-f"] if purge else []), *(ref.name for ref in packages)),)


def is_installed(package: PackageRef) -> tuple[Argv, ...]:
    """Return the argv whose status shows it."""
    return (("xbps-query", "-p", "pkgver", xbps_names.expression(package)),)


def files(packages: Sequence[PackageRef]) -> Query[str]:
    """Ask for the packages' files; the command skips one that is not installed."""
    return Query(argv=("sh", "-c", FILES, "sh", *(ref.name for ref in packages)), parse=_paths)


def parse_packages(database: Mapping[str, bytes]) -> tuple[Package, ...]:
    """Return the packages in the database, with the bytes on disk and the repository.

    It is read by the shape in which xbps writes it and not as XML, of which a hostile one can make much out of little.
    """
    content = database.get(PKGDB, b"").decode("utf-8", "replace")
    found = ((key, dict(_FIELD.findall(fields))) for key, fields in _ENTRY.findall(content))
    return tuple(
        _package(key, fields)
        for key, fields in found
        if xbps_names.NAME.fullmatch(key) and fields.get("pkgver", "").startswith(f"{key}-")
    )


def _package(key: str, fields: Mapping[str, str]) -> Package:
    size = fields.get("installed_size", "")
    return Package(
        name=key,
        version=fields["pkgver"].removeprefix(f"{key}-"),
        architecture=fields.get("architecture", ""),
        size=int(size) if size.isascii() and size.isdigit() and len(size) < _DIGITS else 0,
        explicit="automatic-install" not in fields,
        origin=fields.get("repository", ""),
    )


_DIGITS: Final = 20
_ENTRY: Final = re.compile(r"^\t<key>([^<\n]+)</key>\n\t<dict>\n((?:\t\t.*\n)*)\t</dict>", re.MULTILINE)
_FIELD: Final = re.compile(r"^\t\t<key>([a-z_-]+)</key>\n\t\t<(?:string>|integer>|(?=true/>))([^<\n]*)", re.MULTILINE)


def explain(failure: Failure, packages: Sequence[PackageRef], *, distro: str) -> StepFailed | None:
    """Return our error for the messages of xbps, or None if none is known."""
    from sandbox.managers.xbps import (
        errors as xbps_errors,  # its patterns take longer to compile than all the rest here
    )

    return xbps_errors.explain(failure, packages, distro=distro)


def failed_script(failure: Failure, *, distro: str) -> StepFailed | None:
    """Return the error for a script that failed although the command ended with status 0, or None."""
    from sandbox.managers.xbps import errors as xbps_errors

    return xbps_errors.MESSAGES.failed_script(failure.output, distro)


def progress(line: str) -> str | None:
    """Return the progress in a line of xbps, such as `unpacking htop-3.3.0_1`, or None for noise."""
    if found := _STEP.match(line):
        return f"{found[2]} {found[1]}"
    return found[1] if (found := _STAGE.match(line)) else None


_STEP: Final = re.compile(r"(\S+_\d+): (unpacking|configuring|updating|verifying|removing) ")
_STAGE: Final = re.compile(r"\[\*\] (Updating repository|Downloading packages|Verifying package integrity)")


def _paths(output: str) -> tuple[str, ...]:
    """Return the absolute paths; for a link, which is printed with its target, only its own path."""
    return tuple(line.partition(" -> ")[0] for line in output.split("\n") if line.startswith("/"))
