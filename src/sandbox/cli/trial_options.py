"""The options of the verb trial, in groups, as they were typed."""

from __future__ import annotations

from pathlib import Path

from sandbox.cli.group import Group, Text, Texts


class Cells(Group, frozen=True, kw_only=True):
    """Which specs on which distros, and the settings of all cells."""

    specs: Texts = None
    files: Texts = None
    distro: Text = None
    locked: bool = False
    hardened: bool = False
    allow: Text = None
    distros: str | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """The options that a command for a single cell needs too, except its distro."""
        flags = (("--locked", self.locked), ("--hardened", self.hardened))
        values = (("--allow", self.allow), ("--distros", self.distros))
        return (
            *(flag for flag, said in flags if said),
            *(word for option, value in values if value for word in (option, value)),
        )


class Work(Group, frozen=True, kw_only=True):
    """How and where to run the cells."""

    jobs: int | None = None
    retries: int = 0
    twice: bool = False
    shell_on_fail: bool = False
    engine: Texts = None
    on: Text = None
    push: bool = False
    ttl: str | None = None
    max_tasks: int | None = None
    max_vcpu_hours: str | None = None

    @property
    def for_fargate(self) -> tuple[str, ...]:
        """The options that were given and mean something on Fargate alone."""
        given = (
            ("--push", self.push),
            ("--ttl", self.ttl),
            ("--max-tasks", self.max_tasks),
            ("--max-vcpu-hours", self.max_vcpu_hours),
        )
        return tuple(option for option, value in given if value)


class Output(Group, frozen=True, kw_only=True):
    """How to show the result: as JSON, as JUnit XML in a file, without progress."""

    junit: Path | None = None
    as_json: bool = False
    quiet: bool = False
