"""The public keys that sign repositories: as a spec names them, and what they hold.

Known are keys of OpenPGP in armour or as they are, of apk in PEM, and of xbps as a property list.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox.specs.kinds import SCALAR_TYPES, InvalidValue, Kind, quote
from sandbox.specs.model import SigningKey

if TYPE_CHECKING:
    from sandbox.core.openpgp import PublicKey

LARGEST_KEY: Final = 64_000
"""Bytes of a key: the largest public keyrings are below."""
_CHECKSUM: Final = r"https://[A-Za-z0-9\[][A-Za-z0-9._~:/?@!$&()*+,;=%\[\]-]*#sha256=[0-9a-f]{64}"


def _key(text: str) -> SigningKey:
    if "\n" in text.strip() or text.startswith(("-----BEGIN", "<?xml")):
        return SigningKey(content=valid_key(f"{text.rstrip()}\n".encode(), "the key"))
    if text.startswith("file://"):
        text = text.removeprefix("file://")
    if "://" in text:
        if not re.fullmatch(_CHECKSUM, text):
            raise InvalidValue(
                f"expected https://ADDRESS#sha256=CHECKSUM, got {quote(text)}: what an address gives may change; "
                "sha256sum prints the checksum of the key that you trust"
            )
        url, _, checksum = text.partition("#sha256=")
        return SigningKey(url=url, sha256=checksum)
    if not text.isprintable() or len(text) > 500 or not text.strip():  # noqa: PLR2004
        raise ValueError
    if ".." in text.split("/"):
        raise InvalidValue(f"expected a file in the folder of the spec, got {quote(text)}")
    if text.startswith("/"):
        if not re.fullmatch(r"/[A-Za-z0-9._@+/:-]+", text):
            raise ValueError
        return SigningKey(path=text)
    if text.startswith("~"):
        raise InvalidValue(f"expected a file in the folder of the spec, got {quote(text)}")
    return SigningKey(file=text.removeprefix("./"))


KEY: Final = Kind(
    expected="a public key, the name of its file beside the spec, its path in the sandbox, or https://...#sha256=...",
    convert=_key,
    schema={"type": SCALAR_TYPES, "minLength": 1, "maxLength": LARGEST_KEY},
)


def valid_key(data: bytes, what: str) -> bytes:
    """Return a public key's content; `what` names it. Raises InvalidValue for what is none, and for a secret one.

    Known are keys of OpenPGP in armour or as they are, of apk in PEM, and of xbps as a property list.
    """
    from sandbox.core.openpgp import dearmor, public_keys

    if len(data) > LARGEST_KEY:
        raise InvalidValue(f"{what} has more than {LARGEST_KEY} bytes")
    if re.search(rb"-----BEGIN [A-Z0-9 ]*PRIVATE KEY", data):
        raise InvalidValue(f"{what} is a private key, which nobody else may have: export the public one")
    if data.lstrip().startswith((b"-----BEGIN PUBLIC KEY-----", b"<?xml")):
        end = b"-----END PUBLIC KEY-----" if data.lstrip().startswith(b"-") else b"</plist>"
        if end not in data:
            raise InvalidValue(f"{what} is incomplete: it has no {end.decode()}")
        return data
    try:
        keys = public_keys(dearmor(data.decode()) if b"-----BEGIN PGP" in data else data)
    except ValueError as error:
        secret = "secret" in str(error)
        raise InvalidValue(
            f"{what} is a private key, which nobody else may have: export the public one"
            if secret
            else f"{what} is no public key, or is damaged"
        ) from None
    if not keys:
        raise InvalidValue(f"{what} holds no public key")
    return data


def plain_key(data: bytes) -> bytes:
    """Return a key's content without its armour, or without what is around its text."""
    from sandbox.core.openpgp import dearmor

    try:
        if b"-----BEGIN PGP" in data:
            return dearmor(data.decode())
    except ValueError:
        return data
    return data.strip() if data.lstrip().startswith((b"-----BEGIN", b"<?xml")) else data


def public_keys_of(key: SigningKey) -> tuple[PublicKey, ...]:
    """Return the OpenPGP keys in a key's content; none for a key of another kind."""
    from sandbox.core.openpgp import dearmor, public_keys

    data = key.content
    try:
        return public_keys(dearmor(data.decode()) if b"-----BEGIN PGP" in data else data)
    except ValueError:
        return ()


def fingerprints(key: SigningKey) -> tuple[str, ...]:
    """Return the fingerprints of the OpenPGP keys in a key's content."""
    return tuple(found.fingerprint for found in public_keys_of(key))
