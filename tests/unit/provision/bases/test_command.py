"""`sandbox base ensure`: present, else pulled, else built."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.advised import advice_of

from sandbox.commands.base import ensure, import_, list_, remove
from sandbox.errors import PullFailed

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.distros.model import Target


@pytest.mark.parametrize("reference", ["debian:bookworm", "sandbox-base/debian:bookworm"])
def test_present_base_is_used_as_it_is(shelf: Any, target: Target, reference: str, tmp_path: Path) -> None:
    shelf.add(reference)
    found = ensure(shelf, target, version="1", folder=tmp_path)
    assert (found.reference, found.how) == (reference, "present")


def test_missing_base_is_pulled(shelf: Any, target: Target, tmp_path: Path) -> None:
    shelf.offered.add("debian:bookworm")
    assert ensure(shelf, target, version="1", folder=tmp_path).how == "pulled"


def test_neither_pulled_nor_built_tells_both_causes(
    shelf: Any, target: Target, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(PullFailed, match="can't be pulled") as caught:
        ensure(shelf, target, version="1", folder=tmp_path)
    assert [label for label, _ in caught.value.details] == ["it said", "building it"]
    assert "sudo apt-get install mmdebstrap" in advice_of(caught.value)


def test_imported_base_is_listed_until_it_is_removed(shelf: Any, tarball: Path) -> None:
    made = import_(shelf, str(tarball), "void:1", version="1")
    assert list_(shelf) == (made,)
    assert tuple(remove(shelf, ["void:1"])) == ("sandbox-base/void:1",)
    assert list_(shelf) == ()
