"""What a verb is given beside an engine: a host with folders of its own, a request, and what it answered."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from sandbox import __version__
from sandbox.distros.lookup import find_target
from sandbox.lifecycle.journal import Journal
from sandbox.lifecycle.owner import current_owner
from sandbox.managers.registry import manager_of
from sandbox.provision.context import Context
from sandbox.provision.plan import Terms, plan_for
from sandbox.provision.request import TryRequest
from sandbox.specs.model import Spec
from sandbox.specs.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path


def host_in(folder: Path, **given: Any) -> Context:
    """Return a host whose state and journal are in a folder."""
    known = {
        "environ": {},
        "owner": current_owner(),
        "settings": Settings(),
        "journal": Journal(folder / "journal.jsonl"),
        "state_folder": folder,
        "version": __version__,
    }
    return Context(**{**known, **given})


def request_for(*packages: str, distro: str = "debian:bookworm", terms: Terms = Terms(), **given: Any) -> TryRequest:  # noqa: B008
    """Return a request for packages of a distro; `given` are fields of the spec, or of the request."""
    of_spec = {name: given.pop(name) for name in list(given) if name in Spec.__struct_fields__ and name != "name"}
    spec, target = Spec(packages=packages, **of_spec), find_target(distro)
    make = partial(plan_for, spec, manager=manager_of(target.manager), terms=terms)
    return TryRequest(spec=spec, planned=make, plan=make(target), **given)
