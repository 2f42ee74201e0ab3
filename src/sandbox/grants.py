"""What a spec asks beyond the defaults, in plain words, and whether the user grants it: specs travel between people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, get_args

from sandbox.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection

    from sandbox.spec.model import Spec

Grant = Literal["mounts", "ports"]
GRANTS: Final[tuple[str, ...]] = get_args(Grant)


def asked(spec: Spec) -> tuple[tuple[Grant, str], ...]:
    """Return each thing the spec asks for beyond the defaults, with what it means."""
    mounts = tuple(
        f"sees {mount.source} of this host as {mount.target}" + ("" if mount.read_only else " and may change it")
        for mount in spec.mounts
    )
    ports = tuple(
        f"its port {port.container}/{port.protocol} is open at {port.host}:{port.published or '(any free)'}"
        for port in spec.ports
    )
    return (*(("mounts", text) for text in mounts), *(("ports", text) for text in ports))


def checked(names: Collection[str]) -> frozenset[str]:
    """Return the grants of `--allow a,b`; raise UsageError for one that is none."""
    for name in names:
        if name not in GRANTS:
            message = f"--allow {name!r} is nothing that can be granted"
            raise UsageError(message, details=[("known", ", ".join(GRANTS))])
    return frozenset(names)


def missing(spec: Spec, granted: Collection[str]) -> tuple[tuple[Grant, str], ...]:
    """Return what the spec asks for and was not granted."""
    return tuple((grant, text) for grant, text in asked(spec) if grant not in granted)


def refusal(rows: tuple[tuple[Grant, str], ...]) -> UsageError:
    """Return the error for a spec that asks for what nobody granted."""
    kinds = sorted({grant for grant, _ in rows})
    return UsageError(
        "the spec asks for more than a sandbox has by default",
        details=list(rows),
        hints=[f"the same command with --allow {','.join(kinds)}, if you trust the spec"],
    )
