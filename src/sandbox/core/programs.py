"""Programs that run in a sandbox, most of them in sh: each in a file of its own beside the module that sends it."""

from __future__ import annotations

import re
import sys
from functools import cache
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:

    class _Loader(Protocol):
        def get_data(self, path: str) -> bytes: ...


_REMARKS = re.compile(r"^[ \t]*(?:(?:#|//).*)?\n", re.MULTILINE)
_HEAD = re.compile(r"#!.*\n(?:#.*\n)*\n")


@cache
def source(package: str, name: str) -> str:
    """Return the text of a file beside the modules of `package` (their `__package__`), as it stands there.

    It is read when it is first used, in some 60 us, by what loaded the package, so from a zip too (PEP 302, get_data);
    importlib.resources takes 10 ms and more to import.
    """
    module = sys.modules[package]
    loader = cast("_Loader", module.__spec__ and module.__spec__.loader)
    return loader.get_data(f"{module.__path__[0]}/{name}").decode()


@cache
def program(package: str, name: str) -> str:
    """Return a file's program as it is sent: without blank lines and without lines that are a comment."""
    return _REMARKS.sub("", source(package, name))


@cache
def template(package: str, name: str) -> str:
    """Return a file's text without its head, the comment from `#!` to the first blank line."""
    return _HEAD.sub("", source(package, name), count=1)
