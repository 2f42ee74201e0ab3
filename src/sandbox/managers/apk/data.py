"""Facts about apk: where it keeps its files, and what a host needs of it.

Sources: apk(8), apk-world(5), apk-cache(5), apk-repositories(5), what an install and a removal in the lab left, and the
documentation of Ansible's community.general.apk.
"""

from __future__ import annotations

from typing import Final

from sandbox.core.programs import program
from sandbox.managers.added_repositories import RepositoryWriter, no_pins
from sandbox.managers.apk import added
from sandbox.managers.apk.package_file import FILES
from sandbox.managers.config_files import places
from sandbox.managers.data import DownloadCache, DryRun, ExactInstall, HostManager, KeptIndex, ManagerData
from sandbox.managers.index_sources import is_vouched_for_apk

AUTOMATIC: Final = r"""
for name; do
            sed 's/[<>=~@].*//' /etc/apk/world | grep -qxF -e "$name" || say "$name"
        done
""".strip()


EXACT: Final = """
world=$(cat /etc/apk/world)
"$@" || exit
printf '%s\\n' $world $asked | sort -u >/etc/apk/world
"""


def _host() -> HostManager:
    return HostManager(
        names="apk info 2>/dev/null",
        rehearsal=DryRun(behind="add", options=("--simulate",), less=(), refuses=False),
        uninstall="",
        uninstall_foreign="",
        automatic=AUTOMATIC,
        mark=("apk", "add"),
        unmark=("sh", "-c", program(__package__, "unmark.sh"), "sh"),
        blocked="",
        files="apk info -qL \"$@\" | sed 's,^/*,/,'",
        owner='apk info -W "$1"',
        leftovers="",
        purge=(),
        purge_scripts="",
        saved="p; s/$/.apk-new/p",
        delete_user=("deluser", "delgroup"),
        before_install=(),
        settle="",
        accepted="",
        accept="",
        ansible="community.general.apk",
        ansible_options={"update_cache": True},
        ansible_recommends="",
        pin="=",
    )


DATA: Final = ManagerData(
    recommended="",
    family="alpine",
    programs=("apk",),
    state_paths=(
        "/etc/apk/cache",
        "/etc/apk/world",
        "/lib/apk/db*",
        "/lib/apk/exec",
        "/usr/lib/apk/db*",
        "/usr/lib/apk/exec",
        "/var/cache/apk",
        "/var/lib/apk",
        "/var/log/apk*",
    ),
    store_paths=(),
    refresh_keeps_files=True,
    scripts="",
    settings=(
        *places("repository", "/etc/apk/repositories", lines=True),
        *places("repository", "/etc/apk/repositories.d"),
        *places("key", "/etc/apk/keys"),
    ),
    drop_ins={},
    hand_state="sed -n '/[=<>~@!]/s/^/pin\t/p' /etc/apk/world",
    hand_kinds=(),
    hold=(),
    unhold=(),
    hold_check="",
    owned_files=r"sed -n 's/^F:/F/p; s/^R:/R/p' /lib/apk/db/installed | while IFS= read -r row; do"
    r' case $row in F*) folder=${row#F} ;; *) printf "/%s/%s\n" "$folder" "${row#R}" ;; esac; done',
    findings={
        "events": r"(?:etc|(?:usr/)?lib)/apk/commit_hooks\.d/.+",
        "repositories": r"etc/apk/repositories(?:\.d/.+)?|(?:usr/)?lib/apk/repositories\.d/.+",
        "keys": r"(?:etc|(?:usr/)?lib)/apk/keys/.+",
    },
    runtimes={},
    host=_host,
    downloads=DownloadCache(
        files=("/var/cache/apk/*.apk",),
        name=r"(?P<name>.+)-(?P<version>[^-]+-r[0-9]+)\.[0-9a-f]{8}\.apk",
        offline=("--no-network",),
        offline_beside_files=("--no-network",),
        has_epoch=True,
    ),
    kept_index=KeptIndex(
        places=("/var/cache/apk",),
        left_out=(),
        sources=(),
        is_vouched_for=is_vouched_for_apk,
        as_it_is=(),  # apk-cache(5): one that is younger than four hours is not asked for
        check="asks for a newer APKINDEX",
        check_argv=None,
        verified="",
        later=None,
    ),
    index_folders=("/var/cache/apk",),
    versions=ExactInstall(text=EXACT),
    history=None,
    shortcuts=None,
    providers="sed -n '/^P:/{s/^P://;h;}; /^p:/{s/^p:/ /;s/$/ /;s/=[^ ]* / /g;G;s/\\n/ >/;p;}' /lib/apk/db/installed"
    """ | grep -F -e " $1 " | sed 's/.* >//'""",
    takes_one_alone=False,
    names_architectures=False,
    add_architecture=(),
    added=RepositoryWriter(
        format="apk.list",
        write=added.write,
        unknown=frozenset(),
        trust=None,
        pins="ask for NAME=VERSION, or set tag of a repository and ask for NAME@TAG",
        read=added.read,
        read_pins=no_pins,
        certificates="",
    ),
    package_files=FILES,
    is_sure=True,
    knows_commands=True,
    screen=("dbus", "font-dejavu", "mesa-dri-gallium"),
)
