"""zypper of openSUSE and SLE: its argv, what it installed by itself, its errors and its progress.

Sources: zypper(8), and libzypp's /var/lib/zypp/AutoInstalled. Run with zypper 1.14.89 by the lab, on a Debian userland
with a small repository, never on openSUSE itself.

Statuses: 4 a repository or a dependency fails, 6 there is no repository, 104 nothing of that name, 106 installed
beside a repository that failed, 107 installed but a package's script failed. In a sandbox 106 and 107 are failures too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.managers import protocol
from sandbox.managers.progress_lines import match_progress
from sandbox.managers.rpm import database as rpm
from sandbox.managers.rpm import names as rpm_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sandbox.errors import StepFailed
    from sandbox.managers.protocol import Argv, Failure, Package, PackageRef

name: Final = "zypper"
parse_reference = rpm_names.parse_reference

environment: Final = rpm.environment
throwaway: Final[Argv] = ("--gpg-auto-import-keys",)
from_source: Final = None
needs_root: Final = True
throwaway_environment = protocol.NOTHING
keep_docs: Final = rpm.KEEP_DOCS
index: Final = ("/var/cache/zypp",)

ZYPPER: Final = ("zypper", "--non-interactive")
AUTO: Final = "/var/lib/zypp/AutoInstalled"
prepare: Final = f"{rpm.PREPARE}\n[ -e {AUTO} ] || {{ mkdir -p {AUTO.rpartition('/')[0]} && : >{AUTO}; }}"
"""An image in which rpm alone installed has no such file: libzypp would make it of its history behind the first install
(TargetImpl::load), and count the whole base as dependencies."""
database: Final[tuple[str, ...]] = ()
HISTORY: Final = "/var/log/zypp/history"
state_files: Final = (*rpm.DATABASES, AUTO, HISTORY)
listing: Final = f"{rpm.ROWS}\ncat {AUTO}"

use_mirror = rpm.use_mirror
files = rpm.files
is_installed = rpm.is_installed


def refresh() -> Argv:
    """Return the argv that fetches the index of each repository; one that fails is an error."""
    return (*ZYPPER, "refresh")


def install(packages: Sequence[PackageRef], *, recommends: bool = False) -> Argv:
    """Return the argv that installs without asking; a licence that must be agreed to is an error."""
    return (*ZYPPER, "install", *arguments(packages, recommends=recommends))


def download(packages: Sequence[PackageRef], *, recommends: bool = False) -> Argv:
    """Return the argv that only fetches; zypper keeps such packages whatever the repository says."""
    return (*ZYPPER, "install", "--download-only", *arguments(packages, recommends=recommends))


def arguments(packages: Sequence[PackageRef], *, recommends: bool) -> Iterator[str]:
    """Yield the options of an install and its packages; without --oldpackage an older version is left out silently."""
    yield "--recommends" if recommends else "--no-recommends"
    if any(package.version for package in packages):
        yield "--oldpackage"
    for package in packages:
        yield package.name if package.version is None else f"{package.name}={package.version}"


def remove(packages: Sequence[PackageRef], *, purge: bool = False) -> tuple[Argv, ...]:
    """Return the command that removes packages and what only they needed.

    There is no purge: configuration that was changed stays as `.rpmsave`, the rest goes with its package.
    """
    return ((*ZYPPER, "remove", "--clean-deps", *(package.name for package in packages)),)


def parse_packages(database: Mapping[str, bytes]) -> tuple[Package, ...]:
    """Return what rpm lists; explicit is all that libzypp did not choose by itself."""
    rows, auto = rpm.parse_listing(database)
    chosen = frozenset(line.strip() for line in auto.splitlines())
    return tuple(row.package(explicit=row.name not in chosen) for row in rows)


def explain(failure: Failure, packages: Sequence[PackageRef], *, distro: str) -> StepFailed | None:
    """Return our error for what zypper said, or None where nothing of it is known."""
    from sandbox.managers.rpm import errors as rpm_errors  # its patterns take longer to compile than all the rest here

    return rpm_errors.explain(failure, packages, distro=distro, program="zypper")


def progress(line: str) -> str | None:
    """Return what a line of zypper says of the progress, as `Installing htop`, or None for noise."""
    return match_progress(_PROGRESS, line)


_NEVRA: Final = r"([A-Za-z0-9][A-Za-z0-9+._-]*?)-(?:\d+:)?\d[^-\s]*-[^-\s]+"
_PROGRESS: Final = (
    (rf"\(\s*\d+/\d+\) (Installing|Removing): {_NEVRA}", r"\1 \2"),
    (rf"Retrieving: {_NEVRA}", r"Get \1"),
    (r"Retrieving repository '([^']{1,60})'", r"Get \1"),
    (r"(Building repository) '([^']{1,60})'", r"\1 \2"),
    (r"(Loading repository data|Reading installed packages|Resolving package dependencies)", r"\1"),
    (r"(Checking for file conflicts)", r"\1"),
)
