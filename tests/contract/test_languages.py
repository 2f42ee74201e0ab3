"""Every language's package manager of the registry, against the same claims."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.container.languages import every_language
from sandbox.errors import UsageError
from sandbox.managers.counterparts import family_of
from sandbox.managers.error_patterns import complaint
from sandbox.managers.languages.base import LanguageData
from sandbox.managers.languages.locking import files_of
from sandbox.managers.protocol import Failure, PackageRef
from sandbox.managers.registry import (
    LANGUAGES,
    NAMES,
    PROGRAMS,
    data_of,
    language_family,
    language_of,
    manager_of,
    parse_reference,
    runtime_packages,
)

if TYPE_CHECKING:
    from sandbox.managers.languages.base import LanguageManager

NAMED: Final = {
    "pip": ("httpie", "3.2.2"),
    "npm": ("@angular/cli", "22.2.7"),
    "cargo": ("ripgrep", "14.1.1"),
    "gem": ("lolcat", "100.0.1"),
    "go": ("github.com/junegunn/fzf", "v0.55.0"),
    "luarocks": ("luasocket", "3.1.0-1"),
}
"""A package of each and one of its versions."""

TESTED: Final = (Path(__file__).parents[2] / "docs/evidence/tested.md").read_text()

HOSTILE = (
    "",
    "--force",
    "-r/etc/passwd",
    "$(id)",
    "x; rm -rf /",
    "`id`",
    "a\nb",
    "a" * 10_000,
    "x|sh",
    "x\x00y",
    "&",
    "*",
    "\u0445",
    "../../etc/passwd",
    "/etc/passwd",
    "https://example.com/x.tar.gz",
    "git+https://example.com/x",
    "file:///etc/passwd",
    "x=",
    "x=1 2",
    "x=$(id)",
    "x=1\n",
)


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> LanguageManager:
    return language_of(request.param)


@pytest.fixture
def packages(language: LanguageManager) -> list[PackageRef]:
    """Return a package without a version and the same with one."""
    name, version = NAMED[language.name]
    return [PackageRef(name=name, version=pin, source=language.name) for pin in (None, version)]


def test_it_stands_in_the_registry_under_its_own_name(language: LanguageManager) -> None:
    assert language.name in LANGUAGES


def test_what_was_not_run_is_said(language: LanguageManager) -> None:
    assert ("which the project's machines can't reach" in " ".join((language.__doc__ or "").split())) == (
        language.support == "lab"
    )
    told = next(item for item in TESTED.split("\n- ") if "small registries of this project" in " ".join(item.split()))
    assert (language.name in re.findall("[a-z]+", told.partition("packages")[0])) == (language.support == "lab")


def test_no_distros_manager_has_its_name() -> None:
    assert not set(LANGUAGES) & set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_distros_packages_that_bring_it_are_known(language: LanguageManager, name: str) -> None:
    manager = manager_of(next(known for known in NAMES if known == name))
    needed = runtime_packages([language], manager, [])
    assert needed
    assert runtime_packages([language], manager, needed) == ()


def test_a_reference_is_read_back_as_it_is_written(language: LanguageManager, packages: list[PackageRef]) -> None:
    for ref in packages:
        assert ref.text.startswith(f"{language.name}:")
        assert parse_reference(ref.text, manager_of(NAMES[0])) == ref


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_are_refused_before_anything_runs(language: LanguageManager, text: str) -> None:
    with pytest.raises(UsageError) as caught:
        language.parse_reference(text)
    assert caught.value.brief.isprintable()
    assert caught.value.brief.isascii()
    assert len(caught.value.brief) < 300


def test_every_argv_is_a_tuple_of_words(language: LanguageManager, packages: list[PackageRef]) -> None:
    argvs = [language.install(packages), *language.remove(packages), *language.is_installed(packages[1])]
    for argv in argvs:
        assert isinstance(argv, tuple)
        assert all("\0" not in word for word in argv)


def test_install_ends_with_the_packages_in_their_order(language: LanguageManager, packages: list[PackageRef]) -> None:
    name, version = NAMED[language.name]
    first, second = language.install(packages)[-2:]
    assert first.startswith(name)
    assert version not in first
    assert second.startswith(name)
    assert second.endswith(version)


def test_paths_that_change_are_absolute(language: LanguageManager) -> None:
    assert language.state_files
    assert all(path.startswith("/") for path in language.state_files)


def test_its_programs_are_known_without_importing_it(language: LanguageManager) -> None:
    assert language.programs
    assert set(language.programs) <= PROGRAMS
    assert {name for known in every_language() for name in known.programs} == PROGRAMS


def test_shell_text_is_valid_posix(language: LanguageManager, packages: list[PackageRef]) -> None:
    argvs = [language.install(packages), *language.remove(packages), *language.is_installed(packages[1])]
    for text in [language.listing(), *(argv[2] for argv in argvs if argv[:2] == ("sh", "-c"))]:
        subprocess.run(["sh", "-n"], input=text, text=True, check=True)


def test_where_nothing_is_installed_the_listing_has_no_package(language: LanguageManager) -> None:
    done = subprocess.run(
        ["sh", "-c", language.listing().replace("/root", "/nonexistent").replace("/usr", "/nonexistent")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""


@given(st.text())
def test_a_listing_of_any_kind_is_read(output: str) -> None:
    for language in every_language():
        assert isinstance(language.parse_packages(output), tuple)


def test_words_that_are_not_known_give_no_error_of_ours(language: LanguageManager, packages: list[PackageRef]) -> None:
    failure = Failure(argv=language.install(packages), status=1, output="something else entirely")
    assert language.explain(failure, packages, distro="debian bookworm") is None


def test_a_full_disk_is_no_fault_of_a_package(language: LanguageManager, packages: list[PackageRef]) -> None:
    failure = Failure(argv=language.install(packages), status=1, output="write: No space left on device")
    error = language.explain(failure, packages, distro="debian bookworm")
    assert error is not None
    assert error.cause == "disk"


@pytest.mark.parametrize("line", ["", " ", "\x1b[31m", "something else entirely", "a" * 10_000])
def test_noise_is_no_progress(language: LanguageManager, line: str) -> None:
    assert language.progress(line) is None


def test_its_complaints_have_valid_patterns_and_words(language: LanguageManager) -> None:
    for row in vars(language)["COMPLAINTS"]:
        known = complaint(*row)
        words = (text for hint in known.hints for text in (*hint.argv, hint.before, hint.after))
        for text in (known.brief, *words):
            text.format("x", distro="debian bookworm", option="debian:bookworm")


def test_the_distros_package_of_the_same_name_is_not_the_languages(language: LanguageManager) -> None:
    assert parse_reference(language.name, manager_of("apt")) == PackageRef(name=language.name)


def test_its_packages_can_be_locked_or_it_is_said_why_not(language: LanguageManager) -> None:
    found = language_family(next(name for name in LANGUAGES if name == language.name)).files()
    if not isinstance(found, str):
        assert files_of(language).name == language.name
        return
    assert found
    with pytest.raises(UsageError) as caught:
        files_of(language)
    assert found in caught.value.brief


def test_its_data_is_whole(language: LanguageManager) -> None:
    data = language_family(next(name for name in LANGUAGES if name == language.name)).data()
    assert LanguageData.__struct_defaults__ == ()
    assert {family_of(name) for name in NAMES if language.name not in data_of(name).runtimes} <= set(data.runtime)
    assert data.state_paths
    assert all(path.startswith("/") for path in data.state_paths)
