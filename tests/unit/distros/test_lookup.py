from __future__ import annotations

import pytest
from msgspec.structs import replace
from tests.unit.advised import advice_of

from sandbox.distros.debian import DEBIAN, UBUNTU
from sandbox.distros.lookup import family, find_target, targets_of
from sandbox.distros.registry import DISTROS
from sandbox.errors import UnknownWord, UsageError


@pytest.mark.parametrize(
    ("text", "option"),
    [
        ("debian", "debian:bookworm"),
        ("debian:latest", "debian:bookworm"),
        ("debian:trixie", "debian:trixie"),
        ("debian:13", "debian:trixie"),
        ("debian:stable", "debian:trixie"),
        ("debian:unstable", "debian:sid"),
        ("Debian:Bookworm", "debian:bookworm"),
        (" debian:11 ", "debian:bullseye"),
        ("ubuntu", "ubuntu:noble"),
        ("ubuntu:26.04", "ubuntu:resolute"),
    ],
)
def test_a_distro_and_release_are_found_by_name_and_alias(text: str, option: str) -> None:
    assert find_target(text, DISTROS).option == option


def test_images_are_named_as_the_public_ones_are() -> None:
    target = find_target("debian:13")
    assert target.image == "debian:trixie"
    assert target.built_image == "sandbox-base/debian:trixie"


@pytest.mark.parametrize(
    ("text", "near"), [("debain", "debian"), ("ubunto:24.04", "ubuntu"), ("debian-slim", "debian")]
)
def test_a_mistaken_distro_is_answered_with_the_nearest(text: str, near: str) -> None:
    with pytest.raises(UsageError) as caught:
        find_target(text)
    assert caught.value.status == 2
    assert ("nearest", near) in caught.value.details
    assert advice_of(caught.value)[0] == f"sandbox try --distro {near}"


@pytest.mark.parametrize("text", ["", ":", "zzz", "debian; reboot", "\x1b[31m", "a" * 10_000])
def test_what_is_no_distro_is_refused_in_few_plain_words(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        find_target(text)
    assert caught.value.brief.isprintable()
    assert len(caught.value.brief) < 100


@pytest.mark.parametrize("text", ["debian:", "debian:woody", "debian:99", "debian:bookworm:x"])
def test_an_unknown_release_is_answered_with_the_known_ones(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        find_target(text)
    assert dict(caught.value.details)["known"].startswith("bookworm (12, oldstable), trixie (13, stable)")


def test_a_mistaken_release_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        find_target("debian:trixy")
    assert advice_of(caught.value) == ("sandbox try --distro debian:trixie",)


@pytest.mark.parametrize(
    ("text", "near"), [("trixie", "debian:trixie"), ("jammy", "ubuntu:jammy"), ("tumbleweed", "opensuse-tumbleweed")]
)
def test_a_release_without_its_distro_is_answered_with_both(text: str, near: str) -> None:
    with pytest.raises(UnknownWord) as caught:
        find_target(text)
    assert caught.value.near == near
    assert advice_of(caught.value)[0] == f"sandbox try --distro {near}"


def test_a_family_is_where_the_likeness_ends() -> None:
    mint = replace(UBUNTU, name="linuxmint", like="ubuntu")
    assert family(mint, (*DISTROS, mint)) is DEBIAN
    assert family(DEBIAN, DISTROS) is DEBIAN


def test_a_row_that_is_like_itself_or_like_none_that_is_known_is_its_own_family() -> None:
    odd = replace(DEBIAN, name="odd", like="odd")
    assert family(odd, (odd,)) is odd
    assert family(UBUNTU, (UBUNTU,)) is UBUNTU


def test_a_distro_a_release_or_both_can_be_listed_alone() -> None:
    words = ("wolfi", "Noble", "debian:12", "12")
    wolfi, noble, twelve, number = ([target.option for target in targets_of(word)] for word in words)
    assert (wolfi, noble, twelve) == (["wolfi:rolling"], ["ubuntu:noble"], ["debian:bookworm"])
    assert number == ["debian:bookworm", "raspbian:bookworm"]
    assert [target.option for target in targets_of("debian")] == [f"debian:{row.name}" for row in DEBIAN.releases]
    for text, nearest in (("debain", "distros debian"), ("debian:trixy", "distros debian:trixie"), ("", "distros")):
        with pytest.raises(UsageError) as caught:
            targets_of(text)
        assert f"sandbox {nearest}" in advice_of(caught.value)
