"""The verbs under “Manage” in `--help`, with their options."""

from __future__ import annotations

from typing import Final

from sandbox.cli.params import Section, Usage, argument, flag, option
from sandbox.cli.usages.options import BASE_DISTRO, ENGINE, JSON, NAME, NAMES, ON_FARGATE, ROWS

MANAGE: Final[tuple[Usage, ...]] = (
    Usage(
        "list",
        "List running sandboxes, or all of them.",
        group="Manage",
        examples=(
            "sandbox list",
            "sandbox list -a",
        ),
        sections=(
            Section(
                "Options",
                (
                    flag(
                        "every",
                        "List stopped sandboxes too; on Fargate, those of others.",
                        short="-a",
                        spelling="--all",
                    ),
                    JSON,
                    ENGINE,
                    ON_FARGATE,
                ),
            ),
        ),
    ),
    Usage(
        "stop",
        "Stop kept or detached sandboxes; their files stay.",
        group="Manage",
        examples=("sandbox stop brave-otter",),
        sections=(Section("Arguments", (NAMES,)), Section("Options", (ENGINE,))),
    ),
    Usage(
        "rm",
        "Remove sandboxes and their files.",
        group="Manage",
        examples=(
            "sandbox rm brave-otter calm-heron",
            "sandbox rm --all",
        ),
        sections=(
            Section("Arguments", (NAMES,)),
            Section("Options", (flag("every", "Remove all kept and detached sandboxes.", spelling="--all"), ENGINE)),
        ),
    ),
    Usage(
        "logs",
        "Show the output of a detached sandbox's command or service.",
        group="Manage",
        examples=(
            "sandbox logs brave-otter",
            "sandbox logs brave-otter -f --tail 20",
        ),
        sections=(
            Section("Arguments", (NAME,)),
            Section(
                "Options",
                (
                    flag("follow", "Follow the output until it ends.", short="-f"),
                    option("tail", "N", "Show only the last N lines.", least=0),
                    ENGINE,
                ),
            ),
        ),
    ),
    Usage(
        "cp",
        "Copy a file or folder out of a sandbox, or into it.",
        group="Manage",
        examples=(
            "sandbox cp brave-otter:/etc/redis/redis.conf .",
            "sandbox cp ./data brave-otter:/srv/",
            "sandbox cp brave-otter:/etc - | tar -t",
        ),
        sections=(
            Section(
                "Arguments",
                (
                    argument(
                        "source",
                        "SOURCE",
                        "NAME:PATH, a path on this host, or - for a tar archive on standard input.",
                        values="places",
                        is_needed=True,
                    ),
                    argument(
                        "target",
                        "TARGET",
                        "A path on this host, NAME:PATH, or - for a tar archive on standard output.",
                        values="places",
                        is_needed=True,
                    ),
                ),
            ),
            Section("Options", (ENGINE,)),
        ),
    ),
    Usage(
        "clean",
        "Remove what killed sessions left behind.",
        group="Manage",
        examples=(
            "sandbox clean --dry-run",
            "sandbox clean --cache",
            "sandbox clean --images",
        ),
        sections=(
            Section(
                "Options",
                (
                    flag("dry_run", "Show what would be removed."),
                    flag("cache", "Also remove the package indexes and what --cache saved."),
                    flag("everything", "Also remove kept and detached sandboxes.", spelling="--all"),
                    flag("images", "Also remove the base images that sandbox pulled."),
                    ENGINE,
                    ON_FARGATE,
                ),
            ),
        ),
    ),
    Usage("base", "Build, import, list and remove base images.", group="Manage"),
    Usage(
        "base build",
        "Build a distro's base from its package mirror, with mmdebstrap.",
        examples=("sandbox base build debian:bookworm",),
        sections=(Section("Arguments", (BASE_DISTRO,)), Section("Options", (ROWS, ENGINE))),
    ),
    Usage(
        "base import",
        "Make a base from a file with a distro's root file system.",
        examples=("sandbox base import rootfs.tar.xz --as debian:bookworm --sha256 9f86d081...",),
        sections=(
            Section(
                "Arguments",
                (
                    argument(
                        "source",
                        "SOURCE",
                        "Root file system: a path or URL of a .tar, .tar.gz, .tar.xz or .tar.zst file.",
                        is_needed=True,
                    ),
                ),
            ),
            Section(
                "Options",
                (
                    option(
                        "name",
                        "NAME",
                        "Name of the base, such as alpine:3.23.",
                        spelling="--as",
                        values="distros",
                        is_needed=True,
                    ),
                    option("sha256", "HEX", "Expected SHA-256 checksum of the file."),
                    ENGINE,
                ),
            ),
        ),
    ),
    Usage(
        "base list",
        "List the bases built on this machine.",
        examples=("sandbox base list",),
        sections=(Section("Options", (JSON, ENGINE)),),
    ),
    Usage(
        "base rm",
        "Remove bases built on this machine.",
        examples=("sandbox base rm debian:bookworm",),
        sections=(
            Section(
                "Arguments",
                (
                    argument(
                        "names", "NAME...", "Names of bases, such as debian:bookworm.", values="bases", is_needed=True
                    ),
                ),
            ),
            Section("Options", (ENGINE,)),
        ),
    ),
    Usage(
        "base ensure",
        "Pull a distro's base image, or build it, if the engine does not have it.",
        examples=("sandbox base ensure debian:bookworm",),
        sections=(Section("Arguments", (BASE_DISTRO,)), Section("Options", (ROWS, ENGINE))),
    ),
    Usage(
        "doctor",
        "Check the engine, bases, folders and settings, and say how to fix problems.",
        group="Manage",
        examples=(
            "sandbox doctor",
            "sandbox doctor --engine unix:///run/podman/podman.sock",
        ),
        sections=(Section("Options", (JSON, ENGINE, ON_FARGATE)),),
    ),
)
