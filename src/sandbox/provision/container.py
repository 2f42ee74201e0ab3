"""The container of a request: its creation and the shell in it."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sandbox.container.box import ROOT, Box, words_before
from sandbox.core.plaintext import plain_line
from sandbox.core.tasks import Deferred
from sandbox.engine.labels import AS, DISTRO, FOLDER, INIT, PACKAGES
from sandbox.engine.protocol import ContainerSpec
from sandbox.errors import Advice, EngineError
from sandbox.lifecycle.lifetimes import pid1_argv
from sandbox.lifecycle.scratch import SCRATCH, SCRATCH_OPTIONS
from sandbox.managers.registry import manager_of
from sandbox.provision.image import check_platform
from sandbox.provision.limits import limits_warning

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.core.progress import Reporter
    from sandbox.engine.protocol import ExecSpec, Image
    from sandbox.errors import Row
    from sandbox.lifecycle.session import Session
    from sandbox.provision.boot import BootPower
    from sandbox.provision.plan import Plan
    from sandbox.provision.request import TryRequest
    from sandbox.specs.model import Spec
    from sandbox.specs.privileges import Trust


UNSYNCED_OPTIONS: Final = "rw,noexec,nosuid,nodev,size=16m,mode=0755"
OWN_ADDRESS: Final = "127.0.0.1"
"""Where a sandbox's own name leads without a network of its own: engines write it to /etc/hosts only beside one."""


def container_spec(
    request: TryRequest,
    plan: Plan,
    image: Image,
    session: Session,
    *,
    name: str,
    labels: Mapping[str, str],
    companions: Sequence[str] = (),
    volumes: Sequence[str] = (),
    folder: str = "",
    boot: BootPower | None = None,
) -> ContainerSpec:
    """Return the container's spec: nothing of the host is in it that the user did not allow.

    `volumes`: folders of its own apart from its files.
    `folder`: where its shells start, for `enter`. `boot`: how one is made in which an init boots.
    """
    spec, trust = plan.spec, request.trust
    is_plain = request.life == "session" and boot is None and not (spec.mounts or volumes)
    folders = manager_of(plan.target.manager).unsynced_folders if plan.steps and is_plain else ()
    packages = " ".join(package.text for package in plan.packages)
    made = ContainerSpec(
        name=name,
        image=image.id,
        argv=pid1_argv(request.life, session.expires),
        labels={
            **labels,
            DISTRO: plan.target.option,
            PACKAGES: packages,
            **({FOLDER: folder} if folder else {}),
            **({AS: _user_label(trust)} if trust.as_user else {}),
        },
        hostname=name,
        limits=plan.limits,
        env=own_name(image, name),
        tmpfs={SCRATCH: SCRATCH_OPTIONS, **dict.fromkeys(folders, UNSYNCED_OPTIONS)},
        ports=spec.ports,
        mounts=spec.mounts,
        volumes_from=tuple(companions),
        volumes=tuple(volumes),
        platform=spec.platform,
        network="default" if spec.network == "offline" else spec.network,
        hosts={} if spec.network == "default" else {name: OWN_ADDRESS},
        shm=spec.shm_size,
        cap_drop=trust.cap_drop,
        cap_add=trust.cap_add,
        security_opt=trust.security_opt,
        runtime=trust.runtime,
        devices=trust.devices,
        auto_remove=request.life == "session",
    )
    return made if boot is None else _with_boot(made, boot)


def _with_boot(made: ContainerSpec, boot: BootPower) -> ContainerSpec:
    """Return a container in which an init boots."""
    return replace(
        made,
        argv=boot.argv,
        labels={**made.labels, INIT: boot.label},
        tmpfs={**made.tmpfs, **boot.tmpfs},
        cap_add=tuple(dict.fromkeys((*made.cap_add, *boot.cap_add))),
        security_opt=(*made.security_opt, *boot.security_opt),
        own_cgroups=boot.own_cgroups,
        links=boot.links,
    )


def _user_label(trust: Trust) -> str:
    """Return who runs the shells, for `enter`, as `--user` has it."""
    return "host" if trust.is_caller else ":".join(trust.user) or "new"


def own_name(image: Image, name: str) -> dict[str, str]:
    """Return what says a sandbox's name in its environment where its image says another: Podman saves that."""
    return {"HOSTNAME": name} if any(variable.startswith("HOSTNAME=") for variable in image.env) else {}


def wait_for_start(
    session: Session, image: Image, companions: Sequence[str], reporter: Reporter, *, is_shown: bool = True
) -> Box:
    """Return the container that was begun, once it runs; its companions go, their volumes are its own now.

    Raises what the start raised, and EngineError where the engine can't run an image of that platform.
    """
    asked = Deferred(lambda: limits_warning(session.engine))
    if not session.has_limits:  # the question takes the engine programs, while it starts the container
        asked.begin()
    with reporter.step("start", session.name) if is_shown else nullcontext() as step:
        box = Box(session.engine, session.container, words_before(session.made_labels))
        for ident in companions:
            session.remove_helper(ident)
        if step is not None:
            step.title(session.name)  # another program may have taken the port meanwhile
    if not session.has_limits and (warning := _answer(session, asked)) is not None:
        reporter.warn(warning)
    reporter.rows(check_platform(image, box))
    return box


def _answer(session: Session, asked: Deferred[EngineError | None]) -> EngineError | None:
    """Return the engine's warnings about limits, and note where there are none."""
    try:
        warning = asked.result()
    except EngineError:
        return None
    session.has_limits = warning is None
    return warning


def shell_exec_spec(
    request: TryRequest,
    plan: Plan,
    base: Image,
    *,
    box: Box,
    environ: Mapping[str, str],
    known: str = "",
    absent: str = "",
) -> ExecSpec:
    """Return the user's shell or command; `known`: the state that it records before it begins.

    `absent`: what is said besides where there is no such command.
    """
    from sandbox.container.shell import search_path, shell_environment, shell_spec
    from sandbox.engine import tty
    from sandbox.managers.config_files import config_roots
    from sandbox.managers.registry import data_of
    from sandbox.provision.network import sandbox_network

    shares_host = plan.spec.network == "host"
    given = request.proxy_in_shell
    proxies = sandbox_network(environ, box.engine, shares_host=shares_host).proxies if given else {}
    env = shell_environment(environ, search_path(base, plan.target.distro.path), {**proxies, **plan.spec.env})
    window = tty.size() if request.terminal else None
    data = data_of(plan.target.manager)
    roots, state = (config_roots(data.settings), data.hand_state) if request.is_watched else ((), "")
    spec = shell_spec(
        plan.command,
        plan.shells,
        env=env,
        terminal=window,
        settings=roots,
        state=state,
        known=known,
        absent=absent,
    )
    if request.trust.as_user and (who := user_of(request.trust, box)) != ROOT_USER:
        return spec_of_user(spec, box, who, known)
    return replace(spec, workdir=present_folder(box, image_folder(request.spec, base)))


def spec_of_user(spec: ExecSpec, box: Box, who: Sequence[str], known: str = "") -> ExecSpec:
    """Return a shell or command of a user without privileges, in its home; one that is a number is made if missing.

    Raises UsageError for a name that the sandbox has not.
    """
    from sandbox.container.shell import add_user

    user = add_user(box, known, who)
    return replace(spec, user=user.name, workdir=user.home)


ROOT_USER: Final = (ROOT,)
OWN: Final = ("", ROOT, "root")
"""The names of root, and of its own group, which it has without one being named."""


def user_of(trust: Trust, box: Box) -> tuple[str, ...]:
    """Return the user and perhaps group that `--user` means in a sandbox: empty for a new one, ROOT_USER for root.

    Root with another group than its own is a user as any: files that it makes belong to that group. In a rootless
    engine root is who runs it. Raises EngineError where the engine has no number for the caller.
    """
    if trust.is_caller:
        about = box.engine.about()
        if about.rootless:
            return ROOT_USER
        if about.maps_users:
            message = "the engine maps user numbers (userns-remap), so no user of a sandbox is you"
            raise EngineError(message, hints=[Advice.again("--user", after=", which is a user without privileges")])
    return ROOT_USER if trust.user and all(part in OWN for part in trust.user) else trust.user


def image_folder(spec: Spec, base: Image) -> str:
    """Return the folder in which an image of the user's says its programs start (WORKDIR), or ""."""
    return base.workdir if spec.image or spec.dockerfile else ""


def present_folder(box: Box, folder: str) -> str:
    """Return the folder of an image, made where it is missing, as by `docker run`; "" where it can't be.

    Podman builds an image with a WORKDIR that is not there (seen with 5.8), and no command could start in it.
    """
    if not folder or box.stamp(folder):
        return folder
    status, _ = box.read(("mkdir", "-p", "--", folder), limit=1000)
    return "" if status else folder


def image_rows(spec: Spec, base: Image) -> tuple[Row, ...]:
    """Return what is different from the image's own words: its USER, since root installs the packages."""
    if not ((spec.image or spec.dockerfile) and base.user.partition(":")[0] not in ("", "0", "root")):
        return ()
    return (("  user", f"root, though the image says USER {plain_line(base.user, 60)}"),)
