"""What was done by hand beside packages, written by the install script with every manager's real program."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from tests.integration.test_proof import family, host_for, image, promotion_for
from tests.unit.fakes import FakeReporter

from sandbox.commands.prove import Proving
from sandbox.identity import current_owner
from sandbox.managers.configuration import CONFIGURATION, Setting
from sandbox.session import Session

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.test_conformance import Family

    from sandbox.engine.base import Image
    from sandbox.engine.docker.client import DockerEngine

__all__ = ["family", "image"]


FOLDERS = (".d", "/keyrings", "/keys", "/rpm-gpg", "/repos.conf")
STANDING = 'for file; do [ -e "$file" ] && cksum <"$file" || echo none; done'


def own_settings(family: Family) -> tuple[Setting, ...]:
    """Return a file for each folder of the manager's settings, and a line for each list of lines."""
    found = []
    for place in CONFIGURATION[family.manager]:
        content = bytes(range(256)) if place.kind == "key" else b'# it\'s "mine" $(id) `id` \\\n'
        if place.lines:
            found.append(Setting(kind=place.kind, path=place.path, content=content, added=True))
        elif place.path.endswith(FOLDERS):
            found.append(Setting(kind=place.kind, path=f"{place.path}/more.list", content=content))
    return tuple(found)


def test_settings_of_the_manager_are_written_and_taken_back(
    engine: DockerEngine, family: Family, image: Image, tmp_path: Path
) -> None:
    settings = own_settings(family)
    if not settings:
        pytest.skip(f"{family.manager} has no folder or list of settings that a file or line could be added to")
    promotion = replace(promotion_for(family, image.id), settings=settings)
    session = Session(engine, current_owner(), version="test")
    try:
        work = Proving(promotion, session=session, host=host_for(tmp_path), reporter=FakeReporter())
        work._open()
        paths = [setting.path for setting in settings]

        def standing() -> list[str]:
            return work._run(("sh", "-c", STANDING, "sh", *paths)).stdout.splitlines()

        before = standing()
        assert work._script("-y")[1] == []
        there = standing()
        assert all(old != new for old, new in zip(before, there, strict=True))
        assert work._script("-y")[1] == []
        assert standing() == there
        assert work._script("--uninstall", "-y")[1] == []
        assert standing() == before
    finally:
        session.finish()
