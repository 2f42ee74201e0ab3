"""Facts about pacman: where it keeps its files, and what a host needs of it.

Sources: pacman(8), pacman.conf(5), alpm-hooks(5), what an install and a removal in the lab left, and the documentation
of Ansible's community.general.pacman.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.core.programs import sh_argv
from sandbox.managers.added_repositories import RepositoryWriter, no_pins
from sandbox.managers.config_files import places
from sandbox.managers.data import SHADOW, DownloadCache, DryRun, HostManager, KeptIndex, ManagerData, Shortcuts
from sandbox.managers.index_sources import is_vouched_for_pacman
from sandbox.managers.pacman import added
from sandbox.managers.pacman.package_file import FILES

if TYPE_CHECKING:
    from sandbox.managers.config_files import ConfigChange
    from sandbox.managers.protocol import Argv


def _sections(before: str, after: str) -> tuple[ConfigChange, ...] | None:
    from sandbox.managers.pacman.drop_ins import sections  # few change it

    return sections(before, after)


def _host() -> HostManager:
    return HostManager(
        names="pacman -Qq",
        rehearsal=DryRun(behind="pacman", options=("--print",), less=(), refuses=False),
        uninstall="",
        uninstall_foreign="",
        automatic='pacman -Qdq "$@"',
        mark=("pacman", "-D", "--asexplicit"),
        unmark=("pacman", "-D", "--asdeps"),
        blocked="",
        files='pacman -Qlq "$@"',
        owner='pacman -Qo "$1"',
        leftovers="",
        purge=(),
        purge_scripts="",
        saved="p; s/$/.pacsave/p",
        delete_user=SHADOW,
        before_install=(),
        settle="",
        accepted="",
        accept="",
        ansible="community.general.pacman",
        ansible_options={"update_cache": True, "upgrade": True},
        ansible_recommends="",
        pin="",
    )


def _fetch_at_once(argv: Argv, folder: str) -> Argv | None:
    """Run pacman by at_once.sh; None for another program, or a command that fetches no package."""
    if argv[:1] != ("pacman",) or not {"-Su", "-Suw"} & set(argv):
        return None
    return sh_argv(__package__, "at_once.sh", folder, *argv)


DATA: Final = ManagerData(
    recommended="",
    family="arch",
    programs=("pacman",),
    state_paths=("/etc/pacman.d/gnupg", "/var/cache/pacman", "/var/lib/pacman", "/var/log/pacman.log"),
    store_paths=(),
    refresh_keeps_files=False,
    scripts='cd /var/lib/pacman/local && for name; do cat "$name"-[0-9]*/install 2>/dev/null; done; :',
    settings=(
        *places("repository", "/etc/pacman.conf", lines=True),
        *places("repository", "/etc/pacman.conf.d"),
        *places("key", "/etc/pacman.d/gnupg/pubring.gpg", "/etc/pacman.d/keys"),
    ),
    drop_ins={"/etc/pacman.conf": _sections},
    hand_state="sed -n 's/^[[:space:]]*Ignore\\(Pkg\\|Group\\)[[:space:]]*=[[:space:]]*/pin\tIgnore\\1 = /p'"
    " /etc/pacman.conf",
    hand_kinds=("key",),
    hold=(),
    unhold=(),
    hold_check="",
    owned_files="pacman -Qlq",
    findings={
        "events": r"etc/pacman\.d/hooks/.+|usr/share/libalpm/hooks/.+",
        "repositories": r"etc/pacman\.conf",
        "keys": r"usr/share/pacman/keyrings/.+",
    },
    runtimes={},
    host=_host,
    downloads=DownloadCache(
        files=("/var/cache/pacman/pkg/*.pkg.tar*",),
        name=r"(?P<name>.+)-(?P<version>[^-]+-[^-]+)-[^-]+\.pkg\.tar(\.[a-z0-9]+)?",
        offline=(),
        offline_beside_files=(),
        has_epoch=True,
    ),
    kept_index=KeptIndex(
        places=("/var/lib/pacman/sync",),
        left_out=(),
        sources=("/etc/pacman.conf", "/etc/pacman.d/mirrorlist"),
        is_vouched_for=is_vouched_for_pacman,
        as_it_is=(),
        check="asks for newer databases",
        check_argv=None,
        verified="",
        later=None,
    ),
    index_folders=("/var/lib/pacman/sync", "/var/cache/pacman"),
    versions="its mirrors have only one version of each package, and each install upgrades all packages",
    history=None,
    shortcuts=Shortcuts(
        fetch_at_once=_fetch_at_once, is_noted=True, ready=None, hold_installed=None, removal=None, refresh=None
    ),
    providers="",
    takes_one_alone=False,
    names_architectures=False,
    add_architecture=(),
    added=RepositoryWriter(
        format="pacman.conf",
        write=added.write,
        unknown=frozenset(),
        trust=added.TRUST,
        pins=added.NO_PINS,
        read=added.read,
        read_pins=no_pins,
        certificates="",
    ),
    package_files=FILES,
    is_sure=True,
    knows_commands=True,
    screen=("dbus", "ttf-dejavu", "mesa"),
)
