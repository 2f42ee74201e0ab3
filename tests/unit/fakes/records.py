"""Records of sessions, for the tests of what reads the journal."""

from __future__ import annotations

from typing import Any

from sandbox.lifecycle.journal import Record, RecordedPackage


def record_of(*packages: RecordedPackage, **others: Any) -> Record:
    """Return the record of a session on Debian bookworm with these packages; `others` are fields of it."""
    fields = {
        "session": "s",
        "name": "brave-otter",
        "date": "2026-11-23T20:51:00Z",
        "distro": "debian",
        "release": "bookworm",
        "image": "debian:bookworm",
        "image_id": "sha256:1",
        **others,
    }
    return Record(packages=packages, **fields)
