"""An engine of another kind for the comparison, one that `make engines` tests too: both sides are led to it."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from bench.terminal import BenchError
from tests.engines.daemons import DAEMONS
from tests.storm.engines import private_engine
from tests.storm.stage import stage_here

if TYPE_CHECKING:
    from collections.abc import Iterator

HOST: Final = "DOCKER_HOST"
"""What leads both programs to an engine."""


@contextmanager
def other_engine(kind: str) -> Iterator[str]:
    """Start an engine with Debian's base on it, and lead both programs there; yield what it is called in a table.

    Its data are on the disk where temporary files are, its network goes by the bridge of this machine's own engine.
    Raises BenchError where it can't be had.
    """
    if reason := DAEMONS[kind].missing():
        message = f"{kind}: {reason}"
        raise BenchError(message)
    with stage_here() as stage, private_engine(stage, kind, disk="", uplink=True) as (own, _):
        before = os.environ.get(HOST)
        os.environ[HOST] = own.url
        try:
            yield DAEMONS[kind].title
        finally:
            if before is None:
                del os.environ[HOST]
            else:
                os.environ[HOST] = before
