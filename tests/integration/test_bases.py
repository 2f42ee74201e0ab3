"""Bases made on a real engine: whole under their own name, or not there at all."""

from __future__ import annotations

import gzip
import io
import lzma
import os
import tarfile
from typing import TYPE_CHECKING, Any

import pytest
import zstandard
from msgspec.structs import replace
from tests.integration.running import output_of
from tests.matrix import first

from sandbox.commands.base import import_, list_, remove
from sandbox.distros.lookup import find_target
from sandbox.distros.model import Target
from sandbox.errors import Conflict, PullFailed, UsageError
from sandbox.provision.bases.mmdebstrap import build_base
from sandbox.provision.bases.model import changes, replace_base

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sandbox.engine.docker.client import DockerEngine

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "tar": bytes,
    "gz": gzip.compress,
    "xz": lzma.compress,
    "zst": zstandard.ZstdCompressor().compress,
}


@pytest.fixture
def name(engine: DockerEngine) -> Iterator[str]:
    """Give a name of this run's own; nothing stays under it."""
    found = f"lab-{os.getpid()}:1"
    yield found
    engine.remove_image(f"sandbox-base/{found}")


@pytest.fixture(scope="module")
def rootfs(base: str, client: Any) -> bytes:
    """Give a root file system that runs: dash and what it is linked to, out of the base."""
    line = "tar -hc /bin/sh $(ldd /bin/sh | grep -o '/[^ ]*') 2>/dev/null"
    box = client.containers.run(base, ["sleep", "300"], detach=True)
    try:
        return bytes(box.exec_run(["sh", "-c", line]).output)  # a busy engine cuts what it logs
    finally:
        box.remove(force=True)


def noise() -> bytes:
    """Return the tar of one large file, for streams that break off."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as tar:
        member = tarfile.TarInfo("ballast")
        member.size = 4_000_000
        tar.addfile(member, io.BytesIO(os.urandom(member.size)))
    return file.getvalue()


@pytest.fixture(params=first(sorted(PACKERS, reverse=True)))
def packed(request: pytest.FixtureRequest, rootfs: bytes, tmp_path: Path) -> str:
    path = tmp_path / "rootfs"
    path.write_bytes(PACKERS[request.param](rootfs))
    return str(path)


def test_imported_tarball_runs(engine: DockerEngine, client: Any, packed: str, name: str) -> None:
    made = import_(engine, packed, name, version="test")
    assert output_of(client, made.reference, "/bin/sh", "-c", "echo $PATH").startswith(b"/usr/local")
    assert made.reference in [base.reference for base in list_(engine)]


def test_removed_base_is_gone(engine: DockerEngine, rootfs: bytes, name: str, tmp_path: Path) -> None:
    (tmp_path / "rootfs").write_bytes(rootfs)
    made = import_(engine, str(tmp_path / "rootfs"), name, version="test")
    assert tuple(remove(engine, [name])) == (made.reference,)
    assert engine.image(made.id) is None
    with pytest.raises(UsageError, match="there is no base"):
        tuple(remove(engine, [name]))


def test_base_in_use_is_not_removed(
    engine: DockerEngine, client: Any, rootfs: bytes, name: str, tmp_path: Path
) -> None:
    (tmp_path / "rootfs").write_bytes(rootfs)
    made = import_(engine, str(tmp_path / "rootfs"), name, version="test")
    container = client.containers.create(made.reference, ["/bin/sh"])
    try:
        with pytest.raises(Conflict):
            tuple(remove(engine, [name]))
    finally:
        container.remove()


def test_stream_that_breaks_off_makes_no_image(engine: DockerEngine, name: str) -> None:
    whole = noise()

    def half() -> Iterator[bytes]:
        yield whole[:2_000_000]
        raise PullFailed("mmdebstrap ended with status 1")

    before = {image.id for image in engine.images()}
    with pytest.raises(PullFailed):
        replace_base(engine, half(), f"sandbox-base/{name}", changes(origin="lab", version="test", command=("sh",)))
    assert engine.image(f"sandbox-base/{name}") is None
    assert not [image for image in engine.images(("org.sandbox-try.origin=lab",)) if image.id not in before]


def test_replaced_base_leaves_no_nameless_image(engine: DockerEngine, name: str) -> None:
    lines = changes(origin="lab", version="test", command=("sh",))
    first = replace_base(engine, iter([noise()]), f"sandbox-base/{name}", lines)
    second = replace_base(engine, iter([noise()]), f"sandbox-base/{name}", lines)
    assert (engine.image(first.id), second.tags) == (None, (f"sandbox-base/{name}",))


def test_mirror_that_does_not_answer_is_named_and_nothing_is_left(engine: DockerEngine) -> None:
    target = find_target("debian:bookworm")
    distro = replace(target.distro, name=f"lab{os.getpid()}", mirror="http://127.0.0.1:9/debian")
    lost = Target(distro=distro, release=target.release)
    with pytest.raises(PullFailed, match="mmdebstrap ended with status") as caught:
        build_base(engine, lost, version="test")
    assert "127.0.0.1:9" in str(caught.value.details)
    assert engine.image(lost.built_image) is None
