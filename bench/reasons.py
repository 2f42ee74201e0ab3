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
REASONS: Final[tuple[tuple[str, str, str, str], ...]] = (
    ("openssh-server", "files", "/etc/ssh/ssh_host_*_key*", HOST_KEYS),
    ("openssh-server", "installed", "*", HOST_KEYS),
    ("*", "files", "/etc/ssl/certs/ssl-cert-snakeoil.pem: *", SNAKE_OIL),
    ("*", "unowned", "/etc/ssl/certs/????????.0", SNAKE_OIL),
    ("postgresql", "installed", "*", SNAKE_OIL),
    ("*", "inspect", "package sensible-utils", RECOMMENDED),
    ("postgresql", "inspect", "package *", NEVER),
    ("postgresql", "inspect", "left *", NEVER),
)
"""Package, fact, item and reason; `*` stands for anything in the first three, `[[]` for a bracket."""


def reason(package: str, fact: str, item: str) -> str:
    """Return why an item differs, "" where nobody has said."""
    rows = (row for row in REASONS if all(map(fnmatchcase, (package, fact, item), row[:3])))
    return next((row[3] for row in rows), "")
