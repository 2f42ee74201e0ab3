"""The sentences on accounts: who is new, who got the rights of others, a password, or was changed or removed. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.core.human import count, names
from sandbox.inspect.accounts import POWERS
from sandbox.inspect.facts import Account
from sandbox.inspect.findings import Sentence

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from sandbox.inspect.accounts import Sign
    from sandbox.inspect.findings import Footprint, Kind

GAINS: Final[Mapping[Sign, str]] = {
    "root": "Gives {} the user id of root.",
    "password": "Sets a password for {}.",
    "no password": "Lets {} log in without a password.",
}
CHANGES: Final[Mapping[Sign, str]] = {"number": "number", "group": "group", "home": "home", "shell": "shell"}
MOST: Final = 3


def account_sentences(found: Footprint, known: Collection[str]) -> Iterator[Sentence]:
    """Yield the sentences; `known` are users that another one tells of."""
    yield from _gains(found)
    yield from _joins(found)
    new = tuple(name for name, fact in _accounts(found, "users") if fact.change == "new")
    if people := tuple(name for name in new if name not in known):
        one, many = ("a user", "user") if len(people) == len(new) else ("another user", "other user")
        text = f"Adds {one if len(people) == 1 else count(len(people), many)}: {names(people, MOST)}."
        yield Sentence(text=text, evidence=("users",))
    for name, fact in _accounts(found, "users"):
        words = tuple(CHANGES[sign] for sign in fact.signs if sign in CHANGES)
        if words:
            yield Sentence(text=f"Changes the {names(words)} of the user {name}.", evidence=("users",))
    kinds: tuple[tuple[Kind, str], ...] = (("users", "user"), ("groups", "group"))
    for kind, noun in kinds:
        gone = tuple(name for name, fact in _accounts(found, kind) if fact.change == "gone")
        if gone:
            text = f"Removes the {noun if len(gone) == 1 else f'{noun}s'} {names(gone, MOST)}."
            yield Sentence(text=text, evidence=(kind,))


def has_loud_accounts(found: Footprint) -> bool:
    """Return whether an account is more than a new group that gives no power."""
    rows = _accounts(found, "groups")
    return bool(found.of("users")) or any(
        fact.change == "gone" or (fact.joined and name in POWERS) for name, fact in rows
    )


def _accounts(found: Footprint, kind: Kind) -> list[tuple[str, Account]]:
    return [(row.what, row.fact) for row in found.of(kind) if isinstance(row.fact, Account)]


def _gains(found: Footprint) -> Iterator[Sentence]:
    for sign, text in GAINS.items():
        people = tuple(name for name, fact in _accounts(found, "users") if sign in fact.signs)
        if people:
            yield Sentence(text=text.format(names(people, MOST)), evidence=("users",))


def _joins(found: Footprint) -> Iterator[Sentence]:
    """Yield who joined which group that gives power, and what that is."""
    for name, fact in _accounts(found, "groups"):
        if fact.joined and name in POWERS:
            who = names(fact.joined, MOST)
            text = f"Puts {who} in the group {name}, whose members can {POWERS[name]}."
            yield Sentence(text=text, evidence=("groups",))
