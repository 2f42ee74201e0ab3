"""Files that are given as packages: what is refused, by name, before anything is made."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, Final

import pytest
from msgspec.structs import replace
from tests.integration.package_builds import apk, control, deb, wheel

from sandbox.distros.lookup import find_target
from sandbox.distros.registry import DISTROS
from sandbox.errors import CheckFailed, SandboxError, UsageError
from sandbox.managers.local_files import check_file, unique_packages, with_files
from sandbox.managers.protocol import PackageFile, PackageRef
from sandbox.managers.registry import manager_of
from sandbox.provision.local_packages import check_architecture, fetcher, read_package, unsigned_warnings
from sandbox.provision.network import HostNetwork

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.provision.local_packages import LocalPackage

TOOL: Final = deb(control("tool", "1.2"), {"./usr/bin/tool": b"#!/bin/sh\n"})
FETCH: Final = fetcher(HostNetwork(), allows_local=False, known={})


def read(text: object, distro: str = "debian") -> LocalPackage:
    return read_package(str(text), find_target(distro), DISTROS, fetched=FETCH)


def refusal(text: object, distro: str = "debian") -> str:
    with pytest.raises(SandboxError) as found:
        read(text, distro)
    return " ".join([found.value.brief, *(text for _, text in found.value.details)])


@pytest.fixture
def tool(tmp_path: Path) -> Path:
    path = tmp_path / "any name, ünd so.deb"
    path.write_bytes(TOOL)
    return path


def test_a_file_is_what_its_control_file_says_whatever_it_is_called(tool: Path) -> None:
    found = read(tool)
    assert (found.ref.name, found.ref.version, found.ref.text) == ("tool", "1.2", "tool=1.2")
    assert found.file.path.endswith("/tool_1.2_all.deb")
    assert found.file.sha256[:16] in found.file.path
    assert b"".join(found.pieces()) == TOOL


STUBS: Final = {
    "apt-get": "touch there",
    "dpkg": "echo amd64; echo $1 >>ran",
    "dpkg-query": "echo query >>ran; [ -e there ] && echo installed 1.2 all",
}


def test_a_file_that_its_install_brought_is_looked_at_once(tool: Path, tmp_path: Path) -> None:
    for name, text in STUBS.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)
    found = read(tool)
    ref = replace(found.ref, file=replace(found.file, seal=""))
    argv = with_files(manager_of("apt"), ("apt-get", "install"), [ref])
    subprocess.run(argv, cwd=tmp_path, env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, check=True)
    ran = (tmp_path / "ran").read_text().split()
    assert ran.count("query") == len(["before", "behind"])
    assert "--force-confdef" not in ran


def test_many_files_are_looked_for_by_one_process_before_their_install(tool: Path, tmp_path: Path) -> None:
    for name, text in STUBS.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)
    found = read(tool)
    files = [replace(found.ref, name=f"tool-{n}", file=replace(found.file, seal="")) for n in range(9)]
    argv = with_files(manager_of("apt"), ("apt-get", "install"), files)
    subprocess.run(argv, cwd=tmp_path, env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, check=True)
    assert (tmp_path / "ran").read_text().split().count("query") == 1 + len(files)


def test_a_file_whose_version_was_there_is_installed_over_it(tool: Path, tmp_path: Path) -> None:
    there = (
        "case $* in *'${Package}'*) echo tool ;; *'${Version} '*) echo installed 1.2 all ;; "
        "*) echo installed all 1.2 ;; esac"
    )
    for name, text in {**STUBS, "dpkg-query": there}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)
    found = read(tool)
    ref = replace(found.ref, file=replace(found.file, seal=""))
    for files in ([ref], [replace(ref, name="other"), ref]):
        argv = with_files(manager_of("apt"), ("apt-get", "install"), files)
        subprocess.run(argv, cwd=tmp_path, env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, check=True)
        assert (tmp_path / "ran").read_text().split().count("--force-confdef") == 1
        (tmp_path / "ran").unlink()


def test_a_link_to_a_file_is_followed(tool: Path, tmp_path: Path) -> None:
    (tmp_path / "link.deb").symlink_to(tool)
    assert read(tmp_path / "link.deb").ref.name == "tool"


def test_what_is_no_file_is_said_by_name(tmp_path: Path) -> None:
    (tmp_path / "folder.deb").mkdir()
    os.mkfifo(tmp_path / "pipe.deb")
    (tmp_path / "dead.deb").symlink_to("nowhere")
    (tmp_path / "plain").mkdir()
    assert "plain is a folder, not a package file" in refusal(tmp_path / "plain")
    assert "folder.deb is a folder" in refusal(tmp_path / "folder.deb")
    assert "pipe.deb is a FIFO" in refusal(tmp_path / "pipe.deb")
    assert "dead.deb is a link to nowhere, which does not exist" in refusal(tmp_path / "dead.deb")
    assert "gone.deb does not exist" in refusal(tmp_path / "gone.deb")


def test_a_file_that_can_not_be_read_is_said_by_name(tmp_path: Path) -> None:
    (tmp_path / "bad.deb").symlink_to("/proc/self/mem")  # as a disk that fails: the first bytes can't be read
    assert "bad.deb can't be read: input/output error" in refusal(tmp_path / "bad.deb")


@pytest.mark.parametrize("content", [b"", b"not a package", TOOL[:-40]])
def test_a_broken_archive_is_said_by_name(tool: Path, content: bytes) -> None:
    tool.write_bytes(content)
    assert "can't be installed: it" in refusal(tool)


@pytest.mark.parametrize(
    ("name", "distro", "words"),
    [
        ("x.rpm", "debian", ["is an .rpm, which Debian can't install", "fedora", "rocky", "opensuse"]),
        ("x.deb", "fedora", ["is a .deb", "debian", "ubuntu"]),
        ("x.apk", "arch", ["is an .apk", "alpine"]),
        ("x.pkg.tar.zst", "alpine", ["is a .pkg.tar.zst", "arch"]),
        ("x.deb", "nixos", ["is a .deb", "debian"]),
        ("x.snap", "debian", ["snapd"]),
        ("x.AppImage", "debian", ["--run"]),
        ("x.dsc", "debian", ["source package"]),
        ("x.exe", "debian", ["no ending of a package file", ".deb", ".whl", ".tgz"]),
    ],
)
def test_a_file_of_another_kind_is_refused_with_who_takes_it(
    tmp_path: Path, name: str, distro: str, words: list[str]
) -> None:
    said = refusal(tmp_path / name, distro)
    assert all(word in said for word in words), said


def test_a_file_with_another_checksum_than_was_asked_for_is_refused(tool: Path) -> None:
    found = read(tool)
    assert read(f"{tool}#sha256={found.file.sha256.upper()}").ref == found.ref
    with pytest.raises(CheckFailed, match="is another file"):
        read(f"{tool}#sha256={'0' * 64}")
    for text in (f"{tool}#sha256=12", "https://example.org/x.deb#sha256=12", f"{tool}#sha256={'0' * 65}"):
        assert "64 hexadecimal digits" in refusal(text)


@pytest.mark.parametrize(
    ("architecture", "platform", "fits"),
    [
        ("all", "linux/arm64", True),
        ("amd64", "linux/amd64", True),
        ("amd64", "linux/arm64", False),
        ("arm64", "linux/amd64", False),
        ("i386", "linux/amd64", False),
        ("amd64", "", True),
        ("armhf", "linux/arm/v7", True),
    ],
)
def test_a_file_for_another_machine_is_refused_by_name(
    tool: Path, architecture: str, platform: str, *, fits: bool
) -> None:
    tool.write_bytes(deb(control("tool", "1.2", architecture), {}))
    packages = [read(tool).ref]
    if fits:
        check_architecture(packages, platform)
        return
    with pytest.raises(UsageError, match=f"is for {architecture}, and the sandbox is"):
        check_architecture(packages, platform)


def test_a_file_that_nobody_signed_is_said_by_name(tmp_path: Path) -> None:
    (tmp_path / "x.apk").write_bytes(apk("tool", "1.2-r0", {}))
    found = unsigned_warnings([read(tmp_path / "x.apk", "alpine").ref])
    assert [error.brief for error in found] == [f"{tmp_path}/x.apk is not signed: its checksum alone says what it is"]
    assert not unsigned_warnings([PackageRef(name="jq")])


def test_two_files_of_one_package_are_refused_and_one_file_twice_is_one(tmp_path: Path, tool: Path) -> None:
    (tmp_path / "copy.deb").write_bytes(TOOL)
    (tmp_path / "other.deb").write_bytes(deb(control("tool", "1.3"), {}))
    first, same, other = read(tool).ref, read(tmp_path / "copy.deb").ref, read(tmp_path / "other.deb").ref
    assert unique_packages([first, same, PackageRef(name="tool"), PackageRef(name="jq")]) == (
        first,
        PackageRef(name="jq"),
    )
    with pytest.raises(UsageError, match="two files are of the package tool"):
        unique_packages([first, other])
    with pytest.raises(UsageError, match="asked for in two versions"):
        unique_packages([first, PackageRef(name="tool", version="9")])


def test_files_of_one_name_from_two_folders_lie_apart(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.deb").write_bytes(deb(control(f"tool-{folder}", "1"), {}))
    assert read(tmp_path / "a/x.deb").file.path != read(tmp_path / "b/x.deb").file.path


def test_an_install_with_files_looks_whether_they_are_what_came(tool: Path) -> None:
    manager, ref = manager_of("apt"), read(tool).ref
    argv = with_files(manager, manager.install([ref]), [ref])
    assert argv[-1].endswith("/tool_1.2_all.deb")
    assert "dpkg --force-confdef --force-confold -i" in argv[2]
    assert with_files(manager, ("apt-get",), [PackageRef(name="jq")]) == ("apt-get",)


def test_a_wheel_is_tried_on_every_distro(tmp_path: Path) -> None:
    (tmp_path / "w.whl").write_bytes(wheel("Lab.Tool", "1.0"))
    for distro in ("debian", "alpine", "fedora", "arch"):
        assert read(tmp_path / "w.whl", distro).ref.full_name == "pip:lab-tool"


@pytest.mark.parametrize(
    "changes",
    [
        {"path": "/etc/passwd"},
        {"path": "/var/cache/sandbox-packages/../../../etc/x"},
        {"sha256": "0" * 63 + ";"},
        {"source": "/x\nrm -rf /"},
        {"source": "http://example.org/x"},
        {"seal": "$(id)"},
    ],
)
def test_a_file_of_a_journal_that_was_changed_is_refused(tool: Path, changes: dict[str, str]) -> None:
    own = read(tool).file
    fields = {key: getattr(own, key) for key in own.__struct_fields__} | changes
    with pytest.raises(UsageError, match="names an invalid file"):
        check_file(PackageRef(name="tool", version="1.2", file=PackageFile(**fields)))
