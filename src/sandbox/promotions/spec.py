"""A promotion as a sandbox spec, which opens the same sandbox again: packages in the versions that were seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.promotions.header import checked, comment, pinned
from sandbox.yamltext import dump

if TYPE_CHECKING:
    from sandbox.promotions.base import Promotion

name: Final = "spec"
file: Final = "sandbox.yaml"


def render(promotion: Promotion) -> str:
    """Return the spec; what was asked for without a version has the one that was seen behind it, as a comment."""
    packages = checked(promotion)
    exact = {ref.full_name: ref.version for ref in pinned(promotion)}
    lines = [
        dump({"distro": promotion.target.option}).rstrip("\n"),
        "packages:",
        *(f"  - {dump([ref.text]).strip()[2:]}{_seen(ref.version, exact.get(ref.full_name))}" for ref in packages),
    ]
    return f"# sandbox try --spec ./{file}\n{comment(promotion)}" + "\n".join([*lines, ""])


def _seen(version: str | None, seen: str | None) -> str:
    return f" # ={seen} was tried" if seen and not version else ""
