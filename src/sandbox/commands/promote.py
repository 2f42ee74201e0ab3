"""`sandbox promote`: a past session's packages as a script for a host, from the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.distros.lookup import family, find_target
from sandbox.errors import UsageError
from sandbox.managers import manager_named, parse_reference
from sandbox.managers.base import PackageRef
from sandbox.promotions import FORMATS
from sandbox.promotions.base import PromotedPackage, Promotion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.distros.model import Distro, Target
    from sandbox.journal import Journal, Record


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


def left_out(record: Record) -> tuple[str, ...]:
    """Return what the session did beyond packages, a line each: no promotion holds it."""
    return (
        *(f"setup: {command}" for command in record.setup),
        *(f"file {path}" for path in record.files),
    )
