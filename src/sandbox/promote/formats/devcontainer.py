"""A promotion as a devcontainer.json: the same base, and the same commands once it is created.

Source: the reference of devcontainer.json at containers.dev.
"""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Final

from sandbox.promote.formats.commands import commands
from sandbox.promote.formats.dockerfile import base
from sandbox.promote.formats.header import comment_lines, package_list, proof_line, refuse_files

if TYPE_CHECKING:
    from sandbox.promote.formats.base import Promotion

name: Final = "devcontainer"
file: Final = "devcontainer.json"


def render(promotion: Promotion) -> str:
    """Return the JSON; since it has no comments, `customizations` says what was tried and proven."""
    refuse_files(promotion, "devcontainer.json")
    rows = commands(promotion)
    value = {
        "name": f"{promotion.target.label} with {package_list([row.ref.full_name for row in promotion.packages])}",
        "image": base(promotion),
        "containerUser": "root",
        "onCreateCommand": " && ".join(shlex.join(row.whole) for row in rows),
        "customizations": {"sandbox": {"about": [*comment_lines(promotion, "Brings"), proof_line(promotion)]}},
    }
    return json.dumps(value, indent=2) + "\n"
