"""What verbs print as JSON, held to the schemas that are in docs/reference/schemas."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import jsonschema

SCHEMAS: Final = Path(__file__).parents[1] / "docs/reference/schemas"


def answer(verb: str, printed: bytes | str) -> Any:
    """Return a verb's answer; raise ValidationError for a key that is missing, of another type, or in no schema."""
    schema = json.loads((SCHEMAS / f"{verb}.json").read_text(encoding="utf-8"))
    for part in schema["$defs"].values():
        if "properties" in part:
            part["additionalProperties"] = False
    found = json.loads(printed)
    jsonschema.validate(found, schema, jsonschema.Draft202012Validator)
    return found
