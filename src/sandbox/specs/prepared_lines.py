"""What a spec sets before the packages, as lines of its lock: by them a lock is known to be out of date."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from sandbox.core.plaintext import plain_line
from sandbox.specs.public_keys import plain_key
from sandbox.specs.repository_fields import has_named_key

if TYPE_CHECKING:
    from sandbox.specs.model import Repository, SigningKey, Spec

SHOWN: Final = 60
"""Characters of a command to show; its checksum stands for all of it."""


def prepared_lines(spec: Spec) -> tuple[str, ...]:
    """Return a line for each repository, pin, architecture, answer and command, in their order.

    A key counts by its content, wherever and however that is written: a bundle has it as text in the spec.
    """
    return (
        *(f"repository {row.name} {_digest(_plain_repository(row))}" for row in spec.repositories),
        *(f"pin {row.priority} {row.pin} {row.package}" for row in spec.pins),
        *(f"architecture {name}" for name in spec.architectures),
        *(f"answer {row.package} {row.question} {row.type} {row.value}" for row in spec.answers),
        *(f"before {plain_line(' '.join(text.split()), SHOWN)} {_digest(text)}" for text in spec.before),
    )


def key_name(row: Repository) -> str:
    """Return the name of a repository's key file: the one that it says, else that of its file or address."""
    place = (row.key.file or row.key.url) if row.key else ""
    return row.field("key-name") or place.partition("?")[0].rpartition("/")[2]


def _plain_repository(row: Repository) -> list[object]:
    fields = [pair for pair in row.fields if pair[0] != "key-name"]
    name = key_name(row) if has_named_key(row) else ""
    return [row.format, fields, _key_text(row.key), name]


def _key_text(key: SigningKey | None) -> str:
    if key is None:
        return ""
    if not key.content:
        return key.path or key.sha256
    return sha256(plain_key(key.content)).hexdigest()


def _digest(value: object) -> str:
    return f"sha256:{sha256(json.dumps(value).encode()).hexdigest()}"
