"""What will run later, as the files say it: by a boot, timers, sockets, cron; what was answered; what programs do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from tests.unit.snapshots import member, tree

from sandbox.inspect.file_changes import diff
from sandbox.inspect.findings import ChosenAnswer, ServiceStart
from sandbox.inspect.footprint import footprint
from sandbox.inspect.later_verdict import later_sentences
from sandbox.inspect.measured import Measured
from sandbox.inspect.service_verdict import is_something_started
from sandbox.managers.metadata import parse
from sandbox.report.finding_text import later_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from tarfile import TarInfo

    from sandbox.inspect.findings import Footprint

UNITS, LINKS = "/usr/lib/systemd/system/{}", "/etc/systemd/system/{}.wants/{}"


def measured(files: Mapping[str, bytes | TarInfo], before: Mapping[str, bytes | TarInfo] | None = None) -> Measured:
    first, second = tree(before or {}), tree(files)
    return Measured(
        before=first, after=second, difference=diff(first, second), came=(), asked=frozenset(), path="", owned=None
    )


def brought(files: Mapping[str, bytes | TarInfo], before: Mapping[str, bytes | TarInfo] | None = None) -> Footprint:
    return footprint(measured(files, before))


def unit(text: str, *, name: str = "x.service", target: str = "multi-user.target") -> Mapping[str, bytes | TarInfo]:
    link = LINKS.format(target, name)
    return {UNITS.format(name): text.encode(), link: member(link, link=UNITS.format(name))}


def test_an_init_script_whose_name_is_an_alias_of_a_unit_runs_no_second_time() -> None:
    script, alias = "/etc/init.d/other", UNITS.format("other.service")
    links = {path: member(path, link="../init.d/other") for path in ("/etc/rc2.d/S01other",)}
    files = {**unit("[Service]\nExecStart=/bin/x\n"), script: b"#!/bin/sh\n", **links}
    assert [row.name for row in brought(files).later] == ["other", "x.service"]
    for to in ("x.service", "/dev/null"):
        assert [row.name for row in brought({**files, alias: member(alias, link=to)}).later] == ["x.service"]


@pytest.mark.parametrize(
    ("files", "lines"),
    [
        (unit("[Service]\nExecStart=/bin/x -f\n"), ["x.service (at boot): /bin/x -f, as root"]),
        (unit("[Service]\nExecStart=/bin/x\nUser=me\n"), ["x.service (at boot): /bin/x, as me"]),
        (
            unit("[Service]\nExecStart=/bin/x\nProtectSystem=full\nNoNewPrivileges=yes\nPrivateTmp=no\n"),
            ["x.service (at boot): /bin/x, as root with ProtectSystem=full and NoNewPrivileges"],
        ),
        (
            unit("[Service]\nExecStart=/bin/x\nDynamicUser=yes\n"),
            [
                (
                    "x.service (at boot): /bin/x, as a user created for it with ProtectSystem=strict,"
                    " ProtectHome=read-only, NoNewPrivileges and 1 more"
                )
            ],
        ),
        (
            {
                **unit("[Timer]\nOnCalendar=daily\nOnBootSec=5min\n", name="x.timer", target="timers.target"),
                UNITS.format("x.service"): b"[Service]\nExecStart=/bin/a\nExecStart=/bin/b\n",
            },
            ["x.timer (daily, OnBootSec=5min): /bin/a; /bin/b, as root"],
        ),
        (
            {
                **unit("[Socket]\nListenStream=7\nAccept=yes\n", name="x.socket", target="sockets.target"),
                UNITS.format("x@.service"): b"[Service]\nExecStart=-/bin/a\nUser=me\n",
            },
            ["x.socket (ListenStream=7): -/bin/a, as me"],
        ),
        (
            {
                **unit("[Service]\nExecStart=/bin/x %i\n", name="x@.service"),
                LINKS.format("multi-user.target", "x@1.service"): member(
                    LINKS.format("multi-user.target", "x@1.service"), link="x"
                ),
            },
            ["x@1.service (at boot): /bin/x %i, as root"],
        ),
        ({UNITS.format("x.service"): b"[Service]\nExecStart=/bin/x\n"}, []),
        (
            {**unit("[Service]\nExecStart=/bin/x\n"), f"{UNITS.format('x.service')}.d/1.conf": b"[Service]\nUser=me\n"},
            ["x.service (at boot): /bin/x, as me"],
        ),
        (
            {"/etc/init.d/x": b"#!/bin/sh\n", "/etc/rc2.d/S01x": member("/etc/rc2.d/S01x", link="../init.d/x")},
            ["x (at boot): /etc/init.d/x start, as root"],
        ),
        (
            {
                "/etc/init.d/x": b'#!/sbin/openrc-run\ncommand="/bin/x"\ncommand_args="-f"\ncommand_user="me:us"\n',
                "/etc/runlevels/default/x": member("/etc/runlevels/default/x", link="/etc/init.d/x"),
            },
            ["x (at boot): /bin/x -f, as me"],
        ),
        (
            {"/etc/sv/x/run": b"#!/bin/sh\n", "/var/service/x": member("/var/service/x", link="/etc/sv/x")},
            ["x (at boot): /etc/sv/x/run, as root"],
        ),
        (
            {"/etc/cron.d/x": b"# no\nPATH=/bin\n09,39 *  * * * root  [ -x /x ] && /x\n@reboot me /y\n"},
            ["/etc/cron.d/x (09,39 * * * *): [ -x /x ] && /x, as root", "/etc/cron.d/x (@reboot): /y, as me"],
        ),
        (
            {"/var/spool/cron/crontabs/me": b"1 2 3 4 5 /y a\n"},
            ["/var/spool/cron/crontabs/me (1 2 3 4 5): /y a, as me"],
        ),
        ({"/var/spool/cron/atjobs/.SEQ": b"0\n"}, []),
        (
            {"/etc/anacrontab": b"7 10 cron.weekly run-parts x\n"},
            ["/etc/anacrontab (every 7 days): run-parts x, as root"],
        ),
        (
            {"/etc/cron.daily/x": member("/etc/cron.daily/x", mode=0o755)},
            ["/etc/cron.daily/x (daily): /etc/cron.daily/x, as root"],
        ),
        ({"/etc/cron.daily/x": member("/etc/cron.daily/x")}, []),
        (
            {"/etc/periodic/15min/x": member("/etc/periodic/15min/x", mode=0o755)},
            ["/etc/periodic/15min/x (15min): /etc/periodic/15min/x, as root"],
        ),
    ],
)
def test_what_will_run_is_a_line_each(files: Mapping[str, bytes | TarInfo], lines: list[str]) -> None:
    assert [later_text(run) for run in brought(files).later] == lines


@pytest.mark.parametrize(
    ("texts", "sentences"),
    [
        (["User=me"], []),
        ([""], ["a is started as root, without any of systemd's protections."]),
        (["", "PrivateTmp=false"], ["a and b are started as root, without any of systemd's protections."]),
        (
            ["ProtectSystem=strict\nPrivateTmp=yes"],
            ["a is started as root, protected by systemd's ProtectSystem=strict and PrivateTmp."],
        ),
        (["PrivateTmp=yes", "PrivateTmp=yes"], ["a and b are started as root, with some of systemd's protections."]),
    ],
)
def test_services_that_run_as_root_are_said_with_what_systemd_keeps_from_them(
    texts: list[str], sentences: list[str]
) -> None:
    files: dict[str, bytes | TarInfo] = {}
    for name, text in zip("ab", texts, strict=False):
        files |= unit(f"[Service]\nExecStart=/bin/x\n{text}\n", name=f"{name}.service")
    assert [row.text for row in later_sentences(brought(files))] == sentences


@pytest.mark.parametrize(
    ("user", "sentences"),
    [
        ("root", ["x runs as root, without any of systemd's protections."]),
        ("me", []),
        ("", ["x is started as root, without any of systemd's protections."]),
    ],
)
def test_what_was_seen_to_go_on_as_another_is_not_said_to_run_as_root(user: str, sentences: list[str]) -> None:
    seen = ServiceStart(name="x", path=UNITS.format("x.service"), runs=True, users=(user,) if user else ())
    found = replace(brought(unit("[Service]\nExecStart=/bin/x\n")), started=(seen,))
    assert [row.text for row in later_sentences(found)] == sentences


@pytest.mark.parametrize(("user", "sentences"), [("root", ["x runs as root."]), ("me", []), ("", [])])
def test_what_an_init_script_starts_runs_as_root_where_it_was_seen_to(user: str, sentences: list[str]) -> None:
    files: Mapping[str, bytes | TarInfo] = {
        "/etc/init.d/x": b"#!/bin/sh\n",
        "/etc/rc2.d/S01x": member("/etc/rc2.d/S01x", link="../init.d/x"),
    }
    seen = ServiceStart(name="x", path="/etc/init.d/x", runs=True, users=(user,) if user else ())
    assert [row.text for row in later_sentences(replace(brought(files), started=(seen,)))] == sentences


ON = b'APT::Periodic::Unattended-Upgrade "1";\n'


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        (
            {"/usr/bin/unattended-upgrade": b"", "/etc/apt/apt.conf.d/20auto-upgrades": ON},
            "Upgrades this host's packages by itself: unattended-upgrades, by /etc/apt/apt.conf.d/20auto-upgrades.",
        ),
        (
            {"/usr/bin/unattended-upgrade": b"", "/etc/apt/apt.conf.d/20auto-upgrades": ON.replace(b"1", b"0")},
            "unattended-upgrades does not upgrade the host by itself, because that is switched off.",
        ),
        (
            {"/usr/bin/unattended-upgrade": b"", "/etc/apt/apt.conf.d/50unattended-upgrades": b"// " + ON},
            "unattended-upgrades does not upgrade the host by itself, because that is switched off.",
        ),
        (
            {"/usr/sbin/popularity-contest": b"", "/etc/popularity-contest.conf": b'PARTICIPATE="yes"\n'},
            "Reports which packages this host has: popularity-contest, by /etc/popularity-contest.conf.",
        ),
        (
            {"/usr/sbin/popularity-contest": b"", "/etc/popularity-contest.conf": b'PARTICIPATE="no"\n'},
            "popularity-contest reports nothing, because that is switched off.",
        ),
        (
            {"/usr/bin/dnf-automatic": b"", "/etc/dnf/automatic.conf": b"[commands]\napply_updates = yes\n"},
            "Upgrades this host's packages by itself: dnf-automatic, by /etc/dnf/automatic.conf.",
        ),
    ],
)
def test_what_a_program_does_by_itself_is_said_and_that_it_is_off(files: dict[str, bytes], sentence: str) -> None:
    assert [row.text for row in later_sentences(brought(files))] == [sentence]


def test_a_timer_that_nothing_turns_on_is_no_habit() -> None:
    timer = b"[Timer]\nOnCalendar=daily\n[Install]\nWantedBy=timers.target\n"
    place, link = "/usr/lib/systemd/system/certbot.timer", "/etc/systemd/system/timers.target.wants/certbot.timer"
    assert brought({place: timer}).habits == ()
    (habit,) = brought({place: timer, link: member(link, link=place)}).habits
    assert (habit.name, habit.is_on) == ("certbot", True)


def test_answers_that_nobody_gave_are_those_that_are_new_or_others() -> None:
    place, part = "/var/cache/debconf/config.dat", "Name: {}\nTemplate: {}\nValue: {}\nOwners: x\n"
    old = part.format("a/old", "a/old", "1")
    new = "\n".join(
        (old, part.format("b/new", "b/new", "yes, no"), "Name: b/none\nOwners: x\n", part.format("b/e", "b/e", ""))
    )
    found = brought({place: new.encode()}, {place: old.encode()})
    assert found.answers == (ChosenAnswer(question="b/new", answer="yes, no"),)


INETD = """#<off># netbios-ssn stream tcp nowait root /usr/sbin/tcpd /usr/sbin/smbd
# a comment
telnet\t\tstream\ttcp\tnowait\ttelnetd\t/usr/sbin/tcpd\t/usr/sbin/in.telnetd
127.0.0.1:9999 dgram udp6 wait root.tty /opt/x x --fast
daytime stream tcp nowait root internal
mystery stream tcp nowait nobody /opt/y y
rstatd/1-3 dgram rpc/udp wait root /opt/z z
"""
XINETD = """service tftp
{
    # disable = yes
    socket_type = dgram
    protocol    = udp
    user        = root
    server      = /usr/sbin/in.tftpd
    server_args = -s /srv
    disable     = %s
}
service mine
{
    type = UNLISTED
    port = 7777
    bind = 10.0.0.1
    socket_type = stream
    server = /opt/m
}
"""


def test_what_an_inetd_starts_is_told_with_its_port_and_whether_an_inetd_runs() -> None:
    """A name has its number from /etc/services, else from IANA's list: a container has no netbase, a host has."""
    found = brought({"/etc/inetd.conf": INETD.encode(), "/etc/services": b"mystery 4711/tcp riddle # x\n"})
    head, once = "/etc/inetd.conf (when somebody connects to port", "once an inetd runs"
    assert [later_text(row) for row in found.later] == [
        f"{head} 23/tcp, {once}): /usr/sbin/tcpd /usr/sbin/in.telnetd, as telnetd",
        f"{head} 9999/udp, {once}): /opt/x --fast, as root",
        f"{head} 13/tcp, {once}): nothing, as root",
        f"{head} 4711/tcp, {once}): /opt/y, as nobody",
        f"{head} rstatd/1-3/rpc/udp, {once}): /opt/z, as root",
    ]
    assert found.of("ports", "services") == ()
    assert [row.what for row in found.of("inetd")] == ["/etc/inetd.conf"]
    assert [row.text for row in later_sentences(found)] == [
        "An inetd starts in.telnetd as telnetd when somebody connects to port 23/tcp, once an inetd runs.",
        "An inetd starts x as root when somebody connects to port 9999/udp, once an inetd runs.",
        "An inetd starts y as nobody when somebody connects to port 4711/tcp, once an inetd runs.",
        "The lists for inetd have 1 more.",
    ]


def test_an_inetd_that_a_boot_starts_listens_for_its_entries() -> None:
    files = {"/etc/inetd.conf": INETD.encode(), **unit("[Service]\nExecStart=/usr/sbin/inetd\n", name="inetd.service")}
    ports = brought(files).of("ports")
    assert [(row.what, getattr(row.fact, "addresses", ()), getattr(row.fact, "service", "")) for row in ports] == [
        ("23/tcp", ("*",), "inetd"),
        ("9999/udp", ("127.0.0.1",), "inetd"),
        ("13/tcp", ("*",), "inetd"),
    ]
    found = brought(files, {"/etc/inetd.conf": INETD.replace("telnet\t", "#").encode()})
    assert [row.text for row in later_sentences(found) if "somebody" in row.text] == [
        "inetd starts in.telnetd as telnetd when somebody connects to port 23/tcp."
    ], "the others were there before"


@pytest.mark.parametrize(("disable", "lines"), [("yes", ["7777/tcp"]), ("no", ["69/udp", "7777/tcp"])])
def test_an_entry_of_xinetd_that_is_disabled_is_none(disable: str, lines: list[str]) -> None:
    path = "/etc/xinetd.d/lab"
    xinetd = unit("[Service]\nExecStart=/usr/sbin/xinetd\n", name="xinetd.service")
    found = brought({path: (XINETD % disable).encode(), **xinetd})
    assert [row.what for row in found.of("ports")] == lines
    assert all(row.service == "xinetd" for row in found.later if row.kind == "inetd")
    other = unit("[Service]\nExecStart=/usr/sbin/inetd\n", name="openbsd-inetd.service")
    assert brought({path: (XINETD % disable).encode(), **other}).of("ports") == (), "it reads no such file"


FILE, INFO = "/var/lib/dpkg/triggers/File", "/var/lib/dpkg/info"


def test_a_trigger_of_dpkg_is_told_and_one_that_renews_an_index_is_calm() -> None:
    """`interest` in a path and in a name, as dpkg 1.21 keeps them; what was there before is not told."""
    before = {FILE: b"/usr/lib/old old\n", "/var/lib/dpkg/triggers/Lock": b""}
    files = {
        FILE: b"/usr/lib/old old\n/usr/share/man man-db/noawait\n/etc/a b mine:amd64\n/etc/c mine:amd64/noawait\n",
        "/var/lib/dpkg/triggers/Unincorp": b"/usr/share/man man-db\n",
        "/var/lib/dpkg/triggers/update-initramfs": b"mine:amd64\n",
    }
    found = brought(files, before)
    manuals = "when another package has files below /usr/share/man"
    mine = "when another package has files below /etc/a b and /etc/c, and when another package calls update-initramfs"
    assert [(row.name, row.when, row.runs, row.user) for row in found.later] == [
        (f"{INFO}/man-db.triggers", manuals, f"{INFO}/man-db.postinst triggered", "root"),
        (f"{INFO}/mine:amd64.triggers", mine, f"{INFO}/mine:amd64.postinst triggered", "root"),
    ]
    assert [row.text for row in later_sentences(found)] == [f"mine runs a script of its own as root {mine}."]
    assert is_something_started(found)
    assert not is_something_started(brought({FILE: b"/usr/share/man man-db/noawait\n"}))


def test_triggers_of_apk_and_hooks_of_pacman_are_told() -> None:
    hook = b"[Trigger]\nTarget = usr/lib/x/*\nTarget = *.so\n[Action]\nWhen = PostTransaction\nExec = /bin/x -u\n"
    files = {
        "/lib/apk/db/installed": b"C:Q1aa=\nP:busybox\nV:1\n\nC:Q1bb=\nP:mine\nV:2\n",
        "/lib/apk/db/triggers": b"Q1aa= /bin:/usr/bin\nQ1bb= /usr/share/mine/*\n",
        "/usr/share/libalpm/hooks/x.hook": hook,
    }
    before = {"/lib/apk/db/triggers": b"Q1aa= /bin:/usr/bin\n"}
    match = "when packages come that match usr/lib/x/* and *.so (PostTransaction)"
    assert [later_text(row) for row in brought(files, before).later] == [
        "/lib/apk/db/triggers (when another package has files in /usr/share/mine/*): the trigger of mine, as root",
        f"/usr/share/libalpm/hooks/x.hook ({match}): /bin/x -u, as root",
    ]


def test_a_file_trigger_of_rpm_is_told_by_its_database() -> None:
    """As `rpm -q` prints FILETRIGGERNAME and TRANSFILETRIGGERNAME (rpm 4.13 to 6.1)."""
    output = "N mine\nT 1\nD sh\nN glib2\nN mine\nF /etc/z\nF /usr/share/x\nN glib2\nF /usr/share/glib-2.0/schemas\n"
    found = replace(measured({}), facts=parse(output, str.split))
    assert [later_text(row) for row in footprint(found).later] == [
        "mine (when another package has files below /etc/z and /usr/share/x): the file trigger of mine, as root",
        "glib2 (when another package has files below /usr/share/glib-2.0/schemas): the file trigger of glib2, as root",
    ]
    assert [row.text for row in later_sentences(footprint(found))] == [
        "mine runs a script of its own as root when another package has files below /etc/z and /usr/share/x."
    ]
