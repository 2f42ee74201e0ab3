"""The keys of a spec's pins of apt, apt_preferences(5)."""

from __future__ import annotations

import re
from typing import Final

from sandbox.specs.kinds import Kind, matching
from sandbox.specs.model import VersionPin
from sandbox.specs.shapes import Field, ObjectOf, Word


def _priority(text: str) -> int:
    if not re.fullmatch("-?[1-9][0-9]{0,4}", text) or not -32768 <= int(text) <= 32767:  # noqa: PLR2004
        raise ValueError
    return int(text)


PIN: Final = (
    Field(
        key="Package",
        shape=Word(kind=matching(r"[A-Za-z0-9*?\[\]/.+:_^$()|-]+(?: [A-Za-z0-9*?\[\]/.+:_^$()|-]+)*", "packages")),
        doc="Packages, by name or pattern; * for all.",
        required=True,
    ),
    Field(
        key="Pin",
        shape=Word(
            kind=matching(
                r"(?:version|release|origin) [^\x00-\x20\x7f][^\x00-\x1f\x7f]{0,200}", "a pin such as version 1.2*"
            )
        ),
        doc="version, release or origin, and which.",
        required=True,
    ),
    Field(
        key="Pin-Priority",
        shape=Word(
            kind=Kind(
                expected="a number from -32768 to 32767, not 0",
                convert=_priority,
                schema={
                    "anyOf": [
                        {"type": "integer", "minimum": -32768, "maximum": 32767, "not": {"const": 0}},
                        {"type": "string", "pattern": "^-?[1-9][0-9]{0,4}$"},
                    ]
                },
            )
        ),
        doc="How much: above 1000 also older than what is installed; below 0 never.",
        required=True,
    ),
)


def _pin(**found: object) -> VersionPin:
    return VersionPin(package=str(found["Package"]), pin=str(found["Pin"]), priority=int(str(found["Pin-Priority"])))


PINS: Final = ObjectOf(make=_pin, fields=PIN)
