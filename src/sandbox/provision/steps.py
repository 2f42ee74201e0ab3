"""One command of the provisioning; and the commands that apply a lock, for distros and languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, get_args

from msgspec import Struct, field
from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.distros.model import Target
    from sandbox.managers.languages.base import LanguageManager
    from sandbox.managers.protocol import Argv, PackageRef
    from sandbox.provision.local_packages import LocalPackage
    from sandbox.specs.lockfile import LockedTarget

StepKind = Literal[
    "mirror",
    "lock",
    "repository",
    "foreign",
    "answer",
    "before",
    "index",
    "host",
    "boot",
    "screen",
    "upgrade",
    "copy",
    "fetch",
    "docs",
    "install",
    "question",
    "file",
    "setup",
]
"""In the order in which they come.

repository: the files of repositories, keys and pins. host: the packages of a host that it is like. boot: an init
becomes PID 1. screen: what desktop programs need beside themselves. copy: files of packages. question: whether answers
fit what was asked.
"""
ORDER: Final[tuple[StepKind, ...]] = get_args(StepKind)


def kinds_before(kind: StepKind) -> tuple[StepKind, ...]:
    """Return the kinds of steps that come before one."""
    return ORDER[: ORDER.index(kind)]


WRITE_FILE: Final = 'mkdir -p -- "$(dirname -- "$1")" && cat >"$1" && chmod "$2" "$1"'
"""Writes standard input to the file $1 with the mode $2."""


class Step(Struct, frozen=True, kw_only=True):
    """One command of the provisioning: `stdin` is given to it, `env` is its own and never the shell's.

    `source` is the language manager whose command it is, empty for all others. `files` are copied in instead of a
    command, of which `argv` names the places.
    """

    kind: StepKind
    title: str
    argv: Argv
    env: Mapping[str, str] = field(default_factory=dict)
    stdin: bytes | None = None
    source: str = ""
    files: tuple[LocalPackage, ...] = ()


def with_preparation(prepare: str, argv: Argv) -> Argv:
    """Return the argv preceded by what makes a fresh image fit for its manager, as one command: each costs time."""
    return ("sh", "-c", f'{prepare}\nexec "$@"', "sh", *argv) if prepare else argv


def pin_steps(target: Target, lock: LockedTarget | None) -> tuple[Step, ...]:
    """Return the step that pins the manager to the locked versions, if it can."""
    if lock is None or not lock.packages:
        return ()
    from sandbox.managers.package_files import pins

    found = pins(target.manager, [(package.name, package.version) for package in lock.packages])
    if found is None:
        return ()
    argv = ("sh", "-c", WRITE_FILE, "sh", found[0], "0644")
    return (Step(kind="lock", title=f"{len(lock.packages)} versions", argv=argv, stdin=found[1].encode()),)


def languages_to_fetch(languages: Sequence[LanguageManager], *, fetched: bool, known: bool) -> tuple[str, ...]:
    """Return the languages whose packages are fetched in a step of its own: all, or else those that can be `known`."""
    if fetched or not known:
        return tuple(language.name for language in languages if fetched)
    from sandbox.managers.languages.locking import is_lockable

    return tuple(language.name for language in languages if is_lockable(language))


def language_steps(
    languages: Sequence[LanguageManager],
    packages: Sequence[PackageRef],
    lock: LockedTarget | None,
    *,
    fetched: Sequence[str],
    replay: bool,
) -> tuple[Step, ...]:
    """Return the steps that install packages of languages; `fetched` ones from their files only."""
    return tuple(
        step
        for language in languages
        for step in _of_language(language, packages, lock, fetched=language.name in fetched, replay=replay)
    )


def _of_language(
    language: LanguageManager, packages: Sequence[PackageRef], lock: LockedTarget | None, *, fetched: bool, replay: bool
) -> tuple[Step, ...]:
    wanted = [ref for ref in packages if ref.source == language.name]
    title = " ".join(ref.text for ref in wanted)
    install = Step(
        kind="install", title=title, argv=language.install(wanted), env=language.environment, source=language.name
    )
    if not fetched:
        return (install,)
    from sandbox.managers.languages.locked_files import LanguageFile
    from sandbox.managers.languages.locking import fetch_commands, files_of

    locked = [
        LanguageFile(root=row.root, name=row.name, version=row.version, size=row.size, digest=row.digest)
        for row in (lock.languages if lock else ())
    ]
    commands = fetch_commands(language, wanted, locked, replay=replay)
    return (
        *(replace(install, kind="fetch", argv=argv, stdin=stdin) for argv, stdin in commands),
        replace(install, argv=files_of(language).install(wanted)),
    )
