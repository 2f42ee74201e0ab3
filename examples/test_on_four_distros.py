"""Somebody's tool has to install and run on four distros: `pytest examples/test_on_four_distros.py`."""

from pathlib import Path

import pytest

from sandbox import Sandbox

DISTROS = ("debian:bookworm", "debian:trixie", "debian:sid", "alpine")
ON = [pytest.param(name, marks=pytest.mark.sandbox(name, packages=["jq"])) for name in DISTROS]


@pytest.mark.parametrize("distro", ON)
def test_it_installs_and_greets(distro: str, sandbox_box: Sandbox) -> None:
    sandbox_box.copy_in(Path(__file__).with_name("greet"), "/usr/local/bin")
    assert sandbox_box.run("greet", "fox", check=True).stdout == "hello, fox\n"
    assert sandbox_box.distro.startswith(distro)
