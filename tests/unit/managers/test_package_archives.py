"""What package files say of themselves, and which are no whole package files: files that the tests make."""

from __future__ import annotations

import gzip
import hashlib
import io
import random
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import pytest
import zstandard
from tests.integration.package_builds import apk, control, deb, tar, tarball, wheel

from sandbox.managers.apk import package_file as apk_file
from sandbox.managers.apt import deb as deb_file
from sandbox.managers.languages.npm import tarball as npm_file
from sandbox.managers.languages.pip import wheel as wheel_file
from sandbox.managers.package_archives import ArchiveFacts, BrokenFile, members
from sandbox.managers.pacman import package_file as pacman_file
from sandbox.managers.rpm import package_file as rpm_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import IO

TOOL: Final = {"./usr/bin/tool": b"#!/bin/sh\necho tool\n"}
INFO: Final = b"pkgname = tool\npkgver = 1:1.0-2\narch = x86_64\ndepend = lib\n"
PACMAN: Final = zstandard.compress(
    tar({".BUILDINFO": b"x", ".MTREE": b"tree", ".PKGINFO": INFO, "usr/bin/tool": b"x" * 9000})
)
WHOLE: Final[dict[str, tuple[Callable[[IO[bytes]], ArchiveFacts], bytes]]] = {
    "deb": (deb_file.read, deb(control("tool", "1:1.2-3", "arm64"), TOOL)),
    "deb.xz": (deb_file.read, deb(control("tool", "1.2"), TOOL, compression="xz")),
    "apk": (apk_file.read, apk("tool", "1.2-r0", TOOL, needs=["lib", "!other"])),
    "pacman": (pacman_file.read, PACMAN),
    "wheel": (wheel_file.read, wheel("Lab_Tool", "1.2")),
    "npm": (npm_file.read, tarball("@lab/tool", "1.2.3", "tool")),
}


def facts(kind: str, content: bytes | None = None) -> ArchiveFacts:
    read, whole = WHOLE[kind]
    return read(io.BytesIO(whole if content is None else content))


@pytest.mark.parametrize("kind", WHOLE)
def test_an_archive_is_read_from_its_begin_wherever_the_file_stands(kind: str) -> None:
    read, whole = WHOLE[kind]
    file = io.BytesIO(whole)
    file.read(5)
    assert read(file) == facts(kind)


def test_a_deb_says_what_its_control_file_says() -> None:
    found = facts("deb")
    assert (found.name, found.version, found.architecture) == ("tool", "1:1.2-3", "arm64")
    assert found.file_name == "tool_1.2-3_arm64.deb"


def test_the_seal_of_a_deb_is_of_the_control_files_that_dpkg_keeps() -> None:
    content = deb(control("tool", "1.0"), TOOL, md5sums=b"sums\n", postinst=b"#!/bin/sh\n", templates=b"x")
    digest = hashlib.sha256(b"sums\n#!/bin/sh\n").hexdigest()
    assert facts("deb", content).seal == f"md5sums.postinst:{digest}"


def test_an_apk_says_its_identity_and_what_it_needs() -> None:
    found = facts("apk")
    assert (found.name, found.version, found.needs, found.is_signed) == ("tool", "1.2-r0", ("lib",), False)
    assert found.seal.startswith("Q1")


def test_a_package_of_pacman_says_what_stands_in_its_pkginfo() -> None:
    found = facts("pacman")
    assert (found.name, found.version, found.architecture) == ("tool", "1:1.0-2", "x86_64")
    assert found.seal == hashlib.sha256(b"tree").hexdigest()


def test_a_wheel_is_named_as_pip_wants_it_whatever_its_file_is_called() -> None:
    found = facts("wheel")
    assert (found.name, found.file_name, found.architecture) == ("lab-tool", "lab_tool-1.2-py3-none-any.whl", "any")
    other = facts("wheel", wheel("lab-tool", "1.2", tag="cp311-cp311-manylinux_2_17_aarch64"))
    assert other.architecture == "aarch64"
    assert (
        facts("wheel", wheel("lab-tool", "1.2", tag="cp311-cp311-macosx_11_0_arm64")).architecture
        == "macosx_11_0_arm64"
    )


def test_an_npm_tarball_says_its_scope_and_its_machine() -> None:
    assert (facts("npm").name, facts("npm").architecture) == ("@lab/tool", "any")
    assert facts("npm", tarball("tool", "1.0.0", "tool", cpu=["arm64"])).architecture == "arm64"


@pytest.mark.parametrize("kind", WHOLE)
def test_a_file_that_ends_early_is_refused_wherever_it_ends(kind: str) -> None:
    whole = WHOLE[kind][1]
    for end in range(0, len(whole) - 1, max(1, len(whole) // 60)):
        if kind == "wheel" or end < len(whole) - 64:  # some formats end in padding
            with pytest.raises(BrokenFile):
                facts(kind, whole[:end])


@pytest.mark.parametrize("kind", WHOLE)
def test_a_damaged_file_is_refused_or_read_but_never_another_error(kind: str) -> None:
    chance, whole = random.Random(kind), WHOLE[kind][1]
    for _ in range(300):
        damaged = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        with suppress(BrokenFile):
            facts(kind, bytes(damaged))


@pytest.mark.parametrize("read", [read for read, _ in WHOLE.values()] + [rpm_file.read])
@pytest.mark.parametrize(
    "content", [b"", b"!<arch>\n", b"\x1f\x8b", b"PK\x03\x04", b"\xed\xab\xee\xdb" + bytes(200), bytes(4096)]
)
def test_what_is_no_package_is_refused_by_each_reader(
    read: Callable[[IO[bytes]], ArchiveFacts], content: bytes
) -> None:
    with pytest.raises(BrokenFile):
        read(io.BytesIO(content))


@pytest.mark.parametrize("name", ["--force", "a b", "../x", "Tool", ""])
def test_a_name_that_no_package_can_have_is_refused(name: str) -> None:
    with pytest.raises(BrokenFile, match="no valid name"):
        facts("deb", deb(control(name, "1.0"), TOOL))


@pytest.mark.parametrize("version", ["$(id)", "-1", "1 2", "1;reboot", "1" * 200])
def test_a_version_that_no_package_can_have_is_refused(version: str) -> None:
    with pytest.raises(BrokenFile, match="no valid version"):
        facts("deb", deb(control("tool", version), TOOL))


def test_an_archive_whose_own_checksum_is_wrong_says_that() -> None:
    whole = bytearray(gzip.compress(tar({"a": b"x"})))
    whole[-8] ^= 1  # the checksum stands before the size, in the last eight bytes (RFC 1952)
    with pytest.raises(BrokenFile, match="CRC"):
        members(io.BytesIO(bytes(whole)), wanted=lambda _: True)


def test_the_data_of_an_apk_is_held_to_its_checksum() -> None:
    whole = bytearray(WHOLE["apk"][1])
    whole[-1] ^= 1
    with pytest.raises(BrokenFile, match="differs from its own checksum"):
        facts("apk", bytes(whole))
