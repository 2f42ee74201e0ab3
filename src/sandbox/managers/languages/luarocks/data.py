"""Facts about luarocks: which packages bring it, and where its files are when root runs it."""

from __future__ import annotations

from typing import Final

from sandbox.managers.languages.base import LanguageData

DATA: Final = LanguageData(
    runtime={
        "debian": ("luarocks", "ca-certificates"),
        "alpine": ("luarocks",),
        "fedora": ("luarocks",),
        "suse": ("lua54-luarocks",),
        "arch": ("luarocks",),
        "gentoo": ("dev-lua/luarocks",),
        "void": ("luarocks",),
        "nix": ("luarocks",),
    },
    state_paths=("/root/.cache/luarocks",),
    folders=("/root/.luarocks", "/usr/local/lib/lua", "/usr/local/lib/luarocks", "/usr/local/share/lua"),
    described=r"(?:usr/local|root/\.luarocks)/lib/luarocks/rocks-[^/]+/[^/]+/[^/]+/[^/]+\.rockspec",
    lists="",
    distro_names=r"lua[\d.]*-(.+)",
    package_files="sandbox takes no .rock files",
)
