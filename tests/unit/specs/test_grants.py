"""What a spec asks beyond the defaults is said in words and granted by the user."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.advised import advice_of

from sandbox.errors import UsageError
from sandbox.specs.grants import GRANTS, dangerous, missing_grants, parse_allow, refusal_error, requests
from sandbox.specs.load import load_spec
from sandbox.specs.model import Copy, Limits, Mount, Port, Spec

if TYPE_CHECKING:
    from pathlib import Path

SPEC = Spec(
    mounts=(Mount(source="/home/me", target="/me"), Mount(source="/srv", target="/srv", read_only=False)),
    ports=(Port(container=80, published=8080), Port(container=53, published=0, protocol="udp", host="::1")),
)


def test_everything_asked_for_is_said_in_words() -> None:
    assert requests(SPEC, Limits()) == (
        ("mounts", "sees /home/me of this host as /me"),
        ("mounts", "sees /srv of this host as /srv and may change it"),
        ("ports", "opens its port 80/tcp at 127.0.0.1:8080"),
        ("ports", "opens its port 53/udp at ::1:(any free)"),
    )


def test_a_copy_of_this_hosts_files_is_granted_like_a_mount() -> None:
    spec = Spec(copies=(Copy(source="/home/me/key", target="/key"),))
    assert requests(spec, Limits()) == (("copies", "gets a copy of /home/me/key of this host as /key"),)
    assert missing_grants(spec, {"mounts"}, Limits())
    assert not missing_grants(spec, {"copies"}, Limits())


def test_a_spec_that_boots_has_to_be_allowed() -> None:
    spec = Spec(boot=True)
    assert [kind for kind, _ in requests(spec, Limits())] == ["boot"]
    assert missing_grants(spec, {"capabilities"}, Limits())
    assert not missing_grants(spec, {"boot"}, Limits())


def test_a_plain_spec_asks_for_nothing() -> None:
    assert requests(Spec(packages=("htop",), env={"A": "b"}, setup=("true",)), Limits()) == ()


def test_what_is_granted_is_not_missing() -> None:
    assert {kind for kind, _ in missing_grants(SPEC, {"mounts"}, Limits())} == {"ports"}
    assert missing_grants(SPEC, set(GRANTS), Limits()) == ()


def test_a_refusal_names_the_option_for_all_that_is_missing() -> None:
    error = refusal_error(missing_grants(SPEC, (), Limits()))
    assert error.exit_code == 2
    assert len(error.details) == 4
    assert "--allow mounts,ports" in advice_of(error)[0]


@pytest.mark.parametrize("name", ["", "mount", "all", "MOUNTS", " ports"])
def test_what_is_no_grant_is_a_usage_error(name: str) -> None:
    with pytest.raises(UsageError, match="unknown kind"):
        parse_allow([name])


def test_known_grants_pass() -> None:
    assert parse_allow(["ports", "mounts", "ports"]) == frozenset({"ports", "mounts"})


WIDE = Spec(
    devices=("/dev/fuse",),
    capabilities=("SYS_ADMIN", "WAKE_ALARM"),
    network="host",
    limits=Limits(memory=8_000_000_000),
)


def test_what_reaches_beyond_the_sandbox_is_said_with_its_risk() -> None:
    assert requests(WIDE, Limits()) == (
        ("devices", "uses /dev/fuse of this host"),
        ("capabilities", "has the kernel capability SYS_ADMIN, which is nearly root on this host"),
        ("capabilities", "has the kernel capability WAKE_ALARM, which packages don't need to install"),
        ("network", "is on this host's own network: it sees and may open every local port"),
        ("limits", "may use 8.0 GB of memory, not 2.0 GB"),
    )


def test_limits_within_the_users_own_need_no_grant() -> None:
    assert requests(Spec(limits=Limits(pids=10)), Limits()) == ()
    assert requests(WIDE, Limits(memory=9_000_000_000))[-1][0] == "network"


def test_what_hands_the_host_over_is_dangerous_by_any_name(tmp_path: Path) -> None:
    home, work = tmp_path / "me", tmp_path / "me" / "work"
    work.mkdir(parents=True)
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "docker.sock").touch()
    (work / "root").symlink_to("/")
    bad = ["/", "/etc", str(home), str(work / "root"), str(tmp_path / "run"), str(tmp_path / "run" / "docker.sock")]
    mounts = [Mount(source=source, target="/x") for source in [*bad, str(work), "/nonexistent"]]
    assert list(dangerous(mounts, home)) == bad


BEFORE = """
repositories:
  - {name: a, URIs: https://a.example/d, Suites: ./, Signed-By: /k.gpg}
  - {name: b, URIs: https://b.example/d, Suites: ./, Trusted: true}
  - {name: c, URIs: https://c.example/d, Suites: ./}
pins: [{Package: "*", Pin: release n=x, Pin-Priority: 900}]
architectures: [i386]
answers: [p p/q boolean yes]
before: ["echo 1\\n  echo 2"]
"""


def test_what_is_set_before_the_packages_is_said_with_its_address_and_signer() -> None:
    spec = load_spec(BEFORE.encode(), source="s")
    assert requests(spec, Limits()) == (
        ("repositories", "takes packages from https://a.example/d, signed by /k.gpg in the sandbox"),
        ("repositories", "takes packages from https://b.example/d, which nobody signs"),
        ("repositories", "takes packages from https://c.example/d, signed by a key that the distro trusts"),
        ("pins", "prefers release n=x of * (900)"),
        ("architectures", "takes packages of i386"),
        ("answers", 'answers "true" to p/q'),
        ("before", "runs before the packages: echo 1 echo 2"),
    )
    own = ("repositories", "pins", "architectures", "answers", "before")
    assert missing_grants(spec, own, Limits()) == ()
    for name in own:
        assert {kind for kind, _ in missing_grants(spec, set(own) - {name}, Limits())} == {name}
