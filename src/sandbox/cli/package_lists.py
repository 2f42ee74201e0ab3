"""--from FILE: the packages of files that people have, and what of those files is not taken, line by line."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

import typer

from sandbox.cli.app import connect, standard_input, working_folder
from sandbox.core.human import count
from sandbox.core.plaintext import plain_line
from sandbox.errors import Advice, UsageError
from sandbox.managers.counterparts import family_of, name_in
from sandbox.managers.prefixes import LANGUAGES
from sandbox.specs.model import Spec
from sandbox.specs.package_files.read import read_package_file, reads_input
from sandbox.specs.places import is_place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sandbox.distros.model import Target
    from sandbox.provision.context import Context
    from sandbox.specs.package_files.values import Entry, PackageFile

SHOWN: Final = 40
"""Characters of a line that a message shows."""


def packages_with_lists(
    packages: Sequence[str] | None, files: Sequence[str] | None, host: Context, *, distro: str | None, takes_input: bool
) -> list[str]:
    """Return the packages that were typed and those of the files, each once; say on standard error what is not taken.

    `takes_input`: whether something else reads standard input. Raise UsageError for a file that can't be read, and
    where no package is left of all of them.
    """
    typed = list(packages or ())
    if not files:
        return typed
    _check_input(files, takes_input=takes_input)
    read = [read_package_file(file, working_folder(), standard_input) for file in files]
    target = _target(host, distro)
    names, missing = _names(read, target, host)
    for line in _report(read, missing, target):
        typer.echo(line, err=True)
    if not (typed or names):
        message = f"{', '.join(file.source for file in read)}: no packages to try"
        raise UsageError(message, hints=[Advice.say("--from KIND:FILE, if sandbox did not recognise the format")])
    return list(dict.fromkeys([*typed, *names]))


def distro_names(files: Sequence[str]) -> list[str]:
    """Return the names of distro packages in the files, each once and without its version.

    Say on standard error what is not taken. Raise UsageError where no name is left.
    """
    _check_input(files, takes_input=False)
    read = [read_package_file(file, working_folder(), standard_input) for file in files]
    rows = [(file, row, row.name.partition("=")[0]) for file in read for row in file.entries]
    others = [(file, row) for file, row, name in rows if _is_prefixed(name)]
    missing = [_line(file, row.line, row.name, "not a package of a distro") for file, row in others]
    for line in _report(read, missing, None):
        typer.echo(line, err=True)
    names = [name for _, _, name in rows if not _is_prefixed(name)]
    if not names:
        message = f"{', '.join(file.source for file in read)}: no packages of a distro"
        raise UsageError(message, hints=[Advice.say("--from KIND:FILE, if sandbox did not recognise the format")])
    return list(dict.fromkeys(names))


def _is_prefixed(name: str) -> bool:
    prefix, colon, _ = name.partition(":")
    return is_place(name) or (bool(colon) and prefix in LANGUAGES)


def _check_input(files: Sequence[str], *, takes_input: bool) -> None:
    reads = list(filter(reads_input, files))
    if len(reads) > 1:
        message = "--from - is given twice, but standard input can be read only once"
        raise UsageError(message)
    if reads and takes_input:
        message = "--from - and --spec - both read standard input"
        raise UsageError(message, hints=[Advice.say("the name of a file instead of one of them")])


def _target(host: Context, distro: str | None) -> Target | None:
    from sandbox.provision.planning import target_for

    return None if distro and "," in distro else target_for(Spec(distro=distro), host, host.rows())


def _names(read: Sequence[PackageFile], target: Target | None, host: Context) -> tuple[list[str], list[str]]:
    """Return the names for the target, and a line for each that it has no counterpart of."""
    family = family_of(target.manager) if target else ""
    rows = [(file, row) for file in read for row in file.entries]
    foreign = [(file, row) for file, row in rows if target and row.family not in {"", family}]
    index = _index(target, host) if target and foreign else frozenset()
    names, missing = [], []
    for file, row in rows:
        if (file, row) not in foreign:
            names.append(row.name)
            continue
        there = _counterpart(row, family, index)
        if there is None:
            missing.append(_line(file, row.line, row.name, f"{target.label if target else ''} has no counterpart"))
        else:
            names.append(there)
    return names, missing


def _counterpart(row: Entry, family: str, index: frozenset[str]) -> str | None:
    """Return the name in another family, of a formula also without its version: Homebrew alone has node@22."""
    name = row.name.partition("=")[0]
    plain = name.partition("@")[0] if row.family == "brew" else name
    return name_in(name, row.family, family, index) or name_in(plain, row.family, family, index)


def _index(target: Target, host: Context) -> frozenset[str]:
    """Return every name of the target's own index, asked in a throwaway container."""
    from sandbox.core.signals import trap_termination
    from sandbox.promote.translate import index_names
    from sandbox.report.terminal import TerminalReporter

    with trap_termination(), connect(host) as engine:
        return frozenset(index_names(target, host=host, engine=engine, reporter=TerminalReporter(os.environ)))


def _report(read: Iterable[PackageFile], missing: Iterable[str], target: Target | None) -> Iterator[str]:
    family = family_of(target.manager) if target else ""
    for file in read:
        taken = f"{file.source}: {file.kind}, {count(len(file.entries), 'package')}"
        yield f"{taken}, {count(len(file.not_taken), 'line')} skipped" if file.not_taken else taken
        for row in file.not_taken:
            yield f"  not taken  {_line(file, row.line, row.text, row.reason)}"
        for one in file.entries:
            if note := _note(one, family):
                yield f"  not kept   {_line(file, one.line, one.name, note)}"
    for line in missing:
        yield f"  not taken  {line}"


def _note(row: Entry, family: str) -> str:
    is_foreign = bool(family) and row.family not in {"", family}
    version = row.name.partition("@" if row.family == "brew" else "=")[2] if is_foreign else ""
    return " ".join(filter(None, [row.note, f"version {version}" if version else ""]))


def _line(file: PackageFile, line: int, text: str, reason: str) -> str:
    shown = plain_line(text)
    shown = shown if len(shown) <= SHOWN else f"{shown[: SHOWN - 3]}..."
    return f"{file.source}:{line}  {shown}: {plain_line(reason)}"


def take_terminal(files: Sequence[str] | None, *, has_command: bool) -> None:
    """Give standard input back to the terminal behind `--from -`; raise UsageError where there is none for a shell."""
    if not files or not any(map(reads_input, files)):
        return
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        if has_command:
            return
        message = "--from - has read standard input, so a shell needs a terminal"
        raise UsageError(message, hints=[Advice.again("--", "COMMAND")]) from None
    os.dup2(terminal, 0)
    os.close(terminal)
