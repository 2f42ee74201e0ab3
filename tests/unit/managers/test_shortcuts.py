from __future__ import annotations

import os
import shutil
import subprocess
from functools import partial
from typing import TYPE_CHECKING, Final

import pytest

from sandbox.core.programs import program
from sandbox.managers import apt
from sandbox.managers.protocol import Change, Package, PackageRef
from sandbox.managers.registry import queries_of
from sandbox.managers.shortcuts import (
    fetch_at_once_argv,
    hold_installed_argv,
    mark_argv,
    ready_text,
    refresh_argv,
    removal_argv,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sandbox.managers.protocol import Argv

URIS = """\
Reading package lists...
'http://mirror.example/debian/pool/main/h/htop/htop_3.2.2-2_amd64.deb' htop_3.2.2-2_amd64.deb 152412 SHA256:3b9a
'http://mirror.example/debian/pool/main/v/vim/vim_9.0_amd64.deb' vim_2%3a9.0.1378-2+deb12u2_amd64.deb 99 \
MD5Sum:00
'file:/srv/repo/trap_1.0_all.deb' trap_1.0_all.deb 7 SHA512:11
"""
APT = """\
#!/bin/sh
case "$*" in
  *Dir::State::lists=*-s) : >"${PLAN}ned"; cat "$PLAN"; exit "$STATUS" ;;
  *) echo "apt-get $*" ;;
esac
"""
"""Stands in for apt-get: its plan without lists is a file."""
PURGE = ("apt-get", "purge", "-y", "htop")
CAME = [
    Package(name=name, version="1", architecture="amd64", size=0, explicit=False) for name in ("libnl-3-200", "htop")
]


def test_what_would_come_is_read_of_addresses() -> None:
    found = queries_of("apt").simulate_recommends([PackageRef(name="htop")]).parse(URIS)
    assert found == (
        Change(action="install", name="htop", version="3.2.2-2", download=152412),
        Change(action="install", name="vim", version="2:9.0.1378-2+deb12u2", download=99),
        Change(action="install", name="trap", version="1.0", download=7),
    )


def test_a_manager_without_a_shorter_way_simulates() -> None:
    refs = [PackageRef(name="htop")]
    assert queries_of("apk").simulate_recommends(refs).argv == queries_of("apk").simulate(refs, recommends=True).argv


def test_what_is_fetched_already_is_told_of_too() -> None:
    assert "Dir::Cache::archives=/dev/none" in queries_of("apt").simulate_recommends([PackageRef(name="htop")]).argv


def test_only_an_install_of_apt_itself_can_be_held() -> None:
    assert hold_installed_argv("apk", ("apk", "add", "htop"), "/dev/mark") is None
    assert hold_installed_argv("apt", ("sh", "-c", "apt-get install htop"), "/dev/mark") is None
    argv = hold_installed_argv("apt", ("apt-get", "-o", "A=b", "install", "-y", "htop"), "/dev/mark")
    assert argv is not None
    assert (argv[:3], argv[-3:]) == (("apt-get", "-o", "A=b"), ("install", "-y", "htop"))


def test_only_a_command_of_the_manager_itself_that_fetches_packages_fetches_several_at_once() -> None:
    for name, argv in (
        ("apk", ("apk", "add", "htop")),
        ("apt", ("sh", "-c", "apt-get install htop")),
        ("apt", ("apt-get", "update")),
        ("pacman", ("pacman", "-Sy")),
        ("pacman", ("sh", "-c", "pacman -Su htop")),
    ):
        assert fetch_at_once_argv(name, argv, "/dev/folder", goes=True) == argv  # type: ignore[arg-type]


def test_where_the_method_can_not_work_apt_runs_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "apt-get").write_text('#!/bin/sh\nprintf "%s|" "$@"\nexit 3\n')
    (tmp_path / "apt-get").chmod(0o755)
    argv = fetch_at_once_argv("apt", ("apt-get", "install", "a b"), "/dev/null/folder", goes=False)
    done = subprocess.run(argv, env={"PATH": f"{tmp_path}:{os.environ['PATH']}"}, capture_output=True, check=False)
    assert (done.stdout, done.stderr, done.returncode) == (b"install|a b|", b"", 3)


@pytest.mark.parametrize(
    ("setting", "options"),
    [("echo 1", ["--config", "ours/pacman.conf"]), ("echo 3", []), ("exit 1", [])],
    ids=["one, as by default", "the user's own", "an older pacman"],
)
def test_pacman_fetches_several_at_once_where_its_settings_leave_it_open(
    setting: str, options: list[str], tmp_path: Path
) -> None:
    for name, text in (("pacman", 'printf "%s\\n" "$@"; cat "$2"'), ("pacman-conf", setting)):
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)
    argv = ("pacman", "-Su", "a b")
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    run = partial(subprocess.run, stdout=subprocess.PIPE, text=True, check=False, env=env, cwd=tmp_path)
    said = run(fetch_at_once_argv("pacman", argv, "ours", goes=True)).stdout.splitlines()
    assert said[: len(options) + 2] == [*options, "-Su", "a b"]
    conf = ["[options]", "ParallelDownloads = 5", "Include = /etc/pacman.conf"]  # what comes later goes before
    assert said[len(options) + 2 :] == conf * bool(options)
    assert fetch_at_once_argv("pacman", argv, "ours", goes=False) == argv  # its log would have it


DEBCONF: Final = "/usr/sbin/dpkg-preconfigure --apt || true"


@pytest.mark.parametrize(
    ("hooks", "has_utils", "is_left_out"),
    [((DEBCONF,), False, True), ((DEBCONF,), True, False), ((DEBCONF, "apt-listbugs apt"), False, False)],
    ids=["debconf's alone", "it would do something", "another one"],
)
def test_debconfs_hook_is_left_out_where_it_does_nothing(
    hooks: tuple[str, ...], has_utils: bool, is_left_out: bool, tmp_path: Path
) -> None:
    stubs = {
        "apt-get": 'printf "%s|" "$@"; cat "$2"\n',
        "apt-config": f"printf '%s' '{hooks_dump(hooks)}'\n",
        **({"apt-extracttemplates": ""} if has_utils else {}),
    }
    for name, text in stubs.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}")
        (tmp_path / name).chmod(0o755)
    for name in ("sh", "mkdir", "cat", "rm", "grep"):
        (tmp_path / name).symlink_to(str(shutil.which(name)))
    names_architectures(tmp_path, setting="// architectures: whatever\n")
    argv, folder = ("apt-get", "install", "htop"), str(tmp_path / "ours")
    run = partial(subprocess.run, stdout=subprocess.PIPE, text=True, check=False)
    done = run(below(tmp_path, fetch_at_once_argv("apt", argv, folder, goes=True)), env={"PATH": str(tmp_path)})
    options = f"-c|{folder}/apt.conf|" if is_left_out else ""
    assert done.stdout.startswith(f"{options}install|htop|")
    assert done.stdout.endswith("#clear DPkg::Pre-Install-Pkgs;\n") == is_left_out
    text = f'{ready_text("apt", folder)}\nrm apt-config; exec "$@"'  # what was found before its turn is not asked again
    ahead = below(tmp_path, ("sh", "-c", text, "sh", *fetch_at_once_argv("apt", argv, folder, goes=True)))
    assert run(ahead, env={"PATH": str(tmp_path)}, cwd=tmp_path).stdout == done.stdout


@pytest.mark.parametrize(
    ("known", "setting", "names"),
    [
        ("amd64\ni386\n", "", ["amd64", "i386"]),
        ("", "", ["its-own"]),
        ("amd64\ni386\n", 'APT { Architectures { "amd64"; }; };', []),
        ("amd64\n", '#include "/srv/apt.conf";', []),
    ],
    ids=["two", "none was added", "the user's own", "perhaps the user's own"],
)
def test_apt_is_told_the_architectures_that_dpkg_would_name(
    known: str, setting: str, names: list[str], tmp_path: Path
) -> None:
    names_architectures(tmp_path, known, setting)
    stubs = {"apt-get": 'printf "%s\\n" "$@"', "dpkg": 'echo "$@" | sed "s/--print-architecture/its-own/"'}
    for name, text in stubs.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    options = [word for name in names for word in ("-o", f"APT::Architectures::={name}")]
    refresh = ("sh", "-c", 'exec "$@"', "sh", "apt-get", "-o", "A=b", "update")
    assert said(below(tmp_path, refresh_argv("apt", refresh)), env)[1].splitlines() == ["-o", "A=b", "update", *options]
    install = fetch_at_once_argv("apt", ("apt-get", "install", "a b"), str(tmp_path / "ours"), goes=True)
    words = said(below(tmp_path, install), env)[1].splitlines()
    assert words[-len(options) - 2 :] == [*options, "install", "a b"]
    assert "APT::Architectures" not in "".join(words[: -len(options) - 2])
    assert said(below(tmp_path, refresh_argv("apt", refresh)), {**env, "APT_CONFIG": "own"})[1].count("-o\n") == 1


def test_a_manager_without_a_quicker_refresh_refreshes_as_ever() -> None:
    for name in ("apk", "pacman"):
        assert refresh_argv(name, ("manager", "update")) == ("manager", "update")


def names_architectures(folder: Path, known: str = "", setting: str = "") -> None:
    """Let the folder hold what dpkg and apt's settings name as architectures."""
    (folder / "etc/apt/apt.conf.d").mkdir(parents=True)
    (folder / "etc/apt/apt.conf.d/50own").write_text(setting)
    (folder / "arch").write_text(known)


def below(folder: Path, argv: Argv) -> Argv:
    """Return a command that reads these in the folder."""
    return tuple(
        word.replace("/var/lib/dpkg/arch", f"{folder}/arch").replace("/etc/apt/apt", f"{folder}/etc/apt/apt")
        for word in argv
    )


def test_the_hook_waits_for_the_mark_and_no_longer(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    argv = hold_installed_argv("apt", ("apt-get", "install"), str(mark))
    assert argv is not None
    hook = argv[2].partition("=")[2]
    waiting = subprocess.Popen(["/bin/sh", "-c", hook])
    with pytest.raises(subprocess.TimeoutExpired):
        waiting.wait(0.3)
    mark.touch()
    assert waiting.wait(60) == 0


@pytest.mark.parametrize("status", [0, 3])
def test_a_mark_is_made_however_a_command_ends(status: int, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    argv = mark_argv(("sh", "-c", f"echo said; test ! -e {mark} && exit {status}"), str(mark))
    done = subprocess.run(argv, check=False, capture_output=True)
    assert (done.returncode, done.stdout, mark.exists()) == (status, b"said\n", True)


def test_a_manager_without_a_shorter_removal_removes_as_ever() -> None:
    assert removal_argv("apk", ("apk", "del", "htop"), (), folder="/dev/sandbox") == ("apk", "del", "htop")


@pytest.mark.parametrize(
    ("plan", "status", "is_short"),
    [
        ("Purg htop [3.2.2-2]\nPurg libnl-3-200 [3.7.0]", 0, True),
        ("Remv htop [3.2.2-2]", 0, True),
        ("Purg htop [3.2.2-2]\nPurg procps [4.0]", 0, False),
        ("Purg htop [3.2.2-2]\nInst top (1.0 Debian [amd64])", 0, False),
        ("E: Essential packages were removed", 100, False),
    ],
)
def test_the_index_is_not_read_where_only_what_came_goes(
    plan: str, status: int, is_short: bool, tmp_path: Path
) -> None:
    env = plan_of(tmp_path, plan, status)
    rest = f" -o Dir::State::lists={tmp_path}/none -o Dir::Cache::pkgcache=" if is_short else ""
    argv = removal_argv("apt", PURGE, CAME, folder=str(tmp_path))
    assert said(argv, env) == (0, f"apt-get purge -y htop{rest}\n")
    waiting = removal_argv("apt", PURGE, CAME, folder=str(tmp_path), waits=True)
    assert said(waiting, env, "\n") == (0, f"apt-get purge -y htop{rest}\n")


@pytest.mark.parametrize(
    ("hooks", "is_left_out"),
    [((DEBCONF,), True), ((DEBCONF, "apt-listbugs apt"), False), ((), False)],
    ids=["debconf's alone", "another one", "none"],
)
def test_debconfs_hook_is_left_out_of_a_removal_too(hooks: tuple[str, ...], is_left_out: bool, tmp_path: Path) -> None:
    env = plan_of(tmp_path, "Purg htop [3.2.2-2]", 0, hooks)
    status, output = said(removal_argv("apt", PURGE, CAME, folder=str(tmp_path)), env)
    conf = tmp_path / "removal.conf"
    assert (status, output.endswith(f" -c {conf}\n"), conf.exists()) == (0, is_left_out, is_left_out)
    assert not is_left_out or conf.read_text() == "#clear DPkg::Pre-Install-Pkgs;\n"


def test_a_removal_that_would_install_keeps_its_hooks(tmp_path: Path) -> None:
    env = plan_of(tmp_path, "Purg htop [3.2.2-2]\nInst top (1.0 Debian [amd64])", 0, (DEBCONF,))
    assert said(removal_argv("apt", PURGE, CAME, folder=str(tmp_path)), env) == (0, "apt-get purge -y htop\n")


def test_a_removal_that_waits_plans_at_once_and_removes_nothing_where_no_line_comes(tmp_path: Path) -> None:
    env = plan_of(tmp_path, "Purg htop [3.2.2-2]", 0)
    argv = removal_argv("apt", PURGE, CAME, folder=str(tmp_path), waits=True)
    assert said(argv, env) == (1, "")
    assert (tmp_path / "planned").exists()
    assert removal_argv("apk", ("apk", "del", "htop"), CAME, folder="/dev/sandbox", waits=True) == ()


def plan_of(folder: Path, plan: str, status: int, hooks: Sequence[str] = ()) -> dict[str, str]:
    """Return the environment of an apt-get in the folder that has this plan, and an apt-config with these hooks."""
    (folder / "dump").write_text(hooks_dump(hooks))
    for name, text in (("apt-get", APT), ("apt-config", f'#!/bin/sh\ncat "{folder}/dump"\n')):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    (folder / "plan").write_text(f"Reading package lists...\n{plan}\n")
    return {"PATH": f"{folder}:{os.environ['PATH']}", "PLAN": str(folder / "plan"), "STATUS": str(status)}


def hooks_dump(hooks: Sequence[str]) -> str:
    """Return what apt-config says of hooks before an install."""
    rows = "".join(f'DPkg::Pre-Install-Pkgs:: "{hook}";\n' for hook in hooks)
    return f'DPkg::Pre-Install-Pkgs "";\n{rows}'


def said(argv: Argv, env: dict[str, str], given: str = "") -> tuple[int, str]:
    """Return status and output of a command with this input."""
    done = subprocess.run(argv, env=env, input=given, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


DEAF = """#!/bin/sh
trap '' INT
printf '100 Capabilities\\n\\n'
while read -r _; do :; done
"""


@pytest.mark.skipif(shutil.which("perl") is None, reason="there is no perl")
def test_apts_methods_are_ended_by_the_end_of_their_input_where_no_signal_reaches_them(tmp_path: Path) -> None:
    """Under --hardened root may not signal another user: apt-get waited for its method for good."""
    method = tmp_path / "method"
    method.write_text(DEAF)
    method.chmod(0o755)
    text = program(apt.__name__, "at_once.pl").replace("/usr/lib/apt/methods/$name", str(method))
    assert str(method) in text
    with subprocess.Popen(["perl", "-e", text], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        assert running.stdout.readline() == b"100 Capabilities\n"
        running.stdin.close()
        try:
            assert running.wait(60) == 0
        finally:
            running.kill()
