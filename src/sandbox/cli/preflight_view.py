"""Shows a preflight: new packages, other changes, and what is already installed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.core.human import names, size

if TYPE_CHECKING:
    from sandbox.errors import Row
    from sandbox.promote.preflight import Preflight


PROBLEMS: Final = {
    "conflict": "conflict",
    "held": "held back",
    "withheld": "held back",
    "downgrade": "downgrade",
    "unknown-package": "would fail",
    "unknown-version": "would fail",
}
"""The label of each cause; any other cause means that the manager could not say."""


def preflight_rows(found: Preflight) -> list[Row]:
    """Return the rows to show."""
    rows: list[Row] = []
    if found.here:
        rows.append(("  already installed", names(found.here)))
    if found.other:
        stays = (
            ""
            if set(found.other) & set(found.upgrades)
            else "   not changed; --pin installs the version that was tried"
        )
        rows.append(("  in another version", f"{names(found.other)}{stays}"))
    if found.architectures:
        text = (
            f"{names(found.architectures)}   dpkg will accept it; what else changes is known only after it "
            "fetched that index"
        )
        return [*rows, ("  new architecture", text)]
    if found.problem:
        said = [(f"  {label}", text) for label, text in found.evidence]
        return [*rows, (f"  {PROBLEMS.get(found.cause, 'unknown')}", found.problem), *said]
    if found.new:
        rows.append(("  new", names(found.new)))
    others = (("upgrades", found.upgrades), ("downgrades", found.downgrades), ("removals", found.removals))
    rows += [(f"  {label}", names(values, most=len(values))) for label, values in others if values]
    none = [label for label, values in others if not values]
    if none:
        rows.append((f"  {', '.join(none)}", "none"))
    if sizes := _sizes(found):
        rows.append(("  size", sizes))
    return rows


def _sizes(found: Preflight) -> str:
    said = [(found.download, "to download"), (found.size, "more on disk"), (-found.size, "less on disk")]
    return ", ".join(f"{size(value)} {what}" for value, what in said if value > 0)
