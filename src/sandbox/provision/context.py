"""What every command needs to know about the host it runs on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sandbox.distros.model import Distro, Target
    from sandbox.engine.labels import Owner
    from sandbox.engine.protocol import Engine
    from sandbox.lifecycle.journal import Journal
    from sandbox.lifecycle.lifetimes import Life
    from sandbox.lifecycle.session import Session
    from sandbox.provision.cache import Cache
    from sandbox.provision.plan import Terms
    from sandbox.specs.settings import Settings


class Context(Struct, frozen=True, kw_only=True):
    """The environment, who we are, the settings in force, and the folders that are ours.

    `pulls`: the references that this run of the tool began to pull, which the engine did not have, or has to remove
    with those that did. `build_caches`: the bytes that each build left in an engine's cache. `no_trace`: what is pulled
    goes with the trial, and nothing is left in a build cache.
    """

    environ: Mapping[str, str]
    owner: Owner
    settings: Settings
    journal: Journal
    state_folder: Path
    cache_folder: Path | None = None
    version: str
    no_trace: bool = False
    pulls: list[str] = field(default_factory=list)
    build_caches: list[int] = field(default_factory=list)

    def rows(self) -> tuple[Distro, ...]:
        """Return the distros: the user's own rows override those that ship. Raises what load_rows raises."""
        from sandbox.distros.load import load_rows

        return load_rows(self.environ, path=self.settings.distros)

    def terms(self, target: Target) -> Terms:
        """Return the terms of a plan on a distro, from the settings."""
        from sandbox.provision.plan import Terms

        settings = self.settings
        return Terms(
            limits=settings.limits,
            recommends=settings.recommends,
            cached=settings.cache,
            mirror=settings.mirrors.get(target.distro.name),
            registries=settings.registries,
        )

    def session(
        self, engine: Engine, *, name: str | None = None, life: Life = "session", lifetime: int | None = None
    ) -> Session:
        """Return a new session of this user on an engine; `lifetime` (seconds) of a sandbox that stays."""
        import time

        from sandbox.lifecycle.session import Session

        expires = None if lifetime is None else int(time.time()) + lifetime
        return Session(engine, self.owner, version=self.version, name=name, life=life, expires=expires)

    def cache(self, engine: Engine) -> Cache:
        """Return this user's cache on an engine."""
        from sandbox.provision.cache import Cache

        return Cache(
            engine=engine,
            owner=self.owner,
            version=self.version,
            folder=self.state_folder,
            limit=self.settings.cache_size,
            lifetime=self.settings.cache_days,
        )
