"""The pages of the comparison: which figures another engine has, and what a page says of where it ran."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest
from bench import before
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


@pytest.mark.parametrize(
    ("now", "is_slower"),
    [([1.04] * 9, True), ([1.02] * 9, False), ([1.3] * 7 + [0.9] * 2, False), ([0.5] * 9, False)],
    ids=["each pair", "a little", "most pairs", "faster"],
)
def test_a_figure_is_slower_than_before_where_its_whole_interval_is(now: list[float], *, is_slower: bool) -> None:
    pair = Pair(ours=now, theirs=[1.0] * 9)
    assert before.is_slower(pair) is is_slower
    assert ("It became slower." in " ".join(before.table({"warm": pair}).split())) is is_slower


def test_the_page_of_an_earlier_version_names_both_and_fits_a_terminal() -> None:
    here = cast("Stage", Here(OWN))
    found = {name: Pair(ours=[1.0, 2.0], theirs=[2.0, 3.0]) for take in before.MEASURES.values() for name in take[1]}
    text = before.page([here, here], "HEAD", found, 3.0)
    assert "busy with other work" in text
    assert "sandbox 0.1.0 --version (HEAD)" in " ".join(text.split())
    assert max(map(len, text.splitlines())) <= COLUMNS
