"""`sandbox schema`: the JSON Schema of a spec for editors, and what a key means for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.spec.schema import json_schema, key_doc, key_docs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.spec.schema import KeyDoc


def schema() -> Mapping[str, object]:
    """Return the JSON Schema (draft 2020-12), ready for json.dumps."""
    return json_schema()


def rows_schema() -> Mapping[str, object]:
    """Return the JSON Schema of a file of distros, ready for json.dumps."""
    from sandbox.distros.fields import DOCUMENT

    return json_schema(DOCUMENT, title="sandbox distros")


def documentation(key: str | None = None) -> tuple[KeyDoc, ...]:
    """Return what a key means, or all of them; raise UsageError with the nearest key for one that is none."""
    return key_docs() if key is None else (key_doc(key),)
