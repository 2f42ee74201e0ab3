"""What packages are called by those who have no distro of their own in the session: nix and Homebrew.

Nothing is guessed: a name is in a reviewed row, or it has no counterpart. The formulae are those of Homebrew's core
(https://formulae.brew.sh/), the attributes those of nixpkgs (https://search.nixos.org/packages), written down, not run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from sandbox.core.plaintext import plain_line
from sandbox.errors import UsageError
from sandbox.managers.architectures import architectures
from sandbox.promote.formats.header import reparse_packages

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Mapping

    from sandbox.promote.formats.base import Promotion

Elsewhere = Literal["nix", "brew"]

SAME: Final = frozenset(
    """
    ack age aria2 asciinema atuin autoconf automake bat bats btop cloc cmake cowsay cscope ctags curl direnv duf dust
    entr exiftool eza fastfetch ffmpeg figlet fio fish fzf gawk gcc gdu ghostscript git glances gnuplot graphviz grep
    hexyl htop httpie hugo hyperfine iftop iperf3 jq just lazygit lolcat lsd lynx make mc meson micro moreutils mosh mtr
    nano ncdu neofetch neovim ninja nmap nnn pandoc parallel pigz pv qemu ranger rclone redis restic ripgrep rsync sd
    shellcheck shfmt socat sqlite starship stow tcpdump tig tldr tmux tokei tree vim watch wget xz yamllint yq yt-dlp
    zoxide zsh zstd
    """.split()
)
"""Names that Debian, nixpkgs and Homebrew have for the same thing, unless a row below says otherwise."""

ROWS: Final[Mapping[str, tuple[str, str]]] = {
    # Debian's name: the attribute of nixpkgs, the formula; empty where there is none
    "bind9-dnsutils": ("dnsutils", "bind"),
    "docker.io": ("docker", "docker"),
    "exa": ("eza", "eza"),
    "exuberant-ctags": ("ctags", "ctags"),
    "fd-find": ("fd", "fd"),
    "gh": ("gh", "gh"),
    "git-delta": ("delta", "git-delta"),
    "gnupg": ("gnupg", "gnupg"),
    "golang-go": ("go", "go"),
    "imagemagick": ("imagemagick", "imagemagick"),
    "iputils-ping": ("iputils", ""),
    "libimage-exiftool-perl": ("exiftool", "exiftool"),
    "ninja-build": ("ninja", "ninja"),
    "nodejs": ("nodejs", "node"),
    "openssh-client": ("openssh", "openssh"),
    "p7zip-full": ("p7zip", "p7zip"),
    "postgresql-client": ("postgresql", "libpq"),
    "qemu-system-x86": ("qemu", "qemu"),
    "redis-server": ("redis", "redis"),
    "silversearcher-ag": ("silver-searcher", "the_silver_searcher"),
    "sqlite3": ("sqlite", "sqlite"),
    "strace": ("strace", ""),
    "htop": ("htop", "htop"),
    "grep": ("gnugrep", "grep"),
    "make": ("gnumake", "make"),
    "watch": ("procps", "watch"),
    "xz-utils": ("xz", "xz"),
    "universal-ctags": ("universal-ctags", "universal-ctags"),
    "7zip": ("_7zz", "sevenzip"),
}


def foreign_names(names: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return what these packages, by Debian's names, are called by nix and brew; unknown ones are left out."""
    found: dict[str, dict[str, str]] = {"nix": {}, "brew": {}}
    for name in names:
        row = ROWS.get(name) or ((name, name) if name in SAME else ("", ""))
        for place, there in zip(("nix", "brew"), row, strict=True):
            if there:
                found[place][name] = there
    return found


def names_for_format(
    promotion: Promotion, place: Elsewhere, pattern: re.Pattern[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the packages' names there, as far as `pattern` has them, and the names here of those without.

    Raise UsageError for a package of which only one version of one repository, or one architecture, was tried: what
    has its name there is another thing.
    """
    known = promotion.elsewhere.get(place, {})
    packages = reparse_packages(promotion)
    own = promotion.target.manager == place
    for row in promotion.packages:
        foreign = next(iter(architectures([row.ref], promotion.target.manager)), "")
        if row.place or foreign:
            what = f"its version is from {plain_line(row.place, 120)}" if row.place else f"it is of {foreign}"
            message = f"{row.ref.full_name} can't be promoted for {place}, which names no versions: {what}"
            raise UsageError(message, hints=[f"sandbox promote {promotion.name} --format sh"])
    names = {ref.full_name: ref.name if own and not ref.source else known.get(ref.full_name, "") for ref in packages}
    found = {here: there for here, there in names.items() if pattern.fullmatch(there)}
    return tuple(dict.fromkeys(found.values())), tuple(here for here in names if here not in found)
