"""What a service that runs jobs can and can't do, as data: the decisions about a cell read it."""

from __future__ import annotations

from typing import Final

from msgspec import Struct


class Facts(Struct, frozen=True, kw_only=True):
    """A service's facts. `name` is its word for --on, `title` what a message calls it, `speaker` who answers.

    `restarts`: it starts a failed job anew by itself. `chooses_node`: a job can be kept from a node.

    `largest_command`: bytes of a script on its command line, as JSON where `is_json`. `packs`: a longer one is
    compressed. The rest are seconds:
    `log_follows_end` in which a log may grow behind the end, `unplaced` until a job that is nowhere is given up,
    `settled` until a failed one is.

    `is_near`: its jobs reach what this host reaches, by its proxy. `node_word` is put before a node's name. `no_task`
    and `no_place` say that a job has no task, or that its task has no place.
    """

    name: str
    title: str
    speaker: str
    node_word: str
    no_task: str
    no_place: str
    is_near: bool
    restarts: bool
    chooses_node: bool
    largest_command: int
    packs: bool
    is_json: bool
    log_follows_end: float
    unplaced: float
    settled: float


SWARM: Final = Facts(
    name="swarm",
    title="a swarm",
    speaker="the swarm",
    node_word="swarm node",
    no_task="the swarm did not create a task",
    no_place="no node of the swarm accepted the task",
    is_near=True,
    restarts=True,
    chooses_node=True,
    # the kernel takes 128 KiB as one argument (execve(2), MAX_ARG_STRLEN)
    largest_command=120_000,
    packs=False,
    is_json=False,
    log_follows_end=10.0,  # a manager may be new, and its log not there yet
    unplaced=90.0,
    settled=8.0,
)
