"""An index is kept only where the distro's own configuration has it signed, or has it come by https."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.managers.data import KeptIndex
from sandbox.managers.registry import NAMES, ManagerName, data_of

LIST, DEB822, CONF = "/etc/apt/sources.list", "/etc/apt/sources.list.d/debian.sources", "/etc/apt/apt.conf.d/70x"
REPO, DNF, ZYPPER, ZYPP = (
    "/etc/yum.repos.d/a.repo",
    "/etc/dnf/dnf.conf",
    "/etc/zypp/repos.d/a.repo",
    "/etc/zypp/zypp.conf",
)
PACMAN, MIRRORS = "/etc/pacman.conf", "/etc/pacman.d/mirrorlist"
DEBIAN = "Types: deb\nURIs: http://deb.example/debian\nSuites: trixie\nComponents: main\nSigned-By: /usr/share/k.gpg\n"
CORE = "[core]\nInclude = /etc/pacman.d/mirrorlist\n"
ARCH = f"[options]\nSigLevel = Required DatabaseOptional\n{CORE}"
KEPT = ("apk", "apt", "dnf4", "dnf5", "pacman", "zypper")


def kept(name: ManagerName) -> KeptIndex:
    found = data_of(name).kept_index
    assert isinstance(found, KeptIndex)
    return found


def is_vouched_for(name: ManagerName, **files: str) -> bool:
    return kept(name).is_vouched_for({path: text.encode() for path, text in files.items()})


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("apt", {LIST: "# a\ndeb http://deb.example/debian bookworm main\n"}),
        (
            "apt",
            {
                LIST: "deb [signed-by=/k.gpg arch=amd64] http://deb.example/debian bookworm main\n",
                CONF: "// AllowInsecure\n",
            },
        ),
        ("apt", {DEB822: DEBIAN, CONF: 'Acquire::GzipIndexes "true";'}),
        ("apk", {}),
        ("dnf5", {REPO: "[a]\nmetalink=https://m.example/?repo=a\n[b]\nenabled=0\nbaseurl=http://b.example\n"}),
        ("dnf4", {REPO: "[a]\nbaseurl=http://b.example\nrepo_gpgcheck=1\n"}),
        ("dnf4", {REPO: "[a]\nbaseurl=http://b.example\n", DNF: "[main]\nrepo_gpgcheck=True\n"}),
        ("dnf5", {REPO: "[a]\nbaseurl=https://b.example/$releasever\n  https://c.example\n"}),
        ("zypper", {ZYPPER: "[a]\nbaseurl=http://b.example\n"}),
        ("zypper", {ZYPPER: "[a]\nbaseurl=https://b.example\ngpgcheck=0\n", ZYPP: "[main]\n"}),
        ("pacman", {PACMAN: ARCH, MIRRORS: "# a\nServer = https://a.example/$repo\n"}),
        ("pacman", {PACMAN: f"[options]\nSigLevel = Required\n{CORE}", MIRRORS: "Server = http://a.example\n"}),
    ],
)
def test_an_index_that_is_signed_or_comes_by_https_is_kept(name: ManagerName, files: dict[str, str]) -> None:
    assert is_vouched_for(name, **files)


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("apt", {}),
        ("apt", {LIST: "deb [trusted=yes] http://deb.example/debian bookworm main\n"}),
        ("apt", {LIST: "deb [arch=amd64 allow-insecure=yes] https://deb.example/debian bookworm main\n"}),
        ("apt", {LIST: "deb [ trusted = yes ] http://deb.example ./\n"}),
        ("apt", {DEB822: f"{DEBIAN}Trusted: yes\n"}),
        ("apt", {LIST: "deb http://deb.example ./\n", CONF: 'Acquire::AllowInsecureRepositories "1";'}),
        ("apt", {LIST: "deb http://deb.example ./\n", CONF: "APT { Get { AllowUnauthenticated 1; }; };"}),
        ("apt", {LIST: "deb https://deb.example ./\n", CONF: 'Acquire::https::Verify-Peer "false";'}),
        ("dnf4", {}),
        ("dnf4", {REPO: "[a]\nbaseurl=http://b.example\ngpgcheck=1\n"}),
        ("dnf5", {REPO: "[a]\nbaseurl=https://b.example\n[b]\nbaseurl=http://b.example\n"}),
        ("dnf5", {REPO: "[a]\nbaseurl=https://b.example\nsslverify=0\n"}),
        ("dnf5", {REPO: "[a]\nmirrorlist=https://m.example\n"}),
        ("dnf5", {REPO: "[a]\nbaseurl=https://b.example http://c.example\n"}),
        (
            "dnf5",
            {
                REPO: "[a]\nbaseurl=http://b.example\nrepo_gpgcheck=1\n",
                "/etc/dnf/repos.override.d/x.repo": "[a]\nrepo_gpgcheck=0\n",
            },
        ),
        ("dnf4", {REPO: "not ini\n"}),
        ("dnf4", {REPO: "[a]\nbaseurl=file:///srv/lab\n"}),
        ("zypper", {ZYPPER: "[a]\nbaseurl=http://b.example\ngpgcheck=0\n"}),
        ("zypper", {ZYPPER: "[a]\nbaseurl=http://b.example\n", ZYPP: "[main]\ngpgcheck = off\n"}),
        ("zypper", {ZYPPER: "[a]\nbaseurl=http://b.example\nrepo_gpgcheck=0\n"}),
        ("pacman", {PACMAN: ARCH, MIRRORS: "Server = https://a.example\nServer = http://b.example\n"}),
        ("pacman", {PACMAN: ARCH}),
        ("pacman", {PACMAN: ARCH, MIRRORS: ""}),
        ("pacman", {PACMAN: ARCH.replace("/etc/pacman.d/mirrorlist", "/etc/other")}),
        (
            "pacman",
            {
                PACMAN: f"[options]\nSigLevel = Required\n{CORE}SigLevel = DatabaseNever\n",
                MIRRORS: "Server = http://a\n",
            },
        ),
        ("pacman", {PACMAN: f"[options]\nSigLevel = Required TrustAll\n{CORE}", MIRRORS: "Server = http://a\n"}),
        ("pacman", {}),
    ],
)
def test_any_other_index_is_not_kept(name: ManagerName, files: dict[str, str]) -> None:
    assert not is_vouched_for(name, **files)


@given(
    st.sampled_from(KEPT),
    st.sampled_from((LIST, DEB822, CONF, REPO, DNF, ZYPPER, ZYPP, PACMAN)),
    st.binary(max_size=90),
)
def test_whatever_a_configuration_has_it_is_read(name: ManagerName, path: str, content: bytes) -> None:
    assert kept(name).is_vouched_for({path: content}) in (True, False)


@pytest.mark.parametrize("name", NAMES)
def test_a_manager_says_how_its_index_is_kept_or_why_it_is_not(name: ManagerName) -> None:
    found = data_of(name).kept_index
    assert isinstance(found, KeptIndex) == (name in KEPT)
    if isinstance(found, KeptIndex):
        assert found.places
        assert found.check
        assert all(place.startswith("/var/") for place in found.places)
    else:
        assert len(found.split()) > 4
