"""The rows of the distros that descend from neither Debian nor Fedora.

Ends of support: https://alpinelinux.org/releases/, https://en.opensuse.org/Lifetime. The engine's default registry has
no image of Void and Wolfi.
"""
# mypy: disable-error-code="arg-type"

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from sandbox.distros.model import Companion, Distro, Release, SnapshotService

ALPINE: Final = Distro(
    name="alpine",
    title="Alpine Linux",
    image="alpine:{release}",
    manager="apk",
    releases=(
        Release(name="3.23", end_of_life="2027-11-01", support="run"),
        Release(name="3.24"),
        Release(name="3.22", end_of_life="2027-05-01"),
        Release(name="3.21", end_of_life="2026-11-01"),
        Release(name="edge"),
    ),
    os_ids=("alpine",),
    mirror="https://dl-cdn.alpinelinux.org/alpine",
)

WOLFI: Final = Distro(
    name="wolfi",
    title="Wolfi",
    manager="apk",
    releases=(Release(name="rolling"),),
    os_ids=("wolfi",),
)

OPENSUSE_LEAP: Final = Distro(
    name="opensuse-leap",
    title="openSUSE Leap",
    image="opensuse/leap:{release}",
    manager="zypper",
    releases=(
        Release(name="16.0", aliases=("16",), end_of_life="2027-10-31", support="lab"),
        Release(name="15.6", aliases=("15",), end_of_life="2026-04-30", support="lab"),
    ),
    os_ids=("opensuse-leap", "opensuse", "suse"),
)

OPENSUSE_TUMBLEWEED: Final = replace(
    OPENSUSE_LEAP,
    name="opensuse-tumbleweed",
    title="openSUSE Tumbleweed",
    image="opensuse/tumbleweed:latest",
    releases=(Release(name="rolling", support="lab"),),
    os_ids=("opensuse-tumbleweed",),
    like="opensuse-leap",
    upgrade=("zypper", "--non-interactive", "dup"),  # `up` leaves it in a state that nobody tests
)

ARCH: Final = Distro(
    name="arch",
    title="Arch Linux",
    image="archlinux:latest",
    manager="pacman",
    releases=(Release(name="rolling", support="lab"),),
    os_ids=("arch", "archlinux"),
    # https://wiki.archlinux.org/title/Arch_Linux_Archive: the mirrors are those of the image's list
    snapshot=SnapshotService(
        service="https://archive.archlinux.org",
        since="2013-08-31",
        places=(
            ("https://geo.mirror.pkgbuild.com", "/repos/{year}/{month}/{day}"),
            ("https://fastly.mirror.pkgbuild.com", "/repos/{year}/{month}/{day}"),
        ),
        options=("--disable-download-timeout",),
        upgrade=("pacman", "-Suu", "--noconfirm"),
    ),
)

MANJARO: Final = replace(
    ARCH,
    name="manjaro",
    title="Manjaro",
    image="manjarolinux/base:latest",
    releases=(Release(name="rolling"),),
    os_ids=("manjaro", "manjaro-arm"),
    like="arch",
    snapshot=None,
)

GENTOO: Final = Distro(
    name="gentoo",
    title="Gentoo",
    image="gentoo/stage3:latest",
    manager="portage",
    releases=(Release(name="rolling", support="lab"),),
    os_ids=("gentoo",),
    companions=(Companion(image="gentoo/portage:latest", path="/var/db/repos/gentoo"),),
)

VOID: Final = Distro(
    name="void",
    title="Void Linux",
    manager="xbps",
    releases=(Release(name="rolling"),),
    os_ids=("void",),
)

NIXOS: Final = Distro(
    name="nixos",
    title="NixOS",
    image="nixos/nix:latest",
    manager="nix",
    releases=(Release(name="rolling", support="lab"),),
    os_ids=("nixos", "nix"),
    path=("/root/.nix-profile/bin", "/nix/var/nix/profiles/default/bin"),
)

OTHERS: Final = (ALPINE, WOLFI, OPENSUSE_LEAP, OPENSUSE_TUMBLEWEED, ARCH, MANJARO, GENTOO, VOID, NIXOS)
