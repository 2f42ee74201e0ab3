"""Programs beside Python that a few tests run, as shells and shellcheck."""

from __future__ import annotations

import os
import shutil

import pytest


def need(program: str) -> None:
    """Skip the test where a program is not installed; fail it where SANDBOX_REQUIRE_ENGINE=1, as in `make test`."""
    if shutil.which(program) is not None:
        return
    reason = f"not installed: {program}; next: make tools"
    if os.environ.get("SANDBOX_REQUIRE_ENGINE") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
