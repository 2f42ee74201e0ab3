"""emerge of Gentoo and its relatives: its argv, its database and its progress.

Sources: emerge(1), make.conf(5), portage(5), portageq's own help, portage's sources for /var/db/pkg. Run with portage
3.0.83 in a lab image over a small tree of our own. Not run, written from the documentation: getuto and
packages from a binhost, emerge-webrsync to its end, the mirror's place in binrepos.conf of a stage3.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from sandbox.core.programs import program, sh_argv
from sandbox.managers import protocol
from sandbox.managers.portage import names as portage_names
from sandbox.managers.portage.names import atom, parts
from sandbox.managers.progress_lines import match_progress
from sandbox.managers.protocol import LISTING, Package, Query

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sandbox.errors import StepFailed
    from sandbox.managers.protocol import Argv, Failure, PackageRef

name: Final = "portage"
parse_reference = portage_names.parse_reference

environment: Final[Mapping[str, str]] = MappingProxyType({"LC_ALL": "C.UTF-8"})
throwaway: Final[Argv] = ()
"""Unused: options for a sandbox are in `throwaway_environment`, since the refresh does not run emerge."""

UNMASK: Final = "--autounmask=y --autounmask-continue=y --autounmask-keep-masks=y"
"""Keywords, licences and USE flags are changed as a package needs it (`on_host` tells which); package.mask stays."""
BINARY: Final = f"--getbinpkg=y {UNMASK}"

# emerge has no option for FEATURES, and a host's script must not contain what weakens a build here.
throwaway_environment: Final[Mapping[str, str]] = MappingProxyType(
    {
        # An engine's default profile forbids namespaces and, on old kernels, what the sandbox traces with.
        "FEATURES": "-ipc-sandbox -network-sandbox -pid-sandbox -mount-sandbox -sandbox -usersandbox -news",
        "EMERGE_DEFAULT_OPTS": BINARY,
    }
)
unsynced_environment = protocol.NOTHING
unsynced_folders: Final[tuple[str, ...]] = ()
from_source: Final[Mapping[str, str] | None] = MappingProxyType(
    {"EMERGE_DEFAULT_OPTS": f"--getbinpkg=n --usepkg=n {UNMASK}"}
)
needs_root: Final = True

WORLD: Final = "/var/lib/portage/world"
PKG: Final = "/var/db/pkg"
database: Final = (WORLD,)
state_files: Final = (PKG, WORLD)
"""Portage sets /var/db/pkg's times before and after each change of a package on purpose, for those who cache what is in
it (vardbapi._bump_mtime); a package that was there and is now asked for changes only the world file."""

listing: Final = (
    f"cd {PKG} && grep -s '' */*/SIZE */*/SLOT */*/repository */*/CHOST /dev/null"  # one process for all packages
)
prepare: Final = r"""
if [ ! -e /etc/portage/gnupg ] && command -v getuto >/dev/null; then
    grep -qs PORTAGE_TRUST_HELPER /usr/share/portage/config/make.globals || getuto
fi""".strip()
"""A keyring for binary packages, where portage is too old (before 3.0.51) to make it when it needs one."""
keep_docs: Final = ""
index: Final = ("/var/db/repos", "/var/cache/distfiles", "/var/cache/binpkgs", "/var/cache/edb/binhost")


def use_mirror(official: str, mirror: str) -> Argv:
    """Return the argv that points portage's sources and binary packages from the official mirror to another."""
    plain = re.sub(r"[^A-Za-z0-9:/._~@?&=+%,;-]", "", (mirror.splitlines() or [""])[0])
    return sh_argv(__package__, "use_mirror.sh", official, plain)


def refresh() -> Argv:
    """Return the argv that fetches the tree if there is none, or updates one that is older than a day."""
    return ("sh", "-c", program(__package__, "refresh.sh"))


def install(packages: Sequence[PackageRef], *, recommends: bool = False) -> Argv:
    """Return the argv that installs without asking; installed packages stay unchanged. There are no recommends."""
    return ("emerge", "--ask=n", "--color=n", "--nospinner", "--quiet", "--noreplace", *map(atom, packages))


def download(packages: Sequence[PackageRef], *, recommends: bool = False) -> Argv:
    """Return the argv that only fetches sources, or binary packages."""
    first, *rest = install(packages, recommends=recommends)
    return (first, "--fetchonly", *rest)


def is_installed(package: PackageRef) -> tuple[Argv, ...]:
    """Return the argv whose status is 0 if the package is installed, in its version if it has one."""
    return (("portageq", "has_version", "/", atom(package)),)


def remove(packages: Sequence[PackageRef], *, purge: bool = False) -> tuple[Argv, ...]:
    """Return the command that removes packages and their unneeded dependencies.

    Portage removes configuration that is as it was installed; with `purge` also what was changed since.
    """
    settings = ("CLEAN_DELAY=0", *(("CONFIG_PROTECT=-*",) if purge else ()))
    atoms = (package.name.partition("::")[0] for package in packages)
    return (("env", *settings, "sh", "-c", program(__package__, "remove.sh"), "sh", *atoms),)


def files(packages: Sequence[PackageRef]) -> Query[str]:
    """Ask for the packages' files and links."""
    return Query(
        argv=sh_argv(
            __package__,
            "files.sh",
            *(parts(package.name).package for package in packages),
        ),
        parse=paths,
    )


def paths(output: str) -> tuple[str, ...]:
    """Return the paths of lines as `obj PATH MD5 TIME` and `sym PATH -> TARGET TIME`."""
    return tuple(found[1] or found[2] for found in _CONTENT.finditer(output))


_CONTENT: Final = re.compile(r"^(?:obj (/.+) [0-9a-f]+ \d+|sym (/.+?) -> .+)$", re.MULTILINE)
_FIELD: Final = re.compile(r"^([^\n:]+)/(SIZE|SLOT|repository|CHOST):(.*)$", re.MULTILINE)
_SLOTLESS: Final = "0"


def parse_packages(database: Mapping[str, bytes]) -> tuple[Package, ...]:
    """Return the packages in /var/db/pkg; sizes in bytes, as counted at the install.

    A package outside slot 0 has the slot in its name (`dev-lang/python:3.12`), since several can be installed at once
    and the world file names it so. It is explicit where the world file has it, with or without the slot.
    """
    world = {line.partition("::")[0] for line in database.get(WORLD, b"").decode("utf-8", "replace").split()}
    fields: dict[str, dict[str, str]] = {}
    for folder, key, value in _FIELD.findall(database.get(LISTING, b"").decode("utf-8", "replace")):
        fields.setdefault(folder, {})[key] = value
    return tuple(_packages(fields, world))


def _packages(fields: Mapping[str, Mapping[str, str]], world: set[str]) -> Iterator[Package]:
    for folder, known in fields.items():
        if cut := portage_names.FULL_VERSION.fullmatch(folder):
            slot, size = known.get("SLOT", "").partition("/")[0], known.get("SIZE", "")
            named = f"{cut[1]}:{slot}" if slot and slot != _SLOTLESS else cut[1]
            yield Package(
                name=named,
                version=cut[2],
                architecture=known.get("CHOST", "").partition("-")[0],
                size=int(size) if size.isascii() and size.isdigit() else 0,
                explicit=bool({cut[1], named, f"{cut[1]}:{slot}"} & world),
                origin=known.get("repository", ""),
            )


def explain(failure: Failure, packages: Sequence[PackageRef], *, distro: str) -> StepFailed | None:
    """Return our error for the messages of emerge, or None if none is known."""
    from sandbox.managers.portage import (
        errors as portage_errors,  # its patterns take longer to compile than all the rest here
    )

    return portage_errors.explain(failure, packages, distro=distro)


def failed_script(failure: Failure, *, distro: str) -> StepFailed | None:
    """Return the error for a script that failed although the command ended with status 0, or None."""
    from sandbox.managers.portage import errors as portage_errors

    return portage_errors.MESSAGES.failed_script(failure.output, distro)


def progress(line: str) -> str | None:
    """Return the progress in a line of emerge, such as `Emerging htop 1 of 2`, or None for noise."""
    return match_progress(_PROGRESS, line)


_PROGRESS: Final = (
    (r">>> (Emerging|Emerging binary|Fetching|Installing) \((\d+ of \d+)\) [^\s/]+/([^\s:]+)", r"\1 \3, \2"),
    (r">>> (Unmerging) \((\d+ of \d+)\) [^\s/]+/([^\s:]+?)\.*$", r"\1 \3, \2"),
    (r"([<>=~]+[A-Za-z0-9_][^\s/]*/[^\s/]+ [~*A-Za-z0-9_-][^\n]*)$", r"Unmasking \1"),
    (r" \* (Fetching most recent snapshot|Syncing local repository|Trying to retrieve \d+ snapshot)", r"\1"),
    (r">>> (Syncing repository '[^']+')", r"\1"),
)
