"""Users and groups from passwd(5) and group(5), and file capabilities by name (capabilities(7))."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct

from sandbox.specs.privileges import CAPABILITIES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox.container.snapshot import Snapshot

FILES: Final = ("/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow")
NO_LOGIN: Final = ("nologin", "false", "sync", "")
FIRST_USER, LAST_USER = 1000, 60_000
"""The numbers that people's own accounts have (login.defs(5), UID_MIN and UID_MAX); Debian gives some above to
packages (Policy 9.2.2)."""

Sign = Literal["root", "password", "no password", "number", "group", "home", "shell"]
"""What an account got that its host would notice: root's own number, a password, none where one was asked, or what is
no longer as it was."""
POWERS: Final[Mapping[str, str]] = {
    "root": "read and write what belongs to root's group",
    "sudo": "run anything as root",
    "wheel": "run anything as root",
    "admin": "run anything as root",
    "docker": "become root through a container",
    "lxd": "become root through a container",
    "incus-admin": "become root through a container",
    "libvirt": "give virtual machines any file of the host",
    "kvm": "run virtual machines",
    "adm": "read the logs",
    "systemd-journal": "read the logs",
    "disk": "read and write every disk",
    "shadow": "read the hashes of passwords",
    "input": "read what users type",
    "video": "see the screen",
    "kmem": "read the kernel's memory",
}
"""What the members of a group can do, of the groups that give power.

Sources: Debian's /usr/share/doc/base-passwd/users-and-groups, sudoers(5) as Debian, Ubuntu (admin) and Fedora ship it,
docs.docker.com/engine/security (the daemon's attack surface), the manuals of LXD and Incus on access, libvirt's "Polkit
access control", udev's rules for input and video."""


class User(Struct, frozen=True, kw_only=True):
    """A line of passwd(5), with the password of shadow(5), which is compared and never shown.

    One that begins with `*` or `!` is none that anybody could type.
    """

    name: str
    uid: str
    gid: str
    home: str
    shell: str
    password: str = "*"  # noqa: S105 - the mark for none

    @property
    def says(self) -> str:
        """Its description, in short."""
        number = int(self.uid) if self.uid.isdecimal() else FIRST_USER
        is_person = FIRST_USER <= number <= LAST_USER
        system = "a person's user id" if is_person else "system" if number else "ROOT'S USER ID"
        login = "no login" if self.shell.rpartition("/")[2] in NO_LOGIN else f"login {self.shell}"
        secret = {"*": "", "!": ""}.get(
            self.password[:1], ", password set" if self.password else ", no password needed"
        )
        return f"{system}, {login}, home {self.home or 'none'}{secret}"

    @property
    def is_root(self) -> bool:
        """Whether the kernel takes it for root."""
        return self.uid.isdecimal() and int(self.uid) == 0

    @property
    def has_password(self) -> bool:
        """Whether somebody could type one."""
        return self.password[:1] not in ("", "*", "!", "x")

    def signs(self, old: User | None) -> tuple[Sign, ...]:
        """Return what it got; `old` is what it was, None where it is new."""
        found: list[Sign] = ["root"] if self.is_root and not (old and old.is_root) else []
        if self.has_password and self.password != (old.password if old else "*"):
            found.append("password")
        if not self.password and (old is None or old.password):
            found.append("no password")
        if old is not None:
            pairs: tuple[tuple[Sign, bool], ...] = (
                ("number", self.uid != old.uid and not self.is_root),
                ("group", self.gid != old.gid),
                ("home", self.home != old.home),
                ("shell", self.shell != old.shell),
            )
            found += [sign for sign, is_another in pairs if is_another]
        return tuple(found)

    def differs(self, old: User) -> str:
        """Return the changed fields, in words."""
        pairs = (
            ("number", self.uid, old.uid),
            ("group", self.gid, old.gid),
            ("home", self.home, old.home),
            ("shell", self.shell, old.shell),
            ("password", self.password, old.password),
        )
        return ", ".join(word for word, now, then in pairs if now != then)


class AccountChange(Struct, frozen=True, kw_only=True):
    """A user or group that is new, gone or no longer as it was.

    `says` is what there is to say of a user, `signs` what it got; `members` are a group's now, `joined` those that it
    did not have. Of a group that gives power its members are also those whose own group it is.
    """

    kind: Literal["user", "group"]
    name: str
    change: Literal["new", "changed", "gone"]
    says: str = ""
    signs: tuple[Sign, ...] = ()
    members: tuple[str, ...] = ()
    joined: tuple[str, ...] = ()


def account_changes(before: Snapshot, after: Snapshot) -> Iterator[AccountChange]:
    """Yield the changes of users, then of groups; an unreadable file is reported as a changed file."""
    if "/etc/passwd" in after.contents:
        yield from _user_changes(users(before), users(after))
    if "/etc/group" in after.contents:
        yield from _group_changes(groups(before), groups(after))


def _user_changes(before: dict[str, User], after: dict[str, User]) -> Iterator[AccountChange]:
    for name, user in after.items():
        if name not in before:
            yield AccountChange(kind="user", name=name, change="new", says=user.says, signs=user.signs(None))
        elif changed := user.differs(before[name]):
            says, signs = f"{changed} changed: {user.says}", user.signs(before[name])
            yield AccountChange(kind="user", name=name, change="changed", says=says, signs=signs)
    for name in sorted(before.keys() - after.keys()):
        yield AccountChange(kind="user", name=name, change="gone")


def _group_changes(before: dict[str, frozenset[str]], after: dict[str, frozenset[str]]) -> Iterator[AccountChange]:
    for name, members in after.items():
        joined = members - before.get(name, frozenset())
        if joined or name not in before:
            change: Literal["new", "changed"] = "changed" if name in before else "new"
            yield AccountChange(
                kind="group", name=name, change=change, members=tuple(sorted(members)), joined=tuple(sorted(joined))
            )
    for name in sorted(before.keys() - after.keys()):
        yield AccountChange(kind="group", name=name, change="gone")


def users(snapshot: Snapshot) -> dict[str, User]:
    """Return the users by name; invalid lines are skipped."""
    secrets = {fields[0]: fields[1] for fields in _rows(snapshot.contents.get("/etc/shadow", b"")) if len(fields) > 1}
    found = {}
    for fields in _rows(snapshot.contents.get("/etc/passwd", b"")):
        if len(fields) == 7:  # noqa: PLR2004 - name, password, uid, gid, comment, home, shell
            name, secret, uid, gid, _, home, shell = fields
            secret = secrets.get(name, "*") if secret == "x" else secret  # noqa: S105 - the mark for shadow(5)
            if name not in found:  # getpwnam(3) finds the first one
                found[name] = User(name=name, uid=uid, gid=gid, home=home, shell=shell, password=secret)
    return found


def is_reported(snapshot: Snapshot, path: str) -> bool:
    """Return whether a file's change is reported as users and groups: it is one of theirs and readable."""
    return path in FILES and (path in snapshot.contents or path == "/etc/gshadow")


def groups(snapshot: Snapshot) -> dict[str, frozenset[str]]:
    """Return the members of each group, of one that gives power also those whose own group it is."""
    rows = _rows(snapshot.contents.get("/etc/group", b""))
    own: dict[str, set[str]] = {}
    for user in users(snapshot).values():
        own.setdefault(user.gid, set()).add(user.name)
    return {
        name: frozenset(filter(None, members.split(",")))
        | (own.get(gid, set()) - {name} if name in POWERS else frozenset())
        for name, _, gid, members in (fields for fields in rows if len(fields) == 4)  # noqa: PLR2004
    }


def owner_of(snapshot: Snapshot, uid: int) -> str:
    """Return a user's name, or the number if it has none."""
    return next((user.name for user in users(snapshot).values() if user.uid == str(uid)), str(uid))


def group_of(snapshot: Snapshot, gid: int) -> str:
    """Return a group's name, or the number if it has none."""
    rows = _rows(snapshot.contents.get("/etc/group", b""))
    return next((fields[0] for fields in rows if fields[2:3] == [str(gid)]), str(gid))


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
    names = [name.lower() for number, name in enumerate(CAPABILITIES) if bits >> number & 1]
    beyond = bits >> len(CAPABILITIES)
    return (*names, *((f"unknown {beyond:#x}",) if beyond else ()))
