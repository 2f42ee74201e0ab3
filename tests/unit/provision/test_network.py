"""The host's proxies and certificates, for the provisioning alone."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest
from tests.unit.fakes import FakeEngine

from sandbox.errors import UsageError
from sandbox.provision.network import (
    BUNDLE_NAMED_BY,
    BUNDLE_READ_BY,
    INSIDE,
    HostNetwork,
    host_network,
    proxy_warning,
    sandbox_network,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    path.write_bytes(b"PEM")
    return path


def test_proxies_are_passed_in_both_spellings() -> None:
    network = host_network({"HTTPS_PROXY": "http://p:1", "no_proxy": "x", "ftp_proxy": ""}, ca=os.devnull)
    assert network.proxies == {
        "https_proxy": "http://p:1",
        "HTTPS_PROXY": "http://p:1",
        "no_proxy": "x",
        "NO_PROXY": "x",
    }


def test_the_lower_case_spelling_wins() -> None:
    network = host_network({"http_proxy": "http://low", "HTTP_PROXY": "http://up"}, ca=os.devnull)
    assert set(network.proxies.values()) == {"http://low"}


def test_no_other_variable_is_passed() -> None:
    assert host_network({"AWS_SECRET_ACCESS_KEY": "s", "PATH": "/bin"}, ca=os.devnull).proxies == {}


@pytest.mark.parametrize("name", BUNDLE_NAMED_BY)
def test_a_bundle_that_a_variable_names_is_brought(bundle: Path, name: str) -> None:
    network = host_network({name: str(bundle)})
    assert (network.bundle, network.bundle_from) == (b"PEM", name)
    assert network.env == dict.fromkeys(BUNDLE_READ_BY, INSIDE)


def docker_config(folder: Path, text: str) -> dict[str, str]:
    (folder / "config.json").write_text(text)
    return {"DOCKER_CONFIG": str(folder)}


def test_certificates_that_are_added_leave_the_others_in_place(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = tmp_path / "system.pem"
    monkeypatch.setattr("sandbox.provision.network.SYSTEM_BUNDLES", (str(system),))
    named = {"NODE_EXTRA_CA_CERTS": str(bundle)}
    alone = host_network(named)
    assert (alone.bundle, alone.env) == (b"PEM", {"NODE_EXTRA_CA_CERTS": INSIDE})
    system.write_bytes(b"SYSTEM")
    both = host_network(named)
    assert (both.bundle, both.env) == (b"SYSTEM\nPEM", dict.fromkeys(BUNDLE_READ_BY, INSIDE))


def test_certificates_are_added_to_those_that_replace(bundle: Path, tmp_path: Path) -> None:
    whole = tmp_path / "whole.pem"
    whole.write_bytes(b"WHOLE")
    network = host_network({"NODE_EXTRA_CA_CERTS": str(bundle), "SSL_CERT_FILE": str(whole)})
    assert network.bundle == b"WHOLE\nPEM"
    assert network.bundle_from == "SSL_CERT_FILE and NODE_EXTRA_CA_CERTS"


def test_proxies_of_the_docker_command_are_heard_where_no_variable_says_another(tmp_path: Path) -> None:
    text = (
        '{"proxies": {"default": {"httpProxy": "http://p:1", "noProxy": "corp"},'
        ' "tcp://build:2376": {"httpsProxy": "http://q:1"}}}'
    )
    environ = docker_config(tmp_path, text)
    every = host_network(environ, ca=os.devnull).proxies
    assert every == {"http_proxy": "http://p:1", "HTTP_PROXY": "http://p:1", "no_proxy": "corp", "NO_PROXY": "corp"}
    assert host_network({**environ, "http_proxy": "http://v"}, ca=os.devnull).proxies["HTTP_PROXY"] == "http://v"
    there = host_network({**environ, "DOCKER_HOST": "tcp://build:2376"}, ca=os.devnull).proxies
    assert there == {"https_proxy": "http://q:1", "HTTPS_PROXY": "http://q:1"}


@pytest.mark.parametrize(
    "proxy",
    ["http://127.0.0.1:3128", "localhost:3128", "http://me:secret@[::1]:1/", "socks5h://proxy.localhost:9", "127.1"],
)
def test_a_proxy_on_the_loopback_is_said(proxy: str) -> None:
    network = host_network({"https_proxy": proxy, "no_proxy": "localhost"}, ca=os.devnull)
    assert network.loopback_proxies == {"https_proxy": proxy}
    warning = proxy_warning(network)
    assert warning is not None
    assert "https_proxy is a proxy on this host's loopback" in warning.brief
    assert "secret" not in str(warning.details)


@pytest.mark.parametrize("proxy", ["http://me:s%40@localhost:{}/", "127.0.0.1:{}", "http://[::1]:{}"])
def test_a_proxy_on_the_loopback_is_reached_by_the_bridge_where_it_listens_there(proxy: str) -> None:
    engine = FakeEngine(bridge="127.0.0.2")  # an address of this host, as the bridge's is
    with socket.socket() as there:
        there.bind(("127.0.0.2", 0))
        there.listen()
        port = there.getsockname()[1]
        own = proxy.format(port)
        environ = {"http_proxy": own, "https_proxy": "http://127.0.0.1:1", "no_proxy": "localhost"}
        network = sandbox_network(environ, engine, ca=os.devnull)
        same = sandbox_network(environ, engine, ca=os.devnull, shares_host=True)
        elsewhere = sandbox_network(environ, FakeEngine(), ca=os.devnull)
    reached = own.replace("localhost", "127.0.0.2").replace("127.0.0.1", "127.0.0.2").replace("[::1]", "127.0.0.2")
    assert network.proxies["http_proxy"] == network.proxies["HTTP_PROXY"] == reached
    assert network.proxies["https_proxy"] == "http://127.0.0.1:1"
    assert same.proxies["http_proxy"] == elsewhere.proxies["http_proxy"] == own


@pytest.mark.parametrize(
    "proxy", ["http://proxy:3128", "http://10.127.0.1:1", "http://localhost.corp:1", "[fe80::1]:1"]
)
def test_a_proxy_elsewhere_is_none_on_the_loopback(proxy: str) -> None:
    assert proxy_warning(host_network({"http_proxy": proxy, "no_proxy": "127.0.0.1"}, ca=os.devnull)) is None


def test_the_setting_wins_over_variables(bundle: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.pem"
    mine.write_bytes(b"MINE")
    network = host_network({"SSL_CERT_FILE": str(bundle)}, ca=str(mine))
    assert (network.bundle, network.bundle_from) == (b"MINE", "the setting ca")


def test_a_variable_that_names_no_file_is_passed_over(bundle: Path) -> None:
    network = host_network({"SSL_CERT_FILE": "/nonexistent", "PIP_CERT": str(bundle)})
    assert network.bundle_from == "PIP_CERT"


def test_a_setting_that_can_not_be_read_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"can't read the CA bundle .*nope\.pem: No such file") as caught:
        host_network({}, ca=str(tmp_path / "nope.pem"))
    assert caught.value.details == (("set by", "the setting ca"),)


def test_nothing_found_is_nothing_passed() -> None:
    assert HostNetwork().env == {}
