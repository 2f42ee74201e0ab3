"""Footprint, residue and verdict are pure differences of what was measured."""

from __future__ import annotations

import struct
import subprocess
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, get_args

import msgspec
import pytest
from msgspec.structs import replace
from tests.unit.inspect.measuring import (
    AFTER,
    BEFORE,
    HOSTILE,
    MADE,
    OWNED,
    TRAP,
    hostile,
    inspection,
    measured,
    placed,
)
from tests.unit.snapshots import member, tree

from sandbox.container.processes import (
    Process,
    Running,
    has_begun,
    is_over,
    parse,
    ran_as,
    without_starters,
)
from sandbox.container.sockets import ListeningPort, PortChoice
from sandbox.errors import UsageError
from sandbox.inspect import service_trial
from sandbox.inspect.accounts import User, capability_names
from sandbox.inspect.comparison import ComparedTarget, Comparison, table
from sandbox.inspect.facts import Start
from sandbox.inspect.fail_on import fail_on_error, parse_fail_on
from sandbox.inspect.file_changes import diff
from sandbox.inspect.findings import (
    KINDS,
    SCHEMA,
    BootedUnit,
    ChosenAnswer,
    FileSize,
    Finding,
    Footprint,
    Habit,
    Inspection,
    InstalledPackage,
    LaterRun,
    Residue,
    ResidueItem,
    Sentence,
    ServiceStart,
    SizeByGroup,
    Trace,
)
from sandbox.inspect.footprint import footprint
from sandbox.inspect.measured import Measured
from sandbox.inspect.residue import residue
from sandbox.inspect.service_verdict import services_of
from sandbox.inspect.verdict import verdict
from sandbox.managers.registry import queries_of
from sandbox.managers.state_paths import state_paths
from sandbox.report.finding_text import note
from sandbox.report.inspect_html import comparison_html, inspection_html
from sandbox.report.inspect_markdown import comparison_md, inspection_md
from sandbox.report.inspect_text import screen

if TYPE_CHECKING:
    from collections.abc import Mapping
    from tarfile import TarInfo

    from sandbox.container.box import Box
    from sandbox.managers.metadata import Fact
    from sandbox.managers.registry import ManagerName


def test_a_footprint_holds_what_came_and_nothing_of_the_managers_books() -> None:
    found = measured()
    assert {(row.kind, row.what) for row in found.findings} == {
        ("setuid", "/usr/bin/trap"),
        ("users", "trap"),
        ("groups", "trap"),
        ("services", "/usr/lib/systemd/system/trap.service"),
        ("cron", "/etc/cron.d/trap"),
        ("ports", "80/tcp"),
        ("unowned", "/var/lib/trap/unowned"),
        ("foreign", "/etc/shells"),
        ("host", "/etc/shells"),
    }
    assert note(found.of("services")[0].fact) == "enabled"
    assert note(found.of("foreign")[0].fact) == "changed, of base"
    assert note(found.of("users")[0].fact) == "system, no login, home /nonexistent"
    assert note(found.of("ports")[0].fact) == "on *, while trap runs"
    assert [(row.name, row.runs) for row in found.started] == [("trap", True), ("trapd", False)]
    assert (found.commands, found.manuals) == (("trap",), ("trap(1)",))
    assert (found.download, found.received, found.claimed) == (10, 20, 1500)
    assert found.recommended == ("extra",)
    assert [(row.name, row.needed_by) for row in found.packages] == [("trap", ()), ("lib", ("trap",))]


@pytest.mark.parametrize(("owners", "whose"), [({}, "owner unknown"), ({"/etc/shells": ""}, "of no package")])
def test_a_file_whose_owner_was_not_found_out_is_not_said_to_have_none(owners: Mapping[str, str], whose: str) -> None:
    first, second = tree(BEFORE), tree(AFTER)
    difference = diff(first, second, state_paths("apt"))
    found = Measured(
        before=first,
        after=second,
        difference=difference,
        came=(TRAP,),
        asked=frozenset(),
        path="",
        owned=OWNED,
        owners=owners,
    )
    assert note(footprint(found).of("foreign")[0].fact) == f"changed, {whose}"


def test_a_purge_that_restores_everything_leaves_nothing() -> None:
    found = residue(tree(BEFORE), tree(BEFORE), packages=((), ()), running=(Running(), Running()), ignored=())
    assert found.is_clean


def test_residue_is_what_stays_or_changed_or_is_gone() -> None:
    last = tree(
        {"/etc/shells": b"other", "/var/lib/trap/": member("/var/lib/trap/"), "/srv/trap": b"12345"},
        users=b"trap:x:99:99::/x:/bin/sh\n",
    )
    found = residue(tree(BEFORE), last, packages=((), (TRAP,)), running=(Running(), Running()), ignored=("/srv/no",))
    assert {(left.kind, left.what) for left in found.left} == {
        ("package", "trap"),
        ("user", "trap"),
        ("file", "/srv/trap"),
        ("folder", "/var/lib/trap/"),
        ("changed", "/etc/shells"),
        ("gone", "/usr/bin/old"),
    }


def test_a_removal_that_runs_on_is_a_process_that_is_left() -> None:
    found = residue(
        tree({}),
        tree({}),
        packages=((), ()),
        running=(Running(), Running()),
        hanging=(Process(pid=9, parent=0, uid=0, words="sleep 1000"),),
        ignored=(),
    )
    assert [(left.kind, left.what, left.note) for left in found.left] == [("process", "sleep 1000", "of the removal")]


def test_files_of_a_package_that_could_not_be_purged_are_that_package() -> None:
    found = residue(
        tree({}),
        tree({"/usr/bin/trap": b"x", "/var/lib/other": b"x"}),
        packages=((), (TRAP,)),
        running=(Running(), Running()),
        ignored=(),
        held=frozenset(("/usr/bin/trap",)),
        failure="it refused",
    )
    assert [(left.kind, left.what) for left in found.left] == [("package", "trap"), ("file", "/var/lib/other")]


def test_a_verdict_names_its_evidence() -> None:
    found = measured()
    sentences = verdict(
        found, residue(tree({}), tree({}), packages=((), ()), running=(Running(), Running()), ignored=())
    )
    assert [sentence.text for sentence in sentences] == [
        "Starts a service at boot under its own user and listens on every address, port 80/tcp.",
        "Has 1 program that runs with more rights than the user: /usr/bin/trap.",
        "Brings a cron job, in effect at once.",
        "Changes 1 file of other packages: /etc/shells.",
        "Purging leaves no trace.",
    ]
    keys = {row.kind for row in found.findings} | {"residue", "packages", "measured", "commands", "started"}
    assert all(set(sentence.evidence) <= keys for sentence in sentences)


def test_ports_are_told_once_with_all_their_addresses() -> None:
    addresses: Mapping[tuple[int, str, PortChoice], tuple[str, ...]] = {
        (137, "udp", ""): ("*", "172.17.0.8"),
        (445, "tcp", ""): ("*",),
        (39583, "tcp", ""): ("::1",),
        (40001, "udp", "kernel"): ("*",),
        (51820, "udp", "own"): ("*",),
        (64738, "udp", ""): ("*",),
    }
    ports = frozenset(
        ListeningPort(number=number, protocol=protocol, address=address, choice=choice)
        for (number, protocol, choice), places in addresses.items()
        for address in places
    )
    serving = ((ServiceStart(name="smbd", path="/x", runs=True), Running(ports=ports)),)
    empty = tree({})
    found = footprint(
        Measured(
            before=empty,
            after=empty,
            difference=diff(empty, empty),
            came=(TRAP,),
            asked=frozenset(),
            path="",
            serving=serving,
        )
    )
    assert [(row.what, note(row.fact)) for row in found.of("ports")] == [
        ("137/udp", "on * and the host's own addresses, while smbd runs"),
        ("445/tcp", "on *, while smbd runs"),
        ("39583/tcp", "on ::1, while smbd runs; the kernel may have chosen the number"),
        ("any/udp", "on *, while smbd runs; the kernel chooses the number"),
        ("51820/udp", "on *, while smbd runs"),
        ("64738/udp", "on *, while smbd runs"),
    ]
    service = Finding(kind="services", what="/usr/lib/systemd/system/smbd.service", fact=Start(how="enabled"))
    assert verdict(replace(found, findings=(service, *found.findings)), Residue())[0].text == (
        "Starts a service at boot and listens on every address, ports 137/udp, 445/tcp, 51820/udp and 64738/udp"
        " and a UDP port that the kernel chooses, and on ::1, port 39583/tcp."
    )


def test_where_nothing_came_the_verdict_does_not_call_it_small() -> None:
    found = msgspec.structs.replace(measured(), packages=(), findings=(), later=())
    assert [sentence.text for sentence in verdict(found, Residue())] == [
        "Nothing new: the base already has it.",
    ]
    shown = inspection(footprint=found, verdict=verdict(found, Residue()))
    assert "after purge   nothing to purge\n" in screen(shown)
    assert "### After purge: nothing to purge" in inspection_md(shown)
    assert "nothing to purge" in inspection_html(shown, MADE)
    rows = table(Comparison(candidates=(ComparedTarget(name="x", inspection=shown),), seconds=1.0))
    assert {("version", "in the base"), ("after purge", "nothing to purge")} <= set(rows)


def test_a_million_empty_files_are_not_small() -> None:
    found = replace(measured(), findings=(), later=(), bulks=(SizeByGroup(sort="data", files=1_000_000, size=0),))
    assert verdict(found, Residue())[0].text == "Quiet: 2 packages, 147 B, 1 command, nothing runs."


def test_hard_links_are_files_whose_bytes_count_once() -> None:
    found = placed(
        {
            "/usr/bin/perl": b"12345",
            "/usr/bin/perl5": hard_link("/usr/bin/perl5", "usr/bin/perl"),
            "/usr/share/perl": hard_link("/usr/share/perl", "usr/bin/perl"),
        }
    )
    assert [(row.path, row.size, row.is_link) for row in found.files if row.path.startswith("/usr/")] == [
        ("/usr/bin/perl", 5, False),
        ("/usr/bin/perl5", 5, True),
        ("/usr/share/perl", 5, True),
    ]
    accounts = sum(row.size for row in found.files if row.path.startswith("/etc/"))
    assert found.measured == accounts + 5
    bulks = {row.sort: (row.files, row.size) for row in found.bulks}
    assert (bulks["commands"], bulks["data"]) == ((2, 5), (1, 0))


def test_a_new_name_of_a_file_that_was_there_adds_no_bytes() -> None:
    old = tree({"/usr/lib/x": b"12345"})
    first = tree({"/a": b"12345", "/usr/lib/x": hard_link("/usr/lib/x", "a")})  # an archive has them in its own order
    later = tree({"/usr/lib/x": b"12345", "/usr/lib/y": hard_link("/usr/lib/y", "usr/lib/x")})
    for new in (first, later):
        found = placed({}, before=old, after=new, difference=diff(old, new))
        assert (len(found.files), found.measured) == (1, 0)


def hard_link(path: str, to: str) -> TarInfo:
    found = member(path, link=to)
    found.type = tarfile.LNKTYPE
    return found


def test_three_hundred_processes_are_one_row_and_three_hundred_in_the_sentence() -> None:
    rows = tuple(Process(pid=pid, parent=1, uid=0, words="sleep 3600") for pid in range(2, 302))
    first = Process(pid=1, parent=0, uid=0, words="init")
    running = (Running(processes=(first,)), Running(processes=(first, *rows)))
    found = placed({}, running=running)
    assert [(row.what, note(row.fact)) for row in found.of("processes")] == [("sleep 3600", "user root, 300 times")]
    left = residue(tree({}), tree({}), packages=((), ()), running=running, ignored=())
    assert [(row.what, row.note, row.count) for row in left.left] == [("sleep 3600", "300 times", 300)]
    told = [row.text for row in verdict(found, left)]
    assert "Leaves 300 processes running after the install: sleep 3600 (300 times)." in told
    assert told[-1] == "Purging leaves 300 processes."


def test_what_the_manager_claims_stands_beside_what_was_measured() -> None:
    shown = screen(inspection(footprint=replace(measured(), claimed=900_000, measured=1_500_000)))
    assert "1.5 MB on disk (900 kB claimed)" in shown
    assert "1.5 MB on disk (900 kB claimed)" in inspection_md(
        inspection(footprint=replace(measured(), claimed=900_000, measured=1_500_000))
    ).replace("\\", "")
    assert "claimed" not in screen(inspection(footprint=replace(measured(), claimed=1_500_001, measured=1_500_000)))


def test_the_first_list_that_is_cut_says_how_to_see_all_and_no_other() -> None:
    many = tuple(f"tool{number}" for number in range(9))
    found = inspection(footprint=replace(measured(), commands=many, recommended=many))
    cut, whole = screen(found), screen(found, everything=True)
    assert "tool5 and 3 more; -v shows all\n" in cut
    assert "  commands      tool0, tool1, tool2, tool3, tool4, tool5 and 3 more\n" in cut
    assert cut.count("-v shows all") == 1
    assert " more" not in whole


def test_commands_named_like_what_was_asked_for_come_first() -> None:
    files = {
        path: member(path, mode=0o755)
        for name in ("arpd", "nginx", "bridge", "nginx-debug")
        for path in [f"/usr/bin/{name}"]
    }
    found = placed(files, asked=frozenset({"nginx-full"}), path="/usr/bin")
    assert found.commands == ("nginx", "nginx-debug", "arpd", "bridge")


def test_capabilities_have_their_names() -> None:
    assert capability_names(struct.pack("<IIIII", 0x02000001, 1 << 13 | 1 << 10, 0, 1 << 6, 0)) == (
        "net_bind_service",
        "net_raw",
        "perfmon",
    )
    assert capability_names(b"short") == ()


def test_processes_of_commands_sent_in_are_not_the_packages() -> None:
    row = "Name:\tx\nState:\tS\nPid:\t{}\nPPid:\t{}\nUid:\t0\t0\t0\t0\n"
    text = "".join(
        f"\0P{row.format(pid, parent)}\0Cx {pid} " for pid, parent in ((1, 0), (7, 1), (8, 7), (20, 0), (21, 20))
    )
    tcp = "  sl\n   0: 0100007F:18EB 00000000:0000 0A 0\n   1: 00000000000000000000000000000000:0050 0:0 0A 0\n"
    found = parse(f"{text}\0Ntcp\n{tcp}\0Ndev\n  lo: 9 1\neth0: 77 3\n".encode())
    assert [process.pid for process in found.own] == [1, 7, 8]
    assert [process.pid for process in found.sent] == [20, 21]
    assert found.received == 77
    assert ListeningPort(number=6379, protocol="tcp", address="127.0.0.1") in found.ports


@pytest.mark.parametrize(
    ("numbers", "uid"),
    [("1\t1\t1\t1", 1), ("0\t1\t0\t1", 0), ("1\t1\t0\t1", 0), ("7\t0\t0\t0", 0)],
    ids=["daemon", "atd", "saved", "setuid"],
)
def test_a_process_that_can_be_root_again_is_root(numbers: str, uid: int) -> None:
    found = parse(f"\0PName:\tx\nState:\tS\nPid:\t1\nPPid:\t0\nUid:\t{numbers}\n\0Cx".encode())
    assert [process.uid for process in found.processes] == [uid]


class Starting:
    """A box in which a service is in `state` for so many looks, and listens from then on."""

    def __init__(self, state: str, looks: int) -> None:
        self._state, self._looks = state, looks

    def read(self, argv: tuple[str, ...], *, limit: int, seconds: float, ahead: object) -> tuple[int, bytes]:
        del argv, limit, seconds, ahead
        self._looks -= 1
        row = "\0PName:\tx\nPid:\t{}\nPPid:\t{}\nUid:\t0\t0\t0\t0\n{}\0Cx"
        port = "   0: 0100007F:18EB 00000000:0000 0A 0\n" if self._looks < 0 else ""
        text = f"{row.format(1, 0, '')}{row.format(9, 1, self._state)}"
        return 0, f"{text}\0Ntcp\n  sl local_address\n{port}\0Ndev\n".encode()


@pytest.mark.parametrize(("state", "ports"), [("Busy:\n", {6379}), ("", set())], ids=["at work", "at rest"])
def test_a_service_that_is_at_work_is_given_longer_to_listen(
    state: str, ports: set[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_trial, "START_LIMIT", 0.2)
    before = Running(processes=(Process(pid=1, parent=0, uid=0, words="x"),))
    box = cast("Box", Starting(state, looks=8))
    found = service_trial.wait_until_quiet(box, before, holds=False)
    assert {port.number for port in found.ports} == ports


def parse_facts(output: str, manager: ManagerName) -> tuple[Fact, ...]:
    query = queries_of(manager).facts(["x"])
    assert query is not None
    return query.parse(output)


def test_needs_are_read_of_every_familys_lists() -> None:
    (found,) = parse_facts("N htop\nD libc6 (>= 2.34), a | b:any\nP virtual (= 1)\nL GPL-2+\nL GPL-2+", "apt")
    assert (found.needs, found.provides, found.licence) == (("libc6", "a", "b"), ("virtual",), "GPL-2+")
    assert parse_facts("N app-lab/tool-1.0-r1\nD >=app-lab/lib-1.0 x? ( a/b )", "portage")[0].needs == (
        "app-lab/lib",
        "a/b",
    )
    assert parse_facts("N tool\nD so:libc.musl.so.1 lib>1 !bad", "apk")[0].needs == ("so:libc.musl.so.1", "lib")
    assert parse_facts("junk\nD x\n\0", "dnf5") == ()


def test_kinds_to_fail_on_are_known_and_found() -> None:
    with pytest.raises(UsageError, match="setuids"):
        parse_fail_on("setuids")
    assert fail_on_error({"": inspection()}, parse_fail_on("pam,residue")) is None
    error = fail_on_error({"a": inspection(), "b": inspection()}, parse_fail_on("ports"))
    assert error is not None
    assert error.details == (("a ports", "80/tcp"), ("b ports", "80/tcp"))
    error = fail_on_error({"": inspection()}, parse_fail_on("setuid,ports"))
    assert error is not None
    assert error.details == (("setuid", "/usr/bin/trap"), ("ports", "80/tcp"))
    assert error.exit_code == 6


def test_nothing_of_a_package_is_markup() -> None:
    both = Comparison(
        candidates=(ComparedTarget(name=HOSTILE, inspection=hostile()), ComparedTarget(name="b", failure=HOSTILE)),
        seconds=1,
    )
    for page in (inspection_html(hostile(), MADE), comparison_html(both, MADE)):
        assert "<script>alert" not in page
        assert "http://" not in page
        assert "https://" not in page
        assert page.count("<script>") == 1
    for text in (inspection_md(hostile()), comparison_md(both)):
        assert "<script>" not in text
        assert "[x](y)" not in text


def test_a_screen_says_the_verdict_first_and_fits() -> None:
    shown = screen(inspection(verdict=verdict(measured(), inspection().residue)))
    lines = shown.splitlines()
    assert lines[0].startswith("trap 1.0 in debian bookworm")
    assert lines[2].startswith("  Starts a service")
    assert (
        "  brings        2 packages, 10 B to download, 40 B on disk" in shown or "2 packages, 10 B to download" in shown
    )
    assert "                └ lib" in lines
    assert lines[-3] == "  after purge   clean"
    assert lines[-1].startswith("  Not seen in any sandbox: /etc/hostname, /etc/hosts and /etc/resolv.conf")
    assert len(lines) <= 26


def test_of_services_it_is_counted_how_many_start_at_boot() -> None:
    units = ["/usr/lib/systemd/system/x.service", "/usr/lib/systemd/system/y.service"]
    links = [unit.replace("/system/", "/system/multi-user.target.wants/") for unit in units]
    for number, cell in ((0, "2 services"), (1, "2 services, 1 at boot"), (2, "2 services, at boot")):
        files: Mapping[str, bytes | TarInfo] = {
            **dict.fromkeys(units, b""),
            **{link: member(link, link="x") for link in links[:number]},
        }
        one = ComparedTarget(name="x", inspection=inspection(footprint=placed(files)))
        assert ("runs something", cell) in table(Comparison(candidates=(one,), seconds=1.0))


def test_a_text_beside_settings_of_the_kernel_is_none() -> None:
    found = placed({"/etc/sysctl.d/README.sysctl": b"", "/usr/lib/sysctl.d/50-x.conf": b""})
    assert [row.what for row in found.of("sysctl")] == ["/usr/lib/sysctl.d/50-x.conf"]


def test_no_kind_of_what_a_purge_leaves_is_hidden_in_a_cell() -> None:
    left = tuple(ResidueItem(kind=kind, what="x") for kind in ("user", "group", "unit", "file"))
    one = ComparedTarget(name="x", inspection=inspection(residue=Residue(left=left)))
    rows = table(Comparison(candidates=(one,), seconds=1.0))
    assert ("after purge", "1 user, 1 group, 1 unit and 1 file") in rows


@pytest.mark.parametrize(
    ("booted", "cell"),
    [
        ((), "nothing"),
        ((("a.service", "runs"), ("b.timer", "waits"), ("c.socket", "waits")), "a.service, 2 waiting"),
        ((("a.service", "failed"), ("b.service", "ended")), "a.service failed"),
    ],
)
def test_what_a_boot_did_stands_in_its_cell(booted: Any, cell: str) -> None:
    rows = tuple(BootedUnit(name=name, kind=cast("Any", name.partition(".")[2]), state=state) for name, state in booted)
    one = ComparedTarget(name="x", inspection=inspection(footprint=replace(measured(), booted=rows)))
    assert ("in a boot", cell) in table(Comparison(candidates=(one,), seconds=1.0))


def test_a_failure_stands_in_its_cell() -> None:
    found = Comparison(
        candidates=(ComparedTarget(name="a", inspection=inspection()), ComparedTarget(name="b", failure="no")),
        seconds=1,
    )
    header, version, *rows = table(found)
    assert (header, version) == (("", "a", "b"), ("version", "1.0", "failed"))
    assert all(row[2] == "-" for row in rows)


DOCS = Path(__file__).parents[3] / "docs" / "reference" / "json.md"


@pytest.mark.parametrize(
    "kind",
    [
        Inspection,
        Footprint,
        Residue,
        InstalledPackage,
        SizeByGroup,
        Finding,
        ResidueItem,
        FileSize,
        ServiceStart,
        LaterRun,
        ChosenAnswer,
        Habit,
        Sentence,
    ],
)
def test_every_field_of_the_schema_is_documented(kind: type[msgspec.Struct]) -> None:
    text = DOCS.read_text(encoding="utf-8")
    names = ["note" if name == "fact" else name for name in kind.__struct_fields__]  # facts are written in words
    assert [name for name in names if f"`{name}`" not in text] == []


def test_every_kind_is_documented_with_the_schemas_version() -> None:
    text = DOCS.read_text(encoding="utf-8")
    assert [kind for kind in (*KINDS, *get_args(Trace)) if f"`{kind}`" not in text] == []
    assert f"`schema` is {SCHEMA}" in text


BARE = "x runs as root, without any of systemd's protections."
BEGUN = BARE.replace("runs", "is started")
UNIT, SCRIPT = "/usr/lib/systemd/system/x.service", "/etc/init.d/x"


@pytest.mark.parametrize(
    ("files", "links", "notes", "sentence"),
    [
        ([SCRIPT], ["/etc/rc2.d/S01x"], ["enabled"], "Starts a service at boot."),
        (
            [SCRIPT],
            ["/etc/rcS.d/S01x"],
            ["at boot, by System V init only"],
            "Brings a service that only System V init starts at boot.",
        ),
        ([SCRIPT], [], [""], "Brings a service that nothing starts at boot."),
        ([UNIT], ["/usr/lib/systemd/system/sysinit.target.wants/x.service"], ["at boot"], "Starts a service at boot."),
        (
            [UNIT],
            ["/lib/systemd/system/multi-user.target.requires/x.service"],
            ["at boot"],
            "Starts a service at boot.",
        ),
        (
            [UNIT],
            ["/usr/lib/systemd/system/rescue.target.wants/x.service"],
            ["starts with rescue.target"],
            "Brings a service that a boot alone does not start.",
        ),
        (
            [UNIT],
            ["/lib/systemd/system/shutdown.target.requires/x.service"],
            ["starts with shutdown.target"],
            "Brings a service that a boot alone does not start.",
        ),
        (
            [SCRIPT, UNIT],
            ["/etc/rc2.d/S01x"],
            ["enabled", ""],
            "Brings a service that nothing starts at boot.",  # where there is a unit, systemd passes the script over
        ),
        (
            [UNIT],
            ["/etc/systemd/system/bluetooth.target.wants/x.service"],
            ["enabled, starts with bluetooth.target"],
            "Brings a service that a boot alone does not start.",
        ),
        (
            [UNIT, "/usr/lib/systemd/system/y.service"],
            ["/etc/systemd/system/y.service.wants/x.service", "/etc/systemd/system/multi-user.target.wants/y.service"],
            ["enabled", "enabled"],
            "Starts 2 services at boot.",
        ),
        (
            [UNIT],
            ["/etc/systemd/system/display-manager.service"],
            ["alias of x.service", "enabled"],
            "Starts a service at boot.",
        ),
        (
            [UNIT, "/usr/lib/systemd/system/x.timer"],
            ["/etc/systemd/system/timers.target.wants/x.timer"],
            ["started by x.timer"],
            "x.timer starts x by the clock.",
        ),
        (
            [UNIT, "/usr/lib/systemd/system/x.path"],
            ["/usr/lib/systemd/system/paths.target.wants/x.path"],
            ["started by x.path"],
            "x.path starts x when files change.",
        ),
        (
            [UNIT, "/usr/lib/systemd/system/x.timer"],
            [],
            [""],
            "Brings a service that nothing starts at boot.",
        ),
        (
            ["/usr/lib/systemd/system/x@.service", "/usr/lib/systemd/system/y.service"],
            ["/etc/systemd/system/multi-user.target.wants/x@1.service"],
            ["template, enabled", ""],
            "Starts a service at boot.",
        ),
        (
            [UNIT],
            ["/etc/systemd/system/dbus-org.x.service"],
            ["alias of x.service", "enabled, as dbus-org.x.service"],
            "Brings a service that nothing starts at boot.",
        ),
    ],
)
def test_what_starts_at_boot_is_what_systemd_would_start(
    files: list[str], links: list[str], notes: list[str], sentence: str
) -> None:
    found = placed({**dict.fromkeys(files, b""), **{link: member(link, link="x.service") for link in links}})
    assert [note(row.fact) for row in found.of("services")] == notes
    assert verdict(found, Residue())[0].text == sentence


def test_what_a_package_links_to_several_targets_is_one_sentence() -> None:
    ends = ("halt", "poweroff", "reboot")
    units = {f"/usr/lib/systemd/system/{end}-logo.service": b"" for end in ends}
    folder = "/usr/lib/systemd/system/{0}.target.wants/{0}-logo.service"
    links = {folder.format(end): member(folder.format(end), link=f"../{end}-logo.service") for end in ends}
    texts = [row.text for row in verdict(placed({**units, **links}), Residue())]
    said = "Starts halt-logo, poweroff-logo and reboot-logo when halt.target, poweroff.target and reboot.target are"
    assert f"{said} reached." in texts


@pytest.mark.parametrize(
    ("content", "counts"),
    [
        (b"", False),
        (b"# for this machine\n\n  # none yet\n", False),
        (b"/srv/x r,\n", True),
        (b"#include <local/more>\n", True),
    ],
)
def test_a_file_for_local_rules_of_apparmor_counts_once_it_has_one(content: bytes, *, counts: bool) -> None:
    path = "/etc/apparmor.d/local/usr.sbin.x"
    assert [row.what for row in placed({path: content}).of("confinement")] == [path] * counts


def starting(*links: str, **units: bytes) -> Footprint:
    """Return the footprint of units by names with _ for their dot, and links that enable or mask them."""
    masks = {link: member(link, link="/dev/null") for link in links if link.count("/") == 4}
    texts = {f"/usr/lib/systemd/system/{name.replace('_', '.')}": text for name, text in units.items()}
    return placed({**texts, **{link: member(link, link="x") for link in links}, **masks})


TIMERS, SOCKETS = "/etc/systemd/system/timers.target.wants/{}", "/etc/systemd/system/sockets.target.wants/{}"


@pytest.mark.parametrize(
    ("found", "sentences"),
    [
        (
            starting(TIMERS.format("x.timer"), x_timer=b"[Timer]\nUnit=y.service\n", x_service=b"", y_service=b""),
            ["Brings a service that nothing starts at boot.", "x.timer starts y by the clock."],
        ),
        (
            starting(SOCKETS.format("x.socket"), x_socket=b"[Socket]\nListenStream=7\n", x_service=b""),
            ["Listens on every address, port 7/tcp.", "x.socket starts x when somebody connects."],
        ),
        (
            starting(
                SOCKETS.format("x.socket"),
                **{"x_socket": b"[Socket]\nListenStream=7\nAccept=yes\n", "x@_service": b"", "x_service": b""},
            ),
            [
                "Brings a service that nothing starts at boot and listens on every address, port 7/tcp.",
                "x.socket starts x@ when somebody connects.",
            ],
        ),
        (
            starting(TIMERS.format("x.timer"), "/etc/systemd/system/x.timer", x_timer=b"", x_service=b""),
            ["Brings a service that nothing starts at boot."],
        ),
        (
            starting(TIMERS.format("x.timer"), "/etc/systemd/system/x.service", x_timer=b"", x_service=b""),
            ["Brings a timer, in effect from the next boot on."],
        ),
        (starting(x_timer=b""), ["Brings a timer, which a boot does not start."]),
        (starting("/etc/systemd/system/x.timer", x_timer=b""), []),
        (
            starting(TIMERS.format("x.timer"), x_timer=b"", a_service=b""),
            ["Brings a service that nothing starts at boot.", "Brings a timer, in effect from the next boot on."],
        ),
    ],
)
def test_what_a_timer_a_socket_or_a_path_starts_is_said_and_what_is_masked_is_not(
    found: Footprint, sentences: list[str]
) -> None:
    told = [row.text for row in verdict(found, Residue())]
    assert [text for text in told if text.startswith(("Brings", "Starts", "Listens", "x."))] == sentences
    assert not any("nothing runs" in text for text in told)


def test_what_a_started_unit_wants_in_its_own_words_is_started_at_boot() -> None:
    link = "/etc/systemd/system/multi-user.target.wants/x.service"
    other = "/usr/lib/systemd/system/{}".format
    files: Mapping[str, bytes | TarInfo] = {
        UNIT: b"[Unit]\nAfter=a.service\nWants=b.service c.target\n",
        other("a.service"): b"",
        other("b.service"): b"",
        other("c.target"): b"[Unit]\nRequires=d.socket\n",
        other("d.socket"): b"",
        link: member(link, link="x.service"),
    }
    found = placed(files)
    assert [note(row.fact) for row in found.of("services", "sockets")] == ["", "at boot", "at boot", "enabled"]


def test_a_file_of_another_package_that_was_diverted_is_told_as_replaced_and_makes_no_unowned_one() -> None:
    zcat, other, book = "/usr/bin/zcat", "/usr/bin/zcat.gzip", "/var/lib/dpkg/diversions"
    old, new = b"/x\n/x.old\nbase\n", b"/x\n/x.old\nbase\n/bin/zcat\n/bin/zcat.gzip\nzutils\n"
    link = member("/bin", link="usr/bin")
    first = tree({"/bin": link, zcat: b"gzip's", "/x": b"", book: old})
    second = tree({"/bin": link, zcat: b"zutils'", other: b"gzip's", "/x": b"", book: new})
    difference = diff(first, second, ["/var/lib/dpkg"])
    found = placed(
        {},
        before=first,
        after=second,
        difference=difference,
        owned=frozenset((zcat,)),
        owners={zcat: "trap, gzip"},
    )
    assert [(row.kind, row.what, note(row.fact)) for row in found.findings] == [
        ("diversions", zcat, f"others' goes to {other}"),
        ("foreign", zcat, f"replaced, of gzip; moved to {other}"),
    ]
    assert verdict(found, Residue())[0].text == f"Changes 1 file of other packages: {zcat}."
    assert not [row for row in verdict(found, Residue()) if "uiet" in row.text]


@pytest.mark.parametrize(
    ("paths", "notes", "sentence"),
    [
        (
            ["/etc/apt/apt.conf.d/99x"],
            ["the package manager"],
            "Brings a hook into the package manager, in effect whenever the package manager runs.",
        ),
        (
            ["/etc/network/if-up.d/x", "/usr/lib/systemd/system-sleep/x", "/etc/ppp/ip-up.d/x"],
            ["the network", "the network", "system suspend"],
            "Brings hooks into the network and system suspend, in effect whenever a network manager and a suspend run.",
        ),
        (["/etc/ld.so.preload"], ["the dynamic linker"], "Brings a hook into the dynamic linker, in effect at once."),
    ],
)
def test_what_others_run_says_who_runs_it(paths: list[str], notes: list[str], sentence: str) -> None:
    found = placed(dict.fromkeys(paths, b""))
    assert [note(row.fact).partition(",")[0] for row in found.of("events")] == notes
    assert sentence in {row.text for row in verdict(found, Residue())}


def test_a_changed_file_that_others_run_is_no_other_place() -> None:
    path = "/etc/apt/apt.conf.d/99x"
    first, second = tree({path: b""}), tree({path: b"x"})
    found = placed({}, before=first, after=second, difference=diff(first, second))
    assert [note(row.fact) for row in found.of("events")] == [
        "the package manager, changed, in effect whenever the package manager runs"
    ]


def test_a_service_that_hardware_starts_says_with_what() -> None:
    link = "/etc/systemd/system/bluetooth.target.wants/x.service"
    found = placed({UNIT: b"", link: member(link, link="x.service")})
    assert verdict(found, Residue())[1].text == "Starts x when bluetooth.target is reached."


def test_a_script_whose_name_is_an_alias_of_a_unit_is_no_service() -> None:
    alias = "/usr/lib/systemd/system/x.service"
    found = placed({SCRIPT: b"", alias: member(alias, link="other.service")})
    assert services_of(found) == {}


@pytest.mark.parametrize(
    ("uid", "words", "sentences"),
    [
        (99, "/usr/sbin/x", ["Starts a service at boot under its own user."]),
        (0, "/usr/sbin/x", ["Starts a service at boot.", BARE, "Adds a user: own."]),
        (99, "sh -c x", ["Starts a service at boot.", BEGUN, "Adds a user: own."]),
    ],
)
def test_a_service_has_the_user_that_it_was_seen_to_run_as(uid: int, words: str, sentences: list[str]) -> None:
    ran = Running(processes=(Process(pid=9, parent=0, uid=uid, words=words),))
    link = "/etc/systemd/system/multi-user.target.wants/x.service"
    files: Mapping[str, bytes | TarInfo] = {UNIT: b"", link: member(link, link="x")}
    found = placed(files, serving=((ServiceStart(name="x", path=UNIT, runs=True), ran),))
    assert [sentence.text for sentence in verdict(found, Residue())][:-1] == sentences


def test_a_service_of_which_a_part_runs_as_root_is_not_said_to_run_under_its_own_user_alone() -> None:
    ran = Running(
        processes=tuple(Process(pid=pid, parent=0, uid=uid, words="/usr/sbin/x") for pid, uid in ((9, 0), (10, 99)))
    )
    link = "/etc/systemd/system/multi-user.target.wants/x.service"
    files: Mapping[str, bytes | TarInfo] = {UNIT: b"", link: member(link, link="x")}
    found = placed(files, serving=((ServiceStart(name="x", path=UNIT, runs=True), ran),))
    assert verdict(found, Residue())[0].text == "Starts a service at boot under root and its own user."


@pytest.mark.parametrize(
    ("uid", "rank"),
    [
        (0, "ROOT'S USER ID"),
        (999, "system"),
        (1000, "a person's user id"),
        (60000, "a person's user id"),
        (64055, "system"),
    ],
)
def test_a_users_number_says_whose_it_is(uid: int, rank: str) -> None:
    user = User(name="x", uid=str(uid), gid="1", home="/", shell="/bin/false")
    assert user.says == f"{rank}, no login, home /"


@pytest.mark.parametrize(
    ("words", "is_over_then"),
    [
        ([], True),
        (["sh -c x start\nwhile :; do sleep 86400 & wait $!; done", "sleep 86400"], True),
        (["sh -c x start\nwhile :; do sleep 86400 & wait $!; done"], False),  # it has not begun
        (["sh -c x", "sleep 86400", "/usr/sbin/x"], False),
        (["/bin/sh /usr/bin/x"], False),
    ],
)
def test_a_service_of_which_only_our_own_shell_is_left_has_ended(words: list[str], is_over_then: bool) -> None:
    processes = tuple(Process(pid=pid, parent=0, uid=0, words=text) for pid, text in enumerate(words, 7))
    before = Running(processes=(Process(pid=1, parent=0, uid=0, words="sleep 86400"),))
    assert is_over(Running(processes=(*before.processes, *processes)), before) == is_over_then


def test_a_script_of_roots_that_still_starts_a_service_is_nobody_whom_it_runs_as() -> None:
    before = Running(processes=(Process(pid=1, parent=0, uid=0, words="sleep 86400"),))
    script = Process(pid=7, parent=0, uid=0, words="sh /etc/init.d/x start")
    daemon, hold = (Process(pid=8, parent=7, uid=99, words="x"), Process(pid=9, parent=0, uid=0, words="sleep 86400"))
    now = Running(processes=(*before.processes, script, daemon))
    assert not has_begun(now, before)
    assert ran_as(without_starters(now, before), before) == {99}
    assert has_begun(Running(processes=(*before.processes, daemon, hold)), before)


@pytest.mark.parametrize(
    ("lines", "ports"),
    [
        ("ListenStream=9090", [("9090/tcp", "on *, from boot on, by x.socket")]),
        ("ListenStream=0.0.0.0:22\nListenStream=[::]:22", [("22/tcp", "on *, from boot on, by x.socket")]),
        ("ListenDatagram = 127.0.0.1:69", [("69/udp", "on 127.0.0.1, from boot on, by x.socket")]),
        ("ListenStream=/run/x.sock\nListenFIFO=7\n#ListenStream=1", []),
    ],
)
def test_an_enabled_socket_unit_says_where_systemd_listens(lines: str, ports: list[tuple[str, str]]) -> None:
    unit, link = "/usr/lib/systemd/system/x.socket", "/etc/systemd/system/sockets.target.wants/x.socket"
    files: dict[str, bytes | TarInfo] = {unit: f"[Socket]\n{lines}\n".encode()}
    assert placed(files).of("ports") == ()
    found = placed({**files, link: member(link, link=unit)})
    assert [(row.what, note(row.fact)) for row in found.of("ports")] == ports


def test_of_several_services_it_is_said_which_has_its_own_user() -> None:
    ran = Running(processes=(Process(pid=9, parent=0, uid=99, words="/usr/sbin/x"),))
    units = [UNIT, "/usr/lib/systemd/system/y.service"]
    wants = [unit.replace("/system/", "/system/multi-user.target.wants/") for unit in units]
    files: Mapping[str, bytes | TarInfo] = {
        **dict.fromkeys(units, b""),
        **{link: member(link, link="x") for link in wants},
    }
    found = placed(files, serving=((ServiceStart(name="x", path=UNIT, runs=True), ran),))
    assert verdict(found, Residue())[0].text == "Starts 2 services at boot, x under its own user."


def test_ports_and_users_of_a_service_that_does_not_start_are_not_told_of_the_one_that_does() -> None:
    other, wants = "/usr/lib/systemd/system/y.service", "/etc/systemd/system/multi-user.target.wants/x.service"
    files: Mapping[str, bytes | TarInfo] = {UNIT: b"", other: b"", wants: member(wants, link="x")}
    ran = Running(
        processes=(Process(pid=9, parent=0, uid=99, words="/usr/sbin/y"),),
        ports=frozenset((ListeningPort(number=80, protocol="tcp", address="*"),)),
    )
    x, y = ServiceStart(name="x", path=UNIT, runs=True), ServiceStart(name="y", path=other, runs=True)
    found = placed(files, serving=((x, Running()), (y, ran)))
    assert [row.text for row in verdict(found, Residue())][:4] == [
        "Starts a service at boot.",
        "y would listen on every address, port 80/tcp; a boot alone does not start it.",
        BEGUN,
        "Adds a user: own.",
    ]


def test_a_port_that_a_socket_alone_listens_on_is_in_the_verdict() -> None:
    unit, link = "/usr/lib/systemd/system/x.socket", "/etc/systemd/system/sockets.target.wants/x.socket"
    found = placed({unit: b"[Socket]\nListenStream=79\n", link: member(link, link=unit)})
    assert verdict(found, Residue())[0].text == "Listens on every address, port 79/tcp."


def test_a_file_with_the_rights_of_a_group_says_which() -> None:
    found = placed({"/usr/games/x": member("/usr/games/x", mode=0o2755, gid=60)})
    assert [note(row.fact) for row in found.of("setuid")] == ["setgid, mode 2755, owner root:play"]


def test_an_alternative_that_leads_elsewhere_now_says_where_it_led_and_is_not_quiet() -> None:
    awk, page = "/etc/alternatives/awk", "/etc/alternatives/awk.1.gz"
    first = tree({awk: member(awk, link="/usr/bin/mawk"), page: member(page, link="/usr/share/man/man1/mawk.1.gz")})
    second = tree({awk: member(awk, link="/usr/bin/gawk"), page: member(page, link="/usr/share/man/man1/gawk.1.gz")})
    found = placed({}, before=first, after=second, difference=diff(first, second))
    assert note(found.of("alternatives")[0].fact) == "to /usr/bin/gawk, was /usr/bin/mawk"
    assert found.of("foreign") == ()  # it is told once
    said = [row.text for row in verdict(found, Residue())]
    assert said[0] == "Changes where awk leads."
    assert not [text for text in said if "uiet" in text]


def test_what_sessions_of_users_start_is_told_and_is_not_quiet() -> None:
    link = "/etc/systemd/user/sockets.target.wants/gpg-agent.socket"
    found = placed({link: member(link, link="x")})
    assert [(row.kind, row.what) for row in found.findings if row.kind not in ("users", "groups")] == [
        ("autostart", link)
    ]
    said = [row.text for row in verdict(found, Residue())]
    assert "Brings a program that starts with user sessions, in effect from the next login on." in said
    assert not [text for text in said if "uiet" in text]


def test_rules_of_polkit_below_var_are_told() -> None:
    path = "/var/lib/polkit-1/localauthority/10-vendor.d/x.pkla"
    assert [row.what for row in placed({path: b""}).of("polkit")] == [path]


def test_pythons_bytecode_hides_no_other_file_on_the_screen() -> None:
    files = {f"/usr/lib/python3/__pycache__/{number}.pyc": b"" for number in range(9)}
    found = placed({**files, "/zz": b"", "/zy/": member("/zy/", mode=0o755)})
    shown = screen(inspection(footprint=found)).split("no owner")[1]
    assert shown.split("\n  after")[0].split() == "/zz /zy/ (empty folder) 9 files of compiled Python".split()


def test_what_starts_at_boot_is_named_first_on_the_screen() -> None:
    units = {f"/usr/lib/systemd/system/a{number}.service": b"" for number in range(9)}
    link = "/usr/lib/systemd/system/sysinit.target.wants/x.service"
    shown = screen(inspection(footprint=placed({**units, UNIT: b"", link: member(link, link="x")})))
    assert f"service       {UNIT} (at boot)" in shown
    found = placed({**units, UNIT: b"", link: member(link, link="x")})
    found = replace(found, started=(ServiceStart(name="a8", path="/usr/lib/systemd/system/a8.service", runs=True),))
    assert "service       /usr/lib/systemd/system/a8.service\n" in screen(inspection(footprint=found))  # what was asked


def test_a_template_is_enabled_by_a_link_of_an_instance() -> None:
    unit, wants = "/usr/lib/systemd/system/{}", "/etc/systemd/system/getty.target.wants/getty@tty1.service"
    files: Mapping[str, bytes | TarInfo] = {
        unit.format("getty@.service"): b"",
        unit.format("other@.service"): b"",
        wants: member(wants, link="x"),
    }
    first, second = tree({}), tree(files)
    found = footprint(
        Measured(
            before=first,
            after=second,
            difference=diff(first, second),
            came=(TRAP,),
            asked=frozenset(),
            path="",
        )
    )
    assert [note(row.fact) for row in found.of("services")] == ["template, enabled", "template"]


CHOICE = """Format: https://x/1.0/
License: all

Files: *
License: GPL-1+ or Artistic

Files: debian/*
License: GPL-1+ or Artistic

License: GPL-1+
 a text

License: Artistic
 .
 License: x
"""
"""The texts of two licences between which one may choose: none of the two applies by itself."""


@pytest.mark.parametrize(
    ("text", "licences"),
    [
        ("Format: https://x/1.0/\n\nFiles: *\nLicense: MIT\n", ["L MIT"]),
        ("\nFormat-Specification:\n http://x/402\nUpstream-Name: x\n\nFiles: *\nlicense: MIT\n", ["L MIT"]),
        ("It was packaged by hand.\n\nLicense: Permission is granted\n", []),
        ("By hand.\n\nFormat: none\nLicense: words\n", []),
        (CHOICE, ["L GPL-1+ or Artistic"]),
        ("Format: https://x/1.0/\nLicense: Zlib\n words\n", ["L Zlib"]),
        (
            "Format: https://x/1.0/\r\n\r\nFiles: *\r\nLicense: MIT\r\n\r\nFiles: x\r\nLicense:\r\n  words",
            ["L MIT", "L ?"],
        ),
    ],
)
def test_licences_are_those_of_the_machine_readable_format(text: str, licences: list[str], tmp_path: Path) -> None:
    (tmp_path / "trap").mkdir()
    (tmp_path / "trap/copyright").write_text(text)
    query = queries_of("apt").facts(["trap"])
    assert query is not None
    script = query.argv[2].replace("/usr/share/doc", str(tmp_path))
    said = subprocess.run(("sh", "-c", script, *query.argv[3:]), capture_output=True, text=True, check=False).stdout
    assert [line for line in said.splitlines() if line.startswith("L ")] == licences


def test_where_files_lie_is_told_by_folders_three_deep_at_most() -> None:
    first = tree({})
    second = tree({"/usr/share/doc/trap/deep/x": b"12345", "/usr/share/doc/y": b"123", "/initrd": b"1"})
    found = footprint(
        Measured(before=first, after=second, difference=diff(first, second, ()), came=(), asked=frozenset(), path="/")
    )
    assert {(row.sort, row.files, row.size) for row in found.folders} == {("/usr/share/doc", 2, 8), ("/", 1, 1)}
