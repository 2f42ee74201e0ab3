"""What an installation broke is told apart from what packages and scripts do as a matter of course."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from tests.unit.snapshots import member, tree

from sandbox.inspect.file_changes import diff
from sandbox.inspect.findings import Residue
from sandbox.inspect.footprint import footprint
from sandbox.inspect.measured import Measured
from sandbox.inspect.verdict import verdict
from sandbox.managers.protocol import Package
from sandbox.managers.state_paths import state_paths
from sandbox.report.finding_text import note

if TYPE_CHECKING:
    from collections.abc import Mapping
    from tarfile import TarInfo

    from sandbox.inspect.findings import Footprint

TRAP = Package(name="trap", version="1.0", architecture="all", size=1000, explicit=True)


def program(path: str, mode: int = 0o755) -> TarInfo:
    return member(path, mode=mode)


BASE: Mapping[str, bytes | TarInfo] = {
    "/bin": member("/bin", link="usr/bin"),
    "/usr/bin/cat": program("/usr/bin/cat"),
    "/usr/bin/awk": member("/usr/bin/awk", link="/etc/alternatives/awk"),
    "/usr/lib/libc.so.6": b"libc",
    "/usr/share/doc/cat": b"words",
    "/etc/bash.bashrc": b"settings",
    "/etc/apt/": member("/etc/apt/", mode=0o755),
    "/var/log/": member("/var/log/", mode=0o755),
    "/var/log/messages": b"said",
    "/var/lib/dpkg/status": b"Package: cat\n" * 100,
}
OWNED = dict.fromkeys(BASE, "coreutils")
NOBODYS = dict.fromkeys(BASE, "")
GONE = object()


def found(change: Mapping[str, object], **more: object) -> Footprint:
    files = {path: now for path, now in {**BASE, **change}.items() if now is not GONE}
    first, second = tree(BASE), tree(files)  # type: ignore[arg-type]
    values: dict[str, object] = {
        "before": first,
        "after": second,
        "difference": diff(first, second, state_paths("apt")),
        "came": (TRAP,),
        "asked": frozenset(("trap",)),
        "path": "/usr/bin:/bin",
        "owners": OWNED,
        "database": ("/var/lib/dpkg/status", "/var/lib/apt/extended_states"),
        **more,
    }
    return footprint(Measured(**values))  # type: ignore[arg-type]


def notes(change: Mapping[str, object], **more: object) -> dict[str, str]:
    return {row.what: note(row.fact) for row in found(change, **more).of("damage")}


@pytest.mark.parametrize(
    ("path", "now", "note"),
    [
        ("/usr/bin/cat", GONE, "gone"),
        ("/usr/share/doc/cat", GONE, "gone"),
        ("/usr/share/doc/cat", b"", "emptied"),
        ("/etc/bash.bashrc", b"", "emptied"),
        ("/etc/bash.bashrc", GONE, "gone"),
        ("/usr/lib/libc.so.6", b"other", "replaced"),
        ("/usr/bin/cat", member("/usr/bin/cat", link="true"), "replaced"),
        ("/usr/bin/cat", program("/usr/bin/cat", 0o644), "no longer executable"),
        ("/usr/bin/cat", program("/usr/bin/cat", 0o4755), "mode 0755, now 4755"),
        ("/usr/bin/cat", member("/usr/bin/cat", mode=0o755, gid=7), "owner 0:0, now 0:7"),
        ("/etc/apt/", member("/etc/apt/", mode=0o777), "mode 0755, now 0777"),
        ("/bin", GONE, "gone"),
        ("/bin", member("/bin", mode=0o755), "replaced"),
    ],
)
@pytest.mark.parametrize(("owners", "whose"), [(OWNED, "of coreutils"), ({}, "owner unknown")])
def test_what_no_longer_is_what_the_base_had_is_damage(
    path: str, now: object, note: str, owners: Mapping[str, str], whose: str
) -> None:
    shown = path.rstrip("/")
    assert notes({path: now}, owners={**owners, **({shown: "coreutils"} if owners else {})}) == {
        shown: f"{note}, {whose}"
    }


@pytest.mark.parametrize(
    ("path", "now"),
    [
        ("/etc/bash.bashrc", b"other settings"),
        ("/usr/share/doc/cat", b"other words"),
        ("/usr/bin/awk", GONE),
        ("/usr/bin/awk", member("/usr/bin/awk", link="/etc/alternatives/gawk")),
        ("/var/log/", member("/var/log/", mode=0o775, gid=4)),
        ("/var/log/messages", GONE),
        ("/etc/passwd", b"root:x:0:0::/root:/bin/sh\nnew:x:99:99::/:/bin/false\n"),
    ],
)
def test_what_scripts_do_as_a_matter_of_course_is_none(path: str, now: object) -> None:
    assert notes({path: now}) == {}


def test_what_came_in_a_new_version_is_none() -> None:
    assert notes({"/usr/bin/cat": b"new"}, owned=frozenset(("/usr/bin/cat",))) == {}
    assert notes({"/usr/bin/cat": GONE}, owners={"/usr/bin/cat": "trap"}) == {}


def test_what_went_with_a_package_that_was_removed_is_none_and_all_else_is_some() -> None:
    change = {"/usr/bin/cat": GONE, "/usr/share/doc/cat": GONE}
    assert notes(change, owners=NOBODYS, lost=frozenset(("coreutils",))) == {}
    assert notes(change, owners=NOBODYS) == {"/usr/bin/cat": "gone, of no package"}
    assert notes(change, lost=frozenset(("other",))).keys() == change.keys()


def test_what_a_new_version_of_a_package_no_longer_has_is_none() -> None:
    older = {"trap": "0.9"}
    assert notes({"/usr/bin/cat": GONE}, owners=NOBODYS, older=older) == {}
    assert notes({"/usr/bin/cat": GONE}, owners=OWNED, older=older).keys() == {"/usr/bin/cat"}
    assert notes({"/usr/bin/cat": GONE}, owners=NOBODYS, older={"trap": TRAP.version}).keys() == {"/usr/bin/cat"}


@pytest.mark.parametrize(("now", "note"), [(GONE, "gone"), (b"", "emptied"), (b"Package: x\n", "cut short")])
def test_the_managers_own_books_are_looked_at_too(now: object, note: str) -> None:
    assert notes({"/var/lib/dpkg/status": now}) == {"/var/lib/dpkg/status": f"{note}, of the package manager"}
    assert notes({"/var/lib/dpkg/status": b"Package: cat\n" * 90}) == {}


def test_packages_that_are_listed_no_longer_though_their_files_are_there_break_the_list() -> None:
    lost = found({}, lost=frozenset(("coreutils", "dpkg")))
    assert verdict(lost, Residue())[0].text == (
        "The package manager's database is broken: it no longer lists 2 packages of the base."
    )


def test_the_verdict_begins_with_what_is_broken_by_what_happened_to_it() -> None:
    change = {
        "/usr/bin/cat": GONE,
        "/usr/lib/libc.so.6": b"",
        "/etc/apt/": member("/etc/apt/", mode=0o777),
    }
    owners = {**OWNED, "/etc/apt": "apt, debconf"}
    texts = [row.text for row in verdict(found(change, owners=owners), Residue(), ("Not seen.",), ("processes",))]
    assert texts == [
        "1 file of the base is gone: /usr/bin/cat.",
        "1 file of the base is emptied: /usr/lib/libc.so.6.",
        "1 file of the base has other permissions now: /etc/apt.",
        "Not seen.",
        "Purging leaves no trace.",
    ]


def test_packages_that_an_install_removes_or_changes_are_named() -> None:
    shown = found({}, lost=frozenset(()), older={"trap": "0.9", "other": "1"})
    assert (shown.removed, shown.replaced) == ((), (f"trap 0.9 to {TRAP.version}",))
    texts = [row.text for row in verdict(replace(shown, removed=("mail",)), Residue())]
    assert "Removes 1 package that the base had: mail." in texts
    assert f"Changes the version of 1 package that the base had: trap 0.9 to {TRAP.version}." in texts
