"""A promotion as a nix expression: an environment with the packages whose attributes are known."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox.promote.formats.foreign_names import names_for_format
from sandbox.promote.formats.header import comment
from sandbox.promote.formats.missing_parts import without_missing

if TYPE_CHECKING:
    from sandbox.promote.formats.base import Promotion

name: Final = "nix"
file: Final = "default.nix"
ATTRIBUTE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_'-]*(?:\.[A-Za-z_][A-Za-z0-9_'-]*)*")


def render(promotion: Promotion) -> str:
    """Return the expression; versions come from the user's nixpkgs. A comment names packages without an attribute."""
    promotion = without_missing(promotion, name)
    found, missing = names_for_format(promotion, "nix", ATTRIBUTE)
    lines = [
        f"# nix-env -if {file}    or    nix-shell -p 'import ./{file} {{}}'",
        f"{comment(promotion).rstrip()}",
        *(f"# Nothing in nixpkgs is known for {text}." for text in missing),
        "{ pkgs ? import <nixpkgs> { } }:",
        "pkgs.buildEnv {",
        '  name = "sandbox-promotion";',
        f"  paths = [ {' '.join(f'pkgs.{text}' for text in found)} ];",
        "}",
    ]
    return "\n".join([*lines, ""])
