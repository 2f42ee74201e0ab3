"""Pointing a manager's sources at another mirror, where they are lines of text that begin with its URL."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sandbox.managers.protocol import Argv

USE_MIRROR: Final = r"""
for file in $3; do
  if [ -f "$file" ]; then sed -i "s#$1\(/\|[[:space:]]\|\$\)#$2\1#" "$file"; fi
done
"""
"""$1 official and $2 mirror, both for sed; $3 the files, as patterns of ours."""


def use_mirror(official: str, mirror: str, *, files: str) -> Argv:
    """Return the argv that replaces one URL, where it is a whole one or ends before a slash, by another in files."""
    return ("sh", "-c", USE_MIRROR, "sh", *sed_words(official.rstrip("/"), mirror.rstrip("/")), files)


def sed_words(official: str, mirror: str) -> tuple[str, str]:
    """Return both URLs for the two sides of sed's `s#...#...#`, in which neither can do more than stand there."""
    return _sed_word(r"[][\\.*^$#]", official), _sed_word(r"[\\&#]", mirror)


def _sed_word(special: str, text: str) -> str:
    """Return a URL with what sed would act on escaped, since its s command can run programs; one line at most."""
    return re.sub(f"({special})", r"\\\1", (text.splitlines() or [""])[0])
