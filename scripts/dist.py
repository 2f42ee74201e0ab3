"""Make dist/: a wheel, a source archive, one file that Python runs (sandbox.pyz), and a package for apt.

    .venv/bin/python scripts/dist.py [FOLDER]

The last two hold all that the program imports, for each Python and machine of PYTHONS and PLATFORMS. Compiled modules
of several Pythons lie side by side in one folder: their names say which Python they are for (PEP 3149).
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import zipapp
import zipfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
PYTHONS: Final = ("3.10", "3.11", "3.12", "3.13", "3.14")
PLATFORMS: Final = ("manylinux2014_x86_64", "manylinux2014_aarch64", "musllinux_1_2_x86_64", "musllinux_1_2_aarch64")
COMPILED: Final = "msgspec"
"""The one library that has no version in Python alone."""
OPTIONAL: Final = ("rapidfuzz", "yaml", "charset_normalizer", "zstandard", "zstandard-*")
"""Libraries whose compiled parts are left out: 4 to 6 MB each, for each Python; they work without. Of zstandard nothing
stays, so that a base can't be imported of a .tar.zst before Python 3.14."""

COMPLETIONS: Final = {
    "bash/sandbox": "bash-completion/completions/sandbox",
    "zsh/_sandbox": "zsh/vendor-completions/_sandbox",
    "fish/sandbox.fish": "fish/vendor_completions.d/sandbox.fish",
}
"""Where Debian's shells look for completions, below /usr/share."""

START: Final = '''\
"""Unpacks itself once below ~/.cache/sandbox, since Python can't import compiled modules of a zip, and runs."""

import sys

if sys.version_info < (3, 10):
    sys.exit("error: sandbox needs Python 3.10 or newer; this is " + sys.version.split()[0])


def unpack(folder):
    import shutil
    import signal
    import tempfile
    import zipfile

    os.makedirs(os.path.dirname(folder), mode=0o700, exist_ok=True)
    made = tempfile.mkdtemp(dir=os.path.dirname(folder))
    try:
        with zipfile.ZipFile(sys.argv[0]) as file:
            file.extractall(made, [name for name in file.namelist() if name.startswith("lib/")])
        try:
            os.rename(made, folder)
        except OSError:  # another one was faster
            pass
    except KeyboardInterrupt:  # a second one may not leave what was unpacked
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        raise
    finally:
        shutil.rmtree(made, ignore_errors=True)


try:
    import os

    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    folder = os.path.join(cache, "sandbox", "program", "@BUILD@")
    if not os.path.isdir(folder):
        unpack(folder)
    sys.path.insert(0, os.path.join(folder, "lib"))

    from sandbox.cli.main import main
except OSError as error:
    sys.exit(f"error: the program can't be unpacked in {cache}: {error.strerror}; set XDG_CACHE_HOME")
except KeyboardInterrupt:  # sandbox.cli.main takes it from its first line on
    sys.exit(130)

main()
'''
RUN: Final = """\
#!/usr/bin/python3
import sys

sys.path.insert(0, "/usr/lib/sandbox")

from sandbox.cli.main import main

main()
"""


def run(*argv: str | Path) -> None:
    """Run a program, its output on standard error; end with its own words where it fails."""
    done = subprocess.run(argv, check=False, stdout=sys.stderr, cwd=ROOT)
    if done.returncode:
        raise SystemExit(f"dist: {' '.join(map(str, argv))} ended with {done.returncode}")


def make_archives(folder: Path) -> Path:
    """Make the wheel and the source archive; return the wheel."""
    run(sys.executable, "-m", "hatchling", "build", "--directory", folder)
    (wheel,) = folder.glob("sandbox-*.whl")
    return wheel


def make_library(folder: Path, wheel: Path) -> None:
    """Put the program and all that it imports into a folder."""
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "-qq")
    run(*pip, "install", "--no-compile", "--only-binary=:all:", "--target", folder, wheel)
    for name in ("bin", "share"):  # a package has these in places of its own
        shutil.rmtree(folder / name, ignore_errors=True)
    for name in OPTIONAL:
        for found in folder.glob(name):
            for module in [*found.rglob("*.so")]:
                module.unlink()
    for found in (*folder.glob("zstandard*"), *folder.glob("*__mypyc*.so")):
        shutil.rmtree(found) if found.is_dir() else found.unlink()
    with tempfile.TemporaryDirectory() as temporary:
        for python in PYTHONS:
            for platform in PLATFORMS:
                place = Path(temporary, f"{python}-{platform}")
                options = ("--no-deps", "--only-binary=:all:", "--python-version", python, "--platform", platform)
                run(*pip, "download", *options, "--dest", place, COMPILED)
                for found in place.glob("*.whl"):
                    with zipfile.ZipFile(found) as file:
                        file.extractall(folder, [name for name in file.namelist() if name.endswith(".so")])


def make_program(path: Path, library: Path) -> None:
    """Make the one file that Python runs."""
    with tempfile.TemporaryDirectory() as temporary:
        stage = Path(temporary)
        shutil.copytree(library, stage / "lib")
        (stage / "__main__.py").write_text(START.replace("@BUILD@", digest(library)))
        zipapp.create_archive(stage, path, interpreter="/usr/bin/env python3", compressed=True)


def digest(folder: Path) -> str:
    """Return a short digest of all files below a folder, with their names."""
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            found.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes())
    return found.hexdigest()[:16]


def make_debian_package(folder: Path, library: Path, version: str) -> None:
    """Make the package for apt: of all machines, since it holds the compiled modules of each."""
    with tempfile.TemporaryDirectory() as temporary:
        stage = Path(temporary)
        shutil.copytree(library, stage / "usr/lib/sandbox")
        for name in ("sandbox", "sandbox-try"):
            command = stage / "usr/bin" / name
            command.parent.mkdir(parents=True, exist_ok=True)
            command.write_text(RUN)
            command.chmod(0o755)
        shutil.copytree(ROOT / "man", stage / "usr/share/man/man1")
        for source, place in COMPLETIONS.items():
            target = stage / "usr/share" / place
            target.parent.mkdir(parents=True)
            shutil.copy(ROOT / "completions" / source, target)
        texts = stage / "usr/share/doc/sandbox"
        texts.mkdir(parents=True)
        shutil.copy(ROOT / "LICENSE", texts / "copyright")
        shutil.copy(ROOT / "README.md", texts)
        (stage / "DEBIAN").mkdir()
        (stage / "DEBIAN/control").write_text(
            textwrap.dedent(f"""\
                Package: sandbox
                Version: {version}
                Architecture: all
                Maintainer: the sandbox developers <nobody@localhost>
                Depends: python3 (>= 3.10)
                Recommends: docker.io | podman
                Section: utils
                Priority: optional
                Description: try a package in a throwaway distro
                 Opens a shell in a throwaway container that has the packages, removes everything on leaving, and
                 writes an install script of what was tried.
                """)
        )
        run("dpkg-deb", "--root-owner-group", "--build", stage, folder / f"sandbox_{version}_all.deb")


def main() -> int:
    """Make all of it, and list it on standard output."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "dist")
    folder: Path = parser.parse_args().folder.resolve()
    os.environ.setdefault("SOURCE_DATE_EPOCH", "1764374400")
    shutil.rmtree(folder, ignore_errors=True)
    wheel = make_archives(folder)
    version = wheel.name.split("-")[1]
    with tempfile.TemporaryDirectory() as temporary:
        library = Path(temporary, "library")
        make_library(library, wheel)
        make_program(folder / "sandbox.pyz", library)
        if shutil.which("dpkg-deb"):
            make_debian_package(folder, library, version)
    for path in sorted(folder.iterdir()):
        print(f"{path.name:<40} {path.stat().st_size / 1e6:6.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
