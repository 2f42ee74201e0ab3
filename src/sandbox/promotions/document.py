"""A promotion as JSON, whose keys docs/promotion.md describes."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final

import msgspec.json

from sandbox.promotions.commands import commands
from sandbox.promotions.header import checked

if TYPE_CHECKING:
    from sandbox.promotions.base import Promotion

name: Final = "json"
file: Final = "promotion.json"
FORMAT: Final = 1


def render(promotion: Promotion) -> str:
    """Return the whole promotion: packages, where they were tried, the commands with their environment, the proof."""
    checked(promotion)
    value = {
        "format": FORMAT,
        "name": promotion.name,
        "date": promotion.date,
        "tool": promotion.tool,
        "distro": promotion.target.distro.name,
        "release": promotion.target.release.name,
        "manager": promotion.target.manager,
        "image": promotion.image,
        "digest": promotion.digest,
        "image_id": promotion.image_id,
        "packages": [
            {
                "name": row.ref.name,
                "source": row.ref.source,
                "version": row.version,
                "pinned": row.ref.version,
                "origin": row.origin,
            }
            for row in promotion.packages
        ],
        "commands": [
            {"kind": row.kind, "argv": row.argv, "environment": dict(row.environment)} for row in commands(promotion)
        ],
        "recommends": promotion.recommends,
        "settings": [
            {
                "kind": row.kind,
                "path": row.path,
                "added": row.added,
                "text": row.text,
                "base64": None if row.text is not None else base64.b64encode(row.content).decode(),
            }
            for row in promotion.settings
        ],
        "services": promotion.services,
        "left_out": promotion.left_out,
        "accepted": promotion.accepted,
        "proof": promotion.proof and {"passed": promotion.proof.passed, **_plain(promotion)},
    }
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n"


def _plain(promotion: Promotion) -> dict[str, object]:
    found: dict[str, object] = msgspec.to_builtins(promotion.proof)
    return found
