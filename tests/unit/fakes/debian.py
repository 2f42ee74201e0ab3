"""A Debian in memory: what its programs answer in a container, and what they change there.

What dpkg's database holds is what the manager's drivers read; its words are those that apt 2.6 and dpkg 1.21 have.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.unit.fakes.engine import FakeEngine
from tests.unit.fakes.inside import RUNNING

from sandbox import container, provision
from sandbox.container.attach import NOTE
from sandbox.core.programs import program
from sandbox.engine.protocol import Image
from sandbox.inspect.service_trial import SILENT
from sandbox.lifecycle.lifetimes import HANDED_OVER
from sandbox.managers.apt.driver import ARCHIVES, EXTENDED_STATES, STATUS
from sandbox.promote.verify_traces import look_text
from sandbox.provision.step_runner import LOOKED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tests.unit.fakes.inside import Answer, Inside, Program

    from sandbox.engine.protocol import ExecSpec

RECORDED: Final = Path(__file__).parents[1] / "managers" / "recorded" / "apt"
BASE: Final = Image(
    id=f"sha256:{'ab' * 32}",
    tags=("debian:bookworm",),
    digests=(f"debian@sha256:{'cd' * 32}",),
    size=30_000_000,
    platform="linux/amd64",
)
STANZA: Final = """Package: {name}
Status: install ok installed
Version: {version}
Architecture: amd64
Installed-Size: {size}

"""
AUTO: Final = "Package: {name}\nArchitecture: amd64\nAuto-Installed: 1\n\n"
SURVEY: Final = program(container.__name__, "survey.sh")
PROCESSES: Final = program(container.__name__, "processes.sh")
INSTALL: Final = program(provision.__name__, "install_and_look.sh")
SHELL: Final = program(container.__name__, "shell.sh")
TRACES: Final = look_text("apt")
PROC: Final = "\0PName:\t{name}\nState:\tS\nPid:\t{pid}\nPPid:\t{parent}\nUid:\t{uid}\t{uid}\n\0C{words}"
TABLE: Final = "  sl  local_address rem_address   st tx_queue\n"
LISTENING: Final = "   0: 00000000:{port:04X} 00000000:0000 0A 00000000:00000000\n"


def recorded(name: str) -> bytes:
    """Return what a real apt printed, by the file's name."""
    return (RECORDED / name).read_bytes()


@dataclass(frozen=True)
class Deb:
    """A package of the archive: its files by path, what it needs, what a purge of it leaves there."""

    version: str
    files: Mapping[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    stays: tuple[str, ...] = ()
    size: int = 4


LIBC: Final = Deb("2.36-9")
ARCHIVE: Final[Mapping[str, Deb]] = {
    "libnl-3-200": Deb("3.7.0-1", {"/usr/lib/libnl-3.so.200": "lib"}),
    "htop": Deb("3.2.2-2", {"/usr/bin/htop": "#!", "/usr/share/doc/htop/copyright": "GPL"}, needs=("libnl-3-200",)),
    "nginx": Deb(
        "1.22.1-9",
        {
            "/usr/sbin/nginx": "#!",
            "/usr/lib/systemd/system/nginx.service": "[Service]\nExecStart=/usr/sbin/nginx -g 'daemon off;'\n",
            "/etc/nginx/nginx.conf": "http {}\n",
        },
        stays=("/var/log/nginx/error.log",),
    ),
    "jq": Deb("1.6-2", {"/usr/bin/jq": "#!"}),
}


@dataclass
class Debian:
    """Answers as a program of FakeEngine. `fails`: the output and status of the commands that hold a word.

    `on`: what happens at a command that holds a word, before it is answered. `listens`: ports that services open.
    `asked`: every command line that came, and `unknown` those that nobody answers but with success.
    """

    archive: Mapping[str, Deb] = field(default_factory=lambda: dict(ARCHIVE))
    fails: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    on: dict[str, Callable[[Inside], object]] = field(default_factory=dict)
    own: dict[str, Answer] = field(default_factory=dict)
    listens: tuple[int, ...] = ()
    interfaces: tuple[str, ...] = ("lo",)
    asked: list[str] = field(default_factory=list)
    unknown: list[tuple[str, ...]] = field(default_factory=list)
    serving: set[str] = field(default_factory=set)
    promoted: tuple[str, ...] = ()

    def __call__(self, box: Inside, spec: ExecSpec, stdin: bytes) -> Answer:
        self.asked.append(" ".join(spec.argv))
        return self.reply(box, spec.argv, stdin)

    def reply(self, box: Inside, argv: Sequence[str], stdin: bytes) -> Answer:
        """Return what is set for a command, or else what it says; of an install with a look, for each of the two."""
        match tuple(argv):
            case ("sh", "-c", text, _, look, *command) if text == INSTALL:
                status, output, error = self.reply(box, command, stdin)
                failed, seen, _ = (status, b"", b"") if status else self.reply(box, shlex.split(look), b"")
                return status, output + error, seen + (b"" if failed else LOOKED)
        line = " ".join(argv)
        for word, act in [*self.on.items()]:
            if word in line:
                act(box)
        for word, (status, said) in self.fails.items():
            if word in line:
                return status, b"", said
        for word, answer in self.own.items():
            if word in line:
                if word == HANDED_OVER and answer[0] == RUNNING:
                    self.serve()
                return answer
        return self.answer(box, argv, stdin)

    def answer(  # noqa: C901, PLR0912 - a table of commands
        self, box: Inside, argv: Sequence[str], stdin: bytes
    ) -> Answer:
        """Return what a command says, which may be wrapped in a shell's text."""
        match tuple(argv):
            case ("sh" | "/bin/sh", "-c", text, *rest) if text in (SURVEY, PROCESSES, TRACES):
                known: dict[str, Callable[[], bytes]] = {
                    SURVEY: lambda: self.survey(box, rest[1:]),
                    PROCESSES: self.processes,
                    TRACES: lambda: traces(box),
                }
                return 0, known[text](), b""
            case ("/bin/sh", "-c", text, _, _, _, _, _, _, _, _, *command) if text == SHELL:
                return self.answer(box, command, stdin)
            case ("/bin/sh", "-c", text, _, _, *command) if text == NOTE:
                return self.answer(box, command, stdin)
            case ("sh", "-c", text, _, _) if text == SILENT:
                return self.serve()
            case ("sh", "-c", text, *_) if text.startswith("kill "):
                self.serving.clear()
                return 0, b"", b""
            case ("echo", *words):
                return 0, f"{' '.join(words)}\n".encode(), b""
            case ("sh", name) if name == HANDED_OVER:
                return self.serve()
            case ("sh" | "/bin/sh", "-c", text, "sh" | "sandbox", *rest) if '"$@"' in text:
                return self.answer(box, rest[rest.index("apt-get") :] if "apt-get" in rest else rest, stdin)
            case ("sh", script, *options) if script.endswith("install.sh"):
                return self.run_script(box, options)
            case ("apt-get", *words):
                return self.apt(box, words)
            case ("dpkg-query", "-L", *names):
                return self.files_of(box, names)
            case ("cat", *paths):
                return cat(box, paths, self.interfaces, self.listens if self.serving else ())
            case ("rm", "-f", "--", *paths):
                for path in paths:
                    box.tree.remove(path)
                return 0, b"", b""
            case ("sh", "-c", text, _, files) if "sha256sum" in text:
                return 0, hashes(box, files.split()), b""
            case ("true",) | (":",):
                return 0, b"", b""
            case _:
                self.unknown.append(tuple(argv))
                return 0, b"", b""

    def survey(self, box: Inside, words: Sequence[str]) -> bytes:
        """Return what survey.sh prints of it."""
        folders, files, command = words[1].split(), words[2].split(), tuple(words[4:])
        names = [
            path.rpartition("/")[2]
            for path, node in box.tree.nodes().items()
            if path.rpartition("/")[0] in folders and node.is_file
        ]
        parts = ["".join(f"{name}\0" for name in names).encode(), b"\0"]
        for path in files:
            node = box.tree.get(path)
            if node is not None:
                parts += [f"{len(node.content)} {path}\0".encode(), node.content]
        said = self.answer(box, command, b"")[1] if command else b""
        return b"".join([*parts, b"listing\0\0files\0", said])

    def processes(self) -> bytes:
        """Return what processes.sh prints: PID 1, and the services that were started."""
        rows = [PROC.format(name="sh", pid=1, parent=0, uid=0, words="/bin/sh -c pid1")]
        rows += [
            PROC.format(name="nginx", pid=80 + at, parent=1, uid=0, words=text) for at, text in enumerate(self.serving)
        ]
        ports = "".join(LISTENING.format(port=port) for port in self.listens) if self.serving else ""
        tables = [f"\0Ntcp\n{TABLE}{ports}", f"\0Ntcp6\n{TABLE}", f"\0Nudp\n{TABLE}", f"\0Nudp6\n{TABLE}"]
        return "".join([*rows, *tables, "\0Ndev\n"]).encode()

    def serve(self) -> Answer:
        """Be what a detached sandbox runs."""
        self.serving.add("service")
        return RUNNING, b"", b""

    def apt(self, box: Inside, words: Sequence[str]) -> Answer:
        """Answer apt-get: update, install, with --download-only, and purge or remove."""
        names = [word.partition("=")[0] for word in words if word.partition("=")[0] in self.archive]
        if "update" in words:
            return 0, b"Get:1 http://deb.example bookworm InRelease [151 kB]\nFetched 9 MB\n", b""
        wanted = [name for word in names for name in (*self.archive[word].needs, word)]
        if "-s" in words or "--simulate" in words:
            lines = [f"Inst {name} ({self.archive[name].version} Debian [amd64])" for name in wanted]
            return 0, "\n".join(lines).encode(), b""
        if "install" in words:
            for name in wanted:
                deb = f"{name}_{self.archive[name].version}_amd64.deb"
                if "--download-only" in words:
                    box.tree.write(f"{ARCHIVES}/{deb}", name.encode())
                elif name not in self.installed(box):
                    self.unpack(box, name, is_auto=name not in names)
            return 0, "".join(f"Setting up {name} ...\n" for name in wanted).encode(), b""
        for name in [*names, *self.unneeded(box, names)]:
            self.take_away(box, name)
        return 0, b"", b""

    def installed(self, box: Inside) -> list[str]:
        """Return the names that dpkg has."""
        node = box.tree.get(STATUS)
        lines = node.content.decode().splitlines() if node else []
        return [line.removeprefix("Package: ") for line in lines if line.startswith("Package: ")]

    def unneeded(self, box: Inside, going: Iterable[str]) -> list[str]:
        """Return what nothing needs any more once others have gone."""
        gone = set(going)
        needs = {need for name in gone for need in self.archive[name].needs}
        kept = {
            need
            for name in self.installed(box)
            if name not in gone and name in self.archive
            for need in self.archive[name].needs
        }
        return sorted(needs - kept)

    def unpack(self, box: Inside, name: str, *, is_auto: bool) -> None:
        """Install one package."""
        found = self.archive[name]
        for path, text in found.files.items():
            box.tree.write(path, text.encode(), mode=0o755 if "bin/" in path else 0o644)
        for path in found.stays:
            box.tree.write(path, b"log\n")
        append(box, STATUS, STANZA.format(name=name, version=found.version, size=found.size))
        if is_auto:
            append(box, EXTENDED_STATES, AUTO.format(name=name))

    def take_away(self, box: Inside, name: str) -> None:
        """Purge one package."""
        for path in self.archive[name].files:
            box.tree.remove(path)
        for file in (STATUS, EXTENDED_STATES):
            node = box.tree.get(file)
            rows = node.content.decode().split("\n\n") if node else []
            box.tree.write(file, "\n\n".join(row for row in rows if f"Package: {name}\n" not in row).encode())

    def files_of(self, box: Inside, names: Sequence[str]) -> Answer:
        """Answer dpkg-query -L."""
        there = self.installed(box)
        rows = [path for name in names if name in there and name in self.archive for path in self.archive[name].files]
        return int(any(name not in there for name in names)), "".join(f"{row}\n" for row in rows).encode(), b""

    def run_script(self, box: Inside, options: Sequence[str]) -> Answer:
        """Be the promoted install script: install, or take back, what it is of."""
        if "--uninstall" in options or "--purge" in options:
            return self.apt(box, ("purge", *(name for name in self.promoted if name in self.installed(box))))
        return self.apt(box, ("install", *self.promoted))


def append(box: Inside, path: str, text: str) -> None:
    node = box.tree.get(path)
    box.tree.write(path, (node.content if node else b"") + text.encode())


def cat(box: Inside, paths: Sequence[str], interfaces: Sequence[str], ports: Sequence[int]) -> Answer:
    """Answer cat, of files and of what proc(5) shows of the network."""
    tables = {
        "/proc/net/dev": "".join(f"{name}: 0 0\n" for name in interfaces if name == "lo" or box.is_connected),
        "/proc/net/tcp": TABLE + "".join(LISTENING.format(port=port) for port in ports),
        "/proc/net/tcp6": TABLE,
    }
    found = [
        (path, tables[path].encode() if path in tables else getattr(box.tree.get(path), "content", None))
        for path in paths
    ]
    missing = [path for path, text in found if text is None]
    said = "".join(f"cat: {path}: No such file or directory\n" for path in missing).encode()
    return int(bool(missing)), b"".join(text or b"" for _, text in found), said


def hashes(box: Inside, patterns: Sequence[str]) -> bytes:
    """Return `SHA256 SIZE PATH` of the files in the folders of patterns."""
    folders = {pattern.rpartition("/")[0] for pattern in patterns}
    rows = [
        f"{sha256(node.content).hexdigest()} {len(node.content)} {path}\n"
        for path, node in box.tree.nodes().items()
        if node.is_file and path.rpartition("/")[0] in folders
    ]
    return "".join(rows).encode()


def traces(box: Inside) -> bytes:
    """Return what traces.sh prints: users, and every file."""
    rows = [f"file {path}\n" for path, node in box.tree.nodes().items() if node.is_file]
    return "".join(["user root\n", *rows]).encode()


def debian_engine(program: Program | None = None, **given: object) -> FakeEngine:
    """Return an engine that has Debian's image."""
    base = STANZA.format(name="dpkg", version="1.21.22", size=6) + STANZA.format(name="bash", version="5.2.15", size=9)
    files = {
        STATUS: base.encode(),
        "/bin/sh": b"#!",
        "/usr/bin/bash": b"#!",
        "/etc/passwd": b"root:x:0:0::/root:/bin/sh\n",
    }
    return FakeEngine(images_known=[BASE], files=files, program=program or Debian(), **given)  # type: ignore[arg-type]
