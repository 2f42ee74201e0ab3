"""The rows of Fedora and its relatives.

Ends of support as the projects give them: https://docs.fedoraproject.org/en-US/releases/eol/ (Fedora's move with the
release after the next), https://endoflife.date for the others. Version 10 of what is built from RHEL needs a processor
of 2013 or later (x86-64-v3), so that 9 is the default. The engine's default registry has no image of CentOS Stream.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from sandbox.distros.model import Distro, Release

FEDORA: Final = Distro(
    name="fedora",
    title="Fedora",
    image="fedora:{release}",
    manager="dnf5",
    releases=(
        Release(name="44", support="lab"),
        Release(name="43", end_of_life="2026-12-09", support="lab"),
        Release(name="42", end_of_life="2026-05-13", support="lab"),
        Release(name="rawhide", support="lab"),
    ),
    os_ids=("fedora",),
)

CENTOS_STREAM: Final = Distro(
    name="centos-stream",
    title="CentOS Stream",
    manager="dnf4",
    releases=(
        Release(name="9", aliases=("stream9",), end_of_life="2027-05-31"),
        Release(name="10", aliases=("stream10",)),
    ),
    os_ids=("centos", "rhel"),
    like="fedora",
)

ROCKY: Final = replace(
    CENTOS_STREAM,
    name="rocky",
    title="Rocky Linux",
    image="rockylinux/rockylinux:{release}",  # the library's image of that name is old
    releases=(
        Release(name="9", end_of_life="2032-05-31", support="lab"),
        Release(name="10", end_of_life="2035-05-31", support="lab"),
        Release(name="8", end_of_life="2029-05-31", support="lab"),
    ),
    os_ids=("rocky",),
)

ALMALINUX: Final = replace(
    ROCKY,
    name="almalinux",
    title="AlmaLinux",
    image="almalinux:{release}",
    releases=(
        Release(name="9", end_of_life="2032-05-31"),
        Release(name="10", end_of_life="2035-05-31"),
        Release(name="8", end_of_life="2029-03-01"),
        Release(name="9-minimal", end_of_life="2032-05-31", manager="microdnf"),
    ),
    os_ids=("almalinux",),
)

ORACLELINUX: Final = replace(
    ROCKY,
    name="oraclelinux",
    title="Oracle Linux",
    image="oraclelinux:{release}",
    releases=(
        Release(name="9", end_of_life="2032-06-30"),
        Release(name="10", end_of_life="2035-06-30"),
        Release(name="8", end_of_life="2029-07-31"),
        Release(name="9-slim", end_of_life="2032-06-30", manager="microdnf"),
    ),
    os_ids=("ol",),
)

AMAZONLINUX: Final = replace(
    ROCKY,
    name="amazonlinux",
    title="Amazon Linux",
    image="amazonlinux:{release}",
    releases=(
        Release(name="2023", end_of_life="2029-06-30"),
        Release(name="2", end_of_life="2026-06-30", manager="yum"),
    ),
    os_ids=("amzn",),
)

MAGEIA: Final = Distro(
    name="mageia",
    title="Mageia",
    image="mageia:{release}",
    manager="dnf4",
    releases=(Release(name="9"), Release(name="cauldron")),
    os_ids=("mageia",),
)

PHOTON: Final = Distro(
    name="photon",
    title="Photon OS",
    image="photon:{release}",
    manager="tdnf",
    releases=(Release(name="5.0", aliases=("5",)), Release(name="4.0", aliases=("4",))),
    os_ids=("photon",),
)

REDHATS: Final = (FEDORA, CENTOS_STREAM, ROCKY, ALMALINUX, ORACLELINUX, AMAZONLINUX, MAGEIA, PHOTON)
