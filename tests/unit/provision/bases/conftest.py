"""An engine's shelf of images, and a distro to build."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.distros.model import Distro, Release, Target
from sandbox.engine.protocol import Image
from sandbox.errors import PullFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from sandbox.engine.protocol import PullProgress


class Shelf:
    """The images' part of the engine Protocol, in memory; `offered` is what its registry has."""

    url = "unix:///shelf.sock"

    def __init__(self, *, offered: Sequence[str] = ()) -> None:
        self.held: dict[str, Image] = {}
        self.content: dict[str, bytes] = {}
        self.changes: tuple[str, ...] = ()
        self.removed: list[str] = []
        self.offered = set(offered)

    def image(self, reference: str) -> Image | None:
        return next((image for image in self.held.values() if reference in (*image.tags, image.id)), None)

    def images(self, labels: Sequence[str] = ()) -> tuple[Image, ...]:
        wanted = dict(label.split("=", 1) for label in labels)
        return tuple(image for image in self.held.values() if wanted.items() <= image.labels.items())

    def pull(
        self, reference: str, _on_progress: Callable[[PullProgress], None], *, platform: str | None = None
    ) -> Image:
        assert platform is None
        if reference not in self.offered:
            raise PullFailed(f"{reference} can't be pulled", details=[("it said", "no such host")])
        return self.add(reference)

    def add(self, reference: str, *, labels: dict[str, str] | None = None) -> Image:
        image = Image(id=f"sha256:{len(self.held)}", tags=(reference,), size=9, created=1.0, labels=labels or {})
        self.held[reference] = image
        return image

    def import_image(self, chunks: Iterable[bytes], *, reference: str, changes: Sequence[str]) -> Image:
        content = b"".join(chunks)
        before = self.held.get(reference)
        if before is not None:
            self.held[before.id] = Image(id=before.id, labels=before.labels)
        self.content[reference], self.changes = content, tuple(changes)
        lines = [change.removeprefix("LABEL ") for change in changes if change.startswith("LABEL ")]
        return self.add(
            reference, labels={key: value.strip('"') for key, value in (line.split("=", 1) for line in lines)}
        )

    def remove_image(self, reference: str) -> bool:
        self.removed.append(reference)
        return self.held.pop(reference, None) is not None


@pytest.fixture
def shelf() -> Any:
    return Shelf()


@pytest.fixture
def target() -> Target:
    """Give a distro without a keyring, so that the host's own does not matter."""
    release = Release(name="bookworm")
    distro = Distro(
        name="debian",
        title="Debian",
        image="debian:{release}",
        manager="apt",
        releases=(release,),
        mirror="http://mirror.example/debian",
        bootstrap="mmdebstrap",
    )
    return Target(distro=distro, release=release)


@pytest.fixture
def tarball(tmp_path: Path) -> Path:
    """Give the plain tar of a root file system with one file."""
    path = tmp_path / "rootfs.tar"
    with tarfile.open(path, "w") as tar:
        member = tarfile.TarInfo("bin/sh")
        member.size = 5
        tar.addfile(member, io.BytesIO(b"shell"))
    return path
