"""The comparison with a machine that boots finds a wrong sentence of each kind, and passes the right one."""

from __future__ import annotations

from typing import Any

import pytest
from bench.truth_boot import Boot, contradictions, part_of, with_part

UNIT = {"LoadState": "loaded", "ConditionTimestampMonotonic": "7", "WantedBy": "multi-user.target", "MainPID": "9"}
PLAIN = {**UNIT, "WantedBy": "", "MainPID": "0"}


def look(**parts: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {
        "units": {},
        "ports": [],
        "processes": [],
        "diversions": [],
        "overrides": [],
        "passwd": {},
        "group": {},
    }
    return {**empty, **parts}


def judged(text: str, after: dict[str, Any], first: dict[str, Any] | None = None) -> list[str]:
    said = {"verdict": [{"text": line} for line in text.splitlines()], "unseen": []}
    return contradictions(said, Boot({"before": look(), "first": first or after, "after": after}))


SERVICE = look(units={"x.service": UNIT}, processes=[["9", "1", "me", "x"]])
ROOTS = look(units={"x.service": UNIT}, processes=[["9", "1", "root", "x"]])
TIMER = look(
    units={"x.timer": {**PLAIN, "Triggers": "x.service"}, "x.service": {**PLAIN, "ConditionTimestampMonotonic": "0"}}
)
OPEN = look(ports=["tcp * 80", "tcp 127.0.0.1 81"])


@pytest.mark.parametrize(
    ("after", "right", "wrong"),
    [
        (look(), "Small and quiet: 1 package, 1 B, 1 command, nothing runs.", "Starts a service at boot."),
        (SERVICE, "Starts a service at boot.", "Starts 2 services at boot."),
        (SERVICE, "Starts a service at boot.", "Starts a service at boot.\nx runs as root, with none."),
        (ROOTS, "Starts a service at boot.\nx runs as root, with none.", "Starts a service at boot."),
        (ROOTS, "Starts a service at boot.\nx is started as root, without any.", "Starts a service at boot."),
        (TIMER, "x.timer starts x by the clock.", "Small and quiet: 1 package, nothing runs."),
        (TIMER, "x.timer starts x by the clock.", "x.timer starts x by the clock.\ny.timer starts y by the clock."),
        (
            OPEN,
            "Listens on every address, port 80/tcp, and on 127.0.0.1, port 81/tcp.",
            "Listens on every address, ports 80/tcp and 81/tcp.",
        ),
        (OPEN, "Listens on every address, port 80/tcp, and on 127.0.0.1, port 81/tcp.", "Nothing."),
        (
            look(ports=["tcp 127.0.0.1 53", "tcp 172.17.0.2 53"]),
            "Listens on 127.0.0.1 and the host's own addresses, port 53/tcp.",
            "Listens on the host's own addresses, port 53/tcp.",
        ),
        (look(passwd={"eve": "eve:x:9"}), "Adds a user: eve.", "Adds a user: bob."),
        (look(passwd={"eve": "eve:x:9"}), "Adds a user: eve.", ""),
        (look(group={"docker": ["eve"]}), "Puts eve in the group docker, whose members can x.", ""),
        (look(diversions=["diversion of /bin/a to /bin/a.old by x"]), "Moves /bin/a.", ""),
        (look(overrides=["root ssh 2755 /bin/a"]), "Sets the rights of /bin/a by hand.", "nothing runs"),
    ],
)
def test_a_wrong_sentence_is_found_and_a_right_one_passes(after: dict[str, Any], right: str, wrong: str) -> None:
    assert judged(right, after) == []
    assert judged(wrong, after) != []


def test_a_port_that_the_kernel_chose_is_one_that_two_boots_do_not_share() -> None:
    after, first = look(ports=["udp * 40001", "udp * 51820"]), look(ports=["udp * 40002", "udp * 51820"])
    right = "Listens on every address, port 51820/udp and a UDP port that the kernel chooses."
    assert judged(right, after, first) == []
    assert judged(right.replace(" and a UDP port that the kernel chooses", " and 40001/udp"), after, first) != []


def test_the_part_of_the_page_stays_when_the_rest_is_written_anew() -> None:
    page = with_part("# A\n\nold\n", "## The sentences, held to a machine that boots\n\nx\n")
    assert with_part("# A\n\nnew\n", part_of(page)) == page.replace("old", "new")
    assert with_part("# A\n", part_of("# B\n")) == "# A\n"
