"""Facts about apt: where it keeps its files, what a host needs of it, and faster equivalents of its commands.

Sources: dpkg-query(1), apt-mark(8), sources.list(5), apt_preferences(5), apt-secure(8), what an install and a removal
in the lab left, and the documentation of Ansible's ansible.builtin.apt. For the shortcuts: apt.conf(5), and apt 2.6
itself, whose -s builds the dependency tree twice (pkgSimulate), and which runs the hook DPkg::Pre-Invoke once all is
fetched, before dpkg is.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

from sandbox.core.programs import program, sh_argv, text_argv
from sandbox.managers.added_repositories import RepositoryWriter
from sandbox.managers.apt import added
from sandbox.managers.apt.deb import FILES as PACKAGE_FILES
from sandbox.managers.apt.driver import ARCHIVES, throwaway
from sandbox.managers.config_files import places
from sandbox.managers.data import (
    SHADOW,
    UNCHANGED,
    DownloadCache,
    DryRun,
    History,
    HostManager,
    KeptIndex,
    LaterPart,
    ManagerData,
    PinFile,
    Shortcuts,
)
from sandbox.managers.index_sources import is_vouched_for_apt

if TYPE_CHECKING:
    from sandbox.managers.protocol import Argv


OWNER: Final = r"""
for name in $(dpkg-query -S "$1" | sed 's/: .*//; s/,//g'); do
        dpkg-query -W -f '${db:Status-Status}\n' "$name"
    done | grep -qxF installed
""".strip()
"""dpkg still counts what remains, such as a folder that is not empty, as a removed package's while it has settings."""

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


_UNTIL: Final = "n=0; until [ -e {mark} ] || [ $n -ge 6000 ]; do n=$((n + 1)); sleep 0.02; done"
"""Two minutes at most: as long as a manager has for an answer."""


def _hold(argv: Argv, mark: str) -> Argv | None:
    """Hold apt by a hook after its downloads (apt.conf(5), DPkg::Pre-Invoke); None for another program."""
    if argv[:1] != ("apt-get",) or "install" not in argv:
        return None
    verb = argv.index("install")
    return (*argv[:verb], "-o", f"DPkg::Pre-Invoke::={_UNTIL.format(mark=mark)}", *argv[verb:])


def _fetch_at_once(argv: Argv, folder: str) -> Argv | None:
    """Run apt by at_once.sh; None for another program, or a command that fetches no package."""
    if argv[:1] != ("apt-get",) or not {"install", "upgrade"} & set(argv):
        return None
    texts = _with_architectures("options.sh"), program(__package__, "at_once.pl")
    return sh_argv(__package__, "at_once.sh", folder, *texts, *argv)


def _ready(folder: str) -> Argv:
    """Return the command whose output at_once.sh takes as SANDBOX_READY."""
    return text_argv(_with_architectures("options.sh"), folder, program(__package__, "at_once.pl"))


def _refresh(argv: Argv) -> Argv:
    return text_argv(_with_architectures("refresh.sh"), *argv)


def _with_architectures(name: str) -> str:
    return f"{program(__package__, 'architectures.sh')}\n{program(__package__, name)}"


def _check_argv(argv: Argv) -> Argv:
    cached = shlex.join(("apt-cache", *throwaway, "gencaches"))
    return sh_argv(__package__, "check_index.sh", UNCHANGED, cached, *argv)


def _upgrades_only(texts: tuple[str, ...], packages: tuple[str, ...]) -> frozenset[str]:
    from sandbox.managers.apt.history import upgrades_only  # most upgrade nothing by its name

    return upgrades_only(texts, packages)


def _removal() -> str:
    return program(__package__, "removal.sh")


def _host() -> HostManager:
    return HostManager(
        names=r"dpkg-query -W -f '${db:Status-Status} ${Package}:${Architecture}\n' |"
        r" sed '/^not-installed /d; /^config-files /d; s/^[^ ]* //; s/:all$//' |"
        r' sed "s/:$(dpkg --print-architecture)\$//"',
        rehearsal=DryRun(behind="apt-get", options=("-s", "-q"), less=(), refuses=False),
        uninstall=program(__package__, "uninstall.sh"),
        uninstall_foreign=program(__package__, "uninstall_foreign.sh"),
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
        settle=program(__package__, "settle.sh"),
        accepted="",
        accept="",
        ansible="ansible.builtin.apt",
        ansible_options={"update_cache": True},
        ansible_recommends="install_recommends",
        pin="=",
    )


RECOMMENDED: Final = (
    "apt-get -s -o APT::AutoRemove::RecommendsImportant=false -o APT::AutoRemove::SuggestsImportant=false autoremove"
    " 2>/dev/null | sed -n 's/^Remv \\([^ ]*\\).*/\\1/p'"
)
"""What apt would remove if a recommendation were no reason to keep a package (apt.conf(5), APT::AutoRemove)."""


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
    hand_state=program(__package__, "hand_state.sh"),
    hand_kinds=("architecture", "answer", "hold", "diversion", "override", "alternative"),
    hold=("apt-mark", "hold"),
    unhold=("apt-mark", "unhold"),
    recommended=RECOMMENDED,
    hold_check='apt-mark showhold "$1" | grep -q .',
    owned_files="cat /var/lib/dpkg/info/*.list",
    findings={
        "events": r"etc/(?:apt/apt\.conf\.d|dpkg/dpkg\.cfg\.d)/.+",
        "repositories": r"etc/apt/(?:sources\.list|sources\.list\.d/.+)",
        "keys": r"etc/apt/trusted\.gpg(?:\.d/.+)?",
        "keyrings": r"(?:etc/apt|usr/share)/keyrings/.+",
    },
    runtimes={},
    host=_host,
    downloads=DownloadCache(
        files=(f"{ARCHIVES}/*.deb",),
        name=r"(?P<name>[^_]+)_(?P<version>[^_]+)_(?P<architecture>[^_]+)\.deb",
        offline=("-o", "Acquire::http::Proxy=false", "--no-download"),
        # with --no-download apt-get takes no file: "Pathname to install is not absolute" (docs/evidence/quirks.md)
        offline_beside_files=("-o", "Acquire::http::Proxy=false"),
        has_epoch=True,
    ),
    kept_index=KeptIndex(
        places=("/var/lib/apt/lists", "/var/cache/apt/pkgcache.bin"),
        left_out=(),
        sources=(
            "/etc/apt/apt.conf",
            "/etc/apt/apt.conf.d",
            "/etc/apt/sources.list",
            "/etc/apt/sources.list.d",
        ),
        is_vouched_for=is_vouched_for_apt,
        as_it_is=(),
        check="asks for a newer InRelease",
        check_argv=_check_argv,
        verified=" Packages [",
        later=LaterPart(
            options=("-o", "pkgCacheFile::Generate=false"),
            place="/var/cache/apt/pkgcache.bin",
        ),
    ),
    index_folders=("/var/lib/apt/lists", "/var/cache/apt"),
    versions=PinFile(
        path="/etc/apt/preferences.d/sandbox-lock",
        paragraph="Package: {name}\nPin: version {version}\nPin-Priority: 1001\n",
    ),
    history=History(
        paths=("/var/log/apt/history.log", "/root/.bash_history"),  # what changed no more than the mark, of a bash
        upgrades_only=_upgrades_only,
    ),
    shortcuts=Shortcuts(
        fetch_at_once=_fetch_at_once,
        is_noted=False,
        ready=_ready,
        hold_installed=_hold,
        removal=_removal,
        refresh=_refresh,
    ),
    providers=r"dpkg-query -W -f '${Package}, ${Provides},\n' | sed 's/ ([^)]*)//g' |"
    """ grep -F -e " $1," | sed 's/,.*//'""",
    takes_one_alone=True,
    names_architectures=True,
    add_architecture=("dpkg", "--add-architecture"),
    added=RepositoryWriter(
        format="deb822",
        write=added.write,
        unknown=frozenset(),
        trust=None,
        pins=added.pins,
        read=added.read,
        read_pins=added.read_pins,
        certificates=added.CERTIFICATES,
    ),
    package_files=PACKAGE_FILES,
    is_sure=True,
    knows_commands=True,
    screen=("dbus", "fonts-dejavu-core"),
)
