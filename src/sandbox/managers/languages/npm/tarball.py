"""What a tarball of npm's says of itself. Sources: npm-pack(1), package.json(5): all is below one folder."""

from __future__ import annotations

import re
from typing import IO, Final

import msgspec.json
from msgspec import Struct

from sandbox.managers.languages.npm.driver import NAME as PART
from sandbox.managers.package_archives import ArchiveFacts, BrokenFile, FileInstall, members, valid_facts

NAME: Final = re.compile(rf"(?:@{PART}/)?{PART}")


class _Manifest(Struct, frozen=True):
    """The fields of package.json that say what it is and where it runs."""

    name: str
    version: str
    cpu: list[str] = []


def read(file: IO[bytes]) -> ArchiveFacts:
    """Return what package.json says, of a file that is read to its end. Raises BrokenFile."""
    found = members(file, wanted=lambda name: name.count("/") == 1 and name.endswith("/package.json"))
    if len(found) != 1:
        raise BrokenFile("it is no npm package: it has no package.json")
    try:
        said = msgspec.json.decode(next(iter(found.values())), type=_Manifest)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        raise BrokenFile(f"its package.json is damaged: {error}") from error
    wanted = [name for name in said.cpu if not name.startswith("!")]
    facts = ArchiveFacts(
        name=said.name,
        version=said.version,
        architecture=wanted[0] if len(wanted) == 1 else "any",
        file_name=f"{said.name.lstrip('@').replace('/', '-')}-{said.version}.tgz",
    )
    return valid_facts(facts, NAME)


FILES: Final = FileInstall(
    kind="an npm tarball", endings=(".tgz", ".tar.gz"), read=read, install=(), download=(), overwrite=(), present=()
)
