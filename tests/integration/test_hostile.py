"""What a hostile package does is told truly, or that it could not be seen; nothing it does holds an inspection up."""

from __future__ import annotations

import base64
import contextlib
import gzip
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from tests.integration.boxes import FAMILIES, FamilyBox, box_of, prepared
from tests.integration.running import LONG, Program
from tests.lab.hostile import deb, entry, repository
from tests.matrix import FULL, first

from sandbox.core.tasks import wait_until
from sandbox.errors import SandboxError, StepFailed
from sandbox.inspect import purge, queries
from sandbox.inspect.claims import CLAIMS, PACKAGES, RESIDUE
from sandbox.inspect.fail_on import fail_on_error
from sandbox.lifecycle import disk_guard
from sandbox.report.finding_text import note

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.engine.docker.client import DockerEngine
    from sandbox.inspect.findings import Inspection

SOURCES: Final = "echo 'deb [trusted=yes] file:/srv/hostile ./' >/etc/apt/sources.list.d/lab.list"

NAMES: Final = r"""
mkdir -p /var/lib/hostile && cd /var/lib/hostile
for name in 'new\nline' 'tab\there' '\377\376' '\033[31mred\033[0m' '\033]0;title\007' '\342\200\256gnp.exe'; do
  echo x >"$(printf "$name")"
done
for name in -rf '$(id)' '; id' ' ' '*' '"' "'" '%s' '\n'; do echo x >"./$name"; done
echo x >"$(printf '%255s' | tr ' ' n)"
ln -s ../../../../../../etc/passwd out; ln -s /proc/self/root root; ln -s loop loop; ln -s .. up
mkfifo pipe; mknod null c 1 3; mkdir closed; echo x >closed/in; chmod 0 closed
perl -MSocket -e 'socket(S,PF_UNIX,SOCK_STREAM,0); bind(S,sockaddr_un("sock")) or die'
mkdir -p /var/lib/deep && cd /var/lib/deep
name=$(printf '%200s' | tr ' ' d)
for number in $(seq 25); do mkdir "$name" && cd -P "./$name" || exit; done
echo x >unseen
"""
SHOWN: Final = {
    r"new\nline",
    r"tab\there",
    r"\xff\xfe",
    r"\x1b[31mred\x1b[0m",
    r"\x1b]0;title\x07",
    r"\u202egnp.exe",
    *("-rf", "$(id)", "; id", " ", "*", '"', "'", "%s", r"\n"),
    "n" * 255,
    *("out", "root", "loop", "up", "pipe", "null", "closed/in"),
}
LIES: Final = """
for name in sh cat wc tr rm date sed dpkg dpkg-query apt-get find stat; do
  printf '#!/bin/dash\\necho lie\\n' >/usr/local/bin/$name; chmod 755 /usr/local/bin/$name
done
"""
FILL: Final = "exec head -c 100000000000 /dev/zero >/var/lib/filled"
SHELL: Final = "cd /usr/bin && printf '#!/bin/dash\\n{}\\n' >other && chmod 755 other && mv other sh"
LIAR: Final = r"cd /usr/bin && printf '#!/bin/sh\nsleep 4\n' >other && chmod 755 other && mv other dpkg-query"
WIPED: Final = tuple(f"/usr/bin/{name}" for name in "cat cp cut date dpkg-query head id ls mv wc".split())
BREAK: Final = """
: >/usr/bin/env; chmod a-x /usr/bin/find; chown 1000 /usr/bin/sort; chmod 777 /etc/apt
mv /usr/bin/tail /usr/bin/tail.other; ln -sf /bin/true /usr/bin/head
echo x >>/etc/bash.bashrc; rm -f /var/log/dpkg.log
"""
DEBS: Final = {
    "wiper": deb("wiper", scripts={"postinst": f"rm {' '.join(WIPED)}"}),
    "breaker": deb("breaker", scripts={"postinst": BREAK}),
    "victim": deb("victim", [(entry("/usr/bin/victim", mode=0o755), b"x")]),
    "successor": deb("successor", [(entry("/usr/bin/successor", mode=0o755), b"x")], conflicts="victim"),
    "names": deb(
        "names",
        [
            (entry("/usr/share/names/\x1b[31mred"), b"x"),
            (entry("/usr/share/names/\udcff"), b"x"),
            (entry("/usr/share/names/form\x0cfeed"), b"x"),
        ],
        {"postinst": NAMES},
    ),
    "liars": deb("liars", [(entry("/usr/bin/truth", mode=0o755), b"x")], {"postinst": LIES}),
    "liar": deb("liar", [(entry("/usr/bin/truth", mode=0o755), b"x")], {"postinst": LIAR}),
    "killer": deb("killer", scripts={"postinst": "kill -9 -1"}),
    "last-killer": deb("last-killer", scripts={"postrm": "kill -9 -1"}),
    "endless": deb("endless", scripts={"postrm": "exec sleep 1000"}),
    "loud": deb("loud", scripts={"postinst": "yes | head -c 300000000; yes | head -c 1000000 >&2; echo the end"}),
    "backdoor": deb(
        "backdoor", scripts={"postinst": "echo toor::0:0::/:/bin/sh >>/etc/passwd; echo root:x | chpasswd -c SHA512"}
    ),
    "filler": deb("filler", scripts={"postinst": FILL}),
    "last-filler": deb("last-filler", scripts={"postrm": FILL}),
    "shell-less": deb("shell-less", scripts={"postinst": "rm /usr/bin/sh"}),
    "other-shell": deb("other-shell", scripts={"postinst": SHELL.format("echo lie")}),
    "stuck-shell": deb("stuck-shell", scripts={"postinst": SHELL.format("sleep 4")}),
    "loader-less": deb(
        "loader-less", scripts={"postinst": "rm -f /lib64/ld-linux* /lib/ld-linux* /usr/lib/*-linux-gnu*/ld-linux*"}
    ),
    "closed-shell": deb("closed-shell", scripts={"postinst": "chmod a-x /usr/bin/dash"}),
    "linked": deb("linked", scripts={"postinst": "mv /etc/passwd /etc/users; ln -s users /etc/passwd"}),
}


TAR: Final = base64.b64encode(gzip.compress(repository(DEBS, {"successor": "victim"}), mtime=0)).decode()
HOSTILE: Final = replace(FAMILIES[0], setup=f"echo {TAR} | base64 -d | tar xz -C /srv\n{SOURCES}")
"""The lab's Debian whose one repository has all of DEBS."""


@pytest.fixture
def box(engine: DockerEngine) -> Iterator[FamilyBox]:
    with box_of(engine, HOSTILE) as found:
        yield found


def whats(found: Inspection, *kinds: str) -> set[str]:
    return {row.what for row in found.footprint.findings if row.kind in kinds}


def test_every_name_is_told_on_one_line_and_what_is_too_deep_is_admitted(box: FamilyBox) -> None:
    found = box.inspect("names")
    told = {name for name in whats(found, "unowned") if not name.startswith("/var/lib/deep/")}
    assert told == {f"/var/lib/hostile/{name}" for name in SHOWN}
    assert any("too long a path" in text for text in found.unseen), found.unseen
    assert f"/var/lib/hostile/{'n' * 255}" in {left.what for left in found.residue.left}
    texts = [
        *(row.what + note(row.fact) for row in found.footprint.findings),
        *(row.what + row.note for row in found.residue.left),
    ]
    assert all(text.isprintable() for text in texts)


def test_liars_on_the_path_are_not_asked_and_are_named(box: FamilyBox) -> None:
    found = box.inspect("liars")
    assert [row.name for row in found.footprint.packages] == ["liars"]
    assert "truth" in found.footprint.commands
    assert "/usr/bin/truth" not in whats(found, "unowned")
    assert "/usr/local/bin/dpkg-query" in whats(found, "unowned")
    assert "/usr/local/bin/" in found.unseen[0]
    assert found.verdict[0].text == found.unseen[0]
    assert found.residue.failure == ""
    assert "/usr/local/bin/cat" in {left.what for left in found.residue.left}


@FULL
def test_a_program_that_was_replaced_and_hangs_is_not_waited_for(
    box: FamilyBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "ANSWER_LIMIT", 1.0)
    found = box.inspect("liar")
    assert any("/usr/bin/dpkg-query" in text for text in found.unseen)
    assert any("was still running" in text for text in found.unseen)


def test_a_script_that_kills_everything_is_an_error_or_a_failed_removal(box: FamilyBox) -> None:
    found = box.inspect("last-killer")
    assert found.residue.failure
    with pytest.raises(SandboxError):
        box.inspect("killer")


def test_a_removal_that_never_ends_is_told(box: FamilyBox, monkeypatch: pytest.MonkeyPatch) -> None:
    found = None
    # a busy machine needs longer until the script sleeps, and is then given it with a sandbox of its own
    for limit, enter in ((6.0, contextlib.nullcontext(box)), (100.0, box_of(box.engine, HOSTILE))):
        monkeypatch.setattr(purge, "PURGE_LIMIT", limit)
        with enter as at:
            found = at.inspect("endless")
        if found.residue.failure.endswith("in sleep 1000"):
            break
    assert found is not None
    assert found.residue.failure == f"apt-get was still running after {purge.PURGE_LIMIT:g} s, in sleep 1000"
    told = [(left.what.split()[0], left.note) for left in found.residue.of("process")]
    assert told[0] == ("apt-get", "of the removal")
    assert told[-1] == ("sleep", "of the removal")


@pytest.mark.parametrize("package", first(["last-filler", "filler"]))
def test_a_disk_that_is_filled_ends_the_sandbox_and_says_so(
    package: str, box: FamilyBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    free, _ = disk_guard.free_space(Path(box.engine.about().root))
    monkeypatch.setattr(disk_guard, "RESERVE", free - 300_000_000)
    monkeypatch.setattr(disk_guard, "SHARE", 1)
    ended = lambda: box.engine.remove(box.at.id)  # noqa: E731 - as a session does
    with pytest.raises(StepFailed, match="the disk is almost full") as said, disk_guard.guard_disk(box.engine, ended):
        box.inspect(package)
    assert said.value.cause == "disk"
    assert wait_until(lambda: box.engine.container(box.at.id) is None, LONG)


def test_a_package_that_takes_the_shell_away_is_measured_without_it(box: FamilyBox) -> None:
    found = box.inspect("shell-less")
    assert [row.name for row in found.footprint.packages] == ["shell-less"]
    assert "/usr/bin/sh" in whats(found, "foreign")
    assert any("/usr/bin/sh" in text for text in found.unseen), found.unseen
    assert any("Could not see what runs" in text for text in found.unseen), found.unseen
    assert "/usr/bin/sh" in {left.what for left in found.residue.of("gone")}
    assert found.verdict[0].text == "1 file of the base is gone: /usr/bin/sh."


@pytest.mark.parametrize("package", first(["other-shell", "stuck-shell"]))
def test_a_package_that_replaces_the_shell_is_measured_and_it_is_said(
    package: str, box: FamilyBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    if package == "stuck-shell":  # any other answers, if late on a busy machine
        monkeypatch.setattr(queries, "ANSWER_LIMIT", 2.0)
    found = box.inspect(package)
    assert [row.name for row in found.footprint.packages] == [package]
    assert "/usr/bin/sh" in whats(found, "foreign")
    assert "/usr/bin/sh" in found.verdict[0].text
    assert any("Could not see what runs" in text for text in found.unseen), found.unseen
    assert "/usr/bin/sh" in {left.what for left in found.residue.of("changed", "gone")}
    assert found.verdict[0].text == "1 file of the base is replaced: /usr/bin/sh."
    assert not any(claim in sentence.text for sentence in found.verdict for claim in CLAIMS)
    assert all(fail_on_error({"": found}, (kind,)) for kind in ("damage", "processes", "ports", "unknown", RESIDUE))


@FULL
def test_a_script_that_prints_without_end_is_ended(box: FamilyBox) -> None:
    found = box.inspect("loud")
    assert [row.name for row in found.footprint.packages] == ["loud"]


@FULL
def test_a_second_root_and_a_new_password_are_told(box: FamilyBox) -> None:
    found = box.inspect("backdoor")
    notes = {row.what: note(row.fact) for row in found.footprint.of("users")}
    assert notes["toor"].startswith("ROOT'S USER ID, login /bin/sh")
    assert "no password needed" in notes["toor"]
    assert notes["root"].startswith("password changed")
    assert {left.what for left in found.residue.of("user")} == {"toor", "root"}


@FULL
def test_users_that_cannot_be_read_are_not_said_to_be_gone(box: FamilyBox) -> None:
    found = box.inspect("linked")
    assert whats(found, "users") == set()
    assert "/etc/passwd" in whats(found, "foreign")
    assert not [left for left in found.residue.of("gone") if left.note == "user"]


def test_a_package_that_deletes_the_bases_tools_is_told_first_and_passes_no_gate(box: FamilyBox) -> None:
    found = box.inspect("wiper")
    assert [row.name for row in found.footprint.packages] == ["wiper"]
    assert found.verdict[0].text == "10 files of the base are gone: /usr/bin/cat, /usr/bin/cp, /usr/bin/cut and 7 more."
    assert whats(found, "damage") == {*WIPED}
    assert not any(claim in sentence.text for sentence in found.verdict for claim in CLAIMS)
    assert all(fail_on_error({"": found}, (kind,)) for kind in ("damage", "processes", "unowned", "unknown", RESIDUE))
    assert {PACKAGES, RESIDUE, "processes", "ports"} <= {*found.unknown}


def test_what_is_emptied_replaced_moved_or_loses_its_rights_is_damage_and_settings_are_none(box: FamilyBox) -> None:
    found = box.inspect("breaker")
    notes = {row.what: note(row.fact) for row in found.footprint.of("damage")}
    assert notes == {
        "/usr/bin/env": "emptied, of coreutils",
        "/usr/bin/find": "no longer executable, of findutils",
        "/usr/bin/sort": "owner 0:0, now 1000:0, of coreutils",
        "/usr/bin/tail": "gone, of coreutils",
        "/usr/bin/head": "replaced, of coreutils",
        "/etc/apt": "mode 0755, now 0777, of debian-archive-keyring, debconf, apt",
    }
    assert "/etc/bash.bashrc" in whats(found, "foreign")
    assert found.verdict[0].text == "1 file of the base is gone: /usr/bin/tail."
    assert fail_on_error({"": found}, ("damage",))


@FULL
def test_a_package_that_is_removed_for_another_is_no_damage(box: FamilyBox) -> None:
    box.sh("apt-get update -qq && apt-get install -qq -y victim")
    as_it_is = FamilyBox(box.engine, box.at.id, box.family)  # not as its image is
    found = as_it_is.inspect("successor")
    assert [row.name for row in found.footprint.packages] == ["successor"]
    assert whats(found, "damage") == set()
    assert "/usr/bin/victim" in whats(found, "foreign")
    assert found.unknown == ()


@pytest.mark.parametrize("package", first(["wiper", "other-shell"]))
def test_nothing_is_run_in_a_sandbox_that_its_packages_broke(package: str, box: FamilyBox) -> None:
    box.provide(package, before=True)
    with pytest.raises(StepFailed, match=f"{package} broke the sandbox"):
        box.provide(package, before=False)


BROKEN = ("other-shell", "loader-less", "closed-shell")


@pytest.mark.parametrize("name", first(BROKEN))
def test_a_command_in_a_sandbox_whose_shell_was_broken_is_our_failure(
    engine: DockerEngine, tmp_path: Path, name: str
) -> None:
    image = prepared(engine, HOSTILE.image, HOSTILE.setup)
    program = Program(folder=tmp_path, engine=engine.url, debian=image.tags[0])
    done = program.run("try", name, "--distro", "debian:bookworm", "-q", "--", "true")
    said = f"error: {name} broke the sandbox: its shell no longer works"
    assert (done.returncode, done.stderr.decode().splitlines()[0]) == (125, said)
