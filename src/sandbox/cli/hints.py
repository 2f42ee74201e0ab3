"""What to type next, in the words of the verb that was called: errors from deep down say `sandbox try`."""

from __future__ import annotations

import re
from typing import Final

OTHERS: Final = ("inspect", "compare")
"""Verbs that are asked for packages and distros as `try` is."""
TRY: Final = re.compile(
    r"sandbox try(?P<packages>(?: (?!--?)\S+)*)(?P<spec> --spec \S+)?(?P<distro> --distro \S+)?(?P<all> -v)?"
)
"""A hint of nothing but what these verbs have too."""
MEMORY: Final = re.compile(r"sandbox try --memory ([^\s,]+)(.*)")


def of_verb(hint: str, verb: str) -> str:
    """Return a hint for `verb`; one that only `sandbox try` can follow stays as it is."""
    if verb not in OTHERS:
        return hint
    if found := MEMORY.fullmatch(hint):
        return f"limits: {{memory: {found[1]}}} in the settings{found[2]}"
    found = TRY.fullmatch(hint)
    if found is None:
        return hint
    asked, distro = found["packages"] + (found["spec"] or ""), found["distro"] or ""
    if verb == "inspect" and asked:
        return f"sandbox inspect{asked}{distro}{found['all'] or ''}"
    return f"the same command with{asked or distro}"
