"""The distro that a verb is about, with the mirror that the settings name for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sandbox.distros.lookup import find_target

if TYPE_CHECKING:
    from sandbox.distros.model import Target
    from sandbox.provision.context import Context


def target_with_mirror(text: str, host: Context) -> Target:
    """Return the target of DISTRO or DISTRO:RELEASE with the user's own mirror in it."""
    target = find_target(text, host.rows())
    mirror = host.settings.mirrors.get(target.distro.name)
    return replace(target, distro=replace(target.distro, mirror=mirror)) if mirror else target
