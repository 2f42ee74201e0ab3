from __future__ import annotations

import os
import shlex
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.programs import need
from tests.unit.advised import advice_of

from sandbox.errors import StepFailed, UnknownPackage, UsageError
from sandbox.managers.apt import driver as apt
from sandbox.managers.apt import queries
from sandbox.managers.protocol import MAX_REFERENCE, Failure, PackageRef

RECORDED = Path(__file__).parent / "recorded" / "apt"
DISTRO = "debian bookworm"


def explain(output: str, *names: str) -> StepFailed:
    failure = Failure(argv=apt.refresh(), status=100, output=output)
    error = apt.explain(failure, [PackageRef(name=name) for name in names], distro=DISTRO)
    assert error is not None
    return error


@pytest.mark.parametrize(
    ("text", "name", "version"),
    [
        ("htop", "htop", None),
        ("g++", "g++", None),
        ("ncbi-blast+", "ncbi-blast+", None),
        ("libstdc++6", "libstdc++6", None),
        ("7zip", "7zip", None),
        ("python3.11", "python3.11", None),
        ("libc6:i386", "libc6:i386", None),
        ("ripgrep=13.0.0-4+b2", "ripgrep", "13.0.0-4+b2"),
        ("vim=2:9.0.1378-2+deb12u2", "vim", "2:9.0.1378-2+deb12u2"),
        ("jq=1.6~rc1", "jq", "1.6~rc1"),
    ],
)
def test_names_and_versions_of_debian_policy_are_taken(text: str, name: str, version: str | None) -> None:
    assert apt.parse_reference(text) == PackageRef(name=name, version=version)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "has no package name"),
        ("=1.0", "has no package name"),
        ("--force", "looks like an option"),
        ("-y", "looks like an option"),
        ("htop; rm -rf /", "invalid character ';'"),
        ("htop; reboot", "invalid character ';'"),
        ("$(id)", "invalid character '$'"),
        ("`id`", "invalid character '`'"),
        ("htop jq", "invalid character ' '"),
        ("htop\n", "invalid character '\\n'"),
        ("htop\x1b[31m", "invalid character '\\x1b'"),
        ("hтop", "invalid character '\\u0442'"),
        ("./thing.deb", "is not a valid package name"),
        ("HTOP", "has capital letters"),
        ("htop-", 'means "remove"'),
        ("lib.*", "is a pattern"),
        ("^htop$", "is an expression of apt"),
        ("~nhtop", "is a search pattern of apt"),
        ("?installed", "invalid character '?'"),
        ("x", "two characters or more"),
        ("+foo", "begins with a letter or a digit"),
        ("libc6:", "is not a valid package name"),
        ("htop=", "no valid version"),
        ("htop=latest", "no valid version"),
        ("htop=1.0 -o x=y", "no valid version"),
        ("htop=1.0\n", "no valid version"),
        ("htop=1.0-", 'means "remove"'),
        ("htop=1.0+", 'means "install"'),
        ("htop=1/2", "no valid version"),
    ],
)
def test_what_is_no_package_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(UsageError) as caught:
        apt.parse_reference(text)
    assert reason in caught.value.brief
    assert caught.value.status == 2
    assert caught.value.brief.isprintable()
    assert caught.value.brief.isascii()


def test_capital_letters_are_answered_with_the_command_that_was_meant() -> None:
    with pytest.raises(UsageError) as caught:
        apt.parse_reference("HTOP")
    assert advice_of(caught.value) == ("sandbox try htop",)


@pytest.mark.parametrize(
    ("typed", "hints"),
    [
        ("htop,jq", ("sandbox try htop jq",)),
        ("htop,", ("sandbox try htop",)),
        (",", ()),
        ("a/b,c", ("sandbox search b",)),
    ],
)
def test_names_with_commas_between_them_are_answered_with_the_command_that_was_meant(
    typed: str, hints: tuple[str, ...]
) -> None:
    with pytest.raises(UsageError) as caught:
        apt.parse_reference(typed)
    assert advice_of(caught.value) == hints


def test_a_huge_name_is_refused_in_few_words() -> None:
    with pytest.raises(UsageError) as caught:
        apt.parse_reference("a" * 10_000)
    assert "10000 characters" in caught.value.brief
    assert len(caught.value.brief) < 160


@given(st.text(max_size=MAX_REFERENCE + 20))
def test_whatever_is_taken_is_one_harmless_word(text: str) -> None:
    try:
        reference = apt.parse_reference(text)
    except UsageError:
        return
    word = apt.install([reference])[-1]
    assert word == text
    harmless = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-~:=/"  # the slash of NAME/RELEASE
    assert not set(word) - set(harmless)
    assert word[0] not in "-+.~"
    assert word[-1] != "-"


def test_install_pins_what_was_pinned_and_leaves_recommends_out() -> None:
    packages = [PackageRef(name="htop"), PackageRef(name="jq", version="1.6-2")]
    assert apt.install(packages) == ("apt-get", "install", "-y", "--no-install-recommends", "htop", "jq=1.6-2")
    assert "--install-recommends" in apt.install(packages, recommends=True)


@pytest.mark.parametrize("name", ["python3.11", "g++"])
def test_a_name_that_apt_may_read_as_an_expression_is_kept_from_it(name: str) -> None:
    assert "APT::Cmd::Pattern-Only=true" in apt.install([PackageRef(name=name)])


def test_download_fetches_what_install_would() -> None:
    packages = [PackageRef(name="htop")]
    assert tuple(word for word in apt.download(packages) if word != "--download-only") == apt.install(packages)


def test_archives_are_kept_where_the_hook_of_official_images_does_not_delete_them() -> None:
    assert f"Dir::Cache::archives={apt.ARCHIVES}" in apt.throwaway
    assert apt.ARCHIVES in apt.index
    assert "/var/cache/apt/archives" not in apt.ARCHIVES


def test_a_mirror_that_fails_is_an_error_and_not_a_warning() -> None:
    assert "APT::Update::Error-Mode=any" in apt.throwaway


OFFICIAL = "http://deb.debian.org/debian"
SOURCES = """deb [signed-by=/k.gpg] http://deb.debian.org/debian bookworm main
deb http://deb.debian.org/debian/ bookworm-updates main
deb http://deb.debian.org/debian-security bookworm-security main
URIs: http://deb.debian.org/debian
"""


def pointed(tmp_path: Path, mirror: str) -> str:
    sources = tmp_path / "sources.list"
    sources.write_text(SOURCES)
    argv = apt.use_mirror(OFFICIAL, mirror)
    here = tuple(word.replace("/etc/apt/", f"{tmp_path}/") for word in argv[:3])
    subprocess.run([*here, *argv[3:]], check=True)
    return sources.read_text()


def test_a_mirror_takes_the_place_of_the_official_one_and_of_no_other_archive(tmp_path: Path) -> None:
    lines = pointed(tmp_path, "http://mirror:80/debian").splitlines()
    assert [line.count("http://mirror:80/debian") for line in lines] == [1, 1, 0, 1]
    assert "http://deb.debian.org/debian-security" in lines[2]


@pytest.mark.parametrize(
    "mirror", ["http://m/#e", "http://m/#w /tmp/x", "http://m/&", "http://m/\\1", "http://m/\ntouch x"]
)
def test_a_mirror_is_never_code_for_sed(tmp_path: Path, mirror: str) -> None:
    assert pointed(tmp_path, mirror).splitlines()[3] == f"URIs: {mirror.splitlines()[0]}"


def recorded_database() -> dict[str, bytes]:
    states = {"/var/lib/dpkg/status": "status", "/var/lib/apt/extended_states": "extended_states"}
    return {path: (RECORDED / name).read_bytes() for path, name in states.items()}


def test_installed_says_what_dpkg_and_apt_mark_say() -> None:
    packages = {package.name: package for package in apt.parse_packages(recorded_database())}
    manual = {"jq", "redis-tools", "tree", "libc6", "base-files"}
    assert packages.keys() == manual | {"libjq1", "libonig5", "openssl"}
    assert {name for name, package in packages.items() if package.explicit} == manual
    assert packages["libonig5"].version == "6.9.8-1"
    assert packages["jq"].size == 111 * 1024
    assert packages["redis-tools"].architecture == "amd64"


def test_a_removed_package_that_left_its_configuration_is_not_installed() -> None:
    assert b"Package: ca-certificates\nStatus: deinstall ok config-files" in recorded_database()[apt.STATUS]
    assert "ca-certificates" not in {package.name for package in apt.parse_packages(recorded_database())}


def test_a_package_that_is_held_back_is_installed_all_the_same() -> None:
    status = b"Package: jq\nStatus: hold ok installed\nVersion: 1\n\nPackage: x\nStatus: hold ok config-files\n"
    assert [package.name for package in apt.parse_packages({apt.STATUS: status})] == ["jq"]


def test_an_architecture_independent_package_is_found_among_the_automatic_ones() -> None:
    status = b"Package: tzdata\nStatus: install ok installed\nArchitecture: all\nVersion: 1\n"
    states = b"Package: tzdata\nArchitecture: amd64\nAuto-Installed: 1\n"
    (package,) = apt.parse_packages({apt.STATUS: status, apt.EXTENDED_STATES: states})
    assert not package.explicit


STANZA = "Package: {}\nStatus: install ok installed\nArchitecture: {}\nVersion: 1\nMaintainer: x\nDescription: x\n"
COINSTALLABLE = "Multi-Arch: same\n"
"""Of a package that is installed in two architectures; one of all machines can't have it."""


@pytest.mark.parametrize("version", [None, "1", "2"])
@pytest.mark.parametrize(
    ("reference", "rows", "expected"),
    [
        ("tool", [("tool", "OWN")], True),
        ("tool", [("tool", "i386")], False),
        ("tool", [("tool", "i386"), ("tool", "OWN")], True),
        ("tool", [("tool", "all")], True),
        ("tool:i386", [("tool", "i386")], True),
        ("tool:i386", [("tool", "OWN")], False),
        ("tool", [("tool-more", "OWN")], False),
        ("tool", [], False),
    ],
)
def test_dpkg_counts_a_package_as_installed_in_the_architecture_that_is_asked_for(
    tmp_path: Path, reference: str, rows: list[tuple[str, str]], *, expected: bool, version: str | None
) -> None:
    need("dpkg-query")
    own = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True).stdout.strip()
    more = COINSTALLABLE if len(rows) > 1 else ""
    stanzas = [STANZA.format(name, architecture.replace("OWN", own)) + more for name, architecture in rows]
    (tmp_path / "status").write_text("\n".join(stanzas))
    (tmp_path / "info").mkdir()
    pipeline = " | ".join(map(shlex.join, apt.is_installed(PackageRef(name=reference, version=version))))
    env = {**os.environ, "DPKG_ADMINDIR": str(tmp_path)}
    done = subprocess.run(["sh", "-c", pipeline], env=env, capture_output=True, check=False)
    assert (done.returncode == 0) is (expected and version != "2"), done.stderr


def test_another_architecture_of_an_automatic_package_stays_explicit() -> None:
    status = b"Package: libc6\nStatus: install ok installed\nArchitecture: i386\nVersion: 1\n"
    states = b"Package: libc6\nArchitecture: amd64\nAuto-Installed: 1\n"
    (package,) = apt.parse_packages({apt.STATUS: status, apt.EXTENDED_STATES: states})
    assert package.explicit


def test_an_empty_database_holds_nothing() -> None:
    assert apt.parse_packages({}) == ()


@given(st.binary(max_size=600), st.binary(max_size=200))
def test_garbage_in_the_database_is_passed_over(status: bytes, states: bytes) -> None:
    good = b"\n\nPackage: htop\nStatus: install ok installed\nInstalled-Size: x\nVersion: \xff3\n\n"
    packages = apt.parse_packages({apt.STATUS: status + good, apt.EXTENDED_STATES: states})
    assert packages[-1].name == "htop"
    assert packages[-1].size == 0


def test_two_megabytes_of_status_are_read_at_once() -> None:
    stanza = (RECORDED / "status").read_bytes().split(b"\n\n")[0] + b"\n\n"
    content = stanza * (2_000_000 // len(stanza))
    start = time.process_time()
    assert len(apt.parse_packages({apt.STATUS: content})) > 1000
    assert time.process_time() - start < 2


@pytest.mark.parametrize("version", ["2.6", "3.0"])
@pytest.mark.parametrize(
    ("case", "brief"),
    [
        ("unknown-two", "debian bookworm has none of nope1, nope2"),
        ("virtual", "awk is not a package of debian bookworm, but other packages provide it"),
        ("conflict", "exim4-config conflicts, or lacks a dependency"),
        ("unmet", "lab-lock conflicts, or lacks a dependency"),
        ("expired", "the package index of debian bookworm has expired"),
        ("no-key", "the signature of debian bookworm's package index can't be verified"),
        ("no-such-suite", "the mirror http://deb.debian.org/debian does not have debian bookworm"),
        ("refused", "the sandbox can't connect to 127.0.0.1"),
        ("no-name-server", "the sandbox can't resolve nowhere.invalid"),
        ("damaged-archive", "debian bookworm's mirror sent a file that differs from its index"),
    ],
)
def test_what_apt_says_is_understood_in_old_and_new_words(version: str, case: str, brief: str) -> None:
    error = explain((RECORDED / f"{version}-{case}.txt").read_text(), "nope1")
    assert brief in error.brief
    assert any(label == "apt-get said" and text.startswith("E: ") for label, text in error.details)
    assert error.status == 4


@pytest.mark.parametrize(
    ("case", "brief"),
    [
        ("2.6-no-version", "debian bookworm has no version 9.9 of jq"),
        ("2.6-no-release", "the package sources of debian bookworm have no such release of lab-tool"),
        ("2.6-mentioned-only", "debian bookworm mentions jq but does not have it"),
        ("2.6-unknown-dot", "debian bookworm has no package foo.bar"),
        ("2.6-unknown-pinned", "debian bookworm has no package nope"),
        ("2.6-foreign-architecture", "debian bookworm has no package jq:arm64"),
        ("2.6-no-index", "debian bookworm has no package htop"),
        ("2.6-lock", "another program in the sandbox holds the lock of apt-get"),
        ("2.6-not-root", "apt-get needs root in debian bookworm"),
        ("2.6-one-mirror-fails", "the sandbox can't connect to 127.0.0.1"),
        ("2.6-proxy", "the sandbox can't connect to 127.0.0.1"),
        ("2.6-disk-full", "the disk is full in the sandbox"),
        ("2.6-postinst", "the installation script of lab-bad failed in debian bookworm"),
        ("2.6-overwrite", "lab-over.deb could not be unpacked in debian bookworm"),
        ("3.0-archive-gone", "debian bookworm's mirror has no tree_0_amd64.deb (404), which"),
    ],
)
def test_each_recorded_failure_is_named_by_its_cause(case: str, brief: str) -> None:
    assert brief in explain((RECORDED / f"{case}.txt").read_text()).brief


@pytest.mark.parametrize(
    ("output", "brief"),
    [
        ("W: GPG error: x\nE: The repository 'x' is not signed.", "can't be verified"),
        ("E: Failed to fetch http://m/InRelease  EXPKEYSIG 0E98 Key <a@b>", "can't be verified"),
        ("E: Release file for http://m/InRelease is not valid yet (invalid for another 2h).", "clock is behind"),
        ("E: Failed to fetch http://m/InRelease  Temporary failure resolving 'm'", "can't resolve m"),
        ("E: Failed to fetch http://m/InRelease  Could not connect to m:80 (1.2.3.4), connection timed out", "to m"),
        ("E: Failed to fetch http://m/p/a.deb  Connection failed [IP: 1.2.3.4 80]", "failed to send a.deb"),
        (
            "tar: ./x: Cannot write: No space left on device\ndpkg: error processing package x (--unpack)",
            "disk is full",
        ),
        ("dpkg: error processing package libx:amd64 (--configure):\n bad", "installation script of libx failed"),
    ],
)
def test_failures_that_could_not_be_recorded_are_known_by_apts_own_sources(output: str, brief: str) -> None:
    assert brief in explain(output).brief


def test_an_unknown_package_is_named_as_it_was_asked_for() -> None:
    error = explain("E: Unable to locate package nope", "nope+")
    assert isinstance(error, UnknownPackage)
    assert error.package == "nope+"


def test_packages_that_do_not_go_together_come_with_the_commands_for_each_alone() -> None:
    text = "The following packages have unmet dependencies:\n a1 : Conflicts: b1\nE: Unable to correct problems"
    alone = tuple(f"sandbox try {name} --distro debian:bookworm" for name in ("a1", "b1"))
    assert advice_of(explain(text, "a1", "b1")) == alone
    assert advice_of(explain(text, "a1")) == ()


def test_an_unknown_version_comes_with_the_command_that_lists_the_known_ones() -> None:
    error = explain((RECORDED / "2.6-no-version.txt").read_text())
    assert "sandbox try jq --distro debian:bookworm -- apt-cache madison jq" in advice_of(error)


def test_a_virtual_package_comes_with_all_who_provide_it_and_none_is_preferred_where_apt_prefers_none() -> None:
    error = explain((RECORDED / "2.6-virtual.txt").read_text())
    assert ("provided by", "original-awk, mawk and gawk") in error.details
    assert advice_of(error) == (
        "sandbox compare original-awk mawk gawk --distro debian:bookworm shows how they differ",
        "sandbox try original-awk --distro debian:bookworm, or another of them",
    )


def test_the_providers_that_are_proposed_are_among_those_that_are_named() -> None:
    names = [f"mta-{number}" for number in range(11)]
    listed = "".join(f"  {name} 1.0\n" for name in names)
    text = f"Package mta is a virtual package provided by:\n{listed}\nE: Package 'mta' has no installation candidate\n"
    assert ("provided by", f"{', '.join(names[:-1])} and mta-10") in explain(text, "mta").details


def test_an_unknown_package_of_a_foreign_architecture_comes_with_where_it_was_looked_for() -> None:
    error = explain("E: Unable to locate package libc6:i386", "libc6:i386")
    assert any("also looked for i386" in text for label, text in error.details if label == "architecture")
    assert all(label != "architecture" for label, _ in explain("E: Unable to locate package nope", "nope").details)


def test_a_failed_script_comes_with_its_exit_status() -> None:
    error = explain((RECORDED / "2.6-postinst.txt").read_text())
    assert any("exit status 3" in text for _, text in error.details)


def test_words_that_are_not_known_are_left_to_the_caller() -> None:
    assert apt.explain(Failure(argv=("apt-get",), status=1, output="Segmentation fault"), [], distro=DISTRO) is None


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("Get:1 http://deb.debian.org/debian bookworm InRelease [151 kB]", "Get bookworm InRelease"),
        ("Get:2 http://m/debian bookworm/main amd64 Packages [8790 kB]", "Get bookworm/main Packages"),
        ("Get:3 http://m/debian bookworm/main amd64 htop amd64 3.2.2-2 [152 kB]", "Get htop"),
        ("Unpacking libonig5:amd64 (6.9.8-1) ...", "Unpacking libonig5"),
        ("Setting up jq (1.6-2.1+deb12u2) ...", "Setting up jq"),
        ("Processing triggers for libc-bin (2.36-9+deb12u14) ...", "Processing triggers for libc-bin"),
        ("Reading package lists...", "Reading package lists"),
        ("Solving dependencies...", "Solving dependencies"),
        ("Fetched 8941 kB in 1s (7767 kB/s)", "Fetched 8941 kB"),
        ("(Reading database ... 45%", None),
        ("Selecting previously unselected package jq.", None),
        ("debconf: delaying package configuration, since apt-utils is not installed", None),
        ("", None),
    ],
)
def test_progress_is_short_and_noise_is_none(line: str, shown: str | None) -> None:
    assert apt.progress(line) == shown


def test_commands_are_looked_for_in_three_packages_at_most() -> None:
    query = queries.commands_of(["aa", "bb", "cc", "dd"])
    assert query is not None
    assert query.argv[-3:] == ("aa", "bb", "cc")
    assert queries.commands_of([]) is None


STATUS_OF_TWO = b"""\
Package: dpkg
Status: install ok installed
Architecture: amd64
Version: 1.21.22

Package: zlib1g
Status: install ok installed
Architecture: amd64
Version: 1:1.2.13.dfsg-1

Package: zlib1g
Status: install ok installed
Architecture: i386
Version: 1:1.2.13.dfsg-1

Package: libc6
Status: install ok installed
Architecture: i386
Version: 2.36-9+deb12u14

Package: tzdata
Status: install ok installed
Architecture: all
Version: 2024a-0
"""


def test_a_namesake_of_a_foreign_architecture_is_a_package_of_its_own() -> None:
    auto = b"Package: libc6\nArchitecture: i386\nAuto-Installed: 1\n"
    found = apt.parse_packages({apt.STATUS: STATUS_OF_TWO, apt.EXTENDED_STATES: auto})
    assert [row.name for row in found] == ["dpkg", "zlib1g", "zlib1g:i386", "libc6:i386", "tzdata"]
    assert [row.name for row in found if not row.explicit] == ["libc6:i386"]


@pytest.mark.parametrize("text", ["htop:native", "htop:any", "htop:all"])
def test_the_machines_own_architecture_by_its_common_names_is_the_bare_name(text: str) -> None:
    assert apt.parse_reference(text) == PackageRef(name="htop")
    assert apt.parse_reference(f"{text}=3.2.1-1") == PackageRef(name="htop", version="3.2.1-1")
    assert apt.parse_reference("htop:i386").name == "htop:i386"


def test_a_release_behind_a_slash_is_the_one_that_apt_is_asked_for() -> None:
    package = apt.parse_reference("htop/bookworm-backports")
    assert (package.name, package.release) == ("htop", "bookworm-backports")
    assert apt.install([package])[-1] == "htop/bookworm-backports"
