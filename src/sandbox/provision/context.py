"""What every command needs to know about the host it runs on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sandbox.distros.model import Distro, Target
    from sandbox.engine.begun import Begun
    from sandbox.engine.labels import Owner
    from sandbox.engine.protocol import Engine
    from sandbox.lifecycle.journal import Journal
    from sandbox.lifecycle.lifetimes import Life
    from sandbox.lifecycle.session import Session
    from sandbox.provision.cache import Cache
    from sandbox.provision.local_packages import Opened
    from sandbox.provision.plan import Terms
    from sandbox.specs.settings import Settings


class Context(Struct, frozen=True, kw_only=True):
    """The environment, who we are, the settings in force, and the folders that are ours.

    `pulls`: the references that this run of the tool began to pull, which the engine did not have, or has to remove
    with those that did. `build_caches`: the bytes that each build left in an engine's cache. `kept_indexes`: the
    bytes of package indexes that this run used or kept, `refused_indexes` the names of those that it found can't be
    kept. `no_trace`: what is pulled goes with the trial, and nothing is left in a build cache. `begun` is a
    container that was begun ahead.
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
    kept_indexes: list[int] = field(default_factory=list)
    refused_indexes: set[str] = field(default_factory=set)
    begun: Begun | None = None
    local_urls: bool = False
    """Whether the address of a package's file may be of a network of one's own."""
    fetched: dict[str, Opened] = field(default_factory=dict)
    """The files of addresses that this run of the tool has downloaded, each once."""

    def connect(self) -> Engine:
        """Return the engine to use; a setting that names one leaves no choice. Raises NoEngine where none answers."""
        from sandbox.engine.discover import find_engine

        named = self.settings.engine
        chosen = (named, self.settings.origin("engine")) if named else None
        return find_engine(self.environ, chosen=chosen, begun=self.begun)

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
        from math import ceil

        from sandbox.lifecycle.session import Session

        # the next whole second: its first process reads a clock of whole seconds, and must not end early
        expires = None if lifetime is None else ceil(time.time()) + lifetime
        return Session(
            engine, self.owner, version=self.version, name=name, life=life, expires=expires, begun=self.begun
        )

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


def host_context(environ: Mapping[str, str], *, version: str, **options: str | bool | None) -> Context:
    """Return the context of this process; `options` override settings, except those that are None.

    Raises UsageError for a setting that is invalid.
    """
    from sandbox.core.paths import cache_folder, state_folder
    from sandbox.lifecycle.journal import FILE, Journal
    from sandbox.lifecycle.owner import current_owner
    from sandbox.specs.settings_load import load_settings

    settings = load_settings(environ, options={key: said for key, said in options.items() if said is not None})
    folder = state_folder(environ)
    return Context(
        environ=environ,
        owner=current_owner(),
        settings=settings,
        journal=Journal(folder / FILE if settings.journal else None),
        state_folder=folder,
        cache_folder=cache_folder(environ),
        version=version,
    )
