"""apt-get of Debian and its relatives: its argv, its database and its progress.

Sources: apt-get(8), apt.conf(5), apt-cache(8), deb-control(5), dpkg-query(1). Run with apt 2.2 to 3.3 by the tests.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from sandbox.core.programs import sh_argv
from sandbox.managers import protocol
from sandbox.managers.apt import names as apt_names
from sandbox.managers.progress_lines import match_progress
from sandbox.managers.protocol import Package, Query, paths_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sandbox.errors import StepFailed
    from sandbox.managers.protocol import Argv, Failure, PackageFile, PackageRef

name: Final = "apt"
parse_reference = apt_names.parse_reference

# DEBCONF_NONINTERACTIVE_SEEN is left out: it would keep a host from ever asking the questions again.
environment: Final[Mapping[str, str]] = MappingProxyType({"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"})

ARCHIVES: Final = "/var/cache/apt/sandbox"

INDEX_CACHE: Final = ("Dir::Cache::pkgcache=pkgcache.bin", "Dir::Cache::srcpkgcache=")
"""Both are empty in official images, so that every command reads all lists anew: a second each. The second is the first
without what is installed: 36 MB more to write, of use only to a command behind an install."""

_THROWAWAY_CONF: Final = (
    "APT::Update::Error-Mode=any",  # without it a mirror that fails is a warning and status 0 (apt 2.1 and later)
    "Acquire::Languages=none",
    "Acquire::GzipIndexes=false",  # official images keep the lists compressed, which every command then pays for
    # As official images ask (docker-gzip-indexes). A third more to fetch, half a second of xz less: faster above some
    # 10 MB/s. A repository that has no .gz is asked for the next kind.
    "Acquire::CompressionTypes::Order::=gz",
    "Acquire::Retries=3",
    "Acquire::http::Timeout=20",
    "Acquire::https::Timeout=20",
    # Official images delete /var/cache/apt/archives/*.deb and switch the index cache off (docker-clean).
    f"Dir::Cache::archives={ARCHIVES}",
    *INDEX_CACHE,
    # Else each install writes what it was given to plan into /var/log/apt/eipp.log.xz: 0.1 of its 0.7 s of a processor.
    "Dir::Log::Planner=",
    "Dpkg::Use-Pty=0",
    "Dpkg::Options::=--force-confdef",
    "Dpkg::Options::=--force-confold",
)


def _options(settings: Sequence[str]) -> Argv:
    """Return the settings as apt.conf(5) takes them on a command line."""
    return tuple(word for setting in settings for word in ("-o", setting))


throwaway: Final[Argv] = _options(_THROWAWAY_CONF)
throwaway_environment = protocol.NOTHING
# dpkg(1), DPKG_FORCE, of 1.19.5 and later: what it names stands in the place of the two that are forced by default,
# so that without them a package is neither labelled for SELinux nor replaced by an older version.
unsynced_environment: Final[Mapping[str, str]] = MappingProxyType({"DPKG_FORCE": "security-mac,downgrade,unsafe-io"})
# It waits for the disk at each change of a package's state all the same: of 100 times for htop and three libraries, 60
# are in this folder (lib/dpkg/dbmodify.c).
unsynced_folders: Final = ("/var/lib/dpkg/updates",)
needs_root: Final = True

STATUS: Final = "/var/lib/dpkg/status"
EXTENDED_STATES: Final = "/var/lib/apt/extended_states"
database: Final = (STATUS, EXTENDED_STATES)
listing: Final = ""
state_files: Final = database
from_source: Final = None
prepare: Final = r"""
file=/usr/sbin/policy-rc.d
[ -e $file ] || { printf '#!/bin/sh\nexit 101\n' >$file; chmod 755 $file; }""".strip()
"""No service starts in an install, as in the official images (invoke-rc.d(8))."""
# dpkg.cfg(5), path-exclude: Debian's slim images leave manual pages out by `docker`, minimal Ubuntu by `excludes`.
keep_docs: Final = "rm -f /etc/dpkg/dpkg.cfg.d/excludes /etc/dpkg/dpkg.cfg.d/docker"
index: Final = ("/var/lib/apt/lists", ARCHIVES)

USE_MIRROR: Final = r"""
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
  if [ -f "$file" ]; then sed -i "s#$1\(/*\)\([[:space:]]\|\$\)#$2\1\2#" "$file"; fi
done
"""
"""$1 official, $2 mirror, for sed; a longer path, such as the security archive's, is another archive."""


def use_mirror(official: str, mirror: str) -> Argv:
    """Return the argv that points apt's sources from the official mirror to another."""
    from sandbox.managers.mirrors import sed_words  # few have a mirror of their own

    return ("sh", "-c", USE_MIRROR, "sh", *sed_words(official, mirror))


def refresh() -> Argv:
    """Return the argv that fetches the index; with `throwaway` a mirror that fails is an error."""
    return ("apt-get", "update")


def install(packages: Sequence[PackageRef], *, recommends: bool = False) -> Argv:
    """Return the argv that installs without asking."""
    return ("apt-get", "install", "-y", *_arguments(packages, recommends=recommends))


def download(packages: Sequence[PackageRef], *, recommends: bool = False) -> Argv:
    """Return the argv that only fetches the archives; with `throwaway` they survive in ARCHIVES."""
    return ("apt-get", "install", "-y", "--download-only", *_arguments(packages, recommends=recommends))


OWN: Final = 'grep -qxF -e "installed all$1" -e "installed $(dpkg --print-architecture)$1"'
"""Constant shell text that finds a line of status, architecture and $1 for the machine's own architecture, or `all`."""


def is_installed(package: PackageRef) -> tuple[Argv, ...]:
    """Return the pipeline whose last status is 0 if the package is installed, in its version if it has one.

    dpkg-query alone can't tell: its status is 0 for a package that was removed but left its configuration, and it
    takes NAME for that of any architecture (dpkg 1.21), where apt-get would install that of the machine's own.
    """
    if package.file is not None:
        return (_is_of_file(package, package.file),)
    is_foreign = ":" in package.name
    fields = "${db:Status-Status}" if is_foreign else "${db:Status-Status} ${Architecture}"
    version = "" if package.version is None else f" {package.version}"
    asked = ("dpkg-query", "-W", "-f", f"{fields}{' ${Version}' if version else ''}" + r"\n", package.name)
    if is_foreign:
        return asked, ("grep", "-qxF", f"installed{version}")
    return asked, ("sh", "-c", OWN, "sh", *([version] if version else []))


def _is_of_file(package: PackageRef, file: PackageFile) -> Argv:
    """Return the argv whose status shows whether a package is installed from a file, by what dpkg keeps of it."""
    parts, _, digest = file.seal.partition(":")
    words = (package.name, package.version or "", digest, *(parts.split(".") if parts else ()))
    return sh_argv(__package__, "is_of_file.sh", *words)


def remove(packages: Sequence[PackageRef], *, purge: bool = False) -> tuple[Argv, ...]:
    """Return the command that removes packages and their unneeded dependencies."""
    return (("apt-get", "purge" if purge else "remove", "-y", "--auto-remove", *(ref.name for ref in packages)),)


def files(packages: Sequence[PackageRef]) -> Query[str]:
    """Ask for the packages' files; the command skips one that is not installed."""
    return Query(argv=("dpkg-query", "-L", *(ref.name for ref in packages)), parse=paths_in, statuses=(0, 1))


def parse_packages(database: Mapping[str, bytes]) -> tuple[Package, ...]:
    """Return the installed packages, held or not; sizes in bytes as the maintainers claim them, or else 0.

    A package of a foreign architecture has that in its name, `NAME:ARCH`, as dpkg and apt-get name it: it is another
    package than its namesake of the machine's own architecture, which is that of dpkg itself.

    A package is explicit where apt-mark(8) would show it as manual. An architecture-independent package stands in
    extended_states under the machine's own architecture, so it is looked up by name alone.
    """
    auto = {
        (stanza.get("Package", ""), stanza.get("Architecture", ""))
        for stanza in _stanzas(database.get(EXTENDED_STATES, b""))
        if stanza.get("Auto-Installed") == "1"
    }
    auto_names = {package for package, _ in auto}
    stanzas = tuple(_stanzas(database.get(STATUS, b"")))
    own = {"all", *(_key(stanza)[1] for stanza in stanzas if _key(stanza)[0] == "dpkg")}
    return tuple(
        _package(
            stanza,
            is_auto=_key(stanza) in auto or (_key(stanza)[1] == "all" and _key(stanza)[0] in auto_names),
            is_foreign=len(own) > 1 and _key(stanza)[1] not in own,
        )
        for stanza in stanzas
        if stanza.get("Status", "").endswith(" ok installed") and apt_names.NAME.fullmatch(stanza.get("Package", ""))
    )


def explain(failure: Failure, packages: Sequence[PackageRef], *, distro: str) -> StepFailed | None:
    """Return our error for the messages of apt-get or dpkg, or None if none is known."""
    from sandbox.managers.apt import errors as apt_errors  # its patterns take longer to compile than all the rest here

    return apt_errors.explain(failure, packages, distro=distro)


def failed_script(failure: Failure, *, distro: str) -> StepFailed | None:
    """Return the error for a script that failed although the command ended with status 0, or None."""
    from sandbox.managers.apt import errors as apt_errors

    return apt_errors.MESSAGES.failed_script(failure.output, distro)


def progress(line: str) -> str | None:
    """Return the progress in a line of apt-get or dpkg, such as `Unpacking htop`, or None for noise."""
    return match_progress(_PROGRESS, line)


_PROGRESS: Final = (
    (r"Get:\d+ \S+ \S+ \S+ (\S+) \S+ \S+ \[[^\]]+\]$", r"Get \1"),
    (r"Get:\d+ \S+ (\S+) (?:\S+ )?(\S+) \[[^\]]+\]$", r"Get \1 \2"),
    (r"(Unpacking|Setting up|Processing triggers for) ([^\s:(]+)", r"\1 \2"),
    (r"(Reading package lists|Building dependency tree|Solving dependencies)", r"\1"),
    (r"(Waiting for cache lock)", r"\1"),
    (r"(Fetched [\d.,]+ \w+)", r"\1"),
)

_FIELD: Final = re.compile(
    rb"^(Package|Status|Version|Architecture|Installed-Size|Auto-Installed):[ \t]*(.*?)[ \t\r]*$", re.MULTILINE
)


def _stanzas(content: bytes) -> Iterator[dict[str, str]]:
    """Yield the fields we read of each paragraph; deb-control(5): an empty line ends one."""
    for paragraph in content.split(b"\n\n"):
        if fields := _FIELD.findall(paragraph):
            yield {key.decode("ascii"): value.decode("utf-8", "replace") for key, value in fields}


def _key(stanza: Mapping[str, str]) -> tuple[str, str]:
    return stanza.get("Package", ""), stanza.get("Architecture", "")


def _package(stanza: Mapping[str, str], *, is_auto: bool, is_foreign: bool) -> Package:
    """Return the package of a paragraph; Installed-Size is in KiB (Policy 5.6.20)."""
    size = stanza.get("Installed-Size", "")
    name, architecture = _key(stanza)
    return Package(
        name=f"{name}:{architecture}" if is_foreign else name,
        version=stanza.get("Version", ""),
        architecture=architecture,
        size=int(size) * 1024 if size.isascii() and size.isdigit() else 0,
        explicit=not is_auto,
    )


def _arguments(packages: Sequence[PackageRef], *, recommends: bool) -> Iterator[str]:
    """Yield the options and the packages.

    A name that is not in the index and holds `.` or `+` is read by apt-get as a regular expression: `vim.t` installs
    ten packages of vim. Pattern-Only (apt 2.0 and later) switches this off; it stands only where it is needed.
    """
    yield "--install-recommends" if recommends else "--no-install-recommends"
    if any({".", "+"} & set(package.name) for package in packages if package.file is None):
        yield from ("-o", "APT::Cmd::Pattern-Only=true")
    if any(package.file for package in packages):
        yield "--allow-downgrades"  # a file is asked for as it is, also where a newer version is there
    for package in packages:
        yield package.file.path if package.file else _target(package)


def _target(package: PackageRef) -> str:
    if package.release:
        return f"{package.name}/{package.release}"
    return package.name if package.version is None else f"{package.name}={package.version}"
