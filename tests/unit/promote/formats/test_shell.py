from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.programs import need
from tests.unit.fakes.promotions import DIGEST, HTOP, HTTPIE, JQ, PROMOTION

from sandbox.distros.lookup import find_target
from sandbox.errors import UsageError
from sandbox.lifecycle.proof import Proof, ProofCheck
from sandbox.managers.apt import driver as apt
from sandbox.managers.config_files import ConfigChange
from sandbox.managers.protocol import PackageRef
from sandbox.promote.formats import shell
from sandbox.promote.formats.base import PromotedPackage, Promotion

if TYPE_CHECKING:
    from pathlib import Path

DEBIAN = "ID=debian\nVERSION_CODENAME=bookworm\n"

DPKG_QUERY = """#!/bin/sh
for name; do :; done
case $name in '$'*) sed 's/^/installed /' "$STATE/installed"; exit ;; esac
case $3 in *Version*) more=" amd64 1.6-2.1" ;; *) more=" amd64" ;; esac
if grep -qx "$name" "$STATE/installed"; then echo "installed$more"; else echo "no packages found" >&2; exit 1; fi
"""
APT_GET = """#!/bin/sh
echo "$DEBIAN_FRONTEND: apt-get $*" >>"$STATE/calls"
[ "$1" != "${FAIL-}" ] || exit 100
case "$*" in
    *autoremove*) [ ! -e "$STATE/auto" ] || sed 's/.*/Remv & [1]/' "$STATE/auto" ;;
    install*) printf 'htop\\njq\\nlibjq1\\n' >>"$STATE/installed" ;;
    remove*) : >"$STATE/installed" ;;
esac
"""
TOOLS = ("cat", "du", "env", "find", "grep", "ls", "mkdir", "rm", "sed", "sh", "sort", "tee", "tr", "true", "uniq")
APT_MARK = """#!/bin/sh
case $1 in
showauto)
    shift
    for name; do if grep -qsx -e "$name" "$STATE/marked-auto"; then echo "$name"; fi; done
    exit ;;
manual) : >"$STATE/marked-auto" ;;
auto) printf 'htop\\njq\\nlibjq1\\n' >"$STATE/auto"; shift; printf '%s\\n' "$@" >"$STATE/marked-auto" ;;
esac
echo "apt-mark $*" >>"$STATE/calls"
"""
SUDO = """#!/bin/sh
echo "sudo" >>"$STATE/calls"
exec "$@"
"""


@dataclass(frozen=True, kw_only=True)
class Host:
    """A host of fakes: PATH holds only what a minimal system has, and apt-get, dpkg-query, id and perhaps sudo."""

    folder: Path

    def install(self, name: str, text: str) -> None:
        path = self.folder / "bin" / name
        path.write_text(text)
        path.chmod(0o755)

    def run(self, text: str, *options: str, **env: str) -> subprocess.CompletedProcess[str]:
        script = self.folder / "install.sh"
        text = text.replace("/etc/os-release", f"{self.folder}/os-release")
        script.write_text(text.replace("/var/lib/sandbox-promote", f"{self.folder}/state"))
        return subprocess.run(
            [shutil.which("sh") or "sh", script, *options],
            env={"PATH": f"{self.folder}/bin", "STATE": str(self.folder), **env},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def calls(self) -> list[str]:
        path = self.folder / "calls"
        return path.read_text().splitlines() if path.exists() else []


@pytest.fixture
def host(tmp_path: Path) -> Host:
    (tmp_path / "bin").mkdir()
    (tmp_path / "installed").touch()
    (tmp_path / "os-release").write_text(DEBIAN)
    for name in TOOLS:
        (tmp_path / "bin" / name).symlink_to(os.path.realpath(shutil.which(name) or name))
    host = Host(folder=tmp_path)
    host.install("dpkg-query", DPKG_QUERY)
    host.install("apt-get", APT_GET)
    host.install("dpkg", "#!/bin/sh\necho amd64\n")
    host.install("apt-mark", APT_MARK)
    host.install("id", "#!/bin/sh\necho 0\n")
    return host


def test_the_script_says_where_it_came_from() -> None:
    top = shell.render(PROMOTION).partition("set -eu")[0]
    assert "Installs htop and jq on Debian 12 (bookworm)." in top
    assert f"Tried on 2026-11-23 in debian:bookworm@{DIGEST}" in top
    assert "htop  3.2.2-2  (asked for)" in top
    assert "jq    1.6-2.1  (added by hand)" in top
    assert "sandbox 0.1.0 in brave-otter" in top


def test_a_base_that_was_named_by_its_digest_is_named_so_once() -> None:
    text = shell.render(replace(PROMOTION, image=f"debian@{DIGEST}"))
    assert f"Tried on 2026-11-23 in debian@{DIGEST}\n" in text


def test_a_base_that_was_built_here_is_named_by_its_image_id() -> None:
    text = shell.render(replace(PROMOTION, image="sandbox-base/debian:bookworm", digest=None))
    assert f"sandbox-base/debian:bookworm, built here (sha256:{'ae' * 32})," in text


def test_a_spec_that_was_not_tried_is_said_to_be() -> None:
    text = shell.render(replace(PROMOTION, digest=None, image_id=""))
    assert "# Made on 2026-11-23 from brave-otter, a spec that was not tried,\n# by sandbox 0.1.0, as:\n" in text


def test_what_was_proven_in_the_sandbox_is_what_a_host_runs() -> None:
    proven = " ".join(apt.install([HTOP.ref, JQ.ref]))
    assert f"run env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 {proven}\n" in shell.render(PROMOTION)


def test_it_is_short_enough_to_be_read() -> None:
    assert len(shell.render(PROMOTION).splitlines()) <= 575


def test_it_installs_what_is_missing(host: Host) -> None:
    done = host.run(shell.render(PROMOTION), "-y")
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("installed: htop jq=1.6-2.1\n")
    assert host.calls() == [
        "noninteractive: apt-get update",
        "noninteractive: apt-get install -y --no-install-recommends htop jq=1.6-2.1",
    ]


def test_a_second_run_changes_nothing(host: Host) -> None:
    host.run(shell.render(PROMOTION), "-y")
    before = host.calls()
    again = host.run(shell.render(PROMOTION))
    assert again.returncode == 0
    assert again.stdout == "all is installed already: htop jq=1.6-2.1\n"
    assert host.calls() == before


def test_dry_run_shows_the_commands_and_runs_none(host: Host) -> None:
    host.install("id", "#!/bin/sh\necho 1000\n")
    shown = host.run(shell.render(PROMOTION), "--dry-run")
    assert shown.returncode == 0, shown.stderr
    command = "apt-get install -y --no-install-recommends htop jq=1.6-2.1"
    assert shown.stdout.splitlines()[-1] == f"+ sudo env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 {command}"
    assert host.calls() == []


def test_sudo_is_used_only_where_it_is_needed(host: Host) -> None:
    host.install("sudo", SUDO)
    host.run(shell.render(PROMOTION), "-y")
    assert "sudo" not in host.calls()
    (host.folder / "installed").write_text("")
    host.install("id", "#!/bin/sh\necho 1000\n")
    assert host.run(shell.render(PROMOTION), "-y").returncode == 0
    assert "sudo" in host.calls()


def test_neither_root_nor_sudo_is_said_before_anything_runs(host: Host) -> None:
    host.install("id", "#!/bin/sh\necho 1000\n")
    refused = host.run(shell.render(PROMOTION), "-y")
    assert refused.returncode == 1
    assert "needs root, and there is neither sudo nor doas that gives it" in refused.stderr
    assert host.calls() == []


def test_without_a_terminal_nothing_is_asked_and_nothing_is_done(host: Host) -> None:
    refused = host.run(shell.render(PROMOTION))
    assert refused.returncode == 1
    assert "there is no terminal to ask at" in refused.stderr
    assert host.calls() == []


@pytest.mark.parametrize(
    "os_release",
    ["ID=fedora\nVERSION_ID=42\n", 'ID="opensuse"\nID_LIKE="suse"\n', "ID=notdebian\n", "", "NAME=debian\n"],
)
def test_another_family_is_refused_and_both_are_named(host: Host, os_release: str) -> None:
    (host.folder / "os-release").write_text(os_release)
    for options in (["-y"], ["--dry-run"]):
        refused = host.run(shell.render(PROMOTION), *options)
        assert refused.returncode == 1
        identity = os_release.partition("ID=")[2].split("\n")[0].strip('"') if os_release.startswith("ID=") else "of an"
        assert f"this script is for Debian and its relatives, and this host is {identity}" in refused.stderr
    assert host.calls() == []


@pytest.mark.parametrize(
    "os_release", ["ID=ubuntu\nID_LIKE=debian\n", 'ID=linuxmint\nID_LIKE="ubuntu debian"\n', "ID='debian'\n"]
)
def test_a_relative_is_accepted(host: Host, os_release: str) -> None:
    (host.folder / "os-release").write_text(os_release)
    assert host.run(shell.render(PROMOTION), "-y").returncode == 0


def test_what_a_relative_promoted_is_for_the_whole_family(host: Host) -> None:
    text = shell.render(replace(PROMOTION, target=find_target("ubuntu"), packages=(HTOP,)))
    assert "Ubuntu 24.04 (noble)" in text
    assert host.run(text, "-y").returncode == 0


def test_a_stale_index_does_not_stop_it(host: Host) -> None:
    done = host.run(shell.render(PROMOTION), "-y", FAIL="update")
    assert done.returncode == 0
    assert "the package index could not be refreshed" in done.stderr


def test_a_failed_install_is_a_failure(host: Host) -> None:
    failed = host.run(shell.render(PROMOTION), "-y", FAIL="install")
    assert failed.returncode == 100
    assert "installed:" not in failed.stdout


def test_an_install_that_brings_something_else_is_a_failure(host: Host) -> None:
    host.install("apt-get", "#!/bin/sh\n[ $1 = update ] || echo htop >>$STATE/installed\n")
    failed = host.run(shell.render(PROMOTION), "-y")
    assert failed.returncode == 1
    assert failed.stderr.startswith("error: still not installed: jq=1.6-2.1; installed so far: ")
    assert "run it again to carry on" in failed.stderr


def test_help_and_wrong_options_change_nothing(host: Host) -> None:
    usage = host.run(shell.render(PROMOTION), "--help").stdout
    assert usage.startswith(f"usage: sh {host.folder}/install.sh [--dry-run")
    wrong = host.run(shell.render(PROMOTION), "--yes-please")
    assert wrong.returncode == 2
    assert "no such option: --yes-please" in wrong.stderr
    assert host.calls() == []


@pytest.mark.parametrize("name", ["htop; reboot", "$(id)", "--force", "a\nb", "HTOP", "", '"', "htop' ; id '"])
def test_a_name_outside_the_grammar_is_never_rendered(name: str) -> None:
    packages = (replace(HTOP, ref=PackageRef(name=name)),)
    with pytest.raises(UsageError):
        shell.render(replace(PROMOTION, packages=packages))


@pytest.mark.parametrize("version", ["1; reboot", "$(id)", "1\nid", "'", "1.0 -o x=y"])
def test_a_pin_outside_the_grammar_is_never_rendered(version: str) -> None:
    packages = (replace(HTOP, ref=PackageRef(name="htop", version=version)),)
    with pytest.raises(UsageError):
        shell.render(replace(PROMOTION, packages=packages))


def test_nothing_to_promote_is_refused() -> None:
    with pytest.raises(UsageError):
        shell.render(replace(PROMOTION, packages=()))


def without_state(text: str) -> list[str]:
    lines = text.splitlines()
    (number,) = [number for number, line in enumerate(lines) if line.startswith("state=")]
    assert re.fullmatch(r"state=\$folder/[a-z0-9-]+ # [^$`\"']+", lines.pop(number))
    return lines


@given(st.text(), st.text())
def test_no_text_from_a_container_becomes_code(hostile: str, other: str) -> None:
    package = replace(HTOP, version=f";{hostile}")
    promotion = replace(PROMOTION, packages=(package,), name=other, tool=hostile, image=other, date=hostile)
    check = ProofCheck(name="install", passed=True, found=hostile, differences=(other,))
    proof = Proof(where=hostile, image_id=other, date=other, seconds=1, checks=(check,))
    lines = without_state(shell.render(replace(promotion, digest=other, proof=proof)))
    plain = without_state(shell.render(replace(PROMOTION, packages=(replace(HTOP, version=";"),))))
    assert len(lines) == len(plain)
    for line, expected in zip(lines, plain, strict=True):
        assert line == expected or (line.startswith("#") and expected.startswith("#"))


@given(st.text(alphabet=st.characters(codec="ascii"), min_size=1))
def test_a_version_that_was_seen_is_pinned_in_its_grammar_or_not_at_all(version: str) -> None:
    text = shell.render(replace(PROMOTION, packages=(replace(HTOP, version=version),)))
    (pinned,) = re.findall(r"^pinned='(.*)'$", text, re.MULTILINE)
    assert pinned in {"", f"htop={version}"}
    assert bool(pinned) is ("            --pin) pin=yes" in text)
    assert re.fullmatch(r"[A-Za-z0-9.+:~=-]*", pinned)


def test_terminal_escapes_do_not_reach_the_script() -> None:
    text = shell.render(replace(PROMOTION, packages=(replace(HTOP, version="3\x1b]0;x\x07\r\n\u202e2"),)))
    assert "htop  3 2  (asked for)" in text
    assert text.isascii()


def test_what_is_in_no_promotion_is_said_in_a_comment() -> None:
    text = shell.render(replace(PROMOTION, left_out=("setup: echo a\n$(id)", "file /etc/x")))
    assert "# Not in this file: setup: echo a $(id)\n# Not in this file: file /etc/x\n" in text
    assert "@" not in text.replace("$@", "").replace("@sha256", "")


def test_a_languages_package_is_installed_behind_what_its_manager_needs() -> None:
    text = shell.render(replace(PROMOTION, packages=(HTOP, HTTPIE)))
    assert "#   pip:httpie  3.2.2  (asked for)\n#   python3, python3-venv and ca-certificates: for pip\n" in text
    distro = "apt-get install -y --no-install-recommends htop python3 python3-venv ca-certificates &&\n"
    assert distro in text
    assert 'sh -c "$(install_by_pip)" sh httpie==3.2.2\n' in text
    assert "packages='htop pip:httpie=3.2.2'\n" in text
    assert "all='htop pip:httpie python3 python3-venv ca-certificates'" in text
    assert "own='htop python3 python3-venv ca-certificates' " in text  # what it needs is wanted with it


@pytest.mark.parametrize("name", ["httpie; reboot", "$(id)", "--index-url=http://x", "a\nb"])
def test_a_languages_name_outside_the_grammar_is_never_rendered(name: str) -> None:
    package = replace(HTTPIE, ref=PackageRef(name=name, source="pip"))
    with pytest.raises(UsageError):
        shell.render(replace(PROMOTION, packages=(package,)))


def test_a_source_that_is_no_language_is_never_rendered() -> None:
    with pytest.raises(UsageError):
        shell.render(replace(PROMOTION, packages=(replace(HTTPIE, ref=PackageRef(name="x", source="$(id)")),)))


def test_packages_of_a_users_own_are_installed_without_root() -> None:
    target = find_target("debian")
    own = replace(target, distro=replace(target.distro, manager="nix"), release=replace(target.release, manager=None))
    text = shell.render(replace(PROMOTION, target=own))
    assert "sudo" not in text
    assert "run nix-env" in text
    assert "$HOME/.local/state" in text
    assert "as root" in shell.render(PROMOTION)


def test_what_came_is_taken_off_and_no_more(host: Host) -> None:
    text = shell.render(PROMOTION)
    (host.folder / "installed").write_text("bash\n")
    assert host.run(text, "-y").returncode == 0
    (state,) = (host.folder / "state").iterdir()
    assert state.read_text() == "asked htop\nasked jq\ncame htop\ncame jq\ncame libjq1\n"
    off = host.run(text, "--uninstall", "-y")
    assert off.returncode == 0, off.stderr
    assert "noninteractive: apt-get remove -y htop jq libjq1" in host.calls()
    assert not list((host.folder / "state").iterdir())
    assert "nothing to take off" in host.run(text, "--uninstall", "-y").stdout


def test_what_is_there_only_as_a_dependency_is_marked_as_wanted_and_the_mark_is_taken_back(host: Host) -> None:
    text = shell.render(PROMOTION)
    (host.folder / "installed").write_text("htop\njq\nlibjq1\n")
    (host.folder / "marked-auto").write_text("jq\nlibjq1\n")
    assert "to mark as wanted: jq (here only as a dependency)\n" in host.run(text, "--check").stdout
    assert host.run(text, "--dry-run").stdout.endswith("apt-mark manual jq\n")
    refused = host.run(text)
    assert (refused.returncode, host.calls()) == (1, [])
    done = host.run(text, "-y")
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("marked as wanted: jq\n")
    assert host.calls() == ["apt-mark manual jq"]
    (state,) = (host.folder / "state").iterdir()
    assert state.read_text() == "marked jq\n"
    assert host.run(text, "-y").stdout == "all is installed already: htop jq=1.6-2.1\n"
    off = host.run(text, "--uninstall", "-y")
    assert off.returncode == 0, off.stderr
    assert "a dependency again, as before: jq\n" in off.stdout
    assert (host.folder / "marked-auto").read_text() == "jq\n"
    assert (host.folder / "installed").read_text() == "htop\njq\nlibjq1\n"
    assert not list((host.folder / "state").iterdir())


def test_what_is_marked_beside_an_install_is_not_taken_off_with_what_came(host: Host) -> None:
    text = shell.render(PROMOTION)
    (host.folder / "installed").write_text("htop\n")
    (host.folder / "marked-auto").write_text("htop\n")
    assert host.run(text, "-y").returncode == 0
    (state,) = (host.folder / "state").iterdir()
    assert state.read_text() == "asked jq\ncame jq\ncame libjq1\nmarked htop\n"


def test_what_was_there_before_stays(host: Host) -> None:
    text = shell.render(PROMOTION)
    (host.folder / "installed").write_text("htop\n")
    assert host.run(text, "-y").returncode == 0
    (state,) = (host.folder / "state").iterdir()
    assert "asked htop" not in state.read_text()
    assert host.run(text, "--uninstall", "--dry-run").stdout.endswith(" sh jq\n")


def test_a_failure_says_what_came_and_a_second_run_carries_on(host: Host) -> None:
    text = shell.render(PROMOTION)
    host.install(
        "apt-get", "#!/bin/sh\n[ $1 = update ] || { printf 'libjq1\\nhtop\\n' >>$STATE/installed; exit 100; }\n"
    )
    failed = host.run(text, "-y")
    assert failed.returncode == 100
    assert "installed so far: htop libjq1" in failed.stderr
    (state,) = (host.folder / "state").iterdir()
    assert state.read_text() == "asked htop\ncame htop\ncame libjq1\n"
    host.install("apt-get", APT_GET)
    assert host.run(text, "-y").returncode == 0
    assert state.read_text() == "asked htop\nasked jq\ncame htop\ncame jq\ncame libjq1\n"


def test_a_failure_that_brought_nothing_leaves_no_state(host: Host) -> None:
    assert host.run(shell.render(PROMOTION), "-y", FAIL="install").returncode == 100
    assert not list((host.folder / "state").iterdir())


def test_check_lets_the_manager_say_what_it_would_do(host: Host) -> None:
    host.install("id", "#!/bin/sh\necho 1000\n")
    shown = host.run(shell.render(PROMOTION), "--check")
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.startswith("to install: htop jq=1.6-2.1\n")
    assert host.calls() == [
        "noninteractive: apt-get -s -q install -y --no-install-recommends htop jq=1.6-2.1",
    ]


def test_pin_asks_for_the_versions_that_were_seen(host: Host) -> None:
    host.install("dpkg-query", "#!/bin/sh\nexit 1\n")
    shown = host.run(shell.render(PROMOTION), "--pin", "--dry-run")
    assert "--no-install-recommends htop=3.2.2-2 jq=1.6-2.1\n" in shown.stdout


@pytest.mark.parametrize(
    ("os_release", "fits"),
    [
        ("ID=debian\nVERSION_CODENAME=bookworm\n", True),
        ("ID=debian\nVERSION_ID=12\n", True),
        ("ID=debian\nVERSION_ID=12.4\n", True),
        ("ID=debian\nVERSION_CODENAME=trixie\nVERSION_ID=13\n", False),
        ('ID=debian\nVERSION_ID=13\nPRETTY_NAME="Debian 13 (trixie)"\n', False),
        ("ID=debian\n", True),
        ("ID=linuxmint\nID_LIKE=debian\nVERSION_CODENAME=faye\nDEBIAN_CODENAME=bookworm\n", True),
    ],
)
def test_versions_are_for_their_release_only(host: Host, os_release: str, fits: bool) -> None:
    (host.folder / "os-release").write_text(os_release)
    newest = shell.render(replace(PROMOTION, packages=(HTOP,)))
    assert host.run(newest, "--dry-run").returncode == 0
    pinned = host.run(newest, "--pin", "--dry-run")
    assert (pinned.returncode == 0) is fits
    assert fits or re.search(r"are Debian 12 \(bookworm\)'s, and this host is (Debian 13 \()?trixie", pinned.stderr)


def test_what_a_pin_brought_can_be_taken_off_when_the_host_has_a_newer_release(host: Host) -> None:
    text = shell.render(PROMOTION)  # its jq was asked for with a version
    assert host.run(text, "-y").returncode == 0
    (host.folder / "os-release").write_text("ID=debian\nVERSION_CODENAME=trixie\n")
    assert host.run(text, "-y").returncode == 1
    assert host.run(text, "--uninstall", "-y").returncode == 0
    assert not list((host.folder / "state").iterdir())


def test_doas_serves_where_there_is_no_sudo(host: Host) -> None:
    host.install("id", "#!/bin/sh\necho 1000\n")
    host.install("doas", '#!/bin/sh\necho doas >>"$STATE/calls"\nexec "$@"\n')
    assert host.run(shell.render(PROMOTION), "-y").returncode == 0
    assert "doas" in host.calls()


def test_doas_serves_where_sudo_refuses(host: Host) -> None:
    host.install("id", "#!/bin/sh\necho 1000\n")
    host.install("sudo", '#!/bin/sh\necho "ann is not in the sudoers file" >&2\nexit 1\n')
    refused = host.run(shell.render(PROMOTION), "-y")
    assert refused.returncode == 1
    assert "neither sudo nor doas that gives it" in refused.stderr
    assert host.calls() == []
    host.install("doas", '#!/bin/sh\necho doas >>"$STATE/calls"\nexec "$@"\n')
    assert host.run(shell.render(PROMOTION), "-y").returncode == 0
    assert "doas" in host.calls()


def test_it_can_come_by_a_pipe(host: Host) -> None:
    text = shell.render(PROMOTION).replace("/etc/os-release", f"{host.folder}/os-release")
    text = text.replace("/var/lib/sandbox-promote", f"{host.folder}/state")
    host.install("apt-get", APT_GET.replace("#!/bin/sh\n", "#!/bin/sh\ncat >/dev/null\n"))
    env = {"PATH": f"{host.folder}/bin", "STATE": str(host.folder)}
    argv = [shutil.which("sh") or "sh", "-s", "--", "-y"]
    done = subprocess.run(argv, input=text, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "installed: htop jq=1.6-2.1" in done.stdout


def test_a_distro_that_is_upgraded_first_says_so() -> None:
    text = shell.render(replace(PROMOTION, target=find_target("opensuse-tumbleweed")))
    assert "run env LC_ALL=C.UTF-8 zypper --non-interactive dup || return\n" in text
    assert "openSUSE Tumbleweed is upgraded first" in text


LINES = "/etc/apt/sources.list"
WHOLE = "/etc/apt/sources.list.d/foo.list"
CONTENT = b"# it's $(id) `id` \\ \"\nEND\ndeb https://x.example a b\n"
WITH_SETTINGS = replace(
    PROMOTION,
    settings=(
        ConfigChange(kind="repository", path=WHOLE, content=CONTENT),
        ConfigChange(kind="key", path="/etc/apt/keyrings/foo.gpg", content=bytes(range(256))),
        ConfigChange(kind="repository", path=LINES, content=b"deb https://y.example a b\n", added=True),
    ),
    services=("htop.service",),
)


def settled(host: Host, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the script with settings, /etc/apt being a folder of the test's own."""
    for name in ("base64", "cksum", "chmod"):
        if not (host.folder / "bin" / name).exists():
            (host.folder / "bin" / name).symlink_to(os.path.realpath(shutil.which(name) or name))
    host.install("systemctl", '#!/bin/sh\necho "systemctl $*" >>"$STATE/calls"\n[ "$1" != is-enabled ]\n')
    return host.run(shell.render(WITH_SETTINGS).replace("/etc/apt", f"{host.folder}/etc/apt"), *options)


def test_settings_are_written_before_the_index_is_fetched_and_taken_back(host: Host) -> None:
    folder = host.folder / "etc" / "apt"
    folder.mkdir(parents=True)
    (folder / "sources.list").write_text("deb https://mine a b\n")
    done = settled(host, "-y")
    assert done.returncode == 0, done.stderr
    assert (folder / "sources.list.d" / "foo.list").read_bytes() == CONTENT
    assert (folder / "keyrings" / "foo.gpg").read_bytes() == bytes(range(256))
    assert (folder / "sources.list").read_text() == "deb https://mine a b\ndeb https://y.example a b\n"
    assert "systemctl enable htop.service" in host.calls()
    again = settled(host, "-y")
    assert "+ tee" not in again.stdout
    back = settled(host, "--uninstall", "-y")
    assert back.returncode == 0, back.stderr
    assert not (folder / "sources.list.d" / "foo.list").exists()
    assert not (folder / "keyrings" / "foo.gpg").exists()
    assert (folder / "sources.list").read_text() == "deb https://mine a b\n"
    assert "systemctl disable htop.service" in host.calls()


def test_a_setting_that_is_there_and_differs_stops_the_script_before_anything_changes(host: Host) -> None:
    path = host.folder / "etc" / "apt" / "sources.list.d" / "foo.list"
    path.parent.mkdir(parents=True)
    path.write_text("deb https://mine a b\n")
    done = settled(host, "-y")
    assert done.returncode == 1
    assert "is there already, and differs: nothing was changed" in done.stderr
    assert path.read_text() == "deb https://mine a b\n"
    assert host.calls() == []


def test_a_setting_that_was_changed_meanwhile_or_was_there_before_stays(host: Host) -> None:
    folder = host.folder / "etc" / "apt"
    (folder / "sources.list.d").mkdir(parents=True)
    (folder / "sources.list.d" / "foo.list").write_bytes(CONTENT)
    assert settled(host, "-y").returncode == 0
    (folder / "keyrings" / "foo.gpg").write_bytes(b"another")
    done = settled(host, "--uninstall", "-y")
    assert "since it was changed meanwhile" in done.stdout
    assert (folder / "keyrings" / "foo.gpg").read_bytes() == b"another"
    assert (folder / "sources.list.d" / "foo.list").read_bytes() == CONTENT


def test_a_dry_run_writes_no_setting(host: Host) -> None:
    done = settled(host, "--dry-run")
    assert done.returncode == 0, done.stderr
    assert not (host.folder / "etc").exists()
    assert "foo.list" in done.stdout


@pytest.mark.parametrize(
    "bad",
    [
        replace(WITH_SETTINGS, settings=(ConfigChange(kind="repository", path="/etc/passwd", content=b"x\n"),)),
        replace(WITH_SETTINGS, settings=(ConfigChange(kind="repository", path=f"{WHOLE}/../../x", content=b"x\n"),)),
        replace(WITH_SETTINGS, services=("-rf",)),
        replace(WITH_SETTINGS, services=("$(id)",)),
    ],
)
def test_a_setting_of_no_manager_is_never_rendered(bad: Promotion) -> None:
    with pytest.raises(UsageError):
        shell.render(bad)


@pytest.mark.parametrize("shell_argv", [("dash", "-n"), ("bash", "-n"), ("shellcheck", "-s", "sh")], ids=" ".join)
def test_a_script_with_settings_is_clean_in_every_shell(tmp_path: Path, shell_argv: tuple[str, ...]) -> None:
    need(shell_argv[0])
    path = tmp_path / "install.sh"
    path.write_text(shell.render(WITH_SETTINGS))
    done = subprocess.run([*shell_argv, path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_packages_recommend_comes_where_it_came_in_the_sandbox() -> None:
    assert "apt-get install -y --install-recommends htop" in shell.render(replace(PROMOTION, recommends=True))
    assert "--no-install-recommends htop" in shell.render(PROMOTION)


def test_an_architecture_is_added_before_the_refresh_and_taken_back(tmp_path: Path) -> None:
    foreign = PromotedPackage(ref=PackageRef(name="zlib1g:i386"), version="1:1.2.13.dfsg-1", origin="by-hand")
    text = shell.render(replace(PROMOTION, packages=(HTOP, foreign)))
    install = text[text.index("\ninstall() {") :]
    assert install.index("add_architectures") < install.index("    refresh")
    assert "\narchitectures='i386' " in text
    assert r"s/^came \([^:]*:i386\)$/\1/p" in text
    assert "add-architecture" not in shell.render(PROMOTION)
    checked = tmp_path / "install.sh"
    checked.write_text(text)
    need("shellcheck")
    assert subprocess.run(["shellcheck", checked], capture_output=True, text=True, check=False).stdout == ""
