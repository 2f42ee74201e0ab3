"""The registry of promotion formats; mypy refuses a line until its module is complete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.promotions import (
    ansible,
    brewfile,
    cloudinit,
    devcontainer,
    dockerfile,
    document,
    listing,
    nix,
    shell,
    spec,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.promotions.base import Format

FORMATS: Final[Mapping[str, Format]] = {
    "sh": shell,
    "ansible": ansible,
    "dockerfile": dockerfile,
    "devcontainer": devcontainer,
    "cloud-init": cloudinit,
    "nix": nix,
    "brewfile": brewfile,
    "spec": spec,
    "list": listing,
    "json": document,
}
