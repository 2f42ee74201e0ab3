"""Facts about nix: where it keeps its files, and what a host needs of it.

Sources: nix-env(1), nix-channel(1), nix.conf(5), and what an install and a removal in the lab left.
"""

from __future__ import annotations

from typing import Final

from sandbox.managers.config_files import places
from sandbox.managers.data import SHADOW, DryRun, HostManager, ManagerData

UNKEPT: Final = (
    "nix builds or fetches paths of its store, which are named by what they are made of, not by what is in them"
)


def _host() -> HostManager:
    return HostManager(
        names=r"nix-env -q | sed 's/-[0-9].*$//'",
        rehearsal=DryRun(behind="nix-env", options=("--dry-run",), less=(), refuses=False),
        uninstall="",
        uninstall_foreign="",
        automatic="",
        mark=(),
        unmark=(),
        blocked="",
        files="",
        owner="",
        leftovers="",
        purge=(),
        purge_scripts="",
        saved="",
        delete_user=SHADOW,
        before_install=(),
        settle="",
        accepted="",
        accept="",
        ansible="ansible.builtin.command",
        ansible_options={},
        ansible_recommends="",
        pin="",
    )


DATA: Final = ManagerData(
    recommended="",
    family="nix",
    programs=("nix", "nix-env", "nix-store"),
    state_paths=(
        "/nix/.links*",
        "/nix/store/.links",
        "/nix/var",
        "/root/.cache/nix",
        "/root/.local/state/nix",
        "/root/.nix-channels",
        "/root/.nix-defexpr",
        "/root/.nix-profile",
    ),
    store_paths=("/nix/store",),
    refresh_keeps_files=False,
    scripts="",
    settings=(
        *places("repository", "/root/.nix-channels", lines=True),
        *places("flag", "/etc/nix/nix.conf", lines=True),
    ),
    drop_ins={},
    hand_state="",
    hand_kinds=(),
    hold=(),
    unhold=(),
    hold_check="",
    owned_files="",
    findings={},
    runtimes={},
    host=_host,
    downloads=UNKEPT,
    kept_index="a channel is a program that nix runs, and no index",
    index_folders=(),
    versions=UNKEPT,
    history=None,
    shortcuts=None,
    providers="",
    takes_one_alone=False,
    names_architectures=False,
    add_architecture=(),
    added="packages come from its channel; write nix.conf by the key before",
    package_files="nix builds packages from expressions and has no package files",
    is_sure=True,
    knows_commands=False,
    screen=(),
)
