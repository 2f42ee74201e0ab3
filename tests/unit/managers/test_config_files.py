"""The managers' own settings: where they are, what of them may go elsewhere, and what was added to them."""

from __future__ import annotations

import pytest

from sandbox.managers.config_files import (
    ConfigChange,
    added_lines,
    has_password,
    is_valid,
    of_release,
    place_of,
)
from sandbox.managers.registry import data_of

LIST = "/etc/apt/sources.list.d/foo.list"
APT, APK = data_of("apt").settings, data_of("apk").settings
REPOSITORY = ConfigChange(kind="repository", path=LIST, content=b"deb https://x.example bookworm main\n")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (LIST, "repository"),
        ("/etc/apt/sources.list", "repository"),
        ("/etc/apt/keyrings/foo.gpg", "key"),
        ("/etc/apt/preferences.d/deep/x", "pin"),
        ("/etc/apt/preferences.d/far/too/deep", None),
        ("/etc/apt/sources.list.d/../../passwd", None),
        ("/etc/apt/sources.list.d/.hidden", None),
        ("/etc/apt/sources.list.d/a b.list", None),
        ("/etc/apt/sources.list.d/$(id).list", None),
        ("/etc/apt/sources.list.d/x\n", None),
        ("/etc/passwd", None),
    ],
)
def test_only_a_file_that_a_manager_would_read_is_its_setting(path: str, kind: str | None) -> None:
    place = place_of(APT, path)
    assert (place and place.kind) == kind


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b"deb https://user:secret@x.example/ bookworm main\n", True),
        (b"[x]\nbaseurl=https://x\npassword = hunter2\n", True),
        (b"[x]\n  proxy_password=hunter2\n", True),
        (b"deb [signed-by=/etc/apt/keyrings/x.gpg] https://x.example:8080/ a b\n", False),
        (b"# ask user@x.example\ndeb https://x.example/ a b\n", False),
    ],
)
def test_a_password_is_nobody_elses(text: bytes, found: bool) -> None:
    assert has_password(text) is found


@pytest.mark.parametrize(
    ("before", "after", "added"),
    [
        (b"a\n", b"a\nb\n", b"b\n"),
        (b"a\n#b\n", b"a\nb\n", b"b\n"),
        (b"a\n", b"a\n\nb\nb\n", b"b\n"),
        (b"a\nc\n", b"a\nb\n", None),
        (b"a\n", b"a\n", b""),
        (b"", b"last", b"last\n"),
    ],
)
def test_lines_were_added_only_where_every_other_still_stands(before: bytes, after: bytes, added: bytes | None) -> None:
    assert added_lines(before, after) == added


def test_a_setting_from_a_file_is_held_to_its_manager() -> None:
    assert is_valid(REPOSITORY, APT)
    assert not is_valid(REPOSITORY, APK)
    assert not is_valid(ConfigChange(kind="key", path=LIST, content=b"x\n"), APT)
    assert not is_valid(ConfigChange(kind="repository", path=LIST, content=b""), APT)
    assert not is_valid(ConfigChange(kind="repository", path=LIST, content=b"x" * 70_000), APT)
    assert not is_valid(ConfigChange(kind="repository", path=LIST, content=b"x\n", added=True), APT), "no list of lines"
    assert is_valid(ConfigChange(kind="repository", path="/etc/apt/sources.list", content=b"x\n", added=True), APT)


def test_only_what_can_be_shown_is_text() -> None:
    assert REPOSITORY.text == "deb https://x.example bookworm main\n"
    for content in (b"no newline", b"\x00\n", b"\xff\n", b"\x1b[31m\n", "\u202edeb\n".encode()):
        assert ConfigChange(kind="key", path=LIST, content=content).text is None


def test_what_names_its_release_is_for_no_other() -> None:
    other = ConfigChange(kind="repository", path=LIST, content=b"deb https://x.example/bookworms stable main\n")
    assert of_release((REPOSITORY, other), ("bookworm", "12")) == (REPOSITORY,)
