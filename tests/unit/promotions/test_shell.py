from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sandbox.distros.lookup import find_target
from sandbox.errors import UsageError
from sandbox.managers import apt
from sandbox.managers.base import PackageRef
from sandbox.promotions import shell
from sandbox.promotions.base import PromotedPackage, Promotion

if TYPE_CHECKING:
    from pathlib import Path

HTOP = PromotedPackage(ref=PackageRef(name="htop"), version="3.2.2-2")
JQ = PromotedPackage(ref=PackageRef(name="jq", version="1.6-2.1"), version="1.6-2.1", origin="by-hand")
DIGEST = f"sha256:{'6e' * 32}"
PROMOTION = Promotion(
    name="brave-otter",
    target=find_target("debian"),
    family=find_target("debian").distro,
    image="debian:bookworm",
    digest=DIGEST,
    image_id=f"sha256:{'ae' * 32}",
    packages=(HTOP, JQ),
    date="2026-11-23",
    tool="0.1.0",
)
DEBIAN = "ID=debian\nVERSION_CODENAME=bookworm\n"

DPKG_QUERY = """#!/bin/sh
for name; do :; done
case $3 in *Version*) more=" 1.6-2.1" ;; *) more= ;; esac
if grep -qx "$name" "$STATE/installed"; then echo "installed$more"; else echo "no packages found" >&2; exit 1; fi
"""
APT_GET = """#!/bin/sh
echo "$DEBIAN_FRONTEND: apt-get $*" >>"$STATE/calls"
[ "$1" != "${FAIL-}" ] || exit 100
if [ "$1" = install ]; then printf 'htop\\njq\\n' >>"$STATE/installed"; fi
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
        script.write_text(text.replace("/etc/os-release", f"{self.folder}/os-release"))
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
    for name in ("sed", "tr", "grep", "env", "sh"):
        (tmp_path / "bin" / name).symlink_to(os.path.realpath(shutil.which(name) or name))
    host = Host(folder=tmp_path)
    host.install("dpkg-query", DPKG_QUERY)
    host.install("apt-get", APT_GET)
    host.install("id", "#!/bin/sh\necho 0\n")
    return host


def test_the_script_says_where_it_came_from() -> None:
    top = shell.render(PROMOTION).partition("set -eu")[0]
    assert "Installs htop and jq on Debian 12 (bookworm)." in top
    assert f"Tried on 2026-11-23 in debian:bookworm@{DIGEST}" in top
    assert "htop  3.2.2-2  (asked for)" in top
    assert "jq    1.6-2.1  (added by hand)" in top
    assert "sandbox 0.1.0 in brave-otter" in top


def test_a_base_that_was_built_here_is_named_by_its_image_id() -> None:
    text = shell.render(replace(PROMOTION, image="sandbox-base/debian:bookworm", digest=None))
    assert f"sandbox-base/debian:bookworm, built here (sha256:{'ae' * 32})," in text


def test_what_was_proven_in_the_sandbox_is_what_a_host_runs() -> None:
    proven = " ".join(apt.install([HTOP.ref, JQ.ref]))
    assert f"run env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 {proven}\n" in shell.render(PROMOTION)


def test_it_is_short_enough_to_be_read() -> None:
    assert len(shell.render(PROMOTION).splitlines()) <= 80


def test_it_installs_what_is_missing(host: Host) -> None:
    done = host.run(shell.render(PROMOTION), "-y")
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("installed: htop and jq\n")
    assert host.calls() == [
        "noninteractive: apt-get update",
        "noninteractive: apt-get install -y --no-install-recommends htop jq=1.6-2.1",
    ]


def test_a_second_run_changes_nothing(host: Host) -> None:
    host.run(shell.render(PROMOTION), "-y")
    before = host.calls()
    again = host.run(shell.render(PROMOTION))
    assert again.returncode == 0
    assert again.stdout == "all is installed already: htop and jq\n"
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
    assert "needs root, and there is no sudo" in refused.stderr
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
    text = shell.render(replace(PROMOTION, target=find_target("ubuntu")))
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
    assert failed.stderr == "error: still not installed: jq=1.6-2.1\n"


def test_help_and_wrong_options_change_nothing(host: Host) -> None:
    assert host.run(shell.render(PROMOTION), "--help").stdout.startswith("usage: sh install.sh")
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


@given(st.text(), st.text())
def test_no_text_from_a_container_becomes_code(hostile: str, other: str) -> None:
    package = replace(HTOP, version=hostile)
    promotion = replace(PROMOTION, packages=(package,), name=other, tool=hostile, image=other, date=hostile)
    lines = shell.render(replace(promotion, digest=other)).splitlines()
    plain = shell.render(replace(PROMOTION, packages=(HTOP,))).splitlines()
    assert len(lines) == len(plain)
    for line, expected in zip(lines, plain, strict=True):
        assert line == expected or (line.startswith("#") and expected.startswith("#"))


def test_terminal_escapes_do_not_reach_the_script() -> None:
    text = shell.render(replace(PROMOTION, packages=(replace(HTOP, version="3\x1b]0;x\x07\r\n\u202e2"),)))
    assert "htop  3 2  (asked for)" in text
    assert text.isascii()


def test_what_is_in_no_promotion_is_said_in_a_comment() -> None:
    text = shell.render(replace(PROMOTION, left_out=("setup: echo a\n$(id)", "file /etc/x")))
    assert "# Not in this script: setup: echo a $(id)\n# Not in this script: file /etc/x\n" in text
    assert "@" not in text.replace("$@", "").replace("@sha256", "")


HTTPIE = PromotedPackage(ref=PackageRef(name="httpie", version="3.2.2", source="pip"), version="3.2.2")


def test_a_languages_package_is_installed_behind_what_its_manager_needs() -> None:
    text = shell.render(replace(PROMOTION, packages=(HTOP, HTTPIE)))
    assert "#   pip:httpie  3.2.2  (asked for)\n#   python3, python3-venv and ca-certificates: for pip\n" in text
    distro = "apt-get install -y --no-install-recommends htop python3 python3-venv ca-certificates\ninstall_pip="
    assert distro in text
    assert 'sh -c "$install_pip" sh httpie==3.2.2\n' in text
    assert 'missing="$missing pip:httpie=3.2.2"' in text


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
    assert "as root" in shell.render(PROMOTION)
