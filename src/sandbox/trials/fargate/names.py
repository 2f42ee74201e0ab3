"""The names of what a run makes in AWS: who made it can be read from them, since tags vanish with StopTask. Pure."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final

from sandbox.engine import labels

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.engine.labels import Owner

NAME: Final = re.compile(r"sandbox-([0-9a-f]{16})-(\d+)-([0-9a-f]{8})_(\d+)_(\d+)_(\w*)-[0-9a-f]{16}")
"""A session: host, user, boot, pid, its start and its namespace, and a word of its own."""

SESSIONS: Final = "sandbox-"
"""What the names of all sessions begin with, whoever's they are; other things of the account may, too."""


def session_name(owner: Owner, session: str) -> str:
    """Return the name of a session (16 hexadecimal digits): startedBy of its tasks, and what all else begins with.

    At most 128 characters of A-Z, a-z, 0-9, / _ and - (RunTask, startedBy).
    """
    return f"{owner_prefix(owner)}{_boot(owner.boot)}_{owner.pid}_{owner.started}_{owner.pid_namespace}-{session}"


def owner_prefix(owner: Owner) -> str:
    """Return what the names of all sessions of this host and user begin with."""
    return f"sandbox-{owner.host}-{owner.uid}-"


def session_of(name: str) -> str:
    """Return the session in the name of a definition, a log stream, an image or a task's startedBy; "" for none."""
    found = NAME.match(name)
    return found[0] if found else ""


def owner_in(name: str, ours: Owner) -> Mapping[str, str]:
    """Return the owner in a name as labels, for `owner_is_dead`; none where the name is not ours."""
    found = NAME.match(name)
    if found is None:
        return {}
    host, user, boot, pid, started, namespace = found.groups()
    return {
        labels.HOST: host,
        labels.USER: user,
        labels.BOOT: ours.boot if boot == _boot(ours.boot) else boot,
        labels.OWNER: f"{pid}:{started}:{namespace}",
    }


def _boot(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
