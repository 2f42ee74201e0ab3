"""A promotion for another family of distros: names by the reviewed table and that distro's index, never guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sandbox.errors import Advice, UsageError
from sandbox.managers.counterparts import family_of, name_in
from sandbox.managers.protocol import PackageRef
from sandbox.managers.registry import manager_of, queries_of
from sandbox.promote.promotion import portable_settings
from sandbox.provision.launch import launched
from sandbox.provision.plan import index_plan
from sandbox.provision.request import request_for

if TYPE_CHECKING:
    from collections.abc import Collection

    from sandbox.core.progress import Reporter
    from sandbox.distros.model import Distro, Target
    from sandbox.engine.protocol import Engine
    from sandbox.promote.formats.base import PromotedPackage, Promotion
    from sandbox.provision.context import Context


def translate(
    promotion: Promotion, target: Target, parent: Distro, *, host: Context, engine: Engine, reporter: Reporter
) -> Promotion:
    """Return the promotion with the names that the target's own index has; what has none is said to be left out.

    Raise UsageError where nothing has one, and as provisioning does where the index can't be had.
    """
    index = frozenset(index_names(target, host=host, engine=engine, reporter=reporter))
    rows, missing = [], []
    for row in promotion.packages:
        if row.place and row.origin == "locked":  # it is for a version that was not requested
            continue
        name = row.ref.name if row.ref.source else name_there(row.ref.name, promotion.target, target, index)
        if name is None:
            missing.append(row.ref.full_name)
        else:
            rows.append(_rename(row, name))
    if not rows:
        message = f"no package has a known counterpart on {target.label}"
        raise UsageError(
            message,
            details=[("packages", ", ".join(missing))],
            hints=[Advice.sandbox("search", "NAME", "--distro", "all")],
        )
    _, foreign = portable_settings(promotion, target)
    return replace(
        promotion,
        settings=(),
        steps=(),
        services=(),
        accepted=(),
        target=target,
        family=parent,
        packages=tuple(rows),
        image=target.image,
        tried_on=promotion.tried_on or promotion.target.label,
        digest=None,
        image_id="",
        proof=None,
        left_out=(
            *promotion.left_out,
            *foreign,
            *(f"{name} at boot (of {promotion.target.label})" for name in promotion.services),
            *(f"{name} has no counterpart on {target.label}" for name in missing),
        ),
    )


def _rename(row: PromotedPackage, name: str) -> PromotedPackage:
    if row.ref.source:
        return row
    return replace(row, ref=PackageRef(name=name), version="", place="")


def name_there(name: str, here: Target, there: Target, index: Collection[str]) -> str | None:
    """Return what a package is called there, by the table and as far as the index has it."""
    return name_in(name, family_of(here.manager), family_of(there.manager), index)


def index_names(target: Target, *, host: Context, engine: Engine, reporter: Reporter) -> tuple[str, ...]:
    """Return every name of a distro's own index, asked in a throwaway container."""
    plan = index_plan(target, manager_of(target.manager), host.terms(target))
    session = host.session(engine)
    with launched(request_for(plan), host, session=session, reporter=reporter, shows_start=False) as launch:
        work = launch.provisioning()
        work.refresh()
        return work.ask(queries_of(target.manager).names())
