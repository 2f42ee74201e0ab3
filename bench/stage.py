"""What the comparisons stand on: the two programs, a prepared image, a cached state; removed again, and only these."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench.terminal import BenchError, Terminal

from sandbox.provision.index_cache import FOLDER
from sandbox.provision.index_file import write_time

if TYPE_CHECKING:
    from types import TracebackType

DISTRO: Final = "debian:bookworm"
PACKAGE: Final = "htop"
INSTALL: Final = f"apt-get update && apt-get install -y {PACKAGE}"
LABEL: Final = f"sandbox-bench={os.getpid()}"
CACHED: Final = "sandbox-cache/*"
FOREIGN: Final = re.compile(r"^(SANDBOX_|PYTHON|LC_|LANG|XDG_|NO_COLOR|COLUMNS|LINES)")
"""Variables of whoever measures that would change what is measured; PYTHONDONTWRITEBYTECODE costs 0.1 s a start."""


class Stage:
    """Starts both sides with the same environment; as a context manager it removes what it made on the engine.

    `program` is the command of `sandbox`; without it, that of this checkout.
    """

    def __init__(self, program: tuple[str, ...] = ()) -> None:
        if shutil.which("docker") is None:
            message = "the docker command is not on PATH; the comparison needs it (next: apt-get install docker.io)"
            raise BenchError(message)
        script = Path(sys.executable).with_name("sandbox")
        here = (str(script),) if script.exists() else (sys.executable, "-m", "sandbox")
        self.program = program or here
        self._folder = tempfile.TemporaryDirectory(prefix="sandbox-bench-")
        self.folder = Path(self._folder.name)
        self.env = self._environment()
        self._images: list[str] = []
        self._prepared = ""
        self._is_cached = False
        self.base = self._base()

    def __enter__(self) -> Stage:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        containers = self.docker("container", "ls", "--all", "--quiet", "--filter", f"label={LABEL}").split()
        if containers:
            self.docker("container", "rm", "--force", "--volumes", *containers, check=False)
        for image in self._images:
            self.docker("image", "rm", image, check=False)
        self._folder.cleanup()

    def sandbox(self, *words: str) -> Terminal:
        """Start `sandbox` at a terminal."""
        return Terminal([*self.program, *words], env=self.env, folder=self.folder)

    def try_(self, *words: str) -> Terminal:
        """Start `sandbox try` on the distro of the comparison."""
        return self.sandbox("try", "--distro", DISTRO, *words)

    def docker_run(self, image: str, *argv: str) -> Terminal:
        """Start `docker run -it --rm` at a terminal."""
        words = ["docker", "run", "-it", "--rm", "--label", LABEL, image, *argv]
        return Terminal(words, env=self.env, folder=self.folder)

    def docker_exec(self, container: str, *argv: str) -> Terminal:
        """Start `docker exec -it` at a terminal."""
        return Terminal(["docker", "exec", "-it", container, *argv], env=self.env, folder=self.folder)

    def container(self) -> str:
        """Start a container of the base that waits; return its id."""
        return self.docker(
            "run", "--detach", "--rm", "--init", "--label", LABEL, self.base, "sleep", "infinity"
        ).strip()

    def age_index(self, seconds: float) -> None:
        """Make the package indexes that are kept here as old as that; raise BenchError where there is none."""
        paths = [*self._indexes().glob("*.index")]
        if not paths:
            raise BenchError("no package index was kept")
        for path in paths:
            with path.open("r+b") as file:
                write_time(file, path.stat().st_size, time.time() - seconds)

    def forget_index(self) -> None:
        """Remove the package indexes that are kept here."""
        shutil.rmtree(self._indexes(), ignore_errors=True)

    def _indexes(self) -> Path:
        return self.folder / "cache" / "sandbox" / FOLDER

    def prepared_image(self) -> str:
        """Return the image that holds the package already, as a user would have prepared it."""
        if not self._prepared:
            name = f"sandbox-bench-{os.getpid()}"
            self.docker("run", "--name", name, "--label", LABEL, self.base, "sh", "-c", INSTALL)
            self._prepared = f"{name}:prepared"
            self._images.append(self._prepared)
            self.docker("commit", "--change", f"LABEL {LABEL}", name, self._prepared)
            self.docker("container", "rm", "--volumes", name)
        return self._prepared

    def fill_cache(self) -> None:
        """Let `--cache` save the provisioned state, unless it is there; what this adds is removed at the end."""
        if self._is_cached:
            return
        before = self._cache_images()
        argv = [*self.program, "try", PACKAGE, "--cache", "--distro", DISTRO, "--", "true"]
        done = subprocess.run(argv, env=self.env, cwd=self.folder, capture_output=True, text=True, check=False)
        self._images += sorted(self._cache_images() - before)
        if done.returncode:
            raise BenchError(f"{argv} failed:\n{done.stderr}")
        self._is_cached = True

    def docker(self, *words: str, check: bool = True) -> str:
        """Run the docker command; return what it printed."""
        done = subprocess.run(["docker", *words], env=self.env, capture_output=True, text=True, check=False)
        if check and done.returncode:
            raise BenchError(f"docker {' '.join(words)} failed:\n{done.stderr.strip()}")
        return done.stdout

    def found(self, program: str) -> str:
        """Return the path of a program of Debian's package of that name; raise BenchError where it is absent."""
        path = shutil.which(program, path=f"{self.env.get('PATH', '')}:/usr/sbin")
        if path is None:
            raise BenchError(f"{program} is not on PATH (next: apt-get install {program})")
        return path

    def _cache_images(self) -> set[str]:
        form = "{{.Repository}}:{{.Tag}}"
        return set(self.docker("image", "ls", "--format", form, "--filter", f"reference={CACHED}").split())

    def _environment(self) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if not FOREIGN.match(name)}
        folders = {f"XDG_{kind}_HOME": str(self.folder / kind.lower()) for kind in ("CONFIG", "STATE", "CACHE")}
        return {**own, **folders, "TERM": "xterm-256color", "SANDBOX_PROMOTE": "never"}

    def _base(self) -> str:
        """Return the base image that the tool would use: the first one present of those that its plan names."""
        argv = [*self.program, "try", "--distro", DISTRO, "--dry-run"]
        plan = subprocess.run(argv, env=self.env, capture_output=True, text=True, check=True).stdout
        names = next(line.split(maxsplit=1)[1] for line in plan.splitlines() if line.startswith("base "))
        for name in names.split(" else "):
            if self.docker("image", "ls", "--quiet", name):
                return name
        raise BenchError(f"no base is here: {names} (next: make base DISTRO={DISTRO})")
