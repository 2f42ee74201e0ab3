"""The rows of Debian and its relatives.

Ends of support: Debian's with LTS (https://wiki.debian.org/LTS), as its mirrors and images stay until then; Ubuntu's
without ESM (https://ubuntu.com/about/release-cycle). Mint says years, not days. Raspbian has no image of its own, and
Raspberry Pi OS for 64 bits says of itself that it is Debian.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from sandbox.distros.model import Distro, Release

# The default is the release that this tool is proven on most.
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
)

DEBIANS: Final = (DEBIAN, UBUNTU, KALI, MINT, RASPBIAN)
