"""The version of a package that the manager chooses by itself, and the repositories that have other versions.

What came another way, as by a pin, a release's name or from a file, is promoted with what makes a host take the same.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class Choice(Struct, frozen=True, kw_only=True):
    """What is known of a name: the version that is `chosen`, empty where there is none, and who has which version.

    `places` are the repositories of each version, in the manager's words, empty texts where it does not say; `is_known`
    is False where nothing can be said, as there is no index to ask.
    """

    name: str
    chosen: str = ""
    places: Mapping[str, tuple[str, ...]]
    is_known: bool = True


INDEX: Final = re.compile(r"^index: yes$", re.MULTILINE)
"""The line that a query prints if there is an index."""
SECRET: Final = re.compile(r"//[^/\s@]*@")
"""What a URL may say of its user."""
_POLICY_NAME: Final = re.compile(r"(\S+) policy:")
_POLICY_VERSION: Final = re.compile(r"  (\S+):")


def policies(output: str) -> Iterator[tuple[str, list[tuple[str, list[str]]]]]:
    """Yield names with their versions and sources from the output of `apk policy`."""
    rows: list[tuple[str, list[str]]] = []
    for line in output.splitlines():
        if header := _POLICY_NAME.fullmatch(line):
            rows = []
            yield header[1], rows
        elif version := _POLICY_VERSION.fullmatch(line):
            rows.append((version[1], []))
        elif rows and line.startswith("    ") and "lib/apk/db/installed" not in line:
            rows[-1][1].append(SECRET.sub("//", line.strip()))
