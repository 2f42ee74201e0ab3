from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.advised import advice_of

from sandbox.errors import StepFailed, UnknownPackage, UsageError
from sandbox.managers.apk import driver as apk
from sandbox.managers.apk import names as apk_names
from sandbox.managers.apk import queries
from sandbox.managers.protocol import MAX_REFERENCE, AvailableVersion, Candidate, Change, Failure, PackageRef

RECORDED = Path(__file__).parent / "recorded" / "apk"
BOTH = ("2.14", "3.0")


def recorded(name: str) -> str:
    return (RECORDED / name).read_text(encoding="utf-8")


def explain(output: str, *packages: str) -> StepFailed:
    failure = Failure(argv=apk.refresh(), status=1, output=output)
    error = apk.explain(failure, [apk.parse_reference(text) for text in packages], distro="alpine 3.23")
    assert error is not None
    return error


@pytest.mark.parametrize(
    ("text", "name", "version"),
    [
        ("htop", "htop", None),
        ("R", "R", None),
        ("libstdc++", "libstdc++", None),
        ("py3-pip", "py3-pip", None),
        ("7zip", "7zip", None),
        ("jq=1.7.1-r0", "jq", "1.7.1-r0"),
        ("git=2.40_rc1-r0", "git", "2.40_rc1-r0"),
        ("foo=1.0_git20240101~abc-r2", "foo", "1.0_git20240101~abc-r2"),
    ],
)
def test_names_and_versions_of_alpine_are_taken(text: str, name: str, version: str | None) -> None:
    assert apk.parse_reference(text) == PackageRef(name=name, version=version)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("=1.0", "has no package name"),
        ("--force", "looks like an option"),
        ("!htop", "begins with !"),
        (".deps", "is not a valid package name"),
        ("htop@edge", "names a tagged repository"),
        ("htop>1", "a range of versions"),
        ("htop~1", "a range of versions"),
        ("cmd:htop", "invalid character ':'"),
        ("./x.apk", "has a slash"),
        ("htop=", "no valid version"),
        ("htop==1", "has == before its version"),
        ("htop=~1", "no valid version"),
        ("htop=1 --force", "no valid version"),
    ],
)
def test_what_is_no_package_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(UsageError) as caught:
        apk.parse_reference(text)
    assert reason in caught.value.brief


@given(st.text(max_size=MAX_REFERENCE + 20))
def test_whatever_is_taken_is_one_harmless_word(text: str) -> None:
    try:
        reference = apk.parse_reference(text)
    except UsageError:
        return
    word = apk.install([reference])[-1]
    assert word == text
    assert word[0] not in "-.!@"
    assert not set(word.replace("=", "", 1)) & set(" \t\n!@<>=;$`'\"\\/*")


def test_versions_are_ordered_as_apk_orders_them() -> None:
    ordered = (
        *("0.9-r9", "1.0_alpha", "1.0_beta2-r0", "1.0_beta10-r0", "1.0_rc1-r5", "1.0-r0", "1.0-r10", "1.0_git2024-r0"),
        *("1.0_p1-r0", "1.0a-r0", "1.0.1-r0", "1.9-r0", "1.10-r0"),
    )
    assert tuple(sorted(set(ordered), key=apk_names.sort_key)) == ordered
    assert apk_names.sort_key("garbage!") < apk_names.sort_key("0-r0")


def test_a_pin_is_written_as_apk_wants_it() -> None:
    packages = [PackageRef(name="htop"), PackageRef(name="jq", version="1.7-r0")]
    assert apk.install(packages) == ("apk", "add", "htop", "jq=1.7-r0")
    assert apk.download(packages) == ("apk", "cache", "download", "htop", "jq=1.7-r0")
    assert apk.is_installed(packages[1]) == (("apk", "info", "-e", "jq=1.7-r0"),)
    assert apk.remove(packages, purge=True) == (("apk", "del", "--purge", "htop", "jq"),)


def test_a_recorded_database_gives_packages_with_sizes_and_reasons() -> None:
    database = {path: (RECORDED / path.rpartition("/")[2]).read_bytes() for path in (apk.INSTALLED[0], apk.WORLD)}
    packages = {package.name: package for package in apk.parse_packages(database)}
    assert len(packages) == 21
    assert (packages["lab-big"].version, packages["lab-big"].size) == ("1.0-r1", 1048576)
    assert packages["musl"].architecture == "x86_64"
    assert [name for name in packages if name.startswith("lab-") and not packages[name].explicit] == [
        "lab-extra",
        "lab-lib",
    ]
    assert packages["busybox"].explicit
    assert not packages["musl"].explicit
    assert ".deps" not in packages


def test_apk_3_may_keep_its_database_under_usr_and_a_link_to_it_counts_once() -> None:
    content = b"C:Q1\nP:jq\nV:1.7-r0\nA:x86_64\nI:10\n\n"
    assert [row.name for row in apk.parse_packages({apk.INSTALLED[1]: content})] == ["jq"]
    assert [row.name for row in apk.parse_packages(dict.fromkeys(apk.INSTALLED, content))] == ["jq"]


def test_a_file_list_can_not_pass_for_the_fields_of_a_package() -> None:
    content = b"P:jq\nV:1.7-r0\nI:-5\nF:usr/bin\nR:x\nP:evil\nI:99\n\nP:$(id)\nV:1\n\n"
    assert [(row.name, row.size) for row in apk.parse_packages({apk.INSTALLED[0]: content})] == [("jq", 0)]


def test_the_world_file_is_read_without_its_constraints() -> None:
    world = "a\nb=1.0-r0\nc<2\nd>1\ne~1.2\nf@edge\ng=~1@edge\n!h\n.virtual=0\ni><Q1m4=\n"
    assert apk.explicit(world) == frozenset("abcdefgi")


@pytest.mark.parametrize("apk_version", BOTH)
@pytest.mark.parametrize(
    ("name", "cause", "brief"),
    [
        ("no-version", "unknown-version", "alpine 3.23 has no version 9.9.9-r9 of lab-tool"),
        ("malformed-version", "unknown-version", "alpine 3.23 has no version 9.9.9-9 of lab-tool"),
        ("conflict", "conflict", "can't be installed together in alpine 3.23: lab-extra conflicts"),
        ("script", "script", "the installation script of lab-broken failed"),
        ("lock", "lock", "holds the lock"),
        ("not-root", "root", "needs root"),
        ("untrusted", "signature", "the signature of /srv/lab"),
        ("untrusted-install", "signature", "the signature of /srv/lab"),
        ("no-name-server", "network", "can't resolve nope.invalid"),
        ("refused", "network", "can't connect to 127.0.0.1:9"),
        ("not-found", "mirror", "has no package index at http://172.17.0.1:18765/nope"),
        ("no-local-index", "mirror", "has no package index at /srv/gone"),
        ("disk-full", "disk", "the disk is full"),
    ],
)
def test_what_apk_says_has_a_cause(apk_version: str, name: str, cause: str, brief: str) -> None:
    pinned = f"lab-tool=9.9.9-{'r9' if name == 'no-version' else '9'}"
    error = explain(recorded(f"{apk_version}-{name}.txt"), pinned, "lab-extra", "lab-conflict", "jq", "lab-big")
    assert error.cause == cause
    assert brief in error.brief
    assert error.details


@pytest.mark.parametrize(
    ("name", "cause", "brief"),
    [
        ("virtual", "unknown-package", "virt is not a package of alpine 3.23"),
        ("unmet", "conflict", "so:libgone.so.1 conflicts, or lacks"),
        ("overwrite", "conflict", "virt-a contains a file that belongs to another package"),
        ("unsigned-package", "signature", "the signature of /tmp/m/x86_64/Packages.adb"),
        ("untrusted-file", "signature", "the signature of /tmp/m/x86_64/virt-a-1.0-r0.apk"),
    ],
)
def test_what_apk_3_says_has_a_cause(name: str, cause: str, brief: str) -> None:
    error = explain(recorded(f"3.0-{name}.txt"), "virt", "needy", "virt-a")
    assert error.cause == cause
    assert brief in error.brief


def test_of_a_virtual_package_all_who_provide_it_are_offered() -> None:
    error = explain(recorded("3.0-virtual.txt"), "virt")
    assert ("provided by", "virt-a and virt-b") in error.details
    assert advice_of(error) == (
        "sandbox compare virt-a virt-b --distro alpine:3.23 shows how they differ",
        "sandbox try virt-a --distro alpine:3.23, or virt-b",
    )


@pytest.mark.parametrize("apk_version", BOTH)
def test_all_unknown_names_are_told(apk_version: str) -> None:
    error = explain(recorded(f"{apk_version}-unknown-two.txt"), "nope1", "nope2", "lab-lib")
    assert isinstance(error, UnknownPackage)
    assert error.package == "nope1"
    assert error.brief == "alpine 3.23 has none of nope1, nope2"


@pytest.mark.parametrize("words", ["DNS: transient error (try again later)", "temporary error (try again later)"])
def test_a_missing_name_server_is_the_networks_fault(words: str) -> None:
    line = f"WARNING: updating and opening https://a.example/main/x86_64/APKINDEX.tar.gz: {words}"
    error = explain(
        f"{line}\nERROR: unable to select packages:\n  jq (no such package):\n    required by: world[jq]", "jq"
    )
    assert error.cause == "network"
    assert "a.example" in error.brief


@pytest.mark.parametrize("apk_version", BOTH)
def test_progress_names_the_package_and_how_many_there_are(apk_version: str) -> None:
    said = [apk.progress(line) for line in recorded(f"{apk_version}-install.txt").splitlines()]
    assert said[:3] == ["Installing lab-lib (1/3)", "Installing lab-tool (2/3)", "Installing lab-trap (3/3)"]
    assert said[3] == "Executing lab-trap-1.0-r1.post-install"
    assert said[-1] is None
    assert (
        apk.progress("fetch https://cdn/alpine/v3.23/main/x86_64/APKINDEX.tar.gz")
        == "fetch main/x86_64/APKINDEX.tar.gz"
    )


def prepared(tmp_path: Path, script: str) -> subprocess.CompletedProcess[str]:
    """Run the refresh as a plan does, with a program in apk's place."""
    program = tmp_path / "apk"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    text = apk.prepare.replace("/etc/apk/cache", str(tmp_path / "cache"))
    argv = ("sh", "-c", f'{text}\nexec "$@"', "sh", *apk.refresh())
    return subprocess.run(argv, env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, text=True, capture_output=True, check=False)


@pytest.mark.parametrize("apk_version", BOTH)
@pytest.mark.parametrize("name", ["untrusted", "no-local-index"])
def test_an_index_that_can_not_be_used_fails_the_refresh_though_apk_says_0(
    tmp_path: Path, apk_version: str, name: str
) -> None:
    said = RECORDED / f"{apk_version}-{name}.txt"
    ended = prepared(tmp_path, f"cat '{said}' >&2; exit 0")
    assert ended.returncode == 1
    assert ended.stdout == said.read_text()


def test_a_refresh_ends_as_apk_ends(tmp_path: Path) -> None:
    assert prepared(tmp_path, "echo OK: 27 distinct packages available").returncode == 0
    assert prepared(tmp_path, "exit 3").returncode == 3
    assert prepared(tmp_path, 'echo "$1"').stdout == "update\n"


def test_a_mirror_takes_the_place_of_the_official_one(tmp_path: Path) -> None:
    file = tmp_path / "repositories"
    file.write_text(
        "https://a.example/alpine/v3.23/main\n@edge https://a.example/alpine/edge\nhttps://a.example/alpinex/m\n"
    )
    argv = apk.use_mirror("https://a.example/alpine/", "http://b.example/x&y#z/")
    subprocess.run((*argv[:-1], f"{file} {tmp_path}/no*.list"), check=True)
    assert file.read_text().split() == [
        "http://b.example/x&y#z/v3.23/main",
        "@edge",
        "http://b.example/x&y#z/edge",
        "https://a.example/alpinex/m",
    ]


RECORDS = """(1/2) Upgrading lab-lib (1.0-r1 -> 1.1-r1)
(2/2) Installing lab-big (1.0-r1)
OK: 9222 KiB in 19 packages
Name: lab-big
Version: 1.0-r1
Description: lab-big of the lab
Installed-Size: 1048576
File-Size: 1051501
Name: lab-lib
Version: 1.0-r1
Installed-Size: 12
File-Size: 558
Name: lab-lib
Version: 1.1-r1
Installed-Size: 12
File-Size: 555
Provides: cmd:lab=1.1-r1 so:lab.so.1=1 cmd:lab2=1.1-r1"""


def test_a_simulation_has_the_sizes_of_the_index() -> None:
    assert queries.simulate([PackageRef(name="lab-big")]).parse(RECORDS) == (
        Change(action="upgrade", name="lab-lib", version="1.1-r1", size=12, download=555),
        Change(action="install", name="lab-big", version="1.0-r1", size=1048576, download=1051501),
    )


def test_versions_come_newest_first_and_commands_by_their_packages() -> None:
    lines = RECORDS.partition("Name: lab-lib")
    offers = queries.versions("lab-lib").parse(lines[1] + lines[2])
    assert [offer.version for offer in offers] == ["1.1-r1", "1.0-r1"]
    asked = queries.commands_of(["lab-lib"])
    assert asked is not None
    assert Candidate(name="lab-lib", commands=("lab", "lab2")) in asked.parse(RECORDS)


def test_the_index_files_are_read_where_apk_has_no_query(tmp_path: Path) -> None:
    content = b"C:Q1\nP:jq\nV:1.7-r0\nS:9\nI:20\nT:a tool\np:cmd:jq=1.7-r0\n\nC:Q1\nP:other\nV:1\n\n"
    with tarfile.open(tmp_path / "APKINDEX.0.tar.gz", "w:gz") as archive:
        member = tarfile.TarInfo("APKINDEX")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    (tmp_path / "apk").write_text("#!/bin/sh\n[ $1 = query ] && exit 1\necho x86_64\n")
    (tmp_path / "apk").chmod(0o755)
    text = queries.versions("jq").argv[2].replace("/var/cache/apk", str(tmp_path)).replace("/etc/apk", str(tmp_path))
    said = subprocess.run(
        ("sh", "-c", text, "sh", "jq"),
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
    ).stdout
    assert queries.versions("jq").parse(said) == (
        AvailableVersion(name="jq", version="1.7-r0", size=20, download=9, summary="a tool"),
    )
    assert "other" not in said


def test_an_owner_is_a_name_and_a_complaint_is_none() -> None:
    query = queries.owner("/usr/bin/labtool")
    assert query.parse("lab-tool\n") == ("lab-tool",)
    assert query.parse("ERROR: /no: Could not find owner package") == ()


def test_files_get_their_slash() -> None:
    query = apk.files([PackageRef(name="lab-tool")])
    assert query.parse("usr/bin/labtool\n/odd\n") == ("/usr/bin/labtool", "/odd")
