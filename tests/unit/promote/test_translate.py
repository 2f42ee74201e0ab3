"""Packages of one distro by the names that another one's index has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from tests.unit.fakes import FakeEngine, FakeReporter
from tests.unit.fakes.host import host_in
from tests.unit.fakes.promotions import PROMOTION

from sandbox.distros.lookup import find_target
from sandbox.engine.protocol import Image
from sandbox.errors import UsageError
from sandbox.managers.protocol import PackageRef
from sandbox.managers.registry import queries_of
from sandbox.promote.formats.base import PromotedPackage
from sandbox.promote.translate import translate

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.engine.protocol import ExecSpec
    from sandbox.promote.formats.base import Promotion

ALPINE, DEBIAN = find_target("alpine"), find_target("debian:bookworm")
BASE = Image(id="sha256:base", tags=("debian:bookworm",), platform="linux/amd64")


def answer(spec: ExecSpec) -> tuple[int, bytes, bytes]:
    """Answer the question for all names of the index."""
    return 0, b"fd-find\njq\nlocked\n" if spec.argv == queries_of("apt").names().argv else b"", b""


def row(name: str, **given: str) -> PromotedPackage:
    return PromotedPackage(ref=PackageRef(name=name, source=given.pop("source", "")), version="1", **given)  # type: ignore[arg-type]


def translated(folder: Path, *packages: PromotedPackage) -> Promotion:
    promotion = replace(PROMOTION, target=ALPINE, packages=packages, left_out=())
    engine = FakeEngine(images_known=[BASE], commands=answer)
    return translate(promotion, DEBIAN, DEBIAN.distro, host=host_in(folder), engine=engine, reporter=FakeReporter())


def test_names_are_the_indexes_and_a_locked_file_is_of_no_other_distro(tmp_path: Path) -> None:
    locked = row("locked", place="https://x.invalid/locked.apk", origin="locked")
    found = translated(tmp_path, locked, row("fd"), row("no-such"), row("jq"), row("httpie", source="pip"))
    assert [package.ref.full_name for package in found.packages] == ["fd-find", "jq", "pip:httpie"]
    assert found.left_out == (f"no-such has no counterpart on {DEBIAN.label}",)


def test_where_none_has_a_counterpart_that_is_an_error_with_all_of_them(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no package has a known counterpart") as caught:
        translated(tmp_path, row("no-such"), row("nor-this"))
    assert dict(caught.value.details)["packages"] == "no-such, nor-this"
