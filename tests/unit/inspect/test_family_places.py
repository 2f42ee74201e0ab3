"""Each family's own places are known: what a file there is, and that nobody stays calm about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from sandbox.inspect.calm import is_harmless
from sandbox.inspect.file_changes import PathPrefixes
from sandbox.inspect.findings import Finding
from sandbox.inspect.locations import effect_of, finding_kind
from sandbox.managers.state_paths import state_paths

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.inspect.findings import Kind
    from sandbox.managers.registry import ManagerName

RPM: Final[Mapping[str, Kind]] = {
    "/usr/lib/systemd/system/lab.service": "services",
    "/usr/lib/systemd/system-preset/90-lab.preset": "presets",
    "/usr/lib/sysusers.d/lab.conf": "sysusers",
    "/usr/lib/tmpfiles.d/lab.conf": "tmpfiles",
    "/etc/sysconfig/network-scripts/ifcfg-lab": "network",
    "/etc/cron.d/lab": "cron",
    "/etc/sudoers.d/lab": "sudoers",
    "/etc/xinetd.d/lab": "inetd",
    "/etc/httpd/conf.d/lab.conf": "web",
    "/etc/pki/ca-trust/source/anchors/lab.pem": "certificates",
    "/etc/rpm/macros.more": "repositories",
    "/etc/yum.repos.d/more.repo": "repositories",
    "/usr/lib/dracut/modules.d/90lab/module-setup.sh": "events",
    "/usr/lib/kernel/install.d/90-lab.install": "events",
    "/usr/lib/x86_64-linux-gnu/rpm-plugins/lab.so": "events",
}
PLACES: Final[Mapping[ManagerName, Mapping[str, Kind]]] = {
    "apk": {
        "/etc/init.d/labd": "services",
        "/etc/user/init.d/labd": "autostart",
        "/etc/periodic/daily/lab": "cron",
        "/etc/crontabs/lab": "cron",
        "/etc/doas.d/lab.conf": "sudoers",
        "/etc/local.d/lab.start": "events",
        "/etc/network/if-up.d/lab": "events",
        "/usr/share/udhcpc/lab.script": "events",
        "/usr/share/kernel-hooks.d/lab.hook": "events",
        "/usr/share/mkinitfs/lab": "events",
        "/usr/lib/apk/commit_hooks.d/lab": "events",
        "/usr/lib/apk/repositories.d/lab.list": "repositories",
        "/usr/lib/apk/keys/lab.pub": "keys",
        "/etc/profile.d/lab.sh": "profile",
        "/usr/lib/modules-load.d/lab.conf": "modules",
    },
    "dnf4": {
        **RPM,
        "/etc/dnf/plugins/lab.conf": "events",
        "/usr/lib/python3/dist-packages/dnf-plugins/lab.py": "events",
        "/usr/lib/yum-plugins/lab.py": "events",
        "/etc/yum/pluginconf.d/lab.conf": "events",
        "/etc/dnf/protected.d/lab.conf": "repositories",
    },
    "dnf5": {
        **RPM,
        "/usr/share/dnf5/repos.d/lab.repo": "repositories",
        "/etc/dnf/repos.override.d/lab.repo": "repositories",
        "/etc/dnf/libdnf5-plugins/actions.d/lab.actions": "events",
        "/usr/lib/x86_64-linux-gnu/libdnf5/plugins/lab.so": "events",
        "/usr/lib/x86_64-linux-gnu/dnf5/plugins/lab.so": "events",
    },
    "zypper": {
        **RPM,
        "/usr/lib/zypp/plugins/commit/lab": "events",
        "/etc/zypp/repos.d/more.repo": "repositories",
        "/etc/zypp/vendors.d/lab.conf": "repositories",
        "/usr/etc/sudoers.d/lab": "sudoers",
        "/usr/etc/pam.d/lab": "pam",
        "/usr/etc/profile.d/lab.sh": "profile",
        "/usr/share/pki/trust/anchors/lab.pem": "certificates",
    },
    "pacman": {
        "/usr/share/libalpm/hooks/lab.hook": "events",
        "/etc/pacman.d/hooks/lab.hook": "events",
        "/usr/lib/initcpio/hooks/lab": "events",
        "/usr/lib/initcpio/install/lab": "events",
        "/etc/mkinitcpio.d/lab.preset": "boot",
        "/etc/makepkg.conf.d/lab.conf": "repositories",
        "/usr/share/pacman/keyrings/lab.gpg": "keys",
        "/usr/lib/systemd/system/lab.timer": "timers",
        "/usr/lib/systemd/user/lab.service": "autostart",
        "/usr/lib/sysusers.d/lab.conf": "sysusers",
        "/usr/lib/binfmt.d/lab.conf": "binfmt",
        "/etc/sudoers.d/lab": "sudoers",
        "/usr/lib/udev/rules.d/99-lab.rules": "udev",
    },
    "portage": {
        "/etc/init.d/labd": "services",
        "/etc/env.d/99lab": "profile",
        "/etc/local.d/lab.start": "events",
        "/etc/portage/repo.postsync.d/lab": "events",
        "/etc/portage/repos.conf/more.conf": "repositories",
        "/etc/cron.daily/lab": "cron",
        "/etc/sudoers.d/lab": "sudoers",
        "/etc/modprobe.d/lab.conf": "modules",
        "/etc/kernel/postinst.d/lab": "events",
        "/usr/lib/elogind/system-sleep/lab": "events",
    },
}
"""Files that a package of a family may bring, and what they are: the integration tests install them for real."""
PATHS: Final = sorted({(path, kind) for rows in PLACES.values() for path, kind in rows.items()})


@pytest.mark.parametrize(("path", "kind"), PATHS, ids=[path for path, _ in PATHS])
def test_a_familys_own_place_is_known_and_no_reason_for_calm(path: str, kind: Kind) -> None:
    assert finding_kind(path) == kind
    assert not is_harmless(Finding(kind=kind, what=path))


@pytest.mark.parametrize("name", PLACES)
def test_no_place_of_a_family_is_among_the_books_of_its_manager(name: ManagerName) -> None:
    books = PathPrefixes(state_paths(name))
    assert [path for path in PLACES[name] if path in books] == []


EFFECTS: Final = {
    "/etc/hosts.deny": "in effect at once",
    "/etc/networks": "in effect at once",
    "/etc/hostname": "in effect from the next boot on",
    "/etc/avahi/avahi-daemon.conf": "in effect once its service restarts",
    "/etc/network/interfaces.d/lab": "in effect once the network's service restarts",
    "/etc/apparmor.d/usr.sbin.chronyd": "in effect once AppArmor or SELinux loads it",
    "/usr/share/binfmts/python3.11": "in effect whenever update-binfmts runs",
    "/usr/lib/binfmt.d/python3.11.conf": "in effect from the next boot on",
    "/etc/ssl/private/ssl-cert-snakeoil.key": "in effect once a program's setting names it",
    "/etc/logcheck/ignore.d.server/rsyslog": "in effect whenever logcheck runs",
    "/etc/postfix/main.cf": "in effect once the mail server restarts",
    "/etc/aliases.db": "in effect at once",
}
"""What was said wrong of the packages of the truth: when these files are read, by their manual pages."""


@pytest.mark.parametrize("path", EFFECTS)
def test_a_file_takes_effect_when_its_reader_reads_it(path: str) -> None:
    assert effect_of(path) == EFFECTS[path]
