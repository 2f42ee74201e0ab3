"""What the words of a page mean: said where they stand, for readers who have never met them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.inspect.findings import Kind

TITLES: Final[Mapping[Kind, str]] = {
    "damage": "Damage",
    "setuid": "Setuid programs",
    "capabilities": "File capabilities",
    "users": "Users",
    "groups": "Groups",
    "services": "Services",
    "timers": "Timers",
    "sockets": "Sockets",
    "ports": "Ports",
    "processes": "Processes left running",
    "cron": "Cron jobs",
    "pam": "Logins (PAM)",
    "sudoers": "Sudo rules",
    "modules": "Kernel modules",
    "udev": "Device rules (udev)",
    "profile": "Shell hooks",
    "polkit": "Polkit actions",
    "dbus": "D-Bus services",
    "logrotate": "Log rotation",
    "autostart": "Desktop autostart",
    "sysctl": "Kernel settings (sysctl)",
    "events": "Event hooks",
    "alternatives": "Alternatives",
    "repositories": "Package repositories",
    "keys": "Repository keys",
    "unowned": "Files of no package",
    "foreign": "Changed files of others",
    "paths": "Path units",
    "mounts": "Mounts",
    "dropins": "Changed units",
    "presets": "Unit presets",
    "systemd": "Settings of systemd",
    "boot": "Boot",
    "binfmt": "Program formats (binfmt)",
    "tmpfiles": "Temporary files",
    "sysusers": "Declared accounts",
    "network": "Network settings",
    "firewall": "Firewall",
    "ssh": "SSH",
    "nss": "Name lookups (NSS)",
    "confinement": "Confinement",
    "audit": "Audit",
    "certificates": "Certificates",
    "cryptography": "Cryptography",
    "logging": "Logging",
    "mail": "Mail",
    "web": "Web servers",
    "browsers": "Browsers",
    "launchers": "Programs in menus",
    "filetypes": "Default programs",
    "inetd": "Lists for inetd",
    "portals": "Portals",
    "desktop": "Desktop extensions",
    "interpreters": "Interpreters",
    "host": "Names of this host",
    "names": "Names that are taken over",
    "diversions": "Diversions",
    "overrides": "Changed permissions",
    "unknown": "Unknown places",
}
"""The heading of each kind of finding."""

MEANINGS: Final[Mapping[Kind, str]] = {
    "damage": "Files of the base system that are gone, empty, replaced, or no longer work.",
    "setuid": "Programs that run with their owner's rights, often root's, whoever starts them.",
    "capabilities": "Programs that get single rights of root, whoever starts them.",
    "users": "Accounts that the installation created or changed.",
    "groups": "Groups that the installation created or changed.",
    "services": "Programs that the system can run in the background.",
    "timers": "Jobs that the system starts at set times.",
    "sockets": "Addresses at which the system listens, to start a service when somebody connects.",
    "ports": "Network ports on which a program of the packages listens.",
    "processes": "Programs that the installation started and that still run.",
    "cron": "Commands that cron runs at set times.",
    "pam": "Rules for how users log in.",
    "sudoers": "Rules for who may become another user with sudo.",
    "modules": "Code for the kernel, or settings of which code it loads.",
    "udev": "Rules that run when a device appears.",
    "profile": "Files that every new shell of every user reads.",
    "polkit": "Actions that users may be allowed to do with root's rights.",
    "dbus": "Names at which programs can be called by others on this system.",
    "logrotate": "Rules for when log files are renamed and deleted.",
    "autostart": "Programs that a desktop starts when a user logs in.",
    "sysctl": "Settings of the running kernel.",
    "events": "Programs that run at an event, such as an upgrade, a shutdown, or a new network.",
    "alternatives": "Names, such as editor, that now lead to another program.",
    "repositories": "Places from which the package manager takes packages from now on.",
    "keys": "Keys that make the package manager trust packages from now on.",
    "unowned": "Files that a script wrote: no package owns them, so a removal may leave them.",
    "foreign": "Old files of another package, or of none, that changed or no longer exist.",
    "paths": "Files and folders that the system watches, to start a service when they change.",
    "mounts": "File systems that the system mounts, at boot or when they are used.",
    "dropins": "Files that change the units of other packages.",
    "presets": "Rules that enable or disable a unit when its package is installed.",
    "systemd": "Files that systemd itself reads: its settings, generators and hooks.",
    "boot": "Files that the boot loader or the first stage of a boot reads.",
    "binfmt": "Formats of files that the kernel starts with another program.",
    "tmpfiles": "Rules for files and folders that the system makes or deletes at boot.",
    "sysusers": "Accounts that the system creates from a list.",
    "network": "Files that programs read to set up the network and to find names.",
    "firewall": "Rules and services that say who may connect to this system.",
    "ssh": "Files that the SSH client or server reads.",
    "nss": "Modules that programs use to find users, groups and hosts.",
    "confinement": "Rules that limit programs, such as those of AppArmor and SELinux.",
    "audit": "Rules that tell the kernel what to record about programs.",
    "certificates": "Authorities that programs trust for encrypted connections.",
    "cryptography": "Settings and modules of encryption that other programs load.",
    "logging": "Rules that select messages to record, and the files for them.",
    "mail": "Files that mail programs read.",
    "web": "Files that web servers read, such as sites and modules.",
    "browsers": "Extensions and rules that web browsers load.",
    "launchers": "Programs that desktops show in their menus, or start to open files.",
    "inetd": "Lists of programs that inetd or xinetd starts when somebody connects.",
    "filetypes": "Lists that say which program opens a type of file, or a link, if a user chose none.",
    "portals": "Programs by which confined programs reach files, screens and devices of the desktop.",
    "desktop": "Files that desktops and file managers load: extensions, default settings, previews, sessions.",
    "interpreters": "Code that every program of a language runs when it starts.",
    "host": "Files that say what this system is called and how it identifies itself.",
    "names": "Commands that other programs of a host may also have, and that now start these packages' programs.",
    "diversions": "Files of other packages that the package manager keeps under another name.",
    "overrides": "Owners and permissions that replace those of other packages.",
    "unknown": "Files in folders that other programs may read; their effect is unknown.",
}
"""What each kind of finding is, in a sentence."""

AFTER_PURGE: Final = "A purge removes packages with their settings and data. These things stay after it."
AFTER_UNDO: Final = "The installer's own removal was run. These things stay after it."
NEEDS: Final = "An arrow leads from a package to each package that it needs."
LATER: Final = "The programs that the system runs for these packages after the installation, with their users."
BOOTED: Final = "systemd booted in the sandbox after the installation. This is what it did with the new units."
ANSWERS: Final = "Questions of the packages, and the answers that the installation gave by itself."
BY_SORT: Final = "The new files by their purpose, with the size of each group."
FILES: Final = "Folders open with a click."
TALKED: Final = "Servers with which the installation exchanged data."
UNSEEN: Final = "The measurement could not see these, so the page says nothing about them."

GLANCE: Final[Mapping[str, str]] = {
    "on disk": "measured, all packages",
    "the manager claims": "the size that the packages claim",
    "received": "over the network, index too",
    "install": "time to install",
    "setuid": "programs with their owner's rights",
    "left after a purge": "what a full removal leaves",
    "left after its undo": "what its own removal leaves",
}
"""What each number at the top of a page is."""
