"""The time and the identity of a bill of materials: from its content, so that the same input gives the same bytes."""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.json import encode

from sandbox.errors import Advice, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.inspect.bill import Bill

EPOCH = "SOURCE_DATE_EPOCH"


class Stamp(Struct, frozen=True, kw_only=True):
    """A time, and what it is the time of."""

    time: datetime
    of: str


def stamp_of(bill: Bill, environ: Mapping[str, str]) -> Stamp:
    """Return SOURCE_DATE_EPOCH, else the day of the packages' snapshot, else the time of the newest package.

    Raise UsageError for a SOURCE_DATE_EPOCH that is none (https://reproducible-builds.org/specs/source-date-epoch/).
    """
    if given := environ.get(EPOCH):
        return Stamp(time=_moment(check_epoch(given)), of=EPOCH)
    if bill.day:
        return Stamp(time=datetime.fromisoformat(bill.day).replace(tzinfo=timezone.utc), of="the packages' day")
    newest = max((item.built for item in bill.items if item.built is not None and _is_epoch(item.built)), default=None)
    if newest is None:
        return Stamp(time=_moment(0), of="nothing: no package says when it was built")
    return Stamp(time=_moment(newest), of="the newest package")


def check_epoch(text: str) -> int:
    """Return the seconds of SOURCE_DATE_EPOCH. Raises UsageError."""
    if not (text.isascii() and text.isdigit() and len(text) <= 12 and _is_epoch(int(text))):  # noqa: PLR2004
        message = f"{EPOCH} is not a number of seconds since 1970: {text[:40]}"
        raise UsageError(message, hints=[Advice.say(f"{EPOCH}=1704067200, or unset it")])
    return int(text)


def _is_epoch(seconds: int) -> bool:
    return seconds < 253_402_300_800  # noqa: PLR2004 - the year 10000, which no date has


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc)


def identity(bill: Bill) -> uuid.UUID:
    """Return an identifier of a bill's content (RFC 9562, 5.8), another one where anything in it differs."""
    digest = bytearray(hashlib.sha256(encode(bill)).digest()[:16])
    digest[6], digest[8] = digest[6] & 0x0F | 0x80, digest[8] & 0x3F | 0x80
    return uuid.UUID(bytes=bytes(digest))
