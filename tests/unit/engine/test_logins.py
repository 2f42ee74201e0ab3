"""The docker CLI's logins are had from real programs, and one that can't be had is a reason, never an end."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.engine.dockercli import Config
from sandbox.engine.logins import INDEX, Logins

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

IMAGE = "registry.example:5000/team/app:1"
HERE = "registry.example:5000"
ME = base64.b64encode(b"me:a:b").decode()


def logins(folder: Path, **said: Any) -> Logins:
    return Logins(Config(path="/home/me/.docker/config.json", **said), {"PATH": f"{folder}:/usr/bin:/bin"})


def helper(folder: Path, name: str, text: str) -> None:
    path = folder / f"docker-credential-{name}"
    path.write_text(f"#!/bin/sh\necho loud >&2\n{text}\n")
    path.chmod(0o755)


def given(found: Logins, reference: str = IMAGE) -> Mapping[str, str] | None:
    login = found.of(reference)
    assert not login.problem
    return login.given


@pytest.mark.parametrize("name", [HERE, f"https://{HERE}", f"http://{HERE}/v2/"])
def test_a_login_of_the_file_is_that_of_its_registry(tmp_path: Path, name: str) -> None:
    found = logins(tmp_path, auths={name: {"auth": ME}, "other.example": {"auth": "???"}})
    assert given(found) == {"serveraddress": HERE, "username": "me", "password": "a:b"}
    assert given(found, "elsewhere.example/app") is None
    assert found.of("other.example/x").problem.endswith("its login for other.example is invalid")


def test_the_hub_is_meant_by_every_name_it_has(tmp_path: Path) -> None:
    token = {INDEX: {"identitytoken": "t"}}
    for reference in ("debian", "me/app:1", "index." + INDEX.split("/")[2].removeprefix("index.") + "/library/debian"):
        assert given(logins(tmp_path, auths=token), reference) == {"serveraddress": INDEX, "identitytoken": "t"}


def test_a_build_gets_the_logins_of_the_images_that_it_names_and_no_others(tmp_path: Path) -> None:
    found = logins(tmp_path, auths={HERE: {"auth": ME}, "other.example": {"auth": ME}, INDEX: {"auth": ME}})
    assert set(found.of_images([IMAGE, f"{HERE}/x"])) == {HERE}
    assert set(found.of_images(["debian:bookworm"])) == {INDEX}
    assert found.of_images(["unknown.example/x"]) == {}


@pytest.mark.parametrize(
    ("entry", "is_odd"),
    [
        ({}, False),
        (None, False),
        ({"auth": ""}, False),
        ({"email": "me@example"}, False),
        ("text", True),
        (["x"], True),
        ({"auth": 5}, True),
        ({"auth": "é"}, True),
        ({"auth": "bm9jb2xvbg=="}, True),
        ({"auth": "//8="}, True),
        ({"username": "me", "password": 5}, True),
    ],
)
def test_an_odd_entry_is_no_login_and_a_reason(tmp_path: Path, entry: object, *, is_odd: bool) -> None:
    found = logins(tmp_path, auths={HERE: entry}).of(IMAGE)
    assert found.given is None
    assert bool(found.problem) == is_odd


def test_a_program_is_asked_once_for_the_registry(tmp_path: Path) -> None:
    said = f'read -r url; echo "$url" >>{tmp_path}/asked; echo "{{\\"Username\\": \\"me\\", \\"Secret\\": \\"s\\"}}"'
    helper(tmp_path, "kept", said.replace("read -r url", "url=$(cat)"))
    found = logins(tmp_path, helpers={HERE: "kept"}, store="missing")
    for _ in range(2):
        assert given(found) == {"serveraddress": HERE, "username": "me", "password": "s"}
    assert (tmp_path / "asked").read_text() == f"{HERE}\n"


def test_a_token_is_given_as_one(tmp_path: Path) -> None:
    helper(tmp_path, "kept", """echo '{"Username": "<token>", "Secret": "s"}'""")
    assert given(logins(tmp_path, store="kept")) == {"serveraddress": HERE, "identitytoken": "s"}


@pytest.mark.parametrize(
    "text",
    [
        "echo credentials not found in native keychain; exit 1",
        """echo '{"Username": "", "Secret": ""}'""",
    ],
)
def test_a_program_that_has_none_leaves_the_file_its_word(tmp_path: Path, text: str) -> None:
    helper(tmp_path, "kept", text)
    assert given(logins(tmp_path, store="kept")) is None
    found = logins(tmp_path, store="kept", auths={HERE: {"auth": ME}})
    assert given(found) == {"serveraddress": HERE, "username": "me", "password": "a:b"}


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("missing", "", "docker-credential-missing is not installed"),
        ("../evil", "", "docker-credential-../evil is not installed"),
        ("a b", "", "docker-credential-a b is not installed"),
        ("locked", "echo the keychain is locked; exit 1", "docker-credential-locked: the keychain is locked"),
        ("silent", "exit 3", "docker-credential-silent: loud"),
        ("odd", "echo hello", "docker-credential-odd gave an invalid answer"),
        ("list", "echo '[]'", "docker-credential-list gave an invalid answer"),
        ("number", """echo '{"Username": 1, "Secret": 2}'""", "gave an invalid answer"),
    ],
)
def test_a_program_that_fails_is_named(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], name: str, text: str, problem: str
) -> None:
    if text:
        helper(tmp_path, name, text)
    found = logins(tmp_path, store=name)
    assert found.of(IMAGE).given is None
    assert problem in found.of(IMAGE).problem
    assert found.of(IMAGE).problem.startswith("/home/me/.docker/config.json: ")
    assert found.all() == {}
    assert capfd.readouterr() == ("", "")


def test_a_program_of_the_current_folder_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    helper(tmp_path, "near", f"touch {tmp_path}/ran")
    monkeypatch.chdir(tmp_path)
    found = Logins(Config(store="near"), {"PATH": ".:"})
    assert "docker-credential-near is not installed" in found.of(IMAGE).problem
    assert not (tmp_path / "ran").exists()


def test_a_build_is_given_all_that_can_be_had(tmp_path: Path) -> None:
    helper(tmp_path, "kept", """echo '{"Username": "me", "Secret": "s"}'""")
    found = logins(tmp_path, auths={INDEX: {"auth": ME}, HERE: {}}, helpers={"a.example": "kept", "b.example": "none"})
    assert found.all() == {
        INDEX: {"serveraddress": INDEX, "username": "me", "password": "a:b"},
        "a.example": {"serveraddress": "a.example", "username": "me", "password": "s"},
    }


def test_a_configuration_that_can_not_be_read_is_the_reason(tmp_path: Path) -> None:
    assert logins(tmp_path, problem="is not a JSON object").of(IMAGE).problem == (
        "/home/me/.docker/config.json: it is not a JSON object"
    )
