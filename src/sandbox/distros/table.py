"""The distros that are known, as rows of data; a relative names only what differs from the one it is like."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from sandbox.distros.model import Distro, Release

# Ends of support: Debian's with LTS (https://wiki.debian.org/LTS), as its mirrors and images stay until then; Ubuntu's
# without ESM (https://ubuntu.com/about/release-cycle). The default is the release that this tool is proven on most.
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

DISTROS: Final = (DEBIAN, UBUNTU)
"""Every distro; the first is the one that is used where neither the user nor the host names another."""
