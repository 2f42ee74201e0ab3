"""The verbs under “Evaluate” in `--help`, with their options."""

from __future__ import annotations

from typing import Final

from sandbox.cli.params import Section, Usage, argument, flag, option
from sandbox.cli.usages.options import (
    ALLOW,
    ANSWERS_FILE,
    AS_USER,
    BOOT,
    DISTRO,
    ENGINE,
    FAIL_ON,
    FROM,
    HTML,
    JSON,
    LIKE_HOST,
    LOCKED,
    MD,
    NETWORK_LOG,
    PACKAGES,
    QUIET,
    ROWS,
    RUN,
    SBOM,
    SBOM_FORMAT,
    SCREENSHOT,
    UNDO,
)

EVALUATE: Final[tuple[Usage, ...]] = (
    Usage(
        "inspect",
        "Measure what packages would do to a host, in a throwaway container.",
        group="Evaluate",
        examples=(
            "sandbox inspect redis-server",
            "sandbox inspect postgresql --distro debian -v",
            "sandbox inspect pip:httpie",
            "sandbox inspect nginx --html nginx.html",
            "sandbox inspect --spec ./web-tools.yaml --locked",
            "sandbox inspect --run ./install.sh -- --yes                  your installer, with arguments",
            "sandbox inspect --run ./install.sh --undo './install.sh --uninstall'",
            "sandbox inspect docker-ce --like-host                        beside what this host has",
            "sandbox inspect --upgrade --like-host                        what an upgrade would do here",
            "sandbox inspect --upgrade-to trixie --like-host              what another release would do here",
            "sandbox inspect nginx --boot                                 what a boot starts",
            "sandbox inspect nginx --network-log                          the servers it connects to",
            "sandbox inspect nginx --sbom nginx.cdx.json                  for scanners, also --sbom-format spdx",
            "sandbox inspect mytool --fail-on setuid,residue,services     for pipelines: exit status 6",
        ),
        takes_command=True,
        sections=(
            Section("Arguments", (PACKAGES,)),
            Section(
                "Options",
                (
                    DISTRO,
                    FROM,
                    option(
                        "spec", "SPEC", "Inspect the packages of a spec, by name or path.", short="-s", values="specs"
                    ),
                    LOCKED,
                    LIKE_HOST,
                    BOOT,
                    flag("upgrade", "With --like-host: inspect what an upgrade of this host's packages would do."),
                    option(
                        "upgrade_to", "RELEASE", "With --like-host: inspect an upgrade of this host to another release."
                    ),
                    ALLOW,
                    flag("verbose", "Show all findings.", short="-v"),
                    ENGINE,
                ),
            ),
            Section("Installer", (RUN, UNDO, ANSWERS_FILE, AS_USER)),
            Section("Report", (JSON, HTML, MD, SBOM, SBOM_FORMAT, FAIL_ON, NETWORK_LOG, SCREENSHOT, QUIET)),
        ),
    ),
    Usage(
        "compare",
        "Inspect several packages, or one package on several distros, side by side.",
        group="Evaluate",
        examples=(
            "sandbox compare htop btop glances",
            "sandbox compare httpie pip:httpie npm:http-server --distro debian",
            "sandbox compare nginx --distro debian,alpine,fedora",
            "sandbox compare --run ./install.sh nodejs npm:n      an installer of yours, beside packages",
            "sandbox compare nginx apache2 --boot                 what a boot starts of each",
        ),
        takes_command=True,
        sections=(
            Section(
                "Arguments",
                (PACKAGES,),
            ),
            Section(
                "Options",
                (
                    FROM,
                    option(
                        "distro",
                        "DISTRO,...",
                        "Distros to compare on, such as debian,alpine.",
                        short="-d",
                        values="distros",
                    ),
                    option(
                        "jobs",
                        "N",
                        "How many to run at a time.",
                        default="two more than the cores, up to 8",
                        least=1,
                        most=32,
                    ),
                    BOOT,
                    ALLOW,
                    ENGINE,
                ),
            ),
            Section("Installer", (RUN, UNDO, ANSWERS_FILE, AS_USER)),
            Section("Report", (JSON, HTML, MD, FAIL_ON, NETWORK_LOG, QUIET)),
        ),
    ),
    Usage(
        "search",
        "Find a package's name, version and size on each distro.",
        group="Evaluate",
        examples=(
            "sandbox search ripgrep",
            "sandbox search fd --distro debian:bookworm,debian:trixie",
            "sandbox search --from Brewfile --distro all",
            "sandbox search --command rg --distro all",
        ),
        more="Exit status: 0 if a distro has it (each one of a file), 4 if none has.",
        sections=(
            Section("Arguments", (argument("name", "NAME", "Name of the package.", values="packages"),)),
            Section(
                "Options",
                (
                    FROM,
                    option("command", "CMD", "Find the packages that have this command.", short="-c"),
                    option(
                        "distro",
                        "DISTRO,...",
                        "Distros to search, or all for each distro whose base image the engine has.",
                        short="-d",
                        values="distros",
                    ),
                    JSON,
                    ROWS,
                    ENGINE,
                ),
            ),
        ),
    ),
)
