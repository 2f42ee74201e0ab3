"""Facts about portage: where it keeps its files, and what a host needs of it.

Sources: emerge(1), portage(5), make.conf(5), what an install and a removal in the lab left, and the documentation of
Ansible's community.general.portage.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.core.programs import program
from sandbox.managers.config_files import places
from sandbox.managers.data import SHADOW, DryRun, HostManager, ManagerData

if TYPE_CHECKING:
    from sandbox.managers.config_files import ConfigChange


AUTOMATIC: Final = r"""
for name; do
            sed 's/:.*//' /var/lib/portage/world | grep -qxF -e "${name%%:*}" || say "$name"
        done
""".strip()


UNKEPT: Final = "portage compiles what it installs, from the ebuilds and sources of that day's tree"


def _assignments(before: str, after: str) -> tuple[ConfigChange, ...] | None:
    from sandbox.managers.portage.drop_ins import assignments  # few change it

    return assignments(before, after)


def _host() -> HostManager:
    return HostManager(
        names=r"(cd /var/db/pkg && ls -d -- */*) | sed 's/-[0-9][^-]*\(-r[0-9]*\)\{0,1\}$//'",
        rehearsal=DryRun(behind="emerge", options=("--pretend",), less=("--quiet",), refuses=False),
        uninstall="",
        uninstall_foreign="",
        automatic=AUTOMATIC,
        mark=("emerge", "--ask=n", "--quiet", "--noreplace"),
        unmark=("emerge", "--ask=n", "--quiet", "--deselect"),
        blocked="",
        files=program(__package__, "owned_files.sh").replace("\n", "\n        "),  # its depth in install.sh
        owner='grep -rqsF -e "dir $1" -e "obj $1 " /var/db/pkg',
        leftovers="",
        purge=(),
        purge_scripts="",
        saved="p",
        delete_user=SHADOW,
        before_install=(),
        settle="",
        accepted=program(__package__, "accepted.sh"),
        accept=program(__package__, "accept.sh"),
        ansible="community.general.portage",
        ansible_options={"noreplace": True},
        ansible_recommends="",
        pin="",
    )


DATA: Final = ManagerData(
    recommended="",
    family="gentoo",
    programs=("emerge", "portageq"),
    state_paths=(
        "/etc/portage/gnupg",
        "/etc/portage/make.conf",
        "/etc/portage/package.*",
        "/usr/portage",
        "/var/cache/binpkgs",
        "/var/cache/distfiles",
        "/var/cache/edb",
        "/var/db/pkg",
        "/var/db/repos",
        "/var/lib/portage",
        "/var/log/emerge*",
        "/var/log/portage",
        "/var/tmp/portage",  # noqa: S108 - a place in the sandbox
        "/etc/profile.env",
        "/etc/csh.env",
        "/etc/environment.d/10-gentoo-env.conf",
        "/etc/ld.so.conf",
    ),
    store_paths=(),
    refresh_keeps_files=False,
    scripts="",
    settings=(
        *places("repository", "/etc/portage/repos.conf"),
        *places(
            "flag",
            "/etc/portage/package.use",
            "/etc/portage/package.accept_keywords",
            "/etc/portage/package.license",
            "/etc/portage/package.unmask",
            "/etc/portage/package.mask",
            "/etc/portage/package.env",
            lines=True,
        ),
        *places("flag", "/etc/portage/make.conf", "/etc/portage/env"),
    ),
    drop_ins={"/etc/portage/make.conf": _assignments},
    hand_state="",
    hand_kinds=(),
    hold=(),
    unhold=(),
    hold_check="",
    owned_files=r"sed -n 's,^obj \(/.*\) [0-9a-f]* [0-9]*$,\1,p' /var/db/pkg/*/*/CONTENTS",
    findings={
        "events": r"etc/portage/(?:bashrc(?:/.+)?|(?:repo\.)?postsync\.d/.+)",
        "repositories": r"etc/portage/(?:repos|binrepos)\.conf(?:/.+)?",
    },
    runtimes={},
    host=_host,
    downloads=UNKEPT,
    kept_index="its tree is program text of 300 MB, which emerge runs",
    index_folders=(),
    versions=UNKEPT,
    history=None,
    shortcuts=None,
    providers="",
    takes_one_alone=False,
    names_architectures=False,
    add_architecture=(),
    added="write repos.conf and the tree by the key before",
    package_files="portage builds packages from ebuilds; its binary packages are not supported",
    is_sure=True,
    knows_commands=False,
    screen=("sys-apps/dbus", "media-fonts/dejavu"),
)
