"""The table of verbs and their options: the parser, `--help`, manual pages, reference and completion are made of it.

Its rows are in usages/, by the groups of `--help`. Neither they nor params.py import a library, so that help can be
printed before anything else is loaded.
"""

from __future__ import annotations

from typing import Final

from sandbox.cli.params import Section, Usage, flag, option
from sandbox.cli.usages.evaluate_verbs import EVALUATE
from sandbox.cli.usages.keep_verbs import KEEP
from sandbox.cli.usages.manage_verbs import MANAGE
from sandbox.cli.usages.repeat_verbs import REPEAT
from sandbox.cli.usages.spec_verbs import SPECS
from sandbox.cli.usages.try_verbs import TRY
from sandbox.cli.usages.values import COMPLETED

USAGES: Final[tuple[Usage, ...]] = (*TRY, *EVALUATE, *KEEP, *REPEAT, *MANAGE, *SPECS)
"""All verbs, in the order of `--help`."""
EXIT_STATUSES: Final = """\
Exit status:
  0 done                       4 a step failed inside the sandbox
  1 failed                     5 something could not be removed
  2 the command line or a spec 6 a check failed
  3 the container engine     130 interrupted (128 + the signal)
With -- CMD it is the command's own, or 125 if sandbox itself failed.
"""
PROGRAM: Final = Usage(
    "",
    "Try a package in a throwaway distro, leave nothing behind, keep what you liked as an install script.",
    examples=(
        "sandbox try htop                         a shell in a fresh distro that has htop",
        "sandbox try ripgrep --distro debian:trixie -- rg --version",
        "sandbox promote -o install.sh            what the last session tried, for this host",
    ),
    sections=(
        Section(
            "Options",
            (
                flag("version", "Show the version."),
                option(
                    "completion",
                    "SHELL",
                    "Print the completion of bash, zsh, or fish.",
                    spelling="--show-completion",
                    values=COMPLETED,
                ),
            ),
        ),
    ),
)
"""The program itself, with the options before a verb."""
HELP: Final = flag("help", "Show this message and exit.", short="-h")
BY_NAME: Final = {usage.name: usage for usage in USAGES}
"""Each verb by its name."""
GROUPS: Final = {
    title: tuple(usage.name for usage in USAGES if usage.group == title)
    for title in dict.fromkeys(usage.group for usage in USAGES if usage.group)
}
"""The verbs by purpose, in the order of `--help`."""
VERBS: Final = tuple(verb for verbs in GROUPS.values() for verb in verbs)
"""Verbs with a module in cli/ and one in commands/; a test compares this with the registered ones."""
