"""The option --fail-on: forbidden kinds of findings, and what was found of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.container.snapshot import readable
from sandbox.core.human import names
from sandbox.core.plaintext import plain_line
from sandbox.errors import Advice, CheckFailed, UsageError
from sandbox.inspect.claims import PACKAGES, RESIDUE, may_claim
from sandbox.inspect.findings import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sandbox.inspect.findings import Inspection

UNKNOWN: Final = "unknown"
"""What could not be seen, whatever it is of; and the kind of files of which it is not known what they do."""
LICENCE: Final = "licence:"
"""Before an SPDX identifier: a licence that no package may have; the spelling `license:` is taken, too."""
KNOWN: Final = tuple(dict.fromkeys((*KINDS, RESIDUE, UNKNOWN)))


def parse_fail_on(text: str | None) -> tuple[str, ...]:
    """Return the kinds in `setuid,residue`. Raises UsageError for an unknown kind or none."""
    wanted = tuple(dict.fromkeys(map(_kind, filter(None, (word.strip() for word in (text or "").split(","))))))
    if text is not None and not wanted:
        message = "--fail-on needs at least one kind of finding"
        raise UsageError(
            message, details=[("expected", ", ".join(KNOWN))], hints=[Advice.say("--fail-on setuid,residue")]
        )
    unknown = [word for word in wanted if word not in KNOWN and not word.startswith(LICENCE)]
    if unknown:
        from sandbox.core.fuzzy import nearest_rows, nearest_words

        shown = tuple(readable(word[:40]) for word in unknown)
        near = tuple(dict.fromkeys(kind for word in unknown for kind in nearest_words(word, KNOWN)))
        meant = ",".join(dict.fromkeys((*(word for word in wanted if word in KNOWN), *near)))
        raise UsageError(
            f"--fail-on: unknown kind {names(shown)}",
            details=[*nearest_rows(near), ("expected", ", ".join((*KNOWN, f"{LICENCE}GPL-3.0-only")))],
            hints=[Advice.again("--fail-on", meant)] if near else (),
        )
    return wanted


def _kind(word: str) -> str:
    """Return a kind as it is known: a licence in SPDX's spelling. Raises UsageError for one that is none."""
    if not word.startswith((LICENCE, "license:")):
        return word
    from sandbox.inspect.licences import check_extra, parse_licence

    check_extra()
    return f"{LICENCE}{parse_licence(word.partition(':')[2])}"


def fail_on_error(found: Mapping[str, Inspection], wanted: Iterable[str]) -> CheckFailed | None:
    """Return the error for what was found of these kinds or could not be seen, None where there is none of them.

    `found` by the name of a candidate, empty where there is one alone.
    """
    details = [
        (f"{readable(name)} {kind}".lstrip(), names(present, 4))
        for name, one in found.items()
        for kind in wanted
        if (present := _present(one, kind))
    ]
    if not details:
        return None
    if all(_is_blind(one, kind) for one in found.values() for kind in wanted if _present(one, kind)):
        return CheckFailed("could not tell whether these are present", details=details)
    return CheckFailed("found what --fail-on forbids", details=details)


def _is_blind(found: Inspection, kind: str) -> bool:
    return not _matches(found, kind)


def _present(found: Inspection, kind: str) -> tuple[str, ...]:
    """Return the findings of a kind, and a note if there may be more."""
    if kind.startswith(LICENCE):
        unclear = _packages_under(found, kind.removeprefix(LICENCE), is_sure=False)
        unclear = (*unclear, *(() if may_claim(PACKAGES, found.unknown) else ("packages that could not be seen",)))
        return (*_matches(found, kind), *(f"perhaps {name}" for name in unclear))
    if kind == UNKNOWN:
        return (*_matches(found, kind), *(found.unseen if found.unknown else ()))
    return (*_matches(found, kind), *(() if may_claim(kind, found.unknown) else ("could not be seen",)))


def _matches(found: Inspection, kind: str) -> tuple[str, ...]:
    if kind.startswith(LICENCE):
        return _packages_under(found, kind.removeprefix(LICENCE), is_sure=True)
    if kind != RESIDUE:
        return tuple(row.what for row in found.footprint.findings if row.kind == kind)
    failure = (f"not purged: {found.residue.failure}",) if found.residue.failure else ()
    return (*failure, *(left.what for left in found.residue.left))


def _packages_under(found: Inspection, licence: str, *, is_sure: bool) -> tuple[str, ...]:
    """Return the packages that must have a licence, or else those of which that can't be told, with what they say."""
    from sandbox.inspect.licences import licences_of, verdict_on
    from sandbox.managers.registry import LANGUAGES

    rows = []
    for package in found.footprint.packages:
        language = package.name.partition(":")[0]
        manager = language if language in LANGUAGES else found.manager
        has, perhaps = verdict_on(licences_of(package.licences, manager=manager, distro=found.distro), licence)
        if has if is_sure else perhaps:
            rows.append(
                package.name if is_sure else f"{package.name}: {plain_line(package.licence, 60) or 'says no licence'}"
            )
    return tuple(rows)
