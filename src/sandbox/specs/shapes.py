"""Shapes of values in a document: words, lists, mappings and records; one object reads and describes each."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Generic, Literal, Protocol, TypeVar

from msgspec import Struct, field

from sandbox.core.yamltext import ListNode, MapNode, TextNode
from sandbox.errors import Problem
from sandbox.specs.kinds import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.core.yamltext import Node
    from sandbox.specs.kinds import Kind, Schema

T_co = TypeVar("T_co", covariant=True)

Position = tuple[str, int, int]
"""A source's name, line and column (from 1)."""


NO_CHECKS: Final[Mapping[str, Callable[[str], str]]] = MappingProxyType({})


class Reading(Struct, frozen=True, kw_only=True):
    """One document being read: its problems and the positions of its values are noted here.

    `checks`: what else is asked of the word at a path, for which a kind knows too little; it returns what is wrong.
    """

    source: str
    checks: Mapping[str, Callable[[str], str]] = NO_CHECKS
    problems: list[Problem] = field(default_factory=list)
    positions: dict[str, Position] = field(default_factory=dict)

    def refuse(self, node: Node, path: str, message: str) -> None:
        """Record a problem of the value at `path`."""
        place = {"source": self.source, "path": path, "message": message}
        self.problems.append(Problem(line=node.line, column=node.column, **place))

    def mismatch(self, node: Node, path: str, expected: str) -> None:
        """Record that the value at `path` has the wrong form."""
        self.refuse(node, path, f"expected {expected}, got {_form(node)}{_slip(node)}")

    def place(self, node: Node, path: str) -> None:
        """Record the position of the value at `path`."""
        self.positions[path] = (self.source, node.line, node.column)


class Shape(Protocol[T_co]):
    """The shape of values: what is expected, in words and as JSON Schema, and how to read it."""

    @property
    def expected(self) -> str:
        """The expected value, as the end of `expected ...`."""

    def read(self, node: Node, path: str, reading: Reading) -> T_co | None:
        """Return the value, or None after recording problems."""

    def schema(self) -> Schema:
        """Return the JSON Schema (draft 2020-12) of the value."""


class Word(Struct, Generic[T_co], frozen=True, kw_only=True):
    """A scalar of a kind."""

    kind: Kind[T_co]

    @property
    def expected(self) -> str:
        """The expected value, from the kind."""
        return self.kind.expected

    def read(self, node: Node, path: str, reading: Reading) -> T_co | None:
        """Return the value of the text, quoted or plain; an empty value is refused."""
        reading.place(node, path)
        if isinstance(node, MapNode):
            needs = "a text with a colon and a space needs quotes"
            reading.refuse(node, path, f"expected {self.expected}, got a mapping; {needs}")
            return None
        if not isinstance(node, TextNode) or node.is_null:
            reading.mismatch(node, path, self.expected)
            return None
        try:
            value = self.kind.parse(node.text)
        except ValueError as reason:
            reading.refuse(node, path, str(reason))
            return None
        if problem := reading.checks[path](node.text) if path in reading.checks else "":
            reading.refuse(node, path, problem)
            return None
        return value

    def schema(self) -> Schema:
        """Return the kind's schema."""
        return self.kind.schema


class ListOf(Struct, Generic[T_co], frozen=True, kw_only=True):
    """A list of equal shapes of at most `longest` items; with `single`, a single text is a list of one."""

    item: Shape[T_co]
    what: str
    longest: int = 1000
    single: bool = False

    @property
    def expected(self) -> str:
        """The expected list."""
        return f"a list of {self.what}"

    def read(self, node: Node, path: str, reading: Reading) -> tuple[T_co, ...] | None:
        """Return the items in order; each is placed as `path[index]`."""
        if self.single and isinstance(node, TextNode) and not node.is_null:
            node = ListNode(line=node.line, column=node.column, items=(node,))
        reading.place(node, path)
        if not isinstance(node, ListNode):
            reading.mismatch(node, path, f"{self.expected}{_as_list(node)}")
            return None
        if len(node.items) > self.longest:
            reading.refuse(node, path, f"more than {self.longest} items")
        values = [self.item.read(item, f"{path}[{i}]", reading) for i, item in enumerate(node.items)]
        return tuple(value for value in values if value is not None)

    def schema(self) -> Schema:
        """Return an array of the item's schema."""
        array = {"type": "array", "items": self.item.schema(), "maxItems": self.longest}
        return {"anyOf": [array, self.item.schema()]} if self.single else array


class Table(Struct, Generic[T_co], frozen=True, kw_only=True):
    """A mapping with free names of a kind to values of a shape."""

    name: Kind[str]
    value: Shape[T_co]
    what: str

    @property
    def expected(self) -> str:
        """The expected mapping."""
        return f"a mapping of {self.what}"

    def read(self, node: Node, path: str, reading: Reading) -> dict[str, T_co] | None:
        """Return the values by name in the document's order; each is placed as `path.name`."""
        reading.place(node, path)
        if not isinstance(node, MapNode):
            reading.mismatch(node, path, self.expected)
            return None
        found: dict[str, T_co] = {}
        for key, item in node.items:
            below = f"{path}.{key_name(key.text)}" if path else key_name(key.text)
            name = Word(kind=self.name).read(key, below, reading)
            value = self.value.read(item, below, reading)
            if name is not None and value is not None:
                found[name] = value
        return found

    def schema(self) -> Schema:
        """Return an object whose names have their kind's schema, and values their shape's."""
        names = {"propertyNames": self.name.schema, "additionalProperties": self.value.schema()}
        return {"type": "object", **names}


class Field(Struct, frozen=True, kw_only=True):
    """A key of a record: its shape, what it means, and how a child's value meets its parent's.

    `doc` is one line, `example` is YAML for the value. `combine`: the child's value replaces the parent's, is
    appended to it, or is merged into it by name.
    """

    key: str
    shape: Shape[object]
    doc: str
    default: str = ""
    example: str = ""
    required: bool = False
    combine: Literal["replace", "append", "merge"] = "replace"


class ObjectOf(Struct, Generic[T_co], frozen=True, kw_only=True):
    """A mapping with known keys, converted by `make`."""

    make: Callable[..., T_co]
    fields: tuple[Field, ...]

    @property
    def expected(self) -> str:
        """The expected keys."""
        return f"a mapping with {', '.join(entry.key for entry in self.fields)}"

    def _first_line(self) -> str:
        """Return what a document has to begin with."""
        shown = next((entry for entry in self.fields if entry.key == "packages"), self.fields[0])
        return f"a key and its value, as {shown.key}: {shown.example}" if shown.example else self.expected

    def read(self, node: Node, path: str, reading: Reading) -> T_co | None:
        """Return the result of `make`; record unknown and missing keys."""
        reading.place(node, path)
        if not isinstance(node, MapNode):
            reading.mismatch(node, path, self.expected if path else self._first_line())
            return None
        before = len(reading.problems)
        known = {entry.key: entry for entry in self.fields}
        values = {key.text: self._value(known, key, item, path, reading) for key, item in node.items}
        for entry in self.fields:
            if entry.required and entry.key not in values:
                reading.refuse(node, path, f"{entry.key} is missing: {entry.shape.expected}")
        return self.make(**values) if len(reading.problems) == before else None

    def schema(self) -> Schema:
        """Return an object with exactly these properties."""
        properties = {entry.key: _with_description(entry) for entry in self.fields}
        required = [entry.key for entry in self.fields if entry.required]
        rest = {"required": required} if required else {}
        return {"type": "object", "additionalProperties": False, "properties": properties, **rest}

    @staticmethod
    def _value(known: Mapping[str, Field], key: TextNode, item: Node, path: str, reading: Reading) -> object:
        below = f"{path}.{key_name(key.text)}" if path else key_name(key.text)
        if key.text in known:
            return known[key.text].shape.read(item, below, reading)
        from sandbox.core.fuzzy import did_you_mean

        reading.refuse(key, below, f"no such key{did_you_mean(key.text, known)}")
        return None


class OneOf(Struct, Generic[T_co], frozen=True, kw_only=True):
    """A mapping that is one of several records, identified by a key that only one has."""

    variants: Mapping[str, ObjectOf[T_co]]

    @property
    def expected(self) -> str:
        """The expected keys, one of several."""
        return f"a mapping with one of {', '.join(self.variants)}"

    def read(self, node: Node, path: str, reading: Reading) -> T_co | None:
        """Return the value of the variant whose key is present."""
        if not isinstance(node, MapNode):
            reading.mismatch(node, path, self.expected)
            return None
        present = [key.text for key, _ in node.items if key.text in self.variants]
        if len(present) == 1:
            return self.variants[present[0]].read(node, path, reading)
        reading.refuse(node, path, f"expected {'only one' if present else 'one'} of {', '.join(self.variants)}")
        return None

    def schema(self) -> Schema:
        """Return the choice of the variants' schemas."""
        return {"oneOf": [variant.schema() for variant in self.variants.values()]}


class TextOr(Struct, Generic[T_co], frozen=True, kw_only=True):
    """A text, or else a list or mapping of the other shape."""

    text: Shape[T_co]
    other: Shape[T_co]

    @property
    def expected(self) -> str:
        """Either of the two."""
        return f"{self.text.expected}, or {self.other.expected}"

    def read(self, node: Node, path: str, reading: Reading) -> T_co | None:
        """Return the value of the shape that fits the form."""
        if isinstance(node, TextNode):
            if node.is_null:
                reading.mismatch(node, path, self.expected)
                return None
            return self.text.read(node, path, reading)
        return self.other.read(node, path, reading)

    def schema(self) -> Schema:
        """Return the choice of both schemas."""
        return {"anyOf": [self.text.schema(), self.other.schema()]}


def key_name(key: str) -> str:
    """Return a key for a path: unchanged if it is short and plain, else quoted."""
    plain = key.replace("_", "").replace("-", "").replace(".", "").replace("/", "")
    return key if plain.isalnum() and plain.isascii() and len(key) <= 100 else quote(key)  # noqa: PLR2004


def _with_description(entry: Field) -> Schema:
    return {"description": entry.doc, **entry.shape.schema()}


def _form(node: Node) -> str:
    match node:
        case TextNode():
            return "nothing" if node.is_null else quote(node.text)
        case ListNode():
            return "a list"
        case MapNode():
            return "a mapping"


def _slip(node: Node) -> str:
    """Return what was probably meant by a value of another form than expected."""
    match node:
        case TextNode(quoted=False) if re.fullmatch(r"[A-Za-z_-]+:\S.*", node.text):
            return "; a space is missing after the colon"
        case TextNode(quoted=False) if re.match(r"-\w", node.text):
            return "; a space is missing after the dash"
        case _:
            return ""


def _as_list(node: Node) -> str:
    """Return how a list is written, of the words where it has any."""
    words = re.split(r"[\s,]+", node.text) if isinstance(node, TextNode) and not node.is_null else []
    plain = [word for word in words if re.fullmatch(r"[A-Za-z0-9][\w.+:=-]*", word)]
    return f" such as [{', '.join(plain)}]" if plain and len(plain) == len(words) else ""


class Checked(Struct, Generic[T_co], frozen=True, kw_only=True):
    """A shape whose whole value is checked too; `problem` returns what is wrong with it, or ""."""

    shape: Shape[T_co]
    problem: Callable[[T_co], str]

    @property
    def expected(self) -> str:
        """What the shape expects."""
        return self.shape.expected

    def read(self, node: Node, path: str, reading: Reading) -> T_co | None:
        """Return the value, or None after recording what is wrong with it."""
        reading.place(node, path)
        value = self.shape.read(node, path, reading)
        if value is not None and (message := self.problem(value)):
            reading.refuse(node, path, message)
            return None
        return value

    def schema(self) -> Schema:
        """Return the shape's schema."""
        return self.shape.schema()
