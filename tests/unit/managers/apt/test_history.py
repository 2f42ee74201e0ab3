from __future__ import annotations

import pytest

from sandbox.managers.apt.history import upgrades_only

LOG = """
Start-Date: 2026-11-29  03:30:00
Commandline: apt-get {}
Upgrade: libc6:amd64 (2.36-9, 2.36-10)
End-Date: 2026-11-29  03:30:01
"""


@pytest.mark.parametrize(
    "words",
    [
        "upgrade libc6",
        "-y -o Dpkg::Use-Pty=0 upgrade libc6",
        "full-upgrade -t bookworm-backports libc6=2.36-10",
        "dist-upgrade libc6:amd64 bash",
    ],
)
def test_a_package_that_was_only_upgraded_by_its_name_was_not_asked_for(words: str) -> None:
    assert upgrades_only([LOG.format(words)], ["libc6"]) == {"libc6"}


@pytest.mark.parametrize("words", ["install libc6", "upgrade", "install -o upgrade libc6", "upgrade bash"])
def test_a_package_that_was_installed_by_its_name_was_asked_for(words: str) -> None:
    assert not upgrades_only([LOG.format(words)], ["libc6"])


def test_who_upgrades_and_then_installs_a_package_asked_for_it() -> None:
    shown = "apt-mark showmanual adduser\napt show adduser\n"
    typed = shown + "sudo apt-get upgrade -y adduser; /usr/bin/apt install bash\napt upgrade tar\napt-mark manual tar\n"
    assert upgrades_only([typed], ["adduser", "bash", "tar"]) == {"adduser"}


def test_a_history_of_anything_is_read_without_an_error() -> None:
    assert not upgrades_only(["", "apt", "apt -o", "\0apt-get\n"], ["x"])
