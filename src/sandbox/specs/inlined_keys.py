"""A spec's text with the keys of its repositories in it: what a bundle holds needs no file beside it and no address."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from sandbox.errors import Advice, UsageError
from sandbox.specs.load import load_spec
from sandbox.specs.prepared_lines import key_name, prepared_lines
from sandbox.specs.repository_fields import KEYS, has_named_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.specs.model import Repository, SigningKey, Spec
    from sandbox.specs.shapes import Position


def with_inlined_keys(data: bytes, spec: Spec, positions: Mapping[str, Position]) -> bytes:
    """Return the text in which each key has its content in place of its file or address.

    `spec` is the text's, with the content of all keys. Raise UsageError for a key that stands there in no plain way.
    """
    lines = data.decode().split("\n")
    found = []
    for number, row in enumerate(spec.repositories):
        if row.key and row.key.content and (row.key.file or row.key.url):
            place = positions.get(f"repositories[{number}].{KEYS[row.format]}")
            if place is None:
                raise _place_error(row)
            found.append((place[1], place[2], row, row.key))
    for line, column, row, key in sorted(found, key=lambda item: item[:2], reverse=True):
        lines[line - 1] = _with_key(lines[line - 1], column - 1, row, key)
    text = "\n".join(lines).encode()
    if found and prepared_lines(load_spec(text, source="the spec")) != prepared_lines(spec):
        raise _place_error(found[0][2])
    return text


def _with_key(line: str, start: int, row: Repository, key: SigningKey) -> str:
    words = (key.file, f"./{key.file}") if key.file else (f"{key.url}#sha256={key.sha256}",)
    token = next((f"{q}{w}{q}" for w in words for q in ("", '"', "'") if line.startswith(f"{q}{w}{q}", start)), None)
    before = re.search(r"([\w-]+|\"[^\"]+\"|'[^']+')\s*:\s+$", line[:start])
    if token is None or before is None:
        raise _place_error(row)
    text = json.dumps(_text_of(key))
    rest = line[start + len(token) :]
    if not has_named_key(row) or row.field("key-name"):
        return f"{line[:start]}{text}{rest}"
    name = f"key-name: {json.dumps(key_name(row))}"
    is_block = line[: before.start()].strip() in ("", "-")
    if is_block:
        return f"{line[:start]}{text}\n{' ' * before.start()}{name}"
    return f"{line[:start]}{text}, {name}{rest}"


def _text_of(key: SigningKey) -> str:
    from sandbox.core.openpgp import armor

    if key.content.lstrip().startswith((b"-----BEGIN", b"<?xml")):
        return key.content.decode()
    return armor(key.content)


def _place_error(row: Repository) -> UsageError:
    message = f"the key of the repository {row.name} can't be written into the spec of a bundle"
    return UsageError(message, hints=[Advice.say(f"write the key itself behind {KEYS[row.format]}")])
