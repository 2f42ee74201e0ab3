"""What a hostile package does is told truly, or that it could not be seen; nothing it does holds an inspection up."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Final

import pytest
from tests.integration.test_inspect import FAMILIES, Box
from tests.lab.hostile import deb, entry, repository

from sandbox import labels
from sandbox.commands import measuring, purging
from sandbox.engine.base import ContainerSpec
from sandbox.errors import SandboxError
from sandbox.spec.model import Limits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.engine.docker.client import DockerEngine
    from sandbox.evaluate.findings import Inspection

APT: Final = FAMILIES[0]
SOURCES: Final = (
    ": >/etc/apt/sources.list; echo 'deb [trusted=yes] file:/srv/hostile ./' >/etc/apt/sources.list.d/lab.list"
)

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
LIAR: Final = "printf '#!/bin/sh\\nsleep 4\\n' >/usr/bin/dpkg-query"
PACKAGES: Final = {
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
    "linked": deb("linked", scripts={"postinst": "mv /etc/passwd /etc/users; ln -s users /etc/passwd"}),
}


@pytest.fixture
def box(engine: DockerEngine) -> Iterator[Box]:
    if engine.image(f"{APT.image}:latest") is None:
        pytest.skip(f"{APT.image} is not built: make lab")
    container = engine.create(
        ContainerSpec(
            name=f"hostile-{os.getpid()}",
            image=APT.image,
            argv=("/bin/sh", "-c", "trap 'exit 0' TERM; while :; do sleep 86400 & wait $!; done"),
            labels={labels.KIND: "test-service"},
            hostname="lab",
            limits=Limits(),
        )
    )
    try:
        engine.start(container)
        engine.copy_in(container, "/srv", iter([repository(PACKAGES)]))
        found = Box(engine, container, APT)
        found.sh(SOURCES)
        yield found
    finally:
        engine.remove(container)


def whats(found: Inspection, *kinds: str) -> set[str]:
    return {row.what for row in found.footprint.findings if row.kind in kinds}


def test_every_name_is_told_on_one_line_and_what_is_too_deep_is_admitted(box: Box) -> None:
    found = box.inspect("names")
    told = {name for name in whats(found, "unowned") if not name.startswith("/var/lib/deep/")}
    assert told == {f"/var/lib/hostile/{name}" for name in SHOWN}
    assert any("too deep" in text for text in found.unseen), found.unseen
    assert f"/var/lib/hostile/{'n' * 255}" in {left.what for left in found.residue.left}
    texts = [
        *(row.what + row.note for row in found.footprint.findings),
        *(row.what + row.note for row in found.residue.left),
    ]
    assert all(text.isprintable() for text in texts)


def test_liars_on_the_path_are_not_asked_and_are_named(box: Box) -> None:
    found = box.inspect("liars")
    assert [row.name for row in found.footprint.packages] == ["liars"]
    assert "truth" in found.footprint.commands
    assert "/usr/bin/truth" not in whats(found, "unowned")
    assert "/usr/local/bin/dpkg-query" in whats(found, "unowned")
    assert "/usr/local/bin/" in found.unseen[0]
    assert found.verdict[0].text == found.unseen[0]
    assert found.residue.failure == ""
    assert "/usr/local/bin/cat" in {left.what for left in found.residue.left}


def test_a_program_that_was_replaced_and_hangs_is_not_waited_for(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "ANSWER_LIMIT", 1.0)
    found = box.inspect("liar")
    assert any("/usr/bin/dpkg-query" in text for text in found.unseen)
    assert any("had not ended" in text for text in found.unseen)


def test_a_script_that_kills_everything_is_an_error_or_a_failed_removal(box: Box) -> None:
    found = box.inspect("last-killer")
    assert found.residue.failure
    with pytest.raises(SandboxError):
        box.inspect("killer")


def test_a_removal_that_never_ends_is_told(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purging, "PURGE_LIMIT", 3.0)
    found = box.inspect("endless")
    assert found.residue.failure == "apt-get had not ended after 3 s, and runs on"


def test_a_script_that_prints_without_end_costs_seconds(box: Box) -> None:
    began = time.monotonic()
    found = box.inspect("loud")
    assert [row.name for row in found.footprint.packages] == ["loud"]
    assert time.monotonic() - began < 60


def test_a_second_root_and_a_new_password_are_told(box: Box) -> None:
    found = box.inspect("backdoor")
    notes = {row.what: row.note for row in found.footprint.of("users")}
    assert notes["toor"].startswith("ROOT'S OWN NUMBER, login /bin/sh")
    assert "no password asked" in notes["toor"]
    assert notes["root"].startswith("password changed")
    assert {left.what for left in found.residue.of("user")} == {"toor", "root"}


def test_users_that_cannot_be_read_are_not_said_to_be_gone(box: Box) -> None:
    found = box.inspect("linked")
    assert whats(found, "users") == set()
    assert "/etc/passwd" in whats(found, "foreign")
    assert not [left for left in found.residue.of("gone") if left.note == "user"]
