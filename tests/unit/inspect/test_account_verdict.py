"""What an installation does to accounts stands in the verdict, whichever way it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from tests.unit.inspect.measuring import measured
from tests.unit.snapshots import member, tree

from sandbox.inspect.account_verdict import account_sentences
from sandbox.inspect.facts import Account
from sandbox.inspect.file_changes import diff
from sandbox.inspect.findings import Finding, Residue
from sandbox.inspect.footprint import footprint
from sandbox.inspect.measured import Measured
from sandbox.inspect.verdict import verdict
from sandbox.managers.protocol import Package

if TYPE_CHECKING:
    from sandbox.container.snapshot import Snapshot

PASSWD = "root:x:0:0:root:/root:/bin/bash\ngames:x:5:60::/usr/games:/usr/sbin/nologin\n"
SHADOW = "root:*:1::::::\ngames:*:1::::::\n"
GROUP = "root:x:0:\nsudo:x:27:\ngames:x:60:\n"


def accounts(passwd: str, shadow: str, group: str) -> Snapshot:
    contents = {"/etc/passwd": passwd.encode(), "/etc/shadow": shadow.encode(), "/etc/group": group.encode()}
    found = tree(
        {"/usr/bin/x": member("/usr/bin/x", mode=0o755), **{path: contents[path] for path in ("/etc/shadow",)}}
    )
    return replace(found, contents={**found.contents, **contents})


def sentences(passwd: str = PASSWD, shadow: str = SHADOW, group: str = GROUP) -> list[str]:
    first, second = accounts(PASSWD, SHADOW, GROUP), accounts(passwd, shadow, group)
    package = Package(name="trap", version="1", architecture="all", size=1, explicit=True)
    found = Measured(
        before=first, after=second, difference=diff(first, second), came=(package,), asked=frozenset(("trap",)), path=""
    )
    told = [sentence.text for sentence in verdict(footprint(found), Residue())]
    assert told[-1] == "Purging leaves no trace."
    return told[:-1]


@pytest.mark.parametrize(
    "group",
    "sudo wheel docker lxd incus-admin libvirt kvm adm disk shadow input video root".split(),
)
@pytest.mark.parametrize("is_new", [True, False])
def test_whoever_joins_a_group_that_gives_power_is_named_with_that_power(group: str, is_new: bool) -> None:
    rest = "".join(row for row in GROUP.splitlines(keepends=True) if not row.startswith(f"{group}:"))
    before = GROUP if is_new and group not in ("root", "sudo") else f"{rest}{group}:x:99:\n"
    after = f"{rest}{group}:x:99:games\n"
    assert before != after
    (text,) = sentences(group=after)
    assert text.startswith(f"Puts games in the group {group}, whose members can ")


def test_a_user_as_whom_no_service_ran_is_named_beside_the_one_of_a_service() -> None:
    rows = tuple(Finding(kind="users", what=name, fact=Account(change="new")) for name in ("own", "dialout", "eve"))
    for known, text in (
        (frozenset[str](), "Adds 3 users: own, dialout and eve."),
        (frozenset(("own",)), "Adds 2 other users: dialout and eve."),
        (frozenset(("own", "eve")), "Adds another user: dialout."),
    ):
        assert [row.text for row in account_sentences(replace(measured(), findings=rows), known)] == [text]
    assert not [*account_sentences(replace(measured(), findings=rows[:1]), frozenset(("own",)))]


def test_a_user_whose_own_group_gives_power_has_joined_it() -> None:
    told = sentences(passwd=f"{PASSWD}eve:x:99:27::/:/usr/sbin/nologin\n", shadow=f"{SHADOW}eve:!:1::::::\n")
    assert told == ["Puts eve in the group sudo, whose members can run anything as root.", "Adds a user: eve."]


@pytest.mark.parametrize(
    ("passwd", "shadow", "told"),
    [
        (PASSWD.replace("games:x:5:", "games:x:0:"), SHADOW, ["Gives games the user id of root."]),
        (PASSWD.replace("games:x:5:", "games:x:000:"), SHADOW, ["Gives games the user id of root."]),
        (PASSWD.replace("games:x:5:", "games:x:6:"), SHADOW, ["Changes the number of the user games."]),
        (PASSWD, SHADOW.replace("root:*", "root:$y$j9T$x"), ["Sets a password for root."]),
        (PASSWD, SHADOW.replace("root:*", "root:"), ["Lets root log in without a password."]),
        (PASSWD.replace("root:x", "root:"), SHADOW, ["Lets root log in without a password."]),
        (PASSWD.replace("root:x", "root:$6$a$b"), SHADOW, ["Sets a password for root."]),
        (PASSWD.replace("nologin", "bash"), SHADOW, ["Changes the shell of the user games."]),
        (
            PASSWD.replace("/usr/games:/usr/sbin/nologin", "/:/bin/sh"),
            SHADOW,
            ["Changes the home and shell of the user games."],
        ),
        (PASSWD.partition("games")[0], SHADOW, ["Removes the user games."]),
        (f"{PASSWD}toor:x:0:99::/root:/bin/sh\n", SHADOW, ["Gives toor the user id of root.", "Adds a user: toor."]),
        (
            f"{PASSWD}eve:x:1000:1000::/home/eve:/bin/sh\n",
            f"{SHADOW}eve:$y$j9T$x:1::::::\n",
            ["Sets a password for eve.", "Adds a user: eve."],
        ),
    ],
)
def test_what_an_account_gets_is_said(passwd: str, shadow: str, told: list[str]) -> None:
    assert sentences(passwd=passwd, shadow=shadow) == told


def test_a_group_that_is_gone_is_said() -> None:
    assert sentences(group=GROUP.replace("games:x:60:\n", "")) == ["Removes the group games."]


def test_a_password_that_nobody_can_type_is_none() -> None:
    assert [text for text in sentences(shadow=SHADOW.replace("games:*", "games:!*")) if "assword" in text] == []
