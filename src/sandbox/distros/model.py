"""A distro as a row of data."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Support = Literal["run", "documented"]
"""run: the tests run its package manager for real. documented: written from its documentation, not run."""


class Release(Struct, frozen=True, kw_only=True):
    """A release: its name as users type it, other names for it, and the day its support ends (ISO) or None."""

    name: str
    aliases: tuple[str, ...] = ()
    end_of_life: str | None = None
    support: Support = "documented"


class Distro(Struct, frozen=True, kw_only=True):
    """A distro: `image` is a reference with {release}; the first release is the default one.

    `path` is what its users' PATH holds beyond the image's own. `mirror` is its package mirror, `keyring` the file
    on a host of the family that proves it; both serve building a base where no registry answers.
    """

    name: str
    title: str
    image: str
    manager: str
    releases: tuple[Release, ...]
    os_ids: tuple[str, ...] = ()
    like: str | None = None
    shell: tuple[str, ...] = ("bash", "sh")
    path: tuple[str, ...] = ()
    mirror: str | None = None
    keyring: str | None = None


class Target(Struct, frozen=True, kw_only=True):
    """A distro and one of its releases: what a plan is made for."""

    distro: Distro
    release: Release

    @property
    def image(self) -> str:
        """The public image's reference."""
        return self.distro.image.format(release=self.release.name)

    @property
    def built_image(self) -> str:
        """The reference of a base that was built or imported here; never the public name."""
        return f"sandbox-base/{self.distro.name}:{self.release.name}"

    @property
    def label(self) -> str:
        """`debian bookworm`."""
        return f"{self.distro.name} {self.release.name}"

    @property
    def option(self) -> str:
        """`debian:bookworm`, as `--distro` takes it."""
        return f"{self.distro.name}:{self.release.name}"
