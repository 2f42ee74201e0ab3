"""The files of an image are read once, and again only where whoever did was cut off."""

from __future__ import annotations

from sandbox.commands.pristine import Pristine
from sandbox.errors import EngineError
from sandbox.evaluate.snapshot import Snapshot


def test_an_image_is_read_once_however_many_ask() -> None:
    reads, pristine = list[str](), Pristine()

    def found(ident: str) -> Snapshot:
        def read() -> Snapshot:
            reads.append(ident)
            return Snapshot(entries={})

        return pristine.of(ident, read).result()

    found_here = [found(ident) for ident in ("a", "b", "a", "a")]
    assert reads == ["a", "b"]
    assert found_here[0] is found_here[2] is found_here[3]


def test_a_reader_that_was_cut_off_does_not_take_the_others_along() -> None:
    pristine, whole = Pristine(), Snapshot(entries={})

    def cut_off() -> Snapshot:
        message = "the container is gone"
        raise EngineError(message)

    pristine.of("a", cut_off)
    assert pristine.of("a", lambda: whole).result() is whole
