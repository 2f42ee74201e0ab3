"""A promotion as user data for cloud-init: the same commands, as lists of words, at a machine's first start.

Source: cloud-init's reference of the module runcmd. `packages` is not used: it would bring recommended packages too.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from sandbox.promote.formats.commands import commands
from sandbox.promote.formats.header import comment, refuse_files

if TYPE_CHECKING:
    from sandbox.promote.formats.base import Promotion

name: Final = "cloud-init"
file: Final = "cloud-config.yaml"


def render(promotion: Promotion) -> str:
    """Return the document; JSON lists and strings are also valid YAML, and unambiguous."""
    refuse_files(promotion, "cloud-init")
    rows = "".join(f"  - {json.dumps(row.whole)}\n" for row in commands(promotion))
    return f"#cloud-config\n{comment(promotion)}runcmd:\n{rows}"
