"""The supplier of a package, of the text that its package manager has for a maintainer, packager or vendor."""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

_ADDRESS: Final = re.compile(r"([^<>]*)<([^<>()\s]+@[^<>()\s]+)>")
_GROUP: Final = re.compile(
    r"\b(?:team|maintainers?|developers?|group|project|packagers?|foundation|inc\.?|gmbh|llc|ltd|fedora|suse|opensuse)\b",
    re.IGNORECASE,
)


class Supplier(Struct, frozen=True, kw_only=True):
    """A supplier by name; `email` may be empty. `is_group`: it is no single person, as far as its name shows."""

    name: str
    email: str
    is_group: bool


def supplier_of(text: str) -> Supplier | None:
    """Return the supplier of a text such as `ChangZhuo Chen <czchen@debian.org>`; None of an empty one.

    A vendor without an address is no person. SPDX sets an address in parentheses, so that a name has none.
    """
    found = _ADDRESS.match(text)
    name = " ".join(re.sub(r"[<>()\"]", " ", found[1] if found else text).split())
    if not name:
        return Supplier(name=found[2], email=found[2], is_group=False) if found else None
    is_group = found is None or _GROUP.search(name) is not None
    return Supplier(name=name, email=found[2] if found else "", is_group=is_group)
