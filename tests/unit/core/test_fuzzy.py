from __future__ import annotations

import time

import pytest

from sandbox.core.fuzzy import did_you_mean, nearest, nearest_words

NAMES = tuple(
    """fd-find fdm fdb5 fdisk fdupes fdclone htop htp httpie ripgrep rgxg sipgrep bat bats batctl neovim nvi vim
    vim-tiny python3 ipython3 python3.11 python-landslide libssl3 libssl-dev libssl-doc postgresql postgresql-15
    postgrey build-essential curl curlftpfs xz-utils xzgv jq jqp cowsay g++ gcc gcc-12 golang golang-go nodejs
    redis-server redis-tools imagemagick docker docker.io fzf x264 node-xz libfd-dev node-htop-dev""".split()
)


@pytest.mark.parametrize(
    ("wanted", "first"),
    [
        ("fd", "fd-find"),
        ("htpo", "htop"),
        ("neovm", "neovim"),
        ("pyhton3", "python3"),
        ("dokcer", "docker"),
        ("curll", "curl"),
        ("cowsy", "cowsay"),
        ("ripgrepp", "ripgrep"),
        ("python", "python3"),
        ("libssl", "libssl3"),
        ("postgres", "postgresql"),
        ("build-essentials", "build-essential"),
        ("imagemagik", "imagemagick"),
        ("nodejs-lts", "nodejs"),
        ("gcc-99", "gcc"),
        ("xz", "xz-utils"),
        ("jqq", "jq"),
        ("g+++", "g++"),
        ("HTOP", "htop"),
        ("fzf:arm64", "fzf"),
    ],
)
def test_the_name_that_was_meant_comes_first(wanted: str, first: str) -> None:
    assert nearest(wanted, NAMES)[0] == first


def test_programs_come_before_what_accompanies_them() -> None:
    assert nearest("libssl", NAMES).index("libssl3") < nearest("libssl", NAMES).index("libssl-dev")


@pytest.mark.parametrize("wanted", ["zzzzzzzzz", "", "a" * 10_000, "\x1b[31m"])
def test_nothing_is_said_where_nothing_is_near(wanted: str) -> None:
    assert nearest(wanted, NAMES) == ()


def test_no_more_than_asked_for_and_none_twice() -> None:
    near = nearest("redis", [*NAMES, *NAMES], limit=2)
    assert near == ("redis-tools", "redis-server")


def test_order_of_the_index_does_not_matter() -> None:
    assert nearest("fd", NAMES) == nearest("fd", NAMES[::-1])


def test_seventy_thousand_names_take_well_under_half_a_second() -> None:
    names = [f"{name}-{number}" for number in range(70_000 // len(NAMES)) for name in NAMES]
    nearest("warm", NAMES)
    start = time.process_time()
    nearest("ripgrap", names)
    assert time.process_time() - start < 2


GROUPED = ("sys-process/htop", "app-misc/fd", "sys-apps/fd", "sys-apps/ripgrep", "dev-python/pip", "@scope/cowsay")


@pytest.mark.parametrize(
    ("wanted", "first"),
    [
        ("htpo", "sys-process/htop"),
        ("sys-apps/htop", "sys-process/htop"),
        ("sys-proces/htop", "sys-process/htop"),
        ("sys-app/fd", "sys-apps/fd"),
        ("app/fd", "app-misc/fd"),
        ("cowsy", "@scope/cowsay"),
        ("htop:2", "sys-process/htop"),
    ],
)
def test_of_names_in_groups_the_part_behind_the_slash_counts(wanted: str, first: str) -> None:
    assert nearest(wanted, GROUPED)[0] == first


@pytest.mark.parametrize("wanted", ["sys-process/zzzz", "sys-process/", "/"])
def test_a_group_alone_is_not_near(wanted: str) -> None:
    assert nearest(wanted, GROUPED) == ()


KEYS = ("packages", "limits", "setup", "env", "ports", "mounts", "network", "from-source")
DISTROS = ("debian", "ubuntu", "alpine", "arch", "fedora", "gentoo", "opensuse", "void")
KINDS = ("setuid", "services", "residue", "unknown", "accounts")


@pytest.mark.parametrize(
    ("word", "known", "expected"),
    [
        ("pakages", KEYS, "packages"),
        ("limit", KEYS, "limits"),
        ("from_source", KEYS, "from-source"),
        ("Setup", KEYS, "setup"),
        ("debain", DISTROS, "debian"),
        ("debian-slim", DISTROS, "debian"),
        ("debian12", DISTROS, "debian"),
        ("archlinux", DISTROS, "arch"),
        ("trixy", ("bookworm", "trixie"), "trixie"),
        ("otter", ("brave-otter", "calm-heron"), "brave-otter"),
        ("web", ("c-build", "web-tools"), "web-tools"),
        ("SETUID", KINDS, "setuid"),
        ("service", KINDS, "services"),
    ],
)
def test_of_few_words_the_one_that_was_meant_is_named(word: str, known: tuple[str, ...], expected: str) -> None:
    assert nearest_words(word, known) == (expected,)
    assert did_you_mean(word, known) == f"; did you mean {expected}?"


@pytest.mark.parametrize("word", ["zzz", "", "a" * 10_000, "\x1b[31m", ":", "/"])
def test_of_few_words_none_is_named_where_none_is_near(word: str) -> None:
    assert (nearest_words(word, KEYS), did_you_mean(word, KEYS)) == ((), "")
