"""A group of options of a verb, as one value."""

from __future__ import annotations

from msgspec import Struct

Text = str | None
Texts = list[str] | None


class Group(Struct, frozen=True, kw_only=True):
    """Some options of a verb: each field is an option, with its type and default."""
