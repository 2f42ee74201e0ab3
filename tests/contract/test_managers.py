"""Every package manager of the registry, against the same claims."""

from __future__ import annotations

import subprocess

import pytest

from sandbox.errors import UsageError
from sandbox.managers import MANAGERS
from sandbox.managers.base import Failure, Manager, PackageRef

TOOLS = [PackageRef(name="htop"), PackageRef(name="jq", version="1.6")]
HOSTILE = (
    "",
    "--force",
    "$(id)",
    "htop; rm -rf /",
    "`id`",
    "a\nb",
    "a" * 10_000,
    "htop|sh",
    "h\x00top",
    "&",
    "*",
    "\u0445",
)


@pytest.fixture(params=sorted(MANAGERS))
def manager(request: pytest.FixtureRequest) -> Manager:
    return MANAGERS[request.param]


def test_it_stands_in_the_registry_under_its_own_name(manager: Manager) -> None:
    assert MANAGERS[manager.name] is manager


def test_every_argv_is_a_tuple_of_words(manager: Manager) -> None:
    argvs = [
        manager.refresh(),
        manager.install(TOOLS),
        manager.install(TOOLS, recommends=True),
        manager.download(TOOLS),
        manager.list_names(),
        manager.commands_of(["htop"]) or ("none",),
        *manager.is_installed(TOOLS[0]),
    ]
    for argv in argvs:
        assert isinstance(argv, tuple)
        assert argv
        assert all(word and "\0" not in word for word in argv)


def test_install_ends_with_the_packages_in_their_order(manager: Manager) -> None:
    first, second = manager.install(TOOLS)[-2:]
    assert "htop" in first
    assert "jq" in second
    assert "1.6" in second


def test_the_same_packages_give_the_same_argv(manager: Manager) -> None:
    assert manager.install(TOOLS) == manager.install(tuple(TOOLS))


def test_throwaway_options_are_not_in_what_a_host_runs(manager: Manager) -> None:
    values = {word for word in manager.throwaway if not word.startswith("-o")}
    assert not values & set(manager.install(TOOLS))
    assert not values & set(manager.refresh())


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_are_refused_before_anything_runs(manager: Manager, text: str) -> None:
    with pytest.raises(UsageError) as caught:
        manager.parse_reference(text)
    assert caught.value.brief.isprintable()
    assert len(caught.value.brief) < 300


def test_a_plain_name_is_taken(manager: Manager) -> None:
    assert manager.parse_reference("htop") == PackageRef(name="htop")


def test_files_are_named_by_absolute_paths(manager: Manager) -> None:
    assert manager.database
    assert all(path.startswith("/") for path in (*manager.database, *manager.index))


def test_an_absent_or_damaged_database_holds_no_packages(manager: Manager) -> None:
    assert manager.installed({}) == ()
    assert manager.installed(dict.fromkeys(manager.database, b"\xff\x00garbage\n\n\n")) == ()


def test_words_that_are_not_known_give_no_error_of_ours(manager: Manager) -> None:
    failure = Failure(argv=manager.refresh(), status=1, output="something else entirely")
    assert manager.explain(failure, TOOLS, distro="debian bookworm") is None


@pytest.mark.parametrize("line", ["", " ", "\x1b[31m", "something else entirely", "a" * 10_000])
def test_noise_is_no_progress(manager: Manager, line: str) -> None:
    assert manager.progress(line) is None


def test_shell_text_is_valid_posix(manager: Manager) -> None:
    argv = manager.commands_of(["htop"])
    if argv is not None and argv[:2] == ("sh", "-c"):
        subprocess.run(["sh", "-n"], input=argv[2], text=True, check=True)
