"""What the journal is told of a trial: when it is handed over, and again when it is left."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sandbox.errors import EngineError
from sandbox.evaluate.footprint import by_hand
from sandbox.evaluate.probe import probe, stamps
from sandbox.journal import Entry, Record

if TYPE_CHECKING:
    from sandbox.engine.base import Engine, Image
    from sandbox.evaluate.probe import Probe
    from sandbox.managers.base import Manager
    from sandbox.plan import Plan
    from sandbox.provision import Provisioned
    from sandbox.session import Session


def record_of(state: Provisioned, *, session: Session, plan: Plan, base: Image, reference: str, version: str) -> Record:
    """Return the record of a trial that is about to be handed over."""
    pinned = {package.name for package in plan.packages if package.version}
    return Record(
        session=session.id,
        name=session.name,
        date=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        distro=plan.target.distro.name,
        release=plan.target.release.name,
        image=reference,
        image_id=base.id,
        digest=base.digest,
        spec=plan.spec.name,
        packages=tuple(Entry(name=row.name, version=row.version, pinned=row.name in pinned) for row in state.asked),
        setup=plan.spec.setup,
        files=tuple(file.path for file in plan.spec.files),
        tool=version,
    )


def looked_back(record: Record, state: Provisioned, *, engine: Engine, container: str, manager: Manager) -> Record:
    """Return the record with what was added by hand; read only if the manager's database changed at all.

    A sandbox that died leaves the record as it was, marked as one from which something is lost.
    """
    try:
        now = stamps(engine, container, manager)
        if now == dict(state.stamps):
            return record
        if not any(now.values()):
            return replace(record, lost=True)
        return with_by_hand(record, state.explicit, probe(engine, container, manager))
    except EngineError:
        return replace(record, lost=True)


def with_by_hand(record: Record, provisioned: frozenset[str], last: Probe) -> Record:
    """Return the record less what is no longer installed, and with what was asked for since the provisioning."""
    present = {package.name for package in last.packages}
    kept = tuple(entry for entry in record.packages if entry.name in present)
    added = tuple(Entry(name=row.name, version=row.version, origin="by-hand") for row in by_hand(provisioned, last))
    return replace(record, packages=(*kept, *added))
