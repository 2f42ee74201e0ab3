"""A distro as a row of data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct
from msgspec.structs import replace

if TYPE_CHECKING:
    from sandbox.managers.registry import ManagerName

Support = Literal["run", "lab", "documented", "yours"]
"""What a row rests on. run: the tests run it on the genuine distro. lab: they run the distro's real package manager on
another userland. documented: written from its documentation, not run. yours: a row that the user wrote or changed."""

RELEASE: Final = "{release}"
"""Placeholder for the release's name in an image's reference."""


class Release(Struct, frozen=True, kw_only=True):
    """A release: its name as users type it, other names for it, and the day its support ends (ISO) or None.

    `manager` and `image` differ from the distro's where they are given; `options` are as the distro's, and added.
    """

    name: str
    aliases: tuple[str, ...] = ()
    end_of_life: str | None = None
    support: Support = "documented"
    manager: ManagerName | None = None
    image: str | None = None
    options: tuple[str, ...] = ()


class Companion(Struct, frozen=True, kw_only=True):
    """An image whose volumes a sandbox mounts read-only, such as gentoo's tree of ebuilds; `path`: where."""

    image: str
    path: str


class SnapshotService(Struct, frozen=True, kw_only=True):
    """A service that keeps a distro's packages of every day.

    `places`: an official URL and the path below the service that stands for it, with {year}, {month} and {day}.
    `options` of the manager and `upgrade` are what it takes to use it, besides or instead of the distro's own. `since`
    is the service's first day (ISO).
    """

    service: str
    places: tuple[tuple[str, str], ...]
    since: str = ""
    options: tuple[str, ...] = ()
    upgrade: tuple[str, ...] = ()


class Distro(Struct, frozen=True, kw_only=True):
    """A distro: `image` is a reference with {release}; the first release is the default one.

    Without an image the engine's default registry has none: it is imported, or named by `--image` or a row of the user.

    `path` is what its users' PATH holds beyond the image's own. `mirror` is its package mirror, `keyring` the file
    on a host of the family that proves it; `snapshot` is where its packages of earlier days are; `bootstrap` is the
    program that builds a base from them.

    `options` go behind the manager's program name in the sandbox, and only there: what its images need, as sid's
    expired index. `upgrade` is the argv that brings all packages up to date, where a new one needs that, as on Arch.
    """

    name: str
    title: str
    manager: ManagerName
    releases: tuple[Release, ...]
    image: str = ""
    os_ids: tuple[str, ...] = ()
    like: str | None = None
    shell: tuple[str, ...] = ("bash", "sh")
    path: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    upgrade: tuple[str, ...] = ()
    companions: tuple[Companion, ...] = ()
    mirror: str | None = None
    bootstrap: Literal["mmdebstrap"] | None = None
    keyring: str | None = None
    snapshot: SnapshotService | None = None


class Target(Struct, frozen=True, kw_only=True):
    """A distro and one of its releases: the target of a plan."""

    distro: Distro
    release: Release

    @property
    def image(self) -> str:
        """The public image's reference; empty if the engine's default registry has none."""
        return (self.release.image or self.distro.image).replace(RELEASE, self.release.name)

    @property
    def manager(self) -> ManagerName:
        """The package manager of this release."""
        return self.release.manager or self.distro.manager

    @property
    def options(self) -> tuple[str, ...]:
        """The manager's options after its program's name in a sandbox."""
        return (*self.distro.options, *self.release.options)

    def with_options(self, options: tuple[str, ...]) -> Target:
        """Return the target with more options of its manager."""
        return replace(self, distro=replace(self.distro, options=(*self.distro.options, *options)))

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
