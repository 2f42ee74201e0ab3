"""Which sandboxes share a kept package index: those of one base, which nothing but its own mirror decides on."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Final

from sandbox.engine.peer import listens_here
from sandbox.managers.registry import data_of
from sandbox.provision.index_cache import IndexCache
from sandbox.provision.index_use import IndexUse

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.container.box import Box
    from sandbox.engine.protocol import Image
    from sandbox.provision.context import Context
    from sandbox.provision.image import ResolvedImage
    from sandbox.provision.plan import Plan

FORMAT: Final = 2


def index_use(
    box: Box,
    found: ResolvedImage,
    host: Context,
    *,
    is_checked: bool = False,
    listens: Callable[[str], bool] = listens_here,
) -> IndexUse | None:
    """Return how a sandbox uses the kept index of its base, None where it has none, or must not have one.

    `is_checked`: what is found holds at this moment, so the manager asks the mirror for a newer index, however young
    the kept one is. `listens` returns whether an engine of this machine listens at a URL.
    """
    if not host.settings.index_cache or host.no_trace or host.cache_folder is None:
        return None
    if not is_plain_base(found) or not listens(box.engine.url):
        return None
    data = data_of(found.plan.target.manager).kept_index
    if isinstance(data, str):
        return None
    cache = IndexCache(cache=host.cache_folder, days=host.settings.cache_days)
    name = index_name(found.plan, found.image)
    manager = found.plan.target.manager
    kept, refused = host.kept_indexes, host.refused_indexes
    return IndexUse(box, cache, name, data, manager=manager, kept=kept, refused=refused, is_checked=is_checked)


def is_plain_base(found: ResolvedImage) -> bool:
    """Return whether a sandbox begins as nothing but a distro's base, whose index only its own mirror decides on."""
    plan, spec = found.plan, found.plan.spec
    own = (
        spec.image,
        spec.dockerfile,
        spec.boot,
        spec.mounts,
        spec.repositories,
        spec.pins,
        spec.architectures,
        spec.before,
    )
    if any((*own, spec.answers, spec.setup)) or found.is_made or found.start is not None or plan.lock is not None:
        return False
    if found.reference not in plan.images or plan.target.distro.companions:
        return False
    kinds = [step.kind for step in plan.steps]
    return "index" in kinds and set(kinds[: kinds.index("index")]) <= {"mirror"} and "host" not in kinds


def index_name(plan: Plan, image: Image) -> str:
    """Return the name of a base's index: a digest of the image, and of the commands up to the one that fetches it.

    The image's id stands for the sources, the keyrings and the manager's version that are in it.
    """
    last = next(number for number, step in enumerate(plan.steps) if step.kind == "index")
    steps = [(step.argv, sorted(step.env.items())) for step in plan.steps[: last + 1]]
    text = json.dumps([FORMAT, image.id, image.platform, plan.target.manager, steps])
    return hashlib.sha256(text.encode()).hexdigest()[:40]
