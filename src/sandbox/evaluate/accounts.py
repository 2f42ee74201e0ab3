"""Users and groups as passwd(5) and group(5) have them, and the names of capabilities(7) in a file's attribute."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from sandbox.evaluate.snapshot import Snapshot

NO_LOGIN: Final = ("nologin", "false", "sync", "")
FIRST_USER: Final = 1000
"""The first number that people's own accounts have (login.defs(5), UID_MIN)."""
CAPABILITIES: Final = (
    "chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service"
    " net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct"
    " sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap"
    " mac_override mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore"
).split()
"""By their numbers (include/uapi/linux/capability.h)."""


class User(Struct, frozen=True, kw_only=True):
    """A line of passwd(5)."""

    name: str
    uid: str
    home: str
    shell: str

    @property
    def says(self) -> str:
        """What there is to say of it, in short."""
        system = "system" if self.uid.isdecimal() and int(self.uid) < FIRST_USER else "a person's number"
        login = "no login" if self.shell.rpartition("/")[2] in NO_LOGIN else f"login {self.shell}"
        return f"{system}, {login}, home {self.home or 'none'}"


def users(snapshot: Snapshot) -> dict[str, User]:
    """Return the users by name; lines that are none are passed over."""
    found = {}
    for fields in _rows(snapshot.contents.get("/etc/passwd", b"")):
        if len(fields) == 7:  # noqa: PLR2004 - name, password, uid, gid, comment, home, shell
            found[fields[0]] = User(name=fields[0], uid=fields[2], home=fields[5], shell=fields[6])
    return found


def groups(snapshot: Snapshot) -> dict[str, frozenset[str]]:
    """Return the members of each group."""
    rows = _rows(snapshot.contents.get("/etc/group", b""))
    return {fields[0]: frozenset(filter(None, fields[3].split(","))) for fields in rows if len(fields) == 4}  # noqa: PLR2004


def owner_of(snapshot: Snapshot, uid: int) -> str:
    """Return a user's name, or the number where it has none."""
    return next((user.name for user in users(snapshot).values() if user.uid == str(uid)), str(uid))


def _rows(content: bytes) -> list[list[str]]:
    lines = content.decode("utf-8", "surrogateescape").split("\n")
    return [line.split(":") for line in lines if line and not line.startswith(("#", "+", "-"))]


def capability_names(attribute: bytes) -> tuple[str, ...]:
    """Return the permitted capabilities of a security.capability attribute (struct vfs_cap_data, revisions 1 to 3)."""
    if len(attribute) < 12:  # noqa: PLR2004 - magic and one pair of 32 bits
        return ()
    magic, low = struct.unpack_from("<II", attribute)
    high = struct.unpack_from("<I", attribute, 12)[0] if magic >> 24 > 1 and len(attribute) >= 20 else 0  # noqa: PLR2004
    bits = low | high << 32
    names = [name for number, name in enumerate(CAPABILITIES) if bits >> number & 1]
    beyond = bits >> len(CAPABILITIES)
    return (*names, *((f"unknown {beyond:#x}",) if beyond else ()))
