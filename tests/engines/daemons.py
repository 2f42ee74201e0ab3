"""The kinds of engines that tests start: this machine's own programs, and newer ones of Debian's trixie and sid."""

from __future__ import annotations

import json
import os
import resource
import shutil
from typing import TYPE_CHECKING, Final, Protocol

from msgspec import Struct
from tests.engines import root

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PODMAN_CONF: Final = """\
[engine]
runtime = "{runtime}"
cgroup_manager = "cgroupfs"
events_logger = "file"
"""
"""crun refuses hybrid cgroups."""
CAPABILITIES: Final = (
    *("CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP"),
    *("SETUID", "SYS_CHROOT"),
)
"""Those of Debian's own containers.conf, which CONTAINERS_CONF replaces: 4.3 without a file gives NET_RAW too."""
ANY: Final = json.dumps({"default": [{"type": "insecureAcceptAnything"}]})
"""Podman's policy for the images that it may pull (containers-policy.json(5)), which no package of Debian brings."""
OLDEST_API: Final = "1.44"
"""What Docker 29.0 to 29.2 ask of their clients at least."""


class Daemon(Protocol):
    """What kind of engine: its name, what it is to people, its argv in a folder, and what it reads first."""

    @property
    def name(self) -> str:
        """What it is called on a command line."""

    @property
    def title(self) -> str:
        """What it is called in a table."""

    def missing(self) -> str:
        """Return why it can't be had here, or nothing."""

    def argv(self, folder: Path) -> list[str]:
        """Return the command that serves at `folder/engine.sock`; writes the files that it reads."""

    def environ(self, folder: Path) -> Mapping[str, str]:
        """Return its environment beyond ours."""


def not_installed(*programs: str) -> str:
    """Return which of these and of what every engine of our own needs are not there, or nothing."""
    if os.geteuid():
        return "an engine of its own needs root"
    absent = [name for name in (*programs, "ip", "nsenter") if shutil.which(name) is None]
    return f"not installed: {', '.join(absent)}" if absent else ""


def dockerd_options(folder: Path) -> list[str]:
    """Return the options of a dockerd that has all that it writes in a folder."""
    places = {"data-root": "data", "exec-root": "exec", "pidfile": "docker.pid"}
    return [*(f"--{option}={folder / name}" for option, name in places.items()), f"--host=unix://{folder}/engine.sock"]


def podman_service(folder: Path) -> list[str]:
    """Return the argv of a Podman that has all that it writes in a folder."""
    roots = [f"--root={folder / 'data'}", f"--runroot={folder / 'exec'}", f"--tmpdir={folder / 'tmp'}"]
    return ["podman", *roots, "system", "service", "--time=0", f"unix://{folder / 'engine.sock'}"]


class Docker(Struct, frozen=True, kw_only=True):
    """The machine's dockerd with a containerd of its own."""

    name: str = "docker"
    title: str = "Docker 20.10"

    def missing(self) -> str:
        """Return why it can't be had here, or nothing."""
        return not_installed("dockerd", "runc")

    def argv(self, folder: Path) -> list[str]:
        """Return the command that serves at `folder/engine.sock`."""
        return ["dockerd", *dockerd_options(folder), "--bip=10.213.0.1/24"]

    def environ(self, folder: Path) -> Mapping[str, str]:  # noqa: ARG002 - the Protocol's shape
        """Return nothing: it needs none."""
        return {}


class Podman(Struct, frozen=True, kw_only=True):
    """The machine's Podman, with its Docker-compatible service."""

    name: str = "podman"
    title: str = "Podman 4.3"

    def missing(self) -> str:
        """Return why it can't be had here, or nothing."""
        return not_installed("podman", "runc")

    def argv(self, folder: Path) -> list[str]:
        """Return the command that serves at `folder/engine.sock`; write its configuration."""
        (folder / "containers.conf").write_text(PODMAN_CONF.format(runtime="runc") + own_limits())
        return podman_service(folder)

    def environ(self, folder: Path) -> Mapping[str, str]:
        """Return where its configuration is."""
        return {"CONTAINERS_CONF": str(folder / "containers.conf")}


class NewDocker(Struct, frozen=True, kw_only=True):
    """A Docker of a suite of Debian: with the old store of images or containerd's, which is the default from 29 on."""

    name: str
    title: str
    suite: str = root.SUITE
    containerd_store: bool = False

    def missing(self) -> str:
        """Return why it can't be had here, or nothing."""
        return not_installed() or root.missing(self.suite)

    def argv(self, folder: Path) -> list[str]:
        """Return the command that serves at `folder/engine.sock`; write its configuration."""
        config = {"features": {"containerd-snapshotter": self.containerd_store}}
        (folder / "daemon.json").write_text(json.dumps(config))
        options = [*dockerd_options(folder), f"--config-file={folder / 'daemon.json'}", "--bip=10.214.0.1/24"]
        return [str(root.ENTER), str(root.ensure(self.suite)), "v1", "dockerd", *options]

    def environ(self, folder: Path) -> Mapping[str, str]:  # noqa: ARG002 - the Protocol's shape
        """Return the oldest API that it is to speak."""
        return {"DOCKER_MIN_API_VERSION": OLDEST_API} if self.containerd_store else {}


def own_limits() -> str:
    """Return Debian's part of a Podman's configuration, and limits by which others than we can start something.

    Without CAP_SYS_RESOURCE they can't where a limit is not said: Podman's own are above those of this process.
    The rootless one has none, so that what the program itself asks for is seen there.
    """
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    most = 1 << 20 if hard < 0 else min(hard, 1 << 20)
    return (
        f'[containers]\ndefault_ulimits = ["nofile={most}:{most}", "nproc=32768:32768"]\n'
        f"default_capabilities = {json.dumps(CAPABILITIES)}\n"
    )


class NewPodman(Struct, frozen=True, kw_only=True):
    """The Podman of a suite of Debian, as root."""

    name: str = "podman-5"
    title: str = "Podman 5.8"
    suite: str = root.SUITE

    def missing(self) -> str:
        """Return why it can't be had here, or nothing."""
        return not_installed() or root.missing(self.suite)

    def argv(self, folder: Path) -> list[str]:
        """Return the command that serves at `folder/engine.sock`; write its configuration."""
        (folder / "containers.conf").write_text(PODMAN_CONF.format(runtime="runc") + own_limits())
        _write_policy(self.suite)
        return [str(root.ENTER), str(root.ensure(self.suite)), "v1", *podman_service(folder)]

    def environ(self, folder: Path) -> Mapping[str, str]:
        """Return where its configuration is."""
        return {"CONTAINERS_CONF": str(folder / "containers.conf")}


class Rootless(Struct, frozen=True, kw_only=True):
    """Docker or Podman of a suite as a user without root, who may delegate no cgroups: nothing here is systemd's.

    Podman 6 as root has no row: it refuses cgroups v1, and without v2's controller of processes it starts nothing.
    """

    name: str
    title: str
    is_podman: bool = False
    suite: str = root.SUITE

    def missing(self) -> str:
        """Return why it can't be had here, or nothing."""
        return not_installed() or root.missing(self.suite)

    def argv(self, folder: Path) -> list[str]:
        """Return the command that serves at `folder/engine.sock`; write its configuration."""
        _write_policy(self.suite)
        (folder / "containers.conf").write_text(PODMAN_CONF.format(runtime="crun"))
        for name in ("home", "xdg"):
            (folder / name).mkdir(exist_ok=True)
            (folder / name).chmod(0o700)
        for path in (folder, *folder.rglob("*")):
            os.chown(path, root.USER, root.USER, follow_symlinks=False)
        service = podman_service(folder) if self.is_podman else [ROOTLESS_SCRIPT, *dockerd_options(folder)]
        user = ["setpriv", f"--reuid={root.USER}", f"--regid={root.USER}", "--clear-groups"]
        return [str(root.ENTER), str(root.ensure(self.suite)), "v2", *user, *service]

    def environ(self, folder: Path) -> Mapping[str, str]:
        """Return a user's environment, and how the daemon reaches a network."""
        return {
            "HOME": str(folder / "home"),
            "USER": "plain",
            "XDG_RUNTIME_DIR": str(folder / "xdg"),
            "CONTAINERS_CONF": str(folder / "containers.conf"),
            "DOCKERD_ROOTLESS_ROOTLESSKIT_NET": "slirp4netns",
            "DOCKERD_ROOTLESS_ROOTLESSKIT_PORT_DRIVER": "builtin",
        }


PACKAGE: Final = "docker.io"
ROOTLESS_SCRIPT: Final = f"/usr/share/{PACKAGE}/contrib/dockerd-rootless.sh"


def _write_policy(suite: str = root.SUITE) -> None:
    path = root.ensure(suite) / "etc/containers/policy.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(ANY)


DAEMONS: Final[Mapping[str, Daemon]] = {
    daemon.name: daemon
    for daemon in (
        Docker(),
        Podman(),
        NewDocker(name="docker-28", title="Docker 28.5"),
        NewDocker(
            name="docker-28-containerd", title="Docker 28.5, containerd store, API 1.44 at least", containerd_store=True
        ),
        Rootless(name="docker-28-rootless", title="Docker 28.5, rootless"),
        NewPodman(),
        Rootless(name="podman-5-rootless", title="Podman 5.8, rootless", is_podman=True),
        NewDocker(name="docker-26", title="Docker 26.1", suite=root.STABLE),
        NewPodman(name="podman-5.4", title="Podman 5.4", suite=root.STABLE),
        Rootless(name="podman-6-rootless", title="Podman 6.1, rootless", is_podman=True, suite=root.EXPERIMENTAL),
    )
}
"""By name: what `make engines` runs the tests on."""
