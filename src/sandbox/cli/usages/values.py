"""The words that options take, as the table lists them: a test holds them to what the code knows."""

from __future__ import annotations

from typing import Final

NETWORKS: Final = ("default", "offline", "none", "host")
GRANTS: Final = (
    *("mounts", "copies", "ports", "build", "frontend", "devices", "capabilities", "network", "limits"),
    *("repositories", "pins", "architectures", "answers", "before", "boot", "local-url"),
)
FORMATS: Final = (
    *("sh", "ansible", "dockerfile", "devcontainer", "cloud-init"),
    *("nix", "brewfile", "spec", "list", "json"),
)
FINDINGS: Final = (
    *(
        "damage",
        "setuid",
        "capabilities",
        "users",
        "groups",
        "services",
        "timers",
        "sockets",
        "inetd",
        "paths",
        "mounts",
    ),
    *("dropins", "presets", "systemd", "ports", "processes", "cron", "pam", "sudoers", "boot", "binfmt", "modules"),
    *("udev", "profile", "polkit", "dbus", "logrotate", "autostart", "sysctl", "tmpfiles", "sysusers", "events"),
    *("network", "firewall", "ssh", "nss", "confinement", "audit", "certificates", "cryptography", "logging", "mail"),
    *("web", "browsers", "launchers", "filetypes", "portals", "desktop", "interpreters", "host", "alternatives"),
    *("names", "diversions", "overrides", "repositories", "keys", "unknown", "unowned", "foreign", "residue"),
)
ANSWERS: Final = ("inspect", "compare", "promote", "trial", "list")
RUNNERS: Final = ("swarm", "fargate")
PLATFORMS: Final = (
    *("linux/amd64", "linux/arm64", "linux/arm/v7", "linux/386"),
    *("linux/ppc64le", "linux/riscv64", "linux/s390x"),
)
SHELLS: Final = ("bash", "sh", "dash", "zsh", "fish")
COMPLETED: Final = ("bash", "zsh", "fish")
CAPABILITIES: Final = (
    *("AUDIT_WRITE", "BPF", "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "IPC_LOCK", "KILL"),
    *("MKNOD", "NET_ADMIN", "NET_BIND_SERVICE", "NET_RAW", "PERFMON", "SETFCAP", "SETGID", "SETPCAP", "SETUID"),
    *("SYS_ADMIN", "SYS_CHROOT", "SYS_NICE", "SYS_PTRACE", "SYS_RESOURCE", "SYS_TIME", "SYSLOG"),
)
