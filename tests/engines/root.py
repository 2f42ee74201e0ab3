"""A root file system of Debian that holds engines newer than this machine's: made once, kept for later runs.

Each suite of Debian has one, below `/var/tmp/sandbox-engines` or SANDBOX_ENGINES_ROOT.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

SUITE: Final = "sid"
STABLE: Final = "trixie"
EXPERIMENTAL: Final = "experimental"
"""Has what is too new for sid, upon which it stands: no suite of its own."""
MIRROR: Final = "http://deb.debian.org/debian"
PACKAGES: Final = (
    *("docker.io", "docker-cli", "docker-buildx", "containerd", "runc", "crun", "podman"),
    *("rootlesskit", "slirp4netns", "passt", "uidmap", "netavark", "aardvark-dns", "fuse-overlayfs"),
    *("iptables", "nftables", "iproute2", "catatonit", "procps", "ca-certificates", "dbus-user-session"),
)
USER: Final = 1500
"""The one that rootless engines run as."""
ACCOUNTS: Final = f"""
echo plain:x:{USER}:{USER}::/home/plain:/bin/bash >>"$1/etc/passwd"
echo plain:x:{USER}: >>"$1/etc/group"
mkdir -p "$1/home/plain" && chown {USER}:{USER} "$1/home/plain"
echo plain:200000:65536 | tee "$1/etc/subuid" >"$1/etc/subgid"
"""
ENTER: Final = Path(__file__).with_name("enter")


def place(suite: str = SUITE) -> Path:
    """Return where it lies, whether it is there or not: another list of packages is another place."""
    folder = Path(os.environ.get("SANDBOX_ENGINES_ROOT", "/var/tmp/sandbox-engines"))
    ident = hashlib.sha256(" ".join((suite, *PACKAGES, ACCOUNTS)).encode()).hexdigest()[:12]
    return folder / f"{suite}-{ident}"


def missing(suite: str = SUITE) -> str:
    """Return why it can't be had here, or nothing."""
    if os.geteuid():
        return "a root file system of its own needs root"
    if not place(suite).is_dir() and shutil.which("mmdebstrap") is None:
        return "not installed: mmdebstrap"
    return ""


def ensure(suite: str = SUITE) -> Path:
    """Return it, made where it is not there: two minutes, 1 GB. One that was begun is begun anew."""
    found = place(suite)
    found.parent.mkdir(parents=True, exist_ok=True)
    with (found.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not found.is_dir():
            begun = found.with_suffix(".new")
            shutil.rmtree(begun, ignore_errors=True)
            _make(begun, suite)
            begun.rename(found)
    return found


def _make(folder: Path, suite: str) -> None:
    # a mirror of sid may lag behind the clock
    options = ('Acquire::Check-Valid-Until "false"', 'APT::Install-Recommends "false"')
    subprocess.run(
        (
            "mmdebstrap",
            "--quiet",
            "--variant=apt",
            "--mode=root",
            *(f"--aptopt={option}" for option in options),
            f"--include={','.join(PACKAGES)}",
            f"--customize-hook={ACCOUNTS}",
            *_suite_arguments(suite, folder),
        ),
        check=True,
        stdin=subprocess.DEVNULL,
    )


def _suite_arguments(suite: str, folder: Path) -> tuple[str, ...]:
    """Return mmdebstrap's last arguments: the suite, the folder, and for experimental where it takes packages from."""
    if suite != EXPERIMENTAL:
        return suite, str(folder)
    sources = tuple(f"deb {MIRROR} {name} main" for name in (SUITE, suite))
    return f'--aptopt=APT::Default-Release "{suite}"', SUITE, str(folder), *sources
