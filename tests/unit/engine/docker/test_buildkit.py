"""What a build by BuildKit may do, and the error of one that fails."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.advised import advice_of

from sandbox.engine.buildx import Said
from sandbox.engine.docker.buildkit import check, failure
from sandbox.engine.protocol import BuildRequest
from sandbox.errors import PullFailed, StepFailed, UsageError

FILE = Path("/x/Dockerfile")
ASKED = BuildRequest(dockerfile=str(FILE), reference="r", labels={})
ALLOWED = BuildRequest(dockerfile=str(FILE), reference="r", labels={}, allows_frontend=True)


def test_a_reader_of_somebody_else_is_a_power_to_be_allowed() -> None:
    text = "# syntax=evil/reader:1\nFROM x\n"
    with pytest.raises(UsageError, match="asks for more") as caught:
        check(text, ASKED, is_old=False)
    assert "evil/reader:1" in dict(caught.value.details)["frontend"]
    assert "--allow frontend" in advice_of(caught.value)[0]
    check(text, ALLOWED, is_old=False)
    check("# syntax=docker/dockerfile:1\nFROM x\n", ASKED, is_old=False)


def test_what_is_too_new_for_the_engine_is_named_with_its_line() -> None:
    text = "FROM x\nCOPY --link a b\n"
    check(text, ASKED, is_old=False)
    with pytest.raises(UsageError, match="/x/Dockerfile:2: COPY --link is too new"):
        check(text, ASKED, is_old=True)


@pytest.mark.parametrize(
    ("step", "name"),
    [
        ("[internal] load metadata for r.example/x:1", "r.example/x:1"),
        ("[base 1/3] FROM r.example/x:1@sha256:1", "r.example/x:1@sha256:1"),
        ("[1/3] FROM r.example/x:1", "r.example/x:1"),
        ("resolve image config for docker-image://r.example/reader:1", "r.example/reader:1"),
    ],
)
def test_an_image_that_can_not_be_had_is_a_failed_pull(step: str, name: str) -> None:
    found = failure(Said(reason="failed to do request: dial tcp: no such host", step=step), FILE)
    assert isinstance(found, PullFailed)
    assert found.brief == f"could not pull {name}: the registry can't be reached"
    assert bool(advice_of(found)) == ("reader" in name)


def test_a_step_that_fails_is_said_with_its_last_output() -> None:
    output = "".join(f"line {number}\n" for number in range(30))
    found = failure(Said(reason="exit code: 3", step="[2/2] RUN a", output=f"{output}\x1b[31mred\x1b[0m"), FILE)
    assert isinstance(found, StepFailed)
    rows = dict(found.details)
    assert rows["step"] == "[2/2] RUN a"
    assert rows["it said"].splitlines()[-3:] == ["line 29", "red", "exit code: 3"]
    assert len(rows["it said"].splitlines()) == 13


def test_a_file_that_can_not_be_read_names_no_step() -> None:
    found = failure(Said(reason="dockerfile parse error on line 3: unknown instruction: RUNN"), FILE)
    assert found.details == (("it said", "dockerfile parse error on line 3: unknown instruction: RUNN"),)  # type: ignore[attr-defined]
