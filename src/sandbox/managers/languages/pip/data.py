"""Facts about pip: which packages bring it, and where its files are when root runs it."""

from __future__ import annotations

from typing import Final

from sandbox.managers.languages.base import LanguageData
from sandbox.managers.languages.pip.wheel import FILES

DATA: Final = LanguageData(
    runtime={
        "debian": ("python3", "python3-venv", "ca-certificates"),
        "alpine": ("python3",),
        "fedora": ("python3",),
        "suse": ("python3",),
        "arch": ("python",),
        "gentoo": ("dev-lang/python",),
        "void": ("python3",),
        "nix": ("python3",),
    },
    state_paths=("/root/.cache/pip",),
    folders=(
        "/opt/pip",
        "/opt/pipx",
        "/root/.local/lib/python3*",
        "/root/.local/pipx",
        "/root/.local/share/pipx",
        "/usr/local/lib/python3*",
        "/usr/local/lib64/python3*",
    ),
    described=r"opt/pip/[^/]+/lib/python3[^/]*/site-packages/[^/]+\.dist-info/METADATA",
    lists=r"opt/pip/[^/]+/lib/python3[^/]*/site-packages/[^/]+\.dist-info/RECORD",
    distro_names=r"(?:python3?(?:\.?\d+)?|py3)-(.+)",
    package_files=FILES,
)
