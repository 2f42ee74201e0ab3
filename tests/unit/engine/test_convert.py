"""The engine's JSON as our values, and our values as its JSON."""

from __future__ import annotations

import resource
from typing import Any

import pytest
from msgspec.structs import replace

from sandbox.engine import convert
from sandbox.engine.labels import KIND
from sandbox.engine.protocol import ContainerSpec
from sandbox.engine.references import HUB, own_digest
from sandbox.specs.model import Limits, Mount, Port
from sandbox.specs.privileges import Trust

SPEC = ContainerSpec(
    name="brave-otter",
    image="sha256:base",
    argv=("/bin/sh", "-c", "wait"),
    labels={"a": "b"},
    hostname="brave-otter",
    limits=Limits(memory=512_000_000, cpus=1.5, pids=64),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-01T00:00:01Z", 1.0),
        ("2026-11-23T20:51:00.123456789Z", 1_795_467_060.123456789),
        ("0001-01-01T00:00:00Z", -62135596800.0),
        ("", 0.0),
        ("yesterday", 0.0),
    ],
)
def test_times_are_epochs(text: str, expected: float) -> None:
    assert convert.epoch(text) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("about", "spoken"),
    [
        ({"ApiVersion": "1.41", "MinAPIVersion": "1.12"}, "1.41"),
        ({"ApiVersion": "1.51", "MinAPIVersion": "1.44"}, "1.45"),
        ({"ApiVersion": "1.60", "MinAPIVersion": "1.52"}, "1.52"),
        ({"ApiVersion": "1.9"}, "1.9"),
        ({}, "1.45"),
    ],
)
def test_an_engine_is_spoken_to_in_what_both_sides_know_or_in_its_oldest(about: dict[str, str], spoken: str) -> None:
    assert convert.common_version(about, "1.45") == spoken


def test_an_image_takes_what_its_archives_and_its_unpacked_layers_take() -> None:
    manifests = [{"Size": {"Content": 121, "Total": 254}}, {"Size": {"Content": 1, "Total": 1}}, {"Size": None}]
    assert convert.disk_size({"Size": 121, "Manifests": manifests}) == 255
    assert convert.disk_size({"Size": 121, "Manifests": []}) == 121
    assert convert.disk_size({}) == 0


def test_a_state_of_a_newer_engine_is_unknown() -> None:
    assert convert.state("running") == "running"
    assert convert.state("stopping") == "unknown"
    assert convert.state("") == "unknown"


def test_an_inspected_image() -> None:
    image = convert.image(
        {
            "Id": "sha256:1",
            "RepoTags": ["debian:bookworm"],
            "RepoDigests": ["debian@sha256:2"],
            "Size": 117,
            "Created": "1970-01-01T00:01:00Z",
            "Config": {"Env": ["PATH=/bin"], "Labels": {"a": "b"}},
        }
    )
    assert (image.tags, image.digests, image.size) == (("debian:bookworm",), ("debian@sha256:2",), 117)
    assert image.created == 60.0
    assert (image.env, image.labels) == (("PATH=/bin",), {"a": "b"})


@pytest.mark.parametrize(
    "extra",
    [
        {},
        {"RepoTags": None, "RepoDigests": None, "Labels": None, "Config": None, "Created": 0},
        {"RepoTags": ["<none>:<none>"], "RepoDigests": ["<none>@<none>"], "Config": {"Env": None, "Labels": None}},
    ],
)
def test_an_image_that_has_nothing_but_its_id(extra: dict[str, Any]) -> None:
    image = convert.image({"Id": "sha256:1", **extra})
    assert (image.tags, image.digests, image.size, image.created, image.labels) == ((), (), 0, 0.0, {})


LOADED = {"io.containerd.image.name": f"{HUB}/library/debian:bookworm"}
BASE = {"Labels": {KIND: "base"}}


@pytest.mark.parametrize(
    ("reference", "digest"),
    [
        ("debian:bookworm", "sha256:2"),
        (f"{HUB}/library/debian:bookworm", "sha256:2"),
        (f"index.{HUB}/debian", "sha256:2"),
        ("debian@sha256:3", "sha256:3"),
        ("mirror.example:5000/debian:bookworm", "sha256:4"),
        ("mirror.example/debian:bookworm", None),
        ("sandbox-base/debian:bookworm", None),
        ("sha256:1", None),
    ],
)
def test_only_a_digest_of_its_own_repository_is_one_of_a_reference(reference: str, digest: str | None) -> None:
    given = ["debian@sha256:2", "debian@sha256:3", "mirror.example:5000/debian@sha256:4"]
    image = convert.image({"Id": "sha256:1", "RepoDigests": given})
    assert own_digest(reference, image.digests) == digest


@pytest.mark.parametrize(
    "extra",
    [
        {"Id": "sha256:2", "Parent": "sha256:1"},  # the containerd store, of the classic builder
        {"Id": "sha256:2", "Descriptor": {"digest": "sha256:2", "annotations": LOADED}},  # of docker load
        {"Id": "sha256:2", "Descriptor": {"digest": "sha256:2"}, "Comment": "Imported from -"},  # of docker import
        {"Id": "sha256:2", "Config": BASE},  # of an older API, which says nothing of how it came
        {"Id": "sha256:1", "RepoTags": [f"{HUB}/library/debian:bookworm"], "Config": BASE},  # Podman
    ],
)
def test_an_image_that_was_made_here_has_no_digest_of_a_registry(extra: dict[str, Any]) -> None:
    name = f"{HUB}/library/debian" if extra["Id"] == "sha256:1" else "debian"
    image = convert.image({"RepoDigests": [f"{name}@sha256:2"], **extra})
    assert own_digest("debian:bookworm", image.digests) is None


@pytest.mark.parametrize(
    "extra",
    [
        {"Id": "sha256:1", "Parent": "sha256:0", "Config": BASE},  # the old store has only what a registry said
        {"Id": "sha256:2", "Descriptor": {"digest": "sha256:2"}},  # the containerd store, pulled
        {"Id": "sha256:1", "RepoTags": [f"{HUB}/library/debian:bookworm"]},  # Podman, pulled
    ],
)
def test_an_image_of_a_registry_has_its_digest(extra: dict[str, Any]) -> None:
    image = convert.image({"RepoDigests": ["debian@sha256:2"], **extra})
    assert own_digest("debian:bookworm", image.digests) == "sha256:2"


def test_a_name_that_podman_gives_to_what_is_here_is_no_registry() -> None:
    image = convert.image({"Id": "sha256:1", "RepoDigests": ["localhost/debian@sha256:2"]})
    assert own_digest("localhost/debian", image.digests) is None


def test_a_listed_and_an_inspected_container_are_the_same_value() -> None:
    listed = convert.listed_container(
        {"Id": "1", "Names": ["/otter"], "State": "exited", "ImageID": "i", "Labels": {"a": "b"}, "Created": 60}
    )
    inspected = convert.inspected_container(
        {
            "Id": "1",
            "Name": "/otter",
            "State": {"Status": "exited"},
            "Image": "i",
            "Config": {"Labels": {"a": "b"}},
            "Created": "1970-01-01T00:01:00Z",
        }
    )
    assert listed == inspected


def test_a_container_that_is_being_made_may_have_no_name_yet() -> None:
    assert convert.listed_container({"Id": "1", "Names": None}).name == ""


@pytest.mark.parametrize(
    ("components", "name"),
    [([{"Name": "Engine"}], "docker"), ([{"Name": "Podman Engine"}], "podman"), (None, "docker")],
)
def test_an_engine_is_named_by_its_components(components: Any, name: str) -> None:
    assert convert.engine_name({"Components": components}) == name


def test_an_engine_that_says_little_is_described_all_the_same() -> None:
    info = convert.info({}, {}, url="u", api="1.41")
    assert (info.name, info.version, info.cgroup, info.memory, info.rootless) == ("docker", "?", "?, v1", 0, False)
    assert convert.info({"SecurityOptions": ["name=rootless"]}, {}, url="u", api="1").rootless


def test_a_throwaway_container_dies_with_its_lifeline() -> None:
    body = convert.create_config(SPEC)
    assert {body[key] for key in ("AttachStdin", "OpenStdin", "StdinOnce")} == {True}
    assert body["HostConfig"]["AutoRemove"] is True
    assert body["HostConfig"]["LogConfig"] == {"Type": "none"}
    assert (body["Entrypoint"], body["Cmd"], body["Labels"]) == (["/bin/sh", "-c", "wait"], [], {"a": "b"})
    assert body["Healthcheck"] == {"Test": ["NONE"]}


def test_a_container_that_stays_keeps_a_bounded_log() -> None:
    body = convert.create_config(replace(SPEC, auto_remove=False))
    assert body["HostConfig"]["AutoRemove"] is False
    assert body["HostConfig"]["LogConfig"] == {"Type": "json-file", "Config": {"max-size": "10m", "max-file": "2"}}


def test_limits_are_the_engines_units_and_allow_no_swap_beyond_them() -> None:
    host = convert.host_config(SPEC)
    assert (host["Memory"], host["MemorySwap"], host["PidsLimit"]) == (512_000_000, 512_000_000, 64)
    assert (host["CpuPeriod"], host["CpuQuota"]) == (100_000, 150_000)


def test_podman_is_asked_for_no_more_files_and_processes_than_we_may_have() -> None:
    podman = {"Components": [{"Name": "Podman Engine"}]}
    rows = {row["Name"]: row for row in convert.ulimits(podman)}
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    assert rows.keys() == {"nofile", "nproc"}
    assert rows["nofile"]["Hard"] == rows["nofile"]["Soft"] == (min(hard, 1 << 20) if hard >= 0 else 1 << 20)
    assert convert.create_config(SPEC, convert.ulimits(podman))["HostConfig"]["Ulimits"] == list(rows.values())
    assert convert.info({}, podman, url="u", api="1").differs


def test_docker_is_asked_for_a_bounded_number_of_open_files() -> None:
    [row] = convert.create_config(SPEC, convert.ulimits({}))["HostConfig"]["Ulimits"]
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    assert (row["Name"], row["Soft"]) == ("nofile", 1024)
    assert row["Hard"] == (min(hard, 1 << 19) if hard >= 0 else 1 << 19)
    assert convert.build_ulimits({}) == [row]
    assert convert.ulimit_words([row]) == [f"nofile=1024:{row['Hard']}"]
    assert convert.info({}, {}, url="u", api="1").differs == ()


def test_ports_and_mounts_are_bound_as_asked() -> None:
    spec = replace(
        SPEC,
        ports=(Port(container=80, published=8080), Port(container=80, published=0, host="::1")),
        mounts=(Mount(source="/a", target="/b"), Mount(source="/c", target="/d", read_only=False)),
        network="none",
    )
    host = convert.create_config(spec)["HostConfig"]
    assert host["PortBindings"] == {
        "80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}, {"HostIp": "::1", "HostPort": ""}]
    }
    assert [row["ReadOnly"] for row in host["Mounts"]] == [True, False]
    assert host["NetworkMode"] == "none"


def test_nothing_of_the_host_is_given_by_default() -> None:
    host = convert.host_config(SPEC)
    assert [host[key] for key in ("Mounts", "PortBindings", "Devices", "CapAdd")] == [[], {}, [], []]
    assert host["NetworkMode"] == "default"
    assert host.keys().isdisjoint({"Binds", "Privileged", "PidMode", "IpcMode", "UsernsMode", "Runtime", "MaskedPaths"})


def test_what_was_granted_is_given() -> None:
    trust = Trust(hardened=True, runtime="runsc", capabilities=("SYS_PTRACE",), devices=("/dev/fuse",))
    spec = replace(
        SPEC,
        cap_drop=trust.cap_drop,
        cap_add=trust.cap_add,
        security_opt=trust.security_opt,
        runtime=trust.runtime,
        devices=trust.devices,
    )
    host = convert.host_config(spec)
    assert host["CapDrop"] == ["ALL"]
    assert "SYS_PTRACE" in host["CapAdd"]
    assert not {"NET_RAW", "MKNOD", "SYS_ADMIN", "SYS_CHROOT"} & {*host["CapAdd"]}
    assert host["SecurityOpt"] == ["no-new-privileges:true"]
    assert host["Runtime"] == "runsc"
    assert [row["PathOnHost"] for row in host["Devices"]] == ["/dev/fuse"]


PODMAN = {"Components": [{"Name": "Podman Engine"}]}
ROOTLESS = ["name=seccomp,profile=default", "name=rootless"]


@pytest.mark.parametrize(
    ("said", "version", "lacks"),
    [
        ({"MemoryLimit": True, "SwapLimit": True, "PidsLimit": True, "CpuCfsQuota": True}, {}, ()),
        ({}, {}, ()),
        ({"MemoryLimit": True, "SwapLimit": False, "PidsLimit": True, "CpuCfsQuota": True}, {}, ("swap",)),
        (
            {"MemoryLimit": False, "SwapLimit": True, "PidsLimit": False, "CpuCfsQuota": False},
            {},
            ("memory", "cpus", "pids"),
        ),
        ({"CgroupDriver": "none", "MemoryLimit": True}, {}, ("memory", "swap", "cpus", "pids")),
        (
            {"CgroupDriver": "cgroupfs", "SecurityOptions": ROOTLESS, "PidsLimit": True},
            PODMAN,
            ("memory", "swap", "cpus", "pids"),
        ),
        ({"CgroupDriver": "systemd", "SecurityOptions": ROOTLESS, "CpuCfsQuota": False}, PODMAN, ("cpus",)),
    ],
)
def test_the_limits_that_an_engine_would_discard(
    said: dict[str, Any], version: dict[str, Any], lacks: tuple[str, ...]
) -> None:
    assert convert.info(said, version, url="u", api="1.45").lacks == lacks


def test_only_what_an_engine_says_of_limits_is_said_of_them() -> None:
    swap = "Your kernel does not support swap limit capabilities. Memory limited without swap."
    memory = (
        "Your kernel does not support memory limit capabilities or the cgroup is not mounted. Limitation discarded."
    )
    platform = "The requested image's platform (linux/arm64) does not match the detected host platform (linux/amd64)"
    assert convert.limit_warnings([swap, platform, memory]) == (swap, memory)
    assert convert.limit_warnings(None) == ()


def test_an_image_says_in_which_folder_and_as_whom_its_programs_start() -> None:
    found = convert.image({"Id": "sha256:1", "Config": {"WorkingDir": "/app", "User": "web"}})
    assert (found.workdir, found.user) == ("/app", "web")
    assert convert.image({"Id": "sha256:1", "Config": {"User": None}}).workdir == ""


def test_a_mount_with_an_selinux_label_is_bound_by_the_call_that_knows_them() -> None:
    mounts = (
        Mount(source="/a", target="/b", relabel="z"),
        Mount(source="/c", target="/d", read_only=False, relabel="Z"),
        Mount(source="/e", target="/f"),
    )
    host = convert.host_config(replace(SPEC, mounts=mounts))
    assert host["Binds"] == ["/a:/b:ro,z", "/c:/d:rw,Z"]
    assert [row["Source"] for row in host["Mounts"]] == ["/e"]
    assert "Binds" not in convert.host_config(SPEC)


def test_a_mount_whose_path_podman_would_read_as_options_is_bound_as_text() -> None:
    mounts = (
        Mount(source="/a,src=/etc", target="/b"),
        Mount(source='/c"', target="/d"),
        Mount(source="/e:f", target="/g"),
    )
    host = convert.host_config(replace(SPEC, mounts=mounts))
    assert host["Binds"] == ["/a,src=/etc:/b:ro", '/c":/d:ro']
    assert [row["Source"] for row in host["Mounts"]] == ["/e:f"]


def test_shared_memory_and_names_are_the_engines_own_unless_they_are_asked_for() -> None:
    host = convert.host_config(replace(SPEC, shm=1 << 20, hosts={"otter": "127.0.0.1"}))
    assert (host["ShmSize"], host["ExtraHosts"]) == (1 << 20, ["otter:127.0.0.1"])
    assert not {"ShmSize", "ExtraHosts"} & convert.host_config(SPEC).keys()


def test_an_engine_says_whether_it_labels_by_selinux() -> None:
    assert convert.info({"SecurityOptions": ["name=seccomp", "name=selinux"]}, {}, url="u", api="1").selinux
    assert not convert.info({"SecurityOptions": ["name=seccomp"]}, {}, url="u", api="1").selinux


@pytest.mark.parametrize(
    ("pools", "expected"),
    [
        ([{"Subnet": "172.17.0.0/16", "Gateway": "172.17.0.1"}], "172.17.0.1"),
        ([{"Subnet": "172.17.0.0/16"}], "172.17.0.1"),
        ([{"Subnet": "192.168.7.1/24"}], "192.168.7.1"),
        (
            [{"Subnet": "fd00::/64", "Gateway": "fd00::1"}, {"Subnet": "10.88.0.0/16", "Gateway": "10.88.0.1"}],
            "10.88.0.1",
        ),
        ([{"Subnet": "fd00::/64"}], ""),
        ([], ""),
    ],
)
def test_the_hosts_address_on_a_network_is_its_gateway_or_else_the_first(
    pools: list[dict[str, str]], expected: str
) -> None:
    assert convert.host_address(pools) == expected
