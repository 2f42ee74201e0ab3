"""JavaScript's packages as the registry's tarballs, each held to its SHA-512, at the places where npm puts them.

npm resolves each package asked for in a folder of its own and says there what it put where (`.package-lock.json`).
From then on npm decides nothing more: the tarballs are unpacked at those places, and it links their commands and runs
their scripts. Sources: package-lock.json(5), npm-cache(1), npm-rebuild(1), cacache's description of its folders.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Final

from sandbox.core.programs import program, sh_argv
from sandbox.managers.languages.locked_files import STORE, LanguageFile
from sandbox.managers.languages.npm import driver as npm
from sandbox.managers.protocol import Query

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sandbox.managers.protocol import Argv, PackageRef

name: Final = npm.name
FOLDER: Final = f"{STORE}/{name}"


_PLACE: Final = rf"(?:node_modules/(?:@{npm.NAME}/)?{npm.NAME}/?)+"
_AT: Final = re.compile(rf"at (?P<root>\S+) (?P<place>{_PLACE}) (?P<version>\S+) (?P<sum>[0-9a-f]{{128}})")


def resolve(packages: Sequence[PackageRef]) -> Argv:
    """Return the argv that has npm resolve packages and keeps their tarballs."""
    return ("node", "-e", program(__package__, "files.js"), FOLDER, "resolve", *map(_word, packages))


def _word(package: PackageRef) -> str:
    return f"{package.name}={package.file.path}" if package.file else npm.npm_spec(package)


def fetch(files: Sequence[LanguageFile]) -> tuple[Argv, bytes]:
    """Return the argv that fetches these tarballs, and their places as its standard input."""
    return ("node", "-e", program(__package__, "files.js"), FOLDER, "fetch"), _tree(files)


def install_local(files: Sequence[LanguageFile]) -> tuple[Argv, bytes]:
    """Return the argv that notes the places of tarballs that are there."""
    return ("node", "-e", program(__package__, "files.js"), FOLDER, "bring"), _tree(files)


def place(file: LanguageFile, path: str) -> Argv:
    """Return the argv that puts the given tarball at a path where the fetched ones are."""
    return ("sh", "-c", 'mkdir -p "$2" && cp "$1" "$2/$3"', "sh", path, FOLDER, f"{_hex(file.digest)}.tgz")


def _tree(files: Iterable[LanguageFile]) -> bytes:
    rows = ((file.root.partition(":")[2], file.name, file.version, _hex(file.digest)) for file in files)
    return "".join(f"{' '.join(row)}\n" for row in rows).encode()


def _hex(digest: str) -> str:
    return base64.b64decode(digest.removeprefix("sha512-")).hex()


def install(packages: Sequence[PackageRef]) -> Argv:
    """Return the argv that unpacks what the tree names, and has npm do the rest."""
    return sh_argv(__package__, "files_install.sh", FOLDER)


def _stored_files(output: str) -> Iterable[LanguageFile]:
    lines = output.splitlines()
    found = (re.fullmatch(r"([0-9a-f]{128}) ([0-9]+) (/.+)", line) for line in lines)
    files: Mapping[str, tuple[int, str]] = {row[1]: (int(row[2]), row[3]) for row in found if row}
    for line in lines:
        at = _AT.fullmatch(line)
        if at and at["sum"] in files:
            size, path = files[at["sum"]]
            digest = base64.b64encode(binascii.unhexlify(at["sum"])).decode()
            yield LanguageFile(
                root=f"{name}:{at['root']}",
                name=at["place"],
                version=at["version"],
                size=size,
                digest=f"sha512-{digest}",
                path=path,
            )


list_stored: Final[Query[LanguageFile]] = Query(
    argv=sh_argv(__package__, "files_stored.sh", FOLDER),
    parse=lambda output: tuple(sorted(_stored_files(output))),
)
