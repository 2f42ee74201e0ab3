"""A promotion as a POSIX shell script, short enough to read before running it."""

from __future__ import annotations

import re
import shlex
from hashlib import sha256
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from sandbox.core.plaintext import plain_line
from sandbox.core.programs import fill, template
from sandbox.errors import Advice, UsageError
from sandbox.managers.architectures import architectures
from sandbox.managers.host_rows import accepted_lines, dry_run_argv, split_argv
from sandbox.managers.local_files import files_among, with_files
from sandbox.managers.registry import data_of, find_data, languages_among, manager_of
from sandbox.promote.formats.config_commands import (
    printing_function,
    setting_values,
    valid_settings,
    valid_steps,
)
from sandbox.promote.formats.header import comment, language_prerequisites, pinned_packages, reparse_packages
from sandbox.promote.formats.header import release as titled

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sandbox.distros.model import Target
    from sandbox.managers.data import HostManager
    from sandbox.managers.languages.base import LanguageManager
    from sandbox.managers.protocol import Argv, Manager, PackageFile, PackageRef
    from sandbox.managers.registry import ManagerName
    from sandbox.promote.formats.base import Promotion

name: Final = "sh"
file: Final = "install.sh"

WORD: Final = re.compile(r"[^\s*?\[\\'\"$`]+")
"""Valid entries in the script's lists, which are separated by blanks."""
ROOT_STATE: Final = "/var/lib/sandbox-promote"
USER_STATE: Final = '"${XDG_STATE_HOME:-$HOME/.local/state}/sandbox-promote"'
STARTS: Final = ("sh", "-c")
CAME: Final = r"""    came=$(sed -n '{}' "$state" | tr '\n' ' ')"""
"""With the pattern of one manager's names; names of languages begin with the language and a colon."""


def render(promotion: Promotion) -> str:
    """Return the script; it exits 1 where it can't or may not install, 2 for a wrong option.

    Raise UsageError where nothing is promoted or a package is outside its manager's grammar.
    """
    values = _values(promotion)
    return fill(template(__package__, "install.sh"), values, _sections(promotion))


def _values(promotion: Promotion) -> Mapping[str, str]:
    target, manager = promotion.target, manager_of(promotion.target.manager)
    packages, exact = reparse_packages(promotion), pinned_packages(promotion)
    runtime = language_prerequisites(packages, manager)
    every = tuple(dict.fromkeys([*_bare(packages), *runtime]))
    texts, origin, row = Texts(), promotion.family, data_of(target.manager).host()
    work = Commands(manager, row, runtime, texts, recommends=promotion.recommends)
    foreign = architectures(packages, manager.name)
    values = {
        "ARCHITECTURES": _quote(foreign),
        "FILEROWS": "\n".join(_file_rows(packages)),
        "COMMENT": f"#!/bin/sh\n{comment(promotion)}",
        "PACKAGES": _words(packages),
        "PINNED": _words(exact),
        "ALL": _words(every),
        "OWN": _words([ref for ref in every if not ref.source]),
        "BLOCKED": row.blocked,
        "AUTOMATIC": row.automatic or ":",
        "MARK": texts.command(row.mark or ("false",), manager, "mark"),
        "UNMARK": texts.command(row.unmark or ("false",), manager, "unmark"),
        "RELEASENAMES": _quote([target.release.name, *target.release.aliases]),
        "FOLDER": ROOT_STATE if manager.needs_root else USER_STATE,
        "STATE": state_name(promotion, every),
        "PINOPTION": " [--pin]" if exact else "",
        "CHECKS": "\n".join(_check(ref, manager) for ref in dict.fromkeys([*packages, *exact, *every])),
        "NAMES": _names(packages, target.manager),
        "FAMILY": origin.title,
        "IDS": "* | *".join(f'" {identity} "' for identity in origin.os_ids),
        "PROGRAM": shlex.quote(manager.install(packages)[0]),
        "RELEASE": titled(target),
        "ASROOT": " as root" if manager.needs_root else "",
        "REFRESH": texts.command(manager.refresh(), manager, "refresh"),
        "BEFOREINSTALL": _before_install(target, manager, texts),
        "ACCEPT": _accept(promotion, manager, texts),
        "UPGRADE": _upgrade(target, manager, texts),
        "UPGRADENOTE": _upgrade_note(target),
        "INSTALL": work.install(packages),
        "INSTALLPINNED": work.install(exact, "_pinned") if exact else "        false",
        "CHECK": work.check(packages),
        "CHECKPINNED": work.check(exact) if exact else "        false",
        "REMOVE": "\n".join(work.removals(every)),
        **_traces(row, manager, texts),
    }
    settings = valid_settings(promotion)
    by_hand = {**setting_values(settings, promotion.services), **_step_values(promotion, manager, texts)}
    has_more = settings or promotion.services or promotion.steps
    action = "with_settings" if has_more else '"$action"'
    return {**values, **by_hand, "ACTION": action, "TEXTS": texts.functions()}


def _sections(promotion: Promotion) -> frozenset[str]:
    """Return the values of install.sh for a promotion."""
    manager = manager_of(promotion.target.manager)
    parts = {
        "SETTINGS": promotion.settings or promotion.services or promotion.steps,
        "PINNED": pinned_packages(promotion),
        "ARCHITECTURES": architectures(reparse_packages(promotion), manager.name),
        "ROOT": manager.needs_root,
        "FILES": files_among(reparse_packages(promotion)),
        "BLOCKED": data_of(promotion.target.manager).host().blocked,
    }
    return frozenset(part for part, has_it in parts.items() if has_it)


def _step_values(promotion: Promotion, manager: Manager, texts: Texts) -> Mapping[str, str]:
    """Return the functions that take the steps, and their numbers."""
    rows = valid_steps(promotion)
    functions = [
        fill(
            template(__package__, "step.sh").replace("step_0()", f"step_{number}()"),
            {
                "CHECK": texts.command(row.check, manager, f"check_step_{number}"),
                "READY": texts.command(row.ready, manager, f"ready_step_{number}") if row.ready else ":",
                "TAKE": texts.command(row.do, manager, f"take_step_{number}"),
                "UNDO": f"run {texts.command(row.undo, manager, f'undo_step_{number}')}" if row.undo else ":",
                "MOMENT": "early" if row.early else "late",
                "NAME": shlex.quote(step.name),
            },
        )
        for number, (step, row) in enumerate(rows, 1)
    ]
    numbers = " ".join(str(number) for number in range(1, len(rows) + 1))
    return {"STEPS": shlex.quote(numbers), "STEPTEXTS": "\n".join(functions)}


def _traces(row: HostManager, manager: Manager, texts: Texts) -> Mapping[str, str]:
    """Return the texts that find and purge what a removal leaves."""
    return {
        "LEFTOVERS": row.leftovers or ":",
        "PURGE": texts.command(row.purge or ("false",), manager, "purge"),
        "SCRIPTS": row.purge_scripts or ":",
        "FILES": row.files or ":",
        "OWNER": row.owner or "false",
        "SAVED": row.saved,
        "DELUSER": row.delete_user[0],
        "DELGROUP": row.delete_user[1],
    }


def _file_rows(packages: Sequence[PackageRef]) -> Iterator[str]:
    """Yield the line of each file."""
    for ref in files_among(packages):
        if ref.file is not None:
            yield f'    "$1" {shlex.join((ref.file.sha256, ref.file.path, ref.file.source, name_beside(ref.file)))}'


def name_beside(file: PackageFile) -> str:
    """Return the name under which a script looks for a file beside itself."""
    path = urlsplit(file.source).path if file.source.startswith("https://") else file.source
    return path.rpartition("/")[2] or file.path.rpartition("/")[2]


def _bare(packages: Sequence[PackageRef]) -> list[PackageRef]:
    from msgspec.structs import replace

    return [replace(package, version=None, file=None) for package in packages]


def _names(packages: Sequence[PackageRef], manager: ManagerName) -> str:
    """Return the text that prints installed names; of languages, those that the script may have installed."""
    lines = [data_of(manager).host().names]
    for language in languages_among(package.source for package in packages):
        own = dict.fromkeys(package.full_name for package in packages if package.source == language.name)
        asked = [f"if has {shlex.quote(name)}; then say {shlex.quote(name)}; fi" for name in own]
        lines += [language.names] if language.names else asked
    return "\n        ".join(lines)


def state_name(promotion: Promotion, packages: Sequence[PackageRef]) -> str:
    """Return a file name that stays the same for the same packages of the same sandbox, in any version."""
    names = " ".join(sorted(package.full_name for package in packages))
    digest = sha256(f"{promotion.target.distro.name} {names}".encode()).hexdigest()[:8]
    return f"{re.sub('[^a-z0-9-]', '', promotion.name)[:40] or 'sandbox'}-{digest}"


def _words(packages: Sequence[PackageRef]) -> str:
    """Return the references as one quoted word. Raises UsageError for one that does not fit into a list of words."""
    for package in packages:
        if not WORD.fullmatch(package.text):
            message = f"{plain_line(package.text, 60)} can't be promoted as a shell script"
            raise UsageError(message, hints=[Advice.sandbox("promote", "--format", "json")])
    return _quote([package.text for package in packages])


def _quote(words: Sequence[str]) -> str:
    return f"'{' '.join(words)}'" if all(map(WORD.fullmatch, words)) else "''"


def _check(package: PackageRef, manager: Manager) -> str:
    asked = next(iter(languages_among([package.source])), manager)
    pipeline = " | ".join(shlex.join(argv) for argv in asked.is_installed(package))
    return f"    {shlex.quote(package.text)}) {pipeline} ;;"


def _accept(promotion: Promotion, manager: Manager, texts: Texts) -> str:
    """Return the line that makes the host accept what the manager accepted by itself in the sandbox."""
    text, lines = data_of(promotion.target.manager).host().accept, accepted_lines(promotion.accepted)
    if not (text and lines):
        return ""
    return f"    run {texts.command(('sh', '-c', text, 'sh', *lines), manager, 'accept')} || return\n"


def _before_install(target: Target, manager: Manager, texts: Texts) -> str:
    argv = data_of(target.manager).host().before_install
    return f"    run {texts.command(argv, manager, 'before_install')} || return\n" if argv else ""


def _upgrade(target: Target, manager: Manager, texts: Texts) -> str:
    if not target.distro.upgrade:
        return ""
    return f"    run {texts.command(target.distro.upgrade, manager, 'upgrade')} || return\n"


def _upgrade_note(target: Target) -> str:
    if not target.distro.upgrade:
        return ""
    text = f"{plain_line(target.distro.title)} is upgraded first, because a new package needs that there"
    return f"    say {shlex.quote(text)}\n"


class Texts:
    """The managers' shell texts in the script, as functions that print them."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def command(self, argv: Argv, manager: Manager | LanguageManager, label: str) -> str:
        """Return the exact command that ran in the sandbox, with its environment."""
        settings = [f"{key}={value}" for key, value in manager.environment.items()]
        whole = ("env", *settings, *argv) if settings else argv
        place = next((number for number in range(len(whole)) if whole[number : number + 2] == STARTS), None)
        if place is None or not {"\n", "$"} & {*whole[place + 2]}:  # a dollar in single quotes looks like a mistake
            return shlex.join(whole)
        function = f"{label}_by_{re.sub('[^a-z0-9]', '_', manager.name)}"
        self._known[function] = whole[place + 2].strip("\n")
        before, behind = shlex.join(whole[: place + 2]), shlex.join(whole[place + 3 :])
        return f'{before} "$({function})" {behind}'.rstrip()

    def functions(self) -> str:
        """Return the functions, for the top of the script."""
        return "".join(printing_function(label, f"{text}\n") for label, text in self._known.items())


class Commands:
    """The script's commands for packages of all managers, in the order in which they must run."""

    def __init__(
        self,
        manager: Manager,
        row: HostManager,
        runtime: Sequence[PackageRef],
        texts: Texts,
        *,
        recommends: bool = False,
    ) -> None:
        self._manager, self._row, self._runtime = manager, row, runtime
        self._texts, self._recommends = texts, recommends

    def install(self, packages: Sequence[PackageRef], label: str = "") -> str:
        """Return the lines that install; each runs only if the one before succeeded."""
        commands = [
            f"        run {self._texts.command(self._install_argv(manager, refs), manager, f'install{label}')}"
            for manager, refs in self._parts(packages)
        ]
        return " &&\n".join(commands)

    def _install_argv(self, manager: Manager | LanguageManager, refs: Sequence[PackageRef]) -> Argv:
        if manager is self._manager:
            return with_files(manager, self._manager.install(refs, recommends=self._recommends), refs)
        return with_files(manager, manager.install(refs), refs)

    def check(self, packages: Sequence[PackageRef]) -> str:
        """Return the line that simulates with the distro's manager, or says why that is impossible."""
        own = next((refs for manager, refs in self._parts(packages) if manager is self._manager), [])
        refs = [ref for ref in own if ref.file is None]
        if own and not refs:
            return '        say "the package manager is asked about files once they are in their place"'
        if not refs:
            return '        say "the package managers of languages can\'t say in advance what they would do"'
        argv = dry_run_argv(self._manager.install(refs, recommends=self._recommends), self._row)
        shown = self._texts.command(argv, self._manager, "check")
        return f"        {shown}{' || true # its answer is no' if self._row.rehearsal.refuses else ''}"

    def removals(self, every: Sequence[PackageRef]) -> Iterator[str]:
        """Yield the lines that remove those of the packages that are in $ours, languages first."""
        for manager, refs in reversed(self._parts(every)):
            for argv in _removal(manager, refs, architectures(refs, manager.name)):
                before, words = split_argv(argv, refs)
                yield "    set --"
                for ref, word in zip(refs, words, strict=True):
                    found = shlex.quote(f" {ref.full_name} ")
                    yield f'    case " $ours " in *{found}*) set -- "$@" {shlex.quote(word)} ;; esac'
                came = ""
                if text := _came(manager, architectures(refs, manager.name)):
                    yield text
                    came = 'env "came=$came" '
                yield f'    [ $# -eq 0 ] || run {came}{self._texts.command(before, manager, "take_off")} "$@" || return'

    def _parts(self, packages: Sequence[PackageRef]) -> list[tuple[Manager | LanguageManager, list[PackageRef]]]:
        """Return the packages by manager, the distro's first, with the packages that the others need from it."""
        own = [package for package in packages if not package.source]
        own += [package for package in self._runtime if package.name not in {ref.name for ref in own}]
        parts: list[tuple[Manager | LanguageManager, list[PackageRef]]] = [(self._manager, own)] if own else []
        parts.extend(
            (language, [package for package in packages if package.source == language.name])
            for language in languages_among(package.source for package in packages)
        )
        return parts


def _removal(
    manager: Manager | LanguageManager, refs: Sequence[PackageRef], foreign: Sequence[str]
) -> tuple[Argv, ...]:
    """Return the commands that remove packages from a host."""
    if text := _uninstall(manager, is_foreign=bool(foreign)):
        return (("sh", "-c", text, "sh", *(ref.name for ref in refs)),)
    return manager.remove(refs)


def _uninstall(manager: Manager | LanguageManager, *, is_foreign: bool = False) -> str:
    data = find_data(manager.name)
    if data is None:
        return ""
    return f"{data.host().uninstall}\n{data.host().uninstall_foreign}" if is_foreign else data.host().uninstall


def _came(manager: Manager | LanguageManager, foreign: Sequence[str]) -> str:
    """Return the line that finds the dependencies installed with the packages, for a removal that includes them."""
    if _uninstall(manager):
        return _came_as("[^:]*", *(f"[^:]*:{name}" for name in foreign))
    language = next(iter(languages_among([manager.name])), None)
    return _came_as(f"{language.name}:.*") if language and language.names else ""


def _came_as(*forms: str) -> str:
    return CAME.format("; ".join(rf"s/^came \({form}\)$/\1/p" for form in forms))
