"""Finds and removes what dead sessions left behind."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final, TypeVar

from sandbox.core.tasks import Deferred, parallel_map
from sandbox.engine import labels
from sandbox.errors import EngineError, SandboxError
from sandbox.lifecycle import image_leases
from sandbox.lifecycle.lifetimes import HANDED_OVER
from sandbox.lifecycle.owner import is_ours, owner_is_dead
from sandbox.lifecycle.removal import EngineObject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from sandbox.engine.labels import Owner
    from sandbox.engine.protocol import Container, Engine, Image
    from sandbox.engine.swarm import SwarmObject

Thing = TypeVar("Thing")

SWEEP_LIMIT: Final = 5.0
"""Seconds to wait on leaving for a sweep that is not finished."""
SAVING_LIMIT: Final = 60.0
"""Seconds after which an engine has surely named an image that it was saving."""


def sweep(
    engine: Engine, owner: Owner, folder: Path | None = None, images: Deferred[tuple[Image, ...]] | None = None
) -> tuple[EngineObject, ...]:
    """Remove what dead sessions of this host and user left behind; return what went.

    `folder` is that of our state, where bases that were to go with them are noted. `images` are ours on the engine.

    A running throwaway container is never touched: its open stdin proves that its owner lives; one in which an init
    runs proves nothing, so its owner is looked for. Nor is one that was handed over to live on, until it expires. Races
    with the engine's own removal, or another sweep, are no errors.
    """
    containers = [
        EngineObject(kind="container", name=name, id=ident) for ident, name in orphaned_containers(engine, owner)
    ]
    ours = images.result() if images else own_images(engine)
    builds = [EngineObject(kind="image", name=name, id=ident) for ident, name in orphans_among(engine, ours, owner)]
    passed = image_leases.sweep(folder, engine) if folder else ()
    return (
        *_remove_each(containers, lambda found: engine.remove(found.id)),
        *_remove_each(builds, lambda found: engine.remove_image(found.id)),
        *(EngineObject(kind="image", name=name) for name in passed),
        *_sweep_swarm(engine, owner),
    )


def _remove_each(found: Sequence[EngineObject], remove: Callable[[EngineObject], bool]) -> Iterator[EngineObject]:
    """Remove all, several at a time, and yield what was removed. The next sweep retries the rest."""
    gone = parallel_map(lambda one: _can_remove(remove, one), found)
    yield from (one for one, is_gone in zip(found, gone, strict=True) if is_gone)


class Sweep:
    """A sweep that runs beside other work, started when there is time for it."""

    def __init__(self, engine: Engine, owner: Owner, folder: Path) -> None:
        self._images = Deferred(lambda: own_images(engine))
        self._work = Deferred(lambda: sweep(engine, owner, folder, self._images))
        self._has_begun = False

    def begin(self) -> Deferred[tuple[Image, ...]] | None:
        """Start the sweep, once; return the question for our images that it has asked, None where it had begun."""
        if self._has_begun:
            return None
        self._has_begun = True
        self._images.begin()
        self._work.begin()
        return self._images

    def result(self) -> tuple[EngineObject, ...]:
        """Return what was removed; empty if the engine refused or is still busy after some seconds."""
        with suppress(SandboxError):
            if self._work.begin().wait(SWEEP_LIMIT):
                return self._work.result()
        return ()


def _sweep_swarm(engine: Engine, owner: Owner) -> Iterator[EngineObject]:
    """Remove what dead clients left on a swarm, and yield it: configs last, since a service may still use them."""
    if engine.swarm is None:
        return
    for row in orphaned_swarm_objects(engine, owner):
        if _can_remove(engine.swarm.remove_swarm_object, row):
            yield EngineObject(kind=row.kind, name=row.name, id=row.id)


def _can_remove(remove: Callable[[Thing], bool], thing: Thing) -> bool:
    """Remove one object and return whether it is gone; the next sweep retries a failure."""
    try:
        return remove(thing)
    except EngineError:
        return False


def orphaned_swarm_objects(engine: Engine, owner: Owner) -> tuple[SwarmObject, ...]:
    """Return the services and configs of a swarm that dead clients left behind."""
    known = engine.swarm.swarm_objects([labels.SESSION]) if engine.swarm is not None else ()
    return tuple(found for found in known if owner_is_dead(owner, found.labels))


def own_images(engine: Engine) -> tuple[Image, ...]:
    """Return all images of ours: bases, those of the cache, and what sessions built.

    They are listed at once, as containerd's store reads every image of the engine for each list, whatever its filter:
    a tenth of a second of a processor with 33 images (Docker 28.5).
    """
    return engine.images([labels.KIND])


def orphaned_images(engine: Engine, owner: Owner) -> tuple[tuple[str, str], ...]:
    """Return (id, name) of the images that dead sessions built or replaced."""
    return orphans_among(engine, own_images(engine), owner)


def orphans_among(engine: Engine, ours: Sequence[Image], owner: Owner) -> tuple[tuple[str, str], ...]:
    """Return (id, name) of those among our images that dead sessions built or replaced."""
    return (*_orphaned_builds(engine, ours, owner), *_nameless_cache_images(ours, owner))


def _nameless_cache_images(ours: Sequence[Image], owner: Owner) -> tuple[tuple[str, str], ...]:
    """Return images of the cache without a name: whoever saved what has it now died before it removed these.

    An engine that is saving one has it without a name for a moment, too, while whoever asked for it lives.
    """
    rows = [row for row in ours if row.labels.get(labels.KIND) == "cache"]
    lost = [row for row in rows if not row.tags and is_ours(owner, row.labels)]
    return tuple((row.id, row.id[7:19]) for row in lost if _is_saved(row, owner))


def _is_saved(row: Image, owner: Owner) -> bool:
    """Return whether an image is old enough that the engine will not name it any more."""
    saver = labels.saver_labels(row.labels)
    known = bool(row.labels.get(labels.SAVER))  # versions before 0.2 did not label the time
    return row.created < time.time() - SAVING_LIMIT or (known and owner_is_dead(owner, saver))


def _orphaned_builds(engine: Engine, ours: Sequence[Image], owner: Owner) -> tuple[tuple[str, str], ...]:
    """Return images that dead sessions built, except those that a remaining sandbox uses."""
    images = [row for row in ours if row.labels.get(labels.SESSION)]
    found = [row for row in images if owner_is_dead(owner, row.labels)]
    if not found:
        return ()
    rows = [row for row in engine.containers([labels.SESSION]) if not _is_left(engine, row, owner)]
    used = {row.labels.get(labels.SESSION) for row in rows}
    unused = [row for row in found if row.labels[labels.SESSION] not in used]
    return tuple((row.id, (row.tags or (row.id[7:19],))[0]) for row in unused)


def orphaned_containers(engine: Engine, owner: Owner) -> tuple[tuple[str, str], ...]:
    """Return (id, name) of the containers that a sweep would remove."""
    rows = engine.containers([labels.SESSION])
    return tuple((row.id, row.name) for row in rows if _is_left(engine, row, owner))


def _is_left(engine: Engine, row: Container, owner: Owner) -> bool:
    """Return whether a container is ours, and its owner is dead."""
    ended = row.state in ("created", "exited", "dead")
    if row.labels.get(labels.KIND) == "session":
        # root in a boot can do away with what ends it, so that it runs on without its owner
        return (ended or bool(row.labels.get(labels.INIT))) and owner_is_dead(owner, row.labels)
    if not is_ours(owner, row.labels):
        return False
    if has_expired(row.labels, time.time()):
        return True
    return ended and owner_is_dead(owner, row.labels) and engine.stamp(row.id, HANDED_OVER) is None


def has_expired(found: Mapping[str, str], now: float) -> bool:
    """Return whether the time in the labels has passed."""
    end = found.get(labels.EXPIRES, "")
    return end.isdecimal() and float(end) <= now
