"""A task's log in CloudWatch, read on from where it was read to: a command's may be long, and is read each second."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.errors import EngineError, NotFound
from sandbox.trials.fargate import answers

if TYPE_CHECKING:
    from sandbox.trials.fargate.api import Aws


class TaskLog:
    """The log of one task, as far as it was read. `is_still`: whether the last read brought nothing."""

    def __init__(self, aws: Aws, *, group: str, stream: str) -> None:
        self._aws = aws
        self._names = {"logGroupName": group, "logStreamName": stream}
        self._data = bytearray()
        self._token = ""
        self.is_still = False

    def read(self, *, limit: int, anew: bool = False) -> bytes:
        """Return its start, up to `limit` bytes; `anew` from the beginning. Raises EngineError where there is none.

        What comes late may stand before what was read already, so that a log which lacks something is read anew.
        """
        if anew:
            self._data, self._token = bytearray(), ""
        before = len(self._data)
        while len(self._data) < limit:
            page = self._page()
            self._data += "".join(f"{event.message}\n" for event in page.events).encode(errors="replace")
            if page.next_forward_token == self._token:  # the end: a page may be empty before it
                break
            self._token = page.next_forward_token
        self.is_still = len(self._data) == before
        return bytes(self._data[:limit])

    def _page(self) -> answers.Events:
        more = {"nextToken": self._token} if self._token else {}
        try:
            return self._aws.call("logs", "GetLogEvents", answers.Events, startFromHead=True, **self._names, **more)
        except NotFound:
            raise EngineError("CloudWatch has no log of it") from None
