"""The single table of a spec's keys: loading, JSON Schema, `schema --doc` and the reference use it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from sandbox.specs import values
from sandbox.specs.answer_fields import ANSWERS
from sandbox.specs.kinds import Kind, matching
from sandbox.specs.model import Copy, FileCheck, InlineFile, Mount, PortCheck, RunCheck, TextMatch
from sandbox.specs.pin_fields import PINS
from sandbox.specs.repository_fields import REPOSITORY
from sandbox.specs.shapes import Field, ListOf, ObjectOf, OneOf, Table, TextOr, Word

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.specs.model import Check
    from sandbox.specs.shapes import Shape


def _in_a_shell(text: str) -> tuple[str, ...]:
    return ("sh", "-c", values.COMMAND.parse(text))


def _match(kind: Literal["equals", "contains", "matches"]) -> Callable[..., TextMatch]:
    def make(**texts: str) -> TextMatch:
        return TextMatch(kind=kind, text=texts[kind])

    return make


def _match_record(kind: Literal["equals", "contains", "matches"], text: Kind[str], doc: str) -> ObjectOf[TextMatch]:
    entry = Field(key=kind, shape=Word(kind=text), doc=doc, required=True)
    return ObjectOf(make=_match(kind), fields=(entry,))


SHELL_COMMAND: Final = Kind(expected="a shell command", convert=_in_a_shell, schema=values.COMMAND.schema)

LIMITS: Final = (
    Field(
        key="memory",
        shape=Word(kind=values.MEMORY),
        doc="Memory; M and G are powers of 1000, MiB and GiB powers of 1024; a number alone is bytes.",
        default="2G",
        example="512M",
    ),
    Field(key="cpus", shape=Word(kind=values.CPUS), doc="Processor cores.", default="2", example="1.5"),
    Field(
        key="pids", shape=Word(kind=values.PIDS), doc="Number of processes and threads.", default="1024", example="200"
    ),
)

FILE: Final = (
    Field(key="path", shape=Word(kind=values.FILE_PATH), doc="Absolute path in the sandbox.", required=True),
    Field(key="content", shape=Word(kind=values.CONTENT), doc="Content of the file, at most 64 kB.", required=True),
    Field(key="mode", shape=Word(kind=values.MODE), doc="Octal permissions.", default="0644"),
)

MOUNT: Final = (
    Field(key="source", shape=Word(kind=values.HOST_PATH), doc="A path on this host.", required=True),
    Field(key="target", shape=Word(kind=values.MOUNT_TARGET), doc="Absolute path in the sandbox.", required=True),
    Field(key="access", shape=Word(kind=values.MOUNT_ACCESS), doc="ro (read-only) or rw.", default="ro"),
    Field(
        key="label",
        shape=Word(kind=values.MOUNT_LABEL),
        doc="The SELinux label to set on it: z (shared by containers) or Z (this sandbox's own).",
    ),
)

COPY: Final = (
    Field(key="source", shape=Word(kind=values.HOST_PATH), doc="A file or folder on this host.", required=True),
    Field(
        key="target",
        shape=Word(kind=values.COPY_TARGET),
        doc="Absolute path of the copy in the sandbox, or of the folder for it.",
        required=True,
    ),
)

OUTPUT: Final[Shape[TextMatch]] = OneOf(
    variants={
        "equals": _match_record("equals", values.OUTPUT, "The whole output, without the newline at its end."),
        "contains": _match_record("contains", values.OUTPUT, "A text that the output must contain."),
        "matches": _match_record("matches", values.PATTERN, "A regular expression that must match in the output."),
    }
)

RUN_CHECK: Final = (
    Field(key="run", shape=Word(kind=values.COMMAND), doc="A command, run by sh -c.", required=True),
    Field(key="exit", shape=Word(kind=values.EXIT), doc="The exit status that the command must have.", default="0"),
    Field(key="stdout", shape=OUTPUT, doc="What the command must print on standard output."),
    Field(key="stderr", shape=OUTPUT, doc="What the command must print on standard error."),
    Field(
        key="timeout",
        shape=Word(kind=values.TIMEOUT),
        doc="Time limit: seconds, or a time such as 30s, 2m or 1h.",
        default="60",
    ),
    Field(key="user", shape=Word(kind=values.USER), doc="The user who runs the command.", default="root"),
)

FILE_CHECK: Final = (
    Field(key="file", shape=Word(kind=values.CONTAINER_PATH), doc="A path that must exist.", required=True),
    Field(key="mode", shape=Word(kind=values.MODE), doc="The octal permissions that the path must have."),
    Field(key="owner", shape=Word(kind=values.OWNER), doc="The owner that the path must have: USER or USER:GROUP."),
)

PORT_CHECK: Final = (
    Field(key="port", shape=Word(kind=values.TCP_PORT), doc="A TCP port that must answer.", required=True),
    Field(key="timeout", shape=Word(kind=values.TIMEOUT), doc="How long to wait for an answer.", default="10"),
)

CHECK: Final[Shape[Check]] = OneOf(
    variants={
        "run": ObjectOf(make=RunCheck, fields=RUN_CHECK),
        "file": ObjectOf(make=FileCheck, fields=FILE_CHECK),
        "port": ObjectOf(make=PortCheck, fields=PORT_CHECK),
    }
)


def _mount_from(*, source: str, target: str, access: bool = True, label: Literal["", "z", "Z"] = "") -> Mount:
    return Mount(source=source, target=target, read_only=access, relabel=label)


FIELDS: Final = (
    Field(
        key="description",
        shape=Word(kind=values.DESCRIPTION),
        doc="One sentence that says what the spec is for; `sandbox specs` shows it.",
        example="Tools to talk to web services",
    ),
    Field(
        key="extends",
        shape=ListOf(item=Word(kind=values.REFERENCE), what="specs", longest=16, single=True),
        doc="Names or paths of specs to build on; this spec's values override theirs or add to them.",
        example="cli-toolbox",
    ),
    Field(
        key="distro",
        shape=Word(kind=values.DISTRO),
        doc="DISTRO or DISTRO:RELEASE.",
        default="the setting, else this host's distro if sandbox knows it, else debian",
        example="debian:trixie",
    ),
    Field(
        key="image",
        shape=Word(kind=values.IMAGE),
        doc="Image to start from; its os-release file names the distro, unless the key distro does.",
        example="registry.example/tools:1.2",
    ),
    Field(
        key="dockerfile",
        shape=Word(kind=values.HOST_PATH),
        doc=(
            "A Dockerfile to build and start from; its folder is the build context. The image is removed with "
            "the sandbox."
        ),
        example="./Dockerfile",
    ),
    Field(
        key="platform",
        shape=Word(kind=values.PLATFORM),
        doc="The platform of the image; the engine must be able to run it.",
        default="the engine's own platform",
        example="linux/arm64",
    ),
    Field(
        key="packages",
        shape=ListOf(item=Word(kind=values.PACKAGE), what="package names"),
        doc=(
            "Packages to install, by the package manager's names. The prefixes pip:, npm:, cargo:, gem:, go: and "
            "luarocks: select a language's package. A path such as ./x.deb, relative to the spec, or an https address "
            "with #sha256= at its end, is a package's file."
        ),
        example="[curl, jq]",
        combine="append",
    ),
    Field(
        key="repositories",
        shape=ListOf(item=REPOSITORY, what="repositories", longest=50),
        doc=(
            "Package repositories to add before the packages are installed, in the words of the distro's own package "
            "manager; the user has to allow them."
        ),
        example='[{URIs: "https://packages.example/debian", Suites: stable, Components: main}]',
        combine="append",
    ),
    Field(
        key="pins",
        shape=ListOf(item=PINS, what="pins", longest=100),
        doc="Which versions apt prefers, as in apt_preferences(5); the user has to allow them.",
        example='[{Package: "*", Pin: release n=bookworm-backports, Pin-Priority: 500}]',
        combine="append",
    ),
    Field(
        key="architectures",
        shape=ListOf(
            item=Word(kind=matching("[a-z0-9][a-z0-9-]{1,30}", "an architecture such as i386", longest=31)),
            what="architectures",
            longest=10,
        ),
        doc="Foreign architectures whose packages dpkg is to know before the install; the user has to allow them.",
        example="[i386]",
        combine="append",
    ),
    Field(
        key="answers",
        shape=ListOf(item=ANSWERS, what="answers", longest=100),
        doc=(
            "Answers to the questions that packages ask debconf during the install: PACKAGE QUESTION TYPE VALUE; the "
            "user has to allow them."
        ),
        example='["postfix postfix/main_mailer_type select Local only"]',
        combine="append",
    ),
    Field(
        key="before",
        shape=ListOf(item=Word(kind=values.COMMAND), what="shell commands", longest=100, single=True),
        doc=(
            "Commands to run before the package index is fetched, in order: as root, by sh -c. What they install is "
            "part of the base. The user has to allow them."
        ),
        example="[dnf module enable -y nodejs:22]",
        combine="append",
    ),
    Field(
        key="recommends",
        shape=Word(kind=values.TRUTH),
        doc="Install recommended packages too.",
        default="the setting, else false",
        example="true",
    ),
    Field(
        key="docs",
        shape=Word(kind=values.TRUTH),
        doc="Keep manual pages; most images drop them.",
        default="false",
        example="true",
    ),
    Field(
        key="from-source",
        shape=Word(kind=values.TRUTH),
        doc="Compile the packages, if the distro's package manager can.",
        default="false",
        example="true",
    ),
    Field(
        key="setup",
        shape=ListOf(item=Word(kind=values.COMMAND), what="shell commands", longest=100, single=True),
        doc="Commands to run last, after the install and the files, in order: as root, by sh -c.",
        example="[adduser --disabled-password --gecos '' try]",
        combine="append",
    ),
    Field(
        key="env",
        shape=Table(name=values.ENV_NAME, value=Word(kind=values.ENV_VALUE), what="variable names to texts"),
        doc="Environment variables of the shell, the command and the checks.",
        example="{LANG: C.UTF-8}",
        combine="merge",
    ),
    Field(
        key="files",
        shape=ListOf(item=ObjectOf(make=InlineFile, fields=FILE), what="files", longest=100),
        doc="Small files to write after the install, before setup runs.",
        example="[{path: /root/.inputrc, content: set bell-style none}]",
        combine="append",
    ),
    Field(
        key="shell",
        shape=Word(kind=values.SHELL),
        doc="The shell to open.",
        default="bash if the distro has it, else sh",
        example="zsh",
    ),
    Field(
        key="command",
        shape=TextOr(
            text=Word(kind=SHELL_COMMAND),
            other=ListOf(item=Word(kind=values.ARGUMENT), what="arguments", longest=1000),
        ),
        doc="A command to run instead of the shell: a text runs by sh -c, a list runs as it is.",
        example="[htop, --tree]",
    ),
    Field(
        key="ports",
        shape=ListOf(item=Word(kind=values.PORT), what="ports", longest=100),
        doc=(
            "Ports to publish, [ADDRESS:][HOST:]PORT[/udp]; default: the same port on 127.0.0.1. If HOST is 0, "
            "the engine chooses a free port."
        ),
        example='["8080:80"]',
        combine="append",
    ),
    Field(
        key="mounts",
        shape=ListOf(
            item=TextOr(text=Word(kind=values.MOUNT), other=ObjectOf(make=_mount_from, fields=MOUNT)),
            what="mounts",
            longest=100,
        ),
        doc=(
            "Host paths to mount, SOURCE:TARGET[:ro|rw][:z|Z]; relative to the spec's folder, and read-only by default."
        ),
        example='["./data:/data"]',
        combine="append",
    ),
    Field(
        key="copies",
        shape=ListOf(
            item=TextOr(text=Word(kind=values.COPY), other=ObjectOf(make=Copy, fields=COPY)),
            what="copies",
            longest=100,
        ),
        doc=(
            "Files and folders of this host to copy in before the shell and the checks, SOURCE:TARGET; relative to the "
            "spec's folder. Nothing is copied back. The copies belong to root."
        ),
        example='["./config.ini:/etc/tool.ini"]',
        combine="append",
    ),
    Field(
        key="user",
        shape=Word(kind=values.WHO),
        doc=(
            "Who runs the shell and the command: new (a user without privileges), USER[:GROUP] by name or number, or "
            "host (the caller: files that it makes in a mount are the caller's)."
        ),
        default="root of the sandbox",
        example="new",
    ),
    Field(
        key="shm-size",
        shape=Word(kind=values.SHM),
        doc="Size of /dev/shm; units as in limits.",
        default="the engine's, 64M",
        example="1G",
    ),
    Field(
        key="limits",
        shape=ObjectOf(make=dict[str, object], fields=LIMITS),
        doc="Upper limits of what the sandbox may use.",
        default="the limits in the settings",
        example="{memory: 512M, cpus: 1.5, pids: 200}",
        combine="merge",
    ),
    Field(
        key="network",
        shape=Word(kind=values.NETWORK),
        doc="default, offline (cut after the install), none (never connected) or host (this host's own network).",
        default="default",
        example="offline",
    ),
    Field(
        key="capabilities",
        shape=ListOf(item=Word(kind=values.CAPABILITY), what="capabilities", longest=50),
        doc="Kernel capabilities beyond the default ones, see capabilities(7); the user has to allow them.",
        example="[SYS_PTRACE]",
        combine="append",
    ),
    Field(
        key="devices",
        shape=ListOf(item=Word(kind=values.DEVICE), what="devices", longest=50),
        doc="Devices of this host to use; the user has to allow them.",
        example="[/dev/fuse]",
        combine="append",
    ),
    Field(
        key="boot",
        shape=Word(kind=values.TRUTH),
        doc="Boot systemd in the sandbox before the packages, as on a host; the user has to allow it.",
        default="false",
        example="true",
    ),
    Field(
        key="checks",
        shape=ListOf(item=CHECK, what="checks", longest=200),
        doc="What must be true after the install; sandbox trial runs them.",
        example="[{run: curl --version, stdout: {contains: curl}}]",
        combine="append",
    ),
)

DOCUMENT: Final = ObjectOf(make=dict[str, object], fields=FIELDS)
