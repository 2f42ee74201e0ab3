"""The pages of the comparison: which figures another engine has, and what a page says of where it ran."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest
from bench.measures import Pair
from bench.pages import COLUMNS
from bench.run import PAGE, figures, page, page_of
from bench.table import FIGURES, rows

if TYPE_CHECKING:
    from bench.stage import Stage

KIND = "docker-28-containerd"
OWN, CONTAINERDS = (
    'overlay2\t[["Backing Filesystem","extfs"]]',
    ('overlayfs\t[["driver-type","io.containerd.snapshotter.v1"]]'),
)


class Here:
    """A stage whose engine is only asked what it is."""

    program = ("/bin/echo", "sandbox 0.1.0")
    base = "sandbox-base/debian:bookworm"

    def __init__(self, store: str) -> None:
        self._store = store

    def docker(self, *words: str) -> str:
        return "28.5.2 28.2.2" if words[0] == "version" else self._store


def text_of(kind: str, store: str) -> str:
    pairs = {name: Pair(ours=[1.0, 2.0], theirs=[2.0, 3.0]) for name in FIGURES}
    return page(cast("Stage", Here(store)), rows(pairs), 0.5, kind)


def test_another_engine_has_the_figures_that_depend_on_it_and_take_no_minute() -> None:
    found = set(figures(is_quick=False, is_other=True))
    assert {"warm", "leaving", "cold", "hour", "day", "inspect", "first"} <= found
    assert not {"help", "version", "purge", "compare", "trial"} & found
    assert found < set(figures(is_quick=False, is_other=False)) == set(FIGURES)


@pytest.mark.parametrize(
    ("kind", "store", "said"),
    [("", OWN, "images: own store, overlay2"), (KIND, CONTAINERDS, "images: containerd's store, overlayfs")],
)
def test_a_page_says_which_engine_and_store_it_is_of(kind: str, store: str, said: str) -> None:
    text = text_of(kind, store)
    assert said in " ".join(text.split())
    assert max(map(len, text.splitlines())) <= COLUMNS


def test_a_page_of_another_engine_and_the_main_one_lead_to_each_other() -> None:
    assert f"make bench ON={KIND}" in text_of(KIND, CONTAINERDS)
    assert f"]({PAGE.name})" in text_of(KIND, CONTAINERDS)
    assert f"]({page_of(KIND).name})" in text_of("", OWN)
