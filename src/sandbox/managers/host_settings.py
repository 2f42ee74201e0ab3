"""Files of a host's settings that may go into a sandbox: sources of public places, texts without comments, public keys.

What may not is said, each with its file and the reason.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from sandbox.core.openpgp import dearmor, public_keys
from sandbox.managers.host_state import HostFile

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

LARGEST: Final = 1_000_000
"""Bytes of a file that is read: the largest public keyring has 100,000."""
_OUR_OWN: Final = re.compile(r"localhost|127\.[\d.]+|::1|0\.0\.0\.0")


def plain_text(path: Path, left: list[str]) -> str:
    """Return a file's text without its comments, which may hold anything; empty for one that can't be read."""
    try:
        with path.open("rb") as file:
            text = file.read(LARGEST).decode(errors="replace")
    except OSError as error:
        left.append(f"{path}: {error.strerror}")
        return ""
    return "".join(f"{line}\n" for line in text.splitlines() if not line.lstrip().startswith("#"))


def refusal_of_source(urls: Iterable[str]) -> str:
    """Return why a source of these addresses is not taken, or ""."""
    found = [*urls]
    for url in found:
        try:
            parts = urlsplit(url)
            user, host = "@" in parts.netloc, parts.hostname or ""
        except ValueError:
            return "its address is not valid"
        if user:
            return "its address holds a user or a password"
        if parts.scheme not in ("http", "https"):
            return f"a sandbox can't reach {parts.scheme or 'file'}: sources"
        if _OUR_OWN.fullmatch(host):
            return "its address is this host's own"
    return "" if found else "it names no address"


def public_key_file(path: Path, target: str, left: list[str]) -> HostFile | None:
    """Return a file of OpenPGP's public keys; None for one that holds anything else, or can't be read."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST)
        found = public_keys(dearmor(data.decode()) if b"-----BEGIN PGP" in data else data)
    except OSError as error:
        left.append(f"{path}: {error.strerror}")
        return None
    except ValueError as error:
        left.append(f"{path}: it holds a secret key" if "secret" in str(error) else f"{path}: no public key")
        return None
    if not found:
        left.append(f"{path}: no public key")
    return HostFile(path=target, content=data) if found else None
