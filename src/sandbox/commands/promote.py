"""`sandbox promote`: a past session's packages as a script for a host, from the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sandbox.distros.lookup import family, find_target
from sandbox.errors import CheckFailed, UsageError
from sandbox.managers import manager_named, parse_reference
from sandbox.managers.base import PackageRef
from sandbox.managers.on_host import ROWS, accepted_lines
from sandbox.plaintext import plain_line
from sandbox.promotions import FORMATS
from sandbox.promotions.base import PromotedPackage, Promotion
from sandbox.promotions.elsewhere import known_elsewhere

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.distros.model import Distro, Target
    from sandbox.journal import Journal, Record
    from sandbox.plan import Plan
    from sandbox.promotions.base import Format
    from sandbox.proof import Proof


def chosen(journal: Journal, name: str | None) -> Record:
    """Return the named session, or the newest; raise UsageError where there is none."""
    if journal.path is None:
        message = "the journal is switched off, so no past session is known"
        raise UsageError(message, hints=["sandbox try PACKAGE --promote install.sh"])
    record = journal.find(name)
    if record is not None:
        return record
    if name is None:
        message = "no session has been recorded yet"
        raise UsageError(message, hints=["sandbox try htop"])
    message = f"no session named {name} is recorded"
    raise UsageError(message, hints=["sandbox history"])


def promotion_of(record: Record, rows: Sequence[Distro]) -> Promotion:
    """Return what a session has to promote; raise UsageError where that is nothing, or its distro is unknown now."""
    target = _target(record, rows)
    manager = manager_named(target.manager)
    if not record.packages:
        message = f"{record.name} installed nothing, so there is nothing to promote"
        raise UsageError(message, hints=["sandbox history"])
    for entry in record.packages:
        parse_reference(entry.full_name, manager)  # the journal is a file: what is in it is data
    return Promotion(
        elsewhere=known_elsewhere(entry.name for entry in record.packages if not entry.source),
        proof=record.proof,
        name=record.name,
        target=target,
        family=family(target.distro, rows),
        image=record.image,
        digest=record.digest,
        image_id=record.image_id,
        packages=tuple(
            PromotedPackage(
                ref=PackageRef(name=entry.name, version=entry.version if entry.pinned else None, source=entry.source),
                version=entry.version,
                origin=entry.origin,
            )
            for entry in record.packages
        ),
        date=record.date[:10],
        tool=record.tool,
        left_out=left_out(record),
        accepted=accepted_lines(record.accepted),
        recommends=record.recommends,
        settings=record.settings,
        services=record.services,
    )


def promotion_of_plan(plan: Plan, name: str, parent: Distro, *, date: str, tool: str) -> Promotion:
    """Return what a spec would have to promote had it been tried; raise UsageError where it has no package.

    Versions are unknown until a proof has seen them.
    """
    if not plan.packages:
        message = f"{name} has no packages, so there is nothing to promote"
        raise UsageError(message, hints=["sandbox new NAME PACKAGE..."])
    spec = plan.spec
    return Promotion(
        name=name,
        target=plan.target,
        family=parent,
        image=plan.images[0] if plan.images else plan.target.built_image,
        digest=None,
        image_id="",
        packages=tuple(PromotedPackage(ref=ref, version=ref.version or "") for ref in plan.packages),
        date=date,
        tool=tool,
        recommends=plan.recommends,
        left_out=(*(f"setup: {text}" for text in spec.setup), *(f"file {file.path}" for file in spec.files)),
        elsewhere=known_elsewhere(ref.name for ref in plan.packages if not ref.source),
    )


def _target(record: Record, rows: Sequence[Distro]) -> Target:
    """Return the distro of a session; the row of one that the user named may have gone since."""
    try:
        return find_target(f"{record.distro}:{record.release}", rows)
    except UsageError as error:
        message = f"{record.name} was a session on {record.distro}:{record.release}, which no row describes now"
        hints = ["sandbox promote --distros FILE, with the file that has it", "sandbox distros"]
        raise UsageError(message, details=error.details, hints=hints) from error


def promote(record: Record, rows: Sequence[Distro], *, form: str = "sh") -> str:
    """Return the text of a session's promotion; `rows` are the distros in force."""
    return FORMATS[form].render(promotion_of(record, rows))


def chosen_formats(names: Sequence[str]) -> tuple[Format, ...]:
    """Return the formats of these names, `sh` where none is given; raise UsageError for one that is unknown."""
    unknown = [name for name in names if name not in FORMATS]
    if unknown:
        message = f'there is no format "{plain_line(unknown[0], 40)}"'
        raise UsageError(message, details=[("formats", ", ".join(FORMATS))], hints=["sandbox promote --help"])
    return tuple(FORMATS[name] for name in dict.fromkeys(names or ("sh",)))


def selected(promotion: Promotion, only: Sequence[str], without: Sequence[str]) -> Promotion:
    """Return the promotion with `only` these packages, or `without` some; raise UsageError for one it has not."""
    there = [row.ref.full_name for row in promotion.packages]
    for name in (*only, *without):
        if name not in there:
            message = f'{promotion.name} has no package "{plain_line(name, 60)}"'
            raise UsageError(message, details=[("packages", ", ".join(there))])
    kept = [name for name in there if (not only or name in only) and name not in without]
    if not kept:
        message = "nothing is left to promote"
        raise UsageError(message, details=[("packages", ", ".join(there))])
    return replace(promotion, packages=tuple(row for row in promotion.packages if row.ref.full_name in kept))


def retargeted(promotion: Promotion, target: Target, parent: Distro) -> Promotion:
    """Return the promotion for another distro of the same names of packages, in whatever versions that one has."""
    if target == promotion.target:
        return promotion
    packages = tuple(
        replace(row, ref=replace(row.ref, version=row.ref.version if row.ref.source else None), version="")
        for row in promotion.packages
    )
    return replace(
        promotion,
        target=target,
        family=parent,
        packages=packages,
        image=target.image,
        digest=None,
        image_id="",
        accepted=promotion.accepted if target.manager == promotion.target.manager else (),
        proof=None,
    )


def is_of_other_names(promotion: Promotion, target: Target) -> bool:
    """Return whether packages have other names on a distro than they have in the promotion."""
    return ROWS[target.manager].family != ROWS[promotion.target.manager].family


def refused(proof: Proof) -> CheckFailed:
    """Return the error for a proof that failed, with its evidence."""
    failed = next(row for row in proof.checks if not row.passed)
    return CheckFailed(
        f"the install script did not pass its proof: {failed.name}",
        details=[(failed.name, text) for text in failed.differences[:12]],
        hints=[
            "the same sandbox try again, where versions have moved on",
            "sandbox promote --force, to have it all the same",
        ],
    )


def left_out(record: Record) -> tuple[str, ...]:
    """Return what the session did beyond packages, a line each: no promotion holds it."""
    return (
        *(f"setup: {command}" for command in record.setup),
        *(f"file {path}" for path in record.files),
        *record.strays,
    )
