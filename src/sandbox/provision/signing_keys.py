"""Fetches the keys of a spec's repositories that lie at an address, and holds each to its checksum."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sandbox.core.plaintext import plain_line
from sandbox.errors import Advice, CheckFailed, UsageError
from sandbox.specs.kinds import InvalidValue
from sandbox.specs.public_keys import LARGEST_KEY, valid_key
from sandbox.specs.repository_fields import KEYS, key_format_problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.provision.context import Context
    from sandbox.specs.model import Repository, Spec

    Fetch = Callable[[str], bytes]
    """Returns what an address serves, at most LARGEST_KEY bytes. Raises UsageError."""


def has_remote_keys(spec: Spec) -> bool:
    """Return whether a key of the spec lies at an address and is not here yet."""
    return any(row.key and row.key.url and not row.key.content for row in spec.repositories)


def with_remote_keys(spec: Spec, fetch: Fetch) -> Spec:
    """Return the spec with the content of all keys; each address is asked once.

    Raise UsageError for what is no key, CheckFailed for another one than the spec names.
    """
    known: dict[str, bytes] = {}
    rows = []
    for row in spec.repositories:
        if row.key and row.key.url and not row.key.content:
            if row.key.url not in known:
                known[row.key.url] = fetch(row.key.url)
            rows.append(_with_key(row, known[row.key.url]))
        else:
            rows.append(row)
    return replace(spec, repositories=tuple(rows))


def _with_key(row: Repository, data: bytes) -> Repository:
    from hashlib import sha256

    key = row.key
    if key is None:
        return row
    url, found = plain_line(key.url, 200), sha256(data).hexdigest()
    if found != key.sha256:
        raise CheckFailed(
            f"the key of the repository {row.name} is not the one that the spec names",
            details=[("address", url), ("the spec has", f"sha256:{key.sha256}"), ("it is", f"sha256:{found}")],
            hints=[Advice.say(f"ask the owner of the repository whether the key is new, then set {KEYS[row.format]}")],
        )
    try:
        made = replace(row, key=replace(key, content=valid_key(data, f"the key at {url}")))
    except InvalidValue as error:
        raise UsageError(str(error)) from None
    if problem := key_format_problem(made):
        raise UsageError(f"the repository {row.name}: {problem}")
    return made


def fetch_for(host: Context, *, allows_local: bool) -> Fetch:
    """Return what fetches a key through this host's network."""

    def get(url: str) -> bytes:
        from sandbox.provision.download import fetch
        from sandbox.provision.network import host_network

        network = host_network(host.environ, ca=host.settings.ca)
        file, _, _ = fetch(url, network=network, allows_local=allows_local, largest=LARGEST_KEY)
        with file:
            return file.read()

    return get
