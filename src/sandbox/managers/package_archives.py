"""Package files that users give: what they say of themselves, and how a manager installs them.

A file's name says nothing: what stands in it counts. The readers are in the managers' own folders; they read a file
that may be hostile, with bounds, and raise BrokenFile where it is not what it has to be.
"""

from __future__ import annotations

import re
from typing import IO, TYPE_CHECKING, Final

from msgspec import Struct

from sandbox.core.compression import damage_errors, unpacked_chunks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sandbox.managers.protocol import Argv

FOLDER: Final = "/var/cache/sandbox-packages"
"""The place of the files while they are installed, each in a folder named by its checksum."""
LARGEST_TEXT: Final = 4_000_000
"""Most bytes of a description, or of a list in a package file."""
LARGEST_CONTENT: Final = 16_000_000_000
"""Most bytes that a package file may unpack to."""
VERSION: Final = r"[A-Za-z0-9][A-Za-z0-9.+~^:_!-]{0,150}"
PLACE: Final = re.escape(FOLDER) + r"/[0-9a-f]{16}/[A-Za-z0-9][A-Za-z0-9._+~:%@!-]{0,250}"
"""Regular expressions; as texts, since it takes 1.6 ms to compile them on the way to each prompt."""


class BrokenFile(ValueError):
    """A file is damaged, incomplete or of another kind; the message says what is wrong with it."""


class ArchiveFacts(Struct, frozen=True, kw_only=True):
    """What a package file says of itself. `file_name` is what it is called in a sandbox; for the rest see PackageFile.

    `architecture` is in the format's own word.
    """

    name: str
    version: str
    architecture: str
    file_name: str
    seal: str = ""
    needs: tuple[str, ...] = ()
    is_signed: bool = True


class FileInstall(Struct, frozen=True, kw_only=True):
    """How a manager installs package files.

    `kind` is what people call such a file, `endings` are those of its name. `read` returns what a file says of itself,
    and raises BrokenFile. `install` is the argv of an install of files alone, which stand behind it; empty where files
    stand among the packages of a usual install. `download` is the same for a mere download of what they need.
    `overwrite` is the argv that installs the file behind it whatever is there. `present` is the argv that prints which
    of the names behind it are installed, in whatever version, a line each; it may print other lines, too.
    """

    kind: str
    endings: tuple[str, ...]
    read: Callable[[IO[bytes]], ArchiveFacts]
    install: Argv
    download: Argv
    overwrite: Argv
    present: Argv


def place(sha256: str, file_name: str) -> str:
    """Return where a file lies in a sandbox."""
    return f"{FOLDER}/{sha256[:16]}/{re.sub('[^A-Za-z0-9._+~:%@!-]', '_', file_name)}"


def valid_facts(facts: ArchiveFacts, name: re.Pattern[str]) -> ArchiveFacts:
    """Return the facts; raise BrokenFile for a name or version that no package can have."""
    for what, text, pattern in (("name", facts.name, name), ("version", facts.version, re.compile(VERSION))):
        if not pattern.fullmatch(text) or len(text) > 150:  # noqa: PLR2004 - as VERSION
            shown = text[:40].encode("unicode_escape").decode("ascii")
            raise BrokenFile(f'it has no valid {what}: "{shown}"')
    return facts


def next_bytes(file: IO[bytes], size: int, what: str) -> bytes:
    """Return the next `size` bytes of a file. Raises BrokenFile if they are not all there."""
    found = file.read(size)
    if len(found) != size:
        raise BrokenFile(f"it ends in the middle of its {what}")
    return found


def members(file: IO[bytes], *, wanted: Callable[[str], bool]) -> dict[str, bytes]:
    """Return the contents of the `wanted` files of a tar that may be compressed, read to its end.

    Raises BrokenFile if it is damaged, or unpacks to more than LARGEST_CONTENT bytes.
    """
    return members_of(unpacked_chunks(file), wanted=wanted)


def members_of(pieces: Iterable[bytes], *, wanted: Callable[[str], bool]) -> dict[str, bytes]:
    """Return the same of a tar that comes in pieces."""
    import tarfile  # 10 ms with all that it imports, on the way to each prompt

    from sandbox.core.tar import chunk_file

    found: dict[str, bytes] = {}
    try:
        counted = _within_limit(pieces)
        with tarfile.open(fileobj=chunk_file(counted), mode="r|") as tar:
            for member in tar:
                name = member.name.removeprefix("./")
                if member.isreg() and wanted(name) and name not in found:
                    if member.size > LARGEST_TEXT:
                        raise BrokenFile(f"its {name[:40]} is too large")
                    stream = tar.extractfile(member)
                    found[name] = stream.read() if stream else b""
        for _ in counted:  # the checksum of a compressed file is at its end
            pass
    except damage_errors() as error:
        raise BrokenFile(str(error) or "it ends too early") from error
    return found


def _within_limit(pieces: Iterable[bytes]) -> Iterator[bytes]:
    total = 0
    for piece in pieces:
        total += len(piece)
        if total > LARGEST_CONTENT:
            raise BrokenFile(f"it unpacks to more than {LARGEST_CONTENT:,} bytes")
        yield piece


def fields_of(text: bytes) -> dict[str, list[str]]:
    """Return the values of lines as `key = value`, by key, as .PKGINFO of apk and pacman has them."""
    found: dict[str, list[str]] = {}
    for line in text.decode("utf-8", "replace").splitlines():
        key, equals, value = line.partition(" = ")
        if equals and not key.startswith("#"):
            found.setdefault(key.strip(), []).append(value.strip())
    return found


def one(fields: dict[str, list[str]], key: str) -> str:
    """Return the first value of a key, or an empty text."""
    return fields.get(key, [""])[0]
