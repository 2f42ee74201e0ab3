"""YAML in, as text with positions and within bounds, and YAML out with safe quoting."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from sandbox.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import yaml

    Plain = str | int | float | bool | None | Sequence["Plain"] | Mapping[str, "Plain"]

MAX_BYTES: Final = 256_000
MAX_DEPTH: Final = 20
MAX_NODES: Final = 10_000
MAX_ALIASES: Final = 100
MAX_PROBLEMS: Final = 100

NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
BOM: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"

_HIDDEN: Final = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff"
_REFUSED: Final = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029{_HIDDEN}]")
_REFUSED_ESCAPED: Final = re.compile(f"[\x00{_HIDDEN}]")
_NEEDS_QUOTES: Final = re.compile(r"[-+.]?[0-9].*|[-+]?\.(inf|nan)|y|n|yes|no|on|off|true|false|null|~|", re.IGNORECASE)


class TextNode(Struct, frozen=True, kw_only=True):
    """A scalar as it was written, without a type: `3.20` is "3.20" and `no` is "no"."""

    line: int
    column: int
    text: str
    quoted: bool = False

    @property
    def is_null(self) -> bool:
        """Whether it is empty, or a plain word that means null."""
        return not self.quoted and self.text in NULLS


class ListNode(Struct, frozen=True, kw_only=True):
    """A sequence and where it starts (line and column count from 1)."""

    line: int
    column: int
    items: tuple[Node, ...] = ()


class MapNode(Struct, frozen=True, kw_only=True):
    """A mapping in the document's order; its keys are unique."""

    line: int
    column: int
    items: tuple[tuple[TextNode, Node], ...] = ()


Node = TextNode | ListNode | MapNode


class Document(Struct, frozen=True, kw_only=True):
    """The parsed document (`root` is None if it is empty) and its problems in order."""

    root: Node | None
    problems: tuple[Problem, ...] = ()


class _Stop(Exception):
    """Parsing can't go on; the arguments are line, column (from 1) and the message."""

    def __init__(self, line: int, column: int, message: str) -> None:
        super().__init__(message)
        self.line, self.column, self.message = line, column, message


class _Open(Struct, frozen=True, kw_only=True):
    """A sequence or mapping that is not complete yet."""

    line: int
    column: int
    anchor: str | None
    is_map: bool
    children: list[_Built] = field(default_factory=list)


class _Built(Struct, frozen=True, kw_only=True):
    """A node with its totals after aliases are expanded: number of nodes, depth."""

    node: Node
    weight: int = 1
    height: int = 1


def parse(data: bytes, *, source: str) -> Document:
    """Parse the one document in `data` (UTF-8); `source` names it in problems. Never raises, never hangs."""
    builder = _Builder(source=source)
    root: Node | None = None
    try:
        root = builder.build(_decode(data))
    except _Stop as stop:
        builder.problems.append(builder.problem(stop.line, stop.column, stop.message))
    return Document(root=root, problems=tuple(sorted(builder.problems, key=lambda p: (p.line, p.column))))


def _decode(data: bytes) -> str:
    """Return the text without its byte order mark; stop at characters that no reader should see."""
    if len(data) > MAX_BYTES:
        raise _Stop(1, 1, f"larger than {MAX_BYTES // 1000} kB")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        raise _Stop(*_place(before), f"not UTF-8: byte 0x{data[error.start]:02x}") from None
    text = text.removeprefix(BOM)
    if found := _REFUSED.search(text):
        raise _Stop(*_place(text[: found.start()]), f"character {_code(found)} is not allowed")
    return text


def _place(before: str) -> tuple[int, int]:
    """Return line and column (from 1) of what follows `before`."""
    lines = re.split(r"\r\n|\r|\n", before.removeprefix(BOM))
    return len(lines), len(lines[-1]) + 1


def _code(found: re.Match[str]) -> str:
    return f"U+{ord(found.group()):04X}"


def _events(text: str) -> Iterator[yaml.Event]:
    """Yield the parser's events one by one, so that the bounds stop it early."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        yield from yaml.parse(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        said = str(error.problem or error.context)
        # PyYAML 6.0.4 has its own bound on depth, which its scanner reaches before it yields the first event
        at, begun = _start(error.problem_mark or error.context_mark), _start(error.context_mark or error.problem_mark)
        message = f"nested deeper than {MAX_DEPTH} levels"
        if "nesting depth" not in said:
            from sandbox.core.yaml_slips import Slip, explain

            slip = Slip(said=said, context=str(error.context or ""), at=at, begun=begun)
            at, message = explain(slip, re.split(r"\r\n|\r|\n", text))
        raise _Stop(*at, message) from None
    except (yaml.YAMLError, ValueError, OverflowError):  # the pure Python reader fails in chr() on \Uffffffff
        raise _Stop(1, 1, "not YAML: a character can't be read") from None


def _start(mark: yaml.error.Mark | yaml._yaml.Mark | None) -> tuple[int, int]:
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


class _Builder(Struct, frozen=True, kw_only=True):
    """Builds nodes from events with its own stack: no recursion, and all bounds are checked on the way."""

    source: str
    problems: list[Problem] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=list)
    anchors: dict[str, _Built | None] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=lambda: {"nodes": 0, "aliases": 0, "documents": 0})
    done: list[_Built] = field(default_factory=list)

    def build(self, text: str) -> Node | None:
        for event in _events(text):
            self.take(event, *_start(event.start_mark))
        root = self.done[0].node if self.done else None
        return None if isinstance(root, TextNode) and root.is_null else root

    def note(self, line: int, column: int, message: str) -> None:
        if len(self.problems) == MAX_PROBLEMS:
            raise _Stop(line, column, "and more problems")
        self.problems.append(self.problem(line, column, message))

    def problem(self, line: int, column: int, message: str) -> Problem:
        return Problem(source=self.source, line=line, column=column, path="", message=message)

    def take(self, event: yaml.Event, line: int, column: int) -> None:
        import yaml

        match event:
            case yaml.DocumentStartEvent():
                self.count("documents", 1, 1, (line, column), "more than one document")
            case yaml.AliasEvent():
                self.alias(event.anchor or "", line, column)
            case yaml.ScalarEvent():
                self.check(event, line, column)
                node = TextNode(line=line, column=column, text=event.value, quoted=not event.implicit[0])
                self.put(_Built(node=node), event.anchor, line, column)
            case yaml.SequenceStartEvent() | yaml.MappingStartEvent():
                self.open(event, line, column)
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                self.close()
            case _:
                pass

    def check(self, event: yaml.ScalarEvent, line: int, column: int) -> None:
        self.refuse_tag(event.tag, line, column)
        if found := _REFUSED_ESCAPED.search(event.value):
            self.note(line, column, f"character {_code(found)} is not allowed")

    def refuse_tag(self, tag: str | None, line: int, column: int) -> None:
        if tag is not None:
            self.note(line, column, "tags (!) are not supported; quote the value if it is text")

    def open(self, event: yaml.CollectionStartEvent, line: int, column: int) -> None:
        import yaml

        self.refuse_tag(event.tag, line, column)
        if len(self.stack) >= MAX_DEPTH:
            raise _Stop(line, column, f"nested deeper than {MAX_DEPTH} levels")
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        is_map = isinstance(event, yaml.MappingStartEvent)
        self.stack.append(_Open(line=line, column=column, anchor=event.anchor, is_map=is_map))

    def close(self) -> None:
        top = self.stack.pop()
        nodes = [child.node for child in top.children]
        node: Node
        if top.is_map:
            node = MapNode(line=top.line, column=top.column, items=self.pairs(nodes))
        else:
            node = ListNode(line=top.line, column=top.column, items=tuple(nodes))
        weight = sum(child.weight for child in top.children)
        height = 1 + max((child.height for child in top.children), default=0)
        # its children were already counted
        self.put(_Built(node=node, weight=weight + 1, height=height), top.anchor, top.line, top.column)

    def pairs(self, nodes: Sequence[Node]) -> tuple[tuple[TextNode, Node], ...]:
        found: dict[str, tuple[TextNode, Node]] = {}
        for key, value in zip(nodes[::2], nodes[1::2], strict=True):
            if not isinstance(key, TextNode) or key.is_null:
                self.note(key.line, key.column, "a key must be plain text")
            elif key.text == "<<" and not key.quoted:
                self.note(key.line, key.column, "merge keys (<<) are not supported; use extends")
            elif key.text in found:
                first = found[key.text][0]
                self.note(key.line, key.column, f"duplicate key; the first is on line {first.line}")
            else:
                found[key.text] = (key, value)
        return tuple(found.values())

    def alias(self, name: str, line: int, column: int) -> None:
        self.count("aliases", 1, MAX_ALIASES, (line, column), f"more than {MAX_ALIASES} aliases")
        target = self.anchors.get(name)
        if target is None:
            raise _Stop(line, column, "* begins an alias, but no value before it has that name; quote the text")
        if len(self.stack) + target.height - 1 > MAX_DEPTH:
            raise _Stop(line, column, f"nested deeper than {MAX_DEPTH} levels")
        self.put(target, None, line, column, counted=target.weight)

    def put(self, built: _Built, anchor: str | None, line: int, column: int, *, counted: int = 1) -> None:
        self.count("nodes", counted, MAX_NODES, (line, column), f"more than {MAX_NODES} values")
        if anchor is not None:
            self.anchors[anchor] = built
        (self.stack[-1].children if self.stack else self.done).append(built)

    def count(self, what: str, by: int, limit: int, place: tuple[int, int], message: str) -> None:
        self.counts[what] += by
        if self.counts[what] > limit:
            raise _Stop(*place, message)


def dump(value: Plain) -> str:
    """Return YAML for plain values; ambiguous text is quoted."""
    text = _dump(value, allow_unicode=True)
    return _dump(value, allow_unicode=False) if _REFUSED.search(text) else text


def _dump(value: Plain, *, allow_unicode: bool) -> str:
    import yaml

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - repeated values are written out
            return True

    Dumper.add_representer(str, _represent_text)
    Dumper.add_multi_representer(tuple, yaml.SafeDumper.represent_list)
    text: str = yaml.dump(value, Dumper=Dumper, sort_keys=False, allow_unicode=allow_unicode, width=MAX_BYTES)
    return text.removesuffix("...\n")


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text.strip("\n") else "'" if _NEEDS_QUOTES.fullmatch(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)
