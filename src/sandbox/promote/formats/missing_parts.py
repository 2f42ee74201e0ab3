"""What a format can't say of a promotion: it is named in the file and shown, since a file without it is not all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sandbox.managers.architectures import architectures
from sandbox.managers.hand_steps import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.managers.hand_steps import HandStep, StepKind
    from sandbox.promote.formats.base import Promotion

MISSING: Final[Mapping[str, frozenset[StepKind]]] = {
    "nix": frozenset(KINDS),
    "brewfile": frozenset(KINDS),
    "list": frozenset(KINDS),
}
"""Kinds of steps that a format has no word for. A spec has keys for them, and all others run commands."""
NAMES_ONLY: Final = ("nix", "brewfile", "list")
"""Formats that are no more than names: they have no settings and no services either."""


def missing_parts(promotion: Promotion, form: str) -> tuple[str, ...]:
    """Return what the file of a format lacks, a line each."""
    steps = tuple(step.name for step in promotion.steps if _is_missing(step, promotion, form))
    if form not in NAMES_ONLY:
        return steps
    settings = (setting.name for setting in promotion.settings)
    return (*settings, *steps, *(f"start {service} at boot" for service in promotion.services))


def without_missing(promotion: Promotion, form: str) -> Promotion:
    """Return the promotion that the file of a format has; the rest is left out in so many words."""
    is_short = form in NAMES_ONLY
    return replace(
        promotion,
        steps=tuple(step for step in promotion.steps if not _is_missing(step, promotion, form)),
        settings=() if is_short else promotion.settings,
        services=() if is_short else promotion.services,
        left_out=(*promotion.left_out, *missing_parts(promotion, form)),
    )


def _is_missing(step: HandStep, promotion: Promotion, form: str) -> bool:
    """Return whether a format has no word for a step; an architecture goes by the name of a package that needs it."""
    if step.kind not in MISSING.get(form, frozenset()):
        return False
    refs = (row.ref for row in promotion.packages)
    is_named = step.kind == "architecture" and step.words[0] in architectures(refs, promotion.target.manager)
    return form in NAMES_ONLY or not is_named
