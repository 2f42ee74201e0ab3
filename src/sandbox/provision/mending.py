"""A list of packages mended: what is missing of it, what was meant by each name, and a list that installs."""

from __future__ import annotations

import re
import shlex
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from sandbox.core.fuzzy import nearest
from sandbox.errors import Advice, Missing, UnknownPackage, UsageError
from sandbox.managers.counterparts import names_here
from sandbox.managers.languages.base import missing_of_language
from sandbox.managers.missing import in_order, missing_error, missing_rows
from sandbox.managers.protocol import Failure, PackageRef, full_name
from sandbox.managers.registry import LANGUAGES, language_family

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from sandbox.container.box import Outcome
    from sandbox.distros.model import Target
    from sandbox.errors import Row, StepFailed
    from sandbox.managers.languages.base import LanguageManager
    from sandbox.managers.protocol import Argv, Elsewhere, Found, Manager, Query
    from sandbox.managers.queries import Queries

NEAREST: Final = 3
EPOCH: Final = re.compile(r"^\d+:")
SPECIAL: Final = re.compile(r'["$`\\!\x00-\x1f]')
"""What double quotes do not make plain text of in sh, or bash's history."""


class Shelf(Struct, frozen=True):
    """A distro as its sandbox shows it: where it is asked, and how."""

    target: Target
    manager: Manager
    queries: Queries
    run: Callable[[Argv], Outcome]

    def ask(self, query: Query[Found]) -> tuple[Found, ...]:
        """Return a query's answer, as far as there is one."""
        return query.parse(self.run(query.argv).stdout)


def mend(error: UnknownPackage, asked: Sequence[PackageRef], shelf: Shelf) -> UnknownPackage:
    """Return the error with all that is missing, names of the distro's own index for each, and the list mended.

    The manager itself is asked whether it would install the mended list, since some name the first that is missing
    alone; what it then lacks is in the error, too.
    """
    index = shelf.ask(shelf.queries.names())
    missing = tuple(_with_near(one, shelf, index) for one in error.missing)
    other: StepFailed | None = None
    for _ in asked:
        refs = new_list(asked, missing)
        again = _simulate(refs, shelf) if refs else None
        if not isinstance(again, UnknownPackage):
            other = again
            break
        more = _with(missing, again.missing, shelf, index)
        if more == missing:
            break
        missing = more
    missing = _with_archives(tuple(in_order(missing, asked)), shelf)
    provided = _commands(missing[0], shelf) if len(missing) == 1 else {}
    if provided and (better := _by_command(missing[0], provided, shelf)) != missing[0]:
        missing = (better,)
        other = _simulate(new_list(asked, missing), shelf)
    return _error(error, missing, asked, shelf, other=other, provided=provided)


def _commands(one: Missing, shelf: Shelf) -> Mapping[str, tuple[str, ...]]:
    """Return the commands of the packages that are near a name, as far as a small download shows them."""
    query = shelf.queries.commands_of(one.near) if one.near and not (one.archive or one.is_virtual) else None
    return {found.name: found.commands for found in (shelf.ask(query) if query else ()) if found.commands}


def _by_command(one: Missing, provided: Mapping[str, tuple[str, ...]], shelf: Shelf) -> Missing:
    """Return it with the packages first that have a command of this very name: httpie for `http`."""
    called = names_here(one.name, shelf.target.manager, one.near)
    near = sorted(one.near, key=lambda name: (name not in called, one.name not in provided.get(name, ())))
    return replace(one, near=tuple(near))


def look_up(
    error: UnknownPackage, asked: Sequence[PackageRef], language: LanguageManager, run: Callable[[Argv], Outcome]
) -> UnknownPackage:
    """Return the error with all packages of a language that are missing, where its install names the first alone."""
    if not language.look_up:
        return error
    missing = list(error.missing)
    for ref in asked:
        if ref.name in {one.name for one in missing}:
            continue
        argv = ("sh", "-c", language.look_up, "sh", language.install([ref])[-1])
        outcome = run(argv)
        failure = Failure(argv=argv, status=outcome.status, output=outcome.output)
        again = language.explain(failure, [ref], distro="") if outcome.status else None
        missing += again.missing if isinstance(again, UnknownPackage) else ()
    if len(missing) == 1:
        return error
    return missing_of_language(in_order(missing, asked), asked, error.details)


def with_alike(
    error: UnknownPackage, asked: Sequence[PackageRef], language: LanguageManager, shelf: Shelf
) -> UnknownPackage:
    """Return the error for a lone package that a language's registry lacks, with what is spelled alike.

    No registry lists its names to a stranger: the distro's index is asked, which has the better known packages of each
    language under names of its own, and many programs. What is proposed of the language is what its manager finds.
    """
    one = error.missing[0]
    if len(error.missing) > 1 or one.version or any(label == "nearest" for label, _ in error.details):
        return error
    index = shelf.ask(shelf.queries.names())
    pattern = re.compile(next(language_family(name).data().distro_names for name in LANGUAGES if name == language.name))
    theirs = {found[1]: found.string for found in map(pattern.fullmatch, index) if found and pattern.groups}
    short = one.name.rpartition("/")[2]
    here = [name for name in (theirs.get(short), short) if name in index]
    near = [*nearest(short, theirs, 1), *nearest(short, index, 1)]
    here += [theirs.get(name, name) for name in near]
    if not here:
        return error
    (ref,) = [ref for ref in asked if ref.name == one.name][:1] or asked[:1]
    swaps = [full_name(language.name, name) for name in near[:1] if _exists(name, language, shelf)] + here[:1]
    rows = [*error.details, (f"in {shelf.target.label}", ", ".join(dict.fromkeys(here)))]
    hints = [Advice.mend((ref.text, name)) for name in swaps]
    return UnknownPackage(error.brief, missing=error.missing, details=rows, hints=[*hints, *error.hints])


def _exists(name: str, language: LanguageManager, shelf: Shelf) -> bool:
    """Return whether a language's manager finds a package; False where it can't be asked without an install."""
    if not language.look_up:
        return False
    with suppress(UsageError):
        ref = language.parse_reference(name)
        return not shelf.run(("sh", "-c", language.look_up, "sh", language.install([ref])[-1])).status
    return False


def new_list(asked: Sequence[PackageRef], missing: Sequence[Missing]) -> tuple[PackageRef, ...]:
    """Return the packages with the first that is near in the place of what is missing, and without what has none."""
    instead = {one.name: one for one in missing}
    refs = (_instead(ref, instead[ref.name]) if ref.name in instead else ref for ref in asked)
    return tuple(dict.fromkeys(ref for ref in refs if ref is not None))


def _instead(ref: PackageRef, missing: Missing) -> PackageRef | None:
    if missing.archive or missing.is_tied:
        return None
    if missing.near:
        return PackageRef(name=missing.near[0], source=ref.source)
    return replace(ref, version=_whole_version(missing.version, missing.versions)) if missing.version else None


def _whole_version(version: str, known: Sequence[str]) -> str | None:
    """Return the first known version that is this one with more behind it: 1.6 is 1.6-2, or else 1.6.1-1."""
    plain = {found: EPOCH.sub("", found) for found in known}
    for behind in ("[-+~_]|$", r"\."):
        for found, text in plain.items():
            if re.match(re.escape(version) + f"(?:{behind})", text):
                return found
    return None


def _simulate(refs: Sequence[PackageRef], shelf: Shelf) -> StepFailed | None:
    """Return why the manager would not install the packages, None where it would, or does not say why."""
    query = shelf.queries.simulate(refs)
    outcome = shelf.run(query.argv)
    if not outcome.status:
        return None
    failure = Failure(argv=query.argv, status=outcome.status, output=outcome.output)
    return shelf.manager.explain(failure, refs, distro=shelf.target.label)


def _with(
    missing: tuple[Missing, ...], more: Sequence[Missing], shelf: Shelf, index: Collection[str]
) -> tuple[Missing, ...]:
    """Return both in one; what was proposed and is missing itself is proposed no more."""
    wrong = {one.name for one in more}
    kept = [replace(one, near=tuple(name for name in one.near if name not in wrong)) for one in missing]
    proposed = {name for one in missing for name in one.near}
    new = [_with_near(one, shelf, index) for one in more if one.name not in proposed]
    return tuple({one.name: one for one in (*new, *kept)}.values())


def _with_near(one: Missing, shelf: Shelf, index: Collection[str]) -> Missing:
    """Return what is missing with what it is called here and what is near, or the versions that there are."""
    if one.version and (found := tuple(row.version for row in shelf.ask(shelf.queries.versions(one.name)))):
        meant = tuple(filter(None, [_whole_version(one.version, found)]))
        return replace(one, near=(), versions=tuple(dict.fromkeys((*meant, *found)))[:NEAREST])
    if one.near or one.is_virtual or one.version:
        return one
    called = names_here(one.name, shelf.target.manager, index)[:NEAREST]
    return replace(one, near=tuple(dict.fromkeys((*called, *nearest(one.name, index, NEAREST))))[:NEAREST])


def _with_archives(missing: tuple[Missing, ...], shelf: Shelf) -> tuple[Missing, ...]:
    """Return what is missing with the part of the distro that has it, where that is only not switched on."""
    names = [one.name for one in missing if not (one.version or one.is_virtual)]
    query = shelf.queries.elsewhere(names) if names else None
    found: dict[str, Elsewhere] = {row.name: row for row in shelf.ask(query)} if query else {}
    return tuple(
        replace(one, archive=found[one.name].archive, sources=found[one.name].sources) if one.name in found else one
        for one in missing
    )


def _error(
    error: UnknownPackage,
    missing: Sequence[Missing],
    asked: Sequence[PackageRef],
    shelf: Shelf,
    *,
    other: StepFailed | None,
    provided: Mapping[str, tuple[str, ...]],
) -> UnknownPackage:
    rows = [row for row in error.details if row[0] != "provided by"] if len(missing) > 1 else list(error.details)
    rows += missing_rows(missing) if len(missing) > 1 else _rows_of_one(missing[0], shelf, provided)
    if other is not None:
        rows.append(("and then", other.brief))
    hints = [] if other is not None else _hints(missing, asked) or _elsewhere(missing)
    rest = error.hints[0 if missing[0].is_tied else 1 :] if len(missing) == 1 else ()
    if len(missing) > 1 or missing[0].archive:
        return missing_error(missing, shelf.target.label, rows, hints=[*hints, *rest])
    return UnknownPackage(error.brief, missing=missing, details=rows, hints=[*hints, *rest])


def _rows_of_one(one: Missing, shelf: Shelf, provided: Mapping[str, tuple[str, ...]]) -> list[Row]:
    """Return what one name may have meant, each with the command that it provides."""
    if one.archive:
        return [("it is in", f"{one.archive}, which is not switched on here")]
    if one.version:
        return [("there are", ", ".join(one.versions))] if one.versions else []
    if one.is_virtual or not one.near:
        return []
    commands = {name: one.name if one.name in found else found[0] for name, found in provided.items()}
    shown = {name: f"{name} (command {commands[name]})" if name in commands else name for name in one.near}
    called = names_here(one.name, shelf.target.manager, one.near)
    rows = [
        ("its name here", [text for name, text in shown.items() if name in called]),
        ("nearest", [text for name, text in shown.items() if name not in called]),
    ]
    return [(label, ", ".join(found)) for label, found in rows if found]


def _hints(missing: Sequence[Missing], asked: Sequence[PackageRef]) -> list[Advice]:
    """Return the list mended, as what is typed; what is not switched on comes by a step after the install."""
    ours = {one.name for one in missing}
    more = _setup([one for one in missing if one.sources])
    if not more and not new_list(asked, missing):
        return []
    swaps = [
        (ref.text, instead.text if (instead := _instead(ref, one)) else "")
        for ref in asked
        if ref.name in ours
        for one in missing
        if one.name == ref.name
    ]
    return [Advice.mend(*dict.fromkeys(swaps), more=more)]


def _elsewhere(missing: Sequence[Missing]) -> list[Advice]:
    """Return where to look for a name that has nothing like it here."""
    names = [one.name for one in missing if not (one.version or one.is_virtual or one.near)]
    search = Advice.sandbox(
        "search", *names[:1], "--distro", "all", after=" asks every distro whose base image is here"
    )
    return [search] if names else []


def _literal(line: str) -> str:
    """Return a line quoted for sh, in double quotes where they do: the command it stands in is typed in single ones."""
    return shlex.quote(line) if SPECIAL.search(line) else f'"{line}"'


def _setup(missing: Sequence[Missing]) -> tuple[str, ...]:
    """Return the options of `try` that switch on what has these packages, and install them."""
    if not missing:
        return ()
    lines = dict.fromkeys(f"echo {_literal(line)}" for one in missing for line in one.sources)
    names = " ".join(one.name for one in missing)
    switch_on = f"({'; '.join(lines)}) >/etc/apt/sources.list.d/more.list && apt-get update"
    return ("--setup", f"{switch_on} && apt-get install -y {names}")
