"""Faults that a test asks for: each hits the next requests, or the next tasks, that it fits."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct
from tests.fargate.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

CAPACITY: Final = "Capacity is unavailable at this time. Please try again later or in a different availability zone"
"""sil-org/ecs-deploy#277, gchq/sleeper#904."""
VCPUS: Final = "You've reached the limit on the number of vCPUs you can run concurrently"

BEFORE: Final[Mapping[str, Refusal]] = {
    "throttle": Refusal("ThrottlingException", "Rate exceeded"),
    "server": Refusal("ServerException", "Service Unavailable. Please try again later.", {}, 500),
    "denied": Refusal("AccessDeniedException", "User: {arn} is not authorized to perform: {action} on resource: *"),
    "expired": Refusal("ExpiredTokenException", "The security token included in the request is expired"),
    "invalid": Refusal("UnrecognizedClientException", "The security token included in the request is invalid."),
}
"""Answers in place of doing what was asked."""
KINDS: Final = frozenset(
    "error drop lost_answer failures capacity vcpu missing late_log split_log spot cannot_pull oom small_pages".split()
).union(BEFORE)
OF_RUNS: Final = frozenset("failures capacity vcpu missing spot cannot_pull oom".split())


class Fault(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of KINDS. `times`: how many requests, tasks or streams it hits. `operation`, `key`: only these requests.

    `asks`: how often a task is MISSING, or its stream absent, when it is asked for. `size`: items or events of a page.
    `key`: the access key of the requests. `code`, `message` and `status` are those of `error`, `reason` of `failures`.
    """

    kind: str
    operation: str = ""
    key: str = ""
    times: int = 1
    asks: int = 3
    size: int = 2
    reason: str = "RESOURCE:CPU"
    code: str = ""
    message: str = ""
    status: int = 400

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            message = f"no such fault: {self.kind}"
            raise ValueError(message)


class Faults:
    """The faults that are still to come, and how many of each kind came."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left: list[tuple[Fault, int]] = []
        self.met: dict[str, int] = {}

    def add(self, fault: Fault) -> None:
        """Let a fault come from now on."""
        with self._lock:
            self._left.append((fault, fault.times))

    def clear(self) -> None:
        """Let none come any more."""
        with self._lock:
            self._left.clear()

    @property
    def left(self) -> list[tuple[Fault, int]]:
        """The faults that did not come as often as asked."""
        with self._lock:
            return list(self._left)

    def take(self, kinds: frozenset[str], *, operation: str = "", key: str = "") -> Fault | None:
        """Return the first fault of these kinds that fits a request, and count it as come."""
        with self._lock:
            for number, (fault, times) in enumerate(self._left):
                if fault.kind not in kinds or fault.operation not in ("", operation) or fault.key not in ("", key):
                    continue
                self.met[fault.kind] = self.met.get(fault.kind, 0) + 1
                self._left[number : number + 1] = [(fault, times - 1)] if times > 1 else []
                return fault
        return None

    def page_size(self, default: int) -> int:
        """Return how many items a page of a list holds at most: small_pages stays until it is cleared."""
        with self._lock:
            return min([default, *(fault.size for fault, _ in self._left if fault.kind == "small_pages")])


def refusal_of(fault: Fault, action: str) -> Refusal | None:
    """Return the error that a fault answers in place of the request's answer."""
    if fault.kind == "error":
        return Refusal(fault.code, fault.message, {}, fault.status)
    found = BEFORE.get(fault.kind)
    if found is None:
        return None
    arn = "arn:aws:iam::000000000000:user/rig"
    return Refusal(found.code, found.message.format(arn=arn, action=action), {}, found.status)


def failures_of(fault: Fault) -> dict[str, Any] | None:
    """Return the answer 200 of RunTask that began nothing."""
    reasons = {"failures": fault.reason, "capacity": CAPACITY, "vcpu": VCPUS}
    return {"tasks": [], "failures": [{"reason": reasons[fault.kind]}]} if fault.kind in reasons else None
