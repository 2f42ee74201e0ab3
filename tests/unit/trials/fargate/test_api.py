"""Without the extra, and what AWS's refusals become; nothing of a credential is said."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from sandbox.errors import Denied, NotFound, UsageError
from sandbox.trials.fargate import api
from sandbox.trials.jobs.protocol import Crowded, Refused

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.errors import EngineError


def translation(code: str, said: str) -> EngineError:
    return api.translation("RunTask", code, said, {"resourceIds": ["arn:1"]})


def test_without_the_extra_the_line_that_installs_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(UsageError) as caught:
        api.Aws("eu-west-1")
    assert caught.value.hints[0].line.endswith("pip install botocore")


def test_a_refusal_names_the_operation_and_its_kind() -> None:
    assert isinstance(translation("AccessDeniedException", "no"), Denied)
    assert translation("AccessDeniedException", "no").brief == "you may not call RunTask in AWS"
    assert isinstance(translation("ClusterNotFoundException", "Cluster not found."), NotFound)
    assert isinstance(translation("ClientException", "You've reached the limit on the number of vCPUs"), Crowded)
    assert isinstance(translation("InvalidParameterException", "bad"), Refused)
    conflict = translation("ConflictException", "token")
    assert isinstance(conflict, api.Conflicting)
    assert conflict.existing == ("arn:1",)


def test_what_is_said_of_a_signature_is_left_out() -> None:
    error = translation("SignatureDoesNotMatch", "The Canonical String should have been x-amz-security-token:SECRET")
    assert "SECRET" not in f"{error.brief} {error.details} {error.hints}"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("InvalidSignatureException", "Signature expired: 20261129T193000Z is now earlier than 20261129T201500Z"),
        ("SignatureDoesNotMatch", "Signature not yet current: 20261129T233000Z is still later than 20261129T201500Z"),
        ("RequestTimeTooSkewed", "The difference between the request time and the current time is too large."),
    ],
)
def test_a_wrong_clock_of_this_machine_is_said(code: str, said: str) -> None:
    error = translation(code, said)
    assert isinstance(error, Denied)
    assert "clock of this machine" in error.brief


@pytest.mark.parametrize(
    ("named", "environ", "region"),
    [
        ("", {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "us-east-1"}, "eu-west-1"),
        ("", {"AWS_DEFAULT_REGION": "us-east-1"}, "us-east-1"),
        ("ap-south-1", {"AWS_REGION": "eu-west-1"}, "ap-south-1"),
        ("", {}, ""),
    ],
)
def test_the_region_is_the_settings_or_that_of_the_aws_program(
    named: str, environ: dict[str, str], region: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"AWS_CONFIG_FILE": str(tmp_path / "none"), **environ}.items():
        monkeypatch.setenv(name, value)
    aws = api.Aws(named)
    assert aws.has_region is bool(region)
    if region:
        assert aws.region == region
        return
    with pytest.raises(UsageError, match="doesn't know the AWS region"):
        _ = aws.region


def test_the_package_and_the_command_line_load_nothing_of_aws() -> None:
    code = (
        "import sys, sandbox, sandbox.cli.main, sandbox.commands.trial; print([n for n in sys.modules if 'boto' in n])"
    )
    done = subprocess.run((sys.executable, "-c", code), capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
