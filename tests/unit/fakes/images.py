"""Images in memory."""

# ruff: noqa: ARG002 - a fake has the shape of its Protocol, used or not
from __future__ import annotations

import shlex
import tarfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from msgspec.structs import replace
from tests.unit.fakes.calls import Calls, has_labels
from tests.unit.fakes.tree import Tree

from sandbox.engine.protocol import BuildRequest, Image, PullProgress
from sandbox.errors import Conflict, EngineError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tests.unit.fakes.tree import Node

    from sandbox.engine.protocol import Container


@dataclass
class FakeImages(Calls):
    """Holds images; `trees` are the files of those that were made here, `volumes_of` the paths of their volumes.

    `buildkit` are the records of a build cache; None for an engine that builds without.
    """

    images_known: list[Image] = field(default_factory=list)
    containers_known: list[Container] = field(default_factory=list)
    login: str = ""
    platform: str = "linux/amd64"
    trees: dict[str, dict[str, Node]] = field(default_factory=dict)
    volumes_of: dict[str, tuple[str, ...]] = field(default_factory=dict)
    builds: list[str] = field(default_factory=list)
    build_requests: list[BuildRequest] = field(default_factory=list)
    buildkit: dict[str, int] | None = None

    def image(self, reference: str) -> Image | None:
        self.call("image")
        return self._image(reference)

    def _image(self, reference: str) -> Image | None:
        tagged = reference if ":" in reference.rpartition("/")[2] else f"{reference}:latest"
        exact = [row for row in self.images_known if {reference, tagged} & {row.id, *row.tags, *row.digests}]
        short = [row for row in self.images_known if row.id.removeprefix("sha256:").startswith(reference)]
        return next(iter(exact or (short if len(short) == 1 else [])), None)

    def images(self, labels: Sequence[str] = ()) -> tuple[Image, ...]:
        self.call("images")
        return tuple(row for row in self.images_known if has_labels(row.labels, labels))

    def login_problem(self, reference: str) -> str:
        return self.login

    def pull(
        self, reference: str, on_progress: Callable[[PullProgress], None], *, platform: str | None = None
    ) -> Image:
        self.call("pull")
        on_progress(PullProgress(done=100, total=100, layers=1, layers_done=1, status="Pull complete"))
        ident = f"sha256:pulled{self.calls.count('pull') if self._image('sha256:pulled') else ''}"
        return self._keep(Image(id=ident, tags=(reference,), size=100, platform=platform or self.platform))

    def has_buildkit(self) -> bool:
        return self.buildkit is not None

    def build_cache(self) -> Mapping[str, int]:
        return dict(self.buildkit or {})

    def build(self, request: BuildRequest, on_line: Callable[[str], None]) -> Image:
        for line in self.builds:
            on_line(line)
        made = self._keep(Image(id="sha256:built", tags=(request.reference,), labels=dict(request.labels)))
        if self.buildkit is not None and request.keeps_cache:
            self.buildkit[f"record-{len(self.buildkit)}"] = 84_000_000
        self.build_requests.append(request)
        self.call("build")
        return made

    def push(self, source: str, reference: str, *, login: Mapping[str, str]) -> str:
        self.call("push")
        return f"sha256:of-{source}"

    def import_image(self, chunks: Iterable[bytes], *, reference: str, changes: Sequence[str]) -> Image:
        self.call("import_image")
        content, root = b"".join(chunks), Tree()
        try:
            root.unpack("/", [content])
        except tarfile.TarError as error:
            raise EngineError(f"the engine could not import {reference}") from error
        ident = f"sha256:imported{self.calls.count('import_image')}"
        self.trees[ident] = root.nodes()
        rows = [line.partition(" ")[::2] for line in changes]
        self.volumes_of[ident] = tuple(rest for word, rest in rows if word == "VOLUME")
        words = [(word, shlex.split(rest)[0]) for word, rest in rows if word in ("LABEL", "ENV")]
        labels = dict(text.partition("=")[::2] for word, text in words if word == "LABEL")
        env = tuple(text for word, text in words if word == "ENV")
        return self._keep(Image(id=ident, tags=(reference,), size=len(content), labels=labels, env=env))

    def _keep(self, image: Image) -> Image:
        """Take an image in; its names are no other's from now on."""
        for place, row in enumerate(self.images_known):
            if not set(row.tags).isdisjoint(image.tags):
                rest = tuple(tag for tag in row.tags if tag not in image.tags)
                self.images_known[place] = replace(row, tags=rest)
        self.images_known.append(image)
        return image

    def remove_image(self, reference: str) -> bool:
        self.call("remove_image")
        found = self._image(reference)
        if found is None:
            return False
        is_by_name = reference in found.tags or f"{reference}:latest" in found.tags
        if len(found.tags) > 1:
            if not is_by_name:
                raise Conflict(f"{reference} has several names")
            names = (reference, f"{reference}:latest")
            rest = replace(found, tags=tuple(tag for tag in found.tags if tag not in names))
            self.images_known[self.images_known.index(found)] = rest
            return True
        if any(row.image in (found.id, *found.tags) for row in self.containers_known):
            raise Conflict(f"{reference} is in use")
        self.images_known = [row for row in self.images_known if row is not found]
        return True
