"""Converts the engine's JSON to our values and back (Engine API v1.41, /containers/create)."""

from __future__ import annotations

import json
import re
import resource
from datetime import date
from typing import TYPE_CHECKING, Any, Final, cast, get_args

from sandbox.engine.labels import KIND
from sandbox.engine.protocol import Container, Ending, EngineInfo, FileStamp, Image, State
from sandbox.engine.references import HERE, HUB

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sandbox.engine.protocol import ContainerSpec
    from sandbox.specs.model import Mount

IMPORTED: Final = "Imported from"
"""The engine's comment on an image made from a root file system (POST /images/create, fromSrc)."""
LOGS: Final = {"max-size": "10m", "max-file": "2"}
"""Most bytes on the engine's disk for the output of a sandbox that stays."""
FIRST_DAY: Final = date(1970, 1, 1).toordinal()
FOLDER: Final = 1 << 31
"""The bit of a folder in Go's file modes (io/fs.ModeDir)."""
LINK: Final = 1 << 27
"""The bit of a symbolic link (io/fs.ModeSymlink)."""
PODMAN_LIMITS: Final = {"nofile": (resource.RLIMIT_NOFILE, 1 << 20), "nproc": (resource.RLIMIT_NPROC, 1 << 15)}
"""The most that is asked of Podman: open files, its own default; processes of a user, what it lowers itself to on a
small machine (kernel.pid_max)."""
OPEN_FILES: Final = (1024, 1 << 19)
"""Soft and hard limit of open files for Docker: those of systemd, and of Docker itself since 25. Before, a container
has the daemon's, which are up to 2^30, and a program that closes each file it could have, as rpm does in a
transaction, takes hours for that (https://github.com/moby/moby/pull/45534)."""
DIFFERENCES: Final[Mapping[str, tuple[str, ...]]] = {
    "podman": (
        "Podman gives no NET_RAW, with which Debian's ping is installed: --cap-add NET_RAW",
        "Podman ignores --runtime over its Docker-compatible API and uses the runtime in containers.conf",
        "open files and a user's processes get the limits of sandbox itself, since Podman's own are often refused",
        'its runtime crun can\'t use hybrid cgroups; if it fails, set runtime = "runc" in containers.conf',
        "its helper process (conmon) ends only five minutes after each command in a sandbox",
        "Podman can't record the end of a sandbox on a full disk, so sandbox ends it before the disk is full",
    )
}
"""By the engine's name: differences seen with Podman 4.3 and 5.8."""
CPU_PERIOD: Final = 100_000
"""Microseconds. A quota may exceed the engine's number of cores, NanoCpus may not."""


def version_numbers(api: str) -> tuple[int, ...]:
    """Return a version of the API as numbers, to compare."""
    return tuple(int(part) for part in api.split("."))


def common_version(about: Mapping[str, Any], ours: str) -> str:
    """Return the newest version of the API that both sides speak; an engine whose oldest is newer than ours gets that.

    What is asked for has stayed the same since 1.41, and each version adds (Engine API version history).
    """
    theirs, oldest = str(about.get("ApiVersion") or ours), str(about.get("MinAPIVersion") or "0")
    return max(min(ours, theirs, key=version_numbers), oldest, key=version_numbers)


def exit_status(row: Mapping[str, Any]) -> int | None:
    """Return the status of a command that an engine describes (GET /exec/ID/json), None while it runs.

    Podman says 0 of one that runs.
    """
    return None if row["ExitCode"] is None or row["Running"] else int(row["ExitCode"])


def epoch(text: str) -> float:
    """Return an RFC 3339 time as Unix seconds; 0 if it doesn't parse."""
    match = re.match(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?", text)
    if match is None:
        return 0.0
    # strptime and calendar would import modules for 3 ms before the prompt; datetime is there by msgspec
    year, month, day, hour, minute, second = map(int, match.groups()[:6])
    days = date(year, month, 1).toordinal() - FIRST_DAY + day - 1
    return ((days * 24 + hour) * 60 + minute) * 60 + second + float(match[7] or 0)


def state(text: str) -> State:
    """Return the state; `unknown` for a word of a newer engine."""
    return cast("State", text) if text in get_args(State) else "unknown"


def image(data: Mapping[str, Any]) -> Image:
    """Return the image of an /images/NAME/json or /images/json answer."""
    config = data.get("Config") or {}
    created = data.get("Created") or 0
    return Image(
        id=data["Id"],
        tags=tuple(familiar(tag) for tag in data.get("RepoTags") or () if "<none>" not in tag),
        digests=() if is_made_here(data) else tuple(_repo_digests(data)),
        size=disk_size(data),
        created=epoch(created) if isinstance(created, str) else float(created),
        env=tuple(config.get("Env") or ()),
        labels=dict(config.get("Labels") or data.get("Labels") or {}),
        platform="/".join(str(data[key]) for key in ("Os", "Architecture", "Variant") if data.get(key)),
        workdir=str(config.get("WorkingDir") or ""),
        user=str(config.get("User") or ""),
    )


def disk_size(data: Mapping[str, Any]) -> int:
    """Return the bytes that an image takes on the engine's disk.

    With the containerd store that is more than its layers unpacked: their archives stay, too. There an image's own
    size is that of the archives alone, the one in a list is both (seen with 28.5).
    """
    both = [int((row.get("Size") or {}).get("Total") or 0) for row in data.get("Manifests") or () if row]
    return sum(both) or int(data.get("Size") or 0)


def is_made_here(data: Mapping[str, Any]) -> bool:
    """Return whether an image was built, imported or loaded here, though it has digests like one of a registry.

    Docker's old store has digests of registries alone. Its containerd store, where an image's id is its digest, and
    Podman give each image one. There the containerd store's descriptor says more of what was loaded (API 1.48), the
    builder's parent and an import are known, and what this program made has its label.
    """
    digests = _repo_digests(data)
    is_containerd = any(text.endswith(f"@{data.get('Id')}") for text in digests)
    if not is_containerd and not any(_is_full(name) for name in (*digests, *(data.get("RepoTags") or ()))):
        return False
    is_import = str(data.get("Comment") or "").startswith(IMPORTED)
    if data.get("Parent") or (data.get("Descriptor") or {}).get("annotations") or is_import:
        return True
    return KIND in ((data.get("Config") or {}).get("Labels") or data.get("Labels") or {})


def _repo_digests(data: Mapping[str, Any]) -> list[str]:
    found = [text for text in data.get("RepoDigests") or () if "<none>" not in text]
    return [text for text in found if not text.startswith(f"{HERE}/")]


def _is_full(name: str) -> bool:
    """Return whether a name has Podman's form: with the registry that Docker leaves out."""
    return name.startswith((f"{HUB}/", f"{HERE}/"))


def familiar(tag: str) -> str:
    """Return a tag in Docker's form: Podman puts `localhost/` or the registry before it, even before ours."""
    return re.sub(r"^(localhost/|[a-z0-9.-]+\.[a-z]+/(library/|(?=sandbox-)))", "", tag)


def listed_container(data: Mapping[str, Any]) -> Container:
    """Return the container in one entry of a /containers/json answer."""
    names = data.get("Names") or ["/"]
    return Container(
        id=data["Id"],
        name=names[0].lstrip("/"),
        state=state(data.get("State") or ""),
        image=data.get("ImageID") or "",
        labels=dict(data.get("Labels") or {}),
        created=float(data.get("Created") or 0),
        size=int(data.get("SizeRw") or 0),
    )


def inspected_container(data: Mapping[str, Any]) -> Container:
    """Return the container in a /containers/NAME/json answer."""
    return Container(
        id=data["Id"],
        name=data["Name"].lstrip("/"),
        state=state(data["State"].get("Status") or ""),
        image=data.get("Image") or "",
        labels=dict(data["Config"].get("Labels") or {}),
        created=epoch(data.get("Created") or ""),
        ports=published_ports(data.get("NetworkSettings") or {}),
        pid=int(data["State"].get("Pid") or 0),
    )


def published_ports(network: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return each published port with the host's address and port, from NetworkSettings."""
    ports: Mapping[str, list[Mapping[str, str]] | None] = network.get("Ports") or {}
    return tuple(
        (port, f"{place['HostIp']}:{place['HostPort']}") for port, places in ports.items() for place in places or ()
    )


def stamp(data: Mapping[str, Any]) -> FileStamp:
    """Return the stamp in an X-Docker-Container-Path-Stat header."""
    mode = int(data.get("mode") or 0)
    target = str(data.get("linkTarget") or "") if mode & LINK else ""
    return FileStamp(size=int(data["size"]), modified=str(data["mtime"]), is_folder=bool(mode & FOLDER), target=target)


def info(data: Mapping[str, Any], version: Mapping[str, Any], *, url: str, api: str) -> EngineInfo:
    """Return the engine's description from /info and /version."""
    security = " ".join(data.get("SecurityOptions") or ())
    return EngineInfo(
        name=engine_name(version),
        version=str(version.get("Version") or "?"),
        api=api,
        url=url,
        architecture=str(data.get("Architecture") or ""),
        storage=str(data.get("Driver") or ""),
        cgroup=f"{data.get('CgroupDriver') or '?'}, v{data.get('CgroupVersion') or '1'}",
        memory=int(data.get("MemTotal") or 0),
        cpus=int(data.get("NCPU") or 0),
        rootless="rootless" in security,
        maps_users="name=userns" in security,
        selinux="selinux" in security,
        root=str(data.get("DockerRootDir") or ""),
        can_limit_disk=_can_limit_disk(data),
        lacks=discarded_limits(data, version),
        runtimes=tuple(sorted(data.get("Runtimes") or ())),
        warnings=tuple(str(text) for text in data.get("Warnings") or ()),
        differs=DIFFERENCES.get(engine_name(version), ()),
    )


FLAGS: Final[Mapping[str, str]] = {
    "memory": "MemoryLimit",
    "swap": "SwapLimit",
    "cpus": "CpuCfsQuota",
    "pids": "PidsLimit",
}
"""The fields of /info for the limits that an engine can apply."""


def discarded_limits(data: Mapping[str, Any], version: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the limits that an engine takes and discards, of an /info and a /version answer.

    A rootless Podman needs systemd to delegate cgroups to it, and says PidsLimit without (seen with 5.8).
    """
    driver = str(data.get("CgroupDriver") or "")
    is_rootless = "rootless" in " ".join(data.get("SecurityOptions") or ())
    if driver == "none" or (is_rootless and engine_name(version) == "podman" and driver != "systemd"):
        return tuple(FLAGS)
    return tuple(name for name, flag in FLAGS.items() if data.get(flag) is False)


def limit_warnings(warnings: Sequence[str] | None) -> tuple[str, ...]:
    """Return the warnings of /containers/create about missing limits."""
    return tuple(text for text in warnings or () if re.search(r"discarded|without swap", text, re.IGNORECASE))


def _can_limit_disk(data: Mapping[str, Any]) -> bool:
    """Return whether a container's disk can be limited: overlay2 only on xfs with project quotas (dockerd(8))."""
    driver = str(data.get("Driver") or "")
    backing = dict(pair[:2] for pair in data.get("DriverStatus") or () if len(pair) > 1)
    return driver in ("btrfs", "zfs") or (driver == "overlay2" and backing.get("Backing Filesystem") == "xfs")


def engine_name(version: Mapping[str, Any]) -> str:
    """Return `podman` or `docker`, from the components of a /version answer."""
    components = " ".join(str(part.get("Name")) for part in version.get("Components") or ())
    return "podman" if "podman" in components.lower() else "docker"


def ulimits(version: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the Ulimits of a HostConfig: our own hard limits for Podman, the usual number of open files for Docker.

    Podman sets limits of its own that it may not be allowed to raise to, as in a container, and then starts nothing
    (containers.conf(5), default_ulimits).
    """
    if engine_name(version) != "podman":
        soft, most = OPEN_FILES
        here = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        hard = most if here < 0 else min(here, most)
        return [{"Name": "nofile", "Soft": min(soft, hard), "Hard": hard}]
    ours = {name: resource.getrlimit(number)[1] for name, (number, _) in PODMAN_LIMITS.items()}
    bounds = {name: most if ours[name] < 0 else min(ours[name], most) for name, (_, most) in PODMAN_LIMITS.items()}
    return [{"Name": name, "Soft": value, "Hard": value} for name, value in bounds.items()]


def build_ulimits(version: Mapping[str, Any]) -> list[Any]:
    """Return the ulimits of a build for the same reasons: Podman reads words, Docker what a HostConfig has."""
    rows = ulimits(version)
    return rows if engine_name(version) != "podman" else ulimit_words(rows)


def ulimit_words(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return them as words for a command line, such as `nofile=1024:524288`."""
    return [f"{row['Name']}={row['Soft']}:{row['Hard']}".lower() for row in rows]


def create_config(spec: ContainerSpec, ulimits: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """Return the body of /containers/create."""
    ports: dict[str, dict[str, str]] = {f"{port.container}/{port.protocol}": {} for port in spec.ports}
    return {
        "Image": spec.image,
        "Entrypoint": list(spec.argv),
        "Cmd": [],
        "User": spec.user,
        "WorkingDir": "/",
        # Docker refuses a host name beside another container's network (`conflicting options`).
        **({} if spec.network_of else {"Hostname": spec.hostname}),
        "Labels": dict(spec.labels),
        "Env": [f"{name}={value}" for name, value in spec.env.items()],
        "AttachStdin": True,
        "AttachStdout": True,
        "AttachStderr": True,
        "OpenStdin": True,
        # The lifeline: stdin closes when the client that attached is gone, and PID 1 ends with it (pid1_session.sh).
        "StdinOnce": True,
        "Healthcheck": {"Test": ["NONE"]},
        "ExposedPorts": ports,
        **({"Volumes": {path: {} for path in spec.volumes}} if spec.volumes else {}),
        "HostConfig": {**host_config(spec), **({"Ulimits": list(ulimits)} if ulimits else {})},
    }


def host_config(spec: ContainerSpec) -> dict[str, Any]:
    """Return the HostConfig of /containers/create."""
    bindings: dict[str, list[dict[str, str]]] = {}
    for port in spec.ports:
        published = str(port.published) if port.published else ""
        entry = {"HostIp": port.host, "HostPort": published}
        bindings.setdefault(f"{port.container}/{port.protocol}", []).append(entry)
    mounts = [
        {"Type": "bind", "Source": mount.source, "Target": mount.target, "ReadOnly": mount.read_only}
        for mount in spec.mounts
        if not mount.only_as_text
    ]
    binds = [_text(mount) for mount in spec.mounts if mount.only_as_text]
    return {
        "AutoRemove": spec.auto_remove,
        "NetworkMode": f"container:{spec.network_of}" if spec.network_of else spec.network,
        "PortBindings": bindings,
        "Mounts": mounts,
        **({"Binds": binds} if binds else {}),
        **({"ExtraHosts": [f"{name}:{place}" for name, place in spec.hosts.items()]} if spec.hosts else {}),
        **({"ShmSize": spec.shm} if spec.shm else {}),
        "Tmpfs": dict(spec.tmpfs),
        "VolumesFrom": [f"{ident}:ro" for ident in spec.volumes_from],
        "Memory": spec.limits.memory,
        # The sum of memory and swap: the same number means no swap (docker run, --memory-swap).
        "MemorySwap": spec.limits.memory,
        "CpuPeriod": CPU_PERIOD,
        "CpuQuota": int(spec.limits.cpus * CPU_PERIOD),
        "PidsLimit": spec.limits.pids,
        "CapDrop": list(spec.cap_drop),
        "CapAdd": list(spec.cap_add),
        "SecurityOpt": list(spec.security_opt),
        "Devices": [{"PathOnHost": path, "PathInContainer": path, "CgroupPermissions": "rwm"} for path in spec.devices],
        **({"Runtime": spec.runtime} if spec.runtime else {}),
        **({"CgroupnsMode": "private"} if spec.own_cgroups else {}),
        "LogConfig": {"Type": "none"} if spec.auto_remove else {"Type": "json-file", "Config": dict(LOGS)},
    }


def _text(mount: Mount) -> str:
    options = ("ro" if mount.read_only else "rw", mount.relabel)
    return f"{mount.source}:{mount.target}:{','.join(filter(None, options))}"


def host_address(pools: Iterable[Mapping[str, str]]) -> str:
    """Return the host's IPv4 address on a network that has these address pools; empty if it has none of IPv4.

    Docker 20.10 leaves its bridge's gateway out until the daemon starts for a second time: it is the first address.
    """
    from ipaddress import ip_network

    for pool in pools:
        if "." in pool.get("Gateway", ""):
            return pool["Gateway"]
        if "." in pool.get("Subnet", ""):
            return str(ip_network(pool["Subnet"], strict=False)[1])
    return ""


def ending(text: str, *, is_podman: bool) -> Ending:
    """Return how a container ended, from its events since it was last started, one JSON object a line (GET /events).

    Podman notes no signals, and calls the end `died` in versions before 4.
    """
    found: list[tuple[str, Mapping[str, Any]]] = []
    for row in (json.loads(line) for line in text.splitlines() if line.strip()):
        action = str(row.get("Action") or row.get("status"))
        found = [] if action == "start" else [*found, (action, row.get("Actor", {}).get("Attributes", {}))]
    codes = [row.get("exitCode", row.get("containerExitCode")) for action, row in found if action in ("die", "died")]
    return Ending(
        status=int(codes[-1]) if codes and str(codes[-1]).isdecimal() else None,
        signals=tuple(int(row.get("signal") or 0) for action, row in found if action == "kill"),
        is_memory=any(action == "oom" for action, _ in found),
        shows_signals=not is_podman,
    )
