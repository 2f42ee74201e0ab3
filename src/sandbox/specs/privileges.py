"""What a sandbox may do to its host: kernel capabilities, privileges, and the container runtime."""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from msgspec.structs import replace

CAPABILITIES: Final = (
    "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE"
    " NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT"
    " SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP"
    " MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE"
).split()
"""By their numbers (include/uapi/linux/capability.h), without CAP_."""

DROPPED: Final = ("MKNOD",)
"""Of what engines give by default (Docker's documentation, "Runtime privilege and Linux capabilities"): what no package
needs, as tests/integration/test_trust.py shows; the rest is what sudo, sshd, ping and databases are installed with."""

HARDENED: Final = ("CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "SETGID", "SETUID")
"""The capabilities that package managers need: to unpack files with their owners, and to drop root for downloads."""

NO_NEW_PRIVILEGES: Final = "no-new-privileges:true"


class Trust(Struct, frozen=True, kw_only=True):
    """How far the package is trusted. `hardened`: the tightest set. `runtime`: the engine's, by name, as runsc.

    `as_user`: the shell and the command run as a user without privileges. `capabilities`, without CAP_, and `devices`
    are what was granted beyond that.
    """

    hardened: bool = False
    runtime: str | None = None
    as_user: bool = False
    user: tuple[str, ...] = ()
    """Who that is: a user and perhaps a group, each a number or a name of the sandbox; empty for a new user."""
    is_caller: bool = False
    """Whether it is who calls us: files that it makes in a mount are the caller's."""
    capabilities: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()

    @property
    def cap_drop(self) -> tuple[str, ...]:
        """Capabilities to remove from the engine's defaults."""
        return ("ALL",) if self.hardened else tuple(name for name in DROPPED if name not in self.capabilities)

    @property
    def cap_add(self) -> tuple[str, ...]:
        """Capabilities to add back, or to add."""
        return (*(HARDENED if self.hardened else ()), *self.capabilities)

    @property
    def security_opt(self) -> tuple[str, ...]:
        """The engine's security options; no-new-privileges can't be the default, since it breaks sudo."""
        return (NO_NEW_PRIVILEGES,) if self.hardened else ()


def with_user(trust: Trust, text: str | None, caller: tuple[int, int]) -> Trust:
    """Return the trust with who runs the shell: `new`, USER[:GROUP], `host` for the `caller`, None for root."""
    if text is None:
        return trust
    if text == "host":
        return replace(trust, as_user=True, user=tuple(map(str, caller)), is_caller=True)
    parts = () if text == "new" else text.split(":")
    return replace(trust, as_user=True, user=tuple(str(int(part)) if part.isdecimal() else part for part in parts))
