"""What a spec asks beyond the defaults is said in words and granted by the user."""

from __future__ import annotations

import pytest

from sandbox.errors import UsageError
from sandbox.grants import GRANTS, asked, checked, missing, refusal
from sandbox.spec.model import Mount, Port, Spec

SPEC = Spec(
    mounts=(Mount(source="/home/me", target="/me"), Mount(source="/srv", target="/srv", read_only=False)),
    ports=(Port(container=80, published=8080), Port(container=53, published=0, protocol="udp", host="::1")),
)


def test_everything_asked_for_is_said_in_words() -> None:
    assert asked(SPEC) == (
        ("mounts", "sees /home/me of this host as /me"),
        ("mounts", "sees /srv of this host as /srv and may change it"),
        ("ports", "its port 80/tcp is open at 127.0.0.1:8080"),
        ("ports", "its port 53/udp is open at ::1:(any free)"),
    )


def test_a_plain_spec_asks_for_nothing() -> None:
    assert asked(Spec(packages=("htop",), env={"A": "b"}, setup=("true",))) == ()


def test_what_is_granted_is_not_missing() -> None:
    assert {kind for kind, _ in missing(SPEC, {"mounts"})} == {"ports"}
    assert missing(SPEC, set(GRANTS)) == ()


def test_a_refusal_names_the_option_for_all_that_is_missing() -> None:
    error = refusal(missing(SPEC, ()))
    assert error.exit_code == 2
    assert len(error.details) == 4
    assert "--allow mounts,ports" in error.hints[0]


@pytest.mark.parametrize("name", ["", "mount", "all", "MOUNTS", " ports"])
def test_what_is_no_grant_is_a_usage_error(name: str) -> None:
    with pytest.raises(UsageError, match="nothing that can be granted"):
        checked([name])


def test_known_grants_pass() -> None:
    assert checked(["ports", "mounts", "ports"]) == frozenset(GRANTS)
