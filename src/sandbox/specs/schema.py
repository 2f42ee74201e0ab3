"""The table of fields as JSON Schema (for editors), for `schema --doc` and for docs/reference/spec.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sandbox.errors import Advice, UsageError
from sandbox.specs import answer_fields, fields, pin_fields, repository_fields
from sandbox.specs.fields import DOCUMENT, FIELDS
from sandbox.specs.kinds import quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox.specs.shapes import Field, Shape

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

NESTED: Final[Mapping[str, tuple[tuple[str, tuple[Field, ...]], ...]]] = {
    "repositories": (
        ("for apt", repository_fields.DEB),
        ("or for dnf, yum, zypper and tdnf", repository_fields.RPM),
        ("or for apk", repository_fields.APK),
        ("or for pacman", repository_fields.PACMAN),
        ("or for xbps", repository_fields.XBPS),
    ),
    "pins": (("", pin_fields.PIN),),
    "answers": (("or a mapping", answer_fields.ANSWER),),
    "files": (("", fields.FILE),),
    "mounts": (("or a mapping", fields.MOUNT),),
    "copies": (("or a mapping", fields.COPY),),
    "limits": (("", fields.LIMITS),),
    "checks": (
        ("a command", fields.RUN_CHECK),
        ("or a file", fields.FILE_CHECK),
        ("or a port", fields.PORT_CHECK),
    ),
}
"""The records inside a key, each with the key that identifies it."""


class KeyDoc(Struct, frozen=True, kw_only=True):
    """The meaning of a key: `expected` is its form, `parts` are the keys inside, with their record's name."""

    key: str
    doc: str
    expected: str
    default: str
    example: str
    combines: str
    parts: tuple[tuple[str, Field], ...] = ()

    def lines(self) -> tuple[str, ...]:
        """Return the lines of `sandbox schema --doc`."""
        rows = [("is", self.expected), ("default", self.default), ("extends", self.combines)]
        shown = [f"  {label:<10}{text}" for label, text in rows if text]
        example = [f"  {'example':<10}{self.key}: {self.example}"] if self.example else []
        return (self.key, f"  {self.doc}", "", *shown, *example, *self._part_lines())

    def _part_lines(self) -> Iterator[str]:
        before, width = None, max([9, *(len(entry.key) for _, entry in self.parts)]) + 1
        for title, entry in self.parts:
            if title != before:
                yield from ("", *([f"  {title}"] if title else []))
                before = title
            default = f" Default {entry.default}." if entry.default else ""
            needed = " Needed." if entry.required else ""
            yield f"    {entry.key:<{width}}{entry.doc}{default}{needed}"


def json_schema(shape: Shape[object] = DOCUMENT, *, title: str = "sandbox spec") -> dict[str, object]:
    """Return the JSON Schema (draft 2020-12) of a document, a spec's unless another is given, of plain lists and dicts.

    It refuses no document that the loader takes; what only the loader knows (clashes, sizes of other units) it lets be.
    """
    head = {"$schema": DIALECT, "title": title}
    plain = _plain({**head, **shape.schema()})
    return {str(key): value for key, value in plain.items()} if isinstance(plain, dict) else {}


def key_doc(key: str) -> KeyDoc:
    """Return the meaning of a key. Raises UsageError with the nearest known key."""
    for entry in FIELDS:
        if entry.key == key.partition(".")[0]:
            return _key_doc(entry)
    from sandbox.core.fuzzy import nearest_words

    known = [entry.key for entry in FIELDS]
    near = nearest_words(key, known)
    raise UsageError(
        f"a spec has no key {quote(key)}{''.join(f'; did you mean {one}?' for one in near)}",
        details=[("known", ", ".join(known))],
        hints=[Advice.sandbox("schema", "--doc", *(near or ("packages",)))],
    )


def key_docs() -> tuple[KeyDoc, ...]:
    """Return the meaning of every key, in the table's order."""
    return tuple(_key_doc(entry) for entry in FIELDS)


def _key_doc(entry: Field) -> KeyDoc:
    met = {"replace": "replaces", "append": "adds to", "merge": "merges by name into"}
    return KeyDoc(
        key=entry.key,
        doc=entry.doc,
        expected=entry.shape.expected,
        default=entry.default,
        example=entry.example,
        combines="" if entry.key == "extends" else f"{met[entry.combine]} the value of the spec it extends",
        parts=tuple((title, part) for title, parts in NESTED.get(entry.key, ()) for part in parts),
    )


def _plain(value: object) -> object:
    match value:
        case dict():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case _:
            return value
