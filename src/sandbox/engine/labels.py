"""The labels of every object of ours from its creation on, and the owner they name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

KIND: Final = "org.sandbox-try.kind"
"""session (a throwaway container), kept or detached (one that stays), base (an image built or imported here), cache (an
image of --cache), job (a cell of a trial on a swarm)."""
SESSION: Final = "org.sandbox-try.session"
NAME: Final = "org.sandbox-try.name"
OWNER: Final = "org.sandbox-try.owner"
"""pid, its start time in clock ticks since boot, and its pid namespace: `4711:123456:4026531836`."""
BOOT: Final = "org.sandbox-try.boot"
HOST: Final = "org.sandbox-try.host"
USER: Final = "org.sandbox-try.uid"
EXPIRES: Final = "org.sandbox-try.expires"
"""Unix time; empty for a throwaway container, whose lifeline ends it."""
DISTRO: Final = "org.sandbox-try.distro"
"""In the form of `--distro`."""
PACKAGES: Final = "org.sandbox-try.packages"
"""The requested packages, separated by blanks."""
FOLDER: Final = "org.sandbox-try.folder"
"""Where a shell starts, as the user's image says."""
AS: Final = "org.sandbox-try.as"
"""Who runs its shells if that is not root: `new`, `host` or UID[:GID], as `--user` has it."""
INIT: Final = "org.sandbox-try.init"
"""Whether an init runs in it: PLAIN with no more power than others, POWER where the engine had to give it some."""
PLAIN: Final = "plain"
POWER: Final = "power"
VERSION: Final = "org.sandbox-try.version"
SAVER: Final = "org.sandbox-try.saver"
"""The process that saved a cached image, and its boot id after a blank."""

OWNED: Final = (SESSION, NAME, OWNER, BOOT, EXPIRES, DISTRO, PACKAGES, FOLDER, AS, INIT)
"""Labels of one session; a commit inherits them, so it has to blank them."""


class Owner(Struct, frozen=True, kw_only=True):
    """A process on a host. `started` in clock ticks since boot; the rest are opaque words to compare."""

    host: str
    boot: str
    pid_namespace: str
    uid: int
    pid: int
    started: int


def owner_labels(owner: Owner, *, version: str) -> dict[str, str]:
    """Return the labels that identify an object's owner."""
    return {
        OWNER: f"{owner.pid}:{owner.started}:{owner.pid_namespace}",
        BOOT: owner.boot,
        HOST: owner.host,
        USER: str(owner.uid),
        VERSION: version,
    }


def session_labels(
    owner: Owner, *, session: str, name: str, version: str, kind: str = "session", expires: int | None = None
) -> dict[str, str]:
    """Return the labels of what a session creates; `expires` is Unix time."""
    end = "" if expires is None else str(expires)
    return {KIND: kind, SESSION: session, NAME: name, EXPIRES: end, **owner_labels(owner, version=version)}


def saved_labels(kind: str, owner: Owner, *, version: str, extra: Mapping[str, str]) -> dict[str, str]:
    """Return the labels of an image saved from a session's container; the session's own are blanked."""
    ours = owner_labels(owner, version=version)
    saver = {SAVER: f"{ours[OWNER]} {ours[BOOT]}"}
    return {**ours, **dict.fromkeys(OWNED, ""), KIND: kind, **saver, **extra}


def saver_labels(found: Mapping[str, str]) -> dict[str, str]:
    """Return the labels of an image with the process that saved it as its owner."""
    owner, _, boot = found.get(SAVER, "").partition(" ")
    return {**found, OWNER: owner, BOOT: boot}
