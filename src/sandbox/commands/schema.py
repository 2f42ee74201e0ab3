"""`sandbox schema`: JSON Schemas of specs and of JSON output, and explanations of a spec's keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, get_args

from sandbox.errors import Advice, UsageError
from sandbox.specs.schema import DIALECT, json_schema, key_doc, key_docs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.specs.schema import KeyDoc


def schema() -> Mapping[str, object]:
    """Return the JSON Schema (draft 2020-12), ready for json.dumps."""
    return json_schema()


def rows_schema() -> Mapping[str, object]:
    """Return the JSON Schema of distros.yaml, ready for json.dumps."""
    from sandbox.distros.fields import DOCUMENT

    return json_schema(DOCUMENT, title="sandbox distros")


Answer = Literal["inspect", "compare", "promote", "trial", "list"]
ANSWERS: Final[tuple[Answer, ...]] = get_args(Answer)
"""The verbs whose JSON output has a schema."""


def answer_schema(name: str) -> Mapping[str, object]:
    """Return the JSON Schema of what a verb prints as JSON, made of the values that it prints.

    Every key of now is needed, none that comes later is refused. Raise UsageError for a verb that has none.
    """
    from msgspec.json import schema_components

    verb = next((known for known in ANSWERS if known == name), None)
    if verb is None:
        message = f"no schema for the output of {name!r}"
        raise UsageError(
            message, details=[("schemas", ", ".join(ANSWERS))], hints=[Advice.sandbox("schema", "--of", "inspect")]
        )
    kind, version = _answer(verb)
    (top,), parts = schema_components([kind], ref_template="#/$defs/{name}")
    if finding := parts.get("Finding"):  # a fact is printed as a note, in words
        parts.pop("Fact")
        finding["properties"].pop("fact")
        finding["properties"]["note"] = {"type": "string"}
    for part in parts.values():
        for value in part.get("properties", {}).values():
            value.pop("default", None)
        if "properties" in part:
            part["required"] = list(part["properties"])
        if "description" in part:
            part["description"] = " ".join(part["description"].split())
    if version is not None:
        own = parts[top["$ref"].rpartition("/")[2]]
        own["properties"] = {"schema": {"const": version}, **own["properties"]}
        own["required"] = ["schema", *own["required"]]
    command = "promote --format json" if verb == "promote" else f"{verb} --json"
    return {"$schema": DIALECT, "title": f"sandbox {command}", **top, "$defs": parts}


def _answer(verb: Answer) -> tuple[object, int | None]:
    """Return the type of an answer, and the version printed before it if the type has none."""
    from sandbox.inspect.findings import SCHEMA

    match verb:
        case "inspect":
            from sandbox.inspect.findings import Inspection

            return Inspection, SCHEMA
        case "compare":
            from sandbox.inspect.comparison import Comparison

            return Comparison, SCHEMA
        case "promote":
            from sandbox.promote.formats.json_document import PromotionDocument

            return PromotionDocument, None
        case "trial":
            from sandbox.trials.json_document import TrialDocument

            return TrialDocument, None
        case "list":
            from sandbox.lifecycle.listing import SandboxInfo

            return tuple[SandboxInfo, ...], None


def documentation(key: str | None = None) -> tuple[KeyDoc, ...]:
    """Return the explanation of a key, or of all keys. Raises UsageError with the nearest key for an unknown one."""
    return key_docs() if key is None else (key_doc(key),)
