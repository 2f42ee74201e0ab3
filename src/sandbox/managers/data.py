"""What each package manager has to say of itself beyond commands and questions: one value, of which nothing may lack.

No field has a default, so that mypy refuses a manager's value until all of it is there; what a manager does not have is
said so, as an empty text. Which fields may be empty for whom stands in a test.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.managers.added_repositories import RepositoryWriter
    from sandbox.managers.config_files import ConfigChange, ConfigLocation
    from sandbox.managers.package_archives import FileInstall
    from sandbox.managers.protocol import Argv, Manager
    from sandbox.managers.queries import Queries

FindingKind = Literal["events", "repositories", "keys", "keyrings"]
"""What inspection calls a package's file by which it changes what a manager does, fetches or trusts.

keyrings: what is trusted once a repository names it, and is a finding of the kind keys only then."""


class DryRun(Struct, frozen=True, kw_only=True):
    """How `install` becomes a dry run: with `options` after the word `behind`, and without `less`.

    `refuses`: its exit status is that of the answer no, so it has no meaning.
    """

    behind: str
    options: Argv
    less: Argv
    refuses: bool


class HostManager(Struct, frozen=True, kw_only=True):
    """A manager on a host, for a promotion.

    `names` is constant shell text that prints the name of each package that is installed, be it in part, a line each,
    those of a foreign architecture with that, as the manager names them.
    `uninstall` is constant shell text that takes the packages "$@" off, with what only they needed, and neither what
    something else there needs nor what was unneeded before; empty where `remove` does just that. Its environment has
    the names of what came with them in `came`, blanks between. `uninstall_foreign` is what follows where packages of a
    foreign architecture came.
    `automatic` is constant shell text that prints which of the installed packages "$@" are there only as a dependency,
    so that a clean-up takes them off with what needed them; `mark` makes the packages behind it count as wanted, and
    `unmark` as dependencies again. All are empty where the manager keeps no such marks, or none that can be set.
    `blocked` is constant shell text that prints which of the packages "$@", none installed, are here for another
    architecture, so that an install of the name adds nothing; empty where it adds them.
    `files` is constant shell text that prints the paths of the installed packages "$@", as far as they are that, and
    `owner` one whose status tells whether an installed package has the path "$1". What a removal leaves of settings is
    either noted by the manager: `leftovers` prints the packages, `purge` purges those behind it, and `purge_scripts`
    prints the text that "$@" then run; or lies in files: `saved` is sed's text that prints where they may be.
    `delete_user` are the commands that delete a user and a group there.
    `before_install` is a command that runs on a host before the first install, empty where none is needed.
    `settle` is constant shell text that makes a fresh image as quick as a host that is used, for a proof there.
    `accepted` is constant shell text that prints what the manager accepted by itself so that a package could be
    installed, a line of ACCEPTED each, and `accept` one that makes a host accept the lines "$@" too; both are empty
    where the manager accepts nothing by itself.
    `ansible` is the module that installs packages, `ansible_options` what it is told besides, `ansible_recommends` its
    option for what packages recommend, empty where it has none; `pin` joins a name and a
    version for it, empty where it can't.
    """

    names: str
    rehearsal: DryRun
    uninstall: str
    uninstall_foreign: str
    automatic: str
    mark: Argv
    unmark: Argv
    blocked: str
    files: str
    owner: str
    leftovers: str
    purge: Argv
    purge_scripts: str
    saved: str
    delete_user: tuple[str, str]
    before_install: Argv
    settle: str
    accepted: str
    accept: str
    ansible: str
    ansible_options: Mapping[str, str | bool]
    ansible_recommends: str
    pin: str


class DownloadCache(Struct, frozen=True, kw_only=True):
    """The place of a manager's downloads: patterns of paths, and of a file's name.

    `offline` are options, right behind the program's name, for an install of nothing but these files. `has_epoch`:
    whether the file's name has the version's epoch. `offline_beside_files` are these options where some packages
    are installed from files that are given.
    """

    files: tuple[str, ...]
    name: str
    offline: Argv
    offline_beside_files: Argv
    has_epoch: bool


class PinFile(Struct, frozen=True, kw_only=True):
    """A file that holds packages to versions: its path, and a paragraph of it for {name} and {version}."""

    path: str
    paragraph: str


class ExactInstall(Struct, frozen=True, kw_only=True):
    """A manager whose arguments can name exact versions.

    `text` is constant shell text that runs the install "$@", and has all of it but what is $asked for count as $brought
    by others, as it would be without the versions.
    """

    text: str


class History(Struct, frozen=True, kw_only=True):
    """Absolute paths of files in which a manager records its commands, if it also marks packages that it upgrades.

    `upgrades_only` returns those of some packages that commands in texts upgrade by their names, and none asks for.
    """

    paths: tuple[str, ...]
    upgrades_only: Callable[[tuple[str, ...], tuple[str, ...]], frozenset[str]]


class Shortcuts(Struct, frozen=True, kw_only=True):
    """Faster equivalents of commands, for a sandbox that is measured and thrown away.

    `fetch_at_once` returns an install's argv as one that fetches several files at once, by a program that it writes to
    a folder of ours; None where it can't. `is_noted`: the manager's log has it as it was called, so that it is for a
    sandbox alone of which nothing stays. `ready` returns the argv of what makes that folder ready, for where there is
    time before such an install, in whose environment SANDBOX_READY is what it prints. `hold_installed` returns an
    install's argv as one that changes nothing which is installed before a file is there, None where it can't. `removal`
    returns constant shell text: $1 the names of packages that came, $2 a folder of ours, $3 a word where it waits for a
    line before it removes, then a removal's argv, which may do without the index where it then removes none but
    packages that came. `refresh` returns the argv of a refresh, to which options may be added at the end, as one that
    does the same with fewer processes.
    """

    fetch_at_once: Callable[[Argv, str], Argv | None]
    is_noted: bool
    ready: Callable[[str], Argv] | None
    hold_installed: Callable[[Argv, str], Argv | None] | None
    removal: Callable[[], str] | None
    refresh: Callable[[Argv], Argv] | None


UNCHANGED: Final = "The package index has not changed."
"""What a refresh prints that has found it so."""


class LaterPart(Struct, frozen=True, kw_only=True):
    """What a manager makes itself of the index that it fetched, where an install can make it as well.

    `options`, behind the whole refresh, leave it to the next command, which says nothing before it is at `place`.
    """

    options: Argv
    place: str


class KeptIndex(Struct, frozen=True, kw_only=True):
    """How a manager's package index is kept on the user's machine, for later sandboxes of the same base.

    `places` are absolute paths of the folders and files that the index lies in, `left_out` names of what is in them
    and need not be kept. `sources` are absolute paths of the
    files and folders of its configuration, and `is_vouched_for` returns whether, by the contents of these by path,
    each part of the index is signed or comes by https. `as_it_is` are options, right behind the program's name, for an
    install that does not check whether the index is still the newest; `check` is how its refresh checks one, in words.
    `check_argv` returns a refresh as one that prints the line UNCHANGED where the index is still the newest, and then
    leaves the places as they were; None where such an index is kept anew. `verified` is what a line of a refresh that
    fetches all has once the rest is the work of one core; "" where any line will do. `later` is what an install makes
    of it, at the last of the places; None where the refresh makes all.
    """

    places: tuple[str, ...]
    left_out: tuple[str, ...]
    sources: tuple[str, ...]
    is_vouched_for: Callable[[Mapping[str, bytes]], bool]
    as_it_is: Argv
    check: str
    check_argv: Callable[[Argv], Argv] | None
    verified: str
    later: LaterPart | None


class ManagerData(Struct, frozen=True, kw_only=True):
    """The facts about one package manager besides its commands and queries.

    `family` tells whose names its packages have, as `debian`; counterparts_table has a column for most.
    `programs` are the commands that an inspection asks something.
    `state_paths` are where it keeps its own books (databases, indexes, caches, logs): no package's doing, and no trace.
    A path stands for all below it; one that ends in `*` for all that begin so.
    `store_paths` are where it keeps what nothing refers to any more until it is swept.
    `refresh_keeps_files`: its refresh, with what makes a fresh image fit for it, changes nothing but its books, as a
    test of the lab shows: a sandbox's files before an install are then those of its image.
    `scripts` is constant shell text that prints the scripts of the packages "$@", where it keeps them as text.
    `settings` are those that users change by hand. `drop_ins` are functions of a file's text before and after, by its
    path, that return what was added to it as settings beside it, None where that can't be told.
    `hand_state` is constant shell text that prints what users set by a command and not in a file of settings, a line
    each, as hand_steps reads them; `hand_kinds` are the kinds of it that a command can set on another machine, of which
    `hold` and `unhold`, with a package behind them, set and lift a hold; `hold_check` is constant shell text whose
    status is 0 where the package "$1" is held.
    `owned_files` is constant shell text that prints all paths that packages own, by which it is known what was removed.
    `findings` are patterns of paths without their first slash, each a finding of that kind.
    `runtimes` are the packages that bring a language's manager, as references, by its name, where they are not those
    that the language has for the family.
    `host` returns what a promotion has to know of it, whose programs are read then.
    `downloads` is where its downloads lie, or why there are no files that stand for its packages.
    `kept_index` is how its index is kept on the user's machine, or why that is not done.
    `index_folders` are those of `state_paths` that hold its index and its downloads: where all files are read, they lie
    in volumes, which no export shows. Empty where something else lies there, too.
    `versions` is how it is held to the versions of packages, or why it can't be.
    `providers` is constant shell text that prints the installed packages that provide the name "$1", empty where no
    version can be held, or none is virtual.
    `takes_one_alone`: a version that is asked for comes alone, what it needs being looked for where it is anyway.
    `names_architectures`: a package of a foreign architecture can be asked for, since that stands in its name.
    `add_architecture` is the argv that lets its next refresh have an architecture's packages, which stands behind it;
    empty where none is needed, or there is none.
    `added` is how repositories are added to it, or why it takes none from a spec.
    `recommended` is constant shell text that prints the installed packages that no other needs and at most some
    recommend, empty where nobody can say.
    `package_files` is how it installs package files that a user gives, or why it can't.
    `screen` are the packages that desktop programs need beside themselves: a session bus, a font, and OpenGL in
    software where programs don't bring it; empty where nobody has looked.
    `knows_commands`: it can tell which packages that are not installed have a command.
    `is_sure`: no version in an answer means that there is none, since its answers do not rest on documentation alone.
    """

    family: str
    programs: tuple[str, ...]
    state_paths: tuple[str, ...]
    store_paths: tuple[str, ...]
    refresh_keeps_files: bool
    scripts: str
    settings: tuple[ConfigLocation, ...]
    drop_ins: Mapping[str, Callable[[str, str], tuple[ConfigChange, ...] | None]]
    hand_state: str
    hand_kinds: tuple[str, ...]
    hold: Argv
    unhold: Argv
    hold_check: str
    owned_files: str
    findings: Mapping[FindingKind, str]
    runtimes: Mapping[str, tuple[str, ...]]
    host: Callable[[], HostManager]
    downloads: DownloadCache | str
    kept_index: KeptIndex | str
    index_folders: tuple[str, ...]
    versions: PinFile | ExactInstall | str
    history: History | None
    shortcuts: Shortcuts | None
    providers: str
    takes_one_alone: bool
    names_architectures: bool
    add_architecture: Argv
    added: RepositoryWriter | str
    package_files: FileInstall | str
    is_sure: bool
    knows_commands: bool
    screen: tuple[str, ...]
    recommended: str


SHADOW: Final = ("userdel", "groupdel")
"""The commands that delete a user and a group; most distros have them from the shadow suite."""


class Family(Protocol):
    """All parts of a package manager; modules implement it, so `self` is ignored."""

    @property
    def manager(self) -> Manager:
        """Its commands, which are needed before the prompt."""

    def queries(self) -> Queries:
        """Return its queries; this call imports them."""

    def data(self) -> ManagerData:
        """Return the facts about it; this call imports them."""
