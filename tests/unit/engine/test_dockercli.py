"""The docker CLI's configuration is read where that CLI has it alone, and never ends the program."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from tests.unit.advised import advice_of
from tests.unit.engine.test_discover import context

from sandbox.engine.discover import places
from sandbox.engine.dockercli import Config, endpoint, read_config
from sandbox.errors import NoEngine, UsageError

if TYPE_CHECKING:
    from pathlib import Path

USUAL = "unix:///var/run/docker.sock"


def test_every_part_that_is_known_is_read(tmp_path: Path) -> None:
    said = {
        "currentContext": "remote",
        "auths": {"registry.example": {"auth": "eDp5"}},
        "credsStore": "pass",
        "credHelpers": {"other.example": "gcr"},
        "HttpHeaders": {"X-Team": "a"},
        "proxies": {"default": {"httpProxy": "http://proxy.example:3128"}},
    }
    (tmp_path / "config.json").write_text(json.dumps(said))
    found = read_config({"DOCKER_CONFIG": str(tmp_path)})
    assert (found.context, found.store, found.helpers, found.headers) == (
        "remote",
        "pass",
        {"other.example": "gcr"},
        {"X-Team": "a"},
    )
    assert (found.auths, found.proxies, found.problem) == (said["auths"], said["proxies"], "")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "is not a JSON object"),
        ("{", "is not a JSON object"),
        ("[]", "is not a JSON object"),
        ("null", "is not a JSON object"),
        ("\0\xff", "is not a JSON object"),
        ("[" * 100_000, "is not a JSON object"),
        ("{}" + " " * 1_000_000, "is not a JSON object"),
        ('{"auths": ["x"], "credsStore": 5, "HttpHeaders": {"a": 1}}', "has invalid values for auths, credsStore"),
        ('{"proxies": 1, "credHelpers": "x", "currentContext": {"a": 1}}', "currentContext, credHelpers, proxies"),
        ('{"auths": null, "proxies": {"default": 1}}', ""),
    ],
)
def test_a_file_that_makes_no_sense_says_nothing_and_why(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "config.json").write_bytes(text.encode("latin-1"))
    found = read_config({"DOCKER_CONFIG": str(tmp_path)})
    assert problem in found.problem if problem else not found.problem
    assert (found.context, found.auths, found.store, found.helpers, found.headers) == ("", {}, "", {}, {})


def test_a_header_that_can_not_be_sent_is_left_out(tmp_path: Path) -> None:
    odd = {"a b": "x", "B": "c\nd", "C": "é", "": "x", "X-Team": "a b"}
    (tmp_path / "config.json").write_text(json.dumps({"HttpHeaders": odd}))
    assert read_config({"DOCKER_CONFIG": str(tmp_path)}).headers == {"X-Team": "a b"}


def test_what_is_no_file_is_no_wait_and_no_error(tmp_path: Path) -> None:
    environ = {"DOCKER_CONFIG": str(tmp_path)}
    assert read_config(environ) == Config(path=f"{tmp_path}/config.json")
    (tmp_path / "config.json").mkdir()
    assert read_config(environ).problem == "is not a regular file"
    (tmp_path / "config.json").rmdir()
    os.mkfifo(tmp_path / "config.json")
    assert read_config(environ).problem == "is not a regular file"
    (tmp_path / "config.json").unlink()
    (tmp_path / "config.json").symlink_to("config.json")
    assert read_config(environ).problem.startswith("can't be read: ")


@pytest.mark.parametrize("environ", [{"HOME": ""}, {"HOME": "."}, {}])
def test_nothing_of_the_current_folder_names_the_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]
) -> None:
    context(tmp_path, "evil", "unix:///evil.sock")
    context(tmp_path / ".docker", "evil", "unix:///evil.sock")
    for name in ("config.json", ".docker/config.json", ".dockercfg"):
        (tmp_path / name).write_text('{"currentContext": "evil"}')
    monkeypatch.chdir(tmp_path)
    nowhere = {"XDG_RUNTIME_DIR": "run", **environ}
    assert next(iter(places({**nowhere, "DOCKER_CONFIG": "/nonexistent"}))).url == USUAL
    for asked in ({"DOCKER_CONTEXT": "evil"}, {"DOCKER_HOST": "evil"}):
        with pytest.raises((NoEngine, UsageError)):
            list(places({**nowhere, **asked, "DOCKER_CONFIG": "/nonexistent"}))
    urls = [place.url for place in places({**nowhere, "DOCKER_CONFIG": "/nonexistent"})]
    assert all(url.startswith("unix:///") for url in urls)


@pytest.mark.parametrize("relative", [".", "docker", "../docker"])
def test_a_folder_below_the_current_one_is_refused_with_what_to_type(relative: str) -> None:
    with pytest.raises(UsageError, match="DOCKER_CONFIG is not an absolute path") as caught:
        list(places({"DOCKER_CONFIG": relative}))
    assert advice_of(caught.value) == (f'export DOCKER_CONFIG="$PWD/{relative}", if you mean that path',)
    assert [place.url for place in places({"DOCKER_CONFIG": relative}, chosen=(USUAL, "--engine"))] == [USUAL]


@pytest.mark.parametrize("url", ["unix://docker.sock", "unix://./docker.sock", "unix://../docker.sock"])
def test_a_socket_below_the_current_folder_is_no_engine(url: str) -> None:
    with pytest.raises(UsageError, match="not an engine that sandbox can use"):
        list(places({"DOCKER_HOST": url}))


def test_a_context_is_found_without_a_config_and_with_its_certificates(tmp_path: Path) -> None:
    context(tmp_path, "remote", "tcp://192.0.2.9:2376")
    environ = {"DOCKER_CONFIG": str(tmp_path)}
    assert endpoint("remote", environ).certificates == {}
    [meta] = (tmp_path / "contexts/meta").iterdir()
    tls = tmp_path / "contexts/tls" / meta.name / "docker"
    tls.mkdir(parents=True)
    for name in ("ca", "cert", "key"):
        (tls / f"{name}.pem").write_text("")
    found = endpoint("remote", environ)
    assert (found.host, found.skip_verify) == ("tcp://192.0.2.9:2376", False)
    assert found.certificates == {name: str(tls / f"{name}.pem") for name in ("ca", "cert", "key")}


@pytest.mark.parametrize("text", ["", "{", "[]"])
def test_a_context_that_makes_no_sense_is_named_with_its_file(tmp_path: Path, text: str) -> None:
    context(tmp_path, "odd", "unix:///x")
    [meta] = (tmp_path / "contexts/meta").iterdir()
    (meta / "meta.json").write_text(text)
    with pytest.raises(NoEngine, match=f"the docker context odd can't be read: {meta}/meta.json is not a JSON object"):
        endpoint("odd", {"DOCKER_CONFIG": str(tmp_path)})


@pytest.mark.parametrize("text", ["{}", '{"Endpoints": []}', '{"Endpoints": {"docker": {"Host": 5}}}'])
def test_a_context_that_names_no_engine_is_the_usual_one(tmp_path: Path, text: str) -> None:
    context(tmp_path, "odd", "unix:///x")
    [meta] = (tmp_path / "contexts/meta").iterdir()
    (meta / "meta.json").write_text(text)
    assert endpoint("odd", {"DOCKER_CONFIG": str(tmp_path)}).host == USUAL
