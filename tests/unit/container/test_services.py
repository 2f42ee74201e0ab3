"""What a unit or an init script says is started, as shell text that starts just that."""

from __future__ import annotations

import os
import subprocess

import pytest

from sandbox.container.services import service_files, service_of, worth_starting
from sandbox.core.programs import program

REDIS = """[Unit]
Description=Advanced key-value store
[Service]
Type=notify
ExecStart=/usr/bin/redis-server /etc/redis/redis.conf --supervised systemd --daemonize no
User=redis
Group=redis
RuntimeDirectory=redis
"""
SSH = """[Service]
EnvironmentFile=-/etc/default/ssh
ExecStartPre=/usr/sbin/sshd -t
ExecStart=/usr/sbin/sshd -D $SSHD_OPTS
RuntimeDirectory=sshd
"""
PATH = "/usr/lib/systemd/system/{}.service"


def script_of(text: str, name: str = "x") -> str:
    found = service_of(PATH.format(name), text)
    assert found is not None
    subprocess.run(["sh", "-n"], input=found.script, text=True, check=True)
    return found.script


def test_a_unit_is_run_as_its_user_in_folders_of_its_own() -> None:
    script = script_of(REDIS)
    assert "mkdir -p /run/redis && chown redis:redis /run/redis" in script
    assert "\nexec sh -c " in script
    assert script.endswith(
        "sh redis redis 'exec /usr/bin/redis-server /etc/redis/redis.conf --supervised systemd --daemonize no'\n"
    )


def test_variables_of_a_unit_are_the_shells() -> None:
    script = script_of(SSH)
    assert "if [ -r /etc/default/ssh ]; then set -a; . /etc/default/ssh; set +a; fi" in script
    assert "/usr/sbin/sshd -t || true\n" in script
    assert script.endswith("exec /usr/sbin/sshd -D $SSHD_OPTS\n")


def test_a_daemon_that_goes_to_the_background_is_waited_for() -> None:
    script = script_of("[Service]\nType=forking\nExecStart=/usr/sbin/nginx -g 'daemon on; master_process on;'\n")
    assert "\n/usr/sbin/nginx -g 'daemon on; master_process on;'\nwhile :; do" in f"\n{script}"


def test_hostile_words_stay_words() -> None:
    script = script_of("[Service]\nExecStart=/bin/echo $(id) `id` ;id 'a b' ${HOME}/x ${X;id} %t/y %%\n")
    ran = subprocess.run(["sh", "-c", script], capture_output=True, text=True, env={"HOME": "/h"}, check=True)
    assert ran.stdout == "$(id) `id` ;id a b /h/x ${X;id} /run/y %\n"


def test_the_last_assignment_counts_and_an_empty_one_forgets() -> None:
    assert script_of("[Service]\nExecStart=/bin/a\nExecStart=\nExecStart=/bin/b \\\n  c\n") == "exec /bin/b c\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[Service]\n",
        "[Service]\nType=oneshot\nExecStart=/bin/true\n",
        "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n",
        "[Socket]\nExecStart=/bin/a\n",
        "=\n[[",
    ],
)
def test_what_starts_nothing_that_lasts_is_no_service(text: str) -> None:
    assert service_of(PATH.format("x"), text) is None


def test_what_a_program_is_called_is_none_of_its_words() -> None:
    assert (
        script_of("[Service]\nExecStart=@/bin/dbus-daemon @dbus-daemon --system\n")
        == "exec /bin/dbus-daemon --system\n"
    )


@pytest.mark.parametrize(
    ("kind", "lasts"),
    [
        ("", True),
        ("Type=forking\n", True),
        ("Type=oneshot\nRemainAfterExit=yes\n", False),
        ("RemainAfterExit=yes\n", False),
    ],
)
def test_a_unit_says_whether_it_lasts(kind: str, lasts: bool) -> None:
    found = service_of(PATH.format("x"), f"[Service]\n{kind}ExecStart=/bin/x\n")
    assert found is not None
    assert found.lasts == lasts


def test_an_init_script_is_started_and_waited_for() -> None:
    found = service_of("/etc/init.d/postgresql", "#!/bin/sh\n### BEGIN INIT INFO\n")
    assert found is not None
    assert found.script.startswith("sh /etc/init.d/postgresql start\nwhile :")


def test_an_openrc_script_says_its_command() -> None:
    found = service_of("/etc/init.d/redis", '#!/sbin/openrc-run\ncommand="/usr/bin/redis-server"\n')
    assert found is not None
    assert "$command $command_args" in found.script


def test_a_units_own_name_comes_before_an_init_script_and_templates_are_none() -> None:
    paths = [
        "/etc/init.d/redis-server",
        "/lib/systemd/system/redis-server@.service",
        "/usr/lib/systemd/system/redis-check.service",
        "/lib/systemd/system/redis-server.service",
        "/usr/bin/redis-server",
    ]
    assert service_files(paths, ["redis-server"]) == (
        "/lib/systemd/system/redis-server.service",
        "/etc/init.d/redis-server",
        "/usr/lib/systemd/system/redis-check.service",
    )


RUNS = "[Service]\nExecStart=/bin/x\n"
UNITS = {
    **{PATH.format(name): RUNS for name in ("smbd", "nmbd", "samba-ad-dc", "dbus", "polkit")},
    PATH.format("check"): "[Service]\nType=oneshot\nExecStart=/bin/x\n",
    "/etc/init.d/smbd": "",
}


@pytest.mark.parametrize(
    ("own", "at_boot", "names"),
    [
        # all of the package's own, those that start at boot first, a unit before the script of its name
        ({"smbd", "nmbd", "samba-ad-dc", "check"}, {"smbd", "nmbd"}, ("nmbd", "smbd", "samba-ad-dc")),
        # of those that came along the ones that start at boot
        ({"smbd", "nmbd"}, {"dbus"}, ("dbus", "nmbd", "smbd")),
        (set[str](), {"dbus"}, ("dbus",)),
        # where neither is there, the likeliest
        (set[str](), set[str](), ("samba-ad-dc",)),
    ],
)
def test_services_worth_starting_are_a_packages_own_and_those_at_boot(
    own: set[str], at_boot: set[str], names: tuple[str, ...]
) -> None:
    mine = [PATH.format(name) for name in own]
    if "smbd" in own:
        mine.append("/etc/init.d/smbd")
    found = worth_starting(UNITS, mine, wanted=["samba"], at_boot=at_boot)
    assert tuple(one.name for one in found) == names
    assert all("/systemd/" in one.path for one in found)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes another user")
def test_a_command_of_another_user_takes_the_place_of_what_starts_it() -> None:
    argv = (
        "sh",
        "-c",
        program("sandbox.container", "as_user.sh"),
        "sh",
        "nobody",
        "",
        'echo "$$ $(id -un) $(id -gn) $HOME $USER"',
    )
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, cwd="/") as process:
        printed = process.communicate()[0].split()
    assert printed == [str(process.pid), "nobody", "nogroup", "/nonexistent", "nobody"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes another user")
def test_a_service_has_the_group_of_its_unit() -> None:
    script = script_of("[Service]\nUser=nobody\nGroup=daemon\nExecStart=/usr/bin/id -gn\n")
    assert subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout == "daemon\n"
