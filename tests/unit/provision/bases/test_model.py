"""Names, labels and lists of the bases that are made here."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.engine.labels import KIND
from sandbox.errors import UsageError
from sandbox.provision.bases.model import base_reference, changes, list_bases, remove_bases, replace_base


@pytest.mark.parametrize("name", ["alpine:3.23", "sandbox-base/alpine:3.23"])
def test_base_is_never_under_the_public_name(name: str) -> None:
    assert base_reference(name) == "sandbox-base/alpine:3.23"


def test_base_without_a_tag_is_latest() -> None:
    assert base_reference("void") == "sandbox-base/void:latest"


@pytest.mark.parametrize(
    "name", ["", "Alpine", "a/b", "host:5000/a", "a:", ":b", "-x", "a b", "a;b", "$(id)", "a\n", "é", "a" * 300]
)
def test_what_can_not_be_a_name_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="is not a valid name for a base"):
        base_reference(name)


def test_labels_keep_to_their_line_whatever_the_origin_is() -> None:
    lines = changes(origin='a "b" $PATH \\ \n c', version="1", command=("sh",))
    assert lines[2] == 'LABEL org.sandbox-try.origin="a \\"b\\" \\$PATH \\\\ ? c"'
    assert lines[-1] == 'CMD ["sh"]'


def test_list_holds_only_what_was_made_here(shelf: Any) -> None:
    shelf.add("debian:bookworm")
    shelf.add("sandbox-base/void:latest", labels={KIND: "base"})
    shelf.add("sandbox-base/arch:latest", labels={KIND: "base"})
    assert [base.reference for base in list_bases(shelf)] == ["sandbox-base/arch:latest", "sandbox-base/void:latest"]


def test_remove_never_touches_the_public_name(shelf: Any) -> None:
    shelf.add("debian:bookworm")
    with pytest.raises(UsageError, match="no base debian:bookworm here"):
        tuple(remove_bases(shelf, ["debian:bookworm"]))
    assert "debian:bookworm" in shelf.held


def test_where_one_base_is_not_there_none_is_removed(shelf: Any) -> None:
    shelf.add("sandbox-base/void:latest", labels={KIND: "base"})
    with pytest.raises(UsageError, match="no base viod:latest here") as caught:
        tuple(remove_bases(shelf, ["void", "viod"]))
    assert caught.value.exit_code == 2
    assert dict(caught.value.details)["nearest"] == "void:latest"
    assert "sandbox-base/void:latest" in shelf.held
    assert tuple(remove_bases(shelf, ["void"])) == ("sandbox-base/void:latest",)


def test_replaced_base_leaves_no_nameless_rest(shelf: Any) -> None:
    before = replace_base(shelf, iter([b"1"]), "sandbox-base/a:1", ())
    shelf.add("other:1")
    after = replace_base(shelf, iter([b"2"]), "sandbox-base/a:1", ())
    assert (before.id in shelf.removed, shelf.image("sandbox-base/a:1")) == (True, after)


def test_failed_rebuild_keeps_the_base_that_was_there(shelf: Any) -> None:
    before = shelf.add("sandbox-base/a:1")
    with pytest.raises(OSError, match="gone"):
        replace_base(shelf, _broken(), "sandbox-base/a:1", ())
    assert shelf.image("sandbox-base/a:1") == before


def _broken() -> Any:
    yield b"half"
    raise OSError("gone")
