"""Loads a spec from YAML with all problems at once, each with its position, and follows extends."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field
from msgspec.structs import replace

from sandbox.core.paths import NO_HOME, expand
from sandbox.errors import Advice, Problem, SpecError, UnknownWord, UsageError
from sandbox.specs.document import read_document
from sandbox.specs.extend import EITHER, LIMITS, Fragment, build, combine, identity
from sandbox.specs.fields import DOCUMENT, FIELDS
from sandbox.specs.model import Copy, Limits, Mount, Spec
from sandbox.specs.places import absolute

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sandbox.specs.shapes import Position, Reading

MAX_CHAIN: Final = 8
MAX_DOCUMENTS: Final = 64


class SpecText(Struct, frozen=True, kw_only=True):
    """The bytes of a spec: `source` names it in messages; its relative paths start at `folder`."""

    source: str
    data: bytes
    folder: Path
    name: str | None = None


Find = Callable[[str, Path], SpecText]
"""Finds what `extends` names, relative to a folder. Raises UsageError."""
Known = Callable[[str], object]
"""Checks a distro's name. Raises UsageError with the nearest one."""


class LoadedSpec(Struct, frozen=True, kw_only=True):
    """A spec, the position of each value (by path such as `packages[1]`), and the source documents."""

    spec: Spec
    source: str
    positions: Mapping[str, Position]
    sources: tuple[str, ...]
    file: Path | None = None
    """Its file, for files beside it; None for standard input."""


def load_spec(data: bytes, *, source: str, folder: Path | None = None) -> Spec:
    """Return the spec in a text without extends. Raises SpecError with all problems."""
    return load_document(SpecText(source=source, data=data, folder=folder or Path.cwd())).spec


def load_document(
    text: SpecText,
    *,
    home: Path = NO_HOME,
    find: Find | None = None,
    known: Known | None = None,
    defaults: Limits = LIMITS,
) -> LoadedSpec:
    """Return the spec with positions; raise SpecError with all problems of it and of what it extends.

    `home` is what `~` in host paths stands for, `find` follows `extends`, `known` knows the distros, `defaults` fill up
    a partial `limits`.
    """
    loader = _Loader(home=home, find=find, known=known)
    found = loader.fragment(text, ())
    if loader.problems:
        raise SpecError(text.source, loader.problems, hints=_hints(loader.problems))
    spec = build(found.values, name=text.name, defaults=defaults)
    file = text.folder / f"{text.name}.yaml" if text.name else None
    return LoadedSpec(spec=spec, source=text.source, positions=found.positions, sources=found.sources, file=file)


class _Loader(Struct, frozen=True, kw_only=True):
    """Loads a document and those it extends, each once, and collects all problems."""

    home: Path
    find: Find | None
    known: Known | None = None
    problems: list[Problem] = field(default_factory=list)
    done: dict[str, Fragment] = field(default_factory=dict)

    def fragment(self, text: SpecText, chain: tuple[str, ...]) -> Fragment:
        """Return the document's values combined with those it extends."""
        if text.source in self.done:
            return self.done[text.source]
        own = self.own(text)
        extends = own.values.get("extends")
        names = extends if isinstance(extends, tuple) else ()
        found = Fragment()
        for index, name in enumerate(names):
            place = own.positions.get(f"extends[{index}]", (text.source, 1, 1))
            found = combine(found, self.parent(str(name), place, text, (*chain, text.source)))
        self.done[text.source] = combine(found, own)
        return self.done[text.source]

    def own(self, text: SpecText) -> Fragment:
        """Return the document's own values, or nothing if it has problems."""
        checks = {"distro": partial(_unknown, self.known)} if self.known else {}
        values, reading = read_document(DOCUMENT, text.data, source=text.source, checks=checks)
        if values and EITHER[0][0] in values and EITHER[0][1] in values:
            reading.problems.append(_clash(*EITHER[1], reading))
        if values:
            values = {key: self.settle(key, value, text, reading) for key, value in values.items()}
        self.problems.extend(reading.problems)
        return Fragment(values=values or {}, positions=reading.positions, sources=(text.source,))

    def settle(self, key: str, value: object, text: SpecText, reading: Reading) -> object:
        """Return the value with absolute host paths and without duplicates; record conflicts."""
        if key == "dockerfile" and isinstance(value, str):
            return expand(value, folder=text.folder, home=self.home)
        if not isinstance(value, tuple) or key in {"command", "extends"}:
            return value
        items = [self.absolute(item, text.folder, key) for item in value]
        if key == "repositories":
            from sandbox.specs.signing_keys import settle_repositories

            return settle_repositories(tuple(items), text.folder, reading)
        first: dict[object, int] = {}
        for index, item in enumerate(items):
            before = first.setdefault(identity(item), index)
            if items[before] != item:
                reading.problems.append(_clash(f"{key}[{index}]", f"{key}[{before}]", reading))
        return tuple(items)

    def absolute(self, item: object, folder: Path, key: str) -> object:
        if key == "packages" and isinstance(item, str):
            return absolute(item, folder=folder, home=self.home)
        if not isinstance(item, Mount | Copy):
            return item
        return replace(item, source=expand(item.source, folder=folder, home=self.home))

    def parent(self, name: str, place: Position, text: SpecText, chain: tuple[str, ...]) -> Fragment:
        """Return the values of the extended spec, or nothing and a problem at `place`."""
        try:
            found = self.find_text(name, text.folder)
            _check_chain((*chain, found.source), len(self.done))
        except UsageError as error:
            source, line, column = place
            self.problems.append(Problem(source=source, line=line, column=column, path="extends", message=error.brief))
            return Fragment()
        return self.fragment(found, chain)

    def find_text(self, name: str, folder: Path) -> SpecText:
        if self.find is None:
            raise UsageError("standard input can't use extends")
        return self.find(name, folder)


def _check_chain(chain: tuple[str, ...], documents: int) -> None:
    shown = " → ".join(chain)
    if chain[-1] in chain[:-1]:
        raise UsageError(f"forms a circle: {shown}")
    if len(chain) > MAX_CHAIN:
        raise UsageError(f"more than {MAX_CHAIN} levels deep: {shown}")
    if documents > MAX_DOCUMENTS:
        raise UsageError(f"more than {MAX_DOCUMENTS} documents")


def _clash(path: str, other: str, reading: Reading) -> Problem:
    source, line, column = reading.positions.get(path, (reading.source, 1, 1))
    message = f"conflicts with {other}"
    return Problem(source=source, line=line, column=column, path=path, message=message)


def _unknown(known: Known, distro: str) -> str:
    """Return why a text is not a distro, or ""."""
    try:
        known(distro)
    except UsageError as error:
        near = error.near if isinstance(error, UnknownWord) else ""
        return f"{error.brief}{f'; did you mean {near}?' if near else ''}"
    return ""


def _hints(problems: Iterable[Problem]) -> tuple[Advice, ...]:
    """Return the advice that explains the first known key with a problem."""
    keys = {entry.key for entry in FIELDS}
    for problem in problems:
        key = problem.path.replace("[", ".").partition(".")[0]
        if key in keys:
            return (Advice.sandbox("schema", "--doc", key),)
    return (Advice.sandbox("schema"),)
