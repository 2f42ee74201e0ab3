"""Combines the rows of a user's document with the known rows: override, descend, or add."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from sandbox.core.fuzzy import did_you_mean
from sandbox.distros.fields import DOCUMENT
from sandbox.distros.model import Distro, Release
from sandbox.errors import Advice, Problem, SpecError
from sandbox.specs.document import read_document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sandbox.specs.shapes import Reading

NEEDED: Final = ("image", "manager", "releases")
"""Keys that a row without `like` needs."""
SCHEMA_HINT: Final = Advice.sandbox("schema", "--distros")


def merge(rows: Sequence[Distro], data: bytes, *, source: str) -> tuple[Distro, ...]:
    """Return the rows with the document's above them: new ones first, so that their os-ids count first.

    Raise SpecError with all problems of the document, each with its place.
    """
    found, reading = read_document(DOCUMENT, data, source=source, empty=True)
    merging = _Merging(rows={row.name: row for row in rows}, reading=reading)
    if not reading.problems:
        for name, given in (found or {}).items():
            merging.add(name, given)
    if reading.problems:
        raise SpecError(source, _in_order(reading.problems), hints=[SCHEMA_HINT])
    known = {row.name for row in rows}
    new = [row for name, row in merging.rows.items() if name not in known]
    return (*new, *(merging.rows[row.name] for row in rows))


def _in_order(problems: Sequence[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda problem: (problem.line, problem.column))


class _Merging(Struct, frozen=True, kw_only=True):
    """The rows so far, by name; problems are recorded."""

    rows: dict[str, Distro]
    reading: Reading

    def add(self, name: str, given: Mapping[str, object]) -> None:
        """Add the row of that name, or record its problems."""
        start, like = self._start(name, given)
        if start is None:
            return
        own = {key: value for key, value in given.items() if key not in ("like", "releases")}
        row = _change(start, {"like": like, **own}) if own or like != start.like else start
        said = given.get("releases")
        kept = () if "like" in given and isinstance(said, tuple) else _releases_of(start, own)
        releases = _releases(said if isinstance(said, tuple) else (), kept)
        for message in _clashes(said if isinstance(said, tuple) else (), releases):
            self.refuse(name, "releases", message)
        self.rows[name] = replace(row, releases=tuple(replace(release, support="yours") for release in releases))

    def _start(self, name: str, given: Mapping[str, object]) -> tuple[Distro | None, str | None]:
        """Return the row that the new one starts from, and its `like`; None after a problem."""
        like = given.get("like")
        if isinstance(like, str):
            return self._relative(name, like), like
        if name in self.rows:
            return self.rows[name], self.rows[name].like
        missing = [key for key in NEEDED if key not in given]
        if missing:
            near = did_you_mean(name, self.rows)
            self.refuse(name, "", f"is unknown; it needs like, or else {', '.join(missing)}{near}")
            return None, None
        return _bare(name), None

    def _relative(self, name: str, like: str) -> Distro | None:
        if like not in self.rows:
            self.refuse(name, "like", f'unknown distro "{like}"{did_you_mean(like, self.rows)}')
            return None
        if name in self._line(like):
            self.refuse(name, "like", f"descends from itself: {' → '.join((name, *self._line(like)))}")
            return None
        ancestor = self.rows[like]
        return replace(ancestor, name=name, title=name, os_ids=(name,), like=like)

    def _line(self, name: str | None) -> tuple[str, ...]:
        """Return a row's name and its ancestors' names."""
        found: list[str] = []
        while name in self.rows and name not in found:
            found.append(name)
            name = self.rows[name].like
        return tuple(found)

    def refuse(self, name: str, key: str, message: str) -> None:
        """Record a problem of a row, or of its `key`, at its position."""
        path = f"{name}.{key}" if key else name
        source, line, column = self.reading.positions.get(path) or self.reading.positions[name]
        self.reading.problems.append(Problem(source=source, line=line, column=column, path=path, message=message))


def _bare(name: str) -> Distro:
    return Distro(name=name, title=name, manager="apt", releases=(), os_ids=(name,))


def _change(row: Distro, values: Mapping[str, object]) -> Distro:
    """Return the row with these values; with another mirror, the ancestor's snapshot service no longer applies."""
    change: Callable[..., Distro] = replace
    return change(row, **values, **({"snapshot": None} if "mirror" in values else {}))


def _releases_of(start: Distro, own: Mapping[str, object]) -> tuple[Release, ...]:
    """Return the known releases, with the row's new values applied to them."""
    renewed = {key: None for key in ("image", "manager") if key in own}
    change: Callable[..., Release] = replace
    return tuple(change(release, **renewed) for release in start.releases)


def _releases(said: Sequence[object], kept: Sequence[Release]) -> tuple[Release, ...]:
    """Return the releases as they are said, each upon the known one of its name, and the other known ones behind.

    A name that is said now is no longer a known one's alias: `testing` moves on.
    """
    make: Callable[..., Release] = Release
    change: Callable[..., Release] = replace
    known = {release.name: release for release in kept}
    found = [change(known[key], **values) if key in known else make(**values) for key, values in _by_name(said)]
    taken = {text for release in found for text in (release.name, *release.aliases)}
    rest = [release for release in kept if release.name not in taken]
    return (
        *found,
        *(replace(row, aliases=tuple(text for text in row.aliases if text not in taken)) for row in rest),
    )


def _by_name(said: Sequence[object]) -> Iterator[tuple[str, dict[str, object]]]:
    for values in said:
        if isinstance(values, dict):
            yield str(values["name"]), values


def _clashes(said: Sequence[object], releases: Sequence[Release]) -> Iterator[str]:
    if not releases:
        yield "a distro needs a release"
    names = [text for release in releases[: len(said)] for text in (release.name, *release.aliases)]
    for text in dict.fromkeys(text for text in names if names.count(text) > 1):
        yield f'two releases have the name "{text}"'
