"""Our own folders in a sandbox: one that is in no layer of any image, and one that lasts as long as the sandbox."""

from __future__ import annotations

from typing import Final

from sandbox.core.programs import program

SCRATCH: Final = "/dev/sandbox"
"""A tmpfs below /dev, which is a tmpfs itself: so not even the mount point gets into a layer."""

SCRATCH_OPTIONS: Final = "rw,exec,nosuid,nodev,size=4m,mode=0755"

NOTES: Final = "/.sandbox-begun"
"""A folder in a sandbox that stays. SCRATCH is lost when the sandbox stops, this only when it is removed."""

KNOWN: Final = "known"
"""A file in SCRATCH or NOTES: the state of the sandbox when the user got it."""


def begin_function() -> str:
    """Return the definition of the function `begin` for an sh program; begin.sh documents it."""
    return program(__package__, "begin.sh") + "\n"
