"""What each package manager says of itself, field by field: nothing is missing, and empty is only what may be."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import asdict

from sandbox.inspect.locations import TOPS, event_of, finding_kind, is_keyring
from sandbox.managers import registry
from sandbox.managers.config_files import ConfigLocation, place_of
from sandbox.managers.data import (
    DownloadCache,
    DryRun,
    ExactInstall,
    History,
    HostManager,
    ManagerData,
    PinFile,
    Shortcuts,
)
from sandbox.managers.package_files import downloads
from sandbox.managers.registry import LANGUAGES, NAMES, ManagerName, data_of, language_family, manager_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

EMPTY: Final[Mapping[ManagerName, str]] = {
    "apt": """
        store_paths drop_ins runtimes host.blocked host.saved host.before_install host.accepted
        host.accept
    """,
    "dnf4": """
        recommended
        hold unhold hold_check
        store_paths drop_ins runtimes history shortcuts add_architecture host.uninstall_foreign
        host.leftovers host.purge host.purge_scripts host.before_install host.settle host.accepted
        host.accept host.ansible_options
    """,
    "dnf5": """
        recommended
        hold unhold hold_check
        store_paths drop_ins runtimes history shortcuts add_architecture host.uninstall_foreign
        host.leftovers host.purge host.purge_scripts host.before_install host.settle host.accepted
        host.accept host.ansible_options
    """,
    "zypper": """
        recommended
        hold unhold hold_check
        store_paths drop_ins runtimes history shortcuts add_architecture host.uninstall_foreign
        host.leftovers host.purge host.purge_scripts host.settle host.accepted host.accept
        host.ansible_options host.ansible_recommends
    """,
    "microdnf": """
        index_folders
        recommended
        hold unhold hold_check
        store_paths drop_ins runtimes history shortcuts add_architecture host.uninstall_foreign
        host.automatic host.mark host.unmark host.leftovers host.purge host.purge_scripts
        host.before_install host.settle host.accepted host.accept host.ansible_options
    """,
    "tdnf": """
        index_folders
        recommended
        hold unhold hold_check
        store_paths drop_ins history shortcuts add_architecture host.uninstall_foreign host.automatic
        host.mark host.unmark host.leftovers host.purge host.purge_scripts host.before_install
        host.settle host.accepted host.accept host.ansible_options host.ansible_recommends
    """,
    "yum": """
        index_folders
        recommended
        hold unhold hold_check
        store_paths drop_ins runtimes history shortcuts add_architecture host.uninstall_foreign
        host.automatic host.mark host.unmark host.leftovers host.purge host.purge_scripts
        host.before_install host.settle host.accepted host.accept host.ansible_options
        host.ansible_recommends
    """,
    "portage": """
        index_folders
        recommended
        providers
        hand_state hand_kinds hold unhold hold_check
        store_paths scripts runtimes history shortcuts add_architecture host.uninstall
        host.uninstall_foreign host.blocked host.leftovers host.purge host.purge_scripts
        host.before_install host.settle host.ansible_recommends host.pin
    """,
    "nix": """
        index_folders
        screen
        recommended
        providers
        hand_state hand_kinds hold unhold hold_check owned_files
        scripts drop_ins findings runtimes history shortcuts add_architecture host.uninstall
        host.uninstall_foreign host.automatic host.mark host.unmark host.blocked host.files host.owner
        host.leftovers host.purge host.purge_scripts host.saved host.before_install host.settle
        host.accepted host.accept host.ansible_options host.ansible_recommends host.pin
    """,
    "apk": """
        recommended
        hand_kinds hold unhold hold_check
        store_paths scripts drop_ins runtimes history shortcuts add_architecture host.uninstall
        host.uninstall_foreign host.blocked host.leftovers host.purge host.purge_scripts
        host.before_install host.settle host.accepted host.accept host.ansible_recommends
    """,
    "pacman": """
        recommended
        providers
        hold unhold hold_check
        store_paths runtimes history add_architecture host.uninstall host.uninstall_foreign
        host.blocked host.leftovers host.purge host.purge_scripts host.before_install host.settle
        host.accepted host.accept host.ansible_recommends host.pin
    """,
    "xbps": """
        index_folders
        recommended
        providers
        store_paths scripts drop_ins runtimes history shortcuts add_architecture host.uninstall
        host.uninstall_foreign host.blocked host.leftovers host.purge host.purge_scripts
        host.before_install host.settle host.accepted host.accept host.ansible_recommends host.pin
    """,
}
"""The fields that are empty for each manager, as it has no such thing; every other is filled."""


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> ManagerName:
    found: ManagerName = request.param
    return found


@pytest.fixture
def data(name: ManagerName) -> ManagerData:
    return data_of(name)


def rows(data: ManagerData) -> Iterator[tuple[str, object]]:
    """Yield every field with its dotted name; a yes or no is never empty."""
    for key, value in asdict(data).items():
        if key == "host":
            yield from ((f"host.{inner}", found) for inner, found in asdict(data.host()).items())
        elif not isinstance(value, bool):
            yield key, value


def test_no_field_of_what_a_manager_says_has_a_default() -> None:
    for kind in (ManagerData, HostManager, DryRun, DownloadCache, PinFile, ExactInstall, History, Shortcuts):
        assert kind.__struct_defaults__ == ()


def test_exactly_those_fields_are_empty_that_a_manager_has_nothing_to_say_in(
    name: ManagerName, data: ManagerData
) -> None:
    empty = {key for key, value in rows(data) if not value}
    assert empty == set(EMPTY[name].split())


def test_the_families_programs_are_plain_words(data: ManagerData) -> None:
    assert all(re.fullmatch(r"[a-z0-9-]+", word) for word in (data.family, *data.programs))


def test_paths_are_absolute_and_stand_once(data: ManagerData) -> None:
    paths = (*data.state_paths, *data.store_paths, *(data.history.paths if data.history else ()))
    settings = tuple(place.path for place in data.settings)
    assert all(path.startswith("/") and not path.endswith("/") for path in (*paths, *settings, *data.drop_ins))
    assert len(set(paths)) == len(paths)
    assert len(set(settings)) == len(settings)


def test_what_a_transaction_changes_are_its_books(name: ManagerName, data: ManagerData) -> None:
    books = [path.rstrip("*") for path in data.state_paths]
    changed = manager_of(name).state_files
    assert [path for path in changed if not path.startswith(tuple(books))] == []


def test_its_repositories_are_among_its_settings(data: ManagerData) -> None:
    assert any(place.kind == "repository" for place in data.settings)
    assert all(isinstance(place, ConfigLocation) for place in data.settings)


def test_drop_ins_are_of_files_of_its_settings_and_find_nothing_where_nothing_changed(data: ManagerData) -> None:
    for path, form in data.drop_ins.items():
        assert place_of(data.settings, path) is not None
        assert form("", "") == ()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/etc/apt/sources.list", "repositories"),
        ("/etc/apt/sources.list.d/x", "repositories"),
        ("/etc/yum.repos.d/x.repo", "repositories"),
        ("/etc/zypp/repos.d/x.repo", "repositories"),
        ("/etc/apk/repositories", "repositories"),
        ("/etc/apk/repositories.d/x", "repositories"),
        ("/etc/pacman.conf", "repositories"),
        ("/etc/xbps.d/x", "repositories"),
        ("/usr/share/xbps.d/x", "repositories"),
        ("/etc/apt/trusted.gpg", "keys"),
        ("/etc/apt/trusted.gpg.d/x", "keys"),
        ("/etc/apk/keys/x", "keys"),
        ("/usr/share/pacman/keyrings/x", "keys"),
        ("/etc/apt/apt.conf.d/x", "events"),
        ("/etc/dpkg/dpkg.cfg.d/x", "events"),
        ("/etc/pacman.d/hooks/x", "events"),
        ("/usr/share/libalpm/hooks/x", "events"),
        ("/etc/apk/commit_hooks.d/x", "events"),
        ("/etc/dnf/plugins/x", "events"),
    ],
)
def test_a_managers_own_files_are_findings_wherever_they_are(path: str, kind: str) -> None:
    assert finding_kind(path) == kind
    assert event_of(path) == ("the package manager" if kind == "events" else "")


@pytest.mark.parametrize(
    "path",
    [
        "/etc/apt/keyrings/x",
        "/usr/share/keyrings/x",
        "/etc/pki/rpm-gpg/x",
        "/usr/share/distribution-gpg-keys/x",
    ],
)
def test_a_key_ring_is_a_finding_only_once_a_source_names_it(path: str) -> None:
    assert is_keyring(path)
    assert finding_kind(path) is None


def test_every_pattern_of_findings_begins_where_inspection_looks(data: ManagerData) -> None:
    for pattern in data.findings.values():

        @settings(max_examples=30)
        @given(st.from_regex(pattern, fullmatch=True))
        def begins_there(path: str) -> None:
            assert f"/{path}".startswith(TOPS)

        begins_there()


def test_it_knows_the_packages_that_bring_each_language(name: ManagerName, data: ManagerData) -> None:
    for language in LANGUAGES:
        texts = data.runtimes.get(language) or language_family(language).data().runtime[data.family]
        assert texts
        assert [manager_of(name).parse_reference(text).text for text in texts] == list(texts)


def test_the_names_of_its_files_are_read_where_it_leaves_any(name: ManagerName, data: ManagerData) -> None:
    if isinstance(data.downloads, DownloadCache):
        assert {"name", "version"} <= set(re.compile(data.downloads.name).groupindex)
        assert all(path.startswith("/") for path in data.downloads.files)
        assert downloads(name).parse("") == ()
    else:
        assert isinstance(data.versions, str), "what can't be locked is held to nothing"


def test_it_is_held_to_versions_in_a_way_that_says_them(data: ManagerData) -> None:
    if isinstance(data.versions, PinFile):
        shown = data.versions.paragraph.format(name="htop", version="1.0")
        assert "htop" in shown
        assert "1.0" in shown
    elif isinstance(data.versions, ExactInstall):
        assert '"$@" || exit' in data.versions.text


def test_commands_end_where_packages_follow(data: ManagerData) -> None:
    host = data.host()
    for argv in (
        host.mark,
        host.unmark,
        host.purge,
        host.before_install,
        data.add_architecture,
        host.rehearsal.options,
        host.delete_user,
    ):
        assert all(word and "\0" not in word for word in argv)
    assert bool(host.mark) == bool(host.unmark) == bool(host.automatic)
    assert bool(host.accepted) == bool(host.accept)


def test_shell_text_is_valid_posix(data: ManagerData) -> None:
    host = data.host()
    texts = [host.names, host.uninstall, host.uninstall_foreign, host.automatic, host.files, host.owner, host.blocked]
    texts += [host.leftovers, host.purge_scripts, host.settle, host.accepted, host.accept, data.scripts]
    texts += [argv[2] for argv in (host.mark, host.unmark, host.purge, host.before_install) if argv[:2] == ("sh", "-c")]
    texts += [data.shortcuts.removal()] if data.shortcuts and data.shortcuts.removal else []
    texts += [data.versions.text] if isinstance(data.versions, ExactInstall) else []
    for text in filter(None, texts):
        subprocess.run(["sh", "-n"], input=text, text=True, check=True)


@pytest.mark.parametrize(("chosen", "folder"), [("apk", "apk"), ("dnf5", "rpm")])
def test_no_folder_but_the_chosen_managers_is_loaded(chosen: str, folder: str) -> None:
    code = (
        "import sys; from sandbox.managers.registry import data_of, manager_of, queries_of;"
        f" manager_of({chosen!r}); data_of({chosen!r}); queries_of({chosen!r});"
        " print(*(name for name in sys.modules if name.startswith('sandbox.managers.')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    folders = {path.name for path in Path(registry.__file__).parent.iterdir() if path.is_dir()}
    assert {name.split(".")[2] for name in done.stdout.split()} & folders == {folder}
