"""A bundle is taken whole or not at all, and says which member is to blame."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.advised import advice_of

from sandbox.errors import SandboxError
from sandbox.provision.bundle import BASE, LOCK, MANIFEST, SPEC, Manifest, open_bundle, write_bundle

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Members = list[tuple[tarfile.TarInfo, bytes]]

PLACE = "/var/cache/apt/sandbox/jq_1%3a1.6_amd64.deb"
DEB = "packages/jq_1%3a1.6_amd64.deb"
EMPTY = Manifest(
    format=1, tool="0.1.0", target="debian:bookworm", platform="linux/amd64", path="/bin", unpacked=0, members={}
)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    deb = tmp_path / "deb"
    deb.write_bytes(b"!<arch>")
    file = tmp_path / "web.sandbox"
    texts = {SPEC: b"packages: [jq]\n", LOCK: b"format: 1\n"}
    write_bundle(file, manifest=EMPTY, texts=texts, packages=lambda: {PLACE: deb}, base=[b"a" * 5000, b"b"])
    return file


def changed(bundle: Path, change: Callable[[Members], None]) -> Path:
    """Return the bundle with its members as `change` leaves them."""
    with tarfile.open(bundle) as tar:
        members = [(info, (tar.extractfile(info) or io.BytesIO()).read()) for info in tar]
    change(members)
    with tarfile.open(bundle, "w") as tar:
        for info, data in members:
            tar.addfile(info, io.BytesIO(data))
    return bundle


def with_manifest(members: Members, change: Callable[[dict[str, Any]], None]) -> None:
    manifest = json.loads(members[0][1])
    change(manifest)
    data = json.dumps(manifest).encode()
    members[0][0].size = len(data)
    members[0] = (members[0][0], data)


def said(bundle: Path) -> str:
    with pytest.raises(SandboxError) as caught:
        open_bundle(bundle)
    assert advice_of(caught.value) or "format" in caught.value.brief
    return caught.value.brief


def test_what_was_packed_is_what_is_read(bundle: Path) -> None:
    found = open_bundle(bundle)
    assert found.read(SPEC) == b"packages: [jq]\n"
    assert b"".join(found.base()) == b"a" * 5000 + b"b"
    assert {name: member.place for name, member in found.packages.items()} == {DEB: PLACE}


def test_the_manifest_comes_first_and_nothing_is_left_beside(bundle: Path) -> None:
    with tarfile.open(bundle) as tar:
        assert tar.getnames() == [MANIFEST, BASE, LOCK, DEB, SPEC]
    assert sorted(path.name for path in bundle.parent.iterdir()) == ["deb", "web.sandbox"]


def test_the_same_again_is_the_same_to_the_byte(bundle: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.sandbox"
    texts = {SPEC: b"packages: [jq]\n", LOCK: b"format: 1\n"}
    write_bundle(
        other, manifest=EMPTY, texts=texts, packages=lambda: {PLACE: tmp_path / "deb"}, base=[b"a" * 5000, b"b"]
    )
    assert other.read_bytes() == bundle.read_bytes()


@pytest.mark.parametrize("name", [BASE, LOCK, DEB, SPEC])
def test_a_member_with_one_other_bit_is_named(bundle: Path, name: str) -> None:
    def flip(members: Members) -> None:
        for number, (info, data) in enumerate(members):
            if info.name == name:
                members[number] = (info, data[:-1] + bytes([data[-1] ^ 1]))

    assert f"{name}: its checksum differs from the manifest" in said(changed(bundle, flip))


@pytest.mark.parametrize("name", [BASE, LOCK, DEB, SPEC])
def test_a_missing_member_is_named(bundle: Path, name: str) -> None:
    def drop(members: Members) -> None:
        members[:] = [row for row in members if row[0].name != name]

    assert f"{name}: it is missing" in said(changed(bundle, drop))


@pytest.mark.parametrize("name", ["packages/evil.deb", "../evil", "/etc/passwd", "spec.yaml"])
def test_a_member_that_the_manifest_does_not_know_is_named(bundle: Path, name: str) -> None:
    def add(members: Members) -> None:
        info = tarfile.TarInfo(name)
        members.append((info, b""))

    assert f"{name}: " in said(changed(bundle, add))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.CHRTYPE])
def test_a_member_that_is_no_file_is_refused(bundle: Path, kind: bytes) -> None:
    def turn(members: Members) -> None:
        members[-1][0].type, members[-1][0].linkname, members[-1][0].size = kind, "/etc/passwd", 0

    assert "spec.yaml: " in said(changed(bundle, turn))


@pytest.mark.parametrize(
    ("place", "member"),
    [
        ("../../etc/cron.d/x", DEB),
        ("/var/../etc/x", DEB),
        ("/var/./x", DEB),
        ("relative", DEB),
        ("/a b", DEB),
        ("/x\n/y", DEB),
    ],
)
def test_a_package_that_would_go_elsewhere_is_refused(bundle: Path, place: str, member: str) -> None:
    def move(manifest: dict[str, Any]) -> None:
        manifest["members"][DEB]["place"] = place

    assert f"{member}: a package may not have this path" in said(
        changed(bundle, lambda members: with_manifest(members, move))
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda manifest: manifest["members"].update({"../x": {"size": 1, "sha256": ""}}),
        lambda manifest: manifest.update(unpacked=1 << 60),
        lambda manifest: manifest.update(path="/bin\nRUN evil"),
        lambda manifest: manifest.update(format=2),
        lambda manifest: manifest.pop("target"),
        lambda manifest: manifest["members"]["spec.yaml"].update(size=1 << 40),
        lambda manifest: manifest["members"]["spec.yaml"].update(size=-1),
    ],
)
def test_a_manifest_that_can_not_be_is_refused(bundle: Path, change: Callable[[dict[str, Any]], None]) -> None:
    assert "web.sandbox" in said(changed(bundle, lambda members: with_manifest(members, change)))


def test_a_base_that_unpacks_to_more_is_stopped(bundle: Path) -> None:
    changed(bundle, lambda members: with_manifest(members, lambda manifest: manifest.update(unpacked=10)))
    with pytest.raises(SandboxError, match="larger than the manifest says"):
        list(open_bundle(bundle).base())


@pytest.mark.parametrize("data", [b"", b"no tar at all", gzip.compress(b"x" * 2000, mtime=0), b"\0" * 10240])
def test_what_is_no_bundle_is_refused(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "web.sandbox"
    file.write_bytes(data)
    assert "web.sandbox is damaged" in said(file)


@pytest.mark.parametrize("size", [1, 511, 513, 1024, 3000, 4000])
def test_one_that_is_cut_off_is_refused(bundle: Path, size: int) -> None:
    bundle.write_bytes(bundle.read_bytes()[:size])
    assert "web.sandbox is damaged" in said(bundle)


def test_one_that_is_absent_is_no_traceback(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match=r"none\.sandbox does not exist") as caught:
        open_bundle(tmp_path / "none.sandbox")
    assert advice_of(caught.value) == ("sandbox bundle SPEC -o FILE writes one", f"ls {tmp_path}")
