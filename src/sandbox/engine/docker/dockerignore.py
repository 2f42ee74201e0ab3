"""The patterns of a .dockerignore, as the SDK's matcher has to be given them.

`docker build` matches with Go's path.Match; the SDK matches with rules of its own that are near Python's fnmatch. They
differ in classes and in escapes: `[^a]` is any character but a to the first, ^ or a to the second (docker 7.2.0).
Source: https://docs.docker.com/build/concepts/context/#dockerignore-files, https://pkg.go.dev/path/filepath#Match.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

NAME: Final = ".dockerignore"
_TOKEN: Final = re.compile(r"\\(?P<escaped>.)|\[(?P<negated>\^?)(?P<members>(?:\\.|[^]\\])+)\]|(?P<other>.)", re.DOTALL)
_MEMBER: Final = re.compile(r"\\?(?P<first>.)(?:-\\?(?P<last>.))?", re.DOTALL)


def patterns(folder: Path) -> list[str]:
    """Return the patterns of the folder's .dockerignore in their order, in the words of the SDK; [] without a file."""
    try:
        lines = (folder / NAME).read_text(encoding="utf-8-sig", errors="replace").splitlines()
    except FileNotFoundError:
        return []
    return [sdk_pattern(line.strip()) for line in lines if line.strip() and not line.startswith("#")]


def sdk_pattern(pattern: str) -> str:
    """Return a pattern that the SDK matches as Go's path.Match matches the one given."""
    text = "".join(_sdk_token(token) for token in _TOKEN.finditer(pattern))
    # a first ! takes back what other patterns ignore: one that is meant as a character stands behind a folder
    return f"./{text}" if text.startswith("!") and not pattern.startswith("!") else text


def _sdk_token(token: re.Match[str]) -> str:
    if token["escaped"]:
        return f"[{token['escaped']}]" if token["escaped"] in "*?[" else token["escaped"]
    if token["members"] is None:
        return token[0]
    negated = "!" if token["negated"] else ""
    members: list[tuple[str, str]] = _MEMBER.findall(token["members"])
    if not negated and members in ([("!", "")], [("^", "")]):
        return members[0][0]
    return f"[{negated}{''.join(_member_texts(members))}]"


def _member_texts(members: list[tuple[str, str]]) -> list[str]:
    """Return the members so that the SDK takes none for a sign: it asks for ] first, and negates by a ! there."""
    single, ranges = [], []
    for first, last in members:
        if last and first in "!^":
            single.append(first)
            ranges.append(f"{chr(ord(first) + 1)}-{last}")
        elif last:
            ranges.append(f"{first}-{last}")
        else:
            single.append(first)
    return [*sorted(ranges + single, key=lambda member: (member != "]", member in set("!^-"), member == "-"))]
