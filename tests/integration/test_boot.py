"""systemd boots in a sandbox as on a host, with no power left to its packages, and ends with its session."""

from __future__ import annotations

import json
import signal
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from tests.integration.running import Program, ended, owned, wait_for, wait_for_text

from sandbox.engine import labels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.engine.docker.client import DockerEngine

KILLS = 50
INSTALLER = """#!/bin/sh
set -e
printf '#!/bin/sh\\nexec sleep 100000\\n' >/usr/local/bin/agentd
chmod 755 /usr/local/bin/agentd
printf '[Service]\\nExecStart=/usr/local/bin/agentd\\n[Install]\\nWantedBy=multi-user.target\\n' \\
    >/etc/systemd/system/agentd.service
systemctl daemon-reload
systemctl enable --now agentd
"""
"""It asks the init for its service, which only a sandbox that has booted has."""
BOOT = ("--boot", "--allow", "boot")
LOOK = (
    "systemctl is-system-running; systemctl is-active cron; cat /proc/1/comm; grep CapEff /proc/self/status;"
    " systemctl show -p CapabilityBoundingSet --value cron; echo here; exec sleep 600"
)
SYS_ADMIN = 1 << 21
"""Its bit (include/uapi/linux/capability.h)."""
TAKEN = r"""
place=/run/systemd/system/sandbox-lifeline.service.d
mkdir -p $place
printf '[Unit]\nFailureAction=none\nSuccessAction=none\n' >$place/more.conf
systemctl daemon-reload
kill -KILL $(ps -eo pid=,args= | awk '/ca[t] (\/proc|<&3)/{print $1}')
kill -KILL $(pidof cat)
""".strip()
"""Root does away with both that end a boot."""
MADE = (
    "apt-get update -qq && apt-get install -y -qq --no-install-recommends systemd-sysv dbus >/dev/null 2>&1"
    " && rm -rf /var/lib/apt/lists/*"
)


def _is_gone(client: Any, pid: int) -> bool:
    return not owned(client, pid)


@pytest.fixture(scope="module")
def bootable(client: Any, base: str) -> Iterator[str]:
    """Give an image that has an init, so that fifty boots install none."""
    name = "sandbox-test/boot:1"
    made = client.containers.run(base, ["sh", "-c", MADE], detach=True)
    try:
        assert made.wait()["StatusCode"] == 0, made.logs()
        made.commit(*name.split(":"))
    finally:
        made.remove(force=True)
    yield name
    client.images.remove(name, force=True)


def test_a_service_starts_as_on_a_host_without_the_power_of_the_boot_and_a_kill_of_the_client_ends_all(
    program: Program, client: Any
) -> None:
    process = program.start("try", "cron", "--distro", "debian:bookworm", *BOOT, "-q", "--", "sh", "-c", LOOK)
    said = wait_for_text(process, b"here\n").decode().splitlines()
    assert said[:3] == ["running", "active", "systemd"]
    assert not int(said[3].split()[1], 16) & SYS_ADMIN
    process.send_signal(signal.SIGKILL)
    ended(process)
    wait_for(lambda: not owned(client, process.pid))


def test_without_the_grant_an_engine_that_needs_power_to_boot_is_refused_by_name_and_nothing_is_made(
    program: Program, engine: DockerEngine
) -> None:
    about = engine.about()
    done = program.run("try", "--distro", "debian:bookworm", "--boot", "--", "cat", "/proc/1/comm")
    if about.cgroup.endswith("v2") and not about.rootless:
        assert done.stdout == b"systemd\n"
    else:
        assert done.returncode == 125
        assert f"{about.name} {about.version} on cgroup" in done.stderr.decode()
        assert b"--allow boot" in done.stderr


@pytest.mark.full
@pytest.mark.parametrize("how", ["from outside", "by SIGTERM"])
def test_fifty_kills_of_a_client_whose_sandbox_has_booted_leave_nothing(
    how: str, program: Program, bootable: str, client: Any
) -> None:
    words = (
        "try",
        "--image",
        bootable,
        "--distro",
        "debian:bookworm",
        *BOOT,
        "-q",
        "--",
        "sh",
        "-c",
        "echo here; exec sleep 600",
    )
    for _ in range(KILLS if how == "from outside" else 2):
        process = program.start(*words)
        wait_for_text(process, b"here\n")
        process.send_signal(signal.SIGKILL if how == "from outside" else signal.SIGTERM)
        ended(process)
        wait_for(partial(_is_gone, client, process.pid))


@pytest.mark.full
@pytest.mark.parametrize("delay", [0.2, 0.5, 0.8, 1.1, 1.4, 1.8, 2.3, 3.0])
def test_a_kill_at_any_moment_of_a_boot_leaves_nothing(
    delay: float, program: Program, bootable: str, client: Any
) -> None:
    process = program.start("try", "--image", bootable, "--distro", "debian:bookworm", *BOOT, "--", "sleep", "600")
    signal.sigtimedwait([], delay)
    process.send_signal(signal.SIGKILL)
    ended(process)
    program.run("clean")  # what was created and not yet started has no lifeline
    wait_for(lambda: not owned(client, process.pid))


@pytest.mark.full
def test_root_in_it_that_kills_every_process_ends_it(program: Program, bootable: str, client: Any) -> None:
    kill = "kill -KILL -1; sleep 600"
    process = program.start(
        "try", "--image", bootable, "--distro", "debian:bookworm", *BOOT, "-q", "--", "sh", "-c", kill
    )
    status, _, _ = ended(process)
    assert status != 0
    wait_for(lambda: not owned(client, process.pid))


@pytest.mark.full
def test_a_boot_whose_end_root_did_away_with_is_swept_by_the_next_command(
    program: Program, bootable: str, client: Any
) -> None:
    kill = f"{TAKEN}; echo here; exec sleep 600"
    process = program.start(
        "try", "procps", "--image", bootable, "--distro", "debian:bookworm", *BOOT, "-q", "--", "sh", "-c", kill
    )
    wait_for_text(process, b"here\n")
    process.send_signal(signal.SIGKILL)
    ended(process)
    program.run("clean")
    wait_for(lambda: not owned(client, process.pid))


@pytest.mark.full
def test_enter_and_a_check_work_in_a_sandbox_that_has_booted(program: Program, bootable: str, client: Any) -> None:
    process = program.start(
        "try",
        "--image",
        bootable,
        "--distro",
        "debian:bookworm",
        *BOOT,
        "-q",
        "--name",
        "booted",
        "--",
        "sh",
        "-c",
        "echo here; exec sleep 600",
    )
    wait_for_text(process, b"here\n")
    done = program.run(
        "enter", "booted", "--", "sh", "-c", "systemctl is-system-running; grep CapEff /proc/self/status"
    )
    process.send_signal(signal.SIGTERM)
    ended(process)
    said = done.stdout.decode().split()
    assert said[0] == "running"
    assert not int(said[2], 16) & SYS_ADMIN
    wait_for(lambda: not client.containers.list(all=True, filters={"label": f"{labels.NAME}=booted"}))


@pytest.mark.full
def test_inspect_reports_what_a_boot_starts_whom_it_runs_as_and_what_waits(program: Program, bootable: str) -> None:
    (program.work / "boot.yaml").write_text(
        f"distro: debian:bookworm\nimage: {bootable}\nboot: true\npackages: [redis-server, anacron, chrony]\n"
    )
    done = program.run("inspect", "--spec", "boot.yaml", "--allow", "boot", "--json", "-q")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    rows = {row["name"]: (row["state"], row["users"] or row["when"]) for row in found["footprint"]["booted"]}
    assert rows["redis-server.service"] == ("runs", ["redis"])
    assert rows["anacron.timer"][0] == "waits"
    assert rows["chrony.service"] == ("skipped", ["ConditionCapability=CAP_SYS_TIME"])
    assert "anacron.service" in rows
    ports = [row["what"] for row in found["footprint"]["findings"] if row["kind"] == "ports"]
    assert ports == ["6379/tcp"]
    left = [row["what"] for row in found["residue"]["left"]]
    of_systemd = [what for what in left if "systemd" in what]
    assert of_systemd == ["/var/lib/systemd/timers/stamp-anacron.timer"], "of the base's own units nothing is left"


@pytest.mark.full
@pytest.mark.parametrize("release", ["bookworm", "trixie"])
def test_a_trial_of_a_spec_that_boots_checks_services_of_systemd(release: str, program: Program) -> None:
    (program.work / "web.yaml").write_text(
        f"distro: debian:{release}\npackages: [nginx-light]\nboot: true\nchecks:\n"
        "  - run: systemctl is-active nginx\n  - port: 80\n"
        '  - run: test "$(systemctl is-system-running)" = running\n'
    )
    assert program.run("trial", "web.yaml").returncode == 2
    done = program.run("trial", "web.yaml", "--allow", "boot")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.full
def test_candidates_are_compared_by_what_a_boot_starts_of_each(program: Program) -> None:
    words = ("compare", "redis-server", "memcached", "--boot", "--distro", "debian:bookworm")
    done = program.run(*words, "--allow", "boot", "--json", "-q")
    assert done.returncode == 0, done.stderr
    found = {one["name"]: one["inspection"]["footprint"]["booted"] for one in json.loads(done.stdout)["candidates"]}
    assert {name: [row["name"] for row in rows if row["state"] == "runs"] for name, rows in found.items()} == {
        "redis-server": ["redis-server.service"],
        "memcached": ["memcached.service"],
    }


@pytest.mark.full
def test_an_installer_that_asks_the_init_for_its_service_has_one(program: Program, bootable: str) -> None:
    (program.work / "install.sh").write_text(INSTALLER)
    (program.work / "boot.yaml").write_text(f"distro: debian:bookworm\nimage: {bootable}\nboot: true\n")
    words = ("inspect", "--spec", "boot.yaml", "--run", "./install.sh", "--allow", "boot", "--json", "-q")
    done = program.run(*words)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)["footprint"]
    assert [(row["name"], row["state"]) for row in found["booted"]] == [("agentd.service", "runs")]
