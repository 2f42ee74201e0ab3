"""Why two ways to the truth differ where they do: one row a difference, each looked into by hand."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Final

HOST_KEYS: Final = "keys are made anew in each container, and hold its host name in their comments"
SNAKE_OIL: Final = "ssl-cert makes a certificate of the container's host name, and a link by its digest"
RECOMMENDED: Final = "apt keeps it, since passwd of the base recommends it; piuparts purges all that came by name"
NEVER: Final = (
    "apt removes the metapackage alone: postgresql-common tells it never to take postgresql-* along"
    " (/etc/apt/apt.conf.d/02autoremove-postgresql); piuparts purges all that came by name"
)
CERTIFICATES: Final = (
    "apt keeps ca-certificates, since apt itself recommends it, with openssl, libssl3 and what its scripts made;"
    " piuparts purges all that came by name"
)
EXTRAS: Final = "apt keeps it, since bsdutils of the base recommends it; piuparts purges all that came by name"
AWK: Final = (
    "apt keeps gawk and what it needs, which provides the awk that base-files depends on and leads the alternative;"
    " piuparts purges all that came by name"
)
AWK_PACKAGES: Final = ("gawk", "libmpfr6", "libreadline8", "libsigsegv2", "readline-common")
FORMATS: Final = "fmtutil makes and logs them in each installation anew; their sizes differ between any two"
REASONS: Final[tuple[tuple[str, str, str, str], ...]] = (
    ("openssh-server", "files", "/etc/ssh/ssh_host_*_key*", HOST_KEYS),
    ("openssh-server", "installed", "*", HOST_KEYS),
    ("*", "files", "/etc/ssl/certs/ssl-cert-snakeoil.pem: *", SNAKE_OIL),
    ("*", "unowned", "/etc/ssl/certs/????????.0", SNAKE_OIL),
    ("postgresql", "installed", "*", SNAKE_OIL),
    ("*", "inspect", "package sensible-utils", RECOMMENDED),
    ("postgresql", "inspect", "package *", NEVER),
    *(
        (package, "inspect", item, CERTIFICATES)
        for package in ("python3-pip", "default-jre-headless")
        for item in (
            "package ca-certificates",
            "package openssl",
            "package libssl3",
            "left /etc/ssl/certs/*",
            "left /etc/ca-certificates.conf",
            "left /usr/local/share/ca-certificates/",
        )
    ),
    ("man-db", "inspect", "package bsdextrautils", EXTRAS),
    *(("mariadb-server", "inspect", f"package {name}", AWK) for name in AWK_PACKAGES),
    ("mariadb-server", "inspect", "left /etc/inputrc", AWK),
    ("mariadb-server", "inspect", "changed /etc/alternatives/*awk*", AWK),
    *(
        ("docker.io", "inspect", f"left {path}", "the services that inspect starts made it; piuparts starts none")
        for path in ("/var/lib/docker/", "/var/lib/containerd/*", "/etc/cni/net.d/")
    ),
    ("*", "inspect", "left /tmp/*", "piuparts passes over what is left in /tmp"),
    (
        "docker.io",
        "ports",
        "*",
        "containerd listens on a port of the kernel's choice; the other way starts init scripts, and not it",
    ),
    ("postfix", "files", "/etc/postfix/main.cf: *", "it holds the container's host name"),
    ("postfix", "installed", "*", "the container's host name, in main.cf and the certificate of ssl-cert"),
    ("texlive-base", "files", "/var/lib/texmf/web2c/*", FORMATS),
    ("texlive-base", "installed", "*", FORMATS),
    ("postgresql", "inspect", "left *", NEVER),
)
"""Package, fact, item and reason; `*` stands for anything in the first three, `[[]` for a bracket."""


def reason(package: str, fact: str, item: str) -> str:
    """Return why an item differs, "" where nobody has said."""
    rows = (row for row in REASONS if all(map(fnmatchcase, (package, fact, item), row[:3])))
    return next((row[3] for row in rows), "")
