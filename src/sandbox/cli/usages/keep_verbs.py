"""The verbs under “Keep” in `--help`, with their options."""

from __future__ import annotations

from typing import Final

from sandbox.cli.params import Section, Usage, argument, flag, option
from sandbox.cli.usages.options import ALLOW, ENGINE, JSON, ROWS
from sandbox.cli.usages.values import FORMATS

KEEP: Final[tuple[Usage, ...]] = (
    Usage(
        "promote",
        "Write an install script for what you tried, and prove it in a fresh container.",
        group="Keep",
        examples=(
            "sandbox promote                      the last session, to standard output",
            "sandbox promote brave-otter -o install.sh",
            "sandbox promote --format ansible --format dockerfile -o FOLDER",
            "sandbox promote --without jq --no-verify | less",
            "sandbox promote --spec web-tools --for trixie",
            "sandbox promote --spec ./web-tools.yaml --locked",
        ),
        sections=(
            Section(
                "Arguments",
                (argument("name", "NAME", "Session to promote.", default="the last one", values="sessions"),),
            ),
            Section(
                "What to promote",
                (
                    option("spec", "SPEC", "Promote a spec instead of a session.", short="-s", values="specs"),
                    flag("locked", "With --spec: use exactly the versions in its lock."),
                    ALLOW,
                    option(
                        "only", "NAME,...", "Promote only these: names of packages or services, or paths of settings."
                    ),
                    option("without", "NAME,...", "Promote everything except these."),
                    option(
                        "target",
                        "DISTRO",
                        (
                            "Distro the script is for: host (default), tried (where you tried it), RELEASE, or "
                            "DISTRO[:RELEASE]."
                        ),
                        spelling="--for",
                        values="targets",
                    ),
                    ROWS,
                    ENGINE,
                ),
            ),
            Section(
                "What is written",
                (
                    option(
                        "formats",
                        "FORMAT",
                        "Format: ansible, dockerfile, devcontainer, cloud-init, nix, brewfile, spec, list, or json.",
                        short="-f",
                        spelling="--format",
                        default="sh",
                        values=FORMATS,
                    ),
                    option(
                        "output",
                        "PATH",
                        "File to write, or an existing folder.",
                        short="-o",
                        default="standard output",
                    ),
                    flag("no_verify", "Write it without a proof."),
                    flag("force", "Write it even if the proof fails."),
                ),
            ),
        ),
    ),
    Usage(
        "history",
        "List past sessions, newest first.",
        group="Keep",
        examples=(
            "sandbox history",
            "sandbox history --json",
        ),
        sections=(Section("Options", (JSON,)),),
    ),
)
