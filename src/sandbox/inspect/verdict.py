"""Sentences about an inspection, each with the keys of its evidence. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sandbox.core.human import count, names, size
from sandbox.inspect.account_verdict import account_sentences, has_loud_accounts
from sandbox.inspect.booted_verdict import booted_sentences
from sandbox.inspect.calm import is_harmless
from sandbox.inspect.claims import NO_TRACE, NOTHING_CAME, NOTHING_RUNS, PACKAGES, RESIDUE, may_claim
from sandbox.inspect.desktop_verdict import desktop_sentences
from sandbox.inspect.facts import Harm, LostPackages, Privileges
from sandbox.inspect.findings import Residue, Sentence
from sandbox.inspect.host_packages import usual_sentences, without_usual
from sandbox.inspect.installers import begin_sentences, bring_sentences, nothing_sentence, path_sentence, undo_sentence
from sandbox.inspect.later_verdict import later_sentences
from sandbox.inspect.place_verdict import place_sentences, reach_sentences
from sandbox.inspect.residue import LOST
from sandbox.inspect.service_verdict import is_something_started, own_users, service_sentences

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from sandbox.inspect.facts import HarmKind
    from sandbox.inspect.findings import Footprint, RanInstaller

HARMS: tuple[HarmKind, ...] = ("gone", "emptied", "no longer executable", "replaced", "cut short")
"""What happened to files, worst first; anything else is a change of permissions."""
SMALL = 5
"""Most packages of a small install, if it is also light."""
LITTLE = 10_000_000
FEW = 2000
"""Most bytes and files of a light install."""
NOUNS = {
    "package": ("package", "packages"),
    "user": ("user", "users"),
    "group": ("group", "groups"),
    "unit": ("unit", "units"),
    "alternative": ("alternative", "alternatives"),
    "diversion": ("diversion", "diversions"),
    "override": ("stat-override", "stat-overrides"),
    "process": ("process", "processes"),
    "folder": ("empty folder", "empty folders"),
    "file": ("file", "files"),
    "changed": ("changed file", "changed files"),
    "gone": ("missing file or package that the base had", "missing files or packages that the base had"),
}


def verdict(
    footprint: Footprint,
    residue: Residue,
    unseen: Iterable[str] = (),
    unknown: Collection[str] = (),
    *,
    notes: Iterable[str] = (),
    installer: RanInstaller | None = None,
) -> tuple[Sentence, ...]:
    """Return the sentences, what matters first: what is broken, then `unseen`, those on what could not be vouched for.

    `unknown` are the KEYS that these leave open: nothing is called absent that rests on one. `notes` are on what was
    seen and is not listed. A sentence of calm stands only where every finding is known to be harmless, nothing was
    unseen and the purge did not fail. `installer`: what was run in place of packages.
    """
    texts = tuple(unseen)
    doubts = (Sentence(text=text, evidence=("unseen",)) for text in (*texts, *notes))
    own = without_usual(footprint)
    parts = (
        begin_sentences(installer) if installer else (),
        _damage(footprint),
        _changes(footprint),
        doubts,
        service_sentences(own),
        booted_sentences(own),
        later_sentences(own),
        _power(own),
        account_sentences(own, own_users(own)),
        place_sentences(own),
        reach_sentences(own),
        usual_sentences(footprint),
        _end_of_installer(installer, footprint, residue, unknown)
        if installer
        else _end(footprint, residue, unknown, is_blind=bool(texts)),
        desktop_sentences(own),
    )
    return tuple(sentence for part in parts for sentence in part)


def _damage(found: Footprint) -> Iterator[Sentence]:
    """Yield sentences on damage, worst first."""
    rows = found.of("damage")
    for lost in (row.fact.count for row in rows if isinstance(row.fact, LostPackages)):
        text = f"The package manager's database is broken: it no longer lists {count(lost, 'package')} of the base."
        yield Sentence(text=text, evidence=("damage",))
    groups: dict[str, list[str]] = {how: [] for how in HARMS[:-1]}
    for row in rows:
        if isinstance(row.fact, Harm):
            groups.setdefault(row.fact.how if row.fact.how in HARMS else "", []).append(row.what)
    for word, paths in groups.items():
        if paths:
            be = "is" if len(paths) == 1 else "are"
            verb = (
                f"{be} {word}" if word else "has other permissions now" if be == "is" else "have other permissions now"
            )
            text = f"{count(len(paths), 'file')} of the base {verb}: {names(tuple(paths), 3)}."
            yield Sentence(text=text, evidence=("damage",))


def _changes(found: Footprint) -> Iterator[Sentence]:
    """Yield what becomes of packages that were there before."""
    for verb, rows in (("Removes", found.removed), ("Changes the version of", found.replaced)):
        if rows:
            text = f"{verb} {count(len(rows), 'package')} that the base had: {names(rows, 5)}."
            yield Sentence(text=text, evidence=(PACKAGES,))


def _power(found: Footprint) -> Iterator[Sentence]:
    rows, able = found.of("setuid"), found.of("capabilities")
    later = tuple(row.what for row in rows if isinstance(row.fact, Privileges) and row.fact.by)
    setuid = tuple(row for row in rows if row.what not in later)
    if later:
        have = "has" if len(later) == 1 else "have"
        text = f"From the next boot on, {names(later, 3)} {have} more rights than the user."
        yield Sentence(text=text, evidence=("setuid",))
    if setuid:
        verb = "runs" if len(setuid) == 1 else "run"
        text = f"Has {count(len(setuid), 'program')} that {verb} with more rights than the user"
        yield Sentence(text=f"{text}: {names(tuple(row.what for row in setuid), 3)}.", evidence=("setuid",))
    if able:
        text = f"Has {count(len(able), 'program')} with kernel capabilities"
        yield Sentence(text=f"{text}: {names(tuple(row.what for row in able), 3)}.", evidence=("capabilities",))


def _end(found: Footprint, residue: Residue, unknown: Collection[str], *, is_blind: bool) -> Iterator[Sentence]:
    if not found.packages:
        text = "No package was installed, but something changed." if found.findings else NOTHING_CAME
        text = text if may_claim(NOTHING_CAME, unknown) else "Could not see whether anything was installed."
        yield Sentence(text=text, evidence=(PACKAGES,))
    is_calm = all(map(is_harmless, found.findings)) and not (
        is_blind or residue.failure or is_something_started(found) or has_loud_accounts(found)
    )
    quiet = bool(found.packages) and is_calm and may_claim(NOTHING_RUNS, unknown)
    files = sum(bulk.files for bulk in found.bulks)
    small = len(found.packages) <= SMALL and found.measured <= LITTLE and files <= FEW
    if quiet:
        what = "Small and quiet" if small else "Quiet"
        parts = (
            count(len(found.packages), "package"),
            size(found.measured),
            count(len(found.commands), "command") if found.commands else "no commands",
        )
        yield Sentence(
            text=f"{what}: {', '.join(parts)}, {NOTHING_RUNS}.", evidence=("packages", "measured", "commands")
        )
    if found.packages or not may_claim(RESIDUE, unknown):
        yield from _broken_overrides(residue)
        yield _after(residue, unknown)


def _end_of_installer(
    ran: RanInstaller, found: Footprint, residue: Residue, unknown: Collection[str]
) -> Iterator[Sentence]:
    if found.packages:
        brought = tuple(row.name for row in found.packages if row.asked) or tuple(row.name for row in found.packages)
        text = f"Installs {count(len(found.packages), 'package')} by the package manager: {names(brought, 4)}."
        yield Sentence(text=text, evidence=(PACKAGES,))
    yield from bring_sentences(found)
    yield from path_sentence(ran)
    yield from nothing_sentence(found, unknown)
    yield from _broken_overrides(residue)
    yield undo_sentence(ran, _left_text(residue), residue.failure, unknown)


def counts_of(residue: Residue) -> Counter[str]:
    """Return how many things of each kind a purge left."""
    found = Counter[str]()
    for left in residue.left:
        found[left.kind] += left.count
    return found


def _broken_overrides(residue: Residue) -> Iterator[Sentence]:
    """Yield what keeps dpkg from working at all: a stat-override of somebody who is gone (dpkg 1.21, statdb.c)."""
    paths = tuple(row.what for row in residue.of("override") if row.note.startswith(LOST))
    if paths:
        who = f"a stat-override of {names(paths, 3)} names an owner or group that no longer exists"
        text = f"A purge breaks dpkg, so that it refuses every package: {who}."
        yield Sentence(text=text, evidence=(RESIDUE,))


def _after(residue: Residue, unknown: Collection[str]) -> Sentence:
    if residue.failure:
        return Sentence(text=f"Can't be purged: {residue.failure}.", evidence=("residue",))
    if residue.is_clean:
        text = NO_TRACE if may_claim(NO_TRACE, unknown) else "Could not see what a purge leaves."
        return Sentence(text=text, evidence=(RESIDUE,))
    return Sentence(text=f"Purging leaves {_left_text(residue)}.", evidence=("residue",))


def _left_text(residue: Residue) -> str:
    """Return what is left, as numbers of things; empty for nothing."""
    own = Residue(left=tuple(left for left in residue.left if not left.is_usual))
    counts = counts_of(own if own.left else residue)
    parts = tuple(count(counts[kind], *nouns) for kind, nouns in NOUNS.items() if counts[kind])
    return names(parts, 9) if own.left or not parts else f"only {names(parts, 9)} of packages that hosts have already"
