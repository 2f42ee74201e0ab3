"""The table of places: what files at known places do to a host, by what reads them there. Pure data.

What package managers run, fetch from and trust stands in their own data, beside this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.inspect.place_rule import harmless, rule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.inspect.place_rule import PlaceRule
    from sandbox.managers.data import FindingKind

GENERATES: Final = "the choice of units at each boot"
"""What a generator of systemd hooks into: its program alone knows which units it adds, and only at boot."""

# fmt: off
UNITS: Final = (
    rule("services", "a service|services", "boot",
        "systemd.service(5), init(8), openrc-run(8), runsv(8)", r"""
        $SYSTEMD/system/[^/]+\.service etc/(?:rc\.d/)?init\.d/[^/]+ etc/sv/[^/]+/run
    """),
    rule("inetd", "a list of services for inetd|lists of services for inetd", "run: inetd",
        "inetd(8), xinetd.conf(5)", r"""
        etc/(?:xinetd|inetd)\.conf etc/(?:xinetd|inetd|rlinetd)\.d/[^/]+ etc/rlinetd\.conf
    """),
    rule("timers", "a timer|timers", "boot", "systemd.timer(5)", r"$SYSTEMD/system/[^/]+\.timer"),
    rule("sockets", "a socket of systemd|sockets of systemd", "boot", "systemd.socket(5)", r"""
        $SYSTEMD/system/[^/]+\.socket
    """),
    rule("paths", "a path that systemd watches|paths that systemd watches", "boot", "systemd.path(5)", r"""
        $SYSTEMD/system/[^/]+\.path
    """),
    rule("mounts", "a mount or swap space|mounts or swap spaces", "boot",
        "systemd.mount(5), systemd.automount(5), systemd.swap(5), fstab(5), crypttab(5)", r"""
        $SYSTEMD/system/[^/]+\.(?:mount|automount|swap) etc/(?:fstab|crypttab) etc/fstab\.d/.+ etc/auto\.[^/]+
        etc/auto\.master\.d/.+
    """),
    rule("network", "a list of folders that NFS shares|lists of folders that NFS shares", "restart: the NFS server",
        "exports(5): exports.d/*.exports", r"""
        etc/exports(?:\.d/[^/]+\.exports)?
    """),
    rule("dropins", "a drop-in that changes a unit|drop-ins that change units", "restart: the unit",
        "systemd.unit(5)", r"""
        $SYSTEMD/(?:system|user)/[^/]+\.d/[^/]+\.conf
    """),
    rule("autostart", "a program that starts with user sessions|programs that start with user sessions", "login",
        "systemd.unit(5), autostart specification", r"""
        etc/xdg/(?:[^/]+/)?autostart/.+ usr/share/autostart/.+ usr/share/gnome/autostart/.+
        usr/share/gdm/greeter/autostart/.+ etc/xdg/Xwayland-session\.d/.+ etc/xdg/plasma-workspace/.+
        etc/X11/(?:xinit/xinitrc\.d|Xsetup\.d|Xreset\.d)/.+ $SYSTEMD/user/[^/]+\.(?:wants|requires)/.+
    """),
    rule("autostart", "a unit of user sessions|units of user sessions", "login",
        "systemd.unit(5), user@.service(5), openrc(8)", r"""
        $SYSTEMD/user/[^/]+\.(?:service|socket|timer|path|mount|automount|swap) etc/user/init\.d/.+
        usr/(?:local/)?share/systemd/user/.+
    """),
    rule("autostart", "a module that KDE's sessions load|modules that KDE's sessions load", "login", "kded6(8)", r"""
        $LIB/qt[56]/plugins/kf[56]/kded/[^/]+\.so usr/share/kservices5/kded/[^/]+\.desktop
    """),
    rule("autostart", "a user whose units run without a login|users whose units run without a login", "boot",
        "loginctl(1), enable-linger", "var/lib/systemd/linger/[^/]+"),
    rule("presets", "a preset that enables or disables units|presets that enable or disable units",
        "run: systemctl preset",
        "systemd.preset(5)", r"""
        $SYSTEMD/(?:system|user|initrd)-preset/[^/]+\.preset
    """),
    rule("systemd", "a setting of systemd|settings of systemd", "restart: systemd's service",
        "systemd-system.conf(5), logind.conf(5), journald.conf(5), resolved.conf(5), timesyncd.conf(5)"
        ", coredump.conf(5), systemd.nspawn(5)", r"""
        $SYSTEMD/[^/]+\.conf(?:\.d/.+)? $SYSTEMD/(?:nspawn|ntp-units\.d|repart\.d|sysupdate\.d|dnssd|oomd)/.+
        $SYSTEMD/(?:credstore|system\.attached|portable)(?:\.encrypted)?/.+
    """),
    rule("systemd", "a choice of where a boot, or Ctrl+Alt+Del, leads"
        "|choices of where a boot, or Ctrl+Alt+Del, leads", "boot",
        "systemctl(1), set-default; systemd.special(7)", r"""
        etc/systemd/system/(?:default|ctrl-alt-del|kbrequest)\.target
    """),
    harmless("a link that enables a unit, or a group of units",
        "systemd.unit(5), systemd.target(5), systemd.slice(5)", r"""
        $SYSTEMD/system/[^/]+\.(?:wants|requires|upholds)/.+
        $SYSTEMD/(?:system|user)/[^/]+\.(?:target|slice|scope|device) etc/(?:rc[0-6S]|rc\.d/rc[0-6S])\.d/[SK]\d\d.+
        etc/runlevels/[^/]+/.+ etc/rc[0-6S]?\.d/README etc/init\.d/README etc/runit/runsvdir/[^/]+/.+
        etc/sv/.+ etc/insserv(?:\.conf|\.conf\.d/.+|/.+) var/lib/systemd/deb-systemd-(?:user-)?helper-\w+(?:/.+)?
    """),
    harmless("a program or message catalog of systemd", "systemd(1), journalctl(1)", r"""
        $SYSTEMD/(?:systemd[^/]*|lib[^/]+\.so[^/]*|resolv\.conf|catalog/.+|boot/.+|ukify) $SYSTEMD/import-pubring\.gpg
        $SYSTEMD/(?:user|system)/README
    """),
)
"""Units of systemd and services of other inits."""

BOOTING: Final = (
    rule("boot", "a setting of the boot loader or the kernel's command line"
        "|settings of the boot loader or the kernel's command line", "run: the boot loader's update",
        "grub-mkconfig(8), kernel-install(8), kernel-command-line(7), zipl.conf(5)", r"""
        etc/default/(?:grub(?:\.d/.+)?|grub2.*|extlinux|u-boot|flash-kernel|zipl.*) etc/grub\.d/.+
        etc/grub2?(?:-efi)?\.cfg etc/kernel/(?:cmdline|cmdline\.d/.+|install\.conf|entry-token|uki\.conf|tries)
        etc/kernel-img\.conf etc/(?:lilo|zipl|yaboot|elilo|silo)\.conf etc/sysconfig/(?:bootloader|grub.*|kernel)
        etc/update-extlinux(?:\.conf|\.d/.+) (?:boot|efi)/.+ etc/xen/.+ etc/kexec.*
    """),
    rule("boot", "a setting of the initramfs|settings of the initramfs", "run: the initramfs builder",
        "initramfs.conf(5), dracut.conf(5), mkinitcpio(8), mkinitfs(1)", r"""
        etc/initramfs-tools/(?:[^/]+\.conf|modules|conf\.d/.+|update-initramfs\.conf)
        usr/share/initramfs-tools/(?:(?:conf\.d|modules\.d)/.+|modules) etc/dracut\.conf(?:\.d/.+)?
        usr/lib/dracut/dracut\.conf\.d/.+ etc/mkinitcpio(?:\.conf|\.conf\.d/.+|\.d/.+) etc/mkinitfs/.+
        etc/tinyramfs/.+ etc/booster\.yaml etc/genkernel\.conf
    """),
    rule("events", "the initramfs", "run: the initramfs builder",
        "initramfs-tools(7), dracut.modules(7), mkinitcpio(8)", r"""
        (?:etc|usr/share)/initramfs-tools/(?:hooks|conf-hooks\.d|scripts|hook-functions|init)(?:/.+)?
        usr/lib/dracut/(?!dracut\.conf\.d/).+ (?:etc|usr/lib)/initcpio/.+ etc/initramfs/post-update\.d/.+
        usr/share/mkinitfs/.+
    """),
    rule("events", "the search for other systems (os-prober)", "run: os-prober",
        "os-prober: its README on os-probes and linux-boot-probes", r"""
        usr/lib/(?:os-probes|linux-boot-probes)/.+
    """),
    rule("events", "the kernel's installation", "run: a kernel's installation",
        "kernel-install(8), deb-kernel(7)", r"""
        etc/kernel/[^/]+\.d/.+ usr/lib/kernel/.+ usr/share/kernel/[^/]+\.d/.+ etc/kernel\.d/.+
        (?:etc|usr/share)/kernel-hooks\.d/.+
    """),
    rule("events", GENERATES, "boot", "systemd.generator(7)", r"""
        (?:etc|run|(?:usr/)?lib|usr/local/lib)/systemd/system-generators/.+
    """),
    rule("events", "boot and shutdown", "boot",
        "systemd.generator(7), systemd-shutdown(8), rc.local, openrc(8), runit(8)", r"""
        $SYSTEMD/system-(?:shutdown|environment-generators)/.+ etc/rc\.(?:local|conf|shutdown)
        etc/rc\.d/rc\.[^/]+ etc/rc\.conf\.d/.+ etc/local\.d/.+ etc/runit/(?:[1-3]|core-services/.+|[^/]+\.d/.+|[^/]+)
        etc/inittab etc/(?:init\.d|rc\.d)/(?:rc|boot)\..+ etc/boot\.d/.+ etc/cloud/.+ etc/casper\.conf
    """),
    rule("events", "user logins", "login",
        "systemd.environment-generator(7), systemd.generator(7), update-motd(5), ssh(1)", r"""
        $SYSTEMD/user(?:-environment)?-generators/.+ $SYSTEMD/user-(?:sleep|shutdown)/.+ etc/ssh/sshrc
        etc/profile\.env etc/gdm3?/(?:Init|PreSession|PostSession|PostLogin|Xsession).*
        etc/(?:lightdm|sddm)(?:\.conf)?(?:\.d)?/.+ usr/share/(?:lightdm|sddm)/[^/]+\.conf\.d/.+
    """),
    rule("events", "the login message", "login", "update-motd(5)", r"""
        etc/update-motd\.d/.+
    """),
    rule("host", "a text that logins show|texts that logins show", "login", "pam_motd(8), issue(5), agetty(8)", r"""
        (?:etc|usr/lib)/motd(?:\.d/.+)? (?:etc|usr/lib)/issue(?:\.net|\.d/.+)?
    """),
    rule("events", "system suspend", "run: a suspend", "systemd-sleep(8), pm-action(8), elogind", r"""
        $SYSTEMD/system-sleep/.+ etc/(?:pm|apm|power)/.+ usr/lib/pm-utils/.+
        (?:etc|(?:usr/)?lib(?:64)?)/elogind/system-(?:sleep|shutdown)/.+ etc/elogind/.+ etc/zzz\.d/.+
    """),
    rule("events", "power and hardware buttons", "at once", "acpid(8), acpi_listen(8)", r"""
        etc/acpi/.+ etc/(?:apcupsd|nut)/.+ etc/laptop-mode/.+
    """),
    rule("binfmt", "a program format that the kernel passes to an interpreter"
        "|program formats that the kernel passes to an interpreter", "boot",
        "binfmt.d(5), systemd-binfmt.service(8); binfmt-support's init script, of /var/lib/binfmts", r"""
        $CONFIG/binfmt\.d/[^/]+\.conf var/lib/binfmts/.+
    """),
    rule("binfmt", "a program format for binfmt-support|program formats for binfmt-support",
        "run: update-binfmts", "update-binfmts(8), --import", r"""
        usr/share/binfmts/.+
    """),
    rule("modules", "a module of the kernel, or a setting of modules"
        "|modules of the kernel, or settings of modules", "boot",
        "modules-load.d(5), modprobe.d(5), depmod.d(5), dkms(8)", r"""
        $LIB/modules/.+\.ko(?:\.\w+)? $CONFIG/(?:modules-load|modprobe|depmod)\.d/[^/]+\.(?:conf|alias)
        etc/(?:modules|modprobe\.conf|modules\.conf) etc/conf\.d/modules usr/src/[^/]+/dkms\.conf etc/dkms/.+
        etc/modules\.d/.+ etc/akmods/.+
    """),
    harmless("an index of modules", "depmod(8)", r"$LIB/modules/.+"),
    rule("modules", "a file of firmware|files of firmware", "loaded: a driver of the kernel",
        "request_firmware of the kernel: /lib/firmware, and /lib/firmware/updates before it", r"""
        $LIB/firmware/.+
    """),
    rule("sysctl", "a setting of the kernel|settings of the kernel", "boot", "sysctl.d(5), sysctl.conf(5)", r"""
        $CONFIG/sysctl\.d/[^/]+\.conf etc/sysctl\.conf
    """),
    rule("tmpfiles", "a rule for files that a boot makes or removes"
        "|rules for files that a boot makes or removes", "boot",
        "tmpfiles.d(5)", r"""
        $CONFIG/tmpfiles\.d/[^/]+\.conf etc/runit/tmpfiles.*
    """),
    rule("tmpfiles", "a rule for files that logins make or remove|rules for files that logins make or remove",
        "login", "tmpfiles.d(5), user-tmpfiles.d", r"""
        (?:etc|usr/(?:local/)?share)/user-tmpfiles\.d/[^/]+\.conf
    """),
    rule("sysusers", "a list of users that systemd-sysusers adds|lists of users that systemd-sysusers adds",
        "run: systemd-sysusers",
        "sysusers.d(5)", r"""
        $CONFIG/sysusers\.d/[^/]+\.conf
    """),
    rule("udev", "a udev rule|udev rules", "at once", "udev(7), hwdb(7), mdev", r"""
        (?:etc|(?:usr/)?lib|run)/udev/rules\.d/[^/]+\.rules (?:etc|(?:usr/)?lib)/udev/hwdb\.d/[^/]+\.hwdb
        etc/udev/(?:udev|iocost)\.conf(?:\.d/.+)? (?:usr/)?lib/udev/(?:udev|iocost)\.conf(?:\.d/.+)?
        etc/udev/hwdb\.bin etc/mdev\.conf etc/mdev/.+ etc/(?:hotplug|hotplug\.d|usb_modeswitch\.d)/.+
        etc/usb_modeswitch\.(?:conf|setup) usr/lib/(?:udisks2|UPower)/.+\.conf
    """),
    harmless("a file that lies next to settings, without the ending of those that are read",
        "sysctl.d(5), tmpfiles.d(5), sysusers.d(5), binfmt.d(5), modules-load.d(5), modprobe.d(5)"
        ", systemd.preset(5), udev(7), hwdb(7)", r"""
        $CONFIG/(?:sysctl|tmpfiles|sysusers|binfmt|modules-load|modprobe|depmod)\.d/.+
        (?:etc|(?:usr/)?lib|run)/udev/(?:rules|hwdb)\.d/.+ $SYSTEMD/(?:system|user|initrd)-preset/.+
        (?:etc|usr/(?:local/)?share)/user-tmpfiles\.d/.+
    """),
    harmless("a program that udev rules run", "udev(7), RUN and IMPORT", r"(?:usr/)?lib/udev/.+"),
)
"""What the kernel, its boot and its hardware read."""

SECURITY: Final = (
    rule("sudoers", "a rule for sudo|rules for sudo", "at once", "sudoers(5)", r"""
        (?:etc|usr/etc)/sudoers(?:\.d/(?!.*~$)[^/.]+)?
    """),
    harmless("a file that lies next to the rules for sudo", "sudoers(5): skips names with a . or a ~ at the end", r"""
        (?:etc|usr/etc)/sudoers(?:\.d/.+|\.[^/]+|~)
    """),
    rule("sudoers", "a rule for doas|rules for doas", "at once", "doas.conf(5); doas.d of Alpine", r"""
        etc/doas\.(?:conf|d/[^/]+\.conf)
    """),
    harmless("a file that lies next to the rules for doas", "doas.d of Alpine: it reads *.conf", r"etc/doas\.d/.+"),
    rule("host", "a setting of sudo|settings of sudo", "at once", "sudo.conf(5): plugins and helpers", r"""
        (?:etc|usr/etc)/sudo\.conf
    """),
    rule("logging", "a setting of sudo's log server|settings of sudo's log server", "restart: sudo_logsrvd",
        "sudo_logsrvd.conf(5)", r"""
        (?:etc|usr/etc)/sudo_logsrvd\.conf
    """),
    rule("pam", "a login setting (PAM)|login settings (PAM)", "at once",
        "pam.d(5), pam-auth-update(8), login.defs(5), limits.conf(5), securetty(5)", r"""
        (?:etc|usr/lib|usr/etc)/pam\.d/.+ etc/pam\.conf (?:etc|usr/etc)/security/.+ usr/share/pam-configs/.+
        usr/share/pam/.+ etc/(?:login\.(?:defs|access|group)|login\.defs\.d/.+|limits|limits\.d/.+|securetty|porttime)
        etc/(?:faillog|nologin|suauth|passwdqc\.conf|pwquality\.conf|authselect/.+)
        etc/security/pwquality\.conf(?:\.d/.+)? usr/share/authselect/.+ etc/pam_[^/]+(?:/.+)?
    """),
    rule("pam", "a login module (PAM)|login modules (PAM)", "named: a PAM file", "pam(8)", r"""
        $LIB/security/pam_[^/]+\.so
    """),
    rule("polkit", "a polkit rule|polkit rules", "at once",
        "polkit(8), pkaction(1)", r"""
        (?:etc|usr/share|usr/local/share|var/lib)/polkit-1/(?:rules\.d|actions|localauthority)/.+
        (?:etc|usr/share|usr/local/share|var/lib)/polkit-1/(?:localauthority\.conf\.d|vendor.*)/.+ etc/polkit-1/.+
    """),
    rule("dbus", "a service or policy of D-Bus|services or policies of D-Bus", "at once",
        "dbus-daemon(1), dbus specification", r"""
        (?:etc|usr/share|usr/local/share)/dbus-1/(?:system\.d|system-services|session\.d|services)(?:/.+)?
        (?:etc|usr/share|usr/local/share)/dbus-1/(?:system\.conf|session\.conf)(?:/.+)? etc/dbus-1/.+
    """),
    harmless("a description of a D-Bus interface", "dbus specification, introspection", r"""
        usr/share/dbus-1/.+
    """),
    harmless("a part for confinement rules, which changes nothing until one includes it",
        "apparmor.d(5): #include; what lies in a folder NAME.d there is included with NAME", r"""
        etc/apparmor\.d/(?:abstractions|tunables|abi)/(?:(?![^/]+\.d/)[^/]+/)*[^/]+
    """),
    rule("confinement", "a confinement rule (AppArmor, SELinux)|confinement rules (AppArmor, SELinux)",
        "loaded: AppArmor or SELinux",
        "apparmor.d(5), dh_apparmor(1): a script of the package or a boot loads it; selinux_config(5), tomoyo", r"""
        etc/apparmor(?:\.d)?/.+ usr/share/(?:apparmor|selinux)/.+ (?:etc|var/lib|usr/lib)/selinux/.+ etc/tomoyo/.+
        etc/firejail/.+ var/lib/apparmor/.+ lib/apparmor/.+
    """),
    rule("audit", "a setting of programs that write to the audit log|settings of programs that write to the audit log",
        "at once", "libaudit.conf(5)", r"etc/libaudit\.conf"),
    rule("audit", "an audit rule|audit rules", "restart: auditd",
        "audit.rules(7), auditd.conf(5)", r"""
        etc/audit(?:d|/.+)?(?:\.conf|\.rules)? etc/audisp/.+ usr/share/audit(?:-rules)?/.+\.rules usr/lib/audit/.+
    """),
    harmless("a list of ports that a user can open in the firewall", "ufw(8), Application integration", r"""
        etc/ufw/applications\.d/.+ (?:usr/lib|etc)/firewalld/services/.+
    """),
    harmless("a definition that rules of a firewall or bans can use",
        "firewalld.icmptype(5), firewalld.helper(5), firewalld.ipset(5), jail.conf(5): in force where a rule names it",
        r"""
        (?:usr/lib|etc)/firewalld/(?:helpers|icmptypes|ipsets|xmlschema)/.+
        etc/fail2ban/(?:action|filter)\.d/.+ usr/share/ufw/messages/.+
    """),
    rule("firewall", "a rule for who may connect (TCP wrappers)|rules for who may connect (TCP wrappers)", "at once",
        "hosts_access(5), ypserv(8): read at each connection", r"""
        etc/hosts\.(?:allow|deny) (?:etc/ypserv|var/yp/)\.?securenets
    """),
    rule("firewall", "a setting of a program that bans addresses|settings of programs that ban addresses",
        "restart: that program", "jail.conf(5), sshguard(8), denyhosts(8), portsentry.conf(5)", r"""
        etc/fail2ban(?:/.+)? etc/portsentry/.+ etc/denyhosts\.conf etc/sshguard.*
    """),
    rule("firewall", "a rule or setting of a firewall|rules and settings of a firewall",
        "restart: the firewall's service",
        "nft(8), iptables-restore(8), ufw(8), firewalld(1), shorewall(8)", r"""
        etc/nftables(?:\.conf|\.d/.+|\.nft|/.+)
        etc/(?:iptables|ip6tables|ebtables)(?:\.d)?(?:/.+|\.conf|\.rules|\.up\.rules|\.down\.rules)?
        etc/(?:arptables|ipset|ferm|shorewall6?)(?:\.d)?(?:/.+|\.conf|\.rules|\.up\.rules|\.down\.rules)?
        etc/(?:ufw|firewalld|awall|csf)(?:\.d)?(?:/.+|\.conf|\.rules|\.up\.rules|\.down\.rules)?
        etc/(?:apf-firewall|fwknop)(?:\.d)?(?:/.+|\.conf|\.rules|\.up\.rules|\.down\.rules)?
        etc/sysconfig/(?:ip6?tables|nftables|ebtables|ipset|firewall)[^/]*
        usr/(?:lib|share)/(?:firewalld|ufw|netfilter-persistent|awall)/.+
        etc/default/(?:ufw|netfilter-persistent|shorewall6?)
    """),
    rule("ssh", "a setting of the ssh server"
        "|settings of the ssh server", "restart: sshd",
        "sshd_config(5), sshd(8), AuthorizedKeysFile", r"""
        (?:etc|usr/etc)/ssh/sshd_config(?:\.d/.+)?
        etc/ssh/(?:moduli|shosts\.equiv|authorized_keys.*|auth_principals.*|ssh_host_.+)
        (?:root|home/[^/]+)/\.ssh/(?:authorized_keys2?|environment|rc)
        etc/(?:dropbear|tinyssh)/.+ etc/(?:hosts\.equiv|shosts\.equiv) root/\.[rs]hosts etc/skel/\.ssh/.+
        etc/ssh/revoked_keys
    """),
    rule("ssh", "a setting of the ssh client|settings of the ssh client", "at once",
        "ssh_config(5), ssh(1)", r"""
        (?:etc|usr/etc)/ssh/.+ (?:root|home/[^/]+)/\.ssh/(?!id_[^/]+$).+
    """),
    rule("ssh", "a key of the ssh client|keys of the ssh client", "at once", "ssh(1), FILES: ~/.ssh/id_*", r"""
        (?:root|home/[^/]+)/\.ssh/id_.+
    """),
    rule("certificates", "a certificate that programs trust|certificates that programs trust", "at once",
        "update-ca-certificates(8), update-ca-trust(8), trust(1)", r"""
        etc/ssl/certs/(?![0-9a-f]{8}\.\d+$).+ usr/local/share/ca-certificates/.+ etc/ca-certificates(?:\.conf|/.+)
        etc/pki/(?:ca-trust|tls|nssdb|java)/.+
        (?:usr/share|etc)/(?:pki|p11-kit|ca-certificates)/(?:ca-trust|trust|anchors|blacklist).*/.+
        (?:usr/share|etc)/(?:pki|p11-kit|ca-certificates)/blocklist.*/.+
        etc/ssl/(?:cert\.pem|ca-bundle\.pem|ca-certificates\.crt) usr/share/pki/.+ etc/pkcs11/(?!modules/).+
        var/lib/ca-certificates/.+ usr/local/etc/ssl/.+
    """),
    rule("certificates", "a key by which fwupd trusts firmware|keys by which fwupd trusts firmware", "run: fwupd",
        "fwupd: /etc/pki/fwupd for firmware, /etc/pki/fwupd-metadata for lists of it", r"""
        etc/pki/fwupd(?:-metadata)?/.+
    """),
    harmless("a certificate that another file selects, or a link named by its digest",
        "update-ca-certificates(8), openssl-rehash(1)", r"""
        usr/share/ca-certificates/.+ etc/ssl/certs/[0-9a-f]{8}\.\d+
    """),
    rule("cryptography", "a private key|private keys", "named: a program's setting",
        "openssl-genrsa(1), krb5.keytab: of a service's own", r"""
        etc/(?:ssl|pki|pki/tls)/private/.+ etc/krb5\.keytab
    """),
    rule("cryptography", "a setting of cryptography for all programs|settings of cryptography for all programs",
        "at once",
        "config(5ssl), crypto-policies(7), gnutls, krb5.conf(5), kernel keys", r"""
        etc/ssl/openssl\.(?:cnf|conf)(?:\.d/.+)? etc/ssl/openssl[^/]* etc/crypto-policies/.+
        usr/share/crypto-policies/.+ etc/gnutls/.+ etc/(?:krb5\.conf|krb5\.conf\.d/.+|gss/.+)
        etc/gnupg/.+ etc/ssl/[^/]+ etc/opensc.* etc/keys/.+
    """),
    rule("cryptography", "a setting for logins to a service (SASL)|settings for logins to services (SASL)",
        "restart: its service", "Cyrus SASL, sasldb and NAME.conf: each program reads the file of its own name", r"""
        etc/sasl2?/.+ usr/lib/sasl2/.+
    """),
    rule("cryptography", "a reader of smart cards|readers of smart cards", "restart: pcscd", "reader.conf(5)", r"""
        etc/reader\.conf(?:\.d/.+)?
    """),
    rule("events", "keys that the kernel asks for", "at once", "request-key(8), request-key.conf(5)", r"""
        etc/request-key\.(?:conf|d/.+)
    """),
    rule("cryptography", "a module for keys and certificates on devices (PKCS #11)"
        "|modules for keys and certificates on devices (PKCS #11)", "at once",
        "pkcs11.conf(5): each program with p11-kit loads it", r"""
        (?:usr/share|etc)/(?:p11-kit|pkcs11)/modules/.+
    """),
    rule("nss", "a source of users, groups and names (NSS)|sources of users, groups and names (NSS)",
        "named: /etc/nsswitch.conf",
        "nsswitch.conf(5)", r"""
        $LIB/libnss_[^/]+\.so[^/]*
    """),
    rule("nss", "a setting for the lookup of users and names (NSS)"
        "|settings for the lookup of users and names (NSS)", "at once",
        "nsswitch.conf(5), nscd.conf(5), sssd.conf(5), nslcd.conf(5)", r"""
        (?:etc|usr/etc|usr/lib)/nsswitch\.conf etc/(?:nscd|nslcd|libnss-ldap|ldap|unscd)\.conf etc/sssd/.+
        etc/(?:userdb|netgroup)(?:/.+)? usr/lib/userdb/.+ etc/mdns\.allow
    """),
)
"""Who may do what, and whom the host trusts."""

HOST: Final = (
    rule("cron", "a cron job|cron jobs", "at once",
        "cron(8), crontab(5), anacrontab(5), at(1), fcrontab(5), periodic of BusyBox", r"""
        etc/cron\.(?:d|hourly|daily|weekly|monthly|yearly)/[^/.][^/]*
        etc/(?:crontab|anacrontab|fcrontab|incron\.d/.+|dcron.*|crontabs/[^/.][^/]*) etc/periodic/[^/]+/[^/]+
        var/spool/cron/(?!(?:atjobs|atspool|lastrun)/)[^/.][^/]*(?:/[^/.][^/]*)?
        var/spool/(?:cron/atjobs|at)/[a-zA-Z=][0-9a-f]{13} var/spool/(?:fcron|incron|anacron)/[^/.][^/]*
        usr/lib/cron/.+
    """),
    harmless("a file that cron or at keeps for itself", "cron(8): names with a dot are ignored; atd(8)", r"""
        etc/cron\.\w+/\.[^/]* etc/(?:cron|at|incron)\.(?:allow|deny) var/spool/cron/.+
    """),
    rule("logrotate", "a rule for rotating logs|rules for rotating logs", "run: logrotate",
        "logrotate(8); one with a script is a hook, too", is_harmless=True, patterns=r"""
        (?:etc|usr|usr/etc)/logrotate\.d/.+ (?:etc|usr/etc)/logrotate\.conf
    """),
    rule("profile", "a setting of the line editor in shells|settings of the line editor in shells", "login",
        "readline(3)", "(?:etc|usr/etc)/inputrc (?:root|home/[^/]+)/\\.inputrc"),
    rule("profile", "a hook into shells|hooks into shells", "login",
        "bash(1), zsh(1), fish(1), environment.d(5), pam_env(8), env.d of Gentoo, profile of Alpine", r"""
        (?:etc|usr/etc)/(?:profile|bash\.bashrc|bashrc|bash_logout|bash\.bash_logout|zsh/.+)(?:\.local)?
        (?:etc|usr/etc)/(?:environment|csh\.[^/]+|zshenv|zshrc|zprofile|zlogin|zlogout|mkshrc)(?:\.local)?
        (?:etc|usr/etc)/(?:kshrc|ksh\.kshrc|shrc|shinit|locale\.sh|suid_profile)(?:\.local)?
        (?:etc|usr/etc)/(?:profile\.d|bashrc\.d|bash\.bashrc\.d|bash/.+|environment\.d)(?:/.+)?
        (?:etc|usr/etc)/(?:X11/Xsession\.d|X11/Xsession|X11/xinit|X11/Xresources|fish|zsh.*\.d)(?:/.+)?
        (?:etc|usr/etc)/(?:env\.d|csh|zshrc\.d)(?:/.+)? etc/skel/.+ usr/share/fish/vendor_conf\.d/.+
        usr/(?:local/)?lib/environment\.d/.+ usr/share/zsh/vendor.*/(?!_).+\.zsh
        (?:root|home/[^/]+)/\.(?:bashrc|bash_profile|bash_login|bash_logout|profile|zshrc|zshenv|zprofile)
        (?:root|home/[^/]+)/\.(?:kshrc|pam_environment|xsessionrc|xprofile|config/fish/.+)
        (?:root|home/[^/]+)/\.(?:config/autostart/.+|config/systemd/.+|config/environment\.d/.+)
        (?:etc/)?bash_completion nix/var/nix/profiles/default/etc/profile\.d/.+
    """),
    harmless("a completion for shells", "bash-completion, zshcompsys(1), fish(1)", r"""
        etc/bash_completion\.d/.+
        (?:usr|etc)/(?:local/)?share/(?:bash-completion|zsh/(?:site-functions|vendor-completions))/.+
        (?:usr|etc)/(?:local/)?share/fish/vendor_completions\.d/.+
    """),
    rule("events", "the network", "run: a network manager",
        "interfaces(5), NetworkManager-dispatcher(8), pppd(8), dhclient-script(8), networkd-dispatcher(8)"
        ", resolvconf(8)", r"""
        etc/network/if-[^/]+\.d/.+
        (?:etc|(?:usr/)?lib)/NetworkManager/dispatcher\.d/.+ (?:etc|(?:usr/)?lib)/networkd-dispatcher/[^/]+\.d/.+
        etc/ppp/(?:ip|ipv6|auth)-(?:up|down|pre-up).* etc/dhcp/dhclient-[^/]+-hooks\.d/.+
        (?:etc|usr/lib)/resolvconf/[^/]+\.d/.+ etc/(?:dhcpcd|libexec/dhcpcd)-hooks/.+
        etc/ifplugd/action\.d/.+ (?:usr/)?lib(?:exec)?/dhcpcd/dhcpcd-hooks/.+
        etc/wpa_supplicant/(?:ifupdown|functions|action_wpa)\.sh
        etc/openvpn/(?:update-|[^/]+-(?:up|down)).* (?:etc|usr/share)/udhcpc/.+
    """),
    rule("network", "a setting for names and addresses|settings for names and addresses", "at once",
        "hosts(5), networks(5), host.conf(5), gai.conf(5), resolv.conf(5), ethers(5): read at each look-up", r"""
        etc/(?:hosts|networks|ethers) etc/(?:host|gai|resolv)\.conf etc/proxychains.*
    """),
    rule("network", "the name of the host|names of the host", "boot", "hostname(5)", r"""
        etc/(?:hostname|sysconfig/hostname|conf\.d/hostname)
    """),
    rule("network", "a setting of a network service|settings of network services", "restart: its service",
        "avahi-daemon.conf(5), hostapd, openvpn(8), ipsec.conf(5), swanctl.conf(5), radvd.conf(5), wg-quick(8)"
        ", wpa_supplicant.conf(5), bluetoothd(8)", r"""
        etc/(?:avahi|bluetooth|hostapd|openvpn|wireguard|iwd|connman|conntrackd)/.+
        etc/(?:ipsec\.d|strongswan\.d|swanctl)/.+
        etc/(?:chilli|ipsec|strongswan|radvd|ifplugd)\.conf etc/ipsec\.secrets etc/wpa_supplicant/.+
    """),
    rule("network", "a type of connection for NetworkManager|types of connections for NetworkManager",
        "named: a connection", "VPN plugins of NetworkManager; nm-settings(5), vpn.service-type", r"""
        (?:etc|usr/lib)/NetworkManager/VPN/.+
    """),
    rule("network", "a setting of the network|settings of the network", "restart: the network's service",
        "systemd.network(5), interfaces(5), netplan(5), NetworkManager.conf(5), resolvconf(8)"
        ", dhclient.conf(5), dhcpcd.conf(5), hostname(5)", r"""
        $SYSTEMD/network/.+ etc/netplan/.+ usr/lib/netplan/[^/]+\.yaml
        etc/network/(?:interfaces\.d/.+|ifupdown2/.+|[^/]+) etc/NetworkManager/.+
        (?:usr/)?lib/NetworkManager/(?:NetworkManager\.conf|conf\.d/.+|system-connections/.+|[^/]+\.state)
        etc/(?:dhcp|dhcp3|ppp|resolvconf)/.+ etc/(?:resolvconf|resolv\.conf\.head|dhcpcd|dhclient)\.conf
        etc/sysconfig/(?:network|network-scripts/.+|network/.+) etc/conf\.d/(?:net|network|wpa_supplicant)
        etc/dhcpcd\..+ usr/lib/dhcpcd/.+
    """),
    harmless("a program that NetworkManager or netplan runs", "NetworkManager(8), netplan(5)", r"""
        (?:usr/)?lib/(?:NetworkManager|netplan)/.+
    """),
    rule("network", "a setting of a monitoring service|settings of monitoring services", "restart: its service",
        "nrpe(8), nagios, icinga2(8), munin-node(1)", r"""
        etc/(?:nagios[^/]*|icinga2?|munin)/.+
    """),
    harmless("numbers and names of protocols", "protocols(5), services(5), rpc(5), ip-route(8)", r"""
        (?:etc|usr/etc)/(?:protocols|services|rpc|ethertypes|netconfig|bindresvport\.blacklist|iproute2/.+)
    """),
    rule("events", "the dynamic linker", "at once", "ld.so(8), ldconfig(8)", r"""
        (?:etc|usr/etc)/ld\.so\.(?:preload|conf|conf\.d/.+) etc/ld-musl-[^/]+\.path
    """),
    rule("events", "restarts after upgrades (needrestart)", "run: needrestart", "needrestart(1)", r"""
        etc/needrestart/.+
    """),
    rule("events", "certificate renewals", "run: certbot", "certbot(1), Renewal hooks; dehydrated; acme.sh", r"""
        etc/letsencrypt/renewal-hooks/.+ etc/letsencrypt/[^/]+\.ini etc/(?:dehydrated|lego|acme)/.+
    """),
    rule("events", "virtual machines and containers", "run: libvirt or the container engine",
        "libvirt hooks, oci-hooks(5)", r"""
        etc/libvirt/hooks/.+ (?:etc|usr/share)/containers/oci/hooks\.d/.+
    """),
    rule("host", "a setting of virtual machines or containers|settings of virtual machines or containers",
        "run: libvirt or the container engine",
        "libvirt, qemu, xl.conf(5), lxc.container.conf(5), containers.conf(5), daemon.json", r"""
        etc/libvirt/.+ etc/(?:qemu|qemu-kvm|xen|lxc|lxd|incus|containers|cni|docker|containerd|crio)/.+
        etc/nvidia-container-runtime/.+ usr/share/containers/.+
    """),
    harmless("a script or setting for bug reports", "reportbug(1), apport: package hooks", r"""
        usr/share/(?:apport|bug)/.+ etc/(?:reportbug|apport/blacklist\.d)/.+
    """),
    rule("events", "crashes and failures", "run: their handler", "core(5), kdump, abrt(1), smartd.conf(5)", r"""
        etc/apport/(?!blacklist\.d/).+ etc/(?:kdump.*|abrt/.+|libreport/.+) etc/smartmontools/.+ etc/smartd\.conf
        etc/default/kdump-tools etc/smartd_warning.*
    """),
    rule("events", "changes below /etc (etckeeper)", "run: etckeeper", "etckeeper(8)", r"""
        etc/etckeeper/.+ etc/\.gitignore etc/\.(?:git|hg)/hooks/(?!.+\.sample$).+
    """),
    rule("host", "a history of all files below /etc|histories of all files below /etc", "at once",
        "etckeeper(8), init: git's, Mercurial's, Bazaar's or Darcs' folder holds copies of all, passwords too", r"""
        etc/\.git/HEAD etc/\.hg/requires etc/\.bzr/README etc/_darcs/format
    """),
    harmless("a part of a history below /etc", "gitrepository-layout(5), hg, bzr, darcs", r"""
        etc/(?:\.git|\.hg|\.bzr|_darcs)/.+ etc/\.(?:hg|bzr)ignore
    """),
    rule("events", "reboots from an ssh session (molly-guard)", "run: reboot", "molly-guard(8)", r"""
        etc/molly-guard/.+
    """),
    rule("host", "a setting that the whole host reads|settings that the whole host reads", "at once",
        "hier(7), os-release(5), locale.conf(5), localtime(5), timezone, shells(5), machine-id(5)"
        ", vconsole.conf(5), keyboard(5)", r"""
        etc/(?:localtime|timezone|adjtime|locale\.conf|vconsole\.conf|shells|machine-id|machine-info)
        etc/(?:default/(?:locale|keyboard|console-setup|hwclock|rcS|tmpfs|halt|devpts|bootlogd))
        etc/(?:os-release|lsb-release|lsb-release\.d/.+|debian_version|profile\.conf) etc/console-setup/.+
        etc/(?:X11/(?:xorg\.conf(?:\.d/.+)?|default-display-manager|Xwrapper\.config|XvMCConfig)|gettytab)
        etc/(?:ttytab|blkid\.conf|sysconfig/(?:i18n|clock|language|keyboard|selinux))
        etc/(?:conf\.d/(?:hwclock|keymaps|consolefont|localmount)|rc_keymaps/.+|env|hostid|services\.d/.+)
        etc/(?:debtags/.+|dpkg/shlibs\.(?:default|override)) usr/lib/os-release usr/share/X11/xorg\.conf\.d/.+
        etc/(?:shell|shells)\.d/.+ etc/security/capability\.conf
        (?:etc|usr/lib)/(?:system|redhat|SuSE|alpine|arch|gentoo|void)-release[^/]*
        etc/sysconfig/(?:proxy|security|mail|cron|windowmanager|displaymanager)
    """),
    rule("interpreters", "a file that Python runs at each start|files that Python runs at each start",
        "run: Python",
        "site (Python documentation)", r"""
        $LIB/(?:python[\d.]*|pypy[\d.]*)/(?:(?:site|dist)-packages/)?[^/]+\.pth
        $LIB/(?:python[\d.]*|pypy[\d.]*)/(?:(?:site|dist)-packages/)?(?:site|user)customize(?:\.py|/.+)
        etc/python[\d.]*/(?:sitecustomize\.py|debian_config|.+\.pth)
        opt/[^/]+/lib/python[\d.]*/site-packages/[^/]+\.pth
    """),
    rule("interpreters", "a file that Ruby's gem runs|files that Ruby's gem runs", "run: gem",
        "Gem::Plugin: a file of that name below any gem or folder of libraries", r"""
        (?:usr|var)/(?:local/)?lib/(?:ruby|gems)/(?:.+/)?rubygems_plugin\.rb
    """),
    rule("interpreters", "a setting or extension of an interpreter|settings or extensions of an interpreter",
        "run: the interpreter",
        "php.ini, perlrun(1), emacs(1) site-start, ruby(1), R, Guile, lua(1), node, npmrc(5), pip.conf", r"""
        etc/php[\d.]*/.+ etc/php(?:\.ini|\.d/.+|-fpm.+) etc/perl/.+ etc/emacs/.+
        (?:etc|usr/share)/emacs[^/]*/site-(?:start|lisp/site-start).*
        etc/(?:R|ruby|guile|lua|tcl|java[^/]*|maven|gradle|mono|ghc|octave\.conf|node|ocamlfind.*)(?:/.+)?
        etc/(?:erlang|julia)(?:/.+)? usr/(?:local/)?etc/(?:npmrc|gemrc|pip\.conf)
        etc/(?:npmrc|gemrc|pip\.conf|pydistutils\.cfg|pythonrc|irbrc|gitconfig)
    """),
    harmless("a module or site of a web server that nobody has enabled",
        "a2enmod(8), a2ensite(8), lighty-enable-mod(1)", r"""
        etc/(?:apache2|nginx|lighttpd)/(?:mods|sites|conf|modules)-available/.+ usr/share/nginx/modules-available/.+
    """),
    rule("web", "a module, site or setting of a web server|modules, sites or settings of a web server",
        "restart: the web server",
        "a2enmod(8), a2ensite(8), nginx(8), lighttpd(8), httpd(8), caddy", r"""
        etc/(?:apache2|httpd|nginx|lighttpd|caddy|cherokee|h2o|hiawatha|freenginx|uwsgi[^/]*)(?:/.+|\.conf)
        etc/(?:mini-httpd|boa|yaws|angie)(?:/.+|\.conf) usr/share/nginx/modules-available/.+ usr/lib/nginx/modules/.+
        usr/lib(?:64)?/(?:httpd|apache2)/modules/.+ var/lib/apache2/.+ etc/(?:Caddyfile|tomcat[^/]*/.+|jetty[^/]*/.+)
        etc/webapps/.+ etc/vhosts/.+
    """),
    rule("web", "a program that web servers run for visitors (CGI)|programs that web servers run for visitors (CGI)",
        "named: a setting of a web server",
        "RFC 3875; serve-cgi-bin.conf of Debian's apache2, cgi.cfg of lighttpd", r"""
        usr/lib/cgi-bin/.+
    """),
    harmless("a part of an extension of browsers, of which its manifest tells", "manifest.json of WebExtensions", r"""
        usr/share/mozilla/extensions/\{[^/]+\}/[^/]+/(?!manifest\.json$|install\.rdf$).+
        $BROWSER(?:/distribution)?/extensions/(?:\{[^/]+\}/)?[^/{]+/(?!manifest\.json$|install\.rdf$).+
    """),
    rule("browsers", "a policy or extension of browsers|policies or extensions of browsers", "restart: the browser",
        "Firefox and Chrome enterprise policies, native messaging", r"""
        etc/(?:firefox|firefox-esr|chromium|chromium-browser|chromium\.d)(?:/.+|\.d/.+)?
        etc/(?:opt/(?:chrome|edge|yandex.*|vivaldi.*)|brave|brave-browser|opera|vivaldi)(?:/.+|\.d/.+)?
        etc/(?:thunderbird|thunderbird-esr|iceweasel|librewolf)(?:/.+|\.d/.+)?
        usr/(?:lib|share)/(?:firefox[^/]*|thunderbird[^/]*)/(?:browser/)?defaults/pref/.+
        usr/share/(?:google-chrome|chromium)/extensions/.+
        $BROWSER/(?:distribution|extensions|native-messaging-hosts|policies|managed.*)/.+
        etc/native-messaging-hosts/.+ usr/share/mozilla/.+
    """),
    rule("launchers", "a program in the menus of desktops|programs in the menus of desktops", "at once",
        "desktop entry specification, desktop menu specification", is_harmless=True, patterns=r"""
        usr/(?:local/)?share/applications/(?:.+/)?[^/]+\.desktop
    """),
    rule("filetypes", "a list of programs that open file types by default"
        "|lists of programs that open file types by default", "at once",
        "MIME applications specification, mimeapps.list and defaults.list", r"""
        (?:etc/xdg|usr/(?:local/)?share/applications)/(?:[^/]+-)?mimeapps\.list
        (?:etc/gnome|usr/(?:local/)?share/(?:gnome/)?applications)/defaults\.list
    """),
    rule("portals", "a portal by which confined programs reach the desktop"
        "|portals by which confined programs reach the desktop", "restart: xdg-desktop-portal",
        "portals.conf(5), XDG Desktop Portal", r"""
        usr/(?:local/)?share/xdg-desktop-portal/portals/.+\.portal
        (?:etc/xdg|usr/(?:local/)?share)/xdg-desktop-portal/(?:[^/]+-)?portals\.conf
    """),
    rule("desktop", "a program that previews files|programs that preview files", "run: a file manager",
        "desktop thumbnail specification, thumbnailer files", r"""
        usr/(?:local/)?share/thumbnailers/.+\.thumbnailer
    """),
    rule("desktop", "an extension of file managers|extensions of file managers", "restart: the file manager",
        "nautilus-extension, nemo-extension, caja-extension, thunarx, KIO service menus", r"""
        $LIB/(?:nautilus|nemo|caja)/extensions-[^/]+/[^/]+\.so $LIB/thunarx-[^/]+/[^/]+\.so
        usr/share/(?:nautilus|nemo|caja|thunarx)-python/extensions/.+
        usr/share/(?:kio/servicemenus|kservices5/ServiceMenus)/.+\.desktop
        usr/share/(?:nemo|file-manager)/actions/.+
    """),
    rule("desktop", "an extension of GNOME Shell|extensions of GNOME Shell", "named: a user's setting",
        "gnome-extensions(1)", r"""
        usr/(?:local/)?share/gnome-shell/extensions/[^/]+/metadata\.json
    """),
    rule("desktop", "a source of a desktop's search|sources of a desktop's search", "login",
        "GNOME Shell search providers, KRunner", r"""
        usr/share/gnome-shell/search-providers/.+\.ini usr/share/krunner/dbusplugins/.+
    """),
    rule("desktop", "a default setting of desktops|default settings of desktops", "login",
        "glib-compile-schemas(1), dconf(7)", r"""
        usr/share/glib-2\.0/schemas/[^/]+\.gschema\.override etc/dconf/(?:db|profile)/.+
        usr/share/dconf/profile/.+
    """),
    rule("desktop", "a session that login screens offer|sessions that login screens offer", "login",
        "xsession files of display managers", is_harmless=True, patterns=r"""
        (?:usr/(?:local/)?share|etc/X11)/(?:xsessions|wayland-sessions|sessions)/.+\.desktop
    """),
    harmless("an index of launchers", "update-desktop-database(1)", r"""
        usr/(?:local/)?share/applications(?:/.+)?
    """),
    rule("repositories", "a pin or setting of the package manager|pins or settings of the package manager",
        "run: the package manager",
        "apt_preferences(5), dnf.conf(5), versionlock, zypper(8), xbps.d(5), portage(5)", r"""
        etc/apt/preferences(?:\.d/.+)?
        etc/(?:dnf|yum)/(?:protected\.d/.+|plugins/versionlock\..+|modules\.d/.+|vars/.+|aliases\.d/.+)
        etc/(?:dnf|yum)/libdnf5\.conf\.d/.+ etc/(?:yum|dnf)/(?:yum|dnf|automatic)\.conf etc/yum\.conf etc/zypp/.+
        etc/portage/.+ etc/make\.conf etc/nix/.+ etc/dnf/dnf5.* usr/share/dnf5/.+
        (?:etc|(?:usr/)?lib)/apk/(?:world|protected_paths\.d/.+|arch|cache|config) etc/pacman\.(?:conf\.d|d)/.+
        etc/makepkg(?:\.conf|\.conf\.d/.+) etc/rpm/.+ usr/lib/rpm/macros\.d/.+ etc/snap/.+
        etc/(?:flatpak|PackageKit)/.+ usr/lib/sysimage/.+ etc/eselect/.+ etc/(?:xdg/)?nixpkgs/.+ etc/dpkg/origins/.+
        etc/locale\.nopurge
        etc/apt/(?:listbugs/.+|listchanges\.conf|listchanges\.conf\.d/.+|apt\.conf|auth\.conf\.bak|[^/]+)
    """),
    rule("repositories", "a program that fetches packages or solves dependencies for apt"
        "|programs that fetch packages or solve dependencies for apt", "named: a source or setting of apt",
        "sources.list(5), the URI; apt.conf(5), APT::Solver and APT::Planner", r"""
        usr/lib/apt/(?:methods|solvers|planners)/.+
    """),
    rule("repositories", "a password for package sources|passwords for package sources", "run: the package manager",
        "apt_auth.conf(5), zypper(8), netrc(5)", r"""
        etc/apt/auth\.conf(?:\.d/.+)? etc/zypp/credentials\.d/.+ etc/(?:netrc|nix/netrc|pki/entitlement/.+)
    """),
    rule("logging", "a logging rule|logging rules", "restart: the logging service",
        "rsyslog.conf(5), syslog-ng.conf(5)", r"""
        etc/(?:r?syslog(?:-ng)?)(?:\.conf|\.d/.+|/.+)
    """),
    rule("logging", "a filter for logcheck|filters for logcheck", "run: logcheck",
        "logcheck(8): lines that its report leaves out", "etc/(?:logcheck|logwatch)/.+", is_harmless=True),
    rule("events", "the print server", "run: CUPS", "cupsd(8), backend(7), filter(7), notifier(7)", r"""
        usr/lib/cups/(?:backend|filter|cgi-bin|driver|monitor|notifier)/.+
    """),
    rule("host", "a driver of the X server|drivers of the X server", "restart: the X server",
        "Xorg(1), xorg.conf(5): found without a setting", r"""
        $LIB/xorg/modules/(?:drivers|input)/[^/]+\.so
    """),
    rule("host", "a setting for new users|settings for new users", "run: useradd",
        "useradd(8), adduser.conf(5)", r"""
        etc/default/useradd etc/(?:adduser|deluser)\.conf(?:\.d/.+)?
    """),
    rule("mail", "a setting of a mail server|settings of a mail server", "restart: the mail server",
        "exim4, postfix(1), sendmail(8), smtpd.conf(5), dovecot, amavisd", r"""
        etc/(?:exim4?|postfix|opensmtpd|smtpd|sendmail|dovecot|spamassassin|amavis)(?:/.+|\.conf)?
    """),
    rule("mail", "a setting of the host's mail|settings of the host's mail", "at once",
        "aliases(5), mailname, dma(8), nullmailer-send(8), msmtp(1), mail(1)", r"""
        etc/(?:mail|dma|msmtp|nullmailer|procmailrc|msmtprc|email-addresses|mailname)(?:/.+|\.conf)?
        etc/aliases(?:\.db|/.+)?
        etc/(?:mailutils\.conf|mail\.rc|s-nail\.rc)(?:/.+|\.conf)?
    """),
)
"""What the host as a whole reads, and the services that many packages extend."""

CALM: Final = (
    harmless("a list of users or groups",
        "passwd(5), group(5), subuid(5): users and groups are findings of their own", r"""
        etc/(?:passwd|group|shadow|gshadow|subuid|subgid)-? etc/\.pwd\.lock
    """),
    harmless("a choice of update-alternatives", "update-alternatives(1): each is a finding of its own", r"""
        var/lib/(?:dpkg/|rpm/)?alternatives/.+
    """),
    harmless("a font, a terminal or a keyboard map", "fonts-conf(5), terminfo(5)", r"""
        etc/fonts(?:/.+)?
        etc/X11/(?:fonts|app-defaults|xkb|rgb\.txt|applnk|fluxbox|openbox|twm|cursors)(?:/.+)?
        etc/(?:terminfo|gtk-[234]\.0|gtk)(?:/.+)? etc/termcap
    """),
    harmless("a list of file types, or of the programs that open them",
        "mailcap(5), mime.types(5), magic(5), desktop menu specification", r"""
        etc/(?:mailcap(?:\.order)?|mime\.types|mime|magic(?:\.mime)?)(?:/.+)?
        etc/xdg/(?:menus|QtProject)/.+
        etc/xdg/(?:[^/]*\.list|Trolltech\.conf|user-dirs\.(?:conf|defaults)|kdeglobals)
        etc/(?:menu|menu-methods|gnome/.+|libpaper\.d)(?:/.+)?
        etc/(?:paperspecs|libao\.conf|asound\.conf|sensors3\.conf|sensors\.d/.+|alsa/.+|openal/.+)
        etc/(?:vdpau_wrapper\.cfg|drirc)
    """),
    harmless("a catalog of documents", "xmlcatalog(1), install-sgmlcatalog(8), update-texmf(8)", r"""
        etc/(?:xml|sgml|texmf|texlive|dictionaries-common|docbook-.*|asciidoc|groff|lynx|ghostscript)/.+
        etc/cups/ppd/.+
    """),
    harmless("a driver for graphics, sound or devices that programs load", "OpenCL ICD, Vulkan loader, gconv", r"""
        etc/(?:OpenCL|vulkan|glvnd|egl|sane\.d|gphoto|ImageMagick-[^/]+|ODBCDataSources|pulse)(?:/.+)?
        etc/(?:pipewire|wireplumber|speech-dispatcher|timidity|ladspa.*|libva\.conf|nvidia)(?:/.+)?
        etc/odbc(?:inst)?\.ini
    """),
    harmless("a setting of a program that users run", "its own manual page", r"""
        etc/(?:vim|nano|screenrc|tmux\.conf|mc|joe|less.*|lynx|wgetrc|nanorc|vimrc|elinks\.conf)(?:/.+)?
        etc/(?:curlrc|links2?|w3m|newt|htoprc|ack.*|grc\..*|dircolors|DIR_COLORS[^/]*)(?:/.+)?
        etc/(?:bash_command_not_found|reportbug\.conf|bindresvport.*|debconf\.conf|locale\.gen)(?:/.+)?
        etc/(?:quotatab|quotagrpadmins|warnquota\.conf)
        etc/(?:updatedb\.conf|manpath\.config|man_db\.conf|man\.conf|e2scrub\.conf|mke2fs\.conf)(?:/.+)?
        etc/(?:hdparm\.conf|fuse\.conf|rmt|request-key\.conf|sysstat/.+|libblockdev/.+|xattr\.conf)(?:/.+)?
        etc/(?:trusted-key\.key|apt-xapian-index|discover.*|pnm2ppa\.conf|libibverbs\.d/.+)(?:/.+)?
        etc/(?:zsh_command_not_found|cruft|init/[^/]+\.(?:conf|override))(?:/.+)?
        etc/(?:idmapd\.conf|staff-group-for-usr-local|papersize|ucf\.conf|locale\.alias)(?:/.+)?
    """),
)
"""What is known to be harmless, by who reads it."""

OF_MANAGERS: Final[Mapping[FindingKind, PlaceRule]] = {
    "events": rule("events", "the package manager", "run: the package manager",
        "apt.conf(5), dpkg.cfg(5), alpm-hooks(5), dnf(8)"),
    "repositories": rule("repositories", "a package source|package sources", "run: the package manager",
        "sources.list(5), dnf.conf(5), zypper(8)"),
    "keys": rule("keys", "a trusted key for package sources|trusted keys for package sources",
        "at once", "apt-key(8), apk-keys(5), pacman-key(8)"),
    "keyrings": harmless("a key that no package source names", "sources.list(5), Signed-By; dnf.conf(5), gpgkey"),
}
"""The rows whose patterns are in the data of each package manager."""

ROTATION: Final = rule("events", "the rotation of logs", "run: logrotate",
    "logrotate(8): prerotate, postrotate, firstaction, lastaction and preremove are run by a shell, as root")
"""The row of a rule for rotating logs that has a script; its place is the rule's."""
ALTERNATIVES: Final = rule("alternatives",
    "a command that alternatives link to another program|commands that alternatives link to other programs", "at once",
    "update-alternatives(1)", "etc/alternatives/.+", is_harmless=True)
TEXT: Final = harmless("a text that lies next to programs or settings",
    "run-parts(8): what nobody may execute is not run; sudo, cron, logrotate and others read files of any name", r"""
    etc/$NOT_ALL(?:.+/)?README(?:\.[^/]*)?
""")
"""The row of texts for people: it is before those of the folders in which they lie."""
# fmt: on

RULES: Final = (ALTERNATIVES, TEXT, *UNITS, *BOOTING, *SECURITY, *HOST, *CALM)
"""All rows; of those that match a path the first counts."""
