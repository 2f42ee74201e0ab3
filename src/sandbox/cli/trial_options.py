"""The options of the verb trial in groups, whose fields hold the words as they were typed."""

from __future__ import annotations

from pathlib import Path

from sandbox.cli.option_groups import Group

Text = str | None
Texts = list[str] | None


class Cells(Group, frozen=True, kw_only=True):
    """Which specs on which distros, and what is the same for each of them."""

    specs: Texts = None
    distro: Text = None
    locked: bool = False
    hardened: bool = False
    allow: Text = None
    distros: str | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """The options that each cell alone needs too, as they are typed, but for its distro."""
        flags = (("--locked", self.locked), ("--hardened", self.hardened))
        values = (("--allow", self.allow), ("--distros", self.distros))
        return (
            *(flag for flag, said in flags if said),
            *(word for option, value in values if value for word in (option, value)),
        )


class Work(Group, frozen=True, kw_only=True):
    """How the cells are run, and by what."""

    jobs: int | None = None
    retries: int = 0
    twice: bool = False
    shell_on_fail: bool = False
    engine: Texts = None
    on: Text = None


class Output(Group, frozen=True, kw_only=True):
    """How the result is shown: as JSON, as JUnit XML in a file beside it, without progress."""

    junit: Path | None = None
    as_json: bool = False
    quiet: bool = False
