"""A promotion as a Brewfile for `brew bundle`, for packages with a known formula."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox.promote.formats.foreign_names import names_for_format
from sandbox.promote.formats.header import comment
from sandbox.promote.formats.missing_parts import without_missing

if TYPE_CHECKING:
    from sandbox.promote.formats.base import Promotion

name: Final = "brewfile"
file: Final = "Brewfile"
FORMULA: Final = re.compile(r"[a-z0-9][a-z0-9+@._-]*")


def render(promotion: Promotion) -> str:
    """Return the Brewfile, without versions; a comment names packages without a formula."""
    promotion = without_missing(promotion, name)
    found, missing = names_for_format(promotion, "brew", FORMULA)
    lines = [
        "# brew bundle",
        comment(promotion).rstrip(),
        *(f"# No formula is known for {text}." for text in missing),
        *(f'brew "{text}"' for text in found),
    ]
    return "\n".join([*lines, ""])
