"""A promotion as a list of names, a line each, for other programs: `xargs -a packages.txt apt-get install`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.promotions.header import checked

if TYPE_CHECKING:
    from sandbox.promotions.base import Promotion

name: Final = "list"
file: Final = "packages.txt"


def render(promotion: Promotion) -> str:
    """Return the names, those of languages' managers behind their prefix; without versions and comments."""
    return "".join(f"{ref.full_name}\n" for ref in checked(promotion))
