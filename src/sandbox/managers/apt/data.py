"""What else there is to know of apt: where it keeps what, what a host needs, shorter ways to the same end.

Sources: dpkg-query(1), apt-mark(8), sources.list(5), apt_preferences(5), apt-secure(8), what an install and a removal
in the lab left, and the documentation of Ansible's ansible.builtin.apt. For the shortcuts: apt.conf(5), and apt 2.6
itself, whose -s builds the dependency tree twice (pkgSimulate), and which runs the hook DPkg::Pre-Invoke once all is
fetched, before dpkg is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.managers.apt.driver import ARCHIVES
from sandbox.managers.config_files import places
from sandbox.managers.data import (
    SHADOW,
    DownloadCache,
    DryRun,
    History,
    HostManager,
    ManagerData,
    PinFile,
    Shortcuts,
)

if TYPE_CHECKING:
    from sandbox.managers.protocol import Argv


UNINSTALL: Final = r"""
unneeded() {
    apt-get -s -qq -o APT::AutoRemove::RecommendsImportant=false -o APT::AutoRemove::SuggestsImportant=false \
        autoremove | sed -n 's/^Remv \([^ ]*\) .*/\1/p'
}
essential=
taken() { # what would go with "$@", and a + for what would come instead
    plan=$(apt-get -s -qq $essential remove "$@" 2>/dev/null) || return
    printf '%s\n' "$plan" | sed -n 's/^Remv \([^ ]*\) .*/\1/p; s/^Inst .*/+/p'
}
is_spare() { # whether with "$@" nothing would go but what came
    gone=$(taken "$@") || return
    for one in $gone; do case " $came $asked " in *" $one "*) ;; *) return 1 ;; esac; done
}
before=" $(unneeded | tr '\n' ' ') " asked=$* rest=
apt-mark auto "$@" >/dev/null || exit
set --
for name in $(unneeded); do case $before in *" $name "*) ;; *) set -- "$@" "$name" ;; esac; done
for name in $came; do case " $* $before" in *" $name "*) ;; *) rest="$rest $name" ;; esac; done
for name in ${rest:+$(apt-mark showauto $rest 2>/dev/null)}; do # it keeps all of a dependency's alternatives
    if is_spare "$@" "$name"; then set -- "$@" "$name"; fi
done
[ $# -eq 0 ] || apt-get remove -y "$@" || { status=$?; apt-mark manual $asked >/dev/null; exit "$status"; }
""".strip()
"""apt's own removal would also take what needs the packages, and all that was unneeded before."""

UNINSTALL_FOREIGN: Final = r"""
set --
for name in $came; do # apt keeps the C library of a foreign architecture for ever, as what protects itself needs it
    case $name in *:*) ! dpkg-query -W "$name" >/dev/null 2>&1 || set -- "$@" "$name" ;; esac
done
essential=--allow-remove-essential
if [ $# -gt 0 ] && is_spare "$@"; then apt-get remove -y $essential "$@"; fi
""".strip()
"""What follows where packages of a foreign architecture came: libgcc-s1:i386 is Protected, so that apt's autoremoval
keeps it and the C library that it needs (apt 2.6). Nothing goes but what came."""

OWNER: Final = r"""
for name in $(dpkg-query -S "$1" | sed 's/: .*//; s/,//g'); do
        dpkg-query -W -f '${db:Status-Status}\n' "$name"
    done | grep -qxF installed
""".strip()
"""dpkg still counts what is not empty as a removed package's, as long as it has settings."""

_EXACT: Final = r"""
dpkg-query -W -f '${Architecture} ${Package} ${binary:Package}\n' "$@" | while read -r arch name exact; do
    case " all $(dpkg --print-architecture) $* " in (*" $arch "* | *" $name:$arch "*) echo "$exact" ;; esac
done
""".strip()
"""dpkg calls NAME ambiguous where it is there of two architectures, and refuses all names that it was given; apt takes
it for that of the machine's own. This prints what dpkg calls the packages "$@"."""

FILES: Final = f"{_EXACT} | xargs -r dpkg-query -L"

PURGE: Final = f"{_EXACT} | xargs -r dpkg --purge"

PURGE_SCRIPTS: Final = r"""
(set +f
        cd /var/lib/dpkg/info && for name; do cat "$name".postrm "$name":*.postrm; done) 2>/dev/null || true
""".strip()

SETTLE: Final = r"""
cat >/etc/apt/apt.conf.d/zz-sandbox-proof <<'END'
Acquire::GzipIndexes "false";
Dir::Cache::pkgcache "pkgcache.bin";
Dir::Cache::srcpkgcache "srcpkgcache.bin";
Acquire::Languages "none";
Acquire::CompressionTypes::Order:: "gz";
END
""".strip()
"""Images keep their lists packed and have no index cache (docker-gzip-indexes, docker-clean), so that each command
takes a second; a host has the first three lines by apt's own defaults. The others choose what is fetched faster."""

_UNTIL: Final = "n=0; until [ -e {mark} ] || [ $n -ge 6000 ]; do n=$((n + 1)); sleep 0.02; done"
"""Two minutes at most: as long as a manager has for an answer."""

REMOVAL: Final = r"""
known=" $1 " lists=$2/none
shift 2
removes() {
  while read -r verb name rest; do
    case $verb in
      Inst) return 1 ;;
      Purg | Remv) case $known in *" $name "*) ;; *) return 1 ;; esac ;;
    esac
  done
}
if plan=$("$@" -o "Dir::State::lists=$lists" -o Dir::Cache::pkgcache= -s 2>/dev/null) &&
  printf '%s\n' "$plan" | removes
then exec "$@" -o "Dir::State::lists=$lists" -o Dir::Cache::pkgcache=; fi
exec "$@"
"""
"""$1 the names of packages that came, $2 a folder, then the removal's argv. Without lists apt knows what is
installed and nothing else, and reads that in a twentieth of the time. What it removes then is the same unless it would
rather install something than remove more: where it removes more than what came, the lists are read."""


def _hold(argv: Argv, mark: str) -> Argv | None:
    """Hold apt by a hook behind its downloads (apt.conf(5), DPkg::Pre-Invoke), where it is apt itself that is run."""
    if argv[:1] != ("apt-get",) or "install" not in argv:
        return None
    verb = argv.index("install")
    return (*argv[:verb], "-o", f"DPkg::Pre-Invoke::={_UNTIL.format(mark=mark)}", *argv[verb:])


def _upgrades_only(texts: tuple[str, ...], packages: tuple[str, ...]) -> frozenset[str]:
    from sandbox.managers.apt.history import upgrades_only  # most upgrade nothing by its name

    return upgrades_only(texts, packages)


DATA: Final = ManagerData(
    family="debian",
    programs=("apt-get", "apt-cache", "dpkg", "dpkg-query", "dpkg-deb"),
    state_paths=(
        "/etc/apt/preferences.d/sandbox-lock",
        "/run/lock",
        "/usr/sbin/policy-rc.d",
        "/var/cache/apt",
        "/var/cache/debconf",
        "/var/lib/apt",
        "/var/lib/dpkg",
        "/var/log/alternatives.log",
        "/var/log/apt",
        "/var/log/dpkg.log",
    ),
    store_paths=(),
    refresh_keeps_files=True,
    scripts='cd /var/lib/dpkg/info && for name; do cat "$name".*inst "$name":*.*inst 2>/dev/null; done; :',
    settings=(
        *places("repository", "/etc/apt/sources.list", lines=True),
        *places("repository", "/etc/apt/sources.list.d"),
        *places("key", "/etc/apt/keyrings", "/etc/apt/trusted.gpg.d", "/usr/share/keyrings"),
        *places("pin", "/etc/apt/preferences", "/etc/apt/preferences.d"),
    ),
    drop_ins={},
    findings={
        "events": r"etc/(?:apt/apt\.conf\.d|dpkg/dpkg\.cfg\.d)/.+",
        "repositories": r"etc/apt/(?:sources\.list|sources\.list\.d/.+)",
        "keys": r"etc/apt/(?:trusted\.gpg(?:\.d/.+)?|keyrings/.+)|usr/share/keyrings/.+",
    },
    runtimes={},
    host=HostManager(
        names=r"dpkg-query -W -f '${db:Status-Status} ${Package}:${Architecture}\n' |"
        r" sed '/^not-installed /d; /^config-files /d; s/^[^ ]* //; s/:all$//' |"
        r' sed "s/:$(dpkg --print-architecture)\$//"',
        rehearsal=DryRun(behind="apt-get", options=("-s", "-q"), less=(), refuses=False),
        uninstall=UNINSTALL,
        uninstall_foreign=UNINSTALL_FOREIGN,
        automatic='apt-mark showauto "$@"',
        mark=("apt-mark", "manual"),
        unmark=("apt-mark", "auto"),
        blocked="",
        files=FILES,
        owner=OWNER,
        leftovers=r"dpkg-query -W -f '${db:Status-Status} ${Package}:${Architecture}\n' |"
        r" sed -n 's/^config-files //p' | sed 's/:all$//' |"
        r' sed "s/:$(dpkg --print-architecture)\$//"',
        purge=("sh", "-c", PURGE, "sh"),
        purge_scripts=PURGE_SCRIPTS,
        saved="",
        delete_user=SHADOW,
        before_install=(),
        settle=SETTLE,
        accepted="",
        accept="",
        ansible="ansible.builtin.apt",
        ansible_options={"update_cache": True},
        ansible_recommends="install_recommends",
        pin="=",
    ),
    downloads=DownloadCache(
        files=(f"{ARCHIVES}/*.deb",),
        name=r"(?P<name>[^_]+)_(?P<version>[^_]+)_(?P<architecture>[^_]+)\.deb",
        offline=("-o", "Acquire::http::Proxy=false", "--no-download"),
        has_epoch=True,
    ),
    versions=PinFile(
        path="/etc/apt/preferences.d/sandbox-lock",
        paragraph="Package: {name}\nPin: version {version}\nPin-Priority: 1001\n",
    ),
    history=History(
        paths=("/var/log/apt/history.log", "/root/.bash_history"),  # what changed no more than the mark, of a bash
        upgrades_only=_upgrades_only,
    ),
    shortcuts=Shortcuts(hold_installed=_hold, removal=REMOVAL),
    takes_one_alone=True,
    names_architectures=True,
    add_architecture=("dpkg", "--add-architecture"),
    is_sure=True,
)
