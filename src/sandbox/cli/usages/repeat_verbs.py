"""The verbs under “Repeat” in `--help`, with their options."""

from __future__ import annotations

from typing import Final

from sandbox.cli.params import Section, Usage, argument, flag, option
from sandbox.cli.usages.options import (
    ALLOW,
    AS_OF,
    ENGINE,
    HARDENED,
    JSON,
    LISTING,
    PUSH,
    QUIET,
    ROWS,
    SBOM,
    SBOM_FORMAT,
    VERBOSE,
)
from sandbox.cli.usages.values import RUNNERS

REPEAT: Final[tuple[Usage, ...]] = (
    Usage(
        "lock",
        "Write the exact versions and checksums of a spec's packages to SPEC.lock.yaml.",
        group="Repeat",
        examples=(
            "sandbox lock ./web-tools.yaml",
            "sandbox lock ./web-tools.yaml --distro debian:bookworm,alpine",
            "sandbox lock ./web-tools.yaml --as-of 2024-01-31",
            "sandbox lock ./web-tools.yaml --update curl --update pip:httpie",
            "sandbox lock --from apt.txt                     try --from apt.txt --locked uses it",
            "sandbox lock ./web-tools.yaml --update          update all, and show the changes",
            "sandbox lock sandboxes/*.yaml --check           for pipelines: exit status 6",
        ),
        see_also="sandbox try --locked, sandbox bundle",
        sections=(
            Section("Arguments", (argument("specs", "SPEC...", "Specs, by name or path.", values="specs"),)),
            Section(
                "Options",
                (
                    LISTING,
                    option(
                        "distro",
                        "DISTRO,...",
                        "Distros to lock.",
                        short="-d",
                        default="those in the lock, else the spec's",
                        values="distros",
                    ),
                    AS_OF,
                    ALLOW,
                    flag("check", "Write nothing; exit with status 6 if the lock is out of date."),
                    option(
                        "update", "[PACKAGE]", "Update this package only.", default="all of them", values="packages"
                    ),
                    SBOM,
                    SBOM_FORMAT,
                    ENGINE,
                    VERBOSE,
                    QUIET,
                ),
            ),
        ),
    ),
    Usage(
        "bundle",
        "Pack a locked spec, its base and its packages into one file, for use without a network.",
        group="Repeat",
        examples=(
            "sandbox lock ./web-tools.yaml",
            "sandbox bundle ./web-tools.yaml -o web-tools.sandbox",
            "sandbox try --bundle web-tools.sandbox -- curl --version",
        ),
        see_also="sandbox lock, sandbox try --bundle",
        sections=(
            Section(
                "Arguments",
                (argument("spec", "SPEC", "A locked spec, by name or path.", values="specs", is_needed=True),),
            ),
            Section(
                "Options",
                (
                    option("output", "FILE", "File to write.", short="-o", is_needed=True),
                    option("distro", "DISTRO", "Which distro of the lock to pack.", short="-d", values="distros"),
                    ALLOW,
                    ENGINE,
                    VERBOSE,
                    QUIET,
                ),
            ),
        ),
    ),
    Usage(
        "trial",
        "Install specs on several distros, and run their checks.",
        group="Repeat",
        examples=(
            "sandbox trial                            all of ./sandboxes, each on its own distro",
            "sandbox trial web-tools --distro debian,alpine,fedora",
            "sandbox trial sandboxes/*.yaml --junit trials.xml --retries 1",
            "sandbox trial --from apt.txt --distro debian,ubuntu   does it install there?",
            "sandbox trial web-tools --shell-on-fail  open a shell in the one that fails",
            "sandbox trial --locked --twice           the locked versions, twice",
            "sandbox trial web-tools --twice          are both runs the same?",
            "sandbox trial --engine ssh://build1 --engine ssh://build2",
            "sandbox trial --on swarm                 on the Docker Swarm of the engine",
            "sandbox trial web-tools -d debian,alpine --on fargate   on AWS",
        ),
        see_also="sandbox specs, sandbox schema --doc checks",
        sections=(
            Section(
                "Arguments",
                (
                    argument(
                        "specs", "SPEC...", "Specs, by name or path.", default="all in ./sandboxes", values="specs"
                    ),
                ),
            ),
            Section(
                "What to try",
                (
                    option(
                        "files",
                        "FILE",
                        "Install the packages listed in FILE, such as apt.txt; repeat it for more.",
                        spelling="--from",
                    ),
                    option(
                        "distro", "DISTRO,...", "Distros to run on.", short="-d", default="the spec's", values="distros"
                    ),
                    flag("locked", "Use exactly the versions in each spec's lock."),
                    HARDENED,
                    ALLOW,
                    ROWS,
                ),
            ),
            Section(
                "How it runs",
                (
                    option(
                        "jobs",
                        "N",
                        "How many to run at a time.",
                        short="-j",
                        default="two more than the cores, up to 8",
                        least=1,
                        most=64,
                    ),
                    option("retries", "N", "Run a failed cell again, up to N times.", least=0, most=10),
                    flag("twice", "Run each cell twice, and fail if the results differ."),
                    flag("shell_on_fail", "Open a shell in the first sandbox that fails."),
                    option("engine", "URL", "Engine to use; repeat the option to share the work between several."),
                    option(
                        "on",
                        "SERVICE",
                        "Run on swarm (the engine must be a manager of it) or on fargate (AWS).",
                        values=RUNNERS,
                    ),
                ),
            ),
            Section(
                "With --on fargate",
                (
                    PUSH,
                    option("ttl", "TIME", "End each task after this time, whatever happens.", default="4h"),
                    option(
                        "max_tasks",
                        "N",
                        "Refuse a matrix with more cells, each a task.",
                        default="20",
                        least=1,
                        most=1000,
                    ),
                    option(
                        "max_vcpu_hours", "HOURS", "Begin no task that could use more vCPU-hours in all, such as 2.5."
                    ),
                ),
            ),
            Section("Output", (option("junit", "FILE", "Write the results as JUnit XML to FILE."), JSON, QUIET)),
        ),
    ),
)
