"""What to type next is said in the verb that was called."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.cli.hints import of_place, of_user, of_verb
from sandbox.errors import Advice, UnknownPackage, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Sandbox


TRY = Advice.sandbox


@pytest.mark.parametrize(
    ("hint", "inspect", "compare"),
    [
        (
            TRY("try", "htop", "--distro", "debian:bookworm"),
            TRY("inspect", "htop", "--distro", "debian:bookworm"),
            Advice.again("htop"),
        ),
        (TRY("try", "--spec", "web"), TRY("inspect", "--spec", "web"), Advice.again("--spec", "web")),
        (TRY("try", "--spec", "my web"), TRY("inspect", "--spec", "my web"), Advice.again("--spec", "my web")),
        (TRY("try", "htop=3"), TRY("inspect", "htop=3"), Advice.again("htop=3")),
        (TRY("try", "--distro", "alpine"), *[Advice.again("--distro", "alpine")] * 2),
        (
            TRY("try", "pip:x", "--distro", "debian", "-v"),
            TRY("inspect", "pip:x", "--distro", "debian", "-v"),
            Advice.again("pip:x"),
        ),
        (
            Advice.again("--memory", "4G", after=", if so"),
            *[Advice.say("limits: {memory: 4G} in the settings, if so")] * 2,
        ),
        (TRY("try", "htop", "--distro", "debian", "--", "apt-cache", "policy", "htop"),) * 3,
        (TRY("try", "--name", "ANOTHER"),) * 3,
        (TRY("try", "htop", after=", if you mean it"),) * 3,
        (TRY("doctor"),) * 3,
        (Advice.again("--cap-add", "MKNOD"), *[Advice.say("capabilities: [MKNOD] in a spec")] * 2),
        (Advice.again("--boot"),) * 3,
    ],
)
def test_a_hint_is_said_in_the_verb_that_was_called(hint: Advice, inspect: Advice, compare: Advice) -> None:
    assert (of_verb(hint, "inspect"), of_verb(hint, "compare"), of_verb(hint, "try")) == (inspect, compare, hint)


@pytest.mark.parametrize(
    ("words", "next_step"),
    [
        (("inspect", "HTOP", "--distro", "debian"), "sandbox inspect htop --distro debian"),
        (("inspect", "htop", "--distro", "debiam"), "sandbox inspect htop --distro debian"),
        (("inspect", "htop,jq", "--distro", "debian"), "sandbox inspect htop jq"),
        (("inspect", "htop", "--distro", "debian,alpine"), "sandbox compare htop --distro debian,alpine"),
        (("compare", "htop,jq", "--distro", "debian"), "the same command with htop jq"),
        (("compare", "htop", "btop", "--distro", "alpin"), "sandbox compare htop btop --distro alpine"),
    ],
)
def test_no_hint_leads_to_another_verb(words: tuple[str, ...], next_step: str, sandbox: Sandbox) -> None:
    answer = sandbox(*words)
    assert answer.status == 2
    assert next_step in answer.err
    assert "sandbox try" not in answer.err


@pytest.mark.parametrize(
    ("words", "next_step"),
    [
        (("try", "htop>3", "-d", "alpine"), "sandbox try htop --distro alpine, for the newest"),
        (("try", "-vdfedora", "htop.x86_64>3"), "sandbox search htop.x86_64 --distro fedora shows its versions"),
        (("try", "extra/htop", "--distro=arch"), "sandbox try htop --distro arch"),
        (("try", "'htop'", "-d", "debian:trixie"), "sandbox try htop --distro debian:trixie"),
        (("try", "@world", "-d", "gentoo"), "sandbox search world --distro gentoo"),
        (("try", "web-server^", "-d", "ubuntu"), "sandbox try task-web-server --distro debian: Debian's tasks"),
        (("try", "htop jq"), "sandbox try htop jq"),
        (("try", "sudo apt install htop"), "sandbox try htop"),
        (("try", "htop (>= 3)"), "sandbox try htop"),
        (("try", "apt", "install", "htop", "jq"), "sandbox try htop jq"),
        (("try", "pip:git+https://example.org/x/y"), "sandbox try --help"),
        (("try", "htop", "-d", "debian bookworm"), "sandbox try htop --distro debian:bookworm"),
        (("try", "htop", "-d", "debain", "-q", "--", "true"), "sandbox try htop -q --distro debian -- true"),
        (("try", "htop", "--distro=debian:bokworm"), "sandbox try htop --distro debian:bookworm"),
        (("try", "-vdfedoro", "htop"), "sandbox try --distro fedora"),
        (("try", "jq 1.6"), "sandbox try jq=1.6"),
        (("try", ""), "sandbox try --help"),
        (("inspect", "htop", "-d", ""), "sandbox inspect --help"),
        (("try", "file:///tmp/x.deb"), "sandbox try /tmp/x.deb"),
    ],
)
def test_a_hint_works_as_it_is_printed_on_the_distro_that_was_typed(
    words: tuple[str, ...], next_step: str, sandbox: Sandbox
) -> None:
    answer = sandbox(*words)
    assert answer.status == (125 if "--" in words else 2)
    assert next_step in answer.err


def test_an_image_is_kept_where_the_verb_takes_one_and_other_advice_stays_as_it_is() -> None:
    typed = ("try", "lib[ab]c", "--image", "debian:trixie-slim", "--", "sh", "-d", "x")
    assert of_place(TRY("try", "htop"), typed) == TRY("try", "htop", "--image", "debian:trixie-slim")
    same = (
        TRY("search", "lib"),
        TRY("try", "--name", "ANOTHER"),
        TRY("try", "./x.deb"),
        TRY("try", "x", "-d", "y"),
        TRY("doctor"),
    )
    assert [of_place(hint, typed) for hint in same] == [*same]
    assert of_place(TRY("try", "htop"), ("compare", "htop", "-d", "debian,alpine")) == TRY("try", "htop")


def test_a_file_whose_path_has_a_blank_is_advised_with_the_point_that_makes_it_one(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my files").mkdir()
    (tmp_path / "my files/x.deb").touch()
    monkeypatch.chdir(tmp_path)
    assert "sandbox try './my files/x.deb' -v" in sandbox("try", "my files/x.deb", "-v").err


def test_a_user_that_was_taken_for_a_package_is_advised_with_its_equals_sign() -> None:
    error = UnknownPackage("debian has no package www-data", package="www-data")
    line = ("try", "nginx", "--user", "www-data", "-q", "--", "id")
    assert of_user(error, line) == (TRY("try", "nginx", "--user=www-data", "-q", "--", "id"),)
    assert of_user(error, ("try", "--user", "-q", "www-data")) == ()
    assert of_user(UnknownPackage("none", package="htop"), line) == ()
    surplus = UsageError("sandbox enter: unexpected box")
    assert of_user(surplus, ("enter", "--user", "redis", "box")) == (TRY("enter", "--user=redis", "box"),)
    assert of_user(surplus, ("enter", "--user", "box")) == of_user(surplus, ("enter", "--user", "-n", "box")) == ()


def test_a_hint_of_packages_is_said_for_a_new_spec_in_its_own_verb() -> None:
    assert of_verb(TRY("try", "htop", "jq"), "new") == TRY("new", "NAME", "htop", "jq")
    assert of_verb(TRY("try", "--spec", "web"), "new") == TRY("try", "--spec", "web")
