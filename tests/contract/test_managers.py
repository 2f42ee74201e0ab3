"""Every package manager of the registry, against the same claims."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any, Final

import pytest

from sandbox.errors import UsageError
from sandbox.managers.protocol import LISTING, Failure, Manager, PackageRef, Query
from sandbox.managers.registry import NAMES, manager_of, queries_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.managers.queries import Queries
    from sandbox.managers.registry import ManagerName

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


@pytest.fixture(params=NAMES)
def manager(request: pytest.FixtureRequest) -> Manager:
    return manager_of(request.param)


@pytest.fixture
def queries(manager: Manager) -> Queries:
    return queries_of(next(name for name in NAMES if name == manager.name))


def asked(manager: Manager, queries: Queries) -> list[Query[Any]]:
    """Return one question of each kind."""
    return [
        manager.files(TOOLS),
        queries.simulate(TOOLS),
        queries.owner("/usr/bin/htop"),
        queries.provides("htop"),
        queries.versions("htop"),
        queries.names(),
        queries.simulate_recommends(TOOLS),
        *([query] if (query := queries.commands_of(["htop"])) else []),
        *([more] if (more := queries.choices(["htop"])) else []),
        *([said] if (said := queries.facts(["htop"])) else []),
        *([places] if (places := queries.repositories()) else []),
    ]


NO_ANSWER: Final[Mapping[ManagerName, str]] = {
    "apt": "",
    "dnf4": "choices",
    "dnf5": "choices",
    "zypper": "choices commands_of",
    "microdnf": "choices repositories commands_of",
    "tdnf": "choices repositories commands_of",
    "yum": "choices repositories commands_of",
    "portage": "repositories commands_of",
    "nix": "choices facts repositories commands_of",
    "apk": "",
    "pacman": "choices",
    "xbps": "choices repositories",
}
"""The questions that are not put to each manager, as it has no answer."""


def test_exactly_those_questions_are_not_asked_that_a_manager_has_no_answer_to(
    manager: Manager, queries: Queries
) -> None:
    put = {
        "choices": queries.choices(["htop"]),
        "facts": queries.facts(["htop"]),
        "repositories": queries.repositories(),
        "commands_of": queries.commands_of(["htop"]),
    }
    silent = {question for question, query in put.items() if query is None}
    assert {manager.name: " ".join(sorted(silent))} == {
        name: " ".join(sorted(words.split())) for name, words in NO_ANSWER.items() if name == manager.name
    }


def test_it_stands_in_the_registry_under_its_own_name(manager: Manager) -> None:
    assert manager.name in NAMES


def test_every_argv_is_a_tuple_of_words(manager: Manager, queries: Queries) -> None:
    argvs = [
        manager.refresh(),
        manager.install(TOOLS),
        manager.install(TOOLS, recommends=True),
        manager.download(TOOLS),
        *manager.remove(TOOLS),
        *manager.remove(TOOLS, purge=True),
        *manager.is_installed(TOOLS[0]),
        *(query.argv for query in asked(manager, queries)),
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


def test_the_throwaway_environment_is_not_what_a_host_has(manager: Manager) -> None:
    assert not manager.throwaway_environment.keys() & manager.environment.keys()
    assert not (manager.from_source or {}).keys() & manager.environment.keys()


def test_no_command_itself_leaves_it_to_the_kernel_when_files_reach_the_disk(manager: Manager) -> None:
    words = [*manager.throwaway, *manager.install(TOOLS), *manager.download(TOOLS), *manager.refresh(), manager.prepare]
    values = [*words, *manager.environment.values(), *manager.throwaway_environment.values()]
    assert not [word for word in values if "unsafe-io" in word or "DPKG_FORCE" in word or "APT_CONFIG" in word]
    assert not manager.unsynced_environment.keys() & {*manager.environment, *manager.throwaway_environment}


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_are_refused_before_anything_runs(manager: Manager, text: str) -> None:
    with pytest.raises(UsageError) as caught:
        manager.parse_reference(text)
    assert caught.value.brief.isprintable()
    assert len(caught.value.brief) < 300


def test_a_plain_name_is_taken(manager: Manager) -> None:
    assert manager.parse_reference("htop") == PackageRef(name="htop")


def test_files_are_named_by_absolute_paths(manager: Manager) -> None:
    assert manager.database or manager.listing
    assert manager.state_files
    assert all(path.startswith("/") for path in (*manager.database, *manager.state_files, *manager.index))


def test_an_absent_or_damaged_database_holds_no_packages(manager: Manager) -> None:
    assert manager.parse_packages({}) == ()
    assert manager.parse_packages(dict.fromkeys((*manager.database, LISTING), b"\xff\x00garbage\n\n\n")) == ()


def test_words_that_are_not_known_give_no_error_of_ours(manager: Manager) -> None:
    failure = Failure(argv=manager.refresh(), status=1, output="something else entirely")
    assert manager.explain(failure, TOOLS, distro="debian bookworm") is None


@pytest.mark.parametrize("line", ["", " ", "\x1b[31m", "something else entirely", "a" * 10_000])
def test_noise_is_no_progress(manager: Manager, line: str) -> None:
    assert manager.progress(line) is None


@pytest.mark.parametrize("output", ["", "\n\n", "\x1b[31m\x00", "something else: entirely [x] (y)\n\tz\n", "=" * 5000])
def test_a_question_takes_any_answer(manager: Manager, queries: Queries, output: str) -> None:
    for query in asked(manager, queries):
        assert isinstance(query.parse(output), tuple)


def test_shell_text_is_valid_posix(manager: Manager, queries: Queries) -> None:
    argvs = [manager.refresh(), *manager.remove(TOOLS), *(query.argv for query in asked(manager, queries))]
    texts = [argv[2] for argv in argvs if argv[:2] == ("sh", "-c")]
    for text in [*texts, manager.listing, manager.prepare, manager.keep_docs]:
        subprocess.run(["sh", "-n"], input=text, text=True, check=True)


def test_recommended_packages_come_only_when_they_are_asked_for(manager: Manager) -> None:
    assert manager.install(TOOLS) == manager.install(TOOLS, recommends=False)
    assert manager.download(TOOLS) == manager.download(TOOLS, recommends=False)
