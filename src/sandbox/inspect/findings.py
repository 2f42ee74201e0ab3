"""The findings of an inspection: values that are shown, written as JSON and compared."""

from __future__ import annotations

from typing import Final, Literal, get_args

from msgspec import Struct

from sandbox.inspect.facts import Fact

SCHEMA: Final = 2
"""The version of an inspection's JSON; it rises when an existing field changes its meaning."""

Kind = Literal[
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
    "dropins",
    "presets",
    "systemd",
    "ports",
    "processes",
    "cron",
    "pam",
    "sudoers",
    "boot",
    "binfmt",
    "modules",
    "udev",
    "profile",
    "polkit",
    "dbus",
    "logrotate",
    "autostart",
    "sysctl",
    "tmpfiles",
    "sysusers",
    "events",
    "network",
    "firewall",
    "ssh",
    "nss",
    "confinement",
    "audit",
    "certificates",
    "cryptography",
    "logging",
    "mail",
    "web",
    "browsers",
    "launchers",
    "filetypes",
    "portals",
    "desktop",
    "interpreters",
    "host",
    "alternatives",
    "names",
    "diversions",
    "overrides",
    "repositories",
    "keys",
    "unknown",
    "unowned",
    "foreign",
]
"""What a footprint can hold beyond packages, files and commands. damage: a file of the base that is gone, emptied,
replaced or no longer works, or the manager's own books; launchers: programs in the menus of desktops; filetypes:
which program opens a type of file by default; names: a name that others may have on a host, taken over;
unknown: a file where programs of the host look for files of anybody, of which the table of places says nothing;
unowned: written by a script, of no package; foreign: a file that was there before, of another package or of none, and
is changed or gone."""
KINDS: tuple[Kind, ...] = get_args(Kind)
Trace = Literal[
    "package",
    "user",
    "group",
    "unit",
    "alternative",
    "diversion",
    "override",
    "process",
    "folder",
    "file",
    "changed",
    "gone",
]
"""Kinds of residue after a purge; changed and gone: files and packages that existed before the install."""


class Finding(Struct, frozen=True, kw_only=True):
    """One thing that was found: a path or a name, and what there is to say of it. Both are text, whatever it held.

    `is_usual`: a package brings it that came along and that hosts have already.
    """

    kind: Kind
    what: str
    fact: Fact = Fact()
    is_usual: bool = False


class ResidueItem(Struct, frozen=True, kw_only=True):
    """One thing that a purge left: a path or a name, and what there is to say of it; `count`: how many of it.

    `is_usual`: as of a finding.
    """

    kind: Trace
    what: str
    note: str = ""
    count: int = 1
    is_usual: bool = False


class InstalledPackage(Struct, frozen=True, kw_only=True):
    """A package that came. `size` and `download` in bytes as the manager claims them, None where it is silent.

    `licences` are each as written, and all apply; `licence` is one text of them for people. `needed_by`: which of the
    packages that came need it; empty for one that was asked for, or where that is unknown.
    `built`: when its version was made, as an epoch, None where the manager does not keep that. `is_usual`: it came
    along, and hosts have it already.
    """

    name: str
    version: str
    size: int
    download: int | None = None
    asked: bool = False
    needed_by: tuple[str, ...] = ()
    licence: str = ""
    licences: tuple[str, ...] = ()
    built: int | None = None
    is_usual: bool = False


class SizeByGroup(Struct, frozen=True, kw_only=True):
    """The files of a sort: how many, hard links as well, and their bytes, those of hard links once."""

    sort: str
    files: int
    size: int


class FileSize(Struct, frozen=True, kw_only=True, gc=False):
    """A regular file that is new or changed, by its path as text, and its bytes.

    `is_link`: it is a hard link, whose bytes another path has too.
    """

    path: str
    size: int
    is_new: bool = True
    is_link: bool = False


class ServiceStart(Struct, frozen=True, kw_only=True):
    """A service that was started to see what it does: by which file, and whether it still ran when it was left.

    `users`: as whom its processes ran then.
    """

    name: str
    path: str
    runs: bool
    users: tuple[str, ...] = ()


class BootedUnit(Struct, frozen=True, kw_only=True):
    """What a boot did with a unit of systemd that came, by its name and file.

    A service `runs`, has `ended`, has `failed`, or was `skipped` by its conditions; a timer, socket or path `waits` or
    has `failed`. `starts`: the units that it calls. `when`: the times of a timer, as `OnCalendar=daily`, where a socket
    listens, as `/run/x.sock (Stream)`, and the condition of a skipped service, as `ConditionACPower=yes`. `users`: of a
    service's processes. `is_usual`: as of a finding.
    """

    name: str
    kind: Literal["service", "timer", "socket", "path"]
    state: Literal["runs", "ended", "failed", "skipped", "waits"]
    path: str = ""
    starts: tuple[str, ...] = ()
    when: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    is_usual: bool = False


RunKind = Literal["service", "timer", "socket", "path", "inetd", "cron", "trigger"]


class LaterRun(Struct, frozen=True, kw_only=True):
    """What will run later: at boot, when a timer, a socket, a path, an inetd or cron calls for it, or with packages.

    `name`: the unit or init script, or the file that cron, an inetd or the manager reads; `when` and `runs` as they are
    written there, `user` as whom. `service`: the name of the service that runs, or of the inetd that a boot starts,
    empty where none does; of a trigger its package. `protections`: the settings of systemd by which its unit gives it
    less, None where no unit is. `is_usual`: as of a finding.
    """

    kind: RunKind
    name: str
    when: str
    runs: str
    user: str
    service: str = ""
    protections: tuple[str, ...] | None = None
    is_usual: bool = False


class ChosenAnswer(Struct, frozen=True, kw_only=True):
    """A question of debconf, and the answer that it got because nobody was asked."""

    question: str
    answer: str


HabitKind = Literal["upgrades", "packages", "crashes", "certificates"]
"""It upgrades the host's packages, reports which are there, reports crashes, renews certificates."""


class Habit(Struct, frozen=True, kw_only=True):
    """What a program does by itself once it is there, whether that is turned on, and the file that says so."""

    kind: HabitKind
    name: str
    is_on: bool
    by: str


class Footprint(Struct, frozen=True, kw_only=True):
    """What an installation brought. Sizes in bytes; `measured` is the new and changed files' own, hard links once.

    `download` and `claimed` are the manager's words, `received` is what came over the sandbox's network meanwhile.

    `recommended`: packages that the distro recommends and that were left out; None where that is unknown. `left_out`:
    files of the packages that this base's settings keep from being unpacked, as manual pages. `removed`: packages that
    were there before; `replaced`: those that are there in another version, with both. `booted`: what a boot did; None
    where nothing was booted.
    """

    packages: tuple[InstalledPackage, ...]
    recommended: tuple[str, ...] | None
    download: int | None
    received: int
    claimed: int
    measured: int
    commands: tuple[str, ...]
    manuals: tuple[str, ...]
    bulks: tuple[SizeByGroup, ...]
    folders: tuple[SizeByGroup, ...]
    files: tuple[FileSize, ...]
    findings: tuple[Finding, ...]
    left_out: int = 0
    started: tuple[ServiceStart, ...] = ()
    later: tuple[LaterRun, ...] = ()
    answers: tuple[ChosenAnswer, ...] = ()
    habits: tuple[Habit, ...] = ()
    removed: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    booted: tuple[BootedUnit, ...] | None = None

    def of(self, *kinds: Kind) -> tuple[Finding, ...]:
        """Return the findings of some kinds."""
        return tuple(finding for finding in self.findings if finding.kind in kinds)


class Residue(Struct, frozen=True, kw_only=True):
    """The residue of a purge; `failure`: the manager's error if it did not purge."""

    left: tuple[ResidueItem, ...] = ()
    failure: str = ""

    def of(self, *kinds: Trace) -> tuple[ResidueItem, ...]:
        """Return the residue of some kinds."""
        return tuple(left for left in self.left if left.kind in kinds)

    @property
    def is_clean(self) -> bool:
        """Whether the purge succeeded and left nothing."""
        return not self.left and not self.failure


class Sentence(Struct, frozen=True, kw_only=True):
    """A sentence of the verdict, and the keys of its evidence."""

    text: str
    evidence: tuple[str, ...]


class Contact(Struct, frozen=True, kw_only=True):
    """Whom the installation reached: by tcp or udp, or by way of a proxy, which was asked for `names` and `port`.

    `names` are those for which the sandbox was told this address.
    """

    protocol: Literal["tcp", "udp", "proxy"]
    address: str
    port: int
    names: tuple[str, ...] = ()


class RanInstaller(Struct, frozen=True, kw_only=True):
    """An installer that is not a package, what of it ran, as whom, and how it ended.

    `status`: None where it was killed: because of the `question` that it asked at its terminal and nobody answered, or
    after `limit` seconds, if it `is_late`. `said` are its last words. `missing` are programs that it called and that
    were not there; `unused` are questions of answers for which it did not ask. `before` are the packages that were
    installed for it and are no part of the footprint. `on_path` are folders in which shells of its user look for
    programs since. `undo` takes it back, empty for none.
    """

    name: str
    command: str
    user: str
    status: int | None
    said: str = ""
    question: str = ""
    is_late: bool = False
    limit: float = 0.0
    missing: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    on_path: tuple[str, ...] = ()
    undo: str = ""

    @property
    def is_good(self) -> bool:
        """Whether it ended by itself, and well."""
        return self.status == 0


class Inspection(Struct, frozen=True, kw_only=True):
    """What was found of some packages on a distro, and how long it took, in seconds: in all and to install.

    `contacts`: whom the index and the install talked to; None where nobody listened. `unseen`: sentences on what could
    not be seen, or not be vouched for. `unknown`: what these leave open: kinds of findings, packages, residue.
    `installer`: what was measured in place of packages; `residue` is then what its undo left.
    """

    packages: tuple[str, ...]
    distro: str
    base: str
    manager: str
    verdict: tuple[Sentence, ...]
    footprint: Footprint
    residue: Residue
    seconds: float
    install_seconds: float
    contacts: tuple[Contact, ...] | None = None
    unseen: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    installer: RanInstaller | None = None
