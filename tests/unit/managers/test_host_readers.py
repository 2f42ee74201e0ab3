"""Hosts of apk, dnf and pacman become values: what their files say, without what is secret or of them alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.errors import UsageError
from sandbox.managers.host_readers import read_host
from sandbox.managers.host_state import HostFile, HostPackage, HostState, state_of_release

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sandbox.managers.registry import ManagerName

KEY = b"\x98\x06\x04\x60\x00\x00\x00\x01"
"""An OpenPGP public key's packet, as short as one can be (RFC 9580, 5.5.2)."""
SECRET = b"\x94" + KEY[1:]
INSTALLED = """\
C:Q1aaaa
P:tree
V:2.1-r0
A:x86_64
D:so:libc.musl-x86_64.so.1
F:usr/bin
R:tree
Z:Q1bbbb

P:musl
V:1.2.5-r1
A:x86_64

"""
RPMS = "bash\t0:5.2-1\tx86_64\t9\nzlib\t0:1.3-1\tx86_64\t9\nzlib\t0:1.3-1\ti686\t9\ngpg-pubkey\t0:1-1\t(none)\t0\n"


def said(answers: Mapping[str, str]) -> object:
    def run(argv: tuple[str, ...], _: Mapping[str, str]) -> tuple[int, str, str]:
        text = next((text for words, text in answers.items() if words in " ".join(argv)), None)
        return (127 if text is None else 0), text or "", ""

    return run


def read(name: ManagerName, root: Path, answers: Mapping[str, str] | None = None) -> HostState:
    return read_host(name, said(answers or {}), root)  # type: ignore[arg-type]


def put(root: Path, files: Mapping[str, str | bytes]) -> None:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def content(state: HostState) -> dict[str, str]:
    return {file.path: file.content.decode(errors="replace") for file in state.files}


def test_a_host_of_apk_has_its_world_and_no_repository_of_its_own(tmp_path: Path) -> None:
    lines = (
        "# a word\nhttp://dl.example/main\n@edge https://dl.example/edge\n/srv/packages\nhttps://me:word@x.example/\n"
    )
    files: dict[str, str | bytes] = {
        "lib/apk/db/installed": INSTALLED,
        "etc/apk/world": "tree=2.1-r0\n.mine\n!vim\n",
        "etc/apk/repositories": lines,
        "etc/apk/repositories.d/more.list": "http://localhost/x\n",
        "etc/apk/keys/a.rsa.pub": "-----BEGIN PUBLIC KEY-----\nx\n",
        "etc/apk/keys/b.rsa.pub": "-----BEGIN RSA PRIVATE KEY-----\nx\n",
        "etc/apk/keys/b.rsa": "-----BEGIN RSA PRIVATE KEY-----\nx\n",
    }
    put(tmp_path, files)
    found = read("apk", tmp_path)
    assert found.packages == (
        HostPackage(
            name="tree",
            version="2.1-r0",
            is_held=True,
            record="C:Q1aaaa\nP:tree\nV:2.1-r0\nA:x86_64\nD:so:libc.musl-x86_64.so.1",
        ),
        HostPackage(name="musl", version="1.2.5-r1", is_manual=False, record="P:musl\nV:1.2.5-r1\nA:x86_64"),
    )
    assert content(found) == {
        "/etc/apk/keys/a.rsa.pub": "-----BEGIN PUBLIC KEY-----\nx\n",
        "/etc/apk/repositories": "http://dl.example/main\n@edge https://dl.example/edge\n",
        "/etc/apk/world.of-host": "tree=2.1-r0\n.mine\n!vim\n",
    }
    assert found.left_out == (
        "a source in /etc/apk/repositories: a sandbox can't reach file: sources",
        "a source in /etc/apk/repositories: its address holds a user or a password",
        "a source in /etc/apk/repositories.d/more.list: its address is this host's own",
        "/etc/apk/keys/b.rsa.pub: no public key",
    )


def test_a_host_of_dnf_has_its_enabled_repositories_with_their_keys_and_variables(tmp_path: Path) -> None:
    repositories = (
        "[main]\nx=1\n[a]\nname=A\nbaseurl=https://$place/a\ngpgkey=file:///etc/pki/rpm-gpg/KEY-$releasever\n"
        "[off]\nenabled=0\nbaseurl=https://me:word@x.example/\n[b]\nbaseurl=https://b.example/\npassword=word\n"
        "[c]\nbaseurl=https://b.example/\n  https://me:word@b.example/\n[d]\nbaseurl=file:///srv\n"
        "[e]\nmirrorlist=https://${host}/\n[f]\nbaseurl=https://f.example\nsslclientkey=/etc/key\n"
    )
    put(
        tmp_path,
        {
            "etc/yum.repos.d/a.repo": repositories,
            "etc/dnf/vars/place": "mirror.example\n",
            "etc/dnf/vars/host": "me:word@e.example\n",
            "etc/dnf/vars/other": "word\n",
            "etc/pki/rpm-gpg/KEY-9": KEY,
            "etc/pki/rpm-gpg/KEY-8": SECRET,
            "etc/dnf/modules.d/nodejs.module": "[nodejs]\nname=nodejs\nstream=22\nstate=enabled\n",
            "etc/dnf/plugins/versionlock.list": "# word\nzlib-0:1.3-1.*\n",
            "etc/dnf/dnf.conf": "[main]\nexcludepkgs=vim nano\nproxy_password=word\n",
        },
    )
    found = read("dnf4", tmp_path, {"rpm -qa": RPMS, "--userinstalled": "bash\n"})
    assert found.packages == (
        HostPackage(name="bash", version="0:5.2-1"),
        HostPackage(name="zlib", version="0:1.3-1", is_manual=False, is_held=True),
    )
    texts = content(found)
    assert texts["/etc/yum.repos.d/of-host.repo"] == (
        "[a]\nname=A\nbaseurl=https://$place/a\ngpgkey=file:///etc/pki/rpm-gpg/KEY-$releasever\n"
    )
    assert {path for path in texts if "rpm-gpg" in path or "vars" in path} == {
        "/etc/pki/rpm-gpg/KEY-9",
        "/etc/dnf/vars/place",
    }
    assert "stream=22" in texts["/etc/dnf/modules.d/nodejs.module"]
    assert texts["/etc/dnf/excludes.of-host"] == "excludepkgs=vim nano\n"
    assert "word" not in " ".join(texts.values())
    assert found.left_out == (
        "the repository b in /etc/yum.repos.d/a.repo: it holds a user, a password or a client's key",
        "the repository c in /etc/yum.repos.d/a.repo: its address holds a user or a password",
        "the repository d in /etc/yum.repos.d/a.repo: a sandbox can't reach file: sources",
        "the repository e in /etc/yum.repos.d/a.repo: its address holds a user or a password",
        "the repository f in /etc/yum.repos.d/a.repo: it holds a user, a password or a client's key",
        f"{tmp_path}/etc/pki/rpm-gpg/KEY-8: it holds a secret key",
        "zlib.i686: of another architecture",
    )


def test_a_host_of_pacman_has_its_database_and_its_public_servers(tmp_path: Path) -> None:
    desc = "%NAME%\n{}\n\n%VERSION%\n1:2-3\n\n%REASON%\n{}\n\n%DEPENDS%\nglibc\nzlib\n\n"
    for name, reason in (("tree", "0"), ("zlib", "1")):
        put(tmp_path, {f"var/lib/pacman/local/{name}-1:2-3/desc": desc.format(name, reason)})
    answers = {
        "pacman-conf IgnorePkg": "tree\n",
        "pacman-conf --repo-list": "core\nmine\n",
        "--repo=core": "Usage = All\nServer = https://a.example/core\nServer = https://me:word@b.example/core\n",
        "--repo=mine": "Server = file:///srv\n",
        "pacman-conf": "[options]\nIgnorePkg = tree\nSigLevel = PackageRequired\n[core]\nSigLevel = Never\n",
    }
    found = read("pacman", tmp_path, answers)
    assert [(row.name, row.is_manual, row.is_held) for row in found.packages] == [
        ("tree", True, True),
        ("zlib", False, False),
    ]
    assert found.packages[0].record == "%NAME%\ntree\n%VERSION%\n1:2-3\n%REASON%\n0\n%DEPENDS%\nglibc\nzlib"
    assert content(found) == {
        "/etc/pacman.d/of-host.conf": "[core]\nUsage = All\nServer = https://a.example/core\n",
        "/etc/pacman.d/of-host.options": "IgnorePkg = tree\nSigLevel = PackageRequired\n",
    }
    assert found.left_out == (
        "a server of the repository core: its address holds a user or a password",
        "a server of the repository mine: a sandbox can't reach file: sources",
    )


@pytest.mark.parametrize("name", ["apk", "dnf4", "dnf5", "pacman", "apt"])
def test_a_host_whose_manager_does_not_answer_is_an_error(name: ManagerName, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"sa(id|y) which packages it has"):
        read(name, tmp_path)


def test_sources_of_another_release_are_the_hosts_with_its_name_replaced() -> None:
    lines = (
        "deb http://deb.example/bookworm bookworm main\ndeb [arch=amd64] http://x.example bookworm-updates main\n"
        "deb-src http://x.example bookworm/updates main\ndeb http://x.example stable main\ndeb http://x.example ./\n"
    )
    stanzas = (
        "Types: deb\nURIs: http://deb.example/bookworm\nSuites: bookworm bookworm-backports\n  old-bookworm\n"
        "Components: bookworm\n"
    )
    files = (
        HostFile(path="/etc/apt/sources.list", content=lines.encode()),
        HostFile(path="/etc/apt/sources.list.d/a.sources", content=stanzas.encode()),
        HostFile(path="/etc/apt/keyrings/bookworm.gpg", content=KEY),
    )
    state = HostState(files=files, release="bookworm")
    found = state_of_release(state, "bookworm", "trixie")
    assert found.release == "trixie"
    first, second = (file.content.decode() for file in found.files[:2])
    assert first == lines.replace(" bookworm", " trixie")
    assert second == stanzas.replace("bookworm bookworm-backports", "trixie trixie-backports")
    assert found.files[2].content == KEY
