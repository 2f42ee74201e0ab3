"""Facts about go: which packages bring it, and where its files are when root runs it."""

from __future__ import annotations

from typing import Final

from sandbox.managers.languages.base import LanguageData

DATA: Final = LanguageData(
    runtime={
        "debian": ("golang-go", "ca-certificates"),
        "alpine": ("go",),
        "fedora": ("golang",),
        "suse": ("go",),
        "arch": ("go",),
        "gentoo": ("dev-lang/go",),
        "void": ("go",),
        "nix": ("go",),
    },
    # go 1.24 writes telemetry even when it is only asked for its programs: an inspection counted that as the package's.
    state_paths=("/root/.cache/go-build", "/root/.config/go/telemetry", "/root/go/pkg"),
    folders=("/root/.config/go", "/root/go"),
    described="",
    lists="",
    distro_names="",
    package_files="go has no package files",
)
