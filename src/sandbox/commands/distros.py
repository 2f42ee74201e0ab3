"""`sandbox distros`: the distros, their end of life, whether the engine has their images, and how we test them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from sandbox.provision.base_image import tagged_reference

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sandbox.distros.model import Support, Target
    from sandbox.managers.registry import ManagerName

ImageState = Literal["present", "made here", "to pull", "no public image", "not asked"]
"""The state of an image; "no public image": the default registry has none, "not asked": no engine."""


class Listed(Struct, frozen=True, kw_only=True):
    """A release of a distro; `until` is the ISO day on which its support ends, or None if unknown."""

    distro: str
    release: str
    aliases: tuple[str, ...]
    title: str
    manager: ManagerName
    image: str
    until: str | None
    has_ended: bool
    here: ImageState
    support: Support


def distros(targets: Sequence[Target], *, today: str, tags: Collection[str] | None) -> tuple[Listed, ...]:
    """Return a row for each release; `today` is an ISO day, `tags` what the engine holds, None without one."""
    return tuple(_row(target, today, tags) for target in targets)


def _row(target: Target, today: str, tags: Collection[str] | None) -> Listed:
    release = target.release
    return Listed(
        distro=target.distro.name,
        release=release.name,
        aliases=release.aliases,
        title=target.distro.title,
        manager=target.manager,
        image=target.image,
        until=release.end_of_life,
        has_ended=release.end_of_life is not None and release.end_of_life < today,
        here=_place(target, tags),
        support=release.support,
    )


def _place(target: Target, tags: Collection[str] | None) -> ImageState:
    if tags is not None and target.image and tagged_reference(target.image) in tags:
        return "present"
    if tags is not None and target.built_image in tags:
        return "made here"
    if not target.image:
        return "no public image"
    return "not asked" if tags is None else "to pull"
