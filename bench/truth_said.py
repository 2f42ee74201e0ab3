"""What inspect says of a package, kept in a folder: both comparisons of make truth read it there."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST = 1800
"""Seconds of one inspection."""
SANDBOX = Path(sys.executable).with_name("sandbox")
PACKAGES = (
    "redis-server cron sudo openssh-server iputils-ping vim postgresql nginx avahi-daemon logrotate"
    " rsyslog tmux ca-certificates man-db dbus udev cups exim4-daemon-light docker.io apache2"
    " mariadb-server samba snmpd git python3-pip nodejs fonts-dejavu texlive-base default-jre-headless wireshark-common"
    " libpam-google-authenticator libpam-systemd bash-completion acpi-call-dkms mlocate screen postfix at fuse3 locales"
).split()
"""Chosen for what they do: users, units, timers, cron, PAM, sudoers, modules, udev, profiles, alternatives, modes."""


def inspected(package: str) -> dict[str, Any]:
    """Return what inspect says of a package, or why it said nothing."""
    argv = [str(SANDBOX), "inspect", package, "--distro", "debian:bookworm", "--json", "--quiet"]
    try:
        done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=LONGEST)
    except subprocess.TimeoutExpired:
        return {"failure": f"it did not end in {LONGEST} seconds"}
    answer: dict[str, Any] = json.loads(done.stdout) if done.returncode == 0 else {"failure": done.stderr[:300]}
    return answer


def said(package: str, folder: Path) -> dict[str, Any]:
    """Return what inspect says of a package, asked once; a failure is asked about again the next time."""
    path = folder / f"{package}.said.gz"
    answer: dict[str, Any] = kept(path, lambda: inspected(package))
    if "failure" in answer:
        path.unlink()
    return answer


def kept(path: Path, find: Callable[[], object]) -> Any:
    """Return what a file holds, found once."""
    if not path.exists():
        text = gzip.compress(json.dumps(find()).encode(), 5)
        path.with_suffix(".new").write_bytes(text)
        path.with_suffix(".new").rename(path)
    return json.loads(gzip.decompress(path.read_bytes()))
