"""What is said where nobody is signed in to AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.errors import Denied
from sandbox.trials.fargate.api import Aws

if TYPE_CHECKING:
    from pathlib import Path


def test_without_credentials_it_is_said_that_there_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(Denied, match=r"^there are no credentials for AWS$"):
        Aws("eu-west-1").sign_in()
