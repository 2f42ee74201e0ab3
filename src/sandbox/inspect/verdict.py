"""A few plain sentences about an inspection, each with the keys of what shows it: pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sandbox.core.human import count, names, size
from sandbox.inspect.account_verdict import account_sentences, has_loud_accounts
from sandbox.inspect.claims import NO_TRACE, NOTHING_CAME, NOTHING_RUNS, PACKAGES, RESIDUE, may_claim
from sandbox.inspect.facts import Foreign, Harm, Link, LostPackages, Place
from sandbox.inspect.findings import Sentence
from sandbox.inspect.service_verdict import is_something_started, own_users, service_sentences, unsaid_timers

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from sandbox.inspect.facts import HarmKind
    from sandbox.inspect.findings import Finding, Footprint, Kind, Residue

HARMS: tuple[HarmKind, ...] = ("gone", "emptied", "no longer executable", "replaced", "cut short")
"""What happened to files, what is worst first; all else are their rights."""
SMALL = 5
"""Packages up to which something is small, if it weighs little."""
LITTLE = 10_000_000
FEW = 2000
"""Bytes and files up to which it weighs little."""
RISKS: tuple[Kind, ...] = (
    "setuid",
    "capabilities",
    "sudoers",
    "pam",
    "modules",
    "udev",
    "repositories",
    "keys",
    "cron",
    "events",
    "autostart",
)
HOOKS: dict[Kind, tuple[str, str]] = {
    "sudoers": ("a rule for sudo", "rules for sudo"),
    "pam": ("a setting of logins (PAM)", "settings of logins (PAM)"),
    "modules": ("a setting or module of the kernel", "settings or modules of the kernel"),
    "udev": ("a udev rule", "udev rules"),
    "cron": ("a cron job", "cron jobs"),
    "timers": ("a timer", "timers"),
    "profile": ("a hook into shells", "hooks into shells"),
    "autostart": ("a program that sessions of users start", "programs that sessions of users start"),
    "events": ("a hook into {}", "hooks into {}"),
    "repositories": ("a package source", "package sources"),
    "keys": ("a key that package sources are trusted by", "keys that package sources are trusted by"),
}
NOUNS = {
    "package": ("package", "packages"),
    "user": ("user", "users"),
    "group": ("group", "groups"),
    "unit": ("unit", "units"),
    "alternative": ("alternative", "alternatives"),
    "process": ("process", "processes"),
    "folder": ("empty folder", "empty folders"),
    "file": ("file", "files"),
    "changed": ("changed file", "changed files"),
    "gone": ("thing removed that was there before", "things removed that were there before"),
}


def verdict(
    footprint: Footprint, residue: Residue, unseen: Iterable[str] = (), unknown: Collection[str] = ()
) -> tuple[Sentence, ...]:
    """Return the sentences, what matters first: what is broken, then `unseen`, those on what could not be vouched for.

    `unknown` are the KEYS that these leave open: nothing is called absent that rests on one.
    """
    doubts = (Sentence(text=text, evidence=("unseen",)) for text in unseen)
    parts = (
        _damage(footprint),
        doubts,
        service_sentences(footprint),
        _power(footprint),
        account_sentences(footprint, own_users(footprint)),
        _hooks(footprint),
        _reach(footprint),
        _end(footprint, residue, unknown),
    )
    return tuple(sentence for part in parts for sentence in part)


def _damage(found: Footprint) -> Iterator[Sentence]:
    """Yield what is broken, by what happened to it; what is worst first."""
    rows = found.of("damage")
    for lost in (row.fact.count for row in rows if isinstance(row.fact, LostPackages)):
        text = f"The package manager's database is broken: {count(lost, 'package')} of the base no longer in it."
        yield Sentence(text=text, evidence=("damage",))
    groups: dict[str, list[str]] = {how: [] for how in HARMS[:-1]}
    for row in rows:
        if isinstance(row.fact, Harm):
            groups.setdefault(row.fact.how if row.fact.how in HARMS else "", []).append(row.what)
    for word, paths in groups.items():
        if paths:
            be = "is" if len(paths) == 1 else "are"
            verb = f"{be} {word}" if word else "has other rights now" if be == "is" else "have other rights now"
            text = f"{count(len(paths), 'file')} of the base {verb}: {names(tuple(paths), 3)}."
            yield Sentence(text=text, evidence=("damage",))


def _power(found: Footprint) -> Iterator[Sentence]:
    setuid, able = found.of("setuid"), found.of("capabilities")
    if setuid:
        verb = "runs" if len(setuid) == 1 else "run"
        text = f"Has {count(len(setuid), 'program')} that {verb} with more rights than the user's"
        yield Sentence(text=f"{text}: {names(tuple(row.what for row in setuid), 3)}.", evidence=("setuid",))
    if able:
        text = f"Has {count(len(able), 'program')} with capabilities of the kernel"
        yield Sentence(text=f"{text}: {names(tuple(row.what for row in able), 3)}.", evidence=("capabilities",))


def _hooks(found: Footprint) -> Iterator[Sentence]:
    numbers = {kind: len(unsaid_timers(found) if kind == "timers" else found.of(kind)) for kind in HOOKS}
    present = [(kind, one if numbers[kind] == 1 else many) for kind, (one, many) in HOOKS.items() if numbers[kind]]
    if present:
        facts = [row.fact for row in found.of("events")]
        events = names(tuple(dict.fromkeys(fact.event for fact in facts if isinstance(fact, Place))), 9)
        text = f"Brings {names(tuple(words.format(events) for _, words in present), 11)}."
        yield Sentence(text=text, evidence=tuple(kind for kind, _ in present))


def _reach(found: Footprint) -> Iterator[Sentence]:
    if foreign := _of_others(found):
        text = (
            f"Changes {count(len(foreign), 'file')} of other packages: {names(tuple(row.what for row in foreign), 2)}."
        )
        yield Sentence(text=text, evidence=("foreign",))
    if led := _redirects(found):
        lead = "leads" if len(led) == 1 else "lead"
        yield Sentence(text=f"Changes where {names(led, 3)} {lead}.", evidence=("alternatives",))


def _redirects(found: Footprint) -> tuple[str, ...]:
    """Return the commands, of alternatives that were there before, which lead elsewhere now."""
    links = [(row.what, row.fact) for row in found.of("alternatives") if isinstance(row.fact, Link)]
    return tuple(path.rpartition("/")[2] for path, link in links if link.was and "/man/" not in f"{link.to} {link.was}")


def _of_others(found: Footprint) -> list[Finding]:
    """Return the files of other packages that are changed or gone, less those that are told as broken."""
    broken = {row.what for row in found.of("damage")}
    rows = (row for row in found.of("foreign") if isinstance(row.fact, Foreign) and row.fact.owners)
    return [row for row in rows if row.what not in broken]


def _end(found: Footprint, residue: Residue, unknown: Collection[str]) -> Iterator[Sentence]:
    if not found.packages:
        text = "No package came, and yet something changed." if found.findings else NOTHING_CAME
        text = text if may_claim(NOTHING_CAME, unknown) else "Whether anything came could not be seen."
        yield Sentence(text=text, evidence=(PACKAGES,))
    loud = any(found.of(kind) for kind in (*RISKS, "damage", "services")) or bool(
        _of_others(found) or _redirects(found) or is_something_started(found) or has_loud_accounts(found)
    )
    quiet = bool(found.packages) and not loud and may_claim(NOTHING_RUNS, unknown)
    files = sum(bulk.files for bulk in found.bulks)
    small = len(found.packages) <= SMALL and found.measured <= LITTLE and files <= FEW
    if quiet:
        what = "Small and quiet" if small else "Quiet"
        parts = (
            count(len(found.packages), "package"),
            size(found.measured),
            count(len(found.commands), "command") if found.commands else "no command",
        )
        yield Sentence(
            text=f"{what}: {', '.join(parts)}, {NOTHING_RUNS}.", evidence=("packages", "measured", "commands")
        )
    if found.packages or not may_claim(RESIDUE, unknown):
        yield _after(residue, unknown)


def _after(residue: Residue, unknown: Collection[str]) -> Sentence:
    if residue.failure:
        return Sentence(text=f"Can't be purged: {residue.failure}.", evidence=("residue",))
    if residue.is_clean:
        text = NO_TRACE if may_claim(NO_TRACE, unknown) else "What a purge leaves could not be seen."
        return Sentence(text=text, evidence=(RESIDUE,))
    counts = Counter[str](left.kind for left in residue.left)
    parts = [count(counts[kind], *nouns) for kind, nouns in NOUNS.items() if counts[kind]]
    return Sentence(text=f"Purging leaves {names(tuple(parts), 9)}.", evidence=("residue",))
