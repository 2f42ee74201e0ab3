"""`sandbox doctor`: the settings in force, what is missing, and how to fix it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct

from sandbox.core.human import count, names, size
from sandbox.distros.model import Target
from sandbox.errors import Advice, Denied, SandboxError
from sandbox.lifecycle.cleanup import orphaned_containers, orphaned_images, orphaned_swarm_objects
from sandbox.lifecycle.disk_guard import RESERVE
from sandbox.provision.bases.model import PREFIX
from sandbox.provision.index_cache import FOLDER, KEPT, IndexCache
from sandbox.provision.limits import words
from sandbox.provision.network import host_network, sandbox_network, without_password
from sandbox.specs.settings import KEYS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sandbox.distros.model import Distro
    from sandbox.engine.protocol import Argv, Engine, EngineInfo
    from sandbox.provision.context import Context
    from sandbox.trials.fargate.api import Aws
    from sandbox.trials.fargate.place import Look, Place

Level = Literal["ok", "warning", "problem"]


class Diagnosis(Struct, frozen=True, kw_only=True):
    """One line of the report: the topic, the finding, and the command to type next."""

    level: Level
    about: str
    text: str
    next: Advice | None = None


def doctor(
    connect: Callable[[], Engine], host: Context, distros: Sequence[Distro], *, terminal: bool
) -> tuple[Diagnosis, ...]:
    """Return all findings, those on the engine first."""
    return (
        *_engine(connect, host, distros),
        *_command(host.environ.get("PATH", "")),
        *_network(connect, host),
        *_folders(host),
        *_indexes(host),
        _terminal(host, terminal=terminal),
        _builder(),
        *_settings(host),
    )


def doctor_fargate(host: Context) -> tuple[Diagnosis, ...]:
    """Return what there is of AWS, in the order in which a trial needs it; behind the first that lacks, no more."""
    from sandbox.trials.fargate.api import Aws
    from sandbox.trials.fargate.place import Place, look_around

    settings = host.settings.fargate
    try:
        aws = Aws(settings.region)
    except SandboxError as error:
        return (_of_error("botocore", error),)
    found = [_of_inquiry("region", lambda: aws.region)]
    found += [_of_inquiry("credentials", lambda: _caller(aws) if aws.has_region else aws.sign_in())]
    if any(finding.level == "problem" for finding in found):
        return tuple(found)
    try:
        looks = tuple(look_around(aws, settings))
    except Denied as error:
        return (*found, _of_error("credentials", error))
    found += [_of_look(look) for look in looks]
    if any(finding.level == "problem" for finding in found):
        return tuple(found)
    return (*found, _left_on_fargate(aws, Place.of(aws.region, settings, looks), host))


def _of_inquiry(about: str, ask: Callable[[], str]) -> Diagnosis:
    """Return what an inquiry says, or why it failed."""
    try:
        return Diagnosis(level="ok", about=about, text=ask())
    except SandboxError as error:
        return _of_error(about, error)


def _of_error(about: str, error: SandboxError) -> Diagnosis:
    text = ": ".join((error.brief, *(row[1] for row in error.details)))
    return Diagnosis(level="problem", about=about, text=text, next=next(iter(error.hints), None))


def _caller(aws: Aws) -> str:
    """Return who the user is for AWS. Raises Denied where it accepts no credentials."""
    from sandbox.trials.fargate.answers import Caller

    kind = aws.sign_in()
    return f"{aws.call('sts', 'GetCallerIdentity', Caller).arn} (from {kind})"


def _of_look(look: Look) -> Diagnosis:
    about = look.key.partition(".")[2].replace("execution_", "").replace("_", " ")
    if not look.problem:
        return Diagnosis(level="ok", about=about, text=names(look.value))
    return Diagnosis(level="problem" if look.is_needed else "warning", about=about, text=look.problem, next=look.hint)


def _left_on_fargate(aws: Aws, place: Place, host: Context) -> Diagnosis:
    from sandbox.trials.fargate.leftovers import orphaned_sessions

    left = orphaned_sessions(aws, place, host.owner)
    if not left:
        return Diagnosis(level="ok", about="leftovers", text="none")
    text = f"{count(sum(map(len, left.values())), 'object')} of {count(len(left), 'session')} that died"
    return Diagnosis(level="warning", about="leftovers", text=text, next=Advice.sandbox("clean", "--on", "fargate"))


def _engine(connect: Callable[[], Engine], host: Context, distros: Sequence[Distro]) -> Iterable[Diagnosis]:
    try:
        with connect() as engine:
            about = engine.about()
            return (
                *_about(about, engine.client),
                _bases(engine, distros),
                _leftovers(engine, host),
                _cache(engine, host),
            )
    except SandboxError as error:
        text = ": ".join([error.brief, *(["; ".join(row[1] for row in error.details)] if error.details else [])])
        return (
            Diagnosis(
                level="problem",
                about="engine",
                text=text,
                next=next(iter(error.hints), Advice.program("docker", "info", after=", or podman info")),
            ),
        )


def _command(path: str) -> tuple[Diagnosis, ...]:
    """Return which program the word `sandbox` starts, where there is one: other projects have one of that name too."""
    first = shutil.which("sandbox", path=path)
    if first is None:
        return ()
    if _is_ours(first):
        return (Diagnosis(level="ok", about="command", text=f"sandbox is {first}"),)
    text = f"sandbox starts {first}, another program (as Gentoo's sys-apps/sandbox, or policycoreutils-sandbox)"
    own = shutil.which("sandbox-try", path=path)
    next_ = Advice.say("sandbox-try in place of sandbox" if own else "put the folder of this program first on PATH")
    return (Diagnosis(level="warning", about="command", text=text, next=next_),)


def _is_ours(path: str) -> bool:
    """Return whether a program on the PATH is this one: an installer's script, or one file for Python, a zip."""
    try:
        with Path(path).open("rb") as file:
            text = file.read(LARGEST)
    except OSError:
        return False
    return b"sandbox.cli.main" in text or b"sandbox/cli/main.py" in text


LARGEST: Final = 50_000_000
"""Bytes of a program that are looked at: an installer's script has some 200, the zip several millions."""


def _about(about: EngineInfo, client: Argv) -> tuple[Diagnosis, ...]:
    mode = ", rootless" if about.rootless else ""
    text = f"{about.name} {about.version} (API {about.api}) at {about.url}{mode}"
    resources = f"{about.storage}, cgroups by {about.cgroup}, {count(about.cpus, 'core')}, {size(about.memory)}"
    return (
        Diagnosis(level="ok", about="engine", text=text),
        Diagnosis(level="ok", about="storage", text=f"{resources}, {about.architecture}"),
        _limits(about, client),
        Diagnosis(level="ok", about="disk", text=_disk(about)),
        Diagnosis(level="ok", about="runtimes", text=names(about.runtimes) or "the engine's default"),
        *_labels(about),
        *(Diagnosis(level="ok", about="differs", text=text) for text in about.differs),
        *(Diagnosis(level="warning", about="engine", text=warning) for warning in about.warnings),
    )


def _labels(about: EngineInfo) -> tuple[Diagnosis, ...]:
    """Return what a mount needs where the engine gives containers SELinux labels."""
    if not about.selinux:
        return ()
    text = "the engine uses SELinux: a sandbox can read a mount only with a container's label"
    next_ = Advice.say("--mount SRC:DST:z, or :Z for a folder of this one alone; both change the label of SRC")
    return (Diagnosis(level="ok", about="SELinux", text=text, next=next_),)


def _limits(about: EngineInfo, client: Argv) -> Diagnosis:
    lost = tuple(name for name in about.lacks if name != "swap")
    if lost:
        needs = "; a rootless engine needs cgroup v2 and systemd for that" if about.rootless else ""
        text = f"the engine can't limit a sandbox's {words(lost)}: it may use all that its host has{needs}"
        return Diagnosis(level="warning", about="limits", text=text, next=Advice.program(*client, "info"))
    text = "a sandbox's memory, cores and processes are limited"
    if about.lacks:
        text = f"{text}; its swap is not limited"
    return Diagnosis(level="ok", about="limits", text=text)


def _disk(about: EngineInfo) -> str:
    where = f"{about.storage} at {about.root}"
    if about.can_limit_disk:
        return f"{where} could limit a sandbox's disk, but no limit is set; sandbox watches the free space instead"
    return (
        f"{where} can't limit a sandbox's disk; sandbox watches the free space, and ends a sandbox when only "
        f"{size(RESERVE)} are left"
    )


def _bases(engine: Engine, distros: Sequence[Distro]) -> Diagnosis:
    public = {
        Target(distro=row, release=release).image.rpartition(":")[0] for row in distros for release in row.releases
    } - {""}
    tags = [tag for image in engine.images() for tag in image.tags]
    here = tuple(sorted(tag for tag in tags if tag.startswith(PREFIX) or tag.rpartition(":")[0] in public))
    if here:
        return Diagnosis(level="ok", about="bases", text=names(here, 8))
    return Diagnosis(
        level="warning",
        about="bases",
        text="none yet: the first try pulls one",
        next=Advice.sandbox("base", "build", "debian:bookworm", after=", if no registry can be reached"),
    )


def _leftovers(engine: Engine, host: Context) -> Diagnosis:
    swarm = orphaned_swarm_objects(engine, host.owner)
    kinds = (
        ("container", orphaned_containers(engine, host.owner)),
        ("image", orphaned_images(engine, host.owner)),
        *((kind, [(row.id, row.name) for row in swarm if row.kind == kind]) for kind in ("service", "config")),
    )
    left = [f"{count(len(rows), kind)} ({names(tuple(name for _, name in rows))})" for kind, rows in kinds if rows]
    if not left:
        return Diagnosis(level="ok", about="leftovers", text="none")
    text = f"{names(tuple(left))} of sessions that died"
    return Diagnosis(level="warning", about="leftovers", text=text, next=Advice.sandbox("clean"))


def _cache(engine: Engine, host: Context) -> Diagnosis:
    entries = host.cache(engine).entries()
    used = sum(entry.size for entry in entries)
    bounds = f"at most {size(host.settings.cache_size)}, {count(host.settings.cache_days, 'day')}"
    text = f"{count(len(entries), 'image')}, {size(used)} ({bounds})" if entries else f"empty ({bounds})"
    return Diagnosis(level="ok", about="cache", text=text)


def _indexes(host: Context) -> Iterable[Diagnosis]:
    """Return what is kept of package indexes, and where; a folder that is not the user's alone is a warning."""
    if host.cache_folder is None:
        return
    cache = IndexCache(cache=host.cache_folder, days=host.settings.cache_days)
    entries, folder = cache.entries(), str(host.cache_folder / FOLDER)
    if reason := cache.problem():
        text = f"package indexes are not kept: {reason}"
        folders = (str(host.cache_folder), folder)
        yield Diagnosis(level="warning", about="index", text=text, next=Advice.program("ls", "-ld", *folders))
        return
    bounds = f"at most {KEPT}, {count(host.settings.cache_days, 'day')}"
    used = f"{count(len(entries), 'package index', 'package indexes')}, {size(sum(entry.size for entry in entries))}"
    is_off = "" if host.settings.index_cache else "; index_cache is false, so none is used"
    yield Diagnosis(
        level="ok",
        about="index",
        text=f"{used} in {folder} ({bounds}){is_off}",
    )


def _network(connect: Callable[[], Engine], host: Context) -> Iterable[Diagnosis]:
    try:
        network = host_network(host.environ, ca=host.settings.ca)
    except SandboxError as error:
        yield Diagnosis(level="problem", about="CA", text=error.brief, next=Advice.sandbox("doctor", "--help"))
        return
    proxies = names(
        tuple(f"{name}={without_password(value)}" for name, value in network.proxies.items() if name.islower())
    )
    reach = "only the install steps use them"
    yield Diagnosis(level="ok", about="proxy", text=f"{proxies}; {reach}" if proxies else "none set")
    if network.loopback_proxies and _is_out_of_reach(connect, host):
        text = "the proxy is on this host's loopback, which a sandbox can't reach"
        yield Diagnosis(
            level="warning", about="proxy", text=text, next=Advice.say("use the host's own address in http_proxy")
        )
    found = f"{network.bundle_from}; {reach}" if network.bundle is not None else "none"
    yield Diagnosis(level="ok", about="CA", text=found)


def _is_out_of_reach(connect: Callable[[], Engine], host: Context) -> bool:
    """Return whether a sandbox can't reach a proxy on this host's loopback, by the engine's bridge either."""
    try:
        with connect() as engine:
            return bool(sandbox_network(host.environ, engine, ca=host.settings.ca).loopback_proxies)
    except SandboxError:
        return True


def _folders(host: Context) -> Iterable[Diagnosis]:
    folder = host.state_folder
    if host.journal.path is None:
        yield Diagnosis(level="ok", about="journal", text="switched off")
    elif writable(folder):
        text = f"{host.journal.path}, {count(len(host.journal.records()), 'session')}"
        yield Diagnosis(level="ok", about="journal", text=text)
    else:
        text = f"{folder} is not writable: sessions are not recorded"
        yield Diagnosis(level="problem", about="journal", text=text, next=Advice.program("chmod", "u+rwx", str(folder)))


def writable(folder: Path) -> bool:
    """Return whether a folder is writable, or else the nearest existing one above it."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return os.access(folder, os.W_OK | os.X_OK)


def _terminal(host: Context, *, terminal: bool) -> Diagnosis:
    kind = host.environ.get("TERM") or ""
    if not terminal:
        return Diagnosis(level="ok", about="terminal", text="not a terminal: sandbox runs without one")
    if kind in ("", "dumb"):
        text = f"TERM is {kind or 'not set'}: full-screen programs won't work"
        return Diagnosis(
            level="warning", about="terminal", text=text, next=Advice.program("export", "TERM=xterm-256color")
        )
    columns, rows = shutil.get_terminal_size()
    return Diagnosis(level="ok", about="terminal", text=f"{kind}, {columns} by {rows}")


def _builder() -> Diagnosis:
    path = shutil.which("mmdebstrap")
    if path:
        return Diagnosis(level="ok", about="mmdebstrap", text=f"{path}: bases can be built without a registry")
    return Diagnosis(
        level="ok", about="mmdebstrap", text="not installed: only needed to build bases without a registry"
    )


def _settings(host: Context) -> Iterable[Diagnosis]:
    for key in KEYS:
        value = _value_text(key, host.settings.value(key))
        yield Diagnosis(level="ok", about="setting", text=f"{key} is {value} ({host.settings.origin(key)})")


def _value_text(key: str, value: object) -> str:
    if value is None or value == "" or value in ({}, ()):
        return "not set"
    match value:
        case dict():
            return ", ".join(f"{name}={without_password(str(url))}" for name, url in value.items())
        case tuple():
            return ", ".join(map(str, value))
        case bool():
            return "on" if value else "off"
        case int() if key in ("cache_size", "limits.memory"):
            return size(value)
        case _:
            return str(value)
