"""The table of counterparts: names that differ between families of distros, each from its family's own index.

Debian's names are asked of Debian's real index by a test. The others were written down from the indexes that SOURCES
names, in part checked against the packages' own sources (aports, void-packages, the gentoo repository), not run.
"""

# ruff: noqa: E501 - a table is read with one row a line
from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, get_args

from msgspec import Struct
from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Mapping

Family = Literal["debian", "alpine", "fedora", "suse", "arch", "gentoo", "void", "nix", "brew"]
FAMILIES: Final[tuple[Family, ...]] = get_args(Family)

SOURCES: Final[Mapping[Family, str]] = {
    "debian": "https://packages.debian.org/",
    "alpine": "https://pkgs.alpinelinux.org/packages",
    "fedora": "https://packages.fedoraproject.org/",
    "suse": "https://software.opensuse.org/",
    "arch": "https://archlinux.org/packages/",
    "gentoo": "https://packages.gentoo.org/",
    "void": "https://github.com/void-linux/void-packages/tree/master/srcpkgs",
    "nix": "https://search.nixos.org/packages",
    "brew": "https://formulae.brew.sh/",
}
"""The source of a family's names in the table, where they can be looked up."""


class Counterpart(Struct, frozen=True, kw_only=True):
    """One thing under its names: `names` by family, `aliases` what else people type for it, as the command's name.

    `is_headers`: what programs are built against, which nix keeps in another output of the package of that name.
    """

    concept: str
    names: Mapping[str, tuple[str, ...]]
    aliases: tuple[str, ...] = ()
    is_headers: bool = False


def _row(concept: str, aliases: str = "", **names: str) -> Counterpart:
    """Return a row; several names stand in one text, apart by spaces. A family that has no such package is left out."""
    by_family: dict[str, tuple[str, ...]] = {
        family: tuple(names[family].split()) for family in FAMILIES if family in names
    }
    return Counterpart(concept=concept, aliases=tuple(aliases.split()), names=by_family)


def _headers(concept: str, **names: str) -> Counterpart:
    return replace(_row(f"{concept} headers", **names), is_headers=True)


# fmt: off
ROWS: Final = (
    # what people try
    _row("fd", "fdfind", debian="fd-find", alpine="fd", fedora="fd-find", suse="fd", arch="fd", gentoo="sys-apps/fd", void="fd", nix="fd", brew="fd"),
    _row("bat", "batcat", debian="bat", alpine="bat", fedora="bat", suse="bat", arch="bat", gentoo="sys-apps/bat", void="bat", nix="bat", brew="bat"),
    _row("ripgrep", "rg", debian="ripgrep", alpine="ripgrep", fedora="ripgrep", suse="ripgrep", arch="ripgrep", gentoo="sys-apps/ripgrep", void="ripgrep", nix="ripgrep", brew="ripgrep"),
    _row("the silver searcher", "ag", debian="silversearcher-ag", alpine="the_silver_searcher", fedora="the_silver_searcher", suse="the_silver_searcher", arch="the_silver_searcher", gentoo="sys-apps/the_silver_searcher", void="the_silver_searcher", nix="silver-searcher", brew="the_silver_searcher"),
    _row("delta", debian="git-delta", alpine="delta", fedora="git-delta", suse="git-delta", arch="git-delta", gentoo="dev-util/git-delta", void="delta", nix="delta", brew="git-delta"),
    _row("GitHub's command line", debian="gh", alpine="github-cli", fedora="gh", suse="gh", arch="github-cli", gentoo="dev-util/github-cli", void="github-cli", nix="gh", brew="gh"),
    _row("vim", debian="vim", alpine="vim", fedora="vim-enhanced", suse="vim", arch="vim", gentoo="app-editors/vim", void="vim", nix="vim", brew="vim"),
    _row("shellcheck", debian="shellcheck", alpine="shellcheck", fedora="ShellCheck", suse="ShellCheck", arch="shellcheck", gentoo="dev-util/shellcheck", void="shellcheck", nix="shellcheck", brew="shellcheck"),
    _row("imagemagick", debian="imagemagick", alpine="imagemagick", fedora="ImageMagick", suse="ImageMagick", arch="imagemagick", gentoo="media-gfx/imagemagick", void="ImageMagick", nix="imagemagick", brew="imagemagick"),
    _row("chromium", debian="chromium chromium-browser", alpine="chromium", fedora="chromium", suse="chromium", arch="chromium", gentoo="www-client/chromium", void="chromium", nix="chromium"),
    _row("firefox", debian="firefox-esr firefox", alpine="firefox firefox-esr", fedora="firefox", suse="MozillaFirefox", arch="firefox", gentoo="www-client/firefox", void="firefox", nix="firefox"),
    _row("thunderbird", debian="thunderbird", alpine="thunderbird", fedora="thunderbird", suse="MozillaThunderbird", arch="thunderbird", gentoo="mail-client/thunderbird", void="thunderbird", nix="thunderbird"),
    _row("docker", debian="docker.io", alpine="docker", fedora="moby-engine", suse="docker", arch="docker", gentoo="app-containers/docker", void="docker", nix="docker", brew="docker"),
    _row("7zip", "7z 7za", debian="7zip", alpine="7zip", fedora="7zip", suse="7zip", arch="7zip", gentoo="app-arch/7zip", void="7zip", nix="_7zz", brew="sevenzip"),
    _row("p7zip, the older port", "7z 7za", debian="p7zip-full", alpine="7zip", fedora="p7zip", suse="7zip", arch="7zip", gentoo="app-arch/7zip", void="7zip", nix="p7zip"),
    _row("xz", debian="xz-utils", alpine="xz", fedora="xz", suse="xz", arch="xz", gentoo="app-arch/xz-utils", void="xz", nix="xz", brew="xz"),
    _row("gnupg", "gpg", debian="gnupg", alpine="gnupg", fedora="gnupg2", suse="gpg2", arch="gnupg", gentoo="app-crypt/gnupg", void="gnupg", nix="gnupg", brew="gnupg"),
    _row("tshark", debian="tshark", alpine="tshark", fedora="wireshark-cli", suse="wireshark", arch="wireshark-cli", gentoo="net-analyzer/wireshark", nix="wireshark-cli"),
    _row("manual pages' reader", "man", debian="man-db", alpine="mandoc man-db", fedora="man-db", suse="man", arch="man-db", gentoo="sys-apps/man-db", void="man-db", nix="man-db"),
    _row("cron", debian="cron", alpine="cronie", fedora="cronie", suse="cronie", arch="cronie", gentoo="sys-process/cronie", void="cronie", nix="cron"),
    _row("valkey", debian="valkey-server", alpine="valkey", fedora="valkey", suse="valkey", arch="valkey", nix="valkey", brew="valkey"),
    _row("exiftool", debian="libimage-exiftool-perl", alpine="exiftool", fedora="perl-Image-ExifTool", suse="exiftool", arch="perl-image-exiftool", gentoo="media-libs/exiftool", void="exiftool", nix="exiftool", brew="exiftool"),
    _row("exa, which is eza now", debian="exa", nix="eza", brew="eza"),
    _row("exuberant ctags", debian="exuberant-ctags", nix="ctags", brew="ctags"),
    _row("universal ctags", debian="universal-ctags", nix="universal-ctags", brew="universal-ctags"),
    _row("qemu", debian="qemu-system-x86", nix="qemu", brew="qemu"),
    _row("strace", debian="strace", alpine="strace", fedora="strace", suse="strace", arch="strace", gentoo="dev-debug/strace dev-util/strace", void="strace", nix="strace"),
    _row("grep", debian="grep", alpine="grep", fedora="grep", suse="grep", arch="grep", gentoo="sys-apps/grep", void="grep", nix="gnugrep", brew="grep"),
    _row("make", debian="make", alpine="make", fedora="make", suse="make", arch="make", gentoo="dev-build/make sys-devel/make", void="make", nix="gnumake", brew="make"),
    # the network
    _row("ssh client", "ssh", debian="openssh-client", alpine="openssh-client-default openssh", fedora="openssh-clients", suse="openssh-clients", arch="openssh", gentoo="net-misc/openssh", void="openssh", nix="openssh", brew="openssh"),
    _row("ssh server", "sshd", debian="openssh-server", alpine="openssh-server openssh", fedora="openssh-server", suse="openssh-server", arch="openssh", gentoo="net-misc/openssh", void="openssh", nix="openssh"),
    _row("name server queries", "dig nslookup", debian="bind9-dnsutils dnsutils", alpine="bind-tools", fedora="bind-utils", suse="bind-utils", arch="bind", gentoo="net-dns/bind net-dns/bind-tools", void="bind-utils", nix="dnsutils", brew="bind"),
    _row("netcat", "nc", debian="netcat-openbsd", alpine="netcat-openbsd", fedora="netcat", suse="netcat-openbsd", arch="openbsd-netcat", gentoo="net-analyzer/openbsd-netcat", void="openbsd-netcat", nix="netcat"),
    _row("ping", debian="iputils-ping", alpine="iputils-ping iputils", fedora="iputils", suse="iputils", arch="iputils", gentoo="net-misc/iputils", void="iputils", nix="iputils"),
    _row("iproute2", "ip", debian="iproute2", alpine="iproute2", fedora="iproute", suse="iproute2", arch="iproute2", gentoo="sys-apps/iproute2", void="iproute2", nix="iproute2"),
    _row("net-tools", "ifconfig netstat", debian="net-tools", alpine="net-tools", fedora="net-tools", suse="net-tools-deprecated net-tools", arch="net-tools", gentoo="sys-apps/net-tools", void="net-tools", nix="nettools"),
    _row("NFS client", debian="nfs-common", alpine="nfs-utils", fedora="nfs-utils", suse="nfs-client", arch="nfs-utils", gentoo="net-fs/nfs-utils", void="nfs-utils", nix="nfs-utils"),
    _row("SMB client", debian="smbclient", alpine="samba-client", fedora="samba-client", suse="samba-client", arch="smbclient", gentoo="net-fs/samba", void="smbclient", nix="samba"),
    _row("processes", "ps pgrep", debian="procps", alpine="procps-ng", fedora="procps-ng", suse="procps", arch="procps-ng", gentoo="sys-process/procps", void="procps-ng", nix="procps"),
    # servers and databases
    _row("Apache's web server", debian="apache2", alpine="apache2", fedora="httpd", suse="apache2", arch="apache", gentoo="www-servers/apache", void="apache", nix="apacheHttpd"),
    _row("Apache's tools", "ab htpasswd", debian="apache2-utils", alpine="apache2-utils", fedora="httpd-tools", suse="apache2-utils", arch="apache", nix="apacheHttpd"),
    _row("redis", debian="redis-server redis valkey-server", alpine="redis valkey", fedora="redis valkey", suse="redis valkey", arch="valkey redis", gentoo="dev-db/redis", void="redis", nix="redis", brew="redis"),
    _row("PostgreSQL client", "psql", debian="postgresql-client", alpine="postgresql18-client postgresql17-client postgresql16-client", fedora="postgresql", suse="postgresql", arch="postgresql-libs", gentoo="dev-db/postgresql", nix="postgresql", brew="libpq"),
    _row("PostgreSQL server", debian="postgresql", alpine="postgresql18 postgresql17 postgresql16", fedora="postgresql-server", suse="postgresql-server", arch="postgresql", gentoo="dev-db/postgresql", nix="postgresql"),
    _row("MySQL client", "mysql-client", debian="default-mysql-client mariadb-client", alpine="mariadb-client mysql-client", fedora="mariadb", suse="mariadb-client", arch="mariadb-clients", gentoo="dev-db/mariadb", void="mariadb-client", nix="mariadb"),
    _row("MySQL server", "mysql mysql-server", debian="default-mysql-server mariadb-server", alpine="mariadb", fedora="mariadb-server", suse="mariadb", arch="mariadb", gentoo="dev-db/mariadb", void="mariadb", nix="mariadb"),
    _row("sqlite", debian="sqlite3", alpine="sqlite", fedora="sqlite", suse="sqlite3", arch="sqlite", gentoo="dev-db/sqlite", void="sqlite", nix="sqlite", brew="sqlite"),
    # languages
    _row("Python", "python", debian="python3", alpine="python3", fedora="python3", suse="python3", arch="python", gentoo="dev-lang/python", void="python3", nix="python3"),
    _row("pip", "pip3", debian="python3-pip", alpine="py3-pip", fedora="python3-pip", suse="python3-pip", arch="python-pip", gentoo="dev-python/pip", void="python3-pip", nix="python3Packages.pip"),
    _row("pipx", debian="pipx", alpine="pipx", fedora="pipx", arch="python-pipx", gentoo="dev-python/pipx", void="python3-pipx", nix="pipx"),
    _row("Python's venv", "venv", debian="python3-venv", alpine="python3", fedora="python3", suse="python3", arch="python", gentoo="dev-lang/python", void="python3", nix="python3"),
    _row("Go", "go", debian="golang-go", alpine="go", fedora="golang", suse="go", arch="go", gentoo="dev-lang/go", void="go", nix="go", brew="go"),
    _row("Rust", "rust", debian="rustc", alpine="rust", fedora="rust", suse="rust", arch="rust", gentoo="dev-lang/rust", void="rust", nix="rustc"),
    _row("cargo", debian="cargo", alpine="cargo", fedora="cargo", suse="cargo", arch="rust", gentoo="dev-lang/rust", void="cargo", nix="cargo"),
    _row("Node.js", "node", debian="nodejs", alpine="nodejs", fedora="nodejs", suse="nodejs-default", arch="nodejs", gentoo="net-libs/nodejs", void="nodejs", nix="nodejs", brew="node"),
    _row("npm", debian="npm", alpine="npm", fedora="nodejs-npm npm", suse="npm-default", arch="npm", gentoo="net-libs/nodejs", void="nodejs", nix="nodejs"),
    _row("Java compiler", "javac jdk", debian="default-jdk", alpine="openjdk21", fedora="java-latest-openjdk-devel java-21-openjdk-devel", suse="java-21-openjdk-devel", arch="jdk-openjdk", gentoo="virtual/jdk", void="openjdk21", nix="jdk"),
    _row("Java", "java jre", debian="default-jre", alpine="openjdk21-jre", fedora="java-latest-openjdk java-21-openjdk", suse="java-21-openjdk", arch="jre-openjdk", gentoo="virtual/jre", void="openjdk21-jre", nix="jre"),
    # what building needs
    _row("compiler and build tools", debian="build-essential", alpine="build-base", fedora="@development-tools", suse="patterns-devel-base-devel_basis", arch="base-devel", void="base-devel"),
    _row("C++ compiler", "g++", debian="g++", alpine="g++", fedora="gcc-c++", suse="gcc-c++", arch="gcc", gentoo="sys-devel/gcc", void="gcc", nix="gcc"),
    _row("pkg-config", debian="pkg-config pkgconf", alpine="pkgconf", fedora="pkgconf-pkg-config", suse="pkgconf-pkg-config pkg-config", arch="pkgconf", gentoo="dev-util/pkgconf", void="pkg-config", nix="pkg-config"),
    _row("ninja", debian="ninja-build", alpine="samurai ninja-build", fedora="ninja-build", suse="ninja", arch="ninja", gentoo="dev-build/ninja dev-util/ninja", void="ninja", nix="ninja", brew="ninja"),
    _headers("C library", debian="libc6-dev", alpine="musl-dev libc-dev", fedora="glibc-devel", suse="glibc-devel", arch="glibc", gentoo="sys-libs/glibc", void="glibc-devel"),
    _headers("Python", debian="python3-dev", alpine="python3-dev", fedora="python3-devel", suse="python3-devel", arch="python", gentoo="dev-lang/python", void="python3-devel", nix="python3"),
    _headers("openssl", debian="libssl-dev", alpine="openssl-dev", fedora="openssl-devel", suse="libopenssl-devel", arch="openssl", gentoo="dev-libs/openssl", void="openssl-devel", nix="openssl"),
    _headers("zlib", debian="zlib1g-dev", alpine="zlib-dev", fedora="zlib-devel zlib-ng-compat-devel", suse="zlib-devel", arch="zlib", gentoo="sys-libs/zlib", void="zlib-devel", nix="zlib"),
    _headers("bzip2", debian="libbz2-dev", alpine="bzip2-dev", fedora="bzip2-devel", suse="libbz2-devel", arch="bzip2", gentoo="app-arch/bzip2", void="bzip2-devel", nix="bzip2"),
    _headers("lzma", debian="liblzma-dev", alpine="xz-dev", fedora="xz-devel", suse="xz-devel", arch="xz", gentoo="app-arch/xz-utils", void="liblzma-devel", nix="xz"),
    _headers("libffi", debian="libffi-dev", alpine="libffi-dev", fedora="libffi-devel", suse="libffi-devel", arch="libffi", gentoo="dev-libs/libffi", void="libffi-devel", nix="libffi"),
    _headers("curl", debian="libcurl4-openssl-dev", alpine="curl-dev", fedora="libcurl-devel", suse="libcurl-devel", arch="curl", gentoo="net-misc/curl", void="libcurl-devel", nix="curl"),
    _headers("libxml2", debian="libxml2-dev", alpine="libxml2-dev", fedora="libxml2-devel", suse="libxml2-devel", arch="libxml2", gentoo="dev-libs/libxml2", void="libxml2-devel", nix="libxml2"),
    _headers("sqlite", debian="libsqlite3-dev", alpine="sqlite-dev", fedora="sqlite-devel", suse="sqlite3-devel", arch="sqlite", gentoo="dev-db/sqlite", void="sqlite-devel", nix="sqlite"),
    _headers("ncurses", debian="libncurses-dev", alpine="ncurses-dev", fedora="ncurses-devel", suse="ncurses-devel", arch="ncurses", gentoo="sys-libs/ncurses", void="ncurses-devel", nix="ncurses"),
    _headers("readline", debian="libreadline-dev", alpine="readline-dev", fedora="readline-devel", suse="readline-devel", arch="readline", gentoo="sys-libs/readline", void="readline-devel", nix="readline"),
    _headers("PostgreSQL", debian="libpq-dev", alpine="libpq-dev", fedora="libpq-devel", arch="postgresql-libs", gentoo="dev-db/postgresql", void="postgresql-libs-devel", nix="libpq"),
    _headers("X11", debian="libx11-dev", alpine="libx11-dev", fedora="libX11-devel", suse="libX11-devel", arch="libx11", gentoo="x11-libs/libX11", void="libX11-devel", nix="xorg.libX11"),
    _headers("jpeg", debian="libjpeg-dev", alpine="libjpeg-turbo-dev", fedora="libjpeg-turbo-devel", suse="libjpeg8-devel", arch="libjpeg-turbo", gentoo="media-libs/libjpeg-turbo", void="libjpeg-turbo-devel", nix="libjpeg"),
)
# fmt: on

SAME: Final = frozenset(
    """
    ack age aria2 asciinema atuin autoconf automake bats btop cloc cmake cowsay cscope ctags curl direnv duf dust entr
    eza fastfetch ffmpeg figlet fio fish fzf gawk gcc gdu ghostscript git glances gnuplot graphviz hexyl htop httpie
    hugo hyperfine iftop iperf3 jq just lazygit lolcat lsd lynx mc meson micro moreutils mosh mtr nano ncdu neofetch
    neovim nmap nnn pandoc parallel pigz pv ranger rclone restic rsync sd shfmt socat starship stow tcpdump tig tldr
    tmux tokei tree wget yamllint yq yt-dlp zoxide zsh zstd
    """.split()
)
"""Names that distros, nixpkgs and Homebrew have for the same thing, unless a row says otherwise."""
