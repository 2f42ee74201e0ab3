"""Failures that people reported: what their managers said, in short, and what is made of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from sandbox.managers.protocol import Failure, PackageRef
from sandbox.managers.registry import manager_of

if TYPE_CHECKING:
    from sandbox.managers.registry import ManagerName

ROOT: Final = Path(__file__).parents[3]
PAGE: Final = (ROOT / "docs/evidence/situations.md").read_text()
FRAME: Final = (
    "dpkg: error processing package {0} (--configure):\n installed {0} package post-installation script subprocess "
    "returned error exit status {1}\nErrors were encountered while processing:\n {0}\n"
)


def lines(*texts: str) -> str:
    return "".join(f"{text}\n" for text in texts)


def setting_up(package: str, words: str, status: int = 1) -> str:
    return f"Setting up {package} (1.0) ...\n{words}\n{FRAME.format(package, status)}"


REPORTED: Final[tuple[tuple[str, ManagerName, str, str, str], ...]] = (
    (
        "a hook of the refresh",
        "apt",
        lines(
            "E: Problem executing scripts APT::Update::Post-Invoke 'rm -f /var/cache/apt/*.bin || true'",
            "E: Sub-process returned an error code",
        ),
        "what apt-get is to run beside its own work failed",
        "rm -f",
    ),
    (
        "an unknown initscript",
        "apt",
        setting_up("libpam-systemd", "invoke-rc.d: unknown initscript, /etc/init.d/systemd-logind not found.", 100),
        "the installation script of libpam-systemd failed",
        "unknown initscript",
    ),
    (
        "a command of bash in sh",
        "apt",
        setting_up("docker.io", "/var/lib/docker/nuke-graph-directory.sh: 64: shopt: not found", 127),
        "the installation script of docker.io failed",
        "but this base does not",
    ),
    (
        "a resolv.conf that is busy",
        "apt",
        setting_up("systemd", "ln: failed to create symbolic link '/etc/resolv.conf': Device or resource busy"),
        "the installation script of systemd failed",
        "the engine mounts this file",
    ),
    (
        "two pins of apk",
        "apk",
        lines(
            "ERROR: unable to select packages:",
            "  ruby-2.5.9-r0:",
            "    breaks: world[ruby=2.5.7-r0]",
            "  ruby-json-2.5.9-r0:",
            "    breaks: world[ruby-json=2.5.7-r0]",
        ),
        "does not have the version ruby=2.5.7-r0, ruby-json=2.5.7-r0",
        "breaks: world[ruby-json=2.5.7-r0]",
    ),
    (
        "a service of OpenRC",
        "apk",
        lines(
            "(1/1) Installing jobber (1.3.4-r0)",
            "Executing jobber-1.3.4-r0.post-install",
            " * WARNING: jobber is already starting",
            "ERROR: jobber-1.3.4-r0.post-install: script exited with error 1",
            "1 error; 10 MiB in 15 packages",
        ),
        "the installation script of jobber failed",
        "WARNING: jobber is already starting",
    ),
    (
        "a trigger of busybox",
        "apk",
        lines(
            "Executing busybox-1.31.1-r9.trigger",
            "ERROR: busybox-1.31.1-r9.trigger: script exited with error 127",
            "1 error; 10 MiB in 15 packages",
        ),
        "the trigger of busybox failed",
        "exited with error 127",
    ),
)


@pytest.mark.parametrize(("manager", "output", "brief", "words"), [row[1:] for row in REPORTED], ids=lambda _: "")
def test_a_reported_failure_is_understood(manager: ManagerName, output: str, brief: str, words: str) -> None:
    asked = [PackageRef(name="ruby", version="2.5.7-r0"), PackageRef(name="ruby-json", version="2.5.7-r0")]
    error = manager_of(manager).explain(Failure(argv=("m",), status=1, output=output), asked, distro="some distro")
    assert error is not None
    assert brief in error.brief
    assert words in f"{error.brief} {error.details}"


def test_every_situation_says_where_it_was_met_and_by_which_test_it_is_shown() -> None:
    entries = re.split(r"(?m)^\d+\. ", PAGE)[1:]
    shown = [re.search(r"^   Shown: (?:`(test_\w+)`|(read))$", entry, re.MULTILINE) for entry in entries]
    tests = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    assert len(entries) >= 60
    assert all(re.search(r"^   Met: <https://\S+>$", entry, re.MULTILINE) for entry in entries)
    assert all(shown)
    assert [found[1] for found in shown if found and found[1] and f"def {found[1]}(" not in tests] == []
