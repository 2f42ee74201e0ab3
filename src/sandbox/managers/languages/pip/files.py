"""Python's packages as wheels, each held to its SHA-256.

What has no wheel is refused: to build one runs code that would have to be locked, too, with all that it is built by.
Sources: pip's own documentation (`pip download`, "secure installs"), PEP 427 (a wheel's file name).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox.core.programs import program, sh_argv
from sandbox.managers.languages.locked_files import STORE, LanguageFile, roots
from sandbox.managers.languages.pip import driver as pip
from sandbox.managers.protocol import Query

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sandbox.managers.protocol import Argv, PackageRef

name: Final = pip.name
FOLDER: Final = f"{STORE}/{name}"


_WHEEL: Final = re.compile(
    r"(?P<name>[A-Za-z0-9._]+)-(?P<version>[A-Za-z0-9._+!]+)(?:-[0-9]\w*)?-[^-]+-[^-]+-[^-]+\.whl"
)


def resolve(packages: Sequence[PackageRef]) -> Argv:
    """Return the argv that downloads the wheels of packages and of all that they need."""
    return sh_argv(__package__, "files_resolve.sh", FOLDER, *map(pip.requirement, packages))


def fetch(files: Sequence[LanguageFile]) -> tuple[Argv, bytes]:
    """Return the argv that downloads these wheels, and their requirements as its standard input."""
    lines = (f"{file.root.partition(':')[2]} {file.name}=={file.version} --hash={file.digest}\n" for file in files)
    return sh_argv(__package__, "files_fetch.sh", FOLDER, *roots(files, name)), "".join(lines).encode()


def install_local(files: Sequence[LanguageFile]) -> None:
    """Nothing else is needed: a wheel's name describes it."""


def place(file: LanguageFile, path: str) -> Argv:
    """Return the argv that puts the given wheel at a path where the downloaded ones are."""
    return ("sh", "-c", 'mkdir -p "$2" && cp "$1" "$2/"', "sh", path, f"{FOLDER}/{file.root.partition(':')[2]}")


def install(packages: Sequence[PackageRef]) -> Argv:
    """Return the argv that makes an environment of each package as pip.install does, from its folder alone."""
    return sh_argv(
        __package__,
        "files_install.sh",
        program(__package__, "install.sh"),
        FOLDER,
        *map(_requirement, packages),
    )


def _requirement(package: PackageRef) -> str:
    return f"{package.name}=={package.version}" if package.version else package.name


def _stored_files(output: str) -> Iterable[LanguageFile]:
    for line in output.splitlines():
        found = re.fullmatch(rf"([0-9a-f]{{64}}) ([0-9]+) ({re.escape(FOLDER)}/([a-z0-9-]+)/([^/]+))", line)
        wheel = _WHEEL.fullmatch(found[5]) if found else None
        if found and wheel:
            yield LanguageFile(
                root=f"{name}:{found[4]}",
                name=pip.normal(wheel["name"]),
                version=wheel["version"].replace("_", "-"),
                size=int(found[2]),
                digest=f"sha256:{found[1]}",
                path=found[3],
            )


list_stored: Final[Query[LanguageFile]] = Query(
    argv=sh_argv("sandbox.managers", "hashes.sh", f"{FOLDER}/*/*.whl"),
    parse=lambda output: tuple(sorted(_stored_files(output))),
)
