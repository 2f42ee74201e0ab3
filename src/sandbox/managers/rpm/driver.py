"""A program for rpm's packages: the fields hold its own values, the methods are common to all programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from sandbox.managers import protocol
from sandbox.managers.progress_lines import match_progress
from sandbox.managers.rpm import database as rpm
from sandbox.managers.rpm import names as rpm_names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sandbox.errors import StepFailed
    from sandbox.managers.protocol import Argv, Failure, Package, PackageRef, Query


class Words(Protocol):
    """A program's arguments for installing, fetching and removing."""

    def install(self, packages: Sequence[PackageRef], *, recommends: bool = False) -> Argv:
        """Return the argv that installs without asking."""

    def download(self, packages: Sequence[PackageRef], *, recommends: bool = False) -> Argv:
        """Return the argv that only fetches."""

    def remove(self, packages: Sequence[PackageRef]) -> tuple[Argv, ...]:
        """Return the commands that remove packages and what only they needed."""


class Program(Struct, frozen=True, kw_only=True):
    """A program for rpm's packages, which on the command line is called `command`.

    `index_argv` fetches the index. `read` returns what the output of `listing` means. `group_check` returns the
    pipeline whose last status tells whether a group is installed, None for a program whose grammar has no groups.
    `progress_lines` are patterns and what they say, as match_progress takes them.
    """

    name: str
    command: str
    words: Words
    index_argv: Argv
    throwaway: Argv
    index: tuple[str, ...]
    state_files: tuple[str, ...]
    prepare: str
    listing: str
    read: Callable[[Mapping[str, bytes]], tuple[Package, ...]]
    group_check: Callable[[str], tuple[Argv, ...]] | None
    progress_lines: tuple[tuple[str, str], ...]

    environment = rpm.environment
    throwaway_environment = unsynced_environment = protocol.NOTHING
    unsynced_folders: tuple[str, ...] = ()
    needs_root = True
    database = ()
    keep_docs = rpm.KEEP_DOCS
    from_source = None

    def parse_reference(self, text: str) -> PackageRef:
        """Return the reference. Raises UsageError with the text and the expected form."""
        return rpm_names.parse_reference(text) if self.group_check is None else rpm_names.parse_with_groups(text)

    def use_mirror(self, official: str, mirror: str) -> Argv:
        """Return the argv that points the distro's repositories from the official mirror to another."""
        return rpm.use_mirror(official, mirror)

    def refresh(self) -> Argv:
        """Return the argv that fetches the index."""
        return self.index_argv

    def install(self, packages: Sequence[PackageRef], *, recommends: bool = False) -> Argv:
        """Return the argv that installs without asking."""
        return self.words.install(packages, recommends=recommends)

    def download(self, packages: Sequence[PackageRef], *, recommends: bool = False) -> Argv:
        """Return the argv that only fetches what would be installed."""
        return self.words.download(packages, recommends=recommends)

    def remove(self, packages: Sequence[PackageRef], *, purge: bool = False) -> tuple[Argv, ...]:  # noqa: ARG002 - rpm has no purge
        """Return the commands that remove packages and what only they needed.

        There is no purge: configuration that was changed stays as `.rpmsave`, the rest goes with its package.
        """
        return self.words.remove(packages)

    def is_installed(self, package: PackageRef) -> tuple[Argv, ...]:
        """Return the pipeline whose last status shows it."""
        if self.group_check is not None and package.name.startswith("@"):
            return self.group_check(package.name[1:])
        return rpm.is_installed(package)

    def parse_packages(self, database: Mapping[str, bytes]) -> tuple[Package, ...]:
        """Return the packages that rpm lists, with the program's record of who asked for them."""
        return self.read(database)

    def files(self, packages: Sequence[PackageRef]) -> Query[str]:
        """Ask for the packages' files; the command skips one that is not installed."""
        return rpm.files(packages)

    def explain(self, failure: Failure, packages: Sequence[PackageRef], *, distro: str) -> StepFailed | None:
        """Return our error for the messages of the program, or None if none is known."""
        from sandbox.managers.rpm import errors as rpm_errors  # its patterns take longer to compile than all the rest

        return rpm_errors.explain(failure, packages, distro=distro, program=self.command)

    def failed_script(self, failure: Failure, *, distro: str) -> StepFailed | None:
        """Return the error for a script that failed although the command ended with status 0, or None."""
        from sandbox.managers.rpm import errors as rpm_errors

        return rpm_errors.messages(self.command).failed_script(failure.output, distro)

    def progress(self, line: str) -> str | None:
        """Return the progress in a line of output, such as `Installing htop`, or None for noise."""
        return match_progress(self.progress_lines, line)
