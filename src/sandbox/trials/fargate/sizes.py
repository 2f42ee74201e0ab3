"""The sizes that a Fargate task can have, and the least that holds the limits of a trial. Pure.

AWS's documentation, "Task CPU and memory" (task-cpu-memory-error): only these pairs are accepted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sandbox.core.human import size
from sandbox.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.specs.model import Limits

GIB: Final = 1024
PAIRS: Final[Mapping[int, Sequence[int]]] = {
    256: (512, 1024, 2048),
    512: range(1 * GIB, 4 * GIB + 1, GIB),
    1024: range(2 * GIB, 8 * GIB + 1, GIB),
    2048: range(4 * GIB, 16 * GIB + 1, GIB),
    4096: range(8 * GIB, 30 * GIB + 1, GIB),
    8192: range(16 * GIB, 60 * GIB + 1, 4 * GIB),
    16384: range(32 * GIB, 120 * GIB + 1, 8 * GIB),
}
"""MiB of memory by units of CPU, of which a core has 1024."""
MIB: Final = 1_048_576
CORE: Final = 1024


class TaskSize(Struct, frozen=True, kw_only=True):
    """A size of a task: `cpu` in units, of which a core has 1024, `memory` in MiB."""

    cpu: int
    memory: int

    @property
    def cores(self) -> float:
        """The cores."""
        return self.cpu / CORE

    @property
    def title(self) -> str:
        """Both, as a person reads them."""
        return f"{self.cores:g} vCPU and {self.memory / GIB:g} GB"


def task_size(limits: Limits) -> TaskSize:
    """Return the least size that has these limits; the cheapest is that with the fewest cores.

    Raises UsageError where there is none: 16 cores and 120 GB are the largest.
    """
    for cpu, sizes in PAIRS.items():
        for memory in sizes:
            if cpu >= limits.cpus * CORE and memory * MIB >= limits.memory:
                return TaskSize(cpu=cpu, memory=memory)
    message = f"Fargate has no task with {limits.cpus:g} cpus and {size(limits.memory)} of memory"
    raise UsageError(message, details=[("the largest has", "16 cpus and 120 GB")])


def rounding_text(limits: Limits) -> str:
    """Return what a task gets instead of these limits, in words; "" where it is the same. Raises UsageError."""
    found = task_size(limits)
    is_same = found.cpu == limits.cpus * CORE and found.memory * MIB == limits.memory
    return "" if is_same else f"{limits.cpus:g} cpus and {size(limits.memory)} become {found.title}"
