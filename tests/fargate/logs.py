"""CloudWatch Logs as AWS delivers a task's log: late, in small pages, with empty pages between."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

from tests.fargate.refusals import Refusal
from tests.fargate.upstream import LOGS, RefusedError

if TYPE_CHECKING:
    from tests.fargate.faults import Faults
    from tests.fargate.upstream import Caller, Upstream

Params = dict[str, Any]
NO_STREAM: Final = Refusal("ResourceNotFoundException", "The specified log stream does not exist.")
EMPTY: Final = "rig-"
"""Before the token that comes with an empty page, and leads to where it came from."""


class Logs:
    """Answers the requests for logs."""

    def __init__(self, upstream: Upstream, faults: Faults) -> None:
        self._upstream = upstream
        self._faults = faults
        self._lock = threading.Lock()
        self._late: dict[str, int] = {}
        self._sizes: dict[str, int] = {}

    def answer(self, operation: str, params: Params, caller: Caller) -> Params:
        """Return the answer to a request; raise RefusedError for an error."""
        if operation == "GetLogEvents":
            return self._events(params, caller)
        answer = self._upstream.ask(LOGS, operation, params, caller)
        if operation == "DescribeLogStreams":
            rows = answer["logStreams"]
            answer["logStreams"] = [row for row in rows if not self._late.get(row["logStreamName"])]
        return answer

    def _events(self, params: Params, caller: Caller) -> Params:
        stream = params.get("logStreamName", "")
        if self._is_late(stream):
            raise RefusedError(NO_STREAM)
        size = self._sizes[stream]
        if not size:
            return self._ask(params, caller)
        token = params.get("nextToken", "")
        if not token.startswith(EMPTY):
            self._ask({**params, "limit": 1}, caller)  # a stream that is not there is no empty page
            return {"events": [], "nextForwardToken": f"{EMPTY}{token}", "nextBackwardToken": f"{EMPTY}{token}"}
        asked = {**params, "limit": size, "nextToken": token.removeprefix(EMPTY)}
        if not asked["nextToken"]:
            del asked["nextToken"]
        answer = self._ask(asked, caller)
        if not answer["events"]:  # the end, for now: the same token again
            answer["nextForwardToken"] = token
        return answer

    def _is_late(self, stream: str) -> bool:
        """Return whether a stream is not seen yet, and count the ask; the first one decides what happens to it."""
        with self._lock:
            if stream not in self._late:
                late = self._faults.take(frozenset(("late_log",)))
                split = self._faults.take(frozenset(("split_log",)))
                self._late[stream] = late.asks if late else 0
                self._sizes[stream] = split.size if split else 0
            left = self._late[stream]
            self._late[stream] = max(0, left - 1)
            return left > 0

    def _ask(self, params: Params, caller: Caller) -> Params:
        return self._upstream.ask(LOGS, "GetLogEvents", params, caller)
