"""Lists of which several names are missing, and scripts that fail: what real managers printed, what is said of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.unit.advised import advice_of

from sandbox.errors import StepFailed, UnknownPackage
from sandbox.managers.missing import missing_rows
from sandbox.managers.protocol import Failure, PackageRef
from sandbox.managers.registry import manager_of
from sandbox.managers.script_failures import MEANINGS, meaning_of

if TYPE_CHECKING:
    from sandbox.managers.registry import ManagerName

RECORDED = Path(__file__).parent / "recorded"
TWELVE = (
    *("htop", "ripgrp", "firefox", "awk", "mail-transport-agent", "fdfind", "libssl1.1", "jq=9.9", "bat"),
    *("nvidia-driver", "nopenope", "python3-yml"),
)
LAB = "lab-tool nopeone lab-extra nopetwo lab-lib=9.9".split()


def output_of(file: str) -> str:
    return (RECORDED / f"{file}.txt").read_text()


def failure(file: str, status: int = 1) -> Failure:
    return Failure(argv=("manager",), status=status, output=output_of(file))


def refs(*texts: str) -> list[PackageRef]:
    parts = [text.partition("=") for text in texts]
    return [PackageRef(name=name, version=version or None) for name, _, version in parts]


def explained(manager: ManagerName, file: str, *asked: str) -> StepFailed:
    error = manager_of(manager).explain(failure(file), refs(*asked), distro="some distro")
    assert error is not None
    return error


@pytest.mark.parametrize("file", ["apt/2.6-unknown-many", "apt/3.0-unknown-many"])
def test_all_ten_that_apt_lacks_of_twelve_are_in_the_brief_each_as_what_it_is(file: str) -> None:
    error = explained("apt", file, *TWELVE)
    assert isinstance(error, UnknownPackage)
    assert error.brief == (
        "some distro has none of ripgrp, firefox, fdfind, libssl1.1, nvidia-driver, nopenope, python3-yml; "
        "it can't choose which package provides awk, mail-transport-agent; it does not have the version jq=9.9"
    )
    assert [one.text for one in error.missing] == [name for name in TWELVE if name not in ("htop", "bat")]
    assert {one.name for one in error.missing if one.is_mentioned} == {"firefox", "nvidia-driver"}
    assert ("awk", "virtual, provided by original-awk, mawk, gawk") in missing_rows(error.missing)


@pytest.mark.parametrize("file", ["apt/2.6-unknown-many", "apt/3.0-unknown-many"])
def test_what_apt_says_of_the_cause_stays_whole(file: str) -> None:
    said = [text for label, text in explained("apt", file, *TWELVE).details if label == "apt-get said"]
    known = [line for line in output_of(file).splitlines() if line.startswith("E: ")]
    assert said == [line for line in known if "Couldn't find any package by" not in line]
    assert len(said) == 10


@pytest.mark.parametrize(
    ("manager", "file"),
    [
        ("apk", "apk/3.0-unknown-many"),
        ("pacman", "pacman/7.0-unknown-many"),
        ("dnf4", "dnf4/unknown-many"),
        ("dnf5", "dnf5/unknown-many"),
        ("zypper", "zypper/unknown-many"),
    ],
)
def test_every_manager_that_names_all_has_all_in_the_brief(manager: ManagerName, file: str) -> None:
    error = explained(manager, file, *LAB)
    assert isinstance(error, UnknownPackage)
    assert [one.text for one in error.missing][:3] == ["nopeone", "nopetwo", "lab-lib=9.9"]
    assert error.brief.startswith("some distro has none of nopeone, nopetwo")
    assert error.brief.endswith("; it does not have the version lab-lib=9.9")
    said = "\n".join(text for _, text in error.details)
    assert all(name in said for name in ("nopeone", "nopetwo", "lab-lib"))


def test_a_version_of_a_name_that_became_another_with_t64_leads_to_that() -> None:
    error = explained("apt", "apt/3.0-t64-pinned", "libcurl4=7.88.1-10")
    assert isinstance(error, UnknownPackage)
    assert error.cause == "unknown-version"
    assert error.missing[0].near == ("libcurl4t64",)


@pytest.mark.parametrize("version", ["2.2", "2.6", "3.0", "3.3"])
def test_a_script_that_calls_systemctl_is_shown_with_its_words_and_what_they_mean(version: str) -> None:
    error = explained("apt", f"apt/{version}-systemctl", "jq", "oldapp")
    details = dict(error.details)
    assert (error.cause, error.brief) == ("script", "the installation script of oldapp failed in some distro")
    assert details["its script said"].splitlines()[-1].endswith("systemctl: not found")
    assert details["its script said"].splitlines()[0] == "starting setup"
    assert "no systemd" in details["in a container"]
    assert any("exit status 127" in text for _, text in error.details)


@pytest.mark.parametrize("version", ["2.2", "2.6", "3.0", "3.3"])
def test_a_hook_that_fails_behind_dpkg_is_no_failed_install(version: str) -> None:
    error = explained("apt", f"apt/{version}-hook", "bc")
    assert error.brief.startswith("all of it is installed in some distro, but what apt-get is to run after dpkg failed")
    assert dict(error.details)["its script said"] == "hook runs"


@pytest.mark.parametrize(
    ("file", "reasons"),
    [
        ("3.0-conflict", ("1. exim4", "1. exim4-daemon-light:amd64 is not selected for install because:")),
        ("3.0-unmet", ("1. lab-lock:amd64=1.0 is selected for install", "[no choices]")),
        ("3.0-old-names", ("2. oldapp:amd64 Depends libssl1.1", "Depends: libicu72 but it is not installable")),
        ("3.3-conflict", ("[selected postfix:amd64=3.11.7-1]", "systemd-standalone-tmpfiles")),
        ("3.3-old-names", ("2. oldapp:amd64 Depends libssl1.1", "[no choices]")),
    ],
)
def test_a_solvers_numbered_reasons_stay_whole(file: str, reasons: tuple[str, str]) -> None:
    error = explained("apt", f"apt/{file}", "oldapp", "postfix")
    said = "\n".join(text for label, text in error.details if label == "apt-get said")
    assert error.cause == "conflict"
    assert reasons[1] in said
    lines = output_of(f"apt/{file}").splitlines()
    begin = next(number for number, line in enumerate(lines) if "unmet dependencies:" in line)
    assert [line for line in said.splitlines() if line] == [line.rstrip() for line in lines[begin:] if line]


SCRIPTS: list[tuple[ManagerName, str, str, str]] = [
    ("apt", "apt/2.6-postinst", "lab-bad", "no good"),
    ("apk", "apk/2.14-script", "lab-broken", "lab-broken breaks here"),
    ("apk", "apk/3.0-script", "lab-broken", "lab-broken breaks here"),
    ("dnf4", "dnf4/pre", "lab-prebroken", "lab-prebroken says no"),
    ("dnf4", "dnf4/post", "lab-broken", "lab-broken breaks here"),
    ("dnf5", "dnf5/post", "lab-broken", "lab-broken says no"),
    ("zypper", "zypper/post", "lab-broken", "lab-broken says no"),
    ("pacman", "pacman/7.0-script", "lab-broken", "lab-broken breaks here"),
    ("nix", "nix/build-of-many", "lab-broken", "lab-broken breaks here"),
    ("xbps", "xbps/script", "lab-broken", "lab-broken breaks here"),
]


@pytest.mark.parametrize(("manager", "file", "package", "words"), SCRIPTS)
def test_a_failed_script_is_shown_with_its_own_last_lines(
    manager: ManagerName, file: str, package: str, words: str
) -> None:
    error = explained(manager, file, package)
    assert error.cause == "script"
    assert package in error.brief
    assert dict(error.details)["its script said"] == words


ENDS_WELL: list[tuple[ManagerName, str, str, str]] = [
    ("dnf4", "dnf4/post", "the installation script of lab-broken failed", "lab-broken breaks here"),
    ("pacman", "pacman/7.0-script", "the installation script of lab-broken failed", "lab-broken breaks here"),
    ("pacman", "pacman/7.0-hook", "the installation script of lab-broken failed", "lab-broken breaks here"),
    ("apk", "apk/3.0-hook", "the hook x, which apk is to run beside its own work, failed", "hook post-commit"),
]


@pytest.mark.parametrize(("manager", "file", "brief", "words"), ENDS_WELL)
def test_a_script_that_fails_in_a_command_that_ends_with_0_is_noticed(
    manager: ManagerName, file: str, brief: str, words: str
) -> None:
    error = manager_of(manager).failed_script(failure(file, 0), distro="some distro")
    assert error is not None
    assert error.brief == f"{brief} in some distro"
    assert dict(error.details)["its script said"] == words


def test_all_that_failed_in_one_transaction_of_pacman_is_told() -> None:
    error = manager_of("pacman").failed_script(failure("pacman/7.0-hook", 0), distro="arch")
    assert error is not None
    assert ("failed, too", 'a hook of pacman failed in arch: "Reloading system manager configuration"') in error.details


def test_a_script_that_failed_alone_is_told_once() -> None:
    error = manager_of("pacman").failed_script(failure("pacman/7.0-script", 0), distro="arch")
    assert error is not None
    assert "failed, too" not in dict(error.details)


def test_a_hook_that_stops_pacman_is_told_with_that() -> None:
    error = explained("pacman", "pacman/7.0-hook-abort", "lab-extra")
    assert error.brief == "a hook of pacman failed in some distro, and nothing was installed"
    assert dict(error.details)["its script said"] == "no"


@pytest.mark.parametrize(
    ("manager", "file"),
    [
        *(("apt", "apt/3.0-virtual"), ("apk", "apk/3.0-install"), ("pacman", "pacman/7.0-install")),
        *(("dnf4", "dnf4/install"), ("dnf5", "dnf5/install"), ("portage", "portage/install")),
        *(("nix", "nix/install"), ("xbps", "xbps/install")),
    ],
)
def test_an_install_in_which_no_script_failed_has_none(manager: ManagerName, file: str) -> None:
    assert manager_of(manager).failed_script(failure(file, 0), distro="some distro") is None


def test_apks_error_of_an_earlier_install_is_told_from_one_of_this() -> None:
    error = explained("apk", "apk/3.0-after-broken", "lab-extra")
    assert error.brief.startswith("apk did all of it in some distro, and ends with an error of an earlier install")
    assert [hint.argv for hint in error.hints] == [("apk", "fix")]
    assert "an earlier install" not in explained("apk", "apk/3.0-script", "lab-broken").brief


@pytest.mark.parametrize(
    ("words", "means"),
    [
        ("/var/lib/dpkg/info/x.postinst: 4: systemctl: not found", "without checking that"),
        ("/bin/sh: line 1: systemctl: command not found", "without checking that"),
        (
            "System has not been booted with systemd as init system (PID 1). Can't operate.",
            "works on a host that runs it",
        ),
        ("Failed to connect to bus: Host is down", "works on a host that runs it"),
        ("mv: cannot move 'a' to '/etc/resolv.conf': Device or resource busy", "the engine mounts this file"),
        (
            "modprobe: FATAL: Module fuse not found in directory /lib/modules/6.1.0",
            "kernel module, which a container can't",
        ),
        ('sysctl: permission denied on key "kernel.x"', "the kernel's settings"),
        ("grub-probe: error: cannot find a device for / (is /dev mounted?).", "no boot disk"),
        ("Failed to set capabilities on file '/usr/bin/x': Operation not supported", "needs a privilege"),
        ("curl: (6) Could not resolve host: example.org", "downloads something itself"),
        ("x.postinst: 9: useradd: not found", "this base does not"),
        ("Killed", "memory limit"),
        ("mknod: tty0-: Operation not permitted", "sandbox gives no program the capability MKNOD"),
        ("mknod: /dev/x: Read-only file system", "needs a device"),
    ],
)
def test_a_scripts_words_have_their_usual_meaning_in_a_container(words: str, means: str) -> None:
    assert means in meaning_of(words)


def test_words_that_mean_nothing_special_in_a_container_are_left_alone() -> None:
    assert meaning_of("lab-broken breaks here") == ""
    assert len({row[1] for row in MEANINGS}) == len(MEANINGS)


OVERTAKEN_BY_PACMAN = """\
installing lab-broken...
error: command failed to execute correctly
lab-broken breaks here
:: Running post-transaction hooks...
"""
OVERTAKEN_BY_RPM = """\
  Running scriptlet: lab-broken-1.0-1.noarch                                1/1
warning: %post(lab-broken-1.0-1.noarch) scriptlet failed, exit status 3
lab-broken breaks here

Error in POSTIN scriptlet in rpm package lab-broken
"""


OVERTAKEN_BY_DPKG = """\
lab-broken breaks here
Setting up lab-broken (1.0) ...
dpkg: error processing package lab-broken (--configure):
 installed lab-broken package post-installation script subprocess returned error exit status 3
Setting up lab-extra (1.0) ...
"""
OVERTAKEN_BY_APK = """\
ERROR: lib/apk/exec/lab-broken-1.0-r1.post-install: exited with error 3
(1/2) Installing lab-broken (1.0-r1)
  Executing lab-broken-1.0-r1.post-install
  * lab-broken breaks here
(2/2) Installing lab-extra (1.0-r1)
"""


@pytest.mark.parametrize(
    ("manager", "output"),
    [
        *(("pacman", OVERTAKEN_BY_PACMAN), ("dnf4", OVERTAKEN_BY_RPM)),
        *(("apt", OVERTAKEN_BY_DPKG), ("apk", OVERTAKEN_BY_APK)),
    ],
)
def test_a_scripts_words_that_the_managers_overtook_are_shown(manager: ManagerName, output: str) -> None:
    error = manager_of(manager).failed_script(Failure(argv=("m",), status=0, output=output), distro="some distro")
    assert error is not None
    assert error.brief == "the installation script of lab-broken failed in some distro"
    assert dict(error.details)["its script said"] == "lab-broken breaks here"


def test_of_several_who_provide_a_name_its_own_of_today_is_meant() -> None:
    said = (
        "Package libasound2 is a virtual package provided by:\n"
        "  libasound2t64 1.2.14-1 (= 1.2.14-1)\n  liboss4-salsa-asound2 4.2-build2020-3.1\n\n"
        "E: Package 'libasound2' has no installation candidate\n"
    )
    error = manager_of("apt").explain(
        Failure(argv=("apt-get",), status=100, output=said), refs("libasound2"), distro="debian trixie"
    )
    assert isinstance(error, UnknownPackage)
    assert error.missing[0].near[0] == "libasound2t64"
    assert advice_of(error) == ("sandbox try libasound2t64 --distro debian:trixie",)
