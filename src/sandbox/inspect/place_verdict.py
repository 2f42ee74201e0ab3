"""Sentences on files that others read, when they take effect, and on what happened to others' files and names: pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.core.human import count, names
from sandbox.inspect.calm import is_course, is_harmless, is_redirected, row_of
from sandbox.inspect.facts import Foreign, Link, Listening, Place, Start, TakenName
from sandbox.inspect.findings import Sentence
from sandbox.inspect.locations import effect_of, service_name
from sandbox.inspect.place_rule import FOLDER, PHRASES
from sandbox.inspect.service_verdict import HIDDEN, called_services, is_generator, services_of, unsaid_timers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sandbox.inspect.findings import Finding, Footprint, Kind
    from sandbox.inspect.place_rule import PlaceRule, When

ELSEWHERE: Final[frozenset[Kind]] = frozenset(("services", "timers", "sockets", "paths", "alternatives"))
"""Kinds of the table on which other sentences are, or may be."""


SEVERAL: Final = {
    "restarts": "restart",
    "runs": "run",
    "loads it": "load it",
    "names it": "name it",
    "is reached": "are reached",
}
"""The verbs of PHRASES for more than one."""


def place_sentences(found: Footprint) -> Iterator[Sentence]:
    """Yield what came to places where others look: a sentence for each time at which it takes effect."""
    told = {row.what for row in foreign_files(found)}
    rows = [row for row in found.findings if row.what not in told and row.kind not in ELSEWHERE]
    rows = [row for row in rows if not (_is_mask(row) or is_generator(row))]
    groups: dict[When, list[tuple[Finding, PlaceRule]]] = {}
    for row in (*rows, *unsaid_timers(found), *_unsaid_units(found)):
        rule = row_of(row)
        if rule is not None and not (rule.is_harmless or is_harmless(row)):
            groups.setdefault(_when(row, rule), []).append((row, rule))
    for when in PHRASES:
        if when in groups:
            yield _sentence(when, groups[when])
    if unknown := tuple(row.what for row in found.of("unknown")):
        text = f"Has {count(len(unknown), 'file')} with unknown effect"
        yield Sentence(text=f"{text}: {names(unknown, 3)}.", evidence=("unknown",))


def _when(row: Finding, rule: PlaceRule) -> When:
    """Return when something takes effect: of a unit how it starts, of a cron job whether it waits for a boot."""
    if row.kind == "cron" and isinstance(row.fact, Place) and row.fact.effect == PHRASES["boot"]:
        return "boot"
    if not isinstance(row.fact, Start) or row.fact.is_at_boot:
        return rule.when
    return "reached" if row.fact.is_with_another else "idle"


def _unsaid_units(found: Footprint) -> Iterator[Finding]:
    """Yield the sockets and paths of which no sentence says what they start or where they listen."""
    ports = {row.fact.unit for row in found.of("ports") if isinstance(row.fact, Listening)}
    called = {f"{name}.socket" for name, starts in services_of(found).items() if starts}
    said = {*called_services(found).values(), *ports, *called}
    for row in found.of("sockets", "paths"):
        if isinstance(row.fact, Start) and row.fact.how not in (*HIDDEN, "template", "changed"):
            yield from () if service_name(row.what) in said else (row,)


def _sentence(when: When, rows: Sequence[tuple[Finding, PlaceRule]]) -> Sentence:
    """Return a sentence as `Brings 2 udev rules and a cron job, in effect at once`."""
    numbers: dict[tuple[str, str], int] = {}
    for _, rule in rows:
        nouns = ("a hook into {}", "hooks into {}") if rule.event else (rule.one, rule.many)
        numbers[nouns] = numbers.get(nouns, 0) + 1
    events = names(tuple(dict.fromkeys(rule.event for _, rule in rows if rule.event)), 9)
    texts = tuple(
        (one if number == 1 else many if "{}" in many else f"{number} {many}").format(events)
        for (one, many), number in numbers.items()
    )
    who = tuple(dict.fromkeys(_who(row, rule) for row, rule in rows))
    verb = _verb(row for row, _ in rows)
    evidence = tuple(dict.fromkeys(row.kind for row, _ in rows))
    return Sentence(text=f"{verb} {names(texts, 12)}, {_phrase(when, who)}.", evidence=evidence)


def _phrase(when: When, who: tuple[str, ...]) -> str:
    """Return when something takes effect, with whoever restarts, runs or names it: one or several."""
    first, _, verb = PHRASES[when].partition(" {} ")
    if not verb:
        return first
    return f"{first} {names(who, 4)} {verb if len(who) == 1 else SEVERAL[verb]}"


def _who(row: Finding, rule: PlaceRule) -> str:
    """Return who restarts, runs or names a file: of a drop-in the unit, of a unit the one that it starts with."""
    if isinstance(row.fact, Start):
        return row.fact.name
    said = effect_of(row.what) if rule.who == FOLDER else ""
    first, _, last = PHRASES[rule.when].partition("{}")
    return said.removeprefix(first).removesuffix(last) if said else rule.who


def _verb(rows: Iterable[Finding]) -> str:
    changed = {isinstance(row.fact, Place) and row.fact.is_changed for row in rows}
    return "Brings or changes" if len(changed) > 1 else "Changes" if True in changed else "Brings"


def reach_sentences(found: Footprint) -> Iterator[Sentence]:
    """Yield what happened to files and names of others."""
    yield from _changes(found)
    moved = {row.what for row in foreign_files(found)}
    if diverted := tuple(row.what for row in found.of("diversions") if not (row.what in moved or is_harmless(row))):
        text = f"Replaces files that a host may have: {names(diverted, 3)}."
        yield Sentence(text=text, evidence=("diversions",))
    if overrides := tuple(row.what for row in found.of("overrides")):
        text = f"Makes dpkg keep owner and mode of {names(overrides, 3)}, whatever a package says."
        yield Sentence(text=text, evidence=("overrides",))
    if masks := tuple(row for row in found.findings if _is_mask(row)):
        units = names(tuple(dict.fromkeys(service_name(row.what) for row in masks)), 4)
        text = f"Keeps {count(len(masks), 'unit')} of others from starting: {units}."
        yield Sentence(text=text, evidence=tuple(dict.fromkeys(row.kind for row in masks)))
    if led := redirects(found):
        lead = "leads" if len(led) == 1 else "lead"
        yield Sentence(text=f"Changes where {names(led, 3)} {lead}.", evidence=("alternatives",))
    yield from _names(found)


def _is_mask(row: Finding) -> bool:
    return isinstance(row.fact, Start) and row.fact.how == "masks"


def _changes(found: Footprint) -> Iterator[Sentence]:
    """Yield the files that were there and are others now or gone, by whose they are, less what is broken."""
    rows = foreign_files(found)
    groups = (
        ("of other packages", [row for row in rows if isinstance(row.fact, Foreign) and row.fact.owners]),
        ("that no package owns", [row for row in rows if isinstance(row.fact, Foreign) and row.fact.owners == ()]),
        (
            "with unknown owner",
            [row for row in rows if isinstance(row.fact, Foreign) and row.fact.owners is None],
        ),
    )
    for whose, of_them in groups:
        if of_them:
            told = names(tuple(row.what for row in of_them), 3)
            text = f"Changes {count(len(of_them), 'file')} {whose}: {told}."
            yield Sentence(text=text, evidence=("foreign",))


def foreign_files(found: Footprint) -> list[Finding]:
    """Return the files of others that are changed or gone, less what is told as broken, and what changes of course."""
    broken = {row.what for row in found.of("damage")}
    rows = [row for row in found.of("foreign") if isinstance(row.fact, Foreign) and row.what not in broken]
    return [row for row in rows if (isinstance(row.fact, Foreign) and row.fact.owners) or not is_course(row.what)]


def redirects(found: Footprint) -> tuple[str, ...]:
    """Return the commands, of alternatives that were there before, which lead elsewhere now."""
    links = [(row.what, row.fact) for row in found.of("alternatives") if isinstance(row.fact, Link)]
    return tuple(path.rpartition("/")[2] for path, link in links if is_redirected(link))


def _names(found: Footprint) -> Iterator[Sentence]:
    """Yield the names that came and that others may have on a host."""
    by: dict[str, list[str]] = {}
    for row in found.of("names"):
        if isinstance(row.fact, TakenName):
            name = row.what.rpartition("/")[2]
            by.setdefault(row.fact.how, []).append(name if row.fact.how != "hides" else f"{row.fact.to} by {row.what}")
    for how, words in (
        ("is", "Becomes the host's {}."),
        ("choice", "Adds an alternative for {}."),
        ("hides", "Hides {}."),
    ):
        if how in by:
            yield Sentence(text=words.format(names(tuple(by[how]), 4)), evidence=("names",))
