"""--like-host: this host, read by its own manager, as what a sandbox begins with; what is not taken is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer
from msgspec.structs import replace

from sandbox.distros.detect import has_known_release, host_target
from sandbox.errors import Advice, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.cli.try_arguments import TryArguments
    from sandbox.distros.model import Distro
    from sandbox.managers.host_state import HostState
    from sandbox.specs.model import Spec


def like_this_host(asked: TryArguments, spec: Spec, rows: Sequence[Distro]) -> tuple[HostState, Spec]:
    """Return what this host is, and the spec on its distro. Raises UsageError where that can't be."""
    from sandbox.core.plaintext import plain_line
    from sandbox.managers.host_readers import read_host
    from sandbox.promote.preflight import on_this_host
    from sandbox.provision.host_steps import check_readable

    target = host_target(rows)
    if target is None or not has_known_release(target):
        what = "release" if target else "distro"
        message = f"--like-host: sandbox does not know this host's {what}"
        raise UsageError(message, hints=[Advice.sandbox("distros")])
    _check_alone(asked, spec, target.option)
    check_readable(target)
    state = read_host(target.manager, on_this_host)
    for line in state.left_out:
        typer.echo(f"not taken from this host: {plain_line(line, 200)}", err=True)
    return state, replace(spec, distro=target.option)


def _check_alone(asked: TryArguments, spec: Spec, own: str) -> None:
    """Raise UsageError for what would make the base another than this host's release, or hold it to other versions."""
    others = (
        ("--image", spec.image),
        ("--dockerfile", spec.dockerfile),
        ("--platform", spec.platform),
        ("--bundle", asked.what.bundle),
        ("--locked", asked.what.locked),
        ("--as-of", asked.what.as_of),
        (f"--distro {spec.distro}", spec.distro and spec.distro not in (own, own.partition(":")[0])),
    )
    for option, value in others:
        if value:
            message = f"--like-host and {option} can't be combined: the sandbox begins as this host is"
            raise UsageError(message, hints=[Advice.without("--like-host")])
