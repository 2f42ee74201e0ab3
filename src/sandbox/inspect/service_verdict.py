"""The new services, how each starts, and the sentences about them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from sandbox.core.human import count, names
from sandbox.inspect.facts import Listening, Owner, Place, Start
from sandbox.inspect.findings import Sentence
from sandbox.inspect.locations import service_name
from sandbox.inspect.place_rules import GENERATES
from sandbox.inspect.triggers import is_index

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sandbox.inspect.facts import StartKind
    from sandbox.inspect.findings import Finding, Footprint, ServiceStart


HIDDEN: Final[tuple[StartKind, ...]] = ("masked", "masks", "alias")
"""Units that are none of those that came: what nothing starts, and second names."""
LATE: Final = 2
"""Most units of which each has a sentence on what starts with it: plymouth has links for six ways to shut down."""
CALLS: Final = {
    "timer": "{triggers} {start} {services} by the clock",
    "socket": "{triggers} {start} {services} when somebody connects",
    "path": "{triggers} {start} {services} when files change",
}
"""How a waiting unit starts another, by kind."""


def service_sentences(found: Footprint) -> Iterator[Sentence]:
    """Yield sentences: what still runs, what a boot starts, its user and ports, and what starts later."""
    if left := found.of("processes"):
        numbers = [(row.what, row.fact.count if isinstance(row.fact, Owner) else 1) for row in left]
        whats = tuple(f"{what} ({number} times)" if number > 1 else what for what, number in numbers)
        many = count(sum(number for _, number in numbers), "process", "processes")
        text = f"Leaves {many} running after the install: {names(whats, 3)}."
        yield Sentence(text=text, evidence=("processes",))
    services, (ports, others) = services_of(found), _ports(found)
    number, idle = sum(services.values()), len(services.keys() - called_services(found).keys())
    if number or idle:
        yield _boot_sentence(found, ports)
    elif ports:
        yield Sentence(text=f"Listens on {_places(ports)}.", evidence=("ports",))
    yield from _called_sentences(found)
    yield from _late_sentences(found)
    yield from _generator_sentence(found)
    for service, rows in others.items():
        when = "" if service in called_services(found) else "; a boot alone does not start it"
        text = f"{service} would listen on {_places(rows)}{when}."
        yield Sentence(text=text, evidence=("services", "ports"))


def is_generator(row: Finding) -> bool:
    """Return whether a file is a program that systemd asks at each boot for more units (systemd.generator(7))."""
    return isinstance(row.fact, Place) and row.fact.event == GENERATES


def _generator_sentence(found: Footprint) -> Iterator[Sentence]:
    """Yield that generators pull in units that no file names: postgresql@15-main.service, postfix@-.service."""
    if programs := tuple(service_name(row.what) for row in found.of("events") if is_generator(row)):
        verb = "chooses" if len(programs) == 1 else "choose"
        open_ = "" if found.booted is not None else "; only a boot shows them (--boot)"
        text = f"{names(programs, 3)} {verb} more units to start at each boot{open_}."
        yield Sentence(text=text, evidence=("events",))


def _boot_sentence(found: Footprint, ports: list[Finding]) -> Sentence:
    """Return how many services start at boot (or that none does), their users, and where they listen."""
    services = services_of(found)
    number, idle = sum(services.values()), len(services.keys() - called_services(found).keys())
    verb = f"Starts {'a service' if number == 1 else f'{number} services'} at boot"
    if not number:
        is_early = any(start.how == "early" for _, start in _starts(found))
        who = "only System V init starts at boot" if is_early else "nothing starts at boot"
        who = "a boot alone does not start" if _late(found) else who
        verb = f"Brings {'a service' if idle == 1 else f'{idle} services'} that {who}"
    people = own_users(found)
    under = _under(found, people, number or len(services)) if people else ""
    listens = f" and listens on {_places(ports)}" if ports else ""
    evidence = ("services", *(("started", "users") if people else ()), *(("ports",) if ports else ()))
    return Sentence(text=f"{f'{verb}{under}{listens}'.rstrip(',')}.", evidence=evidence)


def called_services(found: Footprint) -> dict[str, str]:
    """Return the services that a timer, socket or path starts, with that unit, without those that a boot starts."""
    at_boot = {name for name, starts in services_of(found).items() if starts}
    rows = ((_service(path), start.name) for path, start in _starts(found) if start.how == "by")
    return {name: trigger for name, trigger in rows if name not in at_boot}


def _called_sentences(found: Footprint) -> Iterator[Sentence]:
    called = called_services(found)
    for kind, words in CALLS.items():
        pairs = {name: trigger for name, trigger in called.items() if trigger.endswith(f".{kind}")}
        triggers = tuple(dict.fromkeys(pairs.values()))
        if triggers:
            start = "starts" if len(triggers) == 1 else "start"
            text = words.format(triggers=names(triggers, 3), start=start, services=names(tuple(pairs), 3))
            listed = tuple(key for key in ("timers", "sockets") if found.of(key) and key.startswith(kind))
            yield Sentence(text=f"{text}.", evidence=("services", *listed))


def unsaid_timers(found: Footprint) -> tuple[Finding, ...]:
    """Return the timers that no other sentence mentions."""
    said = frozenset(called_services(found).values())
    rows = ((row, row.fact.how) for row in found.of("timers") if isinstance(row.fact, Start))
    hows = {row.what: (service_name(row.what), how) for row, how in rows}
    hidden = {name for name, how in hows.values() if how in HIDDEN} | said
    kept = {what for what, (name, how) in hows.items() if name not in hidden and how not in ("template", "changed")}
    return tuple(row for row in found.of("timers") if row.what in kept)


def waiting_units(found: Footprint, kind: Literal["timers", "sockets"]) -> tuple[Finding, ...]:
    """Return the timers or sockets that a boot starts."""
    rows = ((row, row.fact) for row in found.of(kind))
    return tuple(row for row, fact in rows if isinstance(fact, Start) and fact.is_at_boot)


def is_something_started(found: Footprint) -> bool:
    """Return whether something runs, listens or waits to start something, from a boot or since the install."""
    units = (waiting_units(found, "timers"), waiting_units(found, "sockets"), called_services(found))
    by_itself = any(habit.is_on for habit in found.habits) or bool(found.booted)
    later = tuple(run for run in found.later if not is_index(run))
    return by_itself or any((services_of(found), later, *units)) or bool(found.of("ports", "processes"))


def _ports(found: Footprint) -> tuple[list[Finding], dict[str, list[Finding]]]:
    """Return the ports of services that start at boot, then those of the others."""
    told: list[Finding] = []
    others: dict[str, list[Finding]] = {}
    counted, services = _boot_services(found), services_of(found)
    for row in found.of("ports"):
        service = row.fact.service if isinstance(row.fact, Listening) else ""
        if service in services and service not in counted:
            others.setdefault(service, []).append(row)
        else:
            told.append(row)
    return told, others


def _boot_services(found: Footprint) -> frozenset[str]:
    """Return the services of the first sentence: those that start at boot, or all if none does."""
    services = services_of(found)
    return frozenset(name for name, starts in services.items() if starts or not any(services.values()))


def _service_trials(found: Footprint) -> list[ServiceStart]:
    """Return the service trials of these, and trials without a service of that name."""
    services, counted = services_of(found), _boot_services(found)
    return [row for row in found.started if row.name in counted or row.name not in services]


def _late(found: Footprint) -> dict[str, list[str]]:
    """Return the services that start with a unit that a boot alone does not reach, by unit."""
    late: dict[str, list[str]] = {}
    for path, start in _starts(found):
        if start.is_with_another:
            late.setdefault(start.name, []).append(_service(path))
    return late


def _late_sentences(found: Footprint) -> Iterator[Sentence]:
    """Yield what starts with units that a boot alone does not reach: a sentence each, or one for many."""
    late = _late(found)
    if len(late) > LATE:
        services_ = tuple(dict.fromkeys(name for rows in late.values() for name in rows))
        text = f"Starts {names(services_, 3)} when {names(tuple(late), 3)} are reached."
        yield Sentence(text=text, evidence=("services",))
        return
    for unit, rows in late.items():
        yield Sentence(text=f"Starts {names(tuple(rows), 3)} when {unit} is reached.", evidence=("services",))


def _starts(found: Footprint) -> Iterator[tuple[str, Start]]:
    """Yield the unit files and init scripts of services, with how each starts."""
    yield from ((row.what, row.fact) for row in found.of("services") if isinstance(row.fact, Start))


def _under(found: Footprint, people: frozenset[str], number: int) -> str:
    """Return ` under its own user`; for several services, which of them ran as new users."""
    rows = [row for row in _service_trials(found) if people & {*row.users}]
    own = names(tuple(dict.fromkeys(row.name for row in rows)), 3)
    user = "its own user" if len(people) == 1 else "users of its own" if number == 1 else "users of their own"
    user = f"root and {user}" if any("root" in row.users for row in rows) else user
    return f" under {user}" if number == 1 else f", {own} under {user},"


def own_users(found: Footprint) -> frozenset[str]:
    """Return the new users that services ran as; of services that start at boot, or else all."""
    return frozenset(row.what for row in found.of("users")) & {
        name for row in _service_trials(found) for name in row.users
    }


def services_of(found: Footprint) -> dict[str, bool]:
    """Return the services, by the one name that a unit and an init script have, and whether they start at boot.

    Where there is a unit, systemd does not look at the script of its name.
    """
    units: dict[str, bool] = {}
    scripts: dict[str, bool] = {}
    hidden = set[str]()
    for path, start in _starts(found):
        name = _service(path)
        if start.how in HIDDEN:
            hidden.add(name)
        elif start.how != "changed" and (start.how != "template" or start.is_used):
            known = units if "/systemd/system/" in path else scripts
            known[name] = known.get(name, False) or start.is_at_boot
    return {name: starts for name, starts in {**scripts, **units}.items() if name not in hidden}


def _service(path: str) -> str:
    return service_name(path).removesuffix(".service")


def _numbers(ports: tuple[str, ...]) -> str:
    """Return `ports 80/tcp and 443/tcp`, and for which protocols the kernel chooses some."""
    chosen = tuple(port.partition("/")[2].upper() for port in ports if port.startswith("any/"))
    numbers = tuple(port for port in ports if not port.startswith("any/"))
    parts = [f"{'port' if len(numbers) == 1 else 'ports'} {names(numbers)}"] if numbers else []
    parts += [
        f"{'a ' if len(chosen) == 1 else ''}{names(chosen)} port{'s' * (len(chosen) > 1)} that the kernel chooses"
    ]
    return " and ".join(parts if chosen else parts[:-1])


def _places(ports: Iterable[Finding]) -> str:
    """Return `every address, port 80/tcp`, or several; a port on every address is listed once."""
    found: dict[str, dict[str, None]] = {}
    for port in ports:
        where = names(port.fact.addresses) if isinstance(port.fact, Listening) else ""
        address = "every address" if where.startswith("*") else where
        found.setdefault(address, {})[port.what] = None
    rows = [f"{where}, {_numbers(tuple(whats))}" for where, whats in found.items()]
    return ", and on ".join(sorted(rows, key=lambda row: not row.startswith("every")))
