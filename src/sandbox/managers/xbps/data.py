"""Facts about xbps: where it keeps its files, and what a host needs of it.

Sources: xbps-install(1), xbps-query(1), xbps-pkgdb(1), xbps.d(5), what an install and a removal left, and the
documentation of Ansible's community.general.xbps.
"""

from __future__ import annotations

from typing import Final

from sandbox.managers.added_repositories import RepositoryWriter, no_pins
from sandbox.managers.config_files import places
from sandbox.managers.data import SHADOW, DryRun, HostManager, ManagerData
from sandbox.managers.xbps import added

AUTOMATIC: Final = r"""
for name; do
            xbps-query -m | sed 's/-[^-]*$//' | grep -qxF -e "$name" || say "$name"
        done
""".strip()
UNKNOWN: Final = "sandbox does not know where xbps keeps its files"


def _host() -> HostManager:
    return HostManager(
        names=r"xbps-query -l | sed -n 's/^ii \([^ ]*\)-[^ -]* .*/\1/p'",
        rehearsal=DryRun(behind="xbps-install", options=("-n",), less=(), refuses=False),
        uninstall="",
        uninstall_foreign="",
        automatic=AUTOMATIC,
        mark=("xbps-pkgdb", "-m", "manual"),
        unmark=("xbps-pkgdb", "-m", "auto"),
        blocked="",
        files="for name; do xbps-query -f \"$name\"; done | sed 's/ -> .*//'",
        owner='xbps-query -o "$1" | grep -q .',
        leftovers="",
        purge=(),
        purge_scripts="",
        saved="p",
        delete_user=SHADOW,
        before_install=(),
        settle="",
        accepted="",
        accept="",
        ansible="community.general.xbps",
        ansible_options={"update_cache": True},
        ansible_recommends="",
        pin="",
    )


DATA: Final = ManagerData(
    recommended="",
    family="void",
    programs=("xbps-install", "xbps-query", "xbps-remove"),
    state_paths=("/var/cache/xbps", "/var/db/xbps"),
    store_paths=(),
    refresh_keeps_files=False,
    scripts="",
    settings=(
        *places("repository", "/etc/xbps.d"),
        *places("key", "/var/db/xbps/keys"),
    ),
    drop_ins={},
    hand_state=r"xbps-query -H | sed 's/^/hold	/; s/-[^-]*_[0-9]*$//'",
    hand_kinds=("hold",),
    hold=("xbps-pkgdb", "-m", "hold"),
    unhold=("xbps-pkgdb", "-m", "unhold"),
    hold_check='xbps-query -p hold "$1" | grep -q .',
    owned_files=r"sed -n 's,.*<string>\(/[^<]*\)</string>.*,\1,p' /var/db/xbps/.*-files.plist",
    findings={"repositories": r"etc/xbps\.d/.+|usr/share/xbps\.d/.+"},
    runtimes={},
    host=_host,
    downloads=UNKNOWN,
    kept_index="sandbox could not run xbps with an index that is signed",
    index_folders=(),
    versions=UNKNOWN,
    history=None,
    shortcuts=None,
    providers="",
    takes_one_alone=False,
    names_architectures=False,
    add_architecture=(),
    added=RepositoryWriter(
        format="xbps.d",
        write=added.write,
        unknown=frozenset(),
        trust=None,
        pins="ask for the package by its version",
        read=added.read,
        read_pins=no_pins,
        certificates="",
    ),
    package_files="xbps installs files from a repository only",
    is_sure=True,
    knows_commands=True,
    screen=("dbus", "dejavu-fonts-ttf", "mesa-dri"),
)
