"""Facts about cargo: which packages bring it, and where its files are when root runs it."""

from __future__ import annotations

from typing import Final

from sandbox.managers.languages.base import LanguageData

DATA: Final = LanguageData(
    runtime={
        "debian": ("cargo", "ca-certificates"),
        "alpine": ("cargo",),
        "fedora": ("cargo", "gcc"),
        "suse": ("cargo", "gcc"),
        "arch": ("rust", "gcc"),
        "gentoo": ("dev-lang/rust-bin",),
        "void": ("cargo", "gcc"),
        "nix": ("cargo", "rustc", "gcc"),
    },
    state_paths=(
        "/root/.cargo/.global-cache",
        "/root/.cargo/.package-cache*",
        "/root/.cargo/git",
        "/root/.cargo/registry",
        "/usr/local/.crates.toml",
        "/usr/local/.crates2.json",
    ),
    folders=("/root/.cargo", "/usr/local/.crates*"),
    described=r"root/\.cargo/registry/src/[^/]+/[^/]+/Cargo\.toml",
    lists="",
    distro_names=r"(?:lib)?rust-(.+?)(?:\+.+)?(?:-dev|-devel)?",
    package_files="a .crate is source that cargo takes from a registry only",
)
