"""The places in a sandbox that are ours: one in no layer of any image, and those that last as long as it does."""

from __future__ import annotations

from typing import Final

from sandbox.core.programs import program

SCRATCH: Final = "/dev/sandbox"
"""A tmpfs of ours, below /dev since that is one too: so that not even its mount point is in any layer."""

SCRATCH_OPTIONS: Final = "rw,exec,nosuid,nodev,size=4m,mode=0755"

NOTES: Final = "/.sandbox-begun"
"""A folder in a sandbox that stays: what SCRATCH holds goes when it stops, this when it is removed."""

KNOWN: Final = "known"
"""A file in SCRATCH, or in NOTES: what was known of a sandbox when it was handed over."""


def begin_function() -> str:
    """Return the lines of the function `begin` for a program in sh: begin.sh says what it does."""
    return program(__package__, "begin.sh") + "\n"
