"""The facts about a finding, in words."""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING, Final

from sandbox.core.human import count, names
from sandbox.inspect.desktop_verdict import opened_text
from sandbox.inspect.facts import (
    Account,
    Capabilities,
    Diversion,
    Fact,
    Foreign,
    Harm,
    Launch,
    Link,
    Listening,
    LostPackages,
    Openers,
    Overridden,
    Owner,
    Place,
    Privileges,
    Start,
    Stray,
    TakenName,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.inspect.facts import StartKind
    from sandbox.inspect.findings import BootedUnit, LaterRun

STARTS: Final[Mapping[StartKind, str]] = {
    "": "",
    "changed": "changed",
    "masked": "masked",
    "masks": "keeps a unit of others from starting",
    "alias": "alias of {name}",
    "template": "template",
    "enabled": "enabled",
    "at boot": "at boot",
    "early": "at boot, by System V init only",
    "with": "enabled, starts with {name}",
    "along": "starts with {name}",
    "as": "enabled, as {name}",
    "by": "started by {name}",
}


CHOICES: Final = {
    "own": "",
    "kernel": "; the kernel chooses the number",
    "perhaps the kernel": "; the kernel may have chosen the number",
}


def later_text(run: LaterRun) -> str:
    """Return `x.timer (daily): /usr/bin/x, as root with ProtectSystem=full`."""
    held = f" with {names(run.protections, 3)}" if run.protections else ""
    return f"{run.name} ({run.when or 'when called'}): {run.runs or 'nothing'}, as {run.user or 'its user'}{held}"


def booted_text(unit: BootedUnit) -> str:
    """Return `x.service: runs, as www-data and root`, or `x.timer: waits, OnCalendar=daily, starts x.service`."""
    calls = f"starts {names(unit.starts, 3)}" if unit.starts else ""
    users = f"as {names(unit.users, 3)}" if unit.users else ""
    return f"{unit.name}: {', '.join(filter(None, (unit.state, users, *unit.when[:3], calls)))}"


@singledispatch
def note(fact: Fact) -> str:  # noqa: ARG001 - what has no words of its own
    """Return a fact in a few words, or "" if the finding says it all."""
    return ""


@note.register(Place)
def _place(fact: Place) -> str:
    return ", ".join(filter(None, (fact.event, "changed" * fact.is_changed, fact.effect)))


@note.register(Openers)
def _openers(fact: Openers) -> str:
    return ", ".join(filter(None, (_place(fact), f"for {opened_text(fact.types)}" if fact.types else "")))


@note.register(Launch)
def _launch(fact: Launch) -> str:
    opens = f"opens {opened_text(fact.types)}" if fact.types else ""
    return ", ".join(filter(None, (fact.title, "" if fact.is_shown else "not in menus", opens)))


@note.register(LostPackages)
def _loss(fact: LostPackages) -> str:
    return f"no longer lists {count(fact.count, 'package')} of the base"


@note.register(Privileges)
def _privileges(fact: Privileges) -> str:
    later = f", from the next boot on, by {fact.by}" if fact.by else ""
    return f"{' and '.join(fact.bits)}, mode {fact.mode:04o}, owner {fact.owner}:{fact.group}{later}"


@note.register(Capabilities)
def _capabilities(fact: Capabilities) -> str:
    return ", ".join(fact.names) or "an attribute that can't be read"


@note.register(Owner)
def _owner(fact: Owner) -> str:
    return f"user {fact.user}{f', {fact.count} times' if fact.count > 1 else ''}"


@note.register(Stray)
def _stray(fact: Stray) -> str:
    return "" if fact.what == "file" else fact.what


@note.register(Foreign)
def _foreign(fact: Foreign) -> str:
    return f"{fact.how}, {_whose(fact.owners)}{f'; moved to {fact.moved}' if fact.moved else ''}"


@note.register(Start)
def _start(fact: Start) -> str:
    return f"{STARTS[fact.how].format(name=fact.name)}{', enabled' if fact.is_used else ''}"


@note.register(Link)
def _link(fact: Link) -> str:
    return f"to {fact.to}{f', was {fact.was}' if fact.was else ''}"


@note.register(Harm)
def _harm(fact: Harm) -> str:
    """Return what happened to a file, and its owner."""
    how = f"{fact.how} {fact.old}, now {fact.now}" if fact.how in ("mode", "owner") else fact.how
    return f"{how}, {'of the package manager' if fact.is_managers else _whose(fact.owners)}"


def _whose(owners: tuple[str, ...] | None) -> str:
    return "owner unknown" if owners is None else f"of {', '.join(owners) or 'no package'}"


@note.register(Account)
def _account(fact: Account) -> str:
    if fact.change == "gone":
        return "removed"
    return f"new members {', '.join(fact.joined)}" if fact.joined else fact.says


@note.register(Listening)
def _listening(fact: Listening) -> str:
    when = f"from boot on, by {fact.unit}" if fact.unit else "since the install"
    when = f"while {fact.service} runs" if fact.service else when
    return f"on {names(fact.addresses)}, {when}{CHOICES[fact.choice]}"


@note.register(TakenName)
def _taken_name(fact: TakenName) -> str:
    return {"choice": "an alternative, now {}", "is": "{}", "hides": "in front of {}"}[fact.how].format(fact.to)


@note.register(Diversion)
def _diversion(fact: Diversion) -> str:
    return f"others' goes to {fact.to}"


@note.register(Overridden)
def _overridden(fact: Overridden) -> str:
    return f"stays {fact.user}:{fact.group}, mode {fact.mode}"
