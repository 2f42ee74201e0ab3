"""The facts about a finding, as values; `report/` words them. All text in them is readable."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from sandbox.inspect.accounts import Sign  # noqa: TC001 - a field of a value has it

HarmKind = Literal["gone", "emptied", "replaced", "no longer executable", "cut short", "mode", "owner"]
"""What happened to a file of the base; mode and owner: it has other rights now."""
StartKind = Literal[
    "", "changed", "masked", "masks", "alias", "template", "enabled", "at boot", "early", "with", "along", "as", "by"
]
"""Of a unit or init script: enabled by a link that systemctl knows; at boot by a link or a line of a package itself;
early by a link that System V init alone reads; with another unit that a boot alone does not start, by a link that
systemctl knows, or along with it by a link of a package itself; as an alias that somebody else starts; by a timer, a
socket or a path that a boot starts."""

Choice = Literal["own", "kernel", "perhaps the kernel"]


class Fact(Struct, frozen=True, kw_only=True):
    """No more than the finding's kind and path."""


class Place(Fact, frozen=True, kw_only=True):
    """A file that is what its place says; `is_changed`: it was there before. `event`: what runs it, of a hook.

    `effect`: when it takes effect, in words.
    """

    is_changed: bool = False
    event: str = ""
    effect: str = ""


class Openers(Place, frozen=True, kw_only=True):
    """A list of the programs that open files by default: for which types, and links as `x-scheme-handler/https`."""

    types: tuple[str, ...] = ()


class Launch(Fact, frozen=True, kw_only=True):
    """A program that desktops can start: its title, whether menus show it, and the types of files that it opens."""

    title: str
    is_shown: bool = True
    types: tuple[str, ...] = ()


class Harm(Fact, frozen=True, kw_only=True):
    """What became of a file of the base, from `old` to `now` where it is its rights.

    `owners`: the packages whose it is; None where that is unknown. `is_managers`: it is the package manager's own.
    """

    how: HarmKind
    old: str = ""
    now: str = ""
    owners: tuple[str, ...] | None = None
    is_managers: bool = False


class LostPackages(Fact, frozen=True, kw_only=True):
    """Number of the base's packages that the manager no longer lists."""

    count: int


class Privileges(Fact, frozen=True, kw_only=True):
    """The rights that a program runs with: `setuid`, `setgid`, mode, owner and group.

    `by`: the rule of tmpfiles.d(5) that gives them at a boot; empty where it has them already.
    """

    bits: tuple[Literal["setuid", "setgid"], ...]
    mode: int
    owner: str
    group: str
    by: str = ""


class Capabilities(Fact, frozen=True, kw_only=True):
    """A program's capabilities; empty if its attribute can't be read."""

    names: tuple[str, ...]


class Account(Fact, frozen=True, kw_only=True):
    """A user or group that is new, changed or gone; `says` and `signs` are of a user, `joined` new in a group."""

    change: Literal["new", "changed", "gone"]
    says: str = ""
    signs: tuple[Sign, ...] = ()
    joined: tuple[str, ...] = ()


class Owner(Fact, frozen=True, kw_only=True):
    """The user whose process it is; `count`: how many there are of it."""

    user: str
    count: int = 1


class Listening(Fact, frozen=True, kw_only=True):
    """Where a port is listened at, and since when: once `service` runs, from boot on by `unit`, or from the install on.

    `choice`: who has chosen the number.
    """

    addresses: tuple[str, ...]
    service: str = ""
    unit: str = ""
    choice: Choice = "own"


class Stray(Fact, frozen=True, kw_only=True):
    """The kind of a path that no package owns."""

    what: Literal["file", "link", "pipe", "device", "empty folder"]


class Foreign(Fact, frozen=True, kw_only=True):
    """What was done to a file that was there before, and whose it is: None where that is unknown.

    `moved`: where a diversion keeps what it was.
    """

    how: Literal["changed", "removed", "replaced"]
    owners: tuple[str, ...] | None
    moved: str = ""


class Start(Fact, frozen=True, kw_only=True):
    """Whether and how a unit or init script starts; `name`: of what it is an alias, starts with, or goes by.

    `is_used`: a template of which a boot starts an instance. `masks`: a mask of a unit that others brought or bring.
    """

    how: StartKind
    name: str = ""
    is_used: bool = False

    @property
    def is_at_boot(self) -> bool:
        """Whether a boot starts it."""
        return self.how in ("enabled", "at boot") or (self.how == "template" and self.is_used)

    @property
    def is_with_another(self) -> bool:
        """Whether it starts with a unit that a boot alone does not start, as that for a shutdown."""
        return self.how in ("with", "along")


class Link(Fact, frozen=True, kw_only=True):
    """The target of an alternative, and its earlier target if that differed."""

    to: str
    was: str = ""


class TakenName(Fact, frozen=True, kw_only=True):
    """A command under a name that others may have: a choice of alternatives, the host's own, or in front of another.

    `to`: the program that it is, of one that hides the one that it hides.
    """

    how: Literal["choice", "is", "hides"]
    to: str


class Diversion(Fact, frozen=True, kw_only=True):
    """Where a file of any other package goes instead of its own place, and which package wants it so."""

    to: str
    by: str = ""


class Overridden(Fact, frozen=True, kw_only=True):
    """The owner, group and mode that a path has whatever its package says."""

    user: str
    group: str
    mode: str
