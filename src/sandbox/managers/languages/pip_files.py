"""Python's packages as wheels, each held to its SHA-256.

What has no wheel is refused: to build one runs code that would have to be locked, too, with all that it is built by.
Sources: pip's own documentation (`pip download`, "secure installs"), PEP 427 (a wheel's file name).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox.managers.languages import pip
from sandbox.managers.languages.locked_files import STORE, LanguageFile, roots
from sandbox.managers.protocol import HASHES, Query

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sandbox.managers.protocol import Argv, PackageRef

name: Final = pip.name
FOLDER: Final = f"{STORE}/{name}"

RESOLVE: Final = r"""
set -e; umask 022
folder=$1; shift
for wanted; do
  home=/opt/pip/${wanted%%=*}
  [ -x "$home/bin/python" ] || python3 -m venv "$home"
  "$home/bin/python" -m pip download --only-binary :all: --dest "$folder/${wanted%%=*}" "$wanted"
done
""".strip()

FETCH: Final = r"""
set -e; umask 022
folder=$1; shift
mkdir -p "$folder"; cat >"$folder/wanted"
for root; do
  home=/opt/pip/$root
  [ -x "$home/bin/python" ] || python3 -m venv "$home"
  get() { "$home/bin/python" -m pip download --only-binary :all: --no-deps --dest "$folder/$root" "$@"; }
  sed -n "s/^$root //p" "$folder/wanted" >"$folder/hashed"
  sed 's/ .*//' "$folder/hashed" >"$folder/named"
  get --require-hashes -r "$folder/hashed" || get -r "$folder/named"
done
""".strip()
"""What comes in spite of another hash is not installed: it is there for the difference to be shown."""

INSTALL: Final = r"""
install=$1 folder=$2; shift 2
for wanted; do
  PIP_NO_INDEX=1 PIP_FIND_LINKS=$folder/${wanted%%=*} sh -c "$install" sh "$wanted" || exit
done
rm -rf "$folder"; rmdir "${folder%/*}" 2>/dev/null || :
""".strip()

_WHEEL: Final = re.compile(
    r"(?P<name>[A-Za-z0-9._]+)-(?P<version>[A-Za-z0-9._+!]+)(?:-[0-9]\w*)?-[^-]+-[^-]+-[^-]+\.whl"
)


def resolve(packages: Sequence[PackageRef]) -> Argv:
    """Return the argv that downloads the wheels of packages and of all that they need."""
    return ("sh", "-c", RESOLVE, "sh", FOLDER, *map(_requirement, packages))


def fetch(files: Sequence[LanguageFile]) -> tuple[Argv, bytes]:
    """Return the argv that downloads these wheels, and their requirements as its standard input."""
    lines = (f"{file.root.partition(':')[2]} {file.name}=={file.version} --hash={file.digest}\n" for file in files)
    return ("sh", "-c", FETCH, "sh", FOLDER, *roots(files, name)), "".join(lines).encode()


def install_local(files: Sequence[LanguageFile]) -> None:
    """Nothing else is needed: a wheel says by its name what it is."""


def install(packages: Sequence[PackageRef]) -> Argv:
    """Return the argv that makes an environment of each package as pip.install does, from its folder alone."""
    return ("sh", "-c", INSTALL, "sh", pip.INSTALL, FOLDER, *map(_requirement, packages))


def _requirement(package: PackageRef) -> str:
    return f"{package.name}=={package.version}" if package.version else package.name


def _stored_files(output: str) -> Iterable[LanguageFile]:
    for line in output.splitlines():
        found = re.fullmatch(rf"([0-9a-f]{{64}}) ([0-9]+) ({re.escape(FOLDER)}/([a-z0-9-]+)/([^/]+))", line)
        wheel = _WHEEL.fullmatch(found[5]) if found else None
        if found and wheel:
            yield LanguageFile(
                root=f"{name}:{found[4]}",
                name=pip.normal(wheel["name"]),
                version=wheel["version"].replace("_", "-"),
                size=int(found[2]),
                digest=f"sha256:{found[1]}",
                path=found[3],
            )


list_stored: Final[Query[LanguageFile]] = Query(
    argv=("sh", "-c", HASHES, "sh", f"{FOLDER}/*/*.whl"), parse=lambda output: tuple(sorted(_stored_files(output)))
)
