"""What a Sandbox and its commands may be given, and what is said of anything else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.unit.fakes.host import host_in

from sandbox import Sandbox, UnknownWord, UsageError
from sandbox.api.arguments import Wanted, command_spec, request_of, variables


def spec_of(*argv: Any, **given: Any) -> Any:
    known: dict[str, Any] = {"given": None, "env": {}, "cwd": None, "user": None, "timeout": None}
    return command_spec(argv, folder="/srv", own={"A": "own", "PATH": "/bin"}, **{**known, **given})


def test_words_are_texts_or_paths_and_stay_as_they_are() -> None:
    spec = spec_of("cat", Path("/a b"), "", "$HOME;")
    assert spec.argv == ("cat", "/a b", "", "$HOME;")
    assert (spec.folder, spec.user, spec.stdin, spec.seconds) == ("/srv", "0", None, None)


def test_variables_are_added_to_the_sandboxes_own() -> None:
    assert spec_of("env", env={"A": "mine", "B": ""}).env == {"A": "mine", "B": "", "PATH": "/bin"}


def test_input_is_text_or_bytes_and_empty_input_is_input() -> None:
    assert spec_of("cat", given="é").stdin == "é".encode()
    assert spec_of("cat", given=b"\xff").stdin == b"\xff"
    assert spec_of("cat", given="").stdin == b""


@pytest.mark.parametrize(("user", "expected"), [(None, "0"), (0, "0"), (1000, "1000"), ("a:b", "a:b")])
def test_a_user_is_a_name_a_number_or_both_with_a_group(user: str | int | None, expected: str) -> None:
    assert spec_of("id", user=user).user == expected


@pytest.mark.parametrize(
    ("argv", "given", "said"),
    [
        ((), {}, "run needs a command"),
        ((["jq"],), {}, r"a word of the command is a text or a path, not \['jq'\]"),
        ((b"jq",), {}, "is a text or a path"),
        (("a\0b",), {}, "has a NUL character"),
        (("\udcff",), {}, "is not UTF-8"),
        (("a",), {"timeout": 0}, "timeout is a number of seconds above 0, not 0"),
        (("a",), {"timeout": float("nan")}, "timeout is a number"),
        (("a",), {"env": {"A=B": "c"}}, "env: "),
        (("a",), {"env": {"A": 1}}, "the value of A is a text, not 1"),
        (("a",), {"cwd": "a\0"}, "cwd has a NUL"),
    ],
)
def test_what_no_command_can_have_is_said(argv: Any, given: Any, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        spec_of(*argv, **given)


@pytest.mark.parametrize("name", ["packages", "setup"])
def test_one_text_is_no_list_of_texts(name: str) -> None:
    wrong: dict[str, Any] = {name: "jq"}
    with pytest.raises(UsageError, match=rf"{name} takes a list of texts, not one text: {name}=\['jq'\]"):
        Sandbox(**wrong)
    mixed: dict[str, Any] = {name: ["jq", 1]}
    with pytest.raises(UsageError, match="and 1 is not a text"):
        Sandbox(**mixed)


def test_a_request_is_what_the_same_options_of_try_make(tmp_path: Path) -> None:
    wanted = Wanted(distro="debian:trixie", packages=("jq", "curl"), setup=("true",), env={"A": "b"}, network="offline")
    request = request_of(wanted, host_in(tmp_path))
    assert request.plan is not None
    assert request.plan.target.option == "debian:trixie"
    assert request.spec.packages == ("jq", "curl")
    assert (request.spec.env, request.spec.setup, request.spec.network) == ({"A": "b"}, ("true",), "offline")
    assert (request.terminal, request.life) == (False, "session")


def test_an_unknown_distro_or_package_is_said_as_on_the_command_line(tmp_path: Path) -> None:
    with pytest.raises(UnknownWord, match='unknown distro "debain"') as caught:
        request_of(Wanted(distro="debain", env={}), host_in(tmp_path))
    assert caught.value.near == "debian"
    with pytest.raises(UsageError, match="-rf"):
        request_of(Wanted(distro="debian", packages=("-rf",), env={}), host_in(tmp_path))
    with pytest.raises(UsageError, match="network is one of default, none, offline, not 'host'"):
        request_of(Wanted(network="host", env={}), host_in(tmp_path))


def test_variables_of_a_wrong_name_are_refused() -> None:
    with pytest.raises(UsageError, match="env: "):
        variables({"": "x"})


def test_a_sandbox_that_is_not_open_says_how_to_open_it() -> None:
    box = Sandbox()
    for use in (lambda: box.run("true"), lambda: box.name, box.footprint, box.promote):
        with pytest.raises(UsageError, match=r"not open: use it in a block, as in `with Sandbox\(\) as box:`"):
            use()
    box.close()
    with pytest.raises(UsageError, match="this sandbox is closed, and removed"):
        box.run("true")
    with pytest.raises(UsageError, match="is closed: a Sandbox is entered once, so make another one"):
        box.__enter__()
