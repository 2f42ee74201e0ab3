"""The verbs under “Try” in `--help`, with their options."""

from __future__ import annotations

from typing import Final

from sandbox.cli.params import Section, Usage, flag, option
from sandbox.cli.usages.options import (
    ALLOW,
    ANSWERS_FILE,
    AS_OF,
    BOOT,
    DISTRO,
    ENGINE,
    FROM,
    HARDENED,
    LIKE_HOST,
    LOCKED,
    NAME,
    NO_STDIN,
    PACKAGES,
    PUSH,
    ROWS,
    RUN,
    VERBOSE,
)
from sandbox.cli.usages.values import CAPABILITIES, NETWORKS, PLATFORMS, SHELLS

TRY: Final[tuple[Usage, ...]] = (
    Usage(
        "try",
        "Open a shell in a throwaway distro with these packages; everything is removed when you leave.",
        group="Try",
        examples=(
            "sandbox try htop",
            "sandbox try htop ripgrep=13.0.0-4+b2 --distro debian:bookworm",
            "sandbox try htop pip:httpie npm:cowsay       also from pip and npm",
            "sandbox try --distro debian                  no package: just a shell",
            "sandbox try --from apt.txt                   what a file lists; requirements.txt too",
            "sandbox try --spec web-tools",
            "sandbox try --spec ./web.yaml --locked       exactly the versions that sandbox lock recorded",
            "sandbox try htop -- htop --version           one command; you get its exit status",
            "echo 'jq --version' | sandbox try jq         a script on standard input",
            "sandbox try jq -n -- jq --version            leaves standard input alone, as a loop needs",
            "sandbox try htop --promote install.sh",
            "sandbox try htop --image registry.example/tools:1.2",
            "sandbox try --dockerfile ./Dockerfile",
            "sandbox try nginx-light --detach --port 8099:80",
            "sandbox try htop --like-host                 on a copy of this host's packages",
            "sandbox try nginx --boot                     with systemd, as on a host",
            "sandbox try --run ./install.sh curl -- --yes  an installer of yours, then a shell",
            "sandbox try mousepad --screen -- mousepad    a desktop program in a browser tab",
        ),
        see_also="sandbox specs, sandbox promote, sandbox doctor",
        takes_command=True,
        sections=(
            Section("Arguments", (PACKAGES,)),
            Section(
                "What to try",
                (
                    FROM,
                    option(
                        "spec", "SPEC", "Use a spec, by name or path; - is standard input.", short="-s", values="specs"
                    ),
                    LOCKED,
                    AS_OF,
                    option("bundle", "FILE", "Use a file that sandbox bundle wrote; no network needed."),
                    flag("recommends", "Install recommended packages too.", spelling="--recommends/--no-recommends"),
                    flag("docs", "Keep manual pages; most images drop them.", spelling="--docs/--no-docs"),
                    flag(
                        "from_source",
                        "Compile the packages, if the distro's manager can.",
                        spelling="--from-source/--no-from-source",
                    ),
                    option("setup", "CMD", "Run a shell command after the install; repeat it for more."),
                    RUN,
                    ANSWERS_FILE,
                    option(
                        "env",
                        "NAME[=VALUE]",
                        "Set a variable in the shell; without a value, copy yours.",
                        short="-e",
                    ),
                    option("shell", "SHELL", "Shell to open.", default="bash, else sh", values=SHELLS),
                ),
            ),
            Section(
                "Where",
                (
                    DISTRO,
                    option(
                        "image",
                        "IMAGE",
                        "Image to start from; sandbox reads its distro from it, unless --distro names one.",
                        values="images",
                    ),
                    option(
                        "dockerfile",
                        "PATH",
                        "Build this Dockerfile and start from it; the image is removed with the sandbox.",
                    ),
                    option(
                        "platform",
                        "PLATFORM",
                        "Platform of the image, such as linux/arm64; the engine must be able to run it.",
                        values=PLATFORMS,
                    ),
                    LIKE_HOST,
                    BOOT,
                    ROWS,
                    ENGINE,
                    option("on", "fargate", "Run a command (behind --) on AWS Fargate.", values=("fargate",)),
                    PUSH,
                ),
            ),
            Section(
                "Reach",
                (
                    option(
                        "network",
                        "KIND",
                        "Network: default, offline (cut after the install), none, or host.",
                        values=NETWORKS,
                    ),
                    flag("offline", "Cut the network after the install."),
                    option("port", "[HOST:]PORT", "Publish a port on 127.0.0.1; repeat it for more.", short="-p"),
                    option(
                        "mount",
                        "SRC:DST[:rw]",
                        "Mount a path of this host, read-only unless :rw; :z or :Z sets its SELinux label.",
                    ),
                    option(
                        "copy", "SRC:DST", "Copy a file or folder of this host in before the shell; repeat it for more."
                    ),
                    option("device", "PATH", "Give the sandbox a device of this host."),
                    flag(
                        "proxy_in_shell", "Set this host's proxy variables in the shell, not only during the install."
                    ),
                    flag("screen", "Show desktop programs in a browser tab, on a display of the sandbox's own."),
                    flag("open", "With --screen: open the tab."),
                    flag("screen_clipboard", "With --screen: share one clipboard between the tab and the sandbox."),
                ),
            ),
            Section(
                "Limits and trust",
                (
                    option("memory", "SIZE", "Memory limit, such as 512M or 2G.", default="2G"),
                    option("cpus", "N", "Limit of processor cores, such as 1.5.", default="2"),
                    option("pids", "N", "Limit of processes.", default="1024"),
                    option("shm_size", "SIZE", "Size of /dev/shm, such as 1G.", default="the engine's, 64M"),
                    HARDENED,
                    flag(
                        "as_user",
                        (
                            "Run the shell or command as a user without privileges; --user=USER[:GROUP] as that one, "
                            "by name or number; --user=host as you, so that its files in a mount are yours."
                        ),
                        spelling="--user",
                    ),
                    option("runtime", "NAME", "Container runtime, such as runsc for gVisor."),
                    option("cap_add", "NAME", "Add a kernel capability.", values=CAPABILITIES),
                    ALLOW,
                    flag("allow_dangerous", "Allow mounts that give the sandbox control of this host."),
                ),
            ),
            Section(
                "Ending and output",
                (
                    option("name", "NAME", "Name of the sandbox.", default="a random one"),
                    option("promote", "FILE", "Write the install script to FILE when you leave."),
                    flag(
                        "cache",
                        "Save the installed state, so that the next start is fast.",
                        spelling="--cache/--no-cache",
                    ),
                    flag("keep", "Keep the sandbox, stopped, when you leave."),
                    flag("detach", "Run in the background: the command, or else the package's service."),
                    option("ttl", "TIME", "With --keep or --detach: stop the sandbox after this time, such as 2h."),
                    flag(
                        "no_trace", "Write no history, keep no index, and remove the base image if this run pulled it."
                    ),
                    flag("dry_run", "Show the steps without running them; needs no engine."),
                    NO_STDIN,
                    VERBOSE,
                    flag("quiet", "Show errors and warnings only; with --detach also print the name.", short="-q"),
                ),
            ),
        ),
    ),
    Usage(
        "enter",
        "Open a shell in a sandbox, or run a command in it; start it first if it is stopped.",
        group="Try",
        examples=(
            "sandbox enter brave-otter",
            "sandbox enter brave-otter -- redis-cli ping",
        ),
        takes_command=True,
        sections=(
            Section("Arguments", (NAME,)),
            Section(
                "Options",
                (
                    flag(
                        "as_user",
                        "Be a new user without privileges, not who the sandbox was made for; --user=USER[:GROUP] "
                        "to be that one, by name or number.",
                        spelling="--user",
                    ),
                    NO_STDIN,
                    ENGINE,
                ),
            ),
        ),
    ),
)
