"""The table of verbs and their options: the parser, `--help`, manual pages, reference and completion are made of it.

Neither it nor params.py imports a library, so that help can be printed before anything else is loaded.
"""

from __future__ import annotations

from typing import Final

from sandbox.cli.params import Section, Usage, argument, flag, option

NETWORKS: Final = ("default", "offline", "none", "host")
GRANTS: Final = (
    *("mounts", "copies", "ports", "build", "frontend", "devices", "capabilities", "network", "limits"),
    *("repositories", "pins", "architectures", "answers", "before", "boot", "local-url"),
)
FORMATS: Final = (
    *("sh", "ansible", "dockerfile", "devcontainer", "cloud-init"),
    *("nix", "brewfile", "spec", "list", "json"),
)
FINDINGS: Final = (
    *("damage", "setuid", "capabilities", "users", "groups", "services", "timers", "sockets", "paths", "mounts"),
    *("dropins", "presets", "systemd", "ports", "processes", "cron", "pam", "sudoers", "boot", "binfmt", "modules"),
    *("udev", "profile", "polkit", "dbus", "logrotate", "autostart", "sysctl", "tmpfiles", "sysusers", "events"),
    *("network", "firewall", "ssh", "nss", "confinement", "audit", "certificates", "cryptography", "logging", "mail"),
    *("web", "browsers", "interpreters", "host", "alternatives", "names", "diversions", "overrides", "repositories"),
    *("keys", "unknown", "unowned", "foreign", "residue"),
)
ANSWERS: Final = ("inspect", "compare", "promote", "trial", "list")
RUNNERS: Final = ("swarm", "fargate")
PLATFORMS: Final = (
    *("linux/amd64", "linux/arm64", "linux/arm/v7", "linux/386"),
    *("linux/ppc64le", "linux/riscv64", "linux/s390x"),
)
SHELLS: Final = ("bash", "sh", "dash", "zsh", "fish")
COMPLETED: Final = ("bash", "zsh", "fish")
CAPABILITIES: Final = (
    *("AUDIT_WRITE", "BPF", "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "IPC_LOCK", "KILL"),
    *("MKNOD", "NET_ADMIN", "NET_BIND_SERVICE", "NET_RAW", "PERFMON", "SETFCAP", "SETGID", "SETPCAP", "SETUID"),
    *("SYS_ADMIN", "SYS_CHROOT", "SYS_NICE", "SYS_PTRACE", "SYS_RESOURCE", "SYS_TIME", "SYSLOG"),
)


PACKAGES: Final = argument(
    "packages",
    "PACKAGE...",
    "Packages: NAME, NAME=VERSION, or pip:NAME (also npm:, cargo:, gem:, go:, luarocks:).",
    values="packages",
)
FROM: Final = option(
    "files",
    "FILE",
    "Also take the packages listed in FILE, such as apt.txt; - is standard input; repeat it for more.",
    spelling="--from",
)
LISTING: Final = option(
    "files", "FILE", "Lock the packages listed in FILE, such as apt.txt; repeat it for more.", spelling="--from"
)
LOCKED: Final = flag("locked", "Use exactly the versions in the spec's lock.")
AS_OF: Final = option("as_of", "YYYY-MM-DD", "Use the packages of that day, if the distro has a snapshot service.")
DISTRO: Final = option(
    "distro",
    "DISTRO",
    "Distro to use, such as debian or debian:trixie.",
    short="-d",
    default="this host's",
    values="distros",
)
LIKE_HOST: Final = flag(
    "like_host", "Begin with this host's packages, sources, keys and pins in the sandbox; nothing here changes."
)
BOOT: Final = flag(
    "boot", "Boot systemd in the sandbox first, so that services start as on a host (Debian and relatives)."
)
ROWS: Final = option("distros", "FILE", "Read your own distros from FILE.")
ENGINE: Final = option("engine", "URL", "Engine to use: a URL such as ssh://HOST, or the name of a docker context.")
HARDENED: Final = flag("hardened", "Drop all privileges that an install does not need; sudo stops working.")
ALLOW: Final = option(
    "allow",
    "KIND,...",
    (
        "Allow what a spec asks for: mounts, copies, ports, devices, capabilities, network, limits, build, frontend, "
        "repositories, pins, architectures, answers, before, boot, local-url."
    ),
    values=GRANTS,
)
VERBOSE: Final = flag("verbose", "Show all output of every step.", short="-v")
NO_STDIN: Final = flag("no_stdin", "Read nothing from standard input, as in a loop of while read.", short="-n")
NAME: Final = argument("name", "NAME", "Name of the sandbox.", values="sandboxes", is_needed=True)
JSON: Final = flag("as_json", "Print JSON.", spelling="--json")
HTML: Final = option("html", "FILE", "Write a self-contained HTML page to FILE.")
MD: Final = flag("md", "Print Markdown, for a pull request or an issue.")
FAIL_ON: Final = option(
    "fail_on",
    "KIND,...",
    "Exit with status 6 if these are found or can't be ruled out: damage, residue, setuid, services ...",
    values=FINDINGS,
)
NETWORK_LOG: Final = flag("network_log", "List the servers that the install connected to.")
SCREENSHOT: Final = option(
    "screenshot", "FILE", "Start the desktop program that came, and write its picture (PNG) to a new FILE."
)
RUN: Final = option(
    "run",
    "PATH",
    "Run an installer, such as ./install.sh; a folder or an archive needs its command behind --.",
)
UNDO: Final = option("undo", "CMD", "Take the installer back with this command line, and see what is left.")
ANSWERS_FILE: Final = option(
    "answers", "FILE", "Answer what the installer asks: lines QUESTION = ANSWER, each for one question."
)
AS_USER: Final = flag("as_user", "Run the installer as a user without privileges, with a home of its own.")
QUIET: Final = flag("quiet", "Show no progress.", short="-q")
SBOM: Final = option("sbom", "FILE", "Write a bill of materials (SBOM) of the packages to FILE.")
SBOM_FORMAT: Final = option(
    "sbom_format",
    "FORMAT",
    "Format of --sbom: cyclonedx (1.6) or spdx (2.3).",
    default="cyclonedx",
    values=("cyclonedx", "spdx"),
)
ON_FARGATE: Final = option("on", "fargate", "Run on AWS Fargate instead of an engine.", values=("fargate",))
PUSH: Final = flag("push", "Push images that only the engine has to your ECR repository, for this run.")
NAMES: Final = argument("names", "NAME...", "Names of sandboxes.", values="sandboxes")
BASE_DISTRO: Final = argument(
    "distro", "DISTRO", "Distro, such as debian or debian:bookworm.", values="distros", is_needed=True
)

USAGES: Final[tuple[Usage, ...]] = (
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
            "sandbox try redis-server --detach --port 6379",
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
                            "Run the shell or command as a user without privileges; --user=UID[:GID] as that one; "
                            "--user=host as you, so that its files in a mount are yours."
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
                    flag("no_trace", "Write no history, and remove the base image if this run pulled it."),
                    flag("dry_run", "Show the steps without running them; needs no engine."),
                    NO_STDIN,
                    VERBOSE,
                    flag("quiet", "Show errors and warnings only.", short="-q"),
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
        sections=(Section("Arguments", (NAME,)), Section("Options", (NO_STDIN, ENGINE))),
    ),
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
        ),
        takes_command=True,
        sections=(
            Section(
                "Arguments",
                (
                    argument(
                        "packages",
                        "PACKAGE...",
                        "Packages: NAME, NAME=VERSION, or pip:NAME (also npm:, cargo:, gem:, go:, luarocks:).",
                        values="packages",
                    ),
                ),
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
                    option("jobs", "N", "How many to run at a time.", default="the number of cores", least=1, most=32),
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
                        default="the number of cores",
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
                (flag("every", "List stopped sandboxes too.", short="-a", spelling="--all"), JSON, ENGINE, ON_FARGATE),
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
                    flag("cache", "Remove the installed states that --cache saved too."),
                    flag("everything", "Remove kept and detached sandboxes too.", spelling="--all"),
                    flag("images", "Remove base images that sandbox pulled too."),
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
            "sandbox try htop --distro debian:trixie",
            "sandbox distros --distros mine.yaml --json",
        ),
        sections=(
            Section(
                "Options",
                (JSON, option("rows", "FILE", "Read your own distros from FILE.", spelling="--distros"), ENGINE),
            ),
        ),
    ),
)

EXIT_STATUSES: Final = """\
Exit status:
  0 done                       4 a step failed inside the sandbox
  1 failed                     5 something could not be removed
  2 the command line or a spec 6 a check failed
  3 the container engine     130 interrupted (128 + the signal)
With -- CMD it is the command's own exit status, or 125 if sandbox itself failed.
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
