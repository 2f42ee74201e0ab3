"""The registry of promotion formats; mypy refuses a line until its module is complete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.promote.formats import (
    ansible,
    brewfile,
    cloudinit,
    devcontainer,
    dockerfile,
    json_document,
    nix,
    package_list,
    shell,
    spec,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.promote.formats.base import Format

FORMATS: Final[Mapping[str, Format]] = {
    "sh": shell,
    "ansible": ansible,
    "dockerfile": dockerfile,
    "devcontainer": devcontainer,
    "cloud-init": cloudinit,
    "nix": nix,
    "brewfile": brewfile,
    "spec": spec,
    "list": package_list,
    "json": json_document,
}
