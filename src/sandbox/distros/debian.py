"""The rows of Debian and its relatives.

Ends of support: Debian's with LTS (https://wiki.debian.org/LTS), as its mirrors and images stay until then; Ubuntu's
without ESM (https://ubuntu.com/about/release-cycle). Mint says years, not days. Raspbian has no image of its own, and
Raspberry Pi OS for 64 bits says of itself that it is Debian.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from sandbox.distros.model import Distro, Release, SnapshotService

PATIENT: Final = (
    "-o", "Acquire::Check-Valid-Until=false",
    "-o", "Acquire::Retries=8",
    "-o", "Acquire::Queue-Mode=access",
    "-o", "Acquire::http::Pipeline-Depth=0",
    "-o", "Acquire::http::Timeout=60",
    "-o", "Acquire::https::Timeout=60",
)  # fmt: skip
"""For slow services that reject many requests at once: one at a time, with retries."""

# https://snapshot.debian.org/: bookworm's images and older ones name the security archive at either host
DEBIAN_SNAPSHOT: Final = SnapshotService(
    service="http://snapshot.debian.org",
    since="2005-03-12",
    places=(
        ("http://deb.debian.org/debian", "/archive/debian/{year}{month}{day}T000000Z"),
        ("http://deb.debian.org/debian-security", "/archive/debian-security/{year}{month}{day}T000000Z"),
        ("http://security.debian.org/debian-security", "/archive/debian-security/{year}{month}{day}T000000Z"),
    ),
    options=PATIENT,
)

# https://snapshot.ubuntu.com/ sends http on to https, for which Ubuntu's images have no certificates: as ever with apt
# it is the index's signature that proves the packages.
UBUNTU_SNAPSHOT: Final = SnapshotService(
    service="https://snapshot.ubuntu.com",
    since="2023-03-02",
    places=(
        ("http://archive.ubuntu.com/ubuntu", "/ubuntu/{year}{month}{day}T000000Z"),
        ("http://security.ubuntu.com/ubuntu", "/ubuntu/{year}{month}{day}T000000Z"),
    ),
    options=(*PATIENT, "-o", "Acquire::https::Verify-Peer=false", "-o", "Acquire::https::Verify-Host=false"),
)

# The default is the release on which this tool is tested most.
DEBIAN: Final = Distro(
    name="debian",
    title="Debian",
    image="debian:{release}",
    manager="apt",
    releases=(
        Release(name="bookworm", aliases=("12", "oldstable"), end_of_life="2028-06-30", support="run"),
        Release(name="trixie", aliases=("13", "stable"), end_of_life="2030-06-30", support="run"),
        Release(name="bullseye", aliases=("11", "oldoldstable"), end_of_life="2026-08-31", support="run"),
        Release(name="forky", aliases=("14", "testing")),
        Release(name="sid", aliases=("unstable",), support="run", options=("-o", "Acquire::Check-Valid-Until=false")),
    ),
    os_ids=("debian",),
    path=("/usr/local/games", "/usr/games"),
    mirror="http://deb.debian.org/debian",
    bootstrap="mmdebstrap",
    keyring="/usr/share/keyrings/debian-archive-keyring.gpg",
    snapshot=DEBIAN_SNAPSHOT,
)

UBUNTU: Final = replace(
    DEBIAN,
    name="ubuntu",
    title="Ubuntu",
    image="ubuntu:{release}",
    releases=(
        Release(name="noble", aliases=("24.04",), end_of_life="2029-05-31"),
        Release(name="resolute", aliases=("26.04",), end_of_life="2031-05-29"),
        Release(name="jammy", aliases=("22.04",), end_of_life="2027-06-01"),
    ),
    os_ids=("ubuntu",),
    like="debian",
    mirror="http://archive.ubuntu.com/ubuntu",
    keyring="/usr/share/keyrings/ubuntu-archive-keyring.gpg",
    snapshot=UBUNTU_SNAPSHOT,
)

KALI: Final = replace(
    DEBIAN,
    name="kali",
    title="Kali Linux",
    image="kalilinux/{release}:latest",
    releases=(Release(name="kali-rolling", aliases=("rolling",)), Release(name="kali-last-release")),
    os_ids=("kali",),
    like="debian",
    mirror="http://http.kali.org/kali",
    keyring="/usr/share/keyrings/kali-archive-keyring.gpg",
    snapshot=None,
)

MINT: Final = replace(
    UBUNTU,
    name="linuxmint",
    title="Linux Mint",
    image="linuxmintd/mint{release}-amd64",
    releases=(Release(name="22", aliases=("wilma",)), Release(name="21.3", aliases=("virginia", "21"))),
    os_ids=("linuxmint",),
    like="ubuntu",
    bootstrap=None,
    snapshot=None,
)

RASPBIAN: Final = replace(
    DEBIAN,
    name="raspbian",
    title="Raspbian",
    image="",
    releases=(Release(name="bookworm", aliases=("12",)), Release(name="trixie", aliases=("13",))),
    os_ids=("raspbian",),
    like="debian",
    mirror="http://raspbian.raspberrypi.com/raspbian",
    bootstrap=None,
    keyring=None,
    snapshot=None,
)

DEBIANS: Final = (DEBIAN, UBUNTU, KALI, MINT, RASPBIAN)
