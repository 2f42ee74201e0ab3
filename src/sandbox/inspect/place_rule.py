"""A row of the table of places: what a file that matches does to a host, when, and where that is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct

if TYPE_CHECKING:
    from sandbox.inspect.findings import Kind

When = Literal["at once", "boot", "login", "restart", "run", "loaded", "named", "reached", "idle", "never"]
"""When a file takes effect: at once; from the next boot or login on; once somebody restarts; whenever somebody runs;
once somebody loads or names it; once a unit is reached; idle: once somebody starts it; never by itself."""
PHRASES: Final[dict[When, str]] = {
    "at once": "in effect at once",
    "boot": "in effect from the next boot on",
    "login": "in effect from the next login on",
    "restart": "in effect once {} restarts",
    "run": "in effect whenever {} runs",
    "loaded": "in effect once {} loads it",
    "named": "in effect once {} names it",
    "reached": "in effect once {} is reached",
    "idle": "which a boot does not start",
    "never": "changes nothing that runs",
}
FOLDER: Final = "the unit"
"""Who restarts a drop-in: the unit whose folder it is in."""
SHORT: Final = {
    "SYSTEMD": "(?:etc|(?:usr/)?lib|usr/local/lib)/systemd",
    "CONFIG": "(?:etc|(?:usr/)?lib|usr/share|usr/local/lib)",
    "BROWSER": "usr/(?:lib|lib64|share)/(?:firefox[^/]*|mozilla|thunderbird[^/]*|librewolf|chromium[^/]*)",
    "NOT_ALL": r"(?!(?:.+/)?(?:sudoers|doas|cron|logrotate|Xsession|pam|x?inetd|dnsmasq|preferences)\.d/)",
    "LIB": r"(?:usr/)?(?:local/)?lib(?:32|64|x32)?(?:/[^/]+-linux-[^/]+)?",
}
"""Names for the parts of patterns that many rows share."""


class PlaceRule(Struct, frozen=True, kw_only=True):
    """A row: regular expressions of paths without their first slash, and what a file there is.

    `kind` is None for what is harmless, and for what another finding tells of: no finding is made of it. `one` and
    `many` are nouns for sentences. `who` restarts, runs or names it. `event` is what runs or reads a hook.
    `source` is the manual page or document that says so.
    """

    kind: Kind | None
    one: str
    many: str
    when: When
    who: str
    source: str
    patterns: tuple[str, ...]
    event: str = ""
    is_harmless: bool = False

    @property
    def effect(self) -> str:
        """When it takes effect, as words for a sentence."""
        return PHRASES[self.when].format(self.who)


def rule(
    kind: Kind | None,
    nouns: str,
    when: str,
    source: str,
    patterns: str = "",
    *,
    is_harmless: bool = False,
) -> PlaceRule:
    """Return a row: `a udev rule|udev rules` are nouns, `run: udev` is when; a hook's noun is what it hooks into.

    `patterns` are apart from each other by blanks; a name of SHORT behind a dollar stands for its pattern.
    """
    one, _, many = nouns.partition("|")
    moment, _, who = when.partition(": ")
    is_hook = kind == "events"
    for name, pattern in SHORT.items():
        patterns = patterns.replace(f"${name}", pattern)
    return PlaceRule(
        kind=kind,
        one=f"a hook into {one}" if is_hook else one,
        many=f"hooks into {one}" if is_hook else many or one,
        when=moment,  # type: ignore[arg-type]
        who=who,
        source=source,
        patterns=tuple(patterns.split()),
        event=one if is_hook else "",
        is_harmless=is_harmless or kind is None,
    )


def harmless(what: str, source: str, patterns: str = "") -> PlaceRule:
    """Return a row of which no finding is made."""
    return rule(None, what, "never", source, patterns)
