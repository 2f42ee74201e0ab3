"""How a preflight is shown: what would come, what else would change, what is there already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.quantities import names, size

if TYPE_CHECKING:
    from sandbox.errors import Row
    from sandbox.preflight import Preflight


def preflight_rows(found: Preflight) -> list[Row]:
    """Return the rows."""
    if found.problem:
        return [("  unknown", found.problem)]
    rows: list[Row] = []
    if found.here:
        rows.append(("  here already", names(found.here)))
    if found.new:
        rows.append(("  new", f"{names(found.new)}{_sizes(found)}"))
    others = (("upgrades", found.upgrades), ("downgrades", found.downgrades), ("removals", found.removals))
    rows += [(f"  {label}", names(values)) for label, values in others if values]
    none = [label for label, values in others if not values]
    if none:
        rows.append((f"  {', '.join(none)}", "none"))
    return rows


def _sizes(found: Preflight) -> str:
    said = [(found.download, "to download"), (found.size, "on disk")]
    text = ", ".join(f"{size(value)} {what}" for value, what in said if value)
    return f"   {text}" if text else ""
