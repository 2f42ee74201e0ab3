"""What is known to be harmless: a sentence of calm stands only where every finding is. Pure."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from sandbox.inspect.facts import Account, Foreign, Link, Start
from sandbox.inspect.locations import DULL, all_rules, rule_of
from sandbox.inspect.place_rules import ROTATION
from sandbox.inspect.taken_names import is_for_people

if TYPE_CHECKING:
    from sandbox.inspect.findings import Finding, Kind
    from sandbox.inspect.place_rule import PlaceRule

COURSE: Final = ("/var/", "/tmp/", "/run/", "/srv/", "/proc/", "/sys/", "/dev/")  # noqa: S108 - of a sandbox
"""Where files of nobody change as a matter of course, unless the table knows better."""


def is_harmless(found: Finding) -> bool:
    """Return whether a finding is of a kind that is known to be harmless; one that nothing is known of is not."""
    match found.kind:
        case "groups":
            return isinstance(found.fact, Account) and found.fact.change == "new" and not found.fact.joined
        case "alternatives":
            return not isinstance(found.fact, Link) or not is_redirected(found.fact)
        case "names":
            return is_for_people(found.what.rpartition("/")[2]) and getattr(found.fact, "how", "") == "choice"
        case "diversions":
            return bool(DULL.match(found.what))
        case "unowned":
            return True  # where it lies is a finding of its own kind
        case "foreign":
            return isinstance(found.fact, Foreign) and not found.fact.owners and is_course(found.what)
        case "services" | "timers" | "sockets" | "paths" | "mounts":
            return isinstance(found.fact, Start) and found.fact.how == "masked"
        case _:
            rule = row_of(found)
            return rule is not None and rule.is_harmless


def is_redirected(fact: Link) -> bool:
    """Return whether an alternative was there before and leads elsewhere now; manual pages are none."""
    return bool(fact.was) and "/man/" not in f"{fact.to} {fact.was}"


def is_course(path: str) -> bool:
    """Return whether a file that no package owns changes there as a matter of course, as a cache does."""
    rule = rule_of(path)
    return rule.is_harmless if rule else path.startswith(COURSE) or bool(DULL.match(path))


def row_of(found: Finding) -> PlaceRule | None:
    """Return the row of the table that a finding is of; of a place that it does not know the first of its kind."""
    rule = rule_of(found.what)
    if rule and rule.kind == "logrotate" and found.kind == "events":
        return ROTATION
    return rule if rule and rule.kind == found.kind else _first_of(found.kind)


@cache
def _first_of(kind: Kind) -> PlaceRule | None:
    return next((rule for rule in all_rules() if rule.kind == kind), None)
