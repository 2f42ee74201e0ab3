"""What a host has already is told apart from what a package does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.snapshots import member, tree

from sandbox.inspect.file_changes import diff
from sandbox.inspect.findings import Residue, ResidueItem
from sandbox.inspect.footprint import footprint
from sandbox.inspect.host_packages import host_packages, mark_usual_traces
from sandbox.inspect.measured import Measured
from sandbox.inspect.verdict import verdict
from sandbox.managers.metadata import Fact
from sandbox.managers.protocol import Package
from sandbox.managers.registry import queries_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from tarfile import TarInfo


def package(name: str) -> Package:
    return Package(name=name, version="1", architecture="", size=1, explicit=False)


@pytest.mark.parametrize(
    ("name", "priority", "is_usual"),
    [
        ("cron", "important", True),
        ("tzdata", "required", True),
        ("htop", "optional", False),
        ("dbus", "standard", True),
        ("udev", "", True),
        ("dbus-openrc", "", True),
        ("sys-apps/dbus", "", True),
        ("systemd-resolved", "optional", False),
        ("trap", "", False),
    ],
)
def test_hosts_have_what_is_important_and_what_starts_them(name: str, priority: str, is_usual: bool) -> None:
    facts = (Fact(name=name, priority=priority),)
    assert host_packages([package(name)], (), facts) == ((name,) if is_usual else ())
    assert host_packages([package(name)], (name,), facts) == ()  # it is what was asked for


def test_dpkg_says_a_packages_priority() -> None:
    query = queries_of("apt").facts(["x"])
    assert query is not None
    assert [row.priority for row in query.parse("N cron\nI important\nD libc6\nN cron\nL GPL")] == ["important"]


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ("messagebus", "Purging leaves only 1 user of packages that hosts have already."),
        ("messagebus own", "Purging leaves 1 user."),
        ("", "Purging leaves no trace."),
    ],
)
def test_a_user_that_such_a_package_makes_and_a_purge_leaves_is_not_the_packages_own(names: str, sentence: str) -> None:
    empty = tree({})
    found = Measured(
        before=empty,
        after=empty,
        difference=diff(empty, empty),
        came=(package("own"),),
        asked=frozenset(),
        path="",
        usual=frozenset(("dbus",)),
        usual_scripts="adduser --system messagebus\n",
    )
    left = tuple(mark_usual_traces(found, (ResidueItem(kind="user", what=name) for name in names.split())))
    assert verdict(footprint(found), Residue(left=left))[-1].text == sentence


def test_services_timers_users_and_programs_of_such_packages_are_not_counted_as_the_packages_own() -> None:
    units, wants = "/usr/lib/systemd/system/{}", "/etc/systemd/system/multi-user.target.wants/{}"
    files: Mapping[str, bytes | TarInfo] = {
        units.format("own.service"): b"[Service]\nExecStart=/bin/own\n",
        units.format("dbus.service"): b"[Service]\nExecStart=/bin/dbus\n",
        "/etc/init.d/dbus": b"",
        "/etc/rc2.d/S01dbus": member("/etc/rc2.d/S01dbus", link="../init.d/dbus"),
        units.format("dbus.socket"): b"[Socket]\nListenStream=7\n",
        "/usr/lib/dbus-helper": member("/usr/lib/dbus-helper", mode=0o4755),
        **{wants.format(name): member(wants.format(name), link="x") for name in ("own.service", "dbus.service")},
        "/etc/systemd/system/sockets.target.wants/dbus.socket": member(
            "/etc/systemd/system/sockets.target.wants/dbus.socket", link="x"
        ),
    }
    first, second = tree({}), tree(files, users=b"messagebus:x:99:99::/:/bin/false\nown:x:98:98::/:/bin/false\n")
    theirs = frozenset(path for path in files if "dbus" in path and "wants" not in path and "rc2" not in path)
    found = footprint(
        Measured(
            before=first,
            after=second,
            difference=diff(first, second),
            came=(package("own"), package("dbus")),
            asked=frozenset(("own",)),
            path="",
            owned=None,
            usual=frozenset(("dbus",)),
            usual_files=theirs,
            usual_scripts="adduser --system messagebus\n",
        )
    )
    assert [row.name for row in found.packages if row.is_usual] == ["dbus"]
    usual = {row.what for row in found.findings if row.is_usual}
    assert usual == {"messagebus", "7/tcp", *theirs}
    assert [row.text for row in verdict(found, Residue())] == [
        "Starts a service at boot.",
        "own is started as root, without any of systemd's protections.",
        "Adds a user: own.",
        (
            "dbus was installed too; since most hosts have it, these are not counted: 1 service, 1 socket,"
            " 1 program that runs with other rights and 1 user."
        ),
        "Purging leaves no trace.",
    ]


@pytest.mark.parametrize(
    ("profiles", "sentence"),
    [
        ("systemd", ""),
        ("systemd own", "Changes 1 file that no package owns: /etc/pam.d/common-session."),
    ],
)
def test_what_pam_has_of_such_packages_and_a_machine_id_are_on_hosts_already(profiles: str, sentence: str) -> None:
    common = "etc/pam.d/common-session"
    names = [f"usr/share/pam-configs/{name}" for name in profiles.split()]
    before = tree({common: b"old"})
    after = tree({common: b"new", **dict.fromkeys((*names, "etc/machine-id"), b"x")})
    found = Measured(
        before=before,
        after=after,
        difference=diff(before, after),
        came=(package("own"),),
        asked=frozenset(),
        path="",
        owned=frozenset(f"/{name}" for name in names),
        owners={f"/{common}": ""},
        usual=frozenset(("libpam-systemd",)),
        usual_files=frozenset(("/usr/share/pam-configs/systemd",)),
    )
    texts = [row.text for row in verdict(footprint(found), Residue())]
    assert [text for text in texts if "common-session" in text] == ([sentence] if sentence else [])
    assert not [text for text in texts if "whole host" in text]
