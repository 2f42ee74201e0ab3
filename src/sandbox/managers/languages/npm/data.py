"""Facts about npm: which packages bring it, and where its files are when root runs it."""

from __future__ import annotations

from typing import Final

from sandbox.managers.languages.base import LanguageData
from sandbox.managers.languages.npm.tarball import FILES

DATA: Final = LanguageData(
    runtime={
        "debian": ("npm", "ca-certificates"),
        "alpine": ("npm",),
        "fedora": ("npm",),
        "suse": ("npm-default",),
        "arch": ("npm",),
        "gentoo": ("net-libs/nodejs",),
        "void": ("nodejs",),
        "nix": ("nodejs",),
    },
    state_paths=("/root/.npm",),
    folders=("/root/.npm", "/usr/lib/node_modules", "/usr/local/lib/node_modules", "/usr/local/share/man"),
    described=r"usr/local/lib/node_modules/(?:.+/node_modules/)?(?:@[^/]+/)?[^/@]+/package\.json",
    lists="",
    distro_names=r"(?:node|nodejs|npm)-(.+)",
    package_files=FILES,
)
