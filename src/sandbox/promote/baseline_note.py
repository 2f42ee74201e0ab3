"""What a sandbox held when the user got it, noted inside it, so that manual changes can be found later.

It is loaded on the way to the prompt: what finds the changes is not.
"""

from __future__ import annotations

import zlib
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Final

import msgspec.json
from msgspec import Struct

from sandbox.engine.protocol import FileStamp  # noqa: TC001 - msgspec reads the annotations
from sandbox.lifecycle.scratch import KNOWN, NOTES, SCRATCH
from sandbox.managers.protocol import Package  # noqa: TC001 - as above
from sandbox.provision.run import Provisioned

if TYPE_CHECKING:
    from sandbox.container.box import Box
    from sandbox.lifecycle.lifetimes import Life
    from sandbox.managers.registry import ManagerName

LARGEST: Final = 4_000_000
"""Most bytes of the state: tens of thousands of packages."""
LONGEST: Final = 100_000
"""Most characters of it in a word of a command: the kernel accepts 128 KiB (execve(2)); 5000 packages need less."""


class Known(Struct, frozen=True, kw_only=True):
    """The content of KNOWN: what of Provisioned is needed to find manual changes.

    It comes from a sandbox: untrusted. `came`: None in one of an earlier version, where nobody knows what the base had.
    """

    asked: tuple[Package, ...]
    explicit: frozenset[str]
    stamps: dict[str, FileStamp | None]
    present: dict[str, str]
    languages: tuple[str, ...]
    came: tuple[str, ...] | None = None


def encode_baseline(state: Provisioned) -> str:
    """Return the state of a sandbox when the user gets it, for KNOWN."""
    found = Known(
        asked=state.asked,
        explicit=state.explicit,
        stamps=dict(state.stamps),
        present=dict(state.present),
        languages=state.languages,
        came=state.came,
    )
    return b64encode(zlib.compress(msgspec.json.encode(found))).decode()


def known_word(box: Box, state: Provisioned) -> str:
    """Return the state of a throwaway sandbox for its shell to record; empty if it was already recorded."""
    text = encode_baseline(state)
    if len(text) <= LONGEST:
        return text
    argv = ("sh", "-c", f"cat >{SCRATCH}/{KNOWN}")
    box.exec(argv, stdin=text.encode())
    return ""


def save_baseline(box: Box, state: Provisioned, manager: ManagerName) -> None:
    """Write the state into a sandbox that stays, and begin; a throwaway one's shell does this itself."""
    from sandbox.core.tar import one_file
    from sandbox.promote.manual_changes import mark_handoff

    box.copy_in("/", [one_file(f"{NOTES}/{KNOWN}".lstrip("/"), encode_baseline(state).encode())])
    mark_handoff(box, manager)


def load_baseline(box: Box, life: Life) -> Provisioned | None:
    """Return the recorded state of a sandbox, or None if it is missing or damaged."""
    try:
        content = zlib.decompressobj().decompress(b64decode(_note(box, life)), LARGEST)
        found = msgspec.json.decode(content, type=Known)
    except (ValueError, zlib.error, msgspec.MsgspecError, RecursionError):
        return None
    return Provisioned(
        asked=found.asked,
        explicit=found.explicit,
        stamps=found.stamps,
        present=found.present,
        languages=found.languages,
        came=tuple(found.present) if found.came is None else found.came,
    )


def _note(box: Box, life: Life) -> bytes:
    if life != "session":
        return box.read_file(f"{NOTES}/{KNOWN}", limit=LARGEST) or b""
    argv = ("cat", f"{SCRATCH}/{KNOWN}")  # archives don't contain mounts
    return box.read(argv, limit=LARGEST)[1]
