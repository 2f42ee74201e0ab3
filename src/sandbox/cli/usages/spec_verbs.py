"""The verbs under “Write specs” in `--help`, with their options."""

from __future__ import annotations

from typing import Final

from sandbox.cli.params import Section, Usage, argument, flag, option
from sandbox.cli.usages.options import ENGINE, FROM, JSON, ROWS
from sandbox.cli.usages.values import ANSWERS

SPECS: Final[tuple[Usage, ...]] = (
    Usage(
        "new",
        "Write a new spec, with every key explained.",
        group="Write specs",
        examples=(
            "sandbox new web-tools",
            "sandbox new web-tools curl jq --distro debian:bookworm",
            "sandbox new web-tools --from requirements.txt",
        ),
        sections=(
            Section(
                "Arguments",
                (
                    argument(
                        "name",
                        "NAME",
                        "Name of the spec, such as web-tools, or its path, such as ./web.yaml.",
                        is_needed=True,
                    ),
                    argument("packages", "PACKAGE...", "Packages to put into it.", values="packages"),
                ),
            ),
            Section(
                "Options",
                (
                    FROM,
                    option(
                        "distro",
                        "DISTRO",
                        "Distro of the spec, such as debian or debian:trixie.",
                        short="-d",
                        values="distros",
                    ),
                    option("description", "TEXT", "One sentence that says what the spec is for."),
                ),
            ),
        ),
    ),
    Usage(
        "validate",
        "Check specs, and show each problem with its line.",
        group="Write specs",
        examples=(
            "sandbox validate web-tools.yaml",
            "sandbox validate sandboxes/*.yaml",
        ),
        sections=(
            Section(
                "Arguments",
                (
                    argument(
                        "files",
                        "SPEC...",
                        "Specs, by name or path; - is standard input.",
                        values="specs",
                        is_needed=True,
                    ),
                ),
            ),
            Section("Options", (ROWS,)),
        ),
    ),
    Usage(
        "specs",
        "List the specs in this folder, your own, and those that come with sandbox.",
        group="Write specs",
        examples=(
            "sandbox specs",
            "sandbox try --spec web-tools",
        ),
        sections=(Section("Options", (JSON,)),),
    ),
    Usage(
        "schema",
        "Print the JSON Schema of specs, of distro files, or of a command's JSON.",
        group="Write specs",
        examples=(
            "sandbox schema > spec.schema.json",
            "sandbox schema --distros > distros.schema.json",
            "sandbox schema --of inspect        what inspect --json prints; also compare, promote, trial, list",
            "sandbox schema --doc limits",
        ),
        sections=(
            Section(
                "Options",
                (
                    option("doc", "KEY", "Explain a key of the spec instead.", values="keys"),
                    flag("distros", "Print the schema of distros.yaml."),
                    option(
                        "of",
                        "VERB",
                        "Print the schema of a command's JSON: inspect, compare, promote, trial, or list.",
                        values=ANSWERS,
                    ),
                ),
            ),
        ),
    ),
    Usage(
        "distros",
        "List the distros, and how each was tested.",
        group="Write specs",
        examples=(
            "sandbox distros",
            "sandbox distros debian",
            "sandbox try htop --distro debian:trixie",
            "sandbox distros --distros mine.yaml --json",
        ),
        sections=(
            Section(
                "Arguments",
                (
                    argument(
                        "name", "NAME", "Distro or release to list alone, such as debian or trixie.", values="distros"
                    ),
                ),
            ),
            Section(
                "Options",
                (JSON, option("rows", "FILE", "Read your own distros from FILE.", spelling="--distros"), ENGINE),
            ),
        ),
    ),
)
