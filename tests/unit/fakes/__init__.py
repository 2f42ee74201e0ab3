"""An engine, its streams and a reporter in memory; mypy holds them to the Protocols of src.

The engine passes the claims of tests/contract/engine_claims.py, as the real ones do.
"""

from __future__ import annotations

from tests.unit.fakes.engine import FakeEngine
from tests.unit.fakes.reporter import FakeReporter
from tests.unit.fakes.streams import FakeConnection, FakeExec, frame

from sandbox.engine.labels import Owner

__all__ = ["OWNER", "FakeConnection", "FakeEngine", "FakeExec", "FakeReporter", "frame"]

OWNER = Owner(host="ourhost", boot="thisboot", pid_namespace="4026531836", uid=1000, pid=4711, started=99)
