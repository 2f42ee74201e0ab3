"""What an engine has to give a sandbox so that an init can boot in it, and what does not go with that. Pure.

Sources: systemd's CONTAINER_INTERFACE.md (a cgroup that it may write), podman-run(1) (--systemd), Docker 28.0's
`writable-cgroups` (moby pull request 48828); docs/how-to/boot.md says what was seen on which engine.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from sandbox.engine.labels import PLAIN, POWER
from sandbox.errors import Advice, EngineError, UsageError
from sandbox.lifecycle.lifetimes import booting_argv

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.engine.protocol import Argv, EngineInfo
    from sandbox.provision.request import TryRequest

WRITABLE: Final = 28
"""The first Docker that can give a container its own cgroup to write, on cgroup v2, and nothing else with it."""
PODMANS_INIT: Final = "/usr/local/sbin/init"
"""A first program of this path is an init to Podman, which then gives it its own cgroup (podman-run(1), --systemd)."""
TMPFS: Final[Mapping[str, str]] = {
    "/run": "rw,nosuid,nodev,mode=755",
    "/run/lock": "rw,nosuid,nodev,noexec,mode=1777,size=5m",
}


class BootPower(Struct, frozen=True, kw_only=True):
    """How a container is made in which an init boots: its first argv, and what the engine gives it beyond others.

    `label` says of it whether that is the power to mount, which its commands have to give up.
    """

    argv: Argv
    label: str
    tmpfs: Mapping[str, str] = field(default_factory=lambda: TMPFS)
    links: Mapping[str, str] = field(default_factory=dict)
    cap_add: tuple[str, ...] = ()
    security_opt: tuple[str, ...] = ()
    own_cgroups: bool = False


def boot_power(about: EngineInfo, *, is_granted: bool) -> BootPower:
    """Return what an engine gives a sandbox that boots. Raises EngineError where it can't, or is not allowed to."""
    is_v2 = about.cgroup.endswith("v2")
    if about.rootless and not about.cgroup.startswith("systemd"):
        message = f"{about.name} {about.version} has no cgroups of its own here, so nothing can boot in its sandboxes"
        raise EngineError(message, hints=[_elsewhere()])
    if about.name == "podman" and is_v2:
        argv = (PODMANS_INIT, *booting_argv()[1:])
        return BootPower(argv=argv, label=PLAIN, tmpfs={}, links={PODMANS_INIT: "/bin/sh"})
    if about.name == "docker" and is_v2 and _major(about) >= WRITABLE and not (about.rootless or about.maps_users):
        return BootPower(argv=booting_argv(), label=PLAIN, security_opt=("writable-cgroups=true",), own_cgroups=True)
    if not is_granted:
        raise _grant_error(about)
    return BootPower(
        argv=booting_argv(by_power=True),
        label=POWER,
        cap_add=("SYS_ADMIN",),
        # Docker's profile keeps even who has SYS_ADMIN from mounting (apparmor_parser, profile docker-default)
        security_opt=("apparmor=unconfined",),
        own_cgroups=True,
    )


def _major(about: EngineInfo) -> int:
    found = re.match(r"\d+", about.version)
    return int(found[0]) if found else 0


def _grant_error(about: EngineInfo) -> EngineError:
    version = about.cgroup.rpartition(" ")[2]
    message = f"{about.name} {about.version} on cgroup {version} can boot nothing without the power to mount"
    details = [
        ("--allow boot", "gives it SYS_ADMIN: sandbox's own program mounts with it, and gives it up"),
        ("the risk", "a hostile package may get it back, and is nearly root on the engine's host then"),
    ]
    return EngineError(
        message,
        details=details,
        hints=[Advice.again("--allow", "boot", after=", if you trust the packages"), _elsewhere()],
    )


def _elsewhere() -> Advice:
    return Advice.say(f"Docker {WRITABLE} and Podman on a host with cgroup v2 need no such power")


def check_boot(request: TryRequest) -> None:
    """Raise UsageError for what can't be combined with a boot."""
    network, life, trust = request.spec.network, request.life, request.trust
    others: tuple[tuple[str, object, str], ...] = (
        ("--hardened", trust.hardened, "systemd needs capabilities that it drops"),
        ("--runtime", trust.runtime, "only the engine's own runtime is known to boot"),
        ("--bundle", request.bundle, "the init is no part of a bundle"),
        ("--locked", request.plan and request.plan.lock, "the init is no part of a lock"),
        ("--network host", network == "host", "its services would be on this host's own network"),
        ("--network none", network == "none", "the init is installed first"),
        ("--keep", life == "kept", "a sandbox that boots ends with its session"),
        ("--detach", life == "detached", "a sandbox that boots ends with its session"),
    )
    for option, is_asked, reason in others:
        if is_asked:
            message = f"--boot and {option} can't be combined: {reason}"
            raise UsageError(message, hints=[Advice.without("--boot")])
