"""What inspect measures is what dpkg and the file system say by other ways; the trap is caught in every family."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import pytest
from msgspec import convert
from tests.answers import answer
from tests.integration.boxes import FAMILIES, Family, FamilyBox, box_of, cases
from tests.integration.engine_proxy import CREATE, RUN, EngineProxy
from tests.integration.running import ARCHIVE, Program, ended, output_of, owned, wait_for
from tests.matrix import FULL, first

from sandbox.container.box import Box
from sandbox.container.layer import files_of, merge, read_layer
from sandbox.container.processes import Running
from sandbox.container.snapshot import snapshot
from sandbox.engine import labels
from sandbox.engine.overlay import upper_folder
from sandbox.engine.protocol import ContainerSpec
from sandbox.inspect.comparison import Comparison, table
from sandbox.inspect.dpkg_records import Diverted, Override, new_diversions, new_overrides
from sandbox.inspect.file_changes import diff
from sandbox.inspect.network_log import contacts
from sandbox.inspect.residue import residue
from sandbox.inspect.sniffer import PacketListener
from sandbox.lifecycle.lifetimes import pid1_argv
from sandbox.lifecycle.owner import current_owner
from sandbox.lifecycle.session import Session
from sandbox.managers.registry import data_of
from sandbox.managers.state_paths import state_paths
from sandbox.report.finding_text import note
from sandbox.specs.model import Limits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sandbox.engine.docker.client import DockerEngine


ONE_EACH: Final = cases(FAMILIES)


def of_manager(family: Family) -> str:
    return family.manager


@pytest.fixture
def box(request: pytest.FixtureRequest, engine: DockerEngine) -> Iterator[FamilyBox]:
    with box_of(engine, request.param) as found:
        yield found


@pytest.mark.parametrize("box", ONE_EACH, indirect=True, ids=of_manager)
def test_the_trap_is_caught(box: FamilyBox) -> None:
    found = box.inspect("lab-trap")
    kinds = {finding.kind for finding in found.footprint.findings}
    assert box.family.kinds <= kinds
    assert "labtrap" in found.footprint.commands
    if "setuid" in box.family.kinds:
        (setuid,) = found.footprint.of("setuid")
        assert (setuid.what, note(setuid.fact)) == ("/usr/bin/labtrap", "setuid, mode 4755, owner root:root")
        assert {row.what for row in found.footprint.of("users")} == {"labtrap"}
        assert "/var/lib/labtrap/unowned" in {row.what for row in found.footprint.of("unowned")}
    assert box.family.left <= {left.kind for left in found.residue.left}
    if box.family.left:
        assert {left.what for left in found.residue.of("user")} == {"labtrap"}
        assert {left.what for left in found.residue.of("file")} == {"/var/lib/labtrap/unowned"}
    assert not found.residue.of("package", "gone", "changed")
    assert found.residue.failure == ""


@pytest.mark.parametrize("box", cases(FAMILIES, ("apk", "dnf5")), indirect=True, ids=of_manager)
def test_a_plain_tool_is_clean(box: FamilyBox) -> None:
    found = box.inspect("lab-tool")
    assert {left.what for left in found.residue.left} <= {"/usr/share/lab-lib/"}, (
        found.residue
    )  # rpm: no folder's owner
    assert found.footprint.commands == ("labtool",)
    assert not found.footprint.findings, found.footprint.findings
    assert (found.unseen, found.unknown) == ((), ())


@pytest.mark.parametrize("box", cases(FAMILIES, ("apt", "apk")), indirect=True, ids=of_manager)
def test_a_refresh_changes_nothing_but_the_managers_books(box: FamilyBox) -> None:
    if not data_of(box.family.manager).refresh_keeps_files:
        pytest.skip("the files before an install are read after the refresh")
    before = snapshot(box.at)
    box.provide("lab-tool", before=True)
    found = diff(before, snapshot(box.at), state_paths(box.family.manager))
    assert (found.added, found.changed, found.removed) == ((), (), ())


CHANGES: Final = (
    "mkdir -p /new/a /new/b; echo x >/new/a/x; ln /new/a/x /new/b/y; ln /etc/passwd /new/z; ln -s nowhere /new/link",
    "mkfifo /new/pipe; mknod /new/device c 1 3; printf x >'/new/a\nb'; printf x >\"/new/$(printf '\\377')\"",
    "chmod 4755 /usr/bin/id; chown 33:44 /etc/shells; rm /etc/issue; rm /etc/group-; mkdir /etc/group-",
    "rm -rf /usr/share/misc; mkdir -p /usr/share/misc/new; rm -rf /usr/share/base-files /mnt; touch /mnt",
    "touch -r /etc/services /tmp/t || touch /tmp/t; sed -i s/e/f/ /etc/profile; touch -r /tmp/t /etc/profile",
    "rm -rf /srv; mkdir -m 700 /srv; truncate -s 5000000 /srv/sparse; : >/srv/empty; mv /home /srv/home; rm -r /new/a",
)
"""Changes of every kind that a package may make: each is one command."""


OVERLAYS: Final = ("overlay", "overlay2", "overlayfs")
"""What Podman, Docker, and Docker with containerd's store call the kernel's overlayfs."""


@pytest.mark.parametrize("box", cases(FAMILIES, ("apt", "apk")), indirect=True, ids=of_manager)
def test_the_images_files_under_the_sandboxs_layer_are_what_the_engine_exports(box: FamilyBox) -> None:
    assert box.image is not None
    image = box.pristine(box.image).result()
    about = box.engine.about()
    box.provide("lab-trap", before=True)
    box.provide("lab-trap", before=False)
    there = box.engine.container(box.at.id)
    assert there is not None
    folder = upper_folder(there.id, there.pid)
    assert bool(folder) == (not (os.geteuid() or about.rootless) and about.storage in OVERLAYS)
    for change in ("true", *CHANGES):
        box.at.exec(("sh", "-c", change))
        exported = snapshot(box.at)
        assert files_of(box.at, lambda: image) == exported
        if folder:  # a look that falls back on the export proves nothing
            assert merge(image, read_layer(folder)) == exported


RECORDS: Final = r"""
groupadd labgone
dpkg-divert --quiet --add --rename --package lab /usr/sbin/reboot
dpkg-statoverride --add root labgone 2755 /usr/bin/lab
groupdel labgone
mkdir -p /lab/DEBIAN
printf 'Package: lab\nVersion: 1\nArchitecture: all\nMaintainer: x\nDescription: x\n' >/lab/DEBIAN/control
dpkg-deb --build /lab /lab.deb
dpkg --install /lab.deb
"""
"""What packages do by dpkg's own tools: one diversion of a file that the base lacks; an override whose group goes."""


def test_dpkgs_records_are_read_as_dpkg_writes_them_and_an_override_of_who_is_gone_breaks_it(
    engine: DockerEngine,
) -> None:
    with box_of(engine, next(family for family in FAMILIES if family.manager == "apt")) as box:
        before = snapshot(box.at)
        done = box.at.exec(("sh", "-c", RECORDS))
        after = snapshot(box.at)
    assert new_diversions(before, after) == (
        Diverted(path="/usr/sbin/reboot", to="/usr/sbin/reboot.distrib", by="lab"),
    )
    assert new_overrides(before, after) == (Override(path="/usr/bin/lab", user="root", group="labgone", mode="2755"),)
    left = residue(before, after, packages=((), ()), running=(Running(), Running()), ignored=state_paths("apt"))
    assert [row.note for row in left.of("override")] == ["dpkg refuses every package: nobody has the name labgone"]
    assert "unknown system group 'labgone' in statoverride file" in done.output


@pytest.fixture(scope="module")
def program(engine: DockerEngine, tmp_path_factory: pytest.TempPathFactory) -> Program:
    """Give the program with one cache for all, in which the files of the image are after the first inspection."""
    return Program(folder=tmp_path_factory.mktemp("inspect"), engine=engine.url, debian=ARCHIVE)


INSPECTED: Final[dict[tuple[str, ...], Any]] = {}
"""What was found, by what was typed: tests that look at the same inspection share it."""


def seen(program: Program, *words: str) -> Any:
    """Return what the program found, as JSON."""
    if words not in INSPECTED:
        done = program.run("inspect", *words, "--distro", "debian:bookworm", "--json")
        assert done.returncode == 0, done.stderr.decode()
        INSPECTED[words] = answer("inspect", done.stdout)
    return INSPECTED[words]


ONE_CAME, ESSENTIAL = ("tzdata", "tree"), ("dash",)


@pytest.mark.parametrize("words", first([ONE_CAME, ESSENTIAL]), ids=" ".join)
def test_what_the_base_had_is_not_purged(program: Program, words: tuple[str, ...]) -> None:
    found = seen(program, *words)
    assert [row["name"] for row in found["footprint"]["packages"]] == [*words[1:]]
    assert found["residue"] == {"left": [], "failure": ""}


TRUTH: Final = r"""
set -e
ls_all() { find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /run \) -prune -o "$@"; }
apt-get -qq update
ls_all -type f -perm /6000 -print | sort >/dev/before
cut -d: -f1 /etc/passwd | sort >/dev/users
dpkg-query -W -f '${Package}\n' | sort >/dev/packages
apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1
dpkg-query -W -f '${Package}\n' | sort | comm -13 /dev/packages - | sed 's/^/package /'
ls_all -type f -perm /6000 -print | sort | comm -13 /dev/before - | sed 's/^/setuid /'
cut -d: -f1 /etc/passwd | sort | comm -13 /dev/users - | sed 's/^/user /'
for name in $(dpkg-query -W -f '${Package}\n' | sort | comm -13 /dev/packages -); do
  dpkg-query -L "$name" | sed -n 's,^/\(usr/\)\?s\?bin/\([^/]*\)$,command \2,p; s,^/usr/games/\([^/]*\)$,command \1,p'
done | sort -u
apt-get purge -y -qq --auto-remove "$@" >/dev/null 2>&1
cut -d: -f1 /etc/passwd | sort | comm -13 /dev/users - | sed 's/^/left /'
"""
"""Another way to know: find, comm and dpkg in a container of its own."""


SERVICES: Final = ("redis-server", "redis-sentinel")
"""Of one inspection: the tests that look at it are of one name, and so of one worker."""


@pytest.mark.parametrize("packages", first([SERVICES, ("htop",), ("cron",)]), ids=" ".join)
def test_it_equals_what_find_and_dpkg_say(packages: tuple[str, ...], program: Program, client: Any) -> None:
    found = seen(program, *packages)
    argv = ("sh", "-c", TRUTH, "sh", *packages)
    said = output_of(client, ARCHIVE, *argv, environment={"DEBIAN_FRONTEND": "noninteractive"}).decode()
    truth: dict[str, set[str]] = {}
    for line in said.splitlines():
        kind, _, name = line.partition(" ")
        truth.setdefault(kind, set()).add(name)
    footprint = found["footprint"]

    def whats(kind: str) -> set[str]:
        return {row["what"] for row in footprint["findings"] if row["kind"] == kind}

    assert {row["name"] for row in footprint["packages"]} == truth["package"]
    assert whats("setuid") == truth.get("setuid", set())
    assert whats("users") == truth.get("user", set())
    assert set(footprint["commands"]) == truth.get("command", set())
    assert {row["what"] for row in found["residue"]["left"] if row["kind"] == "user"} == truth.get("left", set())


@cache
def redis_port(client: Any, base: str) -> tuple[str, str]:
    """Return what is said of redis' port: Docker 26.1 gives the loopback of a container ::1, 20.10 does not."""
    has_v6 = output_of(client, base, "cat", "/proc/net/if_inet6") != b""
    return "6379/tcp", f"on 127.0.0.1{' and ::1' if has_v6 else ''}, while redis-server runs"


@pytest.mark.parametrize("packages", [SERVICES], ids=" ".join)
def test_a_service_is_started_to_see_where_it_listens(
    packages: tuple[str, ...], program: Program, client: Any, base: str
) -> None:
    found = seen(program, *packages)
    ports = [row for row in found["footprint"]["findings"] if row["kind"] == "ports"]
    assert redis_port(client, base) in {(row["what"], row["note"]) for row in ports}
    assert found["footprint"]["started"][0] == {
        "name": "redis-server",
        "path": "/usr/lib/systemd/system/redis-server.service",
        "runs": True,
        "users": ["redis"],
    }
    assert found["schema"] == 2


def test_what_came_for_a_name_that_others_provide_is_purged_by_its_own(program: Program) -> None:
    found = seen(program, "cron-daemon")
    assert [row["name"] for row in found["footprint"]["packages"] if row["asked"]] == ["cron"]
    assert "cron" not in {row["what"] for row in found["residue"]["left"] if row["kind"] == "package"}
    assert found["residue"]["failure"] == ""


@pytest.mark.parametrize("packages", [SERVICES], ids=" ".join)
def test_each_service_is_started_by_itself_and_its_ports_are_its_own(
    packages: tuple[str, ...], program: Program, client: Any, base: str
) -> None:
    found = seen(program, *packages)
    ports = {(row["what"], row["note"]) for row in found["footprint"]["findings"] if row["kind"] == "ports"}
    assert redis_port(client, base) in ports
    assert ("26379/tcp", "on *, while redis-sentinel runs") in ports
    assert not [note for what, note in ports if ("sentinel" in note) != (what == "26379/tcp")]
    assert [row["name"] for row in found["footprint"]["started"]] == ["redis-server", "redis-sentinel"]


def test_what_must_not_be_there_is_status_6(program: Program) -> None:
    words = ("--fail-on", "setuid,licence:GPL-3.0-only", "--sbom", "trap.json", "--sbom-format", "spdx")
    done = program.run("inspect", "lab-trap", "--distro", "debian:bookworm", "-q", *words)
    assert done.returncode == 6
    assert b"/usr/bin/labtrap" in done.stderr
    assert b"perhaps lab-trap: says no licence" in done.stderr
    bill = json.loads((program.work / "trap.json").read_text())
    (trap,) = (row for row in bill["packages"] if row["name"] == "lab-trap")
    assert trap["externalRefs"][0]["referenceLocator"].startswith("pkg:deb/debian/lab-trap@")
    assert trap["licenseDeclared"] == "NOASSERTION"


def test_candidates_stand_side_by_side_and_a_failure_in_its_cell(program: Program) -> None:
    done = program.run("compare", "htop", "no-such-package", "--distro", "debian:bookworm", "-q", "--json")
    found = answer("compare", done.stdout)
    del found["schema"]
    header, version, *_ = table(convert(found, Comparison))
    assert header == ("", "htop", "no-such-package")
    assert version == ("version", "3.2.2-2", "failed")
    assert done.returncode == 1


INSPECT, COMPARE = ("inspect", "htop"), ("compare", "htop", "cron", "--jobs", "2")
MOMENTS: Final = ((INSPECT, RUN), (COMPARE, CREATE), (INSPECT, CREATE), (COMPARE, RUN))


@pytest.mark.parametrize(
    ("words", "moment"),
    first(MOMENTS, 2, several=True),
    ids=lambda value: value[0] if isinstance(value, tuple) else {RUN: "in a command", CREATE: "at the start"}[value],
)
def test_an_interrupt_leaves_nothing(
    words: tuple[str, ...], moment: str, program: Program, client: Any, tmp_path: Path
) -> None:
    with EngineProxy(tmp_path, program.engine) as proxy:
        proxy.hold_answer(moment)
        process = replace(program, engine=proxy.url).start(*words, "--distro", "debian:bookworm")
        wait_for(proxy.held.is_set)
        wait_for(lambda: owned(client, process.pid))  # a busy engine may answer before it lists it
        process.send_signal(signal.SIGINT)
        proxy.release()
        status, _, said = ended(process)
    assert status == 130, said.decode()
    assert b"Traceback" not in said
    assert owned(client, process.pid) == []


@FULL
def test_a_package_of_a_language_is_measured_with_what_brings_its_manager(program: Program) -> None:
    found = seen(program, "pip:httpie=3.2.3")
    brought = {row["name"]: row for row in found["footprint"]["packages"]}
    assert brought["pip:httpie"]["version"] == "3.2.3"
    assert brought["pip:httpie"]["asked"]
    assert brought["pip:httpie"]["licence"] == "BSD License"
    assert "pip:requests" in brought["pip:pysocks"]["needed_by"], "an extra"
    assert "pip:httpie" in brought["python3"]["needed_by"]
    assert {"http", "https", "httpie"} <= set(found["footprint"]["commands"])
    strays = [row["what"] for row in found["footprint"]["findings"] if row["kind"] == "unowned"]
    assert not [path for path in strays if path.startswith(("/opt/pip/", "/usr/local/bin/"))]
    assert [(row["kind"], row["what"]) for row in found["residue"]["left"]] == [("folder", "/opt/pip/")]


@FULL
def test_whom_an_installation_talked_to_is_told_by_name(program: Program, tmp_path: Path, base: str) -> None:
    assert base
    over_the_network = Program(folder=tmp_path / "whole", engine=program.engine)
    found = seen(over_the_network, "hello", "--network-log")
    names = {name for contact in found["contacts"] for name in contact["names"]}
    assert names, found["contacts"]
    assert {contact["protocol"] for contact in found["contacts"]} <= {"tcp", "udp", "proxy"}
    assert seen(program, "cron-daemon")["contacts"] is None


def test_a_connection_that_a_sandbox_opens_is_heard(engine: DockerEngine, base: str) -> None:
    owner = current_owner()
    session = Session(engine, owner, version="test")
    image = engine.image(base)
    assert image is not None
    try:
        session.start(
            lambda name, mine: ContainerSpec(
                name=name,
                image=image.id,
                argv=pid1_argv("session", None),
                labels={**mine, labels.KIND: "test-service"},
                hostname="lab",
                limits=Limits(),
            )
        )
        listener = PacketListener(session, image)
        # a connection that is begun is in the kernel's table; the address, the port and the state in hexadecimal
        begun = "[ $(grep -c ' 070200C0:1B5[9A] 02 ' /proc/net/tcp) = 2 ] || [ $((n += 1)) = 1000 ]"
        text = (
            "n=0; for port in 7001 7002; do (echo >/dev/tcp/192.0.2.7/$port) 2>/dev/null & done;"
            f" until {begun}; do sleep 0.1; done; kill %1 %2"
        )
        Box(engine, session.container).exec(("bash", "-mc", text))
        heard = contacts(listener.end())
    finally:
        removal = session.finish()
    assert {(row.protocol, row.address, row.port) for row in heard} == {
        ("tcp", "192.0.2.7", 7001),
        ("tcp", "192.0.2.7", 7002),
    }
    assert (removal.left, removal.failures) == ((), ())
