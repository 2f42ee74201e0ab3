"""The cache of `--cache`: provisioned states and package indexes as labelled images, bounded and expiring.

A state is saved before any command of the user ran, an index before any package's own script ran: what sessions
share is never written by a package under trial, since a layer of an image can't be.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, convert, to_builtins

from sandbox.core.digest import sha256
from sandbox.core.statefile import lock_file, write_private
from sandbox.engine import labels
from sandbox.engine.protocol import FileStamp
from sandbox.errors import Advice, Conflict, EngineError, SandboxError
from sandbox.managers.protocol import Package
from sandbox.provision.run import Provisioned

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from sandbox.container.box import Box
    from sandbox.engine.labels import Owner
    from sandbox.engine.protocol import Engine, Image
    from sandbox.provision.plan import Plan

FORMAT: Final = "3"
STATE: Final = "org.sandbox-try.cache.state"
"""The label with the content of a provisioned state, as JSON."""
TITLE: Final = "org.sandbox-try.cache.title"
BASE_SIZE: Final = "org.sandbox-try.cache.base-size"
"""The label with the bytes of the base, which don't count as the cache's."""
USED: Final = "cache.json"
"""The file with the time each image was last used, since labels can't change."""
INDEX_LIMIT: Final = 500_000_000
"""Bytes of index and archives from which an index image is no longer extended."""
DAY: Final = 86400.0


class CachedImage(Struct, frozen=True, kw_only=True):
    """An image of the cache: `size` in bytes above its base, times as Unix time."""

    reference: str
    id: str
    title: str
    size: int
    created: float
    used: float


class Cache(Struct, frozen=True, kw_only=True):
    """One user's cache on one engine. `limit` in bytes, `lifetime` in days; `folder` has the times of use."""

    engine: Engine
    owner: Owner
    version: str
    folder: Path
    limit: int
    lifetime: int

    def find(self, plan: Plan, base: Image) -> tuple[Image, Provisioned] | None:
        """Return the provisioned state of exactly this plan on exactly this base, unless it has expired."""
        image = self._fresh(self._own(plan_reference(plan, base)))
        state = state_of(image.labels.get(STATE, "")) if image else None
        if image is None or state is None:
            return None
        return image, state

    def find_index(self, plan: Plan, base: Image) -> Image | None:
        """Return the image of this base with the package index and archives of a plan's repositories.

        None if it is too old or too large.
        """
        image = self._fresh(self._own(index_reference(base, plan)))
        is_host = any(step.kind == "host" for step in plan.steps)
        return image if image and (is_host or image.size - base.size < INDEX_LIMIT) else None

    def _fresh(self, reference: str) -> Image | None:
        image = self.engine.image(reference)
        if image is None or time.time() - image.created > self.lifetime * DAY or not self._ours(image):
            return None
        return image

    def _ours(self, image: Image) -> bool:
        return image.labels.get(labels.USER) == str(self.owner.uid) and image.labels.get(labels.HOST) == self.owner.host

    def save(self, box: Box, plan: Plan, base: Image, state: Provisioned) -> None:
        """Save a container as the plan's provisioned state, then keep the cache within its bounds."""
        names = ", ".join(package.full_name for package in plan.packages)
        title = f"{plan.target.label}: {names or 'setup'}"
        extra = {STATE: state_text(state), TITLE: title, BASE_SIZE: str(base.size)}
        self._save(box, self._own(plan_reference(plan, base)), extra)
        self.trim()

    def save_index(self, box: Box, plan: Plan, base: Image) -> None:
        """Save a container with the package index and archives, before anything is installed."""
        reference = self._own(index_reference(base, plan))
        before = self.engine.image(reference)
        image = self._save(box, reference, {TITLE: f"{plan.target.label}: package index", BASE_SIZE: str(base.size)})
        if before is not None and before.id != image.id:
            self._drop(before.id)

    def _own(self, reference: str) -> str:
        """Return such a name as this user's on this host: others who share the engine may have the same plan."""
        name, _, digest = reference.partition(":")
        text = json.dumps([self.owner.host, self.owner.uid, digest])
        return f"{name}:{sha256(text.encode()).hexdigest()[:40]}"

    def _save(self, box: Box, reference: str, extra: Mapping[str, str]) -> Image:
        saved = labels.saved_labels("cache", self.owner, version=self.version, extra=extra)
        image = box.commit(reference, saved)
        self.touch(reference)
        return image

    def touch(self, reference: str) -> None:
        """Record the use of an image; without the record it only looks older."""
        path = self.folder / USED
        try:
            with lock_file(path):
                write_private(path, json.dumps({**_last_uses(path), reference: time.time()}))
        except OSError:
            return

    def entries(self) -> tuple[CachedImage, ...]:
        """Return our images of the cache, least recently used first."""
        used = _last_uses(self.folder / USED)
        rows = [
            CachedImage(
                reference=image.tags[0] if image.tags else image.id,
                id=image.id,
                title=image.labels.get(TITLE, ""),
                size=image.size - _bytes(image.labels.get(BASE_SIZE, "")),
                created=image.created,
                used=used.get(image.tags[0] if image.tags else "", image.created),
            )
            for image in self.engine.images([f"{labels.KIND}=cache"])
            if self._ours(image)
        ]
        return tuple(sorted(rows, key=lambda entry: entry.used))

    def trim(self) -> tuple[CachedImage, ...]:
        """Remove expired images, then the least recently used ones until the rest is within the limit."""
        return self.drop(surplus(self.entries(), limit=self.limit, lifetime=self.lifetime * DAY, now=time.time()))

    def drop(self, entries: Iterable[CachedImage]) -> tuple[CachedImage, ...]:
        """Remove these images; return those removed. An image that a container uses stays."""
        gone = tuple(entry for entry in entries if self._drop(entry.reference))
        self._forget([entry.reference for entry in gone])
        return gone

    def _drop(self, reference: str) -> bool:
        try:
            return self.engine.remove_image(reference)
        except (Conflict, EngineError):
            return False

    def _forget(self, references: list[str]) -> None:
        path = self.folder / USED
        try:
            with lock_file(path):
                left = {name: when for name, when in _last_uses(path).items() if name not in references}
                write_private(path, json.dumps(left))
        except OSError:
            return


def save_problem(save: Callable[[], object]) -> SandboxError | None:
    """Save; return a warning if that fails: it only slows down the next start."""
    try:
        save()
    except SandboxError as error:
        hints = (*error.hints, Advice.without("--cache"))
        return SandboxError(f"the cache could not save it: {error.brief}", details=error.details, hints=hints)
    return None


def surplus(entries: Iterable[CachedImage], *, limit: int, lifetime: float, now: float) -> tuple[CachedImage, ...]:
    """Return what has to go: what was replaced or is older than `lifetime`, then the least recently used above `limit`.

    `lifetime` in seconds.
    """
    rows = sorted(entries, key=lambda entry: entry.used, reverse=True)
    gone, total = [], 0
    for entry in rows:
        expired = now - entry.created > lifetime
        replaced = entry.reference == entry.id  # it lost its name: the process that replaced it died before removing it
        total += 0 if expired or replaced else entry.size
        if expired or replaced or total > limit:
            gone.append(entry)
    return tuple(reversed(gone))


def plan_reference(plan: Plan, base: Image) -> str:
    """Return the name of a plan's state: a digest of the base and of every step, its input and environment."""
    steps = [(step.argv, sorted(step.env.items()), (step.stdin or b"").hex()) for step in plan.steps]
    text = json.dumps([FORMAT, base.id, steps])
    return f"sandbox-cache/plan:{sha256(text.encode()).hexdigest()[:40]}"


INDEXED: Final = ("mirror", "repository", "foreign", "answer", "before", "host")
"""Steps that decide what an index holds, or leave something in its image."""


def index_reference(base: Image, plan: Plan) -> str:
    """Return the name of a base's index image: a digest of the base and of the steps that decide on its index."""
    steps = [(step.argv, sorted(step.env.items())) for step in plan.steps if step.kind in INDEXED]
    given = [(step.stdin or b"").hex() for step in plan.steps if step.kind in INDEXED]
    text = json.dumps([FORMAT, base.id, steps, given])
    return f"sandbox-cache/index:{sha256(text.encode()).hexdigest()[:40]}"


def _last_uses(path: Path) -> dict[str, float]:
    try:
        data: Any = json.loads(path.read_text())
        return {str(name): float(when) for name, when in data.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _bytes(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def state_text(state: Provisioned) -> str:
    """Return the content of a state for the label STATE."""
    return json.dumps({**to_builtins(state), "explicit": sorted(state.explicit)})


def state_of(text: str) -> Provisioned | None:
    """Return the content of the label STATE, or None if it is damaged or of another version."""
    try:
        data: Any = json.loads(text)
        stamps = {path: stamp and FileStamp(**stamp) for path, stamp in data["stamps"].items()}
        return Provisioned(
            asked=convert(data["asked"], tuple[Package, ...]),
            dependencies=int(data["dependencies"]),
            size=int(data["size"]),
            commands=tuple(data["commands"]),
            came=tuple(data["came"]),
            explicit=frozenset(data["explicit"]),
            stamps=stamps,
            present={str(name): str(version) for name, version in data["present"].items()},
            languages=tuple(data.get("languages", ())),
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
