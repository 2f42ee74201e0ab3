"""`NAME/RELEASE` of apt: a package of another of the distro's releases."""

from __future__ import annotations

import pytest

from sandbox.errors import UsageError
from sandbox.managers.protocol import PackageRef
from sandbox.managers.registry import manager_of

APT = manager_of("apt")


@pytest.mark.parametrize(
    ("text", "name", "release"),
    [
        ("jq/bookworm-backports", "jq", "bookworm-backports"),
        ("libc6:i386/stable", "libc6:i386", "stable"),
        ("g++/sid", "g++", "sid"),
    ],
)
def test_a_release_is_asked_of_apt_as_it_was_written(text: str, name: str, release: str) -> None:
    found = APT.parse_reference(text)
    assert found == PackageRef(name=name, release=release)
    assert found.text == text
    assert APT.install([found])[-1] == text
    assert text not in " ".join(word for argv in APT.is_installed(found) for word in argv)


@pytest.mark.parametrize(
    "text", ["jq/", "/jq", "jq/a/b", "jq=1.0/sid", "jq/sid=1.0", "jq/--force", "jq/../x", "JQ/sid", "jq/s;d"]
)
def test_what_is_no_name_and_release_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        APT.parse_reference(text)


@pytest.mark.parametrize("manager", ["dnf5", "apk", "pacman", "zypper"])
def test_other_managers_have_no_releases(manager: str) -> None:
    with pytest.raises(UsageError, match="has a slash"):
        manager_of(manager).parse_reference("jq/testing")  # type: ignore[arg-type]
