"""What to type next for the verb that was called: errors from deep down advise `sandbox try`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.errors import Advice

if TYPE_CHECKING:
    from collections.abc import Sequence

OTHERS: Final = ("inspect", "compare")
"""Verbs that are asked for packages and distros as `try` is."""
SHARED: Final = {"--spec": 2, "--distro": 2, "-v": 1}
"""Options of `try` that these verbs have too, each with how many words it is."""


def of_verb(hint: Advice, verb: str) -> Advice:
    """Return a hint for `verb`; one that only `sandbox try` can follow stays as it is."""
    if verb not in OTHERS:
        return hint
    if "--memory" in hint.argv and (hint.base == "again" or hint.argv[:1] == ("try",)):
        limit = hint.argv[hint.argv.index("--memory") + 1]
        return Advice.say(f"limits: {{memory: {limit}}} in the settings{hint.after}")
    if hint.base != "sandbox" or hint.argv[:1] != ("try",) or hint.after:
        return hint
    words = hint.argv[1:]
    asked = tuple(word for word in words[: _packages(words)])
    options = _options(words[len(asked) :])
    if options is None:
        return hint
    spec, distro, rest = options
    if verb == "inspect" and (asked or spec):
        return Advice.sandbox("inspect", *asked, *spec, *distro, *rest)
    return Advice.again(*((*asked, *spec) or distro))


def _packages(words: Sequence[str]) -> int:
    """Return how many words are packages: those before the first option."""
    return next((number for number, word in enumerate(words) if word.startswith("-")), len(words))


def _options(words: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]] | None:
    """Return the words of --spec, of --distro and of -v; None where there is anything else."""
    found: dict[str, tuple[str, ...]] = {}
    while words:
        count = SHARED.get(words[0])
        if count is None:
            return None
        found[words[0]], words = tuple(words[:count]), words[count:]
    return found.get("--spec", ()), found.get("--distro", ()), found.get("-v", ())
