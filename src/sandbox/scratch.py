"""The one place in a sandbox that is ours, and in no layer of any image."""

from __future__ import annotations

from typing import Final

SCRATCH: Final = "/dev/sandbox"
"""A tmpfs of ours, below /dev since that is one too: so that not even its mount point is in any layer."""

SCRATCH_OPTIONS: Final = "rw,exec,nosuid,nodev,size=4m,mode=0755"
