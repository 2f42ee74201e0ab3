"""Facts about the managers of rpm's packages: where they keep their files, and what a host needs of them.

Sources: rpm(8), dnf(8), dnf.conf(5), dnf5(8), yum.conf(5), zypper(8), what an install and a removal in the lab left,
and the documentation of Ansible's ansible.builtin.dnf, dnf5 and yum, and community.general.zypper.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sandbox.core.programs import fill, program
from sandbox.managers.added_repositories import RepositoryWriter, no_pins
from sandbox.managers.config_files import places
from sandbox.managers.data import (
    SHADOW,
    DownloadCache,
    DryRun,
    ExactInstall,
    HostManager,
    KeptIndex,
    ManagerData,
)
from sandbox.managers.index_sources import is_vouched_for_dnf, is_vouched_for_zypper
from sandbox.managers.rpm import added
from sandbox.managers.rpm.database import IS_OWN, OWN
from sandbox.managers.rpm.package_file import FILES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.managers.protocol import Argv


NAMES: Final = rf"""
rpm -qa --qf '%{{NAME}}.%{{ARCH}}\n' | sed -E "s/\.(noarch|\(none\)|$({OWN}))\$//"
""".strip()


DNF_AUTOMATIC: Final = rf"""
dnf -q --disablerepo='*' repoquery --installed --qf '%{{name}}.%{{arch}} %{{reason}}\n' "$@" |
            sed -n 's/ \([Ww]eak.\)\{{0,1\}}[Dd]ependency$//p' |
            sed -E "p; s/\.(noarch|$({OWN}))\$//" | LC_ALL=C sort -u | grep -xF -e "$(printf '%s\n' "$@")"
""".strip()
"""dnf 4 says `dependency` and `weak-dependency`, dnf 5 `Dependency` and `Weak Dependency`."""

ZYPPER_AUTOMATIC: Final = r"""
for name; do
            if grep -qxF -e "$name" /var/lib/zypp/AutoInstalled; then say "$name"; fi
        done
""".strip()


ZYPPER_BEFORE: Final = r"""
[ -e /var/log/zypp/history ] || [ -e /var/lib/zypp/AutoInstalled ] || : >/var/lib/zypp/AutoInstalled
""".strip()
"""Where there is a history and no such file, libzypp makes it of the history: all that zypper did not install by itself
then counts as a dependency (libzypp, TargetImpl::load). An install writes a history, and the file only if something
came as a dependency; the removal of it would change the marks of all that rpm alone had installed."""

ZYPPER_UNMARK: Final = r"""
printf '%s\n' "$@" >>/var/lib/zypp/AutoInstalled
""".strip()


SCRIPTS: Final = 'rpm -q --scripts "$@" 2>/dev/null; :'
FILE_NAME: Final = r"(?P<name>.+)-(?P<version>[^-]+-[^-]+)\.(?P<architecture>[^.-]+)\.rpm"

PLUGINS: Final = (
    r"etc/(?:dnf/(?:libdnf5-)?plugins|yum/pluginconf\.d)/.+|usr/lib/yum-plugins/.+"
    r"|usr/lib/python[^/]*/(?:site|dist)-packages/dnf-plugins/.+"
    r"|usr/lib(?:64)?/(?:[^/]+-linux-[^/]+/)?(?:(?:lib)?dnf5/plugins|rpm-plugins)/.+"
)
"""What dnf, yum and rpm load and run in each transaction: Python of dnf4, libraries of dnf5 and rpm, their settings.

Source: dnf(8), dnf5-plugins(8), rpm-plugins(8), and the folders that dnf 4.14, dnf5 5.4.6 and rpm 4.20 name."""
BOOKS: Final = ("/usr/lib/sysimage/rpm", "/var/lib/rpm", "/etc/rpm/macros.sandbox-unshare")
DNF_BOOKS: Final = (
    *BOOKS,
    "/root/.cache",
    "/run/dnf",
    "/usr/lib/sysimage/libdnf5",
    "/var/cache/dnf",
    "/var/cache/libdnf5",
    "/var/lib/dnf",
    "/var/log/dnf*",
    "/var/log/hawkey*",
)
ZYPPER_BOOKS: Final = (
    *BOOKS,
    "/var/cache/zypp",
    "/var/lib/zypp",
    "/var/log/zypp",
    "/var/log/zypper.log",
    "/run/zypp*",
    "/root/.zypp*",
    "/var/tmp/zypp*",  # noqa: S108 - a place in the sandbox
)

ALTERNATIVES: Final = program("sandbox.managers", "alternatives.sh")

KEYS: Final = places("key", "/etc/pki/rpm-gpg")
REPOSITORIES: Final = (*places("repository", "/etc/yum.repos.d"), *KEYS)
DNF_SETTINGS: Final = (*REPOSITORIES, *places("pin", "/etc/dnf/plugins/versionlock.list", lines=True))

PHOTON: Final[Mapping[str, tuple[str, ...]]] = {
    "pip": ("python3", "python3-pip"),
    "npm": ("nodejs",),
    "cargo": ("rust", "gcc"),
    "gem": ("ruby",),
    "go": ("go",),
}


def _removal(words: str) -> str:
    return f"{_exact()}\n{fill(program(__package__, 'uninstall.sh'), {'REMOVE': words})}"


def _exact() -> str:
    return fill(program(__package__, "exact.sh"), {"OWN": OWN})


def _blocked_text() -> str:
    text = fill(program(__package__, "blocked.sh"), {"ISOWN": IS_OWN})
    return text.replace("\n", "\n    ")  # its depth in install.sh


def _mark(words: str) -> Argv:
    """Return the command that marks packages, of names the machine's own architecture."""
    # dnf and zypper keep the mark of a dependency even if it is then asked for by name: autoremove would take it.
    return ("sh", "-c", f'{_exact()}\nexec {words} "$@"', "sh")


def _rehearsal(program: str) -> DryRun:
    return DryRun(behind=program, options=("--assumeno",), less=("-y",), refuses=True)


def _dnf4_host() -> HostManager:
    return HostManager(
        names=NAMES,
        rehearsal=_rehearsal("dnf"),
        uninstall=_removal("dnf remove -y"),
        uninstall_foreign="",
        automatic=DNF_AUTOMATIC,
        mark=_mark("dnf mark install"),
        unmark=_mark("dnf mark remove"),
        blocked=_blocked_text(),
        files='rpm -ql "$@"',
        owner='rpm -qf "$1"',
        leftovers="",
        purge=(),
        purge_scripts="",
        saved="p; s/$/.rpmsave/p",
        delete_user=SHADOW,
        before_install=(),
        settle="",
        accepted="",
        accept="",
        ansible="ansible.builtin.dnf",
        ansible_options={},
        ansible_recommends="install_weak_deps",
        pin="-",
    )


def _kept_index(place: str) -> KeptIndex:
    return KeptIndex(
        places=(place,),
        left_out=(),
        sources=(
            *("/etc/dnf/dnf.conf", "/etc/dnf/libdnf5.conf.d", "/usr/share/dnf5/libdnf.conf.d"),
            *("/etc/yum.repos.d", "/usr/share/dnf5/repos.d"),
            *("/etc/dnf/repos.override.d", "/usr/share/dnf5/repos.override.d"),
        ),
        is_vouched_for=is_vouched_for_dnf,
        as_it_is=(),  # dnf.conf(5), metadata_expire: two days, six hours for Fedora's updates
        check="asks for a newer repomd.xml",
        check_argv=None,
        verified="",
        later=None,
    )


DNF4: Final = ManagerData(
    recommended="",
    family="fedora",
    programs=("dnf", "rpm"),
    state_paths=DNF_BOOKS,
    store_paths=(),
    refresh_keeps_files=True,
    scripts=SCRIPTS,
    settings=DNF_SETTINGS,
    drop_ins={},
    hand_state=ALTERNATIVES,
    hand_kinds=("alternative",),
    hold=(),
    unhold=(),
    hold_check="",
    owned_files="rpm -qal",
    findings={
        "events": PLUGINS,
        "repositories": (
            r"etc/yum\.repos\.d/.+|usr/share/dnf5/repos(?:\.override)?\.d/.+|etc/dnf/repos\.override\.d/.+"
        ),
        "keyrings": r"etc/pki/rpm-gpg/.+|usr/share/distribution-gpg-keys/.+",
    },
    runtimes={},
    host=_dnf4_host,
    downloads=DownloadCache(
        files=("/var/cache/dnf/*/packages/*.rpm",),
        name=FILE_NAME,
        offline=("-C",),
        offline_beside_files=("-C",),
        has_epoch=False,
    ),
    kept_index=_kept_index("/var/cache/dnf"),
    index_folders=("/var/cache/dnf",),
    versions=ExactInstall(text='"$@" || exit; [ -z "$brought" ] || dnf -q mark remove $brought'),
    history=None,
    shortcuts=None,
    providers=r"""rpm -q --whatprovides --qf '%{NAME}\n' "$1" """.strip(),
    takes_one_alone=False,
    names_architectures=True,
    add_architecture=(),
    added=RepositoryWriter(
        format="repo",
        write=added.write,
        unknown=added.NOT_DNFS,
        trust=None,
        pins=added.NO_PINS,
        read=added.read,
        read_pins=no_pins,
        certificates="",
    ),
    package_files=FILES,
    is_sure=True,
    knows_commands=True,
    screen=("dbus-daemon", "dejavu-sans-fonts", "mesa-dri-drivers"),
)


def _dnf5_host() -> HostManager:
    return replace(
        _dnf4_host(),
        mark=_mark("dnf -y mark user"),
        unmark=_mark("dnf -y mark dependency"),
        ansible="ansible.builtin.dnf5",
    )


DNF5: Final = replace(
    DNF4,
    settings=(*REPOSITORIES, *places("pin", "/etc/dnf/versionlock.toml")),
    programs=("dnf", "dnf5", "rpm"),
    host=_dnf5_host,
    downloads=DownloadCache(
        files=("/var/cache/libdnf5/*/packages/*.rpm",),
        name=FILE_NAME,
        offline=("-C",),
        offline_beside_files=("-C",),
        has_epoch=False,
    ),
    kept_index=_kept_index("/var/cache/libdnf5"),
    index_folders=("/var/cache/libdnf5",),
    versions=ExactInstall(text='"$@" || exit; [ -z "$brought" ] || dnf -q mark -y dependency $brought'),
)


def _zypper_host() -> HostManager:
    return replace(
        _dnf4_host(),
        rehearsal=DryRun(behind="install", options=("--dry-run",), less=(), refuses=False),
        uninstall=_removal("zypper --non-interactive remove --clean-deps"),
        automatic=ZYPPER_AUTOMATIC,
        mark=("sh", "-c", program(__package__, "zypper_mark.sh"), "sh"),
        unmark=("sh", "-c", ZYPPER_UNMARK, "sh"),
        before_install=("sh", "-c", ZYPPER_BEFORE),
        ansible="community.general.zypper",
        ansible_recommends="",
    )


ZYPPER: Final = replace(
    DNF4,
    screen=("dbus-1", "dejavu-fonts", "Mesa-dri"),
    family="suse",
    programs=("zypper", "rpm"),
    state_paths=ZYPPER_BOOKS,
    settings=(*places("repository", "/etc/zypp/repos.d"), *KEYS, *places("pin", "/etc/zypp/locks")),
    hand_kinds=("alternative", "key"),
    added=RepositoryWriter(
        format="repo",
        write=added.write_for_zypper,
        unknown=added.NOT_ZYPPERS,
        trust=added.TRUST,
        pins=added.ZYPPER_NO_PINS,
        read=added.read,
        read_pins=no_pins,
        certificates="",
    ),
    findings={
        "events": r"usr/lib/zypp/plugins/.+",
        "keyrings": DNF4.findings["keyrings"],
        "repositories": r"etc/zypp/repos\.d/.+",
    },
    host=_zypper_host,
    downloads=DownloadCache(
        files=("/var/cache/zypp/packages/*/*.rpm", "/var/cache/zypp/packages/*/*/*.rpm"),
        name=FILE_NAME,
        offline=("--no-refresh",),
        offline_beside_files=("--no-refresh",),
        has_epoch=False,
    ),
    kept_index=KeptIndex(
        places=("/var/cache/zypp/raw", "/var/cache/zypp/solv"),
        left_out=(".repo_gpgcheck",),  # a link that says what came of the signature; without it packages are checked
        sources=("/etc/zypp/zypp.conf", "/usr/etc/zypp/zypp.conf", "/etc/zypp/repos.d"),
        is_vouched_for=is_vouched_for_zypper,
        as_it_is=("--no-refresh",),
        check="asks for a newer repomd.xml",
        check_argv=None,
        verified="",
        later=None,
    ),
    index_folders=("/var/cache/zypp",),
    versions=ExactInstall(
        text='"$@" || exit; for name in $brought; do echo "$name"; done >>/var/lib/zypp/AutoInstalled'
    ),
)


def _small(program: str, *, state_paths: tuple[str, ...], ansible: str, weak: str = "") -> ManagerData:
    """Return what there is to know of a program that keeps no marks, and was never run here."""

    def host() -> HostManager:
        return replace(
            _dnf4_host(),
            rehearsal=_rehearsal(program),
            uninstall=_removal(f"{program} remove -y"),
            automatic="",
            mark=(),
            unmark=(),
            ansible=ansible,
            ansible_recommends=weak,
        )

    unknown = f"sandbox does not know where {program} keeps its files"
    return replace(
        DNF4,
        programs=(program, "rpm"),
        state_paths=state_paths,
        refresh_keeps_files=False,
        settings=REPOSITORIES,
        host=host,
        downloads=unknown,
        kept_index=unknown,
        index_folders=(),
        versions=unknown,
        package_files=unknown,
        is_sure=False,
    )


MICRODNF: Final = _small(
    "microdnf", state_paths=(*DNF_BOOKS, "/var/cache/yum"), ansible="ansible.builtin.dnf", weak="install_weak_deps"
)
TDNF: Final = replace(
    _small(
        "tdnf",
        state_paths=(*BOOKS, "/var/cache/tdnf", "/var/lib/tdnf", "/var/log/tdnf*"),
        ansible="ansible.builtin.package",
    ),
    runtimes=PHOTON,
)
YUM: Final = replace(
    _small(
        "yum",
        state_paths=(*BOOKS, "/var/cache/yum", "/var/lib/yum", "/var/log/yum.log"),
        ansible="ansible.builtin.yum",
    ),
    settings=(*REPOSITORIES, *places("pin", "/etc/yum/pluginconf.d/versionlock.list", lines=True)),
)
