"""A promotion as a list of names, one per line, for other programs: `xargs -a packages.txt apt-get install`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.managers.registry import manager_of
from sandbox.promote.formats.header import refuse_files, reparse_packages

if TYPE_CHECKING:
    from sandbox.promote.formats.base import Promotion

name: Final = "list"
file: Final = "packages.txt"


def render(promotion: Promotion) -> str:
    """Return the names, those of languages' managers behind their prefix; without comments.

    What was tried in a version that the index does not choose by itself has it, as the manager takes it.
    """
    refuse_files(promotion, "a list")
    bound = {row.ref.full_name for row in promotion.packages if row.place}
    packages, manager = reparse_packages(promotion), manager_of(promotion.target.manager)
    return "".join(f"{manager.install([ref])[-1] if ref.full_name in bound else ref.full_name}\n" for ref in packages)
