"""Where a sandbox's packages come from and which keys signed for it, as lines that a lock shows."""

from __future__ import annotations

import re

from sandbox.managers.protocol import Query


def repositories(text: str) -> Query[str]:
    """Ask for addresses and keys; `text` is constant shell text that prints `repository URL` and `key NAME`."""
    return Query(argv=("sh", "-c", f"{text}\nexit 0"), parse=plain_rows)


def plain_rows(output: str) -> tuple[str, ...]:
    """Return the addresses in their order, then the keys, each once."""
    found = [line.partition(" ") for line in output.splitlines()]
    places = [without_user(rest) for kind, _, rest in found if kind == "repository" and "://" in rest]
    keys = sorted(rest for kind, _, rest in found if kind == "key" and rest)
    return (*dict.fromkeys(places), *(f"key {key}" for key in dict.fromkeys(keys)))


def without_user(row: str) -> str:
    """Return a line without what a URL may say of its user."""
    return re.sub(r"://[^/\s@]*@", "://", row.strip())
