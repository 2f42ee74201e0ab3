"""Facts about gem: which packages bring it, and where its files are when root runs it."""

from __future__ import annotations

from typing import Final

from sandbox.managers.languages.base import LanguageData

DATA: Final = LanguageData(
    runtime={
        "debian": ("ruby", "ca-certificates"),
        "alpine": ("ruby",),
        "fedora": ("rubygems",),
        "suse": ("ruby",),
        "arch": ("ruby", "rubygems"),
        "gentoo": ("dev-lang/ruby", "dev-ruby/rubygems"),
        "void": ("ruby",),
        "nix": ("ruby",),
    },
    state_paths=("/root/.cache/gem", "/root/.local/share/gem/specs", "/root/.gem/specs"),
    folders=("/root/.bundle", "/root/.local/share/gem", "/usr/local/share/gems", "/var/lib/gems"),
    described=(
        r"(?:var/lib/gems|usr/local/share/gems|usr/lib(?:64)?/ruby/gems|root/\.local/share/gem/ruby)"
        r"/(?:[^/]+/)?specifications/[^/]+\.gemspec"
    ),
    lists="",
    distro_names=r"(?:ruby|rubygem)[\d.]*-(.+)",
    package_files="sandbox takes no .gem files yet",
)
