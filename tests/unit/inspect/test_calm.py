"""A sentence of calm stands only where every finding is of a kind that is known to be harmless."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Final, get_args

import pytest
from msgspec.structs import replace
from tests.unit.inspect.measuring import measured, placed
from tests.unit.snapshots import member, tree

from sandbox.container.processes import Running
from sandbox.inspect.calm import is_harmless
from sandbox.inspect.dpkg_records import new_diversions
from sandbox.inspect.facts import (
    Account,
    Diversion,
    Fact,
    Foreign,
    Harm,
    Launch,
    Link,
    Listening,
    Overridden,
    Owner,
    Place,
    Start,
    Stray,
    TakenName,
)
from sandbox.inspect.file_changes import diff
from sandbox.inspect.findings import KINDS, BootedUnit, Finding, Kind, Residue
from sandbox.inspect.locations import TOPS, all_rules, effect_of, finding_kind, rule_of
from sandbox.inspect.place_rule import PHRASES, When
from sandbox.inspect.residue import residue
from sandbox.inspect.service_verdict import is_something_started
from sandbox.inspect.verdict import verdict
from sandbox.managers.protocol import Package
from sandbox.managers.state_paths import state_paths
from sandbox.report.finding_text import note

if TYPE_CHECKING:
    from collections.abc import Mapping
    from tarfile import TarInfo

    from sandbox.inspect.findings import Footprint

FACTS: Final[Mapping[str, tuple[str, Fact]]] = {
    "damage": ("/usr/bin/cat", Harm(how="gone")),
    "users": ("x", Account(change="new", says="system")),
    "groups": ("docker", Account(change="changed", joined=("x",))),
    "services": ("/usr/lib/systemd/system/x.service", Start(how="enabled")),
    "timers": ("/usr/lib/systemd/system/x.timer", Start(how="enabled")),
    "sockets": ("/usr/lib/systemd/system/x.socket", Start(how="enabled")),
    "paths": ("/usr/lib/systemd/system/x.path", Start(how="enabled")),
    "mounts": ("/usr/lib/systemd/system/x.mount", Start(how="")),
    "ports": ("80/tcp", Listening(addresses=("*",))),
    "processes": ("sleep 9", Owner(user="root")),
    "alternatives": ("/etc/alternatives/awk", Link(to="/usr/bin/gawk", was="/usr/bin/mawk")),
    "names": ("/usr/sbin/sendmail", TakenName(how="is", to="/usr/sbin/dma")),
    "diversions": ("/usr/sbin/reboot", Diversion(to="/usr/sbin/reboot.no-molly-guard")),
    "overrides": ("/usr/bin/x", Overridden(user="root", group="x", mode="2755")),
    "foreign": ("/etc/nsswitch.conf", Foreign(how="changed", owners=())),
}
"""A finding of each kind that has more to say than its place."""
HARMLESS: Final = (
    Finding(kind="groups", what="x", fact=Account(change="new")),
    Finding(kind="alternatives", what="/etc/alternatives/vi", fact=Link(to="/usr/bin/vim")),
    Finding(kind="names", what="/usr/bin/editor", fact=TakenName(how="choice", to="/usr/bin/vim")),
    Finding(kind="logrotate", what="/etc/logrotate.d/x", fact=Place()),
    Finding(kind="launchers", what="/usr/share/applications/x.desktop", fact=Launch(title="X", types=("text/plain",))),
    Finding(kind="unowned", what="/var/lib/x/state", fact=Stray(what="file")),
    Finding(kind="foreign", what="/var/cache/x", fact=Foreign(how="changed", owners=())),
    Finding(kind="diversions", what="/usr/share/vim/vim90/doc/tags", fact=Diversion(to="/x")),
    Finding(kind="services", what="/etc/systemd/system/x.service", fact=Start(how="masked")),
)


def finding(kind: Kind) -> Finding:
    """Return a finding of a kind that is not harmless: where it has a place, one of its own."""
    what, fact = FACTS.get(kind, (kind, Place()))
    return Finding(kind=kind, what=what, fact=fact)


def is_calm(*findings: Finding, **more: object) -> bool:
    found = replace(measured(), findings=findings, started=(), later=())
    sentences = verdict(found, Residue(), **more)  # type: ignore[arg-type]
    return any("nothing runs" in sentence.text for sentence in sentences)


LOUD: Final = tuple(finding(kind) for kind in KINDS if kind not in ("logrotate", "launchers", "unowned"))


@pytest.mark.parametrize("loud", LOUD, ids=[row.kind for row in LOUD])
def test_one_finding_that_is_not_harmless_forbids_calm_alone_and_beside_any_other(loud: Finding) -> None:
    assert not is_calm(loud)
    for other in LOUD[LOUD.index(loud) :]:  # the rows before it met it in their own turn
        assert not is_calm(loud, other)
    for other in HARMLESS:
        assert not is_calm(loud, other)
        assert not is_calm(other, loud)


def test_harmless_findings_forbid_no_calm_alone_and_in_pairs() -> None:
    for row in HARMLESS:
        assert is_calm(row), row
    for pair in combinations(HARMLESS, 2):
        assert is_calm(*pair), pair


def test_every_kind_that_is_not_harmless_is_in_a_sentence() -> None:
    for loud in LOUD:
        found = replace(measured(), findings=(loud,), started=(), later=())
        said = [row.text for row in verdict(found, Residue()) if loud.kind in row.evidence]
        assert said, loud


def test_a_unit_that_a_boot_began_forbids_calm_whatever_else_was_found() -> None:
    unit = BootedUnit(name="made-by-a-generator.service", kind="service", state="ended")
    assert is_something_started(replace(measured(), findings=(), started=(), later=(), booted=(unit,)))
    assert not is_something_started(replace(measured(), findings=(), started=(), later=(), booted=()))


def test_what_was_not_seen_and_what_failed_forbids_calm() -> None:
    assert is_calm()
    assert not is_calm(unseen=("It could not be looked at.",))
    assert not is_calm(unknown=("ports",))
    assert is_calm(notes=("Of 100001 files the first 100000 are listed.",))
    found = replace(measured(), findings=(), started=(), later=())
    texts = [row.text for row in verdict(found, Residue(failure="a script failed"))]
    assert texts == ["Can't be purged: a script failed."]


PLACES: Final[tuple[tuple[str, str], ...]] = (
    ("/etc/default/grub", "boot"),
    ("/etc/default/grub.d/kdump-tools.cfg", "boot"),
    ("/etc/grub.d/40_custom", "boot"),
    ("/etc/kernel/cmdline", "boot"),
    ("/boot/vmlinuz-6.1", "boot"),
    ("/etc/initramfs-tools/conf.d/x", "boot"),
    ("/etc/dracut.conf.d/x.conf", "boot"),
    ("/etc/mkinitcpio.conf.d/x.conf", "boot"),
    ("/etc/mkinitfs/features.d/x.modules", "boot"),
    ("/usr/lib/binfmt.d/python3.11.conf", "binfmt"),
    ("/usr/share/binfmts/jar", "binfmt"),
    ("/etc/sysctl.d/x.conf", "sysctl"),
    ("/usr/lib/modules-load.d/x.conf", "modules"),
    ("/etc/modprobe.d/blacklist-x.conf", "modules"),
    ("/usr/src/x-1/dkms.conf", "modules"),
    ("/usr/lib/modules/6.1/updates/x.ko.xz", "modules"),
    ("/etc/systemd/system/ssh.service.d/x.conf", "dropins"),
    ("/usr/lib/systemd/system/user@.service.d/x.conf", "dropins"),
    ("/usr/lib/systemd/system/ntpsec-systemd-netif.path", "paths"),
    ("/usr/lib/systemd/system/x.mount", "mounts"),
    ("/usr/lib/systemd/system/x.automount", "mounts"),
    ("/etc/fstab", "mounts"),
    ("/etc/systemd/system/default.target", "systemd"),
    ("/etc/ypserv.securenets", "firewall"),
    ("/etc/locale.nopurge", "repositories"),
    ("/etc/pki/fwupd/GPG-KEY-Linux-Vendor-Firmware-Service", "certificates"),
    ("/etc/ifplugd/action.d/action_wpa", "events"),
    ("/etc/network/ifupdown2/addons.conf", "network"),
    ("/usr/lib/netplan/10-x.yaml", "network"),
    ("/etc/nagios/nrpe.cfg", "network"),
    ("/etc/apparmor.d/abstractions/base.d/x", "confinement"),
    ("/etc/apparmor.d/tunables/home.d/x", "confinement"),
    ("/usr/lib/systemd/system-generators/x", "events"),
    ("/usr/lib/systemd/user-generators/x", "events"),
    ("/usr/lib/systemd/user-environment-generators/30-x", "events"),
    ("/usr/lib/systemd/system-environment-generators/30-x", "events"),
    ("/usr/lib/systemd/system-preset/90-x.preset", "presets"),
    ("/usr/lib/systemd/user-preset/90-x.preset", "presets"),
    ("/usr/lib/tmpfiles.d/x.conf", "tmpfiles"),
    ("/usr/lib/sysusers.d/x.conf", "sysusers"),
    ("/etc/systemd/network/10-x.network", "network"),
    ("/usr/lib/systemd/network/99-x.link", "network"),
    ("/etc/systemd/resolved.conf.d/x.conf", "systemd"),
    ("/etc/systemd/logind.conf.d/x.conf", "systemd"),
    ("/usr/lib/systemd/journald.conf.d/x.conf", "systemd"),
    ("/usr/lib/systemd/user/x.service", "autostart"),
    ("/etc/xdg/autostart/x.desktop", "autostart"),
    ("/etc/apt/preferences.d/x", "repositories"),
    ("/etc/apt/auth.conf.d/x.conf", "repositories"),
    ("/etc/apt/apt.conf.d/50unattended-upgrades", "events"),
    ("/etc/apparmor.d/usr.bin.x", "confinement"),
    ("/etc/selinux/config", "confinement"),
    ("/etc/audit/rules.d/x.rules", "audit"),
    ("/etc/nftables.conf", "firewall"),
    ("/etc/iptables/rules.v4", "firewall"),
    ("/etc/sysconfig/iptables", "firewall"),
    ("/etc/ssh/sshd_config.d/x.conf", "ssh"),
    ("/root/.ssh/authorized_keys", "ssh"),
    ("/etc/acpi/events/powerbtn", "events"),
    ("/usr/share/initramfs-tools/hooks/x", "events"),
    ("/usr/lib/dracut/modules.d/90x/module-setup.sh", "events"),
    ("/usr/lib/initcpio/hooks/x", "events"),
    ("/etc/cron.yearly/x", "cron"),
    ("/etc/cron.d/x", "cron"),
    ("/etc/periodic/daily/x", "cron"),
    ("/etc/crontabs/root", "cron"),
    ("/var/spool/cron/crontabs/root", "cron"),
    ("/var/spool/cron/root", "cron"),
    ("/var/spool/cron/atjobs/a0000101b1d3f4", "cron"),
    ("/usr/lib/python3/dist-packages/x.pth", "interpreters"),
    ("/usr/lib/python3.12/site-packages/x.pth", "interpreters"),
    ("/usr/local/lib/python3.11/dist-packages/sitecustomize.py", "interpreters"),
    ("/etc/emacs/site-start.d/50x.el", "interpreters"),
    ("/usr/lib/x86_64-linux-gnu/libnss_mdns4.so.2", "nss"),
    ("/lib64/libnss_sss.so.2", "nss"),
    ("/etc/nsswitch.conf", "nss"),
    ("/usr/lib/x86_64-linux-gnu/security/pam_google_authenticator.so", "pam"),
    ("/lib/security/pam_x.so", "pam"),
    ("/usr/share/pam-configs/x", "pam"),
    ("/etc/pam.d/common-auth", "pam"),
    ("/usr/local/share/ca-certificates/x.crt", "certificates"),
    ("/etc/ca-certificates.conf", "certificates"),
    ("/etc/pki/ca-trust/source/anchors/x.pem", "certificates"),
    ("/etc/ca-certificates/trust-source/anchors/x.crt", "certificates"),
    ("/etc/apache2/mods-enabled/x.load", "web"),
    ("/etc/apache2/conf-enabled/x.conf", "web"),
    ("/etc/nginx/sites-enabled/x", "web"),
    ("/etc/httpd/conf.d/x.conf", "web"),
    ("/etc/lighttpd/conf-enabled/x.conf", "web"),
    ("/etc/firefox/policies/policies.json", "browsers"),
    ("/etc/chromium/policies/managed/x.json", "browsers"),
    ("/etc/opt/chrome/policies/managed/x.json", "browsers"),
    ("/usr/lib/mozilla/native-messaging-hosts/x.json", "browsers"),
    ("/usr/share/mozilla/extensions/{ec8030f7-c20a-464f-9b0e-13a3a9e97384}/x@example.com.xpi", "browsers"),
    ("/usr/share/chromium/extensions/x.json", "browsers"),
    ("/etc/xdg/mimeapps.list", "filetypes"),
    ("/usr/share/applications/gnome-mimeapps.list", "filetypes"),
    ("/usr/share/applications/defaults.list", "filetypes"),
    ("/usr/share/xdg-desktop-portal/portals/x.portal", "portals"),
    ("/etc/xdg/xdg-desktop-portal/sway-portals.conf", "portals"),
    ("/usr/share/thumbnailers/x.thumbnailer", "desktop"),
    ("/usr/lib/x86_64-linux-gnu/nautilus/extensions-4/libx.so", "desktop"),
    ("/usr/share/kio/servicemenus/x.desktop", "desktop"),
    ("/usr/share/gnome-shell/extensions/x@example.com/metadata.json", "desktop"),
    ("/usr/share/gnome-shell/search-providers/x.ini", "desktop"),
    ("/usr/share/glib-2.0/schemas/90_x.gschema.override", "desktop"),
    ("/etc/dconf/db/local.d/00-x", "desktop"),
    ("/etc/needrestart/conf.d/x.conf", "events"),
    ("/etc/needrestart/hook.d/x", "events"),
    ("/etc/letsencrypt/renewal-hooks/deploy/x", "events"),
    ("/etc/libvirt/hooks/qemu", "events"),
    ("/etc/network/interfaces.d/x", "network"),
    ("/etc/netplan/x.yaml", "network"),
    ("/etc/environment", "profile"),
    ("/etc/inputrc", "profile"),
    ("/etc/env.d/99x", "profile"),
    ("/etc/skel/.bashrc", "profile"),
    ("/root/.bashrc", "profile"),
    ("/etc/shells", "host"),
    ("/etc/localtime", "host"),
    ("/etc/login.defs", "pam"),
    ("/etc/ld.so.conf.d/x.conf", "events"),
    ("/etc/ld.so.preload", "events"),
    ("/etc/local.d/x.start", "events"),
    ("/etc/runit/core-services/x.sh", "events"),
    ("/etc/inittab", "events"),
    ("/etc/kernel/postinst.d/x", "events"),
    ("/etc/kernel.d/post-install/x", "events"),
    ("/etc/sv/x/run", "services"),
    ("/etc/init.d/x", "services"),
    ("/etc/xinetd.d/x", "inetd"),
    ("/usr/share/initramfs-tools/modules", "boot"),
    ("/etc/doas.d/x.conf", "sudoers"),
    ("/etc/sudoers.d/x", "sudoers"),
    ("/usr/share/polkit-1/actions/x.policy", "polkit"),
    ("/usr/share/dbus-1/services/x.service", "dbus"),
    ("/usr/lib/udev/rules.d/90-x.rules", "udev"),
    ("/etc/portage/package.use/x", "repositories"),
    ("/etc/dnf/protected.d/x.conf", "repositories"),
    ("/etc/nix/nix.conf", "repositories"),
    ("/etc/rsyslog.d/x.conf", "logging"),
    ("/etc/exim4/exim4.conf.template", "mail"),
    ("/etc/ssl/openssl.cnf", "cryptography"),
    ("/etc/krb5.conf.d/x", "cryptography"),
    ("/usr/lib/firmware/x.bin", "modules"),
    ("/usr/lib/apt/methods/tor+http", "repositories"),
    ("/usr/lib/apt/solvers/aspcud", "repositories"),
    ("/usr/lib/cups/backend/cups-pdf", "events"),
    ("/usr/lib/os-probes/50x", "events"),
    ("/usr/share/p11-kit/modules/opensc.module", "cryptography"),
    ("/usr/share/user-tmpfiles.d/x.conf", "tmpfiles"),
    ("/usr/share/systemd/user/x.service", "autostart"),
    ("/usr/lib/x86_64-linux-gnu/qt5/plugins/kf5/kded/x.so", "autostart"),
    ("/usr/share/gdm/greeter/autostart/x.desktop", "autostart"),
    ("/var/lib/systemd/linger/x", "autostart"),
    ("/usr/lib/NetworkManager/VPN/nm-openvpn-service.name", "network"),
    ("/var/lib/gems/3.1.0/gems/x-1/lib/rubygems_plugin.rb", "interpreters"),
    ("/usr/lib/xorg/modules/drivers/x_drv.so", "host"),
    ("/usr/lib/cgi-bin/x.cgi", "web"),
    ("/etc/sasl2/libvirt.conf", "cryptography"),
    ("/etc/reader.conf.d/x", "cryptography"),
    ("/etc/request-key.d/id_resolver.conf", "events"),
    ("/etc/apm/event.d/x", "events"),
    ("/etc/xdg/Xwayland-session.d/00-x", "autostart"),
    ("/usr/lib/NetworkManager/conf.d/x.conf", "network"),
    ("/usr/lib/NetworkManager/dispatcher.d/x", "events"),
    ("/usr/share/mozilla/extensions/{ec8030f7-c20a-464f-9b0e-13a3a9e97384}/x@example.com/manifest.json", "browsers"),
)


NAMED: Final = (
    ("/etc/sudoers", "a rule for sudo"),
    ("/etc/sudoers.d/x", "a rule for sudo"),
    ("/usr/etc/sudoers.d/README", "a rule for sudo"),
    ("/etc/doas.conf", "a rule for doas"),
    ("/etc/doas.d/x.conf", "a rule for doas"),
    ("/etc/sudo.conf", "a setting of sudo"),
    ("/etc/sudo_logsrvd.conf", "a setting of sudo's log server"),
    ("/etc/libaudit.conf", "a setting of programs that write to the audit log"),
    ("/etc/exports", "a list of folders that NFS shares"),
    ("/etc/motd", "a text that logins show"),
    ("/usr/lib/issue.d/x", "a text that logins show"),
    ("/etc/update-motd.d/10-x", "a hook into the login message"),
    ("/etc/docker/daemon.json", "a setting of virtual machines or containers"),
    ("/etc/libvirt/hooks/qemu", "a hook into virtual machines and containers"),
    ("/usr/share/containers/oci/hooks.d/x.json", "a hook into virtual machines and containers"),
    ("/etc/fail2ban/jail.conf", "a setting of a program that bans addresses"),
    ("/etc/fail2ban/action.d/ufw.conf", "a definition that rules of a firewall or bans can use"),
    ("/usr/lib/firewalld/icmptypes/pong.xml", "a definition that rules of a firewall or bans can use"),
    ("/etc/ufw/user.rules", "a rule or setting of a firewall"),
    ("/root/.ssh/authorized_keys", "a setting of the ssh server"),
    ("/home/x/.ssh/config", "a setting of the ssh client"),
    ("/home/x/.ssh/id_ed25519", "a key of the ssh client"),
)


@pytest.mark.parametrize(("path", "noun"), NAMED)
def test_a_file_is_called_what_it_is_and_not_by_what_its_neighbour_is(path: str, noun: str) -> None:
    found = rule_of(path)
    assert found is not None
    assert found.one == noun


@pytest.mark.parametrize("name", ["sudoers.d/x.conf", "sudoers.d/x~", "sudoers.dist", "doas.d/x", "exports.d/x"])
def test_what_sudo_doas_and_nfs_do_not_read_is_no_rule_of_theirs(name: str) -> None:
    found = rule_of(f"/etc/{name}")
    assert found is None or found.kind is None


@pytest.mark.parametrize(("path", "kind"), PLACES)
def test_a_file_that_others_read_is_of_a_kind_and_says_when_it_takes_effect(path: str, kind: str) -> None:
    assert finding_kind(path) == kind
    assert path.startswith(TOPS)
    assert effect_of(path)
    found = placed({path: b""}, owned=frozenset((path,)))
    (row,) = [row for row in found.findings if row.what == path]
    assert row.kind == kind
    assert not is_harmless(row)
    said = [sentence for sentence in verdict(found, Residue()) if kind in sentence.evidence]
    assert said, path


@pytest.mark.parametrize(
    "path",
    [
        "/usr/share/doc/x/README",
        "/usr/share/man/man1/x.1.gz",
        "/usr/lib/binfmt.d/wine",
        "/etc/tmpfiles.d/x.conf.sample",
        "/usr/lib/udev/rules.d/README",
        "/etc/modprobe.d/x.bak",
        "/etc/apparmor.d/abstractions/x",
        "/etc/apparmor.d/abstractions/ubuntu/x",
        "/usr/lib/netplan/generate",
        "/etc/quotatab",
        "/usr/share/bash-completion/completions/x",
        "/etc/bash_completion.d/x",
        "/usr/share/zsh/vendor-completions/_x",
        "/usr/share/ca-certificates/mozilla/x.crt",
        "/usr/lib/udev/x_id",
        "/var/spool/cron/atjobs/.SEQ",
        "/etc/at.deny",
        "/etc/apache2/mods-available/x.load",
        "/etc/cron.d/.placeholder",
        "/etc/sysctl.d/README.sysctl",
        "/etc/X11/Xreset.d/README",
        "/usr/lib/systemd/user/app.slice",
        "/usr/lib/systemd/user/basic.target",
        "/usr/share/keyrings/debian-keyring.gpg",
        "/etc/trap.conf",
        "/etc/trap/sub/x.conf",
        "/etc/default/trap",
        "/etc/traprc",
        "/usr/lib/systemd/catalog/x.catalog",
        "/usr/share/applications/mimeinfo.cache",
        "/usr/lib/NetworkManager/nm-openvpn-auth-dialog",
        "/usr/share/mozilla/extensions/{ec8030f7-c20a-464f-9b0e-13a3a9e97384}/x@example.com/js/x.js",
        "/usr/lib/firefox-esr/distribution/extensions/x@example.com/js/x.js",
        "/etc/init/x.conf",
        "/usr/share/icons/hicolor/48x48/apps/x.png",
    ],
)
def test_what_is_known_to_be_harmless_is_no_finding(path: str) -> None:
    assert not [row for row in placed({path: b""}, owned=frozenset((path,))).findings if row.what == path]


@pytest.mark.parametrize("path", ["/etc/other.conf", "/etc/other.d/trap.conf", "/usr/lib/systemd/x", "/usr/lib/udev"])
def test_a_file_of_which_nothing_is_known_is_unknown_and_in_a_sentence(path: str) -> None:
    path = path if path != "/usr/lib/udev" else "/usr/lib/kernel.conf.d/x"
    watched = path.startswith("/etc") or "systemd" in path
    found = placed({path: b""}).of("unknown")
    assert [row.what for row in found] == ([path] if watched else [])
    if watched:
        said = [row.text for row in verdict(placed({path: b""}), Residue())]
        assert f"Has 1 file with unknown effect: {path}." in said


def test_what_an_interpreter_brings_for_itself_is_no_hook_into_it() -> None:
    python = Package(name="libpython3.11-minimal", version="1", architecture="amd64", size=1, explicit=False)
    paths = ("/usr/lib/python3.11/sitecustomize.py", "/etc/python3.11/sitecustomize.py")
    assert placed(dict.fromkeys(paths, b""), came=(python,)).of("interpreters") == ()
    assert len(placed(dict.fromkeys(paths, b"")).of("interpreters")) == len(paths)


def test_every_row_has_words_a_source_and_a_kind_or_is_harmless() -> None:
    for rule in all_rules():
        assert rule.one, rule
        assert rule.source, rule
        assert rule.when in get_args(When)
        assert rule.kind in (*KINDS, None)
        assert rule.kind or rule.is_harmless
        assert ("{}" in PHRASES[rule.when]) == bool(rule.who), rule
        assert rule.patterns


def test_a_drop_in_says_whose_unit_it_changes() -> None:
    found = placed({"/etc/systemd/system/ssh.service.d/x.conf": b""})
    texts = [row.text for row in verdict(found, Residue())]
    assert "Brings a drop-in that changes a unit, in effect once ssh.service restarts." in texts


def changed(path: str, **more: object) -> Footprint:
    first, second = tree({path: b"old"}), tree({path: b"new"})
    return placed({}, before=first, after=second, difference=diff(first, second), **more)


@pytest.mark.parametrize(
    "path",
    [
        *("/etc/nsswitch.conf", "/etc/fstab", "/etc/environment", "/etc/shells", "/etc/inputrc"),
        *("/etc/pam.d/common-auth", "/etc/other", "/usr/share/x/data", "/root/.bashrc"),
    ],
)
def test_a_changed_file_that_no_package_owns_is_in_a_sentence(path: str) -> None:
    for owners, words in (({path: ""}, "that no package owns"), ({}, "with unknown owner")):
        texts = [row.text for row in verdict(changed(path, owners=owners), Residue())]
        assert f"Changes 1 file {words}: {path}." in texts
        assert not any("nothing runs" in text for text in texts)


MIME_CACHE: Final = "/usr/share/applications/mimeinfo.cache"


@pytest.mark.parametrize(
    "path", ["/var/lib/x/state", "/usr/share/info/dir", "/etc/mailcap", "/var/cache/x", MIME_CACHE]
)
def test_a_cache_or_index_of_nobody_changes_as_a_matter_of_course(path: str) -> None:
    texts = [row.text for row in verdict(changed(path, owners={path: ""}), Residue())]
    assert not [text for text in texts if "Changes" in text]


def test_a_key_ring_is_trusted_once_a_source_names_it() -> None:
    ring, source = "/usr/share/keyrings/x.gpg", "/etc/apt/sources.list.d/x.sources"
    assert placed({ring: b"", source: b"Types: deb\n"}).of("keys") == ()
    found = placed({ring: b"", source: f"Types: deb\nSigned-By: {ring}\n".encode()})
    assert [row.what for row in found.of("keys")] == [ring]


MASKED: Final = "/etc/systemd/system/{}"


def test_a_masked_unit_of_others_is_said_and_forbids_calm_and_one_that_came_is_none() -> None:
    """tlp masks systemd-rfkill.service and its socket; sudo's own init script is masked by its own link."""
    names = ("systemd-rfkill.service", "systemd-rfkill.socket", "x.mount", "sleep.target")
    links = {MASKED.format(name): member(MASKED.format(name), link="/dev/null") for name in names}
    found = placed(links, owned=frozenset())
    text = f"Keeps 4 units of others from starting: sleep.target, {names[0]}, {names[1]} and x.mount."
    assert [row.text for row in verdict(found, Residue()) if row.text.startswith(("Keeps", "Brings"))] == [text]
    masks = [row for row in found.findings if isinstance(row.fact, Start)]
    assert not any(map(is_calm, masks))
    assert {note(row.fact) for row in masks} == {"keeps a unit of others from starting"}
    for own, kind in (
        ("/etc/init.d/sudo", "service"),
        ("/etc/init.d/sudo.sh", "service"),
        ("/usr/lib/systemd/system/sudo.service", "service"),
        ("/etc/cron.d/sudo", "timer"),
    ):
        mask = MASKED.format(f"sudo.{kind}")
        found = placed({mask: member(mask, link="/dev/null"), own: b""}, owned=frozenset((own,)))
        assert "Keeps" not in " ".join(row.text for row in verdict(found, Residue())), own


def test_a_unit_of_the_base_that_an_install_masks_is_one_of_others() -> None:
    unit, mask = "/usr/lib/systemd/system/x.service", MASKED.format("x.service")
    first = tree({unit: b""})
    second = tree({unit: b"", mask: member(mask, link="/dev/null")})
    found = placed({}, before=first, after=second, difference=diff(first, second), owned=frozenset())
    texts = [row.text for row in verdict(found, Residue())]
    assert "Keeps 1 unit of others from starting: x.service." in texts


def test_an_init_script_with_an_ending_is_the_unit_of_its_name() -> None:
    """As of console-setup 1.221: systemd takes console-setup.sh for console-setup.service."""
    unit, script = "/usr/lib/systemd/system/x.service", "/etc/init.d/x.sh"
    paths = ("/etc/systemd/system/multi-user.target.wants/x.service", "/etc/rc2.d/S01x.sh")
    links = {path: member(path, link="x") for path in paths}
    files = {unit: b"[Service]\nExecStart=/x\n", script: b"#!/bin/sh\n"}
    found = placed({**files, **links}, owned=frozenset(files))
    assert "Starts a service at boot." in [row.text for row in verdict(found, Residue())]
    assert [row.name for row in found.later if row.kind == "service"] == ["x.service"]
    alone = placed({script: b"", paths[1]: links[paths[1]]}, owned=frozenset((script,)))
    assert [(row.what, note(row.fact)) for row in alone.of("services")] == [(script, "enabled")]


def test_a_generator_of_systemd_is_named_and_what_it_adds_is_left_open_without_a_boot() -> None:
    paths = [f"/usr/lib/systemd/system-generators/{name}" for name in ("postgresql-generator", "lvm2-generator")]
    one, two = (placed(dict.fromkeys(part, b"#!/bin/sh\n")) for part in (paths[:1], paths))
    said = "postgresql-generator chooses more units to start at each boot; only a boot shows them (--boot)."
    assert said in [row.text for row in verdict(one, Residue())]
    assert (
        "lvm2-generator and postgresql-generator choose more units to start at each boot; only a boot shows them"
        " (--boot)." in [row.text for row in verdict(two, Residue())]
    )
    booted = [row.text for row in verdict(replace(one, booted=()), Residue())]
    assert "postgresql-generator chooses more units to start at each boot." in booted
    assert not any("hook" in text for text in booted)


def test_the_defaults_of_a_service_that_came_are_its_own() -> None:
    """bluez brings bluetooth.service, whose settings are /etc/default/bluetooth."""
    unit, script, other = "/usr/lib/systemd/system/bluetooth.service", "/etc/default/bluetooth", "/etc/default/other"
    found = placed(dict.fromkeys((unit, script, other), b""), owned=frozenset((unit, script, other)))
    assert [row.what for row in found.of("unknown")] == [other]
    alone = placed({script: b""}, owned=frozenset((script,)))
    assert [row.what for row in alone.of("unknown")] == [script]


def test_a_history_below_etc_is_one_finding_and_its_hooks_are_others() -> None:
    paths = ("/etc/.git/HEAD", "/etc/.git/objects/ab/cd", "/etc/.git/hooks/pre-commit", "/etc/.git/hooks/x.sample")
    found = placed(dict.fromkeys(paths, b""), owned=frozenset())
    assert [(row.kind, row.what) for row in found.findings if isinstance(row.fact, Place)] == [
        ("host", paths[0]),
        ("events", paths[2]),
    ]
    assert "Brings a history of all files below /etc, in effect at once." in [
        row.text for row in verdict(found, Residue())
    ]


def test_what_a_script_writes_below_etc_systemd_is_found_and_owned_by_nobody() -> None:
    paths = ("/etc/systemd/system/x.path", "/etc/systemd/system/x.service", "/etc/systemd/timesyncd.conf.d/x.conf")
    found = placed(dict.fromkeys(paths, b""), owned=frozenset())
    assert {row.what for row in found.of("unowned")} == set(paths)
    assert [row.kind for row in found.findings if row.what in paths and row.kind != "unowned"] == [
        "paths",
        "services",
        "systemd",
    ]


DIVERSIONS, OVERRIDES = "/var/lib/dpkg/diversions", "/var/lib/dpkg/statoverride"


def test_a_diversion_and_a_stat_override_are_facts_also_of_paths_that_the_base_lacks() -> None:
    found = placed(
        {
            DIVERSIONS: b"/sbin/reboot\n/sbin/reboot.no-molly-guard\nmolly-guard\n",
            OVERRIDES: b"root mlocate 2755 /usr/bin/mlocate\n",
        }
    )
    assert [(row.what, row.fact) for row in found.of("diversions")] == [
        ("/sbin/reboot", Diversion(to="/sbin/reboot.no-molly-guard", by="molly-guard"))
    ]
    assert [(row.what, row.fact) for row in found.of("overrides")] == [
        ("/usr/bin/mlocate", Overridden(user="root", group="mlocate", mode="2755"))
    ]
    texts = [row.text for row in verdict(found, Residue())]
    assert "Replaces files that a host may have: /sbin/reboot." in texts
    assert "Makes dpkg keep owner and mode of /usr/bin/mlocate, whatever a package says." in texts


@pytest.mark.parametrize(
    ("line", "note", "is_broken"),
    [
        (b"root root 2755 /usr/bin/x\n", "root:root, mode 2755", False),
        (b"#999 #999 2755 /usr/bin/x\n", "#999:#999, mode 2755", False),
        (b"root x 2755 /usr/bin/x\n", "dpkg refuses every package: nobody has the name x", True),
        (b"x x 2755 /usr/bin/x\n", "dpkg refuses every package: nobody has the name x and x", True),
    ],
)
def test_a_stat_override_that_is_left_is_said_and_one_of_who_is_gone_breaks_dpkg(
    line: bytes, note: str, is_broken: bool
) -> None:
    last = tree({OVERRIDES: line, DIVERSIONS: b"/sbin/reboot\n/sbin/reboot.x\nmolly-guard\n"})
    runs = (Running(), Running())
    found = residue(tree({}), last, packages=((), ()), running=runs, ignored=state_paths("apt"))
    assert [(row.kind, row.what, row.note) for row in found.left] == [
        ("diversion", "/sbin/reboot", "others' goes to /sbin/reboot.x"),
        ("override", "/usr/bin/x", note),
    ]
    texts = [row.text for row in verdict(replace(measured(), findings=(), started=()), found)]
    assert "Purging leaves 1 diversion and 1 stat-override." in texts
    assert any("breaks dpkg" in text for text in texts) == is_broken


def test_names_taken_over_are_said() -> None:
    dma, link = "/usr/sbin/dma", "/usr/sbin/sendmail"
    editor, choice = "/usr/bin/editor", "/etc/alternatives/editor"
    files: Mapping[str, bytes | TarInfo] = {
        dma: member(dma, mode=0o755),
        link: member(link, link="dma"),
        "/usr/bin/vim": member("/usr/bin/vim", mode=0o755),
        editor: member(editor, link=choice),
        choice: member(choice, link="/usr/bin/vim"),
    }
    found = placed(files, path="/usr/sbin:/usr/bin")
    assert [(row.what, row.fact) for row in found.of("names")] == [
        (editor, TakenName(how="choice", to="/usr/bin/vim")),
        (link, TakenName(how="is", to=dma)),
    ]
    texts = [row.text for row in verdict(found, Residue())]
    assert "Becomes the host's sendmail." in texts
    assert "Adds an alternative for editor." in texts


def test_a_command_that_is_found_before_another_of_its_name_hides_that() -> None:
    old, new = "/usr/bin/ls", "/usr/local/bin/ls"
    first = tree({old: member(old, mode=0o755)})
    second = tree({old: member(old, mode=0o755), new: member(new, mode=0o755)})
    path = "/usr/local/bin:/usr/bin"
    found = placed({}, before=first, after=second, difference=diff(first, second), path=path)
    assert next(row.text for row in verdict(found, Residue())) == f"Hides {old} by {new}."


def test_the_table_is_asked_of_no_path_that_it_cannot_know() -> None:
    assert rule_of("/usr/bin/x") is None
    assert rule_of("/usr/share/doc/etc/default/grub") is None


def rows_of(path: str, text: bytes) -> list[Finding]:
    """Return the findings on a file that came with this text: of its own path, and of those that it names."""
    found = placed({path: text}, owned=frozenset((path,))).findings
    return [row for row in found if row.kind not in ("users", "groups")]


def said(path: str, text: bytes) -> list[str]:
    """Return the sentences on a file that came with this text."""
    found = replace(measured(), findings=tuple(rows_of(path, text)), started=(), later=())
    return [row.text for row in verdict(found, Residue())]


def test_a_cron_job_that_waits_for_a_boot_is_said_to_do_so() -> None:
    path = "/etc/cron.d/x"
    for table, when in (
        (b"# x\nPATH=/usr/bin\n@reboot root /usr/bin/x\n", "from the next boot on"),
        (b"@reboot root /usr/bin/x\n@daily root /usr/bin/y\n", "at once"),
        (b"# only words\n", "at once"),
    ):
        assert f"Brings a cron job, in effect {when}." in said(path, table)


def test_a_rule_for_rotating_logs_forbids_calm_where_it_has_a_script() -> None:
    path = "/etc/logrotate.d/x"
    assert is_calm(*rows_of(path, b"/var/log/x.log {\n  weekly\n}\n"))
    for word in (b"prerotate", b"postrotate", b"firstaction", b"lastaction", b"preremove"):
        script = b"/var/log/x.log {\n  " + word + b"\n    killall -HUP x\n  endscript\n}\n"
        assert not is_calm(*rows_of(path, script))
        assert "Brings a hook into the rotation of logs, in effect whenever logrotate runs." in said(path, script)


def test_a_text_is_a_finding_where_its_folder_has_any_file_read_or_run() -> None:
    for path, kind in (("/etc/sudoers.d/README", "sudoers"), ("/etc/cron.d/README", "cron")):
        assert [row.kind for row in rows_of(path, b"ALL\n")] == [kind], "any name is read"
    path = "/etc/cron.daily/README"
    assert rows_of(path, b"read me\n") == []
    found = placed({path: member(path, mode=0o755)}, owned=frozenset((path,)))
    assert [row.kind for row in found.of("cron")] == ["cron"], "run-parts looks at its mode alone"


RULES: Final = "/usr/lib/tmpfiles.d/x.conf"


@pytest.mark.parametrize("line", [b"z /etc/passwd 4755 root root", b"f+ /etc/passwd ~06755 - - - text"])
def test_a_program_to_which_a_boot_gives_the_rights_of_others_is_said(line: bytes) -> None:
    assert "From the next boot on, /etc/passwd has more rights than the user." in said(
        "/usr/lib/tmpfiles.d/x.conf", line
    )


@pytest.mark.parametrize(
    "line",
    [
        b"d /var/log/x 2755 root adm",
        b"z /etc 2755",
        b"z /var/log/%m 2755",
        b"z /etc/passwd 0755",
        b"# z /usr/bin/x 4755",
        b"",
    ],
)
def test_a_folder_or_a_plain_mode_gives_no_rights(line: bytes) -> None:
    assert not any("more rights" in text for text in said(RULES, line))


def test_a_diversion_that_the_base_has_is_not_new() -> None:
    had = b"/sbin/reboot\n/sbin/reboot.x\nmolly-guard\n"
    rows = new_diversions(tree({DIVERSIONS: had}), tree({DIVERSIONS: had + b"/bin/a\n/bin/a.x\ntool\n"}))
    assert [row.path for row in rows] == ["/bin/a"]
