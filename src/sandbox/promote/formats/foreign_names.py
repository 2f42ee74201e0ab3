"""Names of packages in nix and Homebrew, which the session's distro does not know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sandbox.core.plaintext import plain_line
from sandbox.errors import Advice, UsageError
from sandbox.managers.architectures import architectures
from sandbox.managers.counterparts import family_of, foreign_name
from sandbox.promote.formats.header import refuse_files, reparse_packages

if TYPE_CHECKING:
    import re

    from sandbox.promote.formats.base import Promotion

Elsewhere = Literal["nix", "brew"]


def names_for_format(
    promotion: Promotion, place: Elsewhere, pattern: re.Pattern[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the packages' names there, as far as `pattern` has them, and the names here of those without.

    Raise UsageError for a package of which only one version of one repository, or one architecture, was tried: what
    has its name there is another thing.
    """
    packages = reparse_packages(promotion)
    own = promotion.target.manager == place
    refuse_files(promotion, place)
    for row in promotion.packages:
        foreign = next(iter(architectures([row.ref], promotion.target.manager)), "")
        if row.place or foreign:
            what = f"its version is from {plain_line(row.place, 120)}" if row.place else f"it is for {foreign}"
            message = f"{row.ref.full_name} can't be promoted for {place}, which has no exact versions: {what}"
            raise UsageError(message, hints=[Advice.sandbox("promote", promotion.name, "--format", "sh")])
    family = family_of(promotion.target.manager)
    names = {
        ref.full_name: "" if ref.source else ref.name if own else foreign_name(ref.name, family, place)
        for ref in packages
    }
    found = {here: there for here, there in names.items() if pattern.fullmatch(there)}
    return tuple(dict.fromkeys(found.values())), tuple(here for here in names if here not in found)
