"""What a lock file says, and what is refused of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.errors import SpecError, UsageError
from sandbox.spec.find import names
from sandbox.spec.lock import Lock, LockedPackage, LockedTarget, load_lock, lock_path, read_lock, render

if TYPE_CHECKING:
    from pathlib import Path

JQ = LockedPackage(name="jq", version="1:1.6-2.1+deb12u3", architecture="amd64", size=64432, sha256="c2" * 32)
HELLO = LockedPackage(name="hello", version="2.10-3", architecture="amd64", size=53080, sha256="2e" * 32)
BOOKWORM = LockedTarget(
    option="debian:bookworm",
    platform="linux/amd64",
    image="debian:bookworm",
    digest=f"sha256:{'ab' * 32}",
    as_of="2024-01-31",
    asked=("jq", "hello"),
    repositories=("http://deb.example/debian bookworm main, signed by 4CB5",),
    packages=(HELLO, JQ),
    base=("adduser 3.134 all", "no 1.0 all"),
)
LOCK = Lock(source="web.lock.yaml", tool="0.1.0", targets=(BOOKWORM,))


def test_a_lock_is_read_as_it_was_written() -> None:
    assert read_lock(render(LOCK).encode(), source="web.lock.yaml") == LOCK


def test_a_package_is_one_line_in_the_order_of_names() -> None:
    text = render(Lock(source="web.lock.yaml", tool="1", targets=(BOOKWORM, BOOKWORM)))
    lines = [line.strip() for line in text.splitlines() if "sha256:2e" in line or "sha256:c2" in line]
    assert lines == [f"- {HELLO.line}", f"- {JQ.line}"]


def test_the_header_says_how_to_renew_it() -> None:
    assert "sandbox lock ./web.yaml " in render(LOCK).partition("format:")[0]


def test_a_distro_replaces_its_own_part_only() -> None:
    other = LockedTarget(option="alpine:3.23", platform="linux/amd64", image="alpine:3.23")
    both = LOCK.having(other, tool="0.2.0")
    assert [target.option for target in both.targets] == ["alpine:3.23", "debian:bookworm"]
    assert both.having(other, tool="0.2.0") == both


def test_a_distro_that_is_not_locked_is_named_with_what_to_type() -> None:
    with pytest.raises(UsageError) as caught:
        LOCK.target("debian:trixie")
    assert caught.value.hints == ("sandbox lock ./web.yaml --distro debian:trixie",)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("format: 1", "format: 2"),
        ("sha256:2e2e", "sha256:XXXX"),
        (" 53080 ", " many "),
        ("debian:bookworm:", "'../../etc':"),
        ("    asked:", "    wanted:"),
        ("tool: '0.1.0'\n", ""),
    ],
)
def test_a_damaged_lock_is_refused_at_its_place(old: str, new: str) -> None:
    text = render(LOCK)
    assert old in text
    with pytest.raises(SpecError) as caught:
        read_lock(text.replace(old, new).encode(), source="web.lock.yaml")
    assert all(problem.line for problem in caught.value.problems)


def test_an_absent_lock_is_an_error_that_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        load_lock(lock_path(tmp_path, "web"), source="web.lock.yaml")
    assert caught.value.hints == ("sandbox lock ./web.yaml",)


def test_a_lock_is_not_taken_for_a_spec(tmp_path: Path) -> None:
    folder = tmp_path / "sandboxes"
    folder.mkdir()
    (folder / "web.yaml").write_text("packages: [jq]\n")
    lock_path(folder, "web").write_text(render(LOCK))
    found = names({"XDG_CONFIG_HOME": str(tmp_path / "config"), "HOME": str(tmp_path)}, tmp_path)
    assert "web" in found
    assert "web.lock" not in found
