from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.advised import advice_of

from sandbox.core.programs import program
from sandbox.errors import StepFailed, UnknownPackage, UsageError
from sandbox.managers.host_rows import ACCEPTED, accepted_lines
from sandbox.managers.portage import driver as portage
from sandbox.managers.portage import queries
from sandbox.managers.portage.data import DATA
from sandbox.managers.protocol import LISTING, MAX_REFERENCE, Change, Failure, PackageRef

RECORDED = Path(__file__).parent / "recorded" / "portage"
DISTRO = "gentoo latest"


def said(case: str) -> str:
    return (RECORDED / f"{case}.txt").read_text()


def explain(output: str) -> StepFailed:
    failure = Failure(argv=("emerge",), status=1, output=output)
    error = portage.explain(failure, [], distro=DISTRO)
    assert error is not None
    return error


@pytest.mark.parametrize(
    ("text", "name", "version", "atom"),
    [
        ("htop", "htop", None, "htop"),
        ("sys-process/htop", "sys-process/htop", None, "sys-process/htop"),
        ("sys-process/htop=3.2.2", "sys-process/htop", "3.2.2", "=sys-process/htop-3.2.2"),
        ("htop=3.2.2-r1", "htop", "3.2.2-r1", "=htop-3.2.2-r1"),
        ("x11-libs/gtk+:3", "x11-libs/gtk+:3", None, "x11-libs/gtk+:3"),
        ("dev-lang/python:3.12=3.12.4_p1", "dev-lang/python:3.12", "3.12.4_p1", "=dev-lang/python-3.12.4_p1:3.12"),
        ("app-misc/fd::gentoo", "app-misc/fd::gentoo", None, "app-misc/fd::gentoo"),
        ("app-misc/fd::gentoo=1.0_rc1", "app-misc/fd::gentoo", "1.0_rc1", "=app-misc/fd-1.0_rc1::gentoo"),
        ("dev-python/PyQt5", "dev-python/PyQt5", None, "dev-python/PyQt5"),
        ("sys-libs/libstdc++-v3", "sys-libs/libstdc++-v3", None, "sys-libs/libstdc++-v3"),
        ("virtual/jre", "virtual/jre", None, "virtual/jre"),
    ],
)
def test_a_reference_becomes_the_atom_that_emerge_takes(text: str, name: str, version: str | None, atom: str) -> None:
    reference = portage.parse_reference(text)
    assert reference == PackageRef(name=name, version=version)
    assert portage.install([reference])[-1] == atom


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "has no package name"),
        ("=1.0", "has no package name"),
        ("--unmerge", "looks like an option"),
        ("@world", "is a set"),
        ("/usr/bin/htop", "is a path"),
        ("./htop.ebuild", "is a path"),
        ("a/b/c", "at most one slash"),
        ("htop; reboot", "invalid character ';'"),
        ("htop*", "is a pattern"),
        ("htop[x]", "has USE flags in brackets"),
        ("!htop", "begins with !"),
        ("htop\n", "invalid character '\\n'"),
        ("h\u0442op", "invalid character '\\u0442'"),
        ("htop=", "no valid version"),
        ("htop=3.*", "a pattern for a version"),
        ("htop=latest", "no valid version"),
    ],
)
def test_what_is_no_package_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(UsageError) as caught:
        portage.parse_reference(text)
    assert reason in caught.value.brief
    assert caught.value.brief.isprintable()


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("=sys-process/htop-3.2.2", "sys-process/htop=3.2.2"),
        (">=sys-process/htop-3.2.2-r1", "sys-process/htop=3.2.2-r1"),
        ("htop-3.2.2", "htop=3.2.2"),
        ("=dev-lang/python-3.12.4:3.12", "dev-lang/python:3.12=3.12.4"),
    ],
)
def test_an_atom_of_portages_own_is_answered_with_the_command_that_was_meant(text: str, meant: str) -> None:
    with pytest.raises(UsageError) as caught:
        portage.parse_reference(text)
    assert advice_of(caught.value) == (f"sandbox try {meant}",)


@given(st.text(max_size=MAX_REFERENCE + 20))
def test_whatever_is_taken_is_one_harmless_word(text: str) -> None:
    try:
        word = portage.install([portage.parse_reference(text)])[-1]
    except UsageError:
        return
    assert not set(word) - set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+_.-/:=")
    assert word[0] not in "-+./:"


def test_a_host_compiles_and_unmasks_as_its_owner_says() -> None:
    host = (*portage.install([PackageRef(name="htop")]), *portage.environment, *portage.environment.values())
    for word in ("--getbinpkg", "--autounmask", "FEATURES", "sandbox"):
        assert not any(word in part for part in host)


def test_from_source_leaves_the_binary_packages_and_keeps_the_rest() -> None:
    assert portage.from_source is not None
    together = {**portage.throwaway_environment, **portage.from_source}
    assert "--getbinpkg=n" in together["EMERGE_DEFAULT_OPTS"]
    assert portage.UNMASK in together["EMERGE_DEFAULT_OPTS"]
    assert "-network-sandbox" in together["FEATURES"]


def test_download_only_fetches_what_install_would() -> None:
    packages = [PackageRef(name="htop")]
    assert tuple(word for word in portage.download(packages) if word != "--fetchonly") == portage.install(packages)


def test_only_a_purge_takes_changed_configuration() -> None:
    kept, purged = (portage.remove([PackageRef(name="htop")], purge=purge)[0] for purge in (False, True))
    assert "CONFIG_PROTECT=-*" not in kept
    assert "CONFIG_PROTECT=-*" in purged
    assert kept[-1] == purged[-1] == "htop"


@pytest.mark.parametrize(
    ("state", "ran"),
    [
        ("mkdir profiles; touch metadata/timestamp.chk", ""),
        ("mkdir profiles; touch -d '3 days ago' metadata/timestamp.chk", "emerge --sync --quiet"),
        ("mkdir -p profiles .git; touch .git/FETCH_HEAD", ""),
        ("mkdir profiles", "emerge --sync --quiet"),
        ("true", "emerge-webrsync --quiet"),
    ],
)
def test_a_tree_is_fetched_where_there_is_none_and_synced_once_a_day(tmp_path: Path, state: str, ran: str) -> None:
    tree, programs = tmp_path / "tree", tmp_path / "bin"
    (tree / "metadata").mkdir(parents=True)
    programs.mkdir()
    subprocess.run(["sh", "-c", state], cwd=tree, check=True)
    for command in ("emerge", "emerge-webrsync", "portageq"):
        (programs / command).write_text('#!/bin/sh\n[ "${0##*/}" = portageq ] || echo "${0##*/} $*"\n')
        (programs / command).chmod(0o755)
    text = portage.refresh()[2].replace("/var/db/repos/gentoo", str(tree))
    done = subprocess.run(
        ["sh", "-c", text], env={"PATH": f"{programs}:/usr/bin:/bin"}, check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == ran


@pytest.mark.parametrize(
    "mirror", ["http://m/g&$(id)", 'http://m/g"x', "http://m/g\\1", "http://m/g`id`", "http://m/g\nx"]
)
def test_a_mirror_is_never_code(tmp_path: Path, mirror: str) -> None:
    (tmp_path / "binrepos.conf").mkdir()
    repos = tmp_path / "binrepos.conf" / "gentoobinhost.conf"
    repos.write_text("[binhost]\nsync-uri = http://official/releases\n")
    argv = portage.use_mirror("http://official", mirror)
    text = argv[2].replace("/etc/portage", str(tmp_path)).replace("/tmp/binrepos.new", str(tmp_path / "new"))
    subprocess.run(["sh", "-c", text, *argv[3:]], check=True)
    assert repos.read_text().startswith("[binhost]\nsync-uri = http://m/g")
    (line,) = (tmp_path / "make.conf").read_text().splitlines()
    assert line.startswith('GENTOO_MIRRORS="http://m/g')
    assert not set(line.removeprefix('GENTOO_MIRRORS="').removesuffix('"')) & set('"`$\\()')


def recorded_database() -> dict[str, bytes]:
    return {LISTING: (RECORDED / "listing").read_bytes(), portage.WORLD: (RECORDED / "world").read_bytes()}


def test_installed_says_what_portage_recorded() -> None:
    packages = {package.name: package for package in portage.parse_packages(recorded_database())}
    assert packages["app-lab/lab-extra"].size == 1048576
    assert packages["app-lab/lab-extra"].origin == "gentoo"
    assert packages["app-lab/lab-tool"].version == "2.0"
    assert packages["app-lab/lab-tool"].architecture == "x86_64"


def test_slots_of_a_package_are_packages_of_their_own() -> None:
    packages = {package.name: package.version for package in portage.parse_packages(recorded_database())}
    assert (packages["app-lab/lab-slot:1"], packages["app-lab/lab-slot:2"]) == ("1.0", "2.0")


@pytest.mark.parametrize(
    ("line", "explicit"), [("a/b", True), ("a/b:0", True), ("a/b::gentoo", True), ("a/b:2", False), ("a/bb", False)]
)
def test_the_world_file_says_what_was_asked_for(line: str, explicit: bool) -> None:
    listing = b"a/b-1.0-r2/SIZE:x\na/b-1.0-r2/SLOT:0/3\na/-MERGING-c-1/SLOT:0\n"
    (package,) = portage.parse_packages({LISTING: listing, portage.WORLD: f"{line}\n".encode()})
    assert (package.version, package.size, package.explicit) == ("1.0-r2", 0, explicit)


@given(st.binary(max_size=600), st.binary(max_size=200))
def test_garbage_in_the_listing_is_passed_over(listing: bytes, world: bytes) -> None:
    packages = portage.parse_packages({LISTING: listing + b"\na/b-1/SIZE:7\n", portage.WORLD: world})
    assert packages[-1].name == "a/b"


def test_two_thousand_packages_are_read_at_once() -> None:
    listing = b"".join(b"a/b%d-1/%s:1\n" % (n, f) for n in range(2000) for f in (b"SIZE", b"SLOT", b"CHOST"))
    start = time.process_time()
    assert len(portage.parse_packages({LISTING: listing})) == 2000
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    ("case", "cause", "brief"),
    [
        ("unknown", "unknown-package", "gentoo latest has no package lab-tol"),
        ("unknown-two", "unknown-package", "gentoo latest has no package lab-tol"),
        ("unknown-both", "unknown-package", "gentoo latest has no package lab-tol"),
        ("unknown-version", "unknown-version", "gentoo latest has no version 9.9 of lab-tool"),
        ("unknown-slot", "unknown-version", "no slot or repository :9 of app-lab/lab-tool"),
        ("unknown-repository", "unknown-version", "no slot or repository ::nope of app-lab/lab-tool"),
        ("ambiguous", "unknown-package", "several packages named lab-dup"),
        ("ambiguous-version", "unknown-package", "several packages named lab-dup"),
        ("masked", "withheld", "holds lab-post back: masked by package.mask"),
        ("masked-keyword", "withheld", "holds lab-extra back: masked by ~amd64 keyword"),
        ("masked-licence", "withheld", "holds lab-lic back: masked by LabEula license(s)"),
        ("missing-dependency", "conflict", "app-lab/lab-missing-1.0 needs app-lab/nothing-like-it, which"),
        ("required-use", "conflict", "lab-req needs other USE flags"),
        ("blocked", "conflict", "lab-block-1.0 can't be installed"),
        ("slot-conflict", "conflict", "they need different versions of app-lab/lab-tool:0"),
        ("build", "script", "the build of lab-bad-1.0 failed"),
        ("fetch", "mirror", "sent a file for lab-fetch-1.0.tar.gz that differs from its tree"),
        ("no-tree", "mirror", "gentoo latest has no tree of ebuilds"),
        ("not-root", "root", "emerge needs root"),
    ],
)
def test_each_recorded_failure_is_named_by_its_cause(case: str, cause: str, brief: str) -> None:
    error = explain(said(case))
    assert error.cause == cause
    assert brief in error.brief
    assert error.details


@pytest.mark.parametrize(
    ("output", "cause"),
    [
        ("tar: x: Cannot write: No space left on device", "disk"),
        ("portage.exception.InvalidSignature: GnuPG verification failed", "signature"),
        ("wget: unable to resolve host address \u2018m\u2019\n * 20261123 snapshot was not found", "network"),
        ("rsync: getaddrinfo: m 873: Name or service not known", "network"),
        ("Connecting to m:80... failed: Connection refused.", "network"),
        ("rsync error: some files/attrs were not transferred (see previous errors) (code 23)", "mirror"),
        (" * Error: circular dependencies:", "conflict"),
    ],
)
def test_failures_that_could_not_be_recorded_are_known_by_their_words(output: str, cause: str) -> None:
    assert explain(output).cause == cause


def test_a_binhost_that_is_down_is_no_cause_of_another_failure() -> None:
    assert explain(f"{said('binhost-down')}\n{said('build')}").cause == "script"


def test_an_unknown_package_is_named_as_it_was_asked_for() -> None:
    error = explain(said("unknown-both"))
    assert isinstance(error, UnknownPackage)
    assert error.package == "lab-tol"


def test_an_ambiguous_name_comes_with_those_it_may_mean() -> None:
    error = explain(said("ambiguous-version"))
    assert error.details == (("nearest", "app-lab/lab-dup, dev-lab/lab-dup"),)
    assert advice_of(error)[0] == "sandbox try app-lab/lab-dup=1.0 --distro gentoo:latest"


def test_what_emerge_accepted_by_itself_can_be_told() -> None:
    assert accepted_lines(said("unmasked").splitlines()) == (
        "package.accept_keywords =app-lab/lab-extra-1.0 ~amd64",
        "package.license >=app-lab/lab-lic-1.0 LabEula",
        "package.use >=app-lab/lab-tool-2.0 extra",
    )
    shown = [portage.progress(line) for line in said("unmask").splitlines()]
    assert "Unmasking =app-lab/lab-extra-1.0 ~amd64" in shown
    assert "Unmasking >=app-lab/lab-lic-1.0 LabEula" in shown


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (">>> Emerging (1 of 2) app-lab/lab-lib-1.1::gentoo", "Emerging lab-lib-1.1, 1 of 2"),
        (">>> Emerging binary (1 of 2) app-lab/lab-lib-1.1::gentoo", "Emerging binary lab-lib-1.1, 1 of 2"),
        (">>> Fetching (2 of 2) app-lab/lab-tool-2.0::gentoo", "Fetching lab-tool-2.0, 2 of 2"),
        (">>> Unmerging (1 of 1) app-lab/lab-tool-1.0...", "Unmerging lab-tool-1.0, 1 of 1"),
        (" * Fetching most recent snapshot ...", "Fetching most recent snapshot"),
        (">>> Verifying ebuild manifests", None),
        ("    =app-lab/lab-tool-1.0 (Argument)", None),
    ],
)
def test_progress_is_short_and_noise_is_none(line: str, shown: str | None) -> None:
    assert portage.progress(line) == shown


def test_a_simulation_is_read_with_its_downloads() -> None:
    changes = queries.simulate([]).parse(said("simulate"))
    assert {(change.name, change.version, change.action) for change in changes} == {
        ("app-lab/lab-lib", "1.1", "install"),
        ("app-lab/lab-extra", "1.0", "install"),
        ("app-lab/lab-slot", "1.0", "install"),
        ("app-lab/lab-tool", "2.0", "install"),
    }
    line = '[binary   R   *] dev-lang/python-3.12.4_p1:3.12::gentoo  USE="ssl -test" 1,234 KiB'
    assert queries.simulate([]).parse(line) == (
        Change(action="install", name="dev-lang/python", version="3.12.4_p1", download=1234 * 1024),
    )


@pytest.mark.parametrize(("case", "action"), [("simulate-downgrade", "downgrade"), ("simulate-upgrade", "upgrade")])
def test_a_simulation_tells_up_from_down(case: str, action: str) -> None:
    assert queries.simulate([]).parse(said(case))[-1].action == action


def test_an_owner_is_named_without_its_version() -> None:
    assert queries.owner("/usr/bin/labtool").parse(said("owners")) == ("app-lab/lab-tool",)


def test_versions_come_newest_first() -> None:
    offers = queries.versions("lab-tool").parse(said("versions"))
    assert [(offer.name, offer.version, offer.summary) for offer in offers] == [
        ("app-lab/lab-tool", "2.0", "lab tool"),
        ("app-lab/lab-tool", "1.0", "lab tool"),
    ]


def test_versions_are_ordered_as_the_specification_says() -> None:
    ordered = ["1.10", "1.9", "1.0.1", "1.0a", "1.0_p1", "1.0-r1", "1.0", "1.0_rc2", "1.0_rc1", "1.0_alpha", "9999"]
    output = "\n".join(f"gentoo/a/b/b-{version}.ebuild" for version in sorted(ordered))
    assert [offer.version for offer in queries.versions("b").parse(output)] == ordered


def test_names_have_their_category() -> None:
    names = queries.names().parse(said("names"))
    assert {"app-lab/lab-tool", "dev-lab/lab-dup"} <= set(names)


def test_files_are_paths_with_blanks_too() -> None:
    output = (
        "dir /usr\nobj /usr/share/a b 5f6504921e06a3a59b15b84dd4ebee83 1795462548\nsym /usr/bin/x -> y 1795462548\n"
    )
    assert portage.files([]).parse(output) == ("/usr/share/a b", "/usr/bin/x")


def test_files_of_a_package_are_not_those_of_one_whose_name_begins_alike(tmp_path: Path) -> None:
    for folder in ("a/fd-1.0-r1", "a/fd-2x-1.0", "a/fdm-1.0", "b/fd-9"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "CONTENTS").write_text(f"obj /{folder} 00 1\n")
    text = program("sandbox.managers.portage", "files.sh").replace("/var/db/pkg", str(tmp_path))

    def files(*names: str) -> tuple[str, ...]:
        done = subprocess.run(["sh", "-c", text, "sh", *names], check=True, capture_output=True, text=True)
        return portage.paths(done.stdout)

    assert files("a/fd") == ("/a/fd-1.0-r1",)
    assert files("fd") == ("/a/fd-1.0-r1", "/b/fd-9")
    assert files("a/fd-2x", "nope") == ("/a/fd-2x-1.0",)


HOSTILE_LINES = [
    "package.mask a/b",
    "package.use ../b x",
    "../../x a/b c",
    "package.license $(id)",
    "package.use a/b\nx",
    "",
]


@pytest.mark.parametrize("line", HOSTILE_LINES)
def test_a_line_that_is_none_of_portages_is_passed_over(line: str) -> None:
    assert accepted_lines([line]) == ()


def test_what_was_accepted_is_written_once_where_files_and_where_folders_are_used(tmp_path: Path) -> None:
    (tmp_path / "package.use").write_text("a/b c\n")
    text = DATA.host().accept.replace("/etc/portage", str(tmp_path))
    lines = ["package.use a/b c", "package.use >=d/e-1 f", "package.license >=d/e-1 Eula"]
    assert all(map(ACCEPTED.fullmatch, lines))
    for _ in range(2):
        subprocess.run(["sh", "-c", text, "sh", *lines], check=True)
    assert (tmp_path / "package.use").read_text() == "a/b c\n>=d/e-1 f\n"
    assert (tmp_path / "package.license" / "sandbox-promote").read_text() == ">=d/e-1 Eula\n"


def test_what_packages_need_is_told_by_names_without_versions() -> None:
    asked = queries.facts(["app-misc/jq"])
    assert asked is not None
    text = "N app-misc/jq-1.7.1-r2\nD >=dev-libs/oniguruma-6.1.3:= || ( virtual/libc sys-libs/glibc-2.38-r10 )\nL MIT\n"
    (fact,) = asked.parse(text)
    assert (fact.name, fact.licence) == ("app-misc/jq", "MIT")
    assert fact.needs == ("dev-libs/oniguruma", "virtual/libc", "sys-libs/glibc")


def test_what_it_says_of_its_own_settings_is_no_evidence_of_a_failure() -> None:
    noise = "!!! Section 'lab' in repos.conf has location attribute set to nonexistent directory: '/x'"
    error = explain(f"{noise}\n!!! copy /a -> /b failed: [Errno 28] No space left on device\n")
    assert "No space left" in str(error.details)
    assert "Section" not in str(error.details)
