"""Which manager takes a package file, and the commands that install one."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sandbox.core.programs import text_argv
from sandbox.errors import UsageError
from sandbox.managers.package_archives import PLACE, VERSION, FileInstall
from sandbox.managers.registry import LANGUAGES, NAMES, data_of, find_data, language_family

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.managers.languages.base import LanguageManager
    from sandbox.managers.package_files import Archive
    from sandbox.managers.protocol import Argv, Manager, PackageRef
    from sandbox.managers.registry import ManagerName

OTHER: Final = "sandbox: {} is installed, but not from the file that was given"
UNKNOWN: Final = {
    ".crate": "cargo takes crates from a registry only",
    ".snap": "snaps need snapd, which needs a booted system",
    ".flatpak": "flatpaks need a user's session",
    ".appimage": "an AppImage is not a package, but a program: try and inspect run it with --run",
    ".gem": "gems are taken from a registry only",
    ".xbps": "xbps installs files from a repository only",
    ".ebuild": "portage takes ebuilds from a repository only",
    ".src.rpm": "it is a source package, and sandbox installs binary ones",
    ".dsc": "it is a source package, and sandbox installs binary ones",
    ".udeb": "it is a package for Debian's installer",
    ".changes": "it describes an upload, and holds no package",
}
"""Endings of files that no manager here takes, and why."""


def source_of(file_name: str, manager: ManagerName) -> str | None:
    """Return the language whose manager takes a file of that name, empty for the distro's own, None for neither."""
    own = data_of(manager).package_files
    if not isinstance(own, str) and file_name.lower().endswith(own.endings):
        return ""
    for language in LANGUAGES:
        way = language_family(language).data().package_files
        if not isinstance(way, str) and file_name.lower().endswith(way.endings):
            return language
    return None


def way_of(manager: str, source: str = "") -> FileInstall:
    """Return how a manager installs files, or that of the language `source`. Raises UsageError for one that can't."""
    name = source or manager
    found = next((language_family(known).data().package_files for known in LANGUAGES if known == source), None)
    if found is None:
        data = find_data(manager)
        found = data.package_files if data else "it is not known here"
    if isinstance(found, str):
        message = f"{name} can't install a file: {found}"
        raise UsageError(message)
    return found


def takers(file_name: str) -> tuple[str, tuple[ManagerName, ...]]:
    """Return what people call a file of that name, and the distros' managers that take it; empty for none."""
    kind, found = "", []
    for name in NAMES:
        way = data_of(name).package_files
        if not isinstance(way, str) and file_name.lower().endswith(way.endings):
            kind = way.kind
            found.append(name)
    return kind, tuple(found)


def kinds(manager: ManagerName) -> tuple[str, ...]:
    """Return the kinds of files that can be tried on a distro with this manager."""
    ways = (data_of(manager).package_files, *(language_family(name).data().package_files for name in LANGUAGES))
    return tuple(way.endings[0] for way in ways if not isinstance(way, str))


def files_among(packages: Sequence[PackageRef]) -> tuple[PackageRef, ...]:
    """Return the packages that come from files."""
    return tuple(ref for ref in packages if ref.file is not None)


def with_files(
    manager: Manager | LanguageManager, argv: Argv, packages: Sequence[PackageRef], options: Argv = ()
) -> Argv:
    """Return an install's argv that holds also where files are among the packages: these are what is installed then.

    A manager may do nothing where the file's version is there already, or take an index's package of the same version:
    `apt-get install ./x.deb` ends with 0 then (apt 2.6.2, 3.0.4). `options` stand behind a second command's program.
    """
    files = files_among(packages)
    if not files:
        return argv
    way = way_of(manager.name, files[0].source)
    if not (way.install or way.overwrite):
        return argv
    lines = [_had_it(manager, way, files), '"$@" || exit']
    if way.install:
        lines.append(f"{shlex.join((way.install[0], *options, *way.install[1:], *map(_path, files)))} || exit")
    if way.overwrite:
        for ref in files:
            said = shlex.quote(OTHER.format(ref.name))
            lines.append(f"has_it() {{ {_check(manager, ref)}; }}")
            lines.append(f'case $had in *" {ref.name} "*) false ;; *) has_it >/dev/null 2>&1 ;; esac || {{')
            lines.append(f"    {shlex.join((*way.overwrite, _path(ref)))} || exit")
            lines.append(f"    has_it >/dev/null 2>&1 || {{ echo {said} >&2; exit 1; }}")
            lines.append("}")
    return text_argv("\n".join(lines), *argv)


def _check(manager: Manager | LanguageManager, ref: PackageRef) -> str:
    return " | ".join(shlex.join(words) for words in manager.is_installed(ref))


def _had_it(manager: Manager | LanguageManager, way: FileInstall, files: Sequence[PackageRef]) -> str:
    """Return the lines that find which of the files' packages are there in their versions before the install.

    One process finds those that are there at all, mostly none: to ask for the version of each takes five, a file.
    """
    names = shlex.join((*way.present, *(ref.name for ref in files)))
    checks = [(shlex.quote(ref.name), _check(manager, replace(ref, file=None))) for ref in files]
    lines = (
        f'case $here in *"$line"{name}"$line"*)\n'
        f'    if {{ {check}; }} >/dev/null 2>&1; then had="${{had}}"{name}" "; fi ;;\n'
        "esac"
        for name, check in checks
    )
    return "\n".join((f"line='\n' had=' '\nhere=$line$({names} 2>/dev/null)$line", *lines))


def download_with_files(
    manager: Manager | LanguageManager, argv: Argv, packages: Sequence[PackageRef], options: Argv = ()
) -> Argv:
    """Return the argv of a mere download, also of what files need."""
    files = files_among(packages)
    if not files:
        return argv
    way = way_of(manager.name, files[0].source)
    if not way.download:
        return argv
    more = shlex.join((way.download[0], *options, *way.download[1:], *map(_path, files)))
    return text_argv(f'"$@" && {more}', *argv)


def _path(ref: PackageRef) -> str:
    return ref.file.path if ref.file else ""


def archives_of(manager: ManagerName, packages: Sequence[PackageRef]) -> tuple[Archive, ...]:
    """Return the files among a distro's packages as its downloads are listed."""
    from sandbox.managers.package_files import Archive, version_of_file
    from sandbox.managers.protocol import Package

    rows = []
    for ref in files_among(packages):
        if ref.source or ref.file is None:
            continue
        package = Package(
            name=ref.name,
            version=ref.version or "",
            architecture=ref.file.architecture,
            size=0,
            explicit=True,
        )
        rows.append(
            Archive(
                name=ref.name,
                version=version_of_file(manager, package),
                size=ref.file.size,
                sha256=ref.file.sha256,
                path=ref.file.path,
            )
        )
    return tuple(rows)


def unique_packages(packages: Sequence[PackageRef]) -> tuple[PackageRef, ...]:
    """Return packages, each once: a name that a file brings is the file's. Raises UsageError for two that differ."""
    files: dict[str, PackageRef] = {}
    for ref in files_among(packages):
        before = files.setdefault(ref.full_name, ref)
        if before.file and ref.file and before.file.sha256 != ref.file.sha256:
            rows = [("file", before.file.source), ("file", ref.file.source)]
            raise UsageError(f"two files are of the package {ref.full_name}", details=rows)
    found: dict[PackageRef, None] = {}
    for ref in packages:
        file = files.get(ref.full_name)
        if file is not None and ref.version not in (None, file.version):
            rows = [("file", file.file.source if file.file else ""), ("asked for", ref.text)]
            raise UsageError(f"{ref.full_name} is asked for in two versions", details=rows)
        found[file or ref] = None
    return tuple(found)


def check_file(ref: PackageRef) -> None:
    """Raise UsageError for a package's file that no file of ours can be, as one from a journal that was changed."""
    file = ref.file
    if file is None:
        return
    is_ours = (
        re.fullmatch(PLACE, file.path)
        and f"/{file.sha256[:16]}/" in file.path
        and len(file.sha256) == 64  # noqa: PLR2004 - SHA-256 in hexadecimal
        and file.sha256.isalnum()
        and re.fullmatch(VERSION, ref.version or "")
        and file.source.isprintable()
        and file.source.startswith(("/", "https://"))
        and all(character.isalnum() or character in "+/=.:_-" for character in file.seal)
    )
    if not is_ours:
        message = f"the record of {ref.full_name} names an invalid file"
        raise UsageError(message)


def unknown_reason(file_name: str) -> str:
    """Return why no manager takes a file of that name, empty where nothing is known of it."""
    return next((why for ending, why in UNKNOWN.items() if file_name.lower().endswith(ending)), "")
