"""The comparison of boots finds each kind of difference, and none between equal readings."""

from __future__ import annotations

from typing import Any

from bench.boots import differences, page, ports_said
from bench.truth_boot import Boot

RAN = {"LoadState": "loaded", "InactiveExitTimestampMonotonic": "7", "ActiveState": "active"}
WAITED = {"LoadState": "loaded", "ConditionTimestampMonotonic": "7", "InactiveExitTimestampMonotonic": "0"}


def machine(units: dict[str, dict[str, str]], *ports: str) -> Boot:
    before: dict[str, Any] = {"units": {}, "ports": []}
    after = {"units": units, "ports": list(ports)}
    return Boot({"before": before, "first": after, "after": after})


def unit(name: str, state: str) -> dict[str, str]:
    return {"name": name, "kind": name.rpartition(".")[2], "state": state}


UNITS = {"a.service": RAN, "b.timer": RAN, "c.service": WAITED}
SAID = {
    "booted": [unit("a.service", "runs"), unit("b.timer", "waits"), unit("c.service", "skipped")],
    "ports": ["80/tcp"],
}


def test_equal_readings_have_no_difference() -> None:
    assert differences(SAID, machine(UNITS, "tcp * 80")) == []


def test_each_kind_of_difference_is_found() -> None:
    other = {"a.service": {**RAN, "ActiveState": "failed"}, "d.service": RAN, "e.socket": RAN}
    assert differences(SAID, machine(other, "udp * 53")) == [
        "begun on the machine alone: d.service",
        "waiting here alone: b.timer",
        "waiting on the machine alone: e.socket",
        "failed on the machine alone: a.service",
        "open here alone: 80/tcp",
        "open on the machine alone: 53/udp",
    ]


def test_a_port_of_the_kernels_choice_counts_as_one() -> None:
    rows = [{"kind": "ports", "what": what} for what in ("any/udp", "80/tcp", "40000/udp")]
    found = {"footprint": {"findings": [*rows, {"kind": "users", "what": "x"}]}}
    assert ports_said(found) == ["80/tcp", "any/udp"]


def test_a_page_names_what_it_does_not_explain() -> None:
    rows = [{"package": "x", "facts": {"ports": 1}, "wrong": ["begun here alone: x.service"]}]
    assert "begun here alone: x.service: NOT EXPLAINED" in page(rows)
