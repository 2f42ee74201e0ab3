"""Files of this host that were typed as a package and are none: a list, a spec, a Dockerfile, an installer, a mount."""

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING, Final

from sandbox.core.plaintext import plain_line
from sandbox.errors import Advice, UsageError
from sandbox.specs.places import ENDINGS, STARTS, is_address, is_place

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

FIRST_BYTES: Final = 65_536
"""Bytes of a file that tell its kind."""
INSTALLERS: Final = (".sh", ".run", ".bin", ".py", ".appimage", ".zip", ".tar", ".tar.gz", ".tar.xz", ".tar.bz2")
SUSPICIOUS: Final = re.compile(
    r"(?i).+\.(txt|in|list|ya?ml|json|toml|sh|run|appimage|zip|tar(\.\w+)?)|brewfile|aptfile|dockerfile|containerfile"
)
"""Names of files that no package has. What else is called as a file here may be meant as a package, such as `htop`."""
_MOUNT: Final = re.compile(r"([^:]+):(/[^:]*)(:ro|:rw)?")


def check_typed_files(texts: Iterable[str], folder: Path, home: Path) -> None:
    """Raise UsageError for a text that stands for a file which is no package, with the line that was meant."""
    for text in texts:
        if is_address(text) or text.lower().endswith(ENDINGS) or "#" in text:
            continue
        if not (is_place(text) or SUSPICIOUS.fullmatch(text)):
            continue
        if is_place(text) and (mount := _MOUNT.fullmatch(text)) and not os.path.lexists(folder / text):
            raise _mount_error(text, mount)
        path = home / text[2:] if text.startswith("~/") else folder / text
        if error := _error(text, path):
            raise error


def _mount_error(text: str, mount: re.Match[str]) -> UsageError:
    source, target, mode = mount.groups()
    word = f"{source}:{target}{mode if mode == ':rw' else ''}"
    message = f"{plain_line(text, 200)} is not a package; a mount needs --mount, since -v is --verbose"
    return UsageError(message, hints=[Advice.mend((text, ""), more=("--mount", word))])


def _error(text: str, path: Path) -> UsageError | None:
    """Return the error for a file; None for what is missing and may be a name, and where nothing is known of it."""
    shown = plain_line(text, 200)
    try:
        mode = path.stat().st_mode
        text_of = _first_text(path) if stat.S_ISREG(mode) else ""
    except OSError as error:
        from sandbox.core.unreadable import unreadable_file

        return unreadable_file(path, error, shown=text) if is_place(text) else None
    if not stat.S_ISREG(mode):
        return None
    typed = text if text.startswith(STARTS) else f"./{text}"
    kind, options = _kind(path.name.lower(), text_of, is_program=bool(mode & stat.S_IXUSR))
    if not kind:
        return None
    message = f"{shown} is {kind}, not a package"
    return UsageError(message, hints=[Advice.mend((text, ""), more=(option, typed)) for option in options])


def _first_text(path: Path) -> str:
    """Return the beginning of a file as text; empty for a file that is none."""
    with path.open("rb") as file:
        data = file.read(FIRST_BYTES)
    return "" if b"\0" in data else data.decode("utf-8", "replace")


def _kind(name: str, text: str, *, is_program: bool) -> tuple[str, tuple[str, ...]]:
    """Return what a file is, and the options that take it; nothing where that can't be told."""
    from sandbox.specs.package_files.read import recognise

    if name.endswith(INSTALLERS) or is_program or text.startswith("#!"):
        return "an installer or a script", ("--run",)
    found = recognise(name, text) if text else ""
    if found == "dockerfile":
        return "a Dockerfile", ("--dockerfile", "--from")
    if name.endswith((".yaml", ".yml")) and found in {"spec", "names"}:
        return "a spec", ("--spec",)
    if found and (found != "names" or name.endswith((".txt", ".list", ".in"))):
        return "a list of packages", ("--from",)
    return "", ()
