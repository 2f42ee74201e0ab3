"""Combines the values of a spec with those of the spec it extends, and keeps the position of each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field
from msgspec.structs import replace

from sandbox.specs.model import Answer, Copy, InlineFile, Limits, Mount, Port, Repository, Spec, VersionPin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sandbox.specs.shapes import Field, Position

LIMITS: Final = Limits()
EITHER: Final = (("image", "dockerfile"), ("dockerfile", "image"))
"""Keys of which a spec has only one: the child's replaces the parent's."""


class Fragment(Struct, frozen=True, kw_only=True):
    """A document's values by key, the position of each by path, and the source documents."""

    values: Mapping[str, object] = field(default_factory=dict)
    positions: Mapping[str, Position] = field(default_factory=dict)
    sources: tuple[str, ...] = ()


def combine(parent: Fragment, child: Fragment) -> Fragment:
    """Return both combined: the child's scalars win, lists add up without duplicates, mappings merge by name."""
    from sandbox.specs.fields import FIELDS  # options alone need no merging

    values: dict[str, object] = {}
    positions: dict[str, Position] = {}
    for entry in FIELDS:
        value, places = _merge_field(entry, parent, child)
        if value is not None:
            values[entry.key] = value
            positions.update(places)
    for one, other in EITHER:
        if one in child.values and other not in child.values:
            values.pop(other, None)
    sources = tuple(dict.fromkeys((*parent.sources, *child.sources)))
    return Fragment(values=values, positions=positions, sources=sources)


def build(values: Mapping[str, object], *, name: str | None = None, defaults: Limits = LIMITS) -> Spec:
    """Return the spec of values by key; a partial `limits` gets the missing values from the defaults."""
    make: Callable[..., Spec] = Spec
    limits = values.get("limits")
    whole = {"limits": replace(defaults, **limits, named=tuple(sorted(limits)))} if isinstance(limits, dict) else {}
    known = {key: value for key, value in values.items() if key not in {"extends", "limits"}}
    return make(**{"name": name, **{attribute(key): value for key, value in known.items()}, **whole})


def attribute(key: str) -> str:
    """Return the Spec attribute of a document's key."""
    return key.replace("-", "_")


def distinct(items: Sequence[object]) -> tuple[object, ...]:
    """Return the items in order; a later item replaces an earlier one with the same identity."""
    return tuple({identity(item): item for item in items}.values())


def identity(item: object) -> object:
    """Return the part of an item that must be unique: a file's path, a repository's name, a port, else the item."""
    match item:
        case InlineFile():
            return ("file", item.path)
        case Mount():
            return ("mount", item.target)
        case Repository():
            return ("repository", item.name)
        case Answer():
            return ("answer", item.package, item.question)
        case VersionPin():
            return ("pin", item.package, item.pin)
        case Copy():
            return ("copy", item.target, item.source.rpartition("/")[2])  # its target may be a folder for several
        case Port() if item.published:
            return ("port", item.host, item.published, item.protocol)
        case _:
            return item


def _merge_field(entry: Field, parent: Fragment, child: Fragment) -> tuple[object, dict[str, Position]]:
    old, new = parent.values.get(entry.key), child.values.get(entry.key)
    if entry.combine == "append" and (old or new):
        return _append(entry.key, parent, child)
    if isinstance(old, dict) and isinstance(new, dict):
        return {**old, **new}, {**_below(entry.key, parent), **_below(entry.key, child)}
    return (old, _below(entry.key, parent)) if new is None else (new, _below(entry.key, child))


def _append(key: str, parent: Fragment, child: Fragment) -> tuple[object, dict[str, Position]]:
    """Return the items of both in order; the child's replace the parent's with the same identity."""
    found: dict[object, tuple[object, dict[str, Position]]] = {}
    for item, places in [*_items(key, parent), *_items(key, child)]:
        found[identity(item)] = (item, places)
    items = tuple(item for item, _ in found.values())
    positions = _below(key, parent, itself=True) | _below(key, child, itself=True)
    for index, (_, places) in enumerate(found.values()):
        positions.update({f"{key}[{index}]{rest}": place for rest, place in places.items()})
    return items, positions


def _items(key: str, fragment: Fragment) -> Iterable[tuple[object, dict[str, Position]]]:
    places: dict[int, dict[str, Position]] = {}
    for path, place in _below(key, fragment).items():
        if found := re.fullmatch(r"\[([0-9]+)\](.*)", path[len(key) :], re.DOTALL):
            places.setdefault(int(found[1]), {})[found[2]] = place
    items = fragment.values.get(key)
    known = items if isinstance(items, tuple) else ()
    return ((item, places.get(index, {})) for index, item in enumerate(known))


def _below(key: str, fragment: Fragment, *, itself: bool = False) -> dict[str, Position]:
    """Return the positions of the key and its parts, or only its own."""
    ends = () if itself else (f"{key}.", f"{key}[")
    return {path: at for path, at in fragment.positions.items() if path == key or path.startswith(ends)}
