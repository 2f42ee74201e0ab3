"""A promotion as a sandbox spec that opens the same sandbox again, with the tried versions."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sandbox.core.yamltext import dump
from sandbox.errors import Advice
from sandbox.promote.formats.commands import commands
from sandbox.promote.formats.header import comment, pinned_packages, reparse_packages
from sandbox.promote.formats.missing_parts import without_missing

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sandbox.promote.formats.base import Promotion

name: Final = "spec"
file: Final = "sandbox.yaml"


def render(promotion: Promotion) -> str:
    """Return the spec; comments show the tried version of a package requested without one, and what the spec lacks."""
    promotion = without_missing(promotion, name)
    late = {row.ref.full_name for row in promotion.packages if row.origin == "by-hand"} if promotion.settings else set()
    packages = tuple(ref for ref in reparse_packages(promotion) if ref.full_name not in late)
    exact = {ref.full_name: ref.version for ref in pinned_packages(promotion)}
    lines = [
        dump({"distro": promotion.target.option}).rstrip("\n"),
        *(["packages:"] if packages else []),
        *(
            f"  - {dump([ref.text]).strip()[2:]}{_version_comment(ref.version, exact.get(ref.full_name))}"
            for ref in packages
        ),
        *(["recommends: true"] if promotion.recommends else []),
        *_setup(promotion, late),
    ]
    return f"# {Advice.sandbox('try', '--spec', f'./{file}').line}\n{comment(promotion)}" + "\n".join([*lines, ""])


def _setup(promotion: Promotion, late: Collection[str]) -> Iterator[str]:
    """Yield the manual changes as the spec's setup: the settings, then packages installed from them."""
    rows = [row for row in commands(promotion) if row.kind in ("setting", "step", "service")]
    if late:
        wanted = tuple(row for row in promotion.packages if row.ref.full_name in late)
        rest = commands(replace(promotion, packages=wanted, settings=(), services=(), steps=()))
        place = sum(row.kind == "setting" for row in rows)
        rows[place:place] = rest
    if rows:
        yield dump({"setup": [shlex.join(row.whole) for row in rows]}).rstrip("\n")


def _version_comment(version: str | None, seen: str | None) -> str:
    return f" # ={seen} was tried" if seen and not version else ""
