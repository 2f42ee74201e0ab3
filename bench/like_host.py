"""Compare a sandbox that is like this host with this host: what `apt-get -s` says of PACKAGES, in both.

python bench/like_host.py [--many=1500] [PACKAGE...]: on a host with apt; it takes minutes. Nothing of the host changes:
its index is fetched into a temporary folder, since that of the host may be old. `upgrade` is compared too. With --many
a container of that many packages is the host. Exit status 1 where the two differ.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PACKAGES = (
    "redis-server",
    "nginx",
    "tree",
    "docker-compose",
    "apache2",
    "htop",
    "rsync",
    "samba",
    "mariadb-server",
    "exim4",
)
SIMULATE = "apt-get -s --no-install-recommends"
ROW = re.compile(r"^(Inst|Remv) (\S+)(?: \[([^\]]*)\])?(?: \((\S+))?", re.MULTILINE)


def rows(text: str) -> set[tuple[str, str, str]]:
    """Return what would be done: the action, the package, the new version."""
    return {(verb, name, new) for verb, name, _, new in ROW.findall(text)}


def parts(text: str) -> dict[str, set[tuple[str, str, str]]]:
    """Return what each question is answered with."""
    found = re.split(r"(?m)^=== (\S+)$", text)[1:]
    return {name: rows(body) for name, body in zip(found[::2], found[1::2], strict=True)}


def main(packages: tuple[str, ...]) -> int:
    """Ask both and print where they differ."""
    text = questions(packages)
    program = str(Path(sys.executable).with_name("sandbox"))
    argv = [program, "try", "--like-host", "--cache", "--", "sh", "-c", text.replace("@", "")]
    inside = subprocess.run(argv, capture_output=True, text=True, check=False)
    print(inside.stderr)
    with tempfile.TemporaryDirectory() as folder:
        own = f"-o Dir::State::lists={folder} -o Dir::Cache={folder} -o Debug::NoLocking=1"
        Path(folder, "partial").mkdir()
        script = f"apt-get update {own} >&2; {text.replace('@', own)}"
        here = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False)
    return compare(packages, inside.stdout, here.stdout)


def questions(packages: tuple[str, ...]) -> str:
    """Return the text that asks apt, with `@` for options."""
    asks = [f"echo '=== upgrade'; {SIMULATE} @ upgrade"]
    return "; ".join([*asks, *(f"echo '=== {name}'; {SIMULATE} @ install {name}" for name in packages)])


def compare(packages: tuple[str, ...], inside: str, here: str) -> int:
    """Print where two lists of answers differ; return 1 where they do."""
    ours, theirs, differ = parts(inside), parts(here), 0
    for name in ("upgrade", *packages):
        more, less = ours.get(name, set()) - theirs[name], theirs[name] - ours.get(name, set())
        differ += bool(more or less)
        print(
            f"{name}: {len(theirs[name])} here, {len(ours.get(name, ()))} in the sandbox",
            *sorted(more),
            "|",
            *sorted(less),
        )
    print(f"{len(packages) + 1 - differ} of {len(packages) + 1} equal")
    return int(bool(differ))


def large(count: int, packages: tuple[str, ...]) -> int:
    """Compare a container whose books have `count` packages with a sandbox that is made like it.

    The packages are the archive's by priority, then the smallest of Perl's modules. 40 of them are in a version that
    no mirror has, and 10 are of no mirror.
    """
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    import os
    import time

    from tests.integration.boxes import container_of
    from tests.unit.fakes import FakeReporter

    from sandbox.container.box import Box
    from sandbox.container.shell import DEFAULT_PATH
    from sandbox.core.tar import one_file
    from sandbox.distros.lookup import find_target
    from sandbox.engine.discover import find_engine
    from sandbox.managers.host_readers import read_host
    from sandbox.managers.registry import manager_of
    from sandbox.provision.network import HostNetwork
    from sandbox.provision.plan import Terms, plan_for
    from sandbox.provision.run import Provisioning
    from sandbox.provision.site import InstallSite
    from sandbox.specs.model import Spec

    target, image = find_target("debian:bookworm"), "sandbox-lab/base-bookworm"
    text = questions(packages).replace("@", "")

    def read(box: Box, *argv: str) -> str:
        return box.read(argv, limit=1 << 30)[1].decode()

    with find_engine(os.environ) as engine, container_of(engine, image, "many", network="default") as name:
        host = Box(engine, name)
        read(host, "apt-get", "-qq", "update")
        known = records(read(host, "apt-cache", "dumpavail"))
        names = chosen(count, known, lambda words: read(host, "apt-get", "-s", "--no-install-recommends", *words))
        had = read(host, "cat", "/var/lib/dpkg/status")
        status = had + "".join(status_of(names, known))
        host.copy_in("/var/lib/dpkg", [one_file("status", status.encode())])
        print(read(host, "sh", "-c", "apt-get check; dpkg-query -W | wc -l"), flush=True)
        theirs = read(host, "sh", "-c", text)
        with tempfile.TemporaryDirectory() as folder:
            files = host.read(("tar", "-C", "/", "-cf", "-", "etc/apt", "usr/share/keyrings"), limit=1 << 26)[1]
            subprocess.run(["tar", "-C", folder, "-xf", "-"], input=files, check=True)

            def run(argv: tuple[str, ...], _: object) -> tuple[int, str, str]:
                status, out = host.read(argv, limit=1 << 28)
                return status, "\n".join(line for line in out.decode().splitlines() if line), ""

            state = read_host("apt", run, Path(folder))
    print(f"{len(state.packages)} packages read", *state.left_out, flush=True)
    plan = plan_for(Spec(), target, manager_of("apt"), Terms(like=state))
    with find_engine(os.environ) as engine, container_of(engine, image, "like-many", network="default") as name:
        box, begun = Box(engine, name), time.monotonic()
        work = Provisioning(
            InstallSite(box=box, plan=plan, manager=manager_of("apt"), network=HostNetwork(), reporter=FakeReporter())
        )
        work.run(path=DEFAULT_PATH)
        print(f"made in {time.monotonic() - begun:.0f} s", *work.notes, sep="\n")
        return compare(packages, read(box, "sh", "-c", text), theirs)


def records(text: str) -> dict[str, str]:
    """Return the records of an index by their packages' names."""
    found = (part.strip("\n") for part in text.split("\n\n"))
    return {part.split("\n", 1)[0].removeprefix("Package: "): part for part in found if part}


def field(record: str, key: str) -> str:
    """Return a field's text, empty without one."""
    found = re.search(rf"(?m)^{key}: (.*)", record)
    return found[1] if found else ""


def chosen(count: int, known: dict[str, str], simulate: Callable[[tuple[str, ...]], str]) -> list[str]:
    """Return the names of packages that fit together: those of a priority, then the smallest of Perl's modules.

    Perl's modules conflict with little, and apt says what each needs.
    """
    usual = [name for name, text in known.items() if field(text, "Priority") in ("required", "important", "standard")]
    modules = sorted(
        (int(field(text, "Installed-Size") or 0), name)
        for name, text in known.items()
        if re.fullmatch(r"lib[a-z0-9-]+-perl", name) and field(text, "Architecture") == "all"
    )
    names: list[str] = []
    for some in range(count // 2, len(modules), 200):
        wanted = (*usual, *(name for _, name in modules[:some]))
        names = re.findall(r"(?m)^Inst (\S+)", simulate(("install", *wanted))) or names
        if len(names) >= count:
            break
    return names


def status_of(names: list[str], known: dict[str, str]) -> Iterator[str]:
    """Yield the records of dpkg's books for packages; every 35th that nothing needs in its version is an older one."""
    exact = set(re.findall(r"([a-z0-9][a-z0-9+.-]+) \(= ", "\n".join(known[name] for name in names)))
    free = [name for name in names if name not in exact and field(known[name], "Architecture") == "all"]
    older = {*free[:: max(1, len(free) // 40)][:40]}
    for name in names:
        rows = [line for line in known[name].split("\n") if not re.match(r"(Filename|Size|MD5sum|SHA256|Tag):", line)]
        if name in older:
            rows = [re.sub(r"^(Version: .*)", r"\1~old", line) for line in rows]
        yield "\n".join([rows[0], "Status: install ok installed", *rows[1:]]) + "\n\n"
    for number in range(10):
        yield (
            f"Package: lab-gone-{number}\nStatus: install ok installed\nArchitecture: all\nVersion: 1.{number}\n"
            f"Maintainer: lab\nDepends: libc6\nDescription: of no mirror\n\n"
        )


if __name__ == "__main__":
    named = tuple(word for word in sys.argv[1:] if not word.startswith("--many="))
    many = next((int(word.partition("=")[2]) for word in sys.argv[1:] if word.startswith("--many=")), 0)
    sys.exit(large(many, named or PACKAGES) if many else main(named or PACKAGES))
