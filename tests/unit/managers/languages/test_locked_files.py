"""The files that languages' packages come as: what is asked for, and what is read of what came."""

from __future__ import annotations

import base64

import pytest

from sandbox.errors import UsageError
from sandbox.managers.languages.locked_files import LanguageFile
from sandbox.managers.languages.locking import fetch_commands, files_of
from sandbox.managers.languages.npm import files as npm_files
from sandbox.managers.languages.pip import files as pip_files
from sandbox.managers.protocol import PackageRef
from sandbox.managers.registry import language_of

PIP, NPM = language_of("pip"), language_of("npm")
HTTPIE = PackageRef(name="httpie", version="3.2.2", source="pip")
WHEEL = LanguageFile(
    root="pip:httpie", name="charset-normalizer", version="3.5.2", size=7, digest=f"sha256:{'ab' * 32}"
)
SUM = "cd" * 64
TARBALL = LanguageFile(
    root="npm:@s/x",
    name="node_modules/a/node_modules/@b/c",
    version="1.0.0",
    size=9,
    digest=f"sha512-{base64.b64encode(bytes.fromhex(SUM)).decode()}",
)


def bare(files: tuple[LanguageFile, ...]) -> list[tuple[str, str, str, int, str]]:
    return [(row.root, row.name, row.version, row.size, row.digest) for row in files]


def test_a_wheel_is_read_by_its_name() -> None:
    place = f"{pip_files.FOLDER}/httpie/charset_normalizer-3.5.2-cp311-cp311-manylinux_2_17_x86_64.whl"
    found = pip_files.list_stored.parse(f"{'ab' * 32} 7 {place}\n")
    assert bare(found) == bare((WHEEL,))
    assert found[0].path == place


@pytest.mark.parametrize(
    "line",
    [
        "",
        "no sum 7 /x",
        f"{'ab' * 32} 7 /etc/passwd",
        f"{'ab' * 32} 7 {pip_files.FOLDER}/httpie/no-wheel.tar.gz",
        f"{'ab' * 32} 7 {pip_files.FOLDER}/../x/a-1-py3-none-any.whl",
    ],
)
def test_what_is_no_wheel_of_ours_is_passed_over(line: str) -> None:
    assert pip_files.list_stored.parse(line) == ()


def test_wheels_are_asked_for_by_their_hashes() -> None:
    argv, stdin = pip_files.fetch([WHEEL])
    assert stdin == f"httpie charset-normalizer==3.5.2 --hash=sha256:{'ab' * 32}\n".encode()
    assert argv[-1] == "httpie"


def test_a_tarball_is_told_by_its_sum_and_stands_where_npm_put_it() -> None:
    _, stdin = npm_files.fetch([TARBALL])
    assert stdin == f"@s/x node_modules/a/node_modules/@b/c 1.0.0 {SUM}\n".encode()
    output = f"{SUM} 9 {npm_files.FOLDER}/{SUM}.tgz\nat {stdin.decode()}"
    assert bare(npm_files.list_stored.parse(output)) == bare((TARBALL,))


@pytest.mark.parametrize("place", ["node_modules/../../etc", "/etc", "node_modules/a/lib"])
def test_a_place_that_is_no_packages_is_passed_over(place: str) -> None:
    assert npm_files.list_stored.parse(f"{SUM} 9 /x.tgz\nat x {place} 1.0.0 {SUM}\n") == ()


def test_a_tarball_that_did_not_come_is_not_there() -> None:
    assert npm_files.list_stored.parse(f"at x node_modules/x 1.0.0 {SUM}\n") == ()


def test_what_is_locked_is_fetched_as_it_is_and_the_rest_resolved() -> None:
    other = PackageRef(name="cowsay", source="pip")
    (resolve, nothing), (fetch, wanted) = fetch_commands(PIP, [HTTPIE, other], [WHEEL, TARBALL], replay=False)
    assert (resolve[-1], nothing) == ("cowsay", None)
    assert (fetch, wanted) == pip_files.fetch([WHEEL])


def test_a_replay_fetches_nothing() -> None:
    assert fetch_commands(PIP, [HTTPIE], [WHEEL], replay=True) == ()
    ref = PackageRef(name="@s/x", source="npm")
    ((argv, _),) = fetch_commands(NPM, [ref], [TARBALL], replay=True)
    assert argv[-1] == "bring"


@pytest.mark.parametrize("name", ["cargo", "gem", "go"])
def test_a_language_that_can_not_be_locked_says_why(name: str) -> None:
    with pytest.raises(UsageError, match=f"packages of {name} can't be locked: .*{name}"):
        files_of(language_of(name))  # type: ignore[arg-type]


def test_wheels_are_installed_from_their_folder_in_the_version_that_is_asked_for() -> None:
    argv = pip_files.install([HTTPIE, PackageRef(name="cowsay", source="pip")])
    assert argv[-3:] == (pip_files.FOLDER, "httpie==3.2.2", "cowsay")
