"""A promotion as a sandbox spec that opens the same sandbox again, with the tried versions."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sandbox.core.yamltext import dump
from sandbox.errors import Advice
from sandbox.promote.formats.commands import commands
from sandbox.promote.formats.header import comment, pinned_packages, reparse_packages
from sandbox.promote.formats.spec_preparation import preparation_lines
from sandbox.specs.places import CHECKSUM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.managers.protocol import PackageRef
    from sandbox.promote.formats.base import Promotion

name: Final = "spec"
file: Final = "sandbox.yaml"


def render(promotion: Promotion) -> str:
    """Return the spec; a comment shows the tried version of a package that was requested without one."""
    promotion = replace(
        promotion, left_out=tuple(row for row in promotion.left_out if row not in _spec_notes(promotion))
    )
    packages = reparse_packages(promotion)
    exact = {ref.full_name: ref.version for ref in pinned_packages(promotion)}
    lines = [
        dump({"distro": promotion.target.option}).rstrip("\n"),
        *preparation_lines(promotion),
        *(["packages:"] if packages else []),
        *(
            f"  - {dump([_package(ref)]).strip()[2:]}{_version_comment(ref.version, exact.get(ref.full_name))}"
            for ref in packages
        ),
        *(["recommends: true"] if promotion.recommends else []),
        *_setup(promotion),
    ]
    return f"# {Advice.sandbox('try', '--spec', f'./{file}').line}\n{comment(promotion)}" + "\n".join([*lines, ""])


def _spec_notes(promotion: Promotion) -> frozenset[str]:
    """Return the notes of what a spec has, and no other format."""
    return frozenset(f"before: {text}" for text in promotion.before)


def _package(ref: PackageRef) -> str:
    """Return a package as a spec names it; a file with its checksum, so that no other one is taken."""
    return f"{ref.file.source}{CHECKSUM}{ref.file.sha256}" if ref.file else ref.text


def _setup(promotion: Promotion) -> Iterator[str]:
    """Yield what was set behind the packages, and the services, as the spec's setup."""
    rows = [row for row in commands(promotion) if row.kind in ("step", "service")]
    if rows:
        yield dump({"setup": [shlex.join(row.whole) for row in rows]}).rstrip("\n")


def _version_comment(version: str | None, seen: str | None) -> str:
    return f" # ={seen} was tried" if seen and not version else ""
