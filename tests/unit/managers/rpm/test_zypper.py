from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from sandbox.errors import StepFailed, UnknownPackage
from sandbox.managers.protocol import LISTING, AvailableVersion, Change, Failure, PackageRef
from sandbox.managers.rpm import zypper_queries as queries
from sandbox.managers.rpm.data import ZYPPER
from sandbox.managers.rpm.zypper import AUTO
from sandbox.managers.rpm.zypper import manager as zypper

RECORDED = Path(__file__).parents[1] / "recorded" / "zypper"
TOOL = PackageRef(name="lab-tool")


def recorded(name: str) -> str:
    """Return a recorded output as a parser gets it: no stream of ours keeps empty lines."""
    return "\n".join(line for line in (RECORDED / f"{name}.txt").read_text().splitlines() if line)


def explained(name: str, *packages: str, status: int = 4) -> StepFailed:
    refs = [zypper.parse_reference(text) for text in packages]
    failure = Failure(argv=("zypper",), status=status, output=recorded(name))
    error = zypper.explain(failure, refs, distro="opensuse tumbleweed")
    assert error is not None
    return error


def test_what_zypper_did_not_choose_by_itself_is_explicit() -> None:
    packages = zypper.parse_packages({LISTING: (RECORDED / "listing.txt").read_bytes()})
    explicit = {package.name: package.explicit for package in packages}
    assert explicit["lab-tool"]
    assert not explicit["lab-lib"]
    assert {package.size for package in packages if package.name == "lab-tool"} == {60}


def test_a_host_is_not_told_to_trust_keys_and_a_sandbox_is() -> None:
    assert "--gpg-auto-import-keys" not in (*zypper.refresh(), *zypper.install([TOOL]))
    assert "--gpg-auto-import-keys" in zypper.throwaway


def test_an_older_version_is_allowed_where_one_is_asked_for() -> None:
    assert "--oldpackage" not in zypper.install([TOOL])
    argv = zypper.install([PackageRef(name="lab-tool", version="1.0.0-1")])
    assert argv == (
        "zypper",
        "--non-interactive",
        "install",
        "--no-recommends",
        "--oldpackage",
        "lab-tool=1.0.0-1",
    )
    assert "--recommends" in zypper.install([TOOL], recommends=True)


def test_a_simulation_is_read_with_its_sizes() -> None:
    changes = queries.simulate([TOOL]).parse(f"{recorded('plan')}\n{recorded('info')}")
    assert changes == (
        Change(action="upgrade", name="lab-tool", version="2.0.0-1", size=60),
        Change(action="install", name="lab-big", version="1.0.0-1", size=1 << 20),
        Change(action="install", name="lab-new", version="1.0.0-1", size=14),
    )


def test_a_downgrade_and_a_removal_are_told_apart() -> None:
    parse = queries.simulate([TOOL]).parse
    assert parse(recorded("plan-down")) == (Change(action="downgrade", name="lab-lib", version="1.0.0-1"),)
    assert {change.action for change in parse(recorded("plan-remove"))} == {"remove"}


def test_versions_come_newest_first_and_the_newest_has_its_size() -> None:
    assert queries.versions("lab-tool").parse(recorded("versions")) == (
        AvailableVersion(
            name="lab-tool",
            version="2.0.0-1",
            size=60,
            summary="lab-tool test package",
            repository="Lab local repository",
        ),
        AvailableVersion(name="lab-tool", version="1.0.0-1", repository="Lab local repository"),
    )


def test_names_are_packages_alone() -> None:
    output = (
        '<solvable status="installed" name="PRETTY_NAME=&quot;Debian" kind="product"/>\n'
        '<solvable status="installed" name="jq" kind="package"/>\n'
        '<solvable status="not-installed" name="jq" summary="&lt;b&gt;" kind="package"/>\n'
        '<solvable status="not-installed" name="$(id)" kind="package"/>\n'
    )
    assert queries.names().parse(output) == ("jq",)
    assert queries.provides("jq").parse(output) == ("jq",)


@pytest.mark.parametrize(
    ("output", "cause", "word"),
    [
        ("no-name-server", "network", "nope.invalid"),
        ("refused", "network", "127.0.0.1"),
        ("no-such-repo", "mirror", "mirror"),
        ("damaged-index", "mirror", "differs from its index"),
        ("damaged-package", "mirror", "differs from its index"),
        ("archive-gone", "mirror", "mirror"),
        ("repo-unsigned", "signature", "signature"),
        ("disk", "disk", "full"),
        ("not-root", "root", "root"),
        ("lock", "lock", "lock"),
        ("conflict", "conflict", "lab-conflict conflicts"),
        ("needs", "conflict", "lab-needs can't be installed"),
        ("file-conflict", "conflict", "/usr/bin/labtool"),
        ("post", "script", "installation script of lab-broken"),
        ("pre", "script", "installation script of lab-prebroken"),
        ("preun", "script", "lab-stubborn"),
        ("no-repos", "other", "no enabled package repository"),
    ],
)
def test_each_failure_has_its_cause_and_evidence(output: str, cause: str, word: str) -> None:
    error = explained(output, "lab-extra")
    assert error.cause == cause
    assert word in error.brief
    assert error.details


def test_all_unknown_names_are_named() -> None:
    error = explained("unknown", "lab-extra", "nopenope", "nopeother", status=104)
    assert isinstance(error, UnknownPackage)
    assert error.brief == "opensuse tumbleweed has none of nopenope, nopeother"


def test_an_unknown_version_is_told_from_an_unknown_name() -> None:
    error = explained("unknown-version", "lab-tool=9.9", status=104)
    assert error.cause == "unknown-version"
    assert error.brief == "opensuse tumbleweed has no version 9.9 of lab-tool"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("(1/3) Installing: lab-epoch-2:1.5-1.noarch [..done]", "Installing lab-epoch"),
        ("Retrieving: lab-lib-1.1.0-1.noarch (Lab local repository) (2/3),   6.1 KiB    ", "Get lab-lib"),
        ("Retrieving repository 'Lab local repository' metadata [.done]", "Get Lab local repository"),
        ("Building repository 'Lab' cache [....done]", "Building repository Lab"),
        ("Resolving package dependencies...", "Resolving package dependencies"),
        ("3 new packages to install.", None),
    ],
)
def test_progress_is_short(line: str, shown: str | None) -> None:
    assert zypper.progress(line) == shown


@pytest.mark.parametrize(
    ("there", "made"), [("", True), ("/var/log/zypp/history", False), ("/var/lib/zypp/AutoInstalled", False)]
)
def test_a_host_keeps_its_marks_where_an_install_is_the_first_that_zypper_does(
    tmp_path: Path, there: str, made: bool
) -> None:
    for folder in ("lib", "log"):
        (tmp_path / f"var/{folder}/zypp").mkdir(parents=True)
    marks = tmp_path / "var/lib/zypp/AutoInstalled"
    if there:
        (tmp_path / there[1:]).write_text("lab-base\n")
    sh, option, text = ZYPPER.host().before_install
    subprocess.run((sh, option, text.replace("/var/", f"{tmp_path}/var/")), check=True)
    assert marks.exists() == (made or there == AUTO)
    assert not made or marks.read_text() == ""
