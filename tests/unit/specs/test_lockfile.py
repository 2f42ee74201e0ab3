"""What a lock file says, and what is refused of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from tests.unit.advised import advice_of

from sandbox.errors import SpecError, UsageError
from sandbox.specs.find import names
from sandbox.specs.lockfile import (
    Lock,
    LockedFile,
    LockedPackage,
    LockedTarget,
    load_lock,
    lock_path,
    read_lock,
    render,
)

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


def test_a_base_that_no_registry_gave_is_said_to_be_built_here() -> None:
    lock = replace(LOCK, targets=(replace(BOOKWORM, digest=None),))
    assert "\n    digest: built here\n" in render(lock)
    assert read_lock(render(lock).encode(), source="web.lock.yaml") == lock


def test_a_package_is_one_line_in_the_order_of_names() -> None:
    text = render(Lock(source="web.lock.yaml", tool="1", targets=(BOOKWORM, BOOKWORM)))
    lines = [line.strip() for line in text.splitlines() if "sha256:2e" in line or "sha256:c2" in line]
    assert lines == [f"- {HELLO.line}", f"- {JQ.line}"]


def test_the_header_says_how_to_renew_it() -> None:
    assert "sandbox lock ./web.yaml " in render(LOCK).partition("format:")[0]


def test_the_lock_of_a_list_says_its_file_and_is_read_back() -> None:
    lock = replace(LOCK, source="more/apt.txt.lock.yaml", listing="names:apt.txt")
    text = render(lock)
    assert "sandbox try --from names:apt.txt --locked " in text
    assert read_lock(text.encode(), source=lock.source) == lock
    with pytest.raises(UsageError) as caught:
        lock.target("alpine:3.23")
    assert advice_of(caught.value) == ("sandbox lock --from names:more/apt.txt --distro alpine:3.23",)


def test_a_distro_replaces_its_own_part_only() -> None:
    other = LockedTarget(option="alpine:3.23", platform="linux/amd64", image="alpine:3.23")
    both = LOCK.with_target(other, tool="0.2.0")
    assert [target.option for target in both.targets] == ["alpine:3.23", "debian:bookworm"]
    assert both.with_target(other, tool="0.2.0") == both


def test_a_distro_that_is_not_locked_is_named_with_what_to_type() -> None:
    with pytest.raises(UsageError) as caught:
        LOCK.target("debian:trixie")
    assert advice_of(caught.value) == ("sandbox lock ./web.yaml --distro debian:trixie",)


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


def test_a_damaged_file_says_how_it_is_made_anew(tmp_path: Path) -> None:
    path = lock_path(tmp_path, "web")
    path.write_text(render(LOCK).replace("format: 1", "<<<<<<< ours"))
    with pytest.raises(SpecError) as caught:
        load_lock(path, source="web.lock.yaml")
    assert advice_of(caught.value)[-1] == "rm web.lock.yaml; sandbox lock ./web.yaml"


def test_an_absent_lock_is_an_error_that_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        load_lock(lock_path(tmp_path, "web"), source="web.lock.yaml")
    assert advice_of(caught.value) == ("sandbox lock ./web.yaml", f"ls {tmp_path}")


def test_a_lock_is_not_taken_for_a_spec(tmp_path: Path) -> None:
    folder = tmp_path / "sandboxes"
    folder.mkdir()
    (folder / "web.yaml").write_text("packages: [jq]\n")
    lock_path(folder, "web").write_text(render(LOCK))
    found = names({"XDG_CONFIG_HOME": str(tmp_path / "config"), "HOME": str(tmp_path)}, tmp_path)
    assert "web" in found
    assert "web.lock" not in found


FILES = (
    LockedFile(root="npm:x", name="node_modules/@a/b", version="1.0.0", size=3, digest=f"sha512-{'A' * 86}=="),
    LockedFile(root="pip:x", name="y", version="1!2.0+local", size=3, digest=f"sha256:{'ab' * 32}"),
)


def test_languages_packages_are_lines_of_their_own() -> None:
    lock = Lock(source="web.lock.yaml", tool="0.1.0", targets=(replace(BOOKWORM, languages=FILES),))
    text = render(lock)
    assert f"    - {FILES[1].line}\n" in text
    assert read_lock(text.encode(), source="web.lock.yaml") == lock


@pytest.mark.parametrize(
    "line", ["pip:x y 1 3 sha512:short", "x y 1 3 sha256:" + "a" * 64, "pip:x y 1 sha256:" + "a" * 64]
)
def test_a_line_that_is_no_file_of_a_language_is_a_problem_at_its_place(line: str) -> None:
    lock = Lock(source="web.lock.yaml", tool="0.1.0", targets=(replace(BOOKWORM, languages=FILES[1:]),))
    with pytest.raises(SpecError) as caught:
        read_lock(render(lock).replace(FILES[1].line, line).encode(), source="web.lock.yaml")
    assert "languages[0]" in caught.value.problems[0].path
