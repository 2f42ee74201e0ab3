"""What an error of AWS means for a call: try it again, sign in anew, or give up. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

Verdict = Literal["again", "sign in", "crowded", "final"]
"""again: the same call may succeed soon. crowded: there is no room now, and may be in minutes."""

THROTTLES: Final = (
    *("ThrottlingException", "Throttling", "ThrottledException", "RequestThrottled", "RequestLimitExceeded"),
    *("TooManyRequestsException", "RequestThrottledException", "SlowDown", "PriorRequestNotComplete"),
)
FAILURES: Final = ("ServerException", "InternalFailure", "InternalError", "ServiceUnavailable", "RequestTimeout")
EXPIRED: Final = ("ExpiredTokenException", "ExpiredToken", "RequestExpired")
BUSY: Final = ("Too many concurrent attempts to create a new revision",)
NO_ROOM: Final = ("limit on the number of vcpus", "capacity is unavailable", "capacity isn't available")
SERVER_ERROR: Final = 500
TRIES: Final = 8
LONGEST_PAUSE: Final = 10.0


def verdict(code: str, message: str, status: int = 400) -> Verdict:
    """Return what the code, message and HTTP status of an error mean. A connection that failed has the code ""."""
    if code in EXPIRED:
        return "sign in"
    if is_crowded(f"{code} {message}"):
        return "crowded"
    is_passing = code in (*THROTTLES, *FAILURES) or not code or status >= SERVER_ERROR
    return "again" if is_passing or any(words in message for words in BUSY) else "final"


def is_crowded(reason: str) -> bool:
    """Return whether Fargate says that it has no room, or that the account may not run more at a time."""
    # in capitals, and first: a denial says "... is not authorized to perform: ecs:RunTask on resource: arn:..."
    return reason.startswith("RESOURCE:") or any(words in reason.lower() for words in NO_ROOM)


def pause(attempt: int, chance: Callable[[], float]) -> float:
    """Return the seconds before attempt 1, 2, ...: exponential with full jitter; `chance` gives from 0 to 1."""
    return min(LONGEST_PAUSE, 0.2 * 2.0**attempt) * (0.5 + chance() / 2)
