"""The entries of a matrix, and the interface of those who watch it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from sandbox.provision.request import TryRequest
    from sandbox.trials.results import Cell, CellResult


class MatrixEntry(Struct, frozen=True, kw_only=True):
    """A cell and what is to be tried for it; its checks are those of the request's spec.

    `source` is the spec's file as the user would type it, `lines` where each check stands in it, by its number.
    `again` are the words behind `sandbox trial` that run this cell alone.
    """

    cell: Cell
    request: TryRequest
    source: str = ""
    lines: tuple[int, ...] = ()
    again: tuple[str, ...] = ()


class Watcher(Protocol):
    """Is called, from any thread, as a matrix goes on."""

    def began(self, cell: Cell, where: str) -> None:
        """Record that a cell has begun, at the engine or service of that title."""

    def now(self, cell: Cell, text: str) -> None:
        """Record that a cell has begun a step: one word, its label."""

    def end(self, result: CellResult) -> None:
        """Record that a cell has ended."""
