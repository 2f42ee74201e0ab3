"""`sandbox validate`: checks specs, and shows all problems of each."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct

from sandbox.errors import UsageError
from sandbox.specs.find import load_by_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sandbox.specs.find import Stdin
    from sandbox.specs.load import Known, LoadedSpec
    from sandbox.specs.model import Spec

Inspect = Callable[["LoadedSpec"], object]
"""A deeper check that makes a plan; raises UsageError."""


class Validated(Struct, frozen=True, kw_only=True):
    """One spec: its value, or the error with its problems."""

    source: str
    spec: Spec | None = None
    error: UsageError | None = None

    @property
    def is_ok(self) -> bool:
        """Whether it has no problems."""
        return self.error is None


def validate(
    files: Sequence[str],
    *,
    environ: Mapping[str, str],
    cwd: Path,
    stdin: Stdin | None = None,
    known: Known | None = None,
    inspect: Inspect | None = None,
) -> tuple[Validated, ...]:
    """Return a result for every path, name or `-`, in order; never raises for a spec that is wrong.

    `known` knows the distros. `inspect` is asked about those that load, for what only the plan can know.
    """
    load = partial(load_by_name, environ=environ, cwd=cwd, stdin=stdin, known=known)
    return tuple(_validate(file, load, inspect) for file in files)


def _validate(file: str, load: Callable[[str], LoadedSpec], inspect: Inspect | None) -> Validated:
    try:
        loaded = load(file)
        if inspect is not None:
            inspect(loaded)
    except UsageError as error:
        return Validated(source=file, error=error)
    return Validated(source=loaded.source, spec=loaded.spec)
