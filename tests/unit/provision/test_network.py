"""The host's proxies and certificates, for the provisioning alone."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from sandbox.errors import UsageError
from sandbox.provision.network import BUNDLE_NAMED_BY, BUNDLE_READ_BY, INSIDE, HostNetwork, host_network

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
