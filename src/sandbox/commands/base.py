"""`sandbox base`: build, import, list and remove base images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from sandbox.errors import PullFailed, UsageError
from sandbox.lifecycle import image_leases
from sandbox.provision.base_image import find_present, public_reference, pull_and_record, with_ways_out
from sandbox.provision.bases.mmdebstrap import build_base
from sandbox.provision.bases.model import Base, base_reference, bases_from, list_bases, remove_bases
from sandbox.provision.bases.rootfs import import_base

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from sandbox.distros.model import Target
    from sandbox.engine.protocol import Engine, Image, PullProgress


class Ensured(Struct, frozen=True, kw_only=True):
    """A base image, the name to use it by, and how the engine got it; `present`: nothing was done."""

    image: Image
    reference: str
    how: Literal["present", "pulled", "built"]


def build(engine: Engine, target: Target, *, version: str, on_line: Callable[[str], None] = lambda _line: None) -> Base:
    """Make the target's base from its package mirror; `on_line` is given what the builder reports.

    Raise UsageError for a distro that can't be built here, PullFailed where building fails.
    """
    return _base(build_base(engine, target, version=version, on_line=on_line), target.built_image)


def import_(
    engine: Engine,
    source: str,
    name: str,
    *,
    version: str,
    sha256: str | None = None,
    on_bytes: Callable[[int, int], None] = lambda _done, _total: None,
) -> Base:
    """Make the base `name` of a root tarball, a path or an http(s) URL; `on_bytes` is given bytes fetched and in all.

    Raise UsageError for a name, checksum or file that can't be one, PullFailed where it can't be had whole.
    """
    image = import_base(engine, source, name, version=version, sha256=sha256, on_bytes=on_bytes)
    return _base(image, base_reference(name))


def list_(engine: Engine) -> tuple[Base, ...]:
    """Return the bases made on this engine, by reference."""
    return list_bases(engine)


def remove(engine: Engine, names: Sequence[str]) -> Iterator[str]:
    """Remove bases that were made here and yield their references; raise UsageError, before any goes, or Conflict."""
    return remove_bases(engine, names)


def ensure(
    engine: Engine,
    target: Target,
    *,
    version: str,
    folder: Path,
    on_pull: Callable[[PullProgress], None] = lambda _progress: None,
    on_line: Callable[[str], None] = lambda _line: None,
) -> Ensured:
    """Return the target's base: present under its public or its built name, else pulled, else built.

    A pull is noted in our state `folder`. Raise PullFailed with both causes where neither works.
    """
    names = tuple(filter(None, (target.image, target.built_image)))
    for reference in names:
        image_leases.acquire(folder, engine.url, reference)
    found = find_present(engine, names)
    if found is not None:
        image_leases.joins_lease(folder, engine.url, found[0], found[1].id, without_trace=False)
        return Ensured(image=found[1], reference=found[0], how="present")
    try:
        image = pull_and_record(engine, public_reference(target), folder, on_pull)
        return Ensured(image=image, reference=target.image, how="pulled")
    except PullFailed as failure:
        return _build_instead(engine, target, with_ways_out(failure, target), version=version, on_line=on_line)


def _build_instead(
    engine: Engine, target: Target, failure: PullFailed, *, version: str, on_line: Callable[[str], None]
) -> Ensured:
    try:
        image = build_base(engine, target, version=version, on_line=on_line)
    except (PullFailed, UsageError) as second:
        details = (*failure.details, ("building it", second.brief), *second.details)
        raise PullFailed(failure.brief, details=details, hints=(*failure.hints, *second.hints)) from second
    return Ensured(image=image, reference=target.built_image, how="built")


def _base(image: Image, reference: str) -> Base:
    return next(base for base in bases_from(image) if base.reference == reference)
