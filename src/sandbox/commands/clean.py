"""`sandbox clean`: removes what dead sessions left; on request also the cache and pulled images."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct

from sandbox.core.paths import kept_starts
from sandbox.core.tasks import parallel_map
from sandbox.engine.swarm import SwarmObject
from sandbox.errors import Advice, Conflict, EngineError, RemovalFailed, SandboxError
from sandbox.inspect.baseline import cached_files, partial_files
from sandbox.lifecycle import image_leases, pulled_images
from sandbox.lifecycle.cleanup import orphaned_containers, orphaned_images, orphaned_swarm_objects
from sandbox.lifecycle.listing import list_sandboxes
from sandbox.provision.index_cache import IndexCache

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sandbox.engine.protocol import Argv, Engine
    from sandbox.lifecycle.removal import EngineObject
    from sandbox.provision.context import Context

BY_HAND: Final = {"container": ("rm", "-f"), "service": ("service", "rm"), "config": ("config", "rm")}
"""The command of the engine's client that removes each kind; for all others `rmi`."""
Kind = Literal["container", "built", "service", "config", "cache", "files", "image", "task", "definition", "log stream"]


class Removable(Struct, frozen=True, kw_only=True):
    """Something that clean removes: `size` in bytes, 0 if unknown; `why` it may be removed."""

    kind: Kind
    ident: str
    name: str
    size: int
    why: str


class Cleaning(Struct, frozen=True, kw_only=True):
    """What was removed (or would be, with `dry_run`), and what could not be."""

    items: tuple[Removable, ...]
    failures: tuple[SandboxError, ...]
    dry_run: bool


def clean(
    engine: Engine, host: Context, *, cache: bool, images: bool, dry_run: bool, staying: bool = False
) -> Cleaning:
    """Remove the containers of dead sessions; only on request sandboxes that stay, the cache and pulled images."""
    found = (
        *_containers(engine, host),
        *(_kept_sandboxes(engine, host) if staying else ()),
        *_orphaned_builds(engine, host),
        *_of_swarm(engine, host),
        *_pulled_images(engine, host),
        *_names_for_pushes(engine, host),
        *((*_cache(engine, host), *_files(host)) if cache else ()),
        *(_images(engine, host) if images else ()),
    )
    items = tuple({item.ident: item for item in found}.values())  # unnamed images of the cache are in it by id
    if dry_run:
        return Cleaning(items=items, failures=(), dry_run=True)
    containers = [item for item in items if item.kind == "container"]
    failed = parallel_map(lambda item: _try_remove(engine, host, item), containers)
    # the base images of those removed, one by one
    failed += [_try_remove(engine, host, item) for item in items[len(containers) :]]
    return Cleaning(
        items=tuple(item for item, error in zip(items, failed, strict=True) if error is None),
        failures=tuple(error for error in failed if error is not None),
        dry_run=False,
    )


def clean_fargate(host: Context, connect: Callable[[], AbstractContextManager[Engine]], *, dry_run: bool) -> Cleaning:
    """Remove what dead sessions of this host and user left on Fargate, and for pushes on the engine, where one answers.

    Raises what `find_place` raises.
    """
    from sandbox.trials.fargate.api import Aws
    from sandbox.trials.fargate.leftovers import orphaned_sessions, remove_session
    from sandbox.trials.fargate.place import find_place

    aws = Aws(host.settings.fargate.region)
    place = find_place(aws, host.settings.fargate)
    orphans = orphaned_sessions(aws, place, host.owner)
    if dry_run:
        rows = [row for found in orphans.values() for row in found]
        names = _clean_names(connect, host, dry_run=True)
        return Cleaning(items=(*map(_of_fargate, rows), *names), failures=(), dry_run=True)
    removals = [remove_session(aws, place, session) for session in orphans]
    names = _clean_names(connect, host, dry_run=False)
    return Cleaning(
        items=(*(_of_fargate(row) for removal in removals for row in removal.removed), *names),
        failures=tuple(error for removal in removals for error in removal.failures),
        dry_run=False,
    )


def _clean_names(
    connect: Callable[[], AbstractContextManager[Engine]], host: Context, *, dry_run: bool
) -> tuple[Removable, ...]:
    """Take the names for pushes off the images of the engine. A host may have no engine: then nothing was pushed."""
    try:
        engine = connect()
    except EngineError:
        return ()
    with engine as found:
        names = _names_for_pushes(found, host)
        for item in () if dry_run else names:
            found.remove_image(item.ident)
    return names


def _names_for_pushes(engine: Engine, host: Context) -> tuple[Removable, ...]:
    """Return the names of images for pushes to Fargate's registry whose session died."""
    from sandbox.trials.fargate.leftovers import dead_names

    names = dead_names(engine, host.owner)
    return tuple(Removable(kind="built", ident=name, name=name, size=0, why="its session died") for name in names)


def _of_fargate(row: EngineObject) -> Removable:
    kinds: dict[str, Kind] = {"task": "task", "definition": "definition", "log stream": "log stream"}
    name = row.id.rpartition("/")[2] if row.kind == "task" else row.name
    return Removable(kind=kinds.get(row.kind, "image"), ident=row.id, name=name, size=0, why="its session died")


def _try_remove(engine: Engine, host: Context, item: Removable) -> SandboxError | None:
    try:
        _remove(engine, host, item)
    except SandboxError as error:
        return _removal_error(item, error, engine.client)
    except OSError as error:
        return _removal_error(item, SandboxError(str(error.strerror)), engine.client)
    return None


def _containers(engine: Engine, host: Context) -> tuple[Removable, ...]:
    return tuple(
        Removable(kind="container", ident=ident, name=name, size=0, why="its session died, or its time was up")
        for ident, name in orphaned_containers(engine, host.owner)
    )


def _orphaned_builds(engine: Engine, host: Context) -> tuple[Removable, ...]:
    return tuple(
        Removable(kind="built", ident=ident, name=name, size=0, why="its session died")
        for ident, name in orphaned_images(engine, host.owner)
    )


def _of_swarm(engine: Engine, host: Context) -> tuple[Removable, ...]:
    return tuple(
        Removable(kind=found.kind, ident=found.id, name=found.name, size=0, why="its trial died")
        for found in orphaned_swarm_objects(engine, host.owner)
    )


def _kept_sandboxes(engine: Engine, host: Context) -> tuple[Removable, ...]:
    left = {ident for ident, _ in orphaned_containers(engine, host.owner)}
    return tuple(
        Removable(kind="container", ident=box.id, name=box.name, size=0, why=f"{box.life}")
        for box in list_sandboxes(engine, host.owner)
        if box.is_ours and box.life != "session" and box.id not in left
    )


def _cache(engine: Engine, host: Context) -> tuple[Removable, ...]:
    return tuple(
        Removable(
            kind="cache", ident=entry.reference, name=entry.title or entry.reference, size=entry.size, why="cached"
        )
        for entry in reversed(host.cache(engine).entries())
    )


def _files(host: Context) -> tuple[Removable, ...]:
    folder = host.cache_folder
    return (
        tuple(
            Removable(kind="files", ident=str(path), name=str(path), size=status.st_size, why="cached file")
            for path, status in ({**cached_files(folder), **partial_files(folder)} if folder else {}).items()
        )
        + tuple(
            Removable(
                kind="files",
                ident=str(path),
                name=str(path),
                size=path.stat().st_size,
                why="for faster starts",
            )
            for path in kept_starts(folder)
        )
        + tuple(
            Removable(kind="files", ident=str(entry.path), name=str(entry.path), size=entry.size, why="package index")
            for entry in (IndexCache(cache=folder, days=host.settings.cache_days).entries() if folder else ())
        )
    )


def _pulled_images(engine: Engine, host: Context) -> tuple[Removable, ...]:
    return tuple(
        Removable(
            kind="image",
            ident=image.tags[0],
            name=image.tags[0],
            size=image.size,
            why="a killed --no-trace run pulled it",
        )
        for image in image_leases.orphans(host.state_folder, engine)
    )


def _images(engine: Engine, host: Context) -> tuple[Removable, ...]:
    noted = pulled_images.records(host.state_folder, engine.url)
    found = [(reference, ident, engine.image(reference)) for reference, ident in noted.items()]
    return tuple(
        Removable(kind="image", ident=reference, name=reference, size=image.size, why="sandbox pulled it")
        for reference, ident, image in found
        if image is not None and ident in ("", image.id)  # another image with that name is not the one we pulled
    )


def _remove(engine: Engine, host: Context, item: Removable) -> None:
    match item.kind:
        case "container":
            engine.remove(item.ident)
        case "service" | "config":
            if engine.swarm is not None:
                engine.swarm.remove_swarm_object(SwarmObject(kind=item.kind, id=item.ident, name=item.name))
        case "task" | "definition" | "log stream":
            pass  # `clean_fargate` removes these
        case "files":
            with suppress(FileNotFoundError):
                Path(item.ident).unlink()
        case "cache" | "built":
            engine.remove_image(item.ident)
        case "image":
            engine.remove_image(item.ident)
            with suppress(OSError):
                pulled_images.forget(host.state_folder, engine.url, item.ident)
                pulled_images.forget(host.state_folder, engine.url, item.ident, file=image_leases.FILE)


def _removal_error(item: Removable, error: SandboxError, client: Argv) -> SandboxError:
    if isinstance(error, Conflict):
        return RemovalFailed(f"{item.name} is in use, so it was not removed", details=error.details)
    how = ("rm",) if item.kind == "files" else (*client, *BY_HAND.get(item.kind, ("rmi",)))
    by_hand = Advice.program(*how, item.name if item.kind == "container" else item.ident)
    return RemovalFailed(f"could not remove {item.name}", details=error.details, hints=[by_hand])
