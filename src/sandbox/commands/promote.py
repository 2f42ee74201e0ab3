"""`sandbox promote`: the current state of a session, and its promotion: proven, recorded, or refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sandbox.core.human import seconds
from sandbox.errors import SandboxError
from sandbox.promote.promotion import refusal
from sandbox.promote.recapture import container_of, refresh_record
from sandbox.promote.verify import prove

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.core.progress import Reporter
    from sandbox.engine.protocol import Engine
    from sandbox.lifecycle.journal import Record
    from sandbox.promote.formats.base import Promotion
    from sandbox.provision.context import Context


def verify_and_record(
    promotion: Promotion,
    record: Record | None,
    *,
    host: Context,
    engine: Engine,
    reporter: Reporter,
    force: bool = False,
) -> Promotion:
    """Return the promotion with its proof, which the record gets too; raise CheckFailed where it failed, unless forced.

    The record is left as it was where only a part of it, or another distro, is promoted.
    """
    reporter.heading(f"proof in a fresh {promotion.target.label}")
    proof, found = prove(promotion, host=host, engine=engine, reporter=reporter)
    if record is not None:
        try:
            host.journal.write(replace(record, proof=proof))
        except SandboxError as error:
            reporter.warn(error)
    if not proof.passed and not force:
        raise refusal(proof)
    verdict = "passed" if proof.passed else "FAILED, but written because of --force"
    reporter.rows([("  proof", f"{verdict} in {seconds(proof.seconds)}")])
    return found


def latest(record: Record, host: Context, connect: Callable[[], Engine]) -> Record:
    """Return the record with later manual changes, if its sandbox still exists and an engine answers."""
    try:
        with connect() as engine:
            box = container_of(record, host, engine)
            return record if box is None else refresh_record(record, box, host=host, engine=engine)
    except SandboxError:
        return record
