"""What systemd says of its units becomes what a boot did with those that came; the base's own are left out."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from sandbox.container.processes import Process, Running
from sandbox.container.sockets import ListeningPort
from sandbox.inspect.booted import OURS, Units, boot_outcome, parse_units
from sandbox.inspect.booted_verdict import booted_sentences
from sandbox.inspect.findings import BootedUnit, Footprint
from sandbox.report.finding_text import booted_text

BEGAN = 5_000_000
EMPTY = Footprint(
    packages=(),
    recommended=None,
    download=None,
    received=0,
    claimed=0,
    measured=0,
    commands=(),
    manuals=(),
    bulks=(),
    folders=(),
    files=(),
    findings=(),
)


def block(name: str, active: str, sub: str, **more: str) -> str:
    words = {
        "Id": name,
        "LoadState": "loaded",
        "ActiveState": active,
        "SubState": sub,
        "ConditionResult": "yes",
        "FragmentPath": f"/lib/systemd/system/{name}",
        "ConditionTimestampMonotonic": str(BEGAN + 1),
        "InactiveExitTimestampMonotonic": str(BEGAN + 2),
        **more,
    }
    return "".join(f"{key}={value}\n" for key, value in words.items()) + "\n"


def units(*blocks: str, unmet: str = "", cgroups: str = "") -> Units:
    return parse_units("".join(blocks) + "\0\n" + unmet + "\0\n" + cgroups)


BASE = units(block("dbus.service", "active", "running"))


def states(*blocks: str) -> dict[str, str]:
    now = units(block("dbus.service", "active", "running"), block(OURS, "active", "running"), *blocks)
    return {row.name: row.state for row in boot_outcome(now, BASE, BEGAN, Running(), Running()).units}


@pytest.mark.parametrize(
    ("active", "sub", "more", "state"),
    [
        ("active", "running", {}, "runs"),
        ("activating", "start", {}, "runs"),
        ("active", "exited", {}, "ended"),
        ("inactive", "dead", {}, "ended"),
        ("failed", "failed", {}, "failed"),
        ("activating", "auto-restart", {}, "failed"),
        ("inactive", "dead", {"ConditionResult": "no", "InactiveExitTimestampMonotonic": "0"}, "skipped"),
        ("inactive", "dead", {"InactiveExitTimestampMonotonic": "0"}, None),
        ("inactive", "dead", {"InactiveExitTimestampMonotonic": str(BEGAN - 1)}, None),
        ("active", "running", {"LoadState": "not-found"}, None),
    ],
)
def test_a_service_ran_ended_failed_was_skipped_or_was_not_begun(
    active: str, sub: str, more: dict[str, str], state: str | None
) -> None:
    assert states(block("x.service", active, sub, **more)) == ({"x.service": state} if state else {})


def test_what_is_skipped_is_named_with_the_condition_that_was_not_met() -> None:
    skipped = block("x.service", "inactive", "dead", ConditionResult="no", InactiveExitTimestampMonotonic="0")
    now = units(skipped, unmet="x.service\tConditionCapability=CAP_SYS_TIME\nother.service\tConditionACPower=yes\n")
    (found,) = boot_outcome(now, BASE, BEGAN, Running(), Running()).units
    assert booted_text(found) == "x.service: skipped, ConditionCapability=CAP_SYS_TIME"
    (sentence,) = booted_sentences(replace(EMPTY, booted=(found,)))
    assert sentence.text == (
        "In a boot, x.service (ConditionCapability=CAP_SYS_TIME) is skipped by a condition of its unit."
    )


def test_what_the_base_has_and_what_is_ours_is_no_part_of_it() -> None:
    assert states() == {}


def test_a_timer_waits_for_its_times_and_a_socket_where_it_listens() -> None:
    calendar = "{ OnCalendar=*-*-* 06:00:00 ; next_elapse=Mon 2026-11-30 06:00:00 UTC }"
    timer = block("x.timer", "active", "waiting", Triggers="x.service", TimersCalendar=calendar)
    socket = block("y.socket", "active", "listening", Triggers="y.service y@.service", Listen="[::]:80 (Stream)")
    found = boot_outcome(units(timer, socket, block("z.path", "inactive", "dead")), BASE, BEGAN, Running(), Running())
    assert [(row.name, row.state, row.starts, row.when) for row in found.units] == [
        ("x.timer", "waits", ("x.service",), ("OnCalendar=*-*-* 06:00:00",)),
        ("y.socket", "waits", ("y.service", "y@.service"), ("[::]:80 (Stream)",)),
    ]


CGROUPS = {
    "cgroup v2": "/proc/{pid}/cgroup:0::{group}\n",
    "cgroup v1": "/proc/{pid}/cgroup:9:name=systemd:{group}\n/proc/{pid}/cgroup:0::/\n",
}


@pytest.mark.parametrize("line", CGROUPS.values(), ids=CGROUPS)
def test_processes_are_of_the_units_that_their_cgroups_name(line: str) -> None:
    groups = {
        7: "/system.slice/x.service",
        8: "/system.slice/dbus.service",
        9: "/",
        10: "/system.slice/x.service/payload",
    }
    text = "".join(line.format(pid=pid, group=group) for pid, group in groups.items())
    before = Running(processes=(Process(pid=3, parent=1, uid=0, words="dbus-daemon"),))
    port = ListeningPort(number=80, protocol="tcp", address="*")
    now = Running(
        processes=tuple(Process(pid=pid, parent=1, uid=pid, words=str(pid)) for pid in groups), ports=frozenset({port})
    )
    known = units(block("dbus.service", "active", "running"), block("x.service", "active", "running"), cgroups=text)
    found = boot_outcome(known, BASE, BEGAN, now, before)
    assert [process.pid for process in found.running.processes] == [3, 7, 10]
    assert found.running.ports == {port}
    ((started, uids),) = found.starts
    assert (started.name, started.path, started.runs) == ("x", "/lib/systemd/system/x.service", True)
    assert uids == {7, 10}


def test_each_outcome_has_a_sentence_and_nothing_is_said_where_nothing_was_booted() -> None:
    def row(name: str, kind: Any, state: Any) -> BootedUnit:
        return BootedUnit(name=name, kind=kind, state=state)

    rows = (
        row("a.service", "service", "runs"),
        row("b.service", "service", "runs"),
        row("c.service", "service", "ended"),
        row("d.service", "service", "failed"),
        row("e.service", "service", "skipped"),
        replace(row("f.timer", "timer", "waits"), when=("OnCalendar=daily",)),
        row("g.path", "path", "failed"),
    )
    assert [sentence.text for sentence in booted_sentences(replace(EMPTY, booted=rows))] == [
        "In a boot, a.service and b.service start and run on.",
        "In a boot, c.service runs and ends.",
        "In a boot, d.service fails in the sandbox.",
        "In a boot, e.service is skipped by a condition of its unit.",
        "After a boot, f.timer (OnCalendar=daily) waits.",
        "In a boot, g.path fails in the sandbox.",
    ]
    assert not list(booted_sentences(EMPTY))


def test_a_unit_is_shown_with_its_users_times_and_what_it_starts() -> None:
    timer = BootedUnit(name="x.timer", kind="timer", state="waits", when=("OnCalendar=daily",), starts=("x.service",))
    assert booted_text(timer) == "x.timer: waits, OnCalendar=daily, starts x.service"
    service = BootedUnit(name="x.service", kind="service", state="runs", users=("redis",))
    assert booted_text(service) == "x.service: runs, as redis"


@pytest.mark.parametrize(
    ("name", "key", "good", "when"),
    [
        ("a.socket", "Listen", "/run/a (Stream)", "/run/a (Stream)"),
        ("a.timer", "TimersCalendar", "{ OnCalendar=daily ; next_elapse=x }", "OnCalendar=daily"),
    ],
)
def test_a_line_of_a_unit_that_can_not_be_read_is_passed_over(name: str, key: str, good: str, when: str) -> None:
    def row(text: str) -> BootedUnit:
        now = units(block(name, "active", "waiting", **{key: text}))
        (found,) = boot_outcome(now, BASE, BEGAN, Running(), Running()).units
        return found

    assert when in booted_text(row(good))
    assert "unreadable" not in booted_text(row("unreadable"))
