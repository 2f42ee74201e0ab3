"""A host that ssh gets to, on a port of this machine: its own keys, its own configuration, nobody's home touched."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.integration.running import LONG
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True, kw_only=True)
class SshHost:
    """`path` is a PATH whose ssh knows the host's key and has one of its own for it."""

    port: int
    path: str
    process: subprocess.Popen[bytes]
    folder: Path

    def url(self, socket_path: str) -> str:
        """Return the URL of an engine there."""
        return f"ssh://root@127.0.0.1:{self.port}{socket_path}"


def missing() -> str:
    """Return why there can be no such host here, or nothing."""
    if os.geteuid():
        return "sshd on a port of its own needs root to log root in"
    absent = [name for name in ("/usr/sbin/sshd", "ssh", "ssh-keygen") if shutil.which(name) is None]
    if absent and os.environ.get("SANDBOX_REQUIRE_ENGINE") == "1" and not Path("/run/systemd/system").exists():
        pytest.fail(f"not installed: {', '.join(absent)}; next: make tools")
    return f"not installed: {', '.join(absent)}" if absent else ""


IN_OWN_RUN = 'mount --rbind "$1" /run; shift; exec "$@"'


@contextlib.contextmanager
def ssh_host(
    folder: Path, *, run: Path | None = None, passphrase: str = "", client_more: str = ""
) -> Iterator[SshHost]:
    """Give the host while the block runs.

    `run`: a folder that it has as its /run, `passphrase` of the user's key, `client_more` lines of the client's
    configuration.
    """
    port = free_port()
    for name, words in (("host", ""), ("user", passphrase)):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", words, "-f", str(folder / name)], check=True)
    (folder / "authorized").write_text((folder / "user.pub").read_text())
    (folder / "known").write_text(f"[127.0.0.1]:{port} {(folder / 'host.pub').read_text()}")
    server, client, program = folder / "sshd_config", folder / "ssh_config", folder / "bin" / "ssh"
    server.write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder / 'host'}\nPidFile none\nStrictModes no\n"
        f"AuthorizedKeysFile {folder / 'authorized'}\nPermitRootLogin yes\nPasswordAuthentication no\nUsePAM no\n"
    )
    client.write_text(
        f"IdentityFile {folder / 'user'}\nIdentitiesOnly yes\nUserKnownHostsFile {folder / 'known'}\n{client_more}"
    )
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -F {client} "$@"\n')
    program.chmod(0o755)
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    argv = ["/usr/sbin/sshd", "-D", "-e", "-f", str(server)]
    if run is not None:
        (run / "sshd").mkdir(mode=0o755)
        own = ["unshare", "--mount", "--propagation", "private", "sh", "-c", IN_OWN_RUN, "sh", str(run)]
        argv = [*own, *argv]
    process = subprocess.Popen(argv, stderr=subprocess.DEVNULL)
    try:
        _wait(port)
        yield SshHost(port=port, path=f"{program.parent}:{os.environ['PATH']}", process=process, folder=folder)
    finally:
        process.terminate()
        process.wait(LONG)


def _wait(port: int) -> None:
    limit = time.monotonic() + LONG
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 5):
            return
        assert time.monotonic() < limit, "sshd does not answer"
        time.sleep(0.05)
