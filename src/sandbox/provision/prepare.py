"""A started sandbox gets its packages: from the cache, or by the steps of its plan, which may go into the cache."""

from __future__ import annotations

from typing import TYPE_CHECKING, ParamSpec

from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.engine.protocol import Engine
    from sandbox.provision.cache import Cache
    from sandbox.provision.context import Context
    from sandbox.provision.image import ResolvedImage
    from sandbox.provision.launch import Launch
    from sandbox.provision.request import TryRequest
    from sandbox.provision.run import Provisioned

P = ParamSpec("P")


def with_cache(host: Context, engine: Engine, found: ResolvedImage) -> ResolvedImage:
    """Return the plan with its cached state, or else with the cached package index of its base."""
    cache = _cache_for(host, engine, found)
    if cache is None:
        return found
    hit = cache.find(found.plan, found.image)
    if hit is not None:
        return replace(found, start=hit[0], state=hit[1])
    return replace(found, start=cache.find_index(found.plan, found.image))


def prepare(
    launch: Launch,
    request: TryRequest,
    *,
    beside_steps: Callable[[], object] = lambda: None,
    beside_install: Callable[[], object] = lambda: None,
    is_saved: bool = False,
) -> Provisioned:
    """Return the content of a sandbox with the packages of its plan. Raises what the steps raise.

    `beside_steps` is called, perhaps more than once, while a step leaves time for it, and `beside_install` while the
    last install runs, with only looks behind it.
    `is_saved`: an image will be made of it.
    """
    if launch.state is not None:
        return _from_cache(launch, launch.state)
    return _install(launch, request, is_saved=is_saved, beside_steps=beside_steps, beside_install=beside_install)


def go_offline(launch: Launch) -> None:
    """Take the sandbox off its networks if its plan says so. Raises EngineError if the engine can't."""
    if launch.plan.spec.network == "offline":
        launch.box.disconnect()


def _cache_for(host: Context, engine: Engine, found: ResolvedImage) -> Cache | None:
    """Return the cache for a plan, or None if the plan may not be cached."""
    return host.cache(engine) if found.plan.cached and found.plan.steps else None


def _from_cache(launch: Launch, state: Provisioned) -> Provisioned:
    """Return the content of a cached state, and record its use."""
    from sandbox.provision.run import summary

    with launch.reporter.step("cache", summary(state)):
        if launch.found.start and launch.found.start.tags:
            launch.context.cache(launch.engine).touch(launch.found.start.tags[0])
    return state


def _install(
    launch: Launch,
    request: TryRequest,
    *,
    is_saved: bool,
    beside_steps: Callable[[], object],
    beside_install: Callable[[], object],
) -> Provisioned:
    """Run the plan's steps, and save to the cache what may be cached."""
    box, plan, base = launch.box, launch.plan, launch.image
    if request.bundle is not None:
        request.bundle.bring(box)
    from sandbox.provision.index_choice import index_use

    cache = _cache_for(launch.context, launch.engine, launch.found)
    goes = request.life == "session" and cache is None and not is_saved
    index = None if is_saved or request.bundle else index_use(box, launch.found, launch.context)
    work = launch.provisioning(goes=goes, index=index)
    if cache is None:
        return work.run(path=launch.path, beside_steps=beside_steps, beside_last=beside_install, looks_at_once=True)
    # An index is for every later sandbox of its base: a user's own files are not part of it.
    is_index = not any(step.files for step in plan.steps)
    state = work.run(
        path=launch.path,
        beside_steps=beside_steps,
        looks_at_once=True,
        after_fetch=lambda: is_index and _save(launch, cache.save_index, box, plan, base),
    )
    with launch.reporter.step("cache", "saved for the next time") as step:
        if not _save(launch, cache.save, box, plan, base, state):
            step.title("not saved")
    return state


def _save(launch: Launch, save: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> bool:
    """Return whether something was saved. A failure only makes the next start slower."""
    from sandbox.provision.cache import save_problem

    if problem := save_problem(lambda: save(*args, **kwargs)):
        launch.reporter.warn(problem)
    return problem is None
