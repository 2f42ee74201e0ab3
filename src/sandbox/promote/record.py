"""The journal's record of a session, at the moment the user gets the sandbox."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, Protocol

from msgspec import Struct

from sandbox.engine.references import own_digest
from sandbox.lifecycle.journal import Record, RecordedPackage
from sandbox.managers.registry import find_data

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.container.box import Box
    from sandbox.engine.protocol import Image
    from sandbox.managers.protocol import Manager, Package
    from sandbox.provision.launch import Launch
    from sandbox.provision.plan import Plan
    from sandbox.provision.run import Provisioned

ACCEPTED_LIMIT: Final = 1_000_000
"""Most bytes of what a manager accepted: thousands of lines."""


class Identified(Protocol):
    """A session, as a record names it."""

    id: str
    name: str


def record_of(
    state: Provisioned,
    *,
    session: Identified,
    plan: Plan,
    base: Image,
    reference: str,
    version: str,
    accepted: tuple[str, ...] = (),
) -> Record:
    """Return the record of a session."""
    pinned = {(package.source, package.name) for package in plan.packages if package.version}
    asked = {(package.source, package.name): package for package in plan.packages}
    return Record(
        session=session.id,
        name=session.name,
        date=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        distro=plan.target.distro.name,
        release=plan.target.release.name,
        image=reference,
        image_id=base.id,
        digest=own_digest(reference, base.digests),
        spec=plan.spec.name,
        packages=tuple(
            RecordedPackage(
                name=row.name,
                version=row.version,
                pinned=(row.source, row.name) in pinned,
                source=row.source,
                file=ref.file if (ref := asked.get((row.source, row.name))) else None,
                release=ref.release if ref else "",
            )
            for row in state.asked
        ),
        prepared=plan.settings,
        prepared_steps=plan.hand_steps,
        before=plan.spec.before,
        setup=plan.spec.setup,
        files=tuple(file.path for file in plan.spec.files),
        accepted=accepted,
        recommends=plan.recommends,
        tool=version,
    )


class _Named(Struct, kw_only=True):
    id: str
    name: str


def record_of_listing(there: Sequence[Package], *, plan: Plan, base: Image, reference: str, version: str) -> Record:
    """Return the record of a session elsewhere, of which only the list of its packages came back."""
    from sandbox.lifecycle.names import random_name
    from sandbox.lifecycle.session import random_session
    from sandbox.provision.run import Provisioned

    wanted = {(ref.source, ref.name) for ref in plan.packages}
    asked = tuple(package for package in there if any((package.source, text) in wanted for text in package.spellings))
    session = _Named(id=random_session(), name=random_name())
    return record_of(
        Provisioned(asked=asked), session=session, plan=plan, base=base, reference=reference, version=version
    )


def record_of_launch(launch: Launch, state: Provisioned) -> Record:
    """Return the record of a started sandbox that holds `state`."""
    return record_of(
        state,
        session=launch.session,
        plan=launch.plan,
        base=launch.image,
        reference=launch.found.reference,
        version=launch.context.version,
        accepted=accepted_keywords(launch.box, launch.manager),
    )


def accepted_keywords(box: Box, manager: Manager) -> tuple[str, ...]:
    """Return what the manager accepted by itself, such as a keyword or a licence, to install packages."""
    found = find_data(manager.name)
    if found is None or not found.host().accepted:
        return ()
    from sandbox.managers.host_rows import accepted_lines  # few managers accept anything by themselves

    _, output = box.read(("sh", "-c", found.host().accepted), limit=ACCEPTED_LIMIT)
    return accepted_lines(output.decode(errors="replace").splitlines())
