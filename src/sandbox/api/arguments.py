"""The arguments of a `Sandbox` and of its commands: checked, and as the values that the rooms below take."""

from __future__ import annotations

import math
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from sandbox.container.command import CommandSpec
from sandbox.core.paths import home
from sandbox.errors import UsageError
from sandbox.lifecycle.names import validate_name
from sandbox.provision.planning import plan_at, target_for, usual_platform
from sandbox.provision.request import TryRequest
from sandbox.specs import values
from sandbox.specs.options import Options, parse_option, spec_from_options

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sandbox.provision.context import Context

NETWORKS = ("default", "none", "offline")


class Wanted(Struct, frozen=True, kw_only=True):
    """What was asked of a Sandbox, as it was given."""

    distro: str | None = None
    packages: tuple[str, ...] = ()
    image: str | None = None
    setup: tuple[str, ...] = ()
    env: Mapping[str, str]
    network: str | None = None
    memory: str | None = None
    cpus: str | None = None
    platform: str | None = None
    recommends: bool | None = None
    cache: bool | None = None
    name: str | None = None
    engine: str | None = None


def texts(what: str, given: Iterable[object]) -> tuple[str, ...]:
    """Return several texts. Raises UsageError for one text, whose letters would be taken for several."""
    if isinstance(given, str | bytes):
        message = f"{what} takes a list of texts, not one text: {what}=[{given!r}]"
        raise UsageError(message)
    found = tuple(given)
    if wrong := [one for one in found if not isinstance(one, str)]:
        message = f"{what} takes a list of texts, and {wrong[0]!r} is not a text"
        raise UsageError(message)
    return tuple(one for one in found if isinstance(one, str))


def request_of(wanted: Wanted, host: Context) -> TryRequest:
    """Return the request. Raises UsageError for what can't be, before an engine is needed."""
    if wanted.name is not None:
        validate_name(wanted.name)
    if wanted.network not in (None, *NETWORKS):
        message = f"network is one of {', '.join(NETWORKS)}, not {str(wanted.network)[:40]!r}"
        raise UsageError(message)
    options = Options(
        distro=wanted.distro,
        image=wanted.image,
        platform=wanted.platform,
        packages=wanted.packages,
        setup=wanted.setup,
        env=[f"{name}={value}" for name, value in variables(wanted.env).items()],
        memory=wanted.memory,
        cpus=wanted.cpus,
        network=wanted.network,
        recommends=wanted.recommends,
    )
    own, limits = home(host.environ), host.settings.limits
    spec = spec_from_options(options, folder=Path(), home=own, environ=host.environ, defaults=limits)
    spec = replace(spec, platform=spec.platform or usual_platform(host.environ))
    rows = host.rows()
    target = target_for(spec, host, rows)
    planned = partial(plan_at, spec, host, {})
    return TryRequest(
        spec=spec,
        planned=planned,
        plan=planned(target) if target else None,
        rows=rows,
        name=wanted.name,
        recommends=host.settings.recommends if spec.recommends is None else spec.recommends,
    )


def command_spec(
    argv: tuple[str | os.PathLike[str], ...],
    *,
    folder: str,
    own: Mapping[str, str],
    given: str | bytes | None,
    env: Mapping[str, str],
    cwd: str | os.PathLike[str] | None,
    user: str | int | None,
    timeout: float | None,
) -> CommandSpec:
    """Return what to run in a sandbox, in `folder` unless `cwd` is another, with its `own` variables and `env`.

    Raises UsageError for words that no command can be given.
    """
    if not argv:
        raise UsageError('run needs a command, as in run("jq", "--version")')
    if timeout is not None and not (math.isfinite(timeout) and timeout > 0):
        raise UsageError(f"timeout is a number of seconds above 0, not {timeout!r}")
    stdin = given.encode(errors="surrogatepass") if isinstance(given, str) else given
    return CommandSpec(
        argv=tuple(_word("a word of the command", word) for word in argv),
        env={**own, **variables(env)},
        user="0" if user is None else _word("user", str(user)) or "0",
        folder=folder if cwd is None else _word("cwd", cwd),
        stdin=None if stdin is None else bytes(stdin),
        seconds=timeout,
    )


def variables(env: Mapping[str, object]) -> dict[str, str]:
    """Return variables of the environment. Raises UsageError for a name or a value that none can have."""
    found = {}
    for name, value in env.items():
        if not isinstance(value, str):
            raise UsageError(f"env: the value of {name} is a text, not {value!r}")
        parse_option("env", values.ENV_NAME, name)
        found[name] = parse_option("env", values.ENV_VALUE, _word("env", value))
    return found


def _word(what: str, given: object) -> str:
    """Return a text that can be an argument. Raises UsageError for any other (execve(2); engines take UTF-8 alone)."""
    found = os.fspath(given) if isinstance(given, str | os.PathLike) else given
    if not isinstance(found, str):
        raise UsageError(f"{what} is a text or a path, not {given!r}")
    try:
        found.encode()
    except UnicodeEncodeError:
        raise UsageError(f"{what} is not UTF-8: {found!r}") from None
    if "\0" in found:
        raise UsageError(f"{what} has a NUL character in it: {found!r}")
    return found
