"""Every distro of the table, against the same claims."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from sandbox.distros.lookup import family, find_target
from sandbox.distros.model import Target
from sandbox.distros.registry import DISTROS
from sandbox.managers.registry import NAMES
from sandbox.provision.bases.model import base_reference
from sandbox.specs.values import IMAGE

if TYPE_CHECKING:
    from sandbox.distros.model import Distro


def test_names_are_unique() -> None:
    names = [row.name for row in DISTROS]
    assert len(names) == len(set(names))


def test_os_ids_are_unique() -> None:
    identities = [identity for row in DISTROS for identity in row.os_ids]
    assert len(identities) == len(set(identities))


@pytest.fixture(params=DISTROS, ids=lambda row: row.name)
def row(request: pytest.FixtureRequest) -> Distro:
    distro: Distro = request.param
    return distro


def test_the_managers_of_those_in_force_are_in_the_registry() -> None:
    managers = {release.manager or row.manager for row in DISTROS for release in row.releases}
    assert managers <= {*NAMES}


def test_what_it_is_like_is_a_row(row: Distro) -> None:
    assert row.like is None or row.like in {other.name for other in DISTROS}


def test_its_family_can_be_told_by_os_release(row: Distro) -> None:
    assert family(row, DISTROS).os_ids


def test_its_releases_have_images_of_their_own_or_none(row: Distro) -> None:
    images = [Target(distro=row, release=release).image for release in row.releases]
    assert len(set(images)) in (len(images), 0 if row.image else 1)
    assert all("{" not in image for image in images)


def test_its_images_are_named_as_docker_takes_them_without_a_registry(row: Distro) -> None:
    for release in row.releases:
        image = Target(distro=row, release=release).image
        assert not image or (IMAGE.parse(image) and "." not in image.partition("/")[0].partition(":")[0])


def test_it_can_be_named_as_a_base_of_ours(row: Distro) -> None:
    for release in row.releases:
        assert base_reference(f"{row.name}:{release.name}") == Target(distro=row, release=release).built_image


def test_it_says_of_itself_no_more_than_is_tested(row: Distro) -> None:
    assert "yours" not in {release.support for release in row.releases}


def test_its_releases_have_no_name_twice(row: Distro) -> None:
    names = [name for release in row.releases for name in (release.name, *release.aliases)]
    assert names
    assert len(names) == len(set(names))


def test_every_name_of_a_release_finds_it(row: Distro) -> None:
    for release in row.releases:
        for name in (release.name, *release.aliases):
            assert find_target(f"{row.name}:{name}", DISTROS).release is release


def test_the_ends_of_its_releases_are_dates(row: Distro) -> None:
    assert all(date.fromisoformat(release.end_of_life) for release in row.releases if release.end_of_life)


def test_its_default_release_was_supported_when_this_was_written(row: Distro) -> None:
    end = row.releases[0].end_of_life
    assert end is None or date.fromisoformat(end) > date(2026, 11, 23)
