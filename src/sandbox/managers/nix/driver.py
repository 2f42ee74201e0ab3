"""nix-env of Nix and NixOS: its argv, its profile and its progress. Packages are the user's own and need no root.

Sources: the Nix manual on nix-env, nix-store, nix-channel and profiles; docker.nix in Nix's sources for what its image
holds. Run with nix 2.26.3 in a lab image over a small stand-in for nixpkgs. Not run, written from the documentation:
nixpkgs itself, binary caches and their downloads, a mirror.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from sandbox.core.programs import program, sh_argv
from sandbox.managers import protocol
from sandbox.managers.nix import names as nix_names
from sandbox.managers.progress_lines import match_progress
from sandbox.managers.protocol import LISTING, Package, Query, paths_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sandbox.errors import StepFailed
    from sandbox.managers.protocol import Argv, Failure, PackageRef

name: Final = "nix"
parse_reference = nix_names.parse_reference

environment: Final[Mapping[str, str]] = MappingProxyType({})
"""Its images set what nix needs (PATH, NIX_PATH, NIX_SSL_CERT_FILE, USER), as a host's profile does."""
throwaway: Final[Argv] = ()
throwaway_environment = unsynced_environment = protocol.NOTHING
unsynced_folders: Final[tuple[str, ...]] = ()
needs_root: Final = False
from_source: Final = None
"""Without binaries nix would compile all dependencies of a package down to the C library, which nobody wants."""

database: Final = ()
state_files: Final = ("/nix/var/nix/profiles", "/nix/var/nix/profiles/per-user/root", "/root/.local/state/nix/profiles")
"""Each transaction makes a new link (`profile-2-link`) in the folder of root's profiles, whichever of these it is."""

_DIRECT: Final = r"""
profile=${HOME:-/root}/.nix-profile
here=$(nix-env -q --no-name --out-path 2>/dev/null | tr ';' '\n')
[ -n "$here" ] || here=$(grep -o '"/nix/store/[^"]*"' "$profile/manifest.json" 2>/dev/null | tr -d '"')
""".strip()
"""Constant shell text: the outputs of what was asked for, as `/nix/store/...` or `man=/nix/store/...`; nix-env refuses
a profile that `nix profile` has touched, whose manifest names them."""

listing: Final = rf"""
{_DIRECT}
printf '%s\n' $here -- && all=$(nix-store -qR "$profile" 2>/dev/null) || exit 0
printf '%s\n' $all -- && nix-store -q --size $all
""".strip()
"""What was asked for, all paths of the store that the profile needs, and the sizes of all in their order."""

prepare: Final = (
    "nix-channel --list | grep -q . || nix-channel --add https://nixos.org/channels/nixpkgs-unstable nixpkgs"
)
keep_docs: Final = ""
index: Final = ("/nix", "/root/.nix-defexpr", "/root/.nix-channels")


def _with_profile(name: str) -> str:
    """Return a file's program, preceded by the functions for the profile that it needs."""
    return "\n".join([_DIRECT, program(__package__, "profile.sh"), program(__package__, name)])


def use_mirror(official: str, mirror: str) -> Argv:
    """Return the argv that points root's channels from the official place to a mirror."""
    return sh_argv(
        __package__,
        "use_mirror.sh",
        official.rstrip("/"),
        (mirror.splitlines() or [""])[0].rstrip("/"),
    )


def refresh() -> Argv:
    """Return the argv that fetches the channels."""
    return ("nix-channel", "--update")


def install(packages: Sequence[PackageRef], *, recommends: bool = False) -> Argv:
    """Return the argv that installs into the user's profile; there are no recommends.

    <nixpkgs> is the channel whatever a host calls it: `nixpkgs` by default, `nixos` on NixOS.
    """
    if any(package.version is not None for package in packages):
        return ("nix-env", "-f", "<nixpkgs>", "-iE", *map(nix_names.pinned_reference, packages))
    return ("nix-env", "-f", "<nixpkgs>", "-iA", *(package.name for package in packages))


def download(packages: Sequence[PackageRef], *, recommends: bool = False) -> Argv:
    """Return the argv that only puts into the store what `install` would need, and builds what no cache has."""
    functions = " ".join(f"(({nix_names.pinned_reference(package)}) null)" for package in packages)
    return ("nix-build", "--no-out-link", "-E", f"[ {functions} ]")


def is_installed(package: PackageRef) -> tuple[Argv, ...]:
    """Return the argv whose status is 0 if it is in the user's profile, in its version if it has one."""
    argv = sh_argv(__package__, "is_installed.sh", package.name)
    return ((*argv, package.version) if package.version else argv,)


def remove(packages: Sequence[PackageRef], *, purge: bool = False) -> tuple[Argv, ...]:
    """Return the commands that remove packages; with `purge` what they needed and earlier profiles leave the store."""
    command = ("sh", "-c", _with_profile("remove.sh"), "sh", *(package.name for package in packages))
    return (command, ("nix-collect-garbage", "--quiet", "-d")) if purge else (command,)


def files(packages: Sequence[PackageRef]) -> Query[str]:
    """Ask for the packages' files and links in the store."""
    return Query(
        argv=("sh", "-c", _with_profile("files.sh"), "sh", *(package.name for package in packages)), parse=paths_in
    )


def parse_packages(database: Mapping[str, bytes]) -> tuple[Package, ...]:
    """Return what the profile holds and needs, by the names of derivations; sizes in bytes, as in the store.

    The outputs of a package are counted as one. Explicit is what the profile itself refers to.
    """
    direct, known, sizes = _sections(database.get(LISTING, b"").decode("utf-8", "replace"))
    found: dict[str, Package] = {}
    for path, size in zip(known, sizes, strict=False):
        for package in _packages(path, size, explicit=path in direct):
            before = found.get(package.name)
            found[package.name] = _together(before, package) if before else package
    return tuple(found.values())


def derivation(path: str) -> tuple[str, str] | None:
    """Return the name and the version of a path in the store, less its output (`-bin`, `-man`); None for others."""
    cut = _STORE.match(path)
    return nix_names.split(_OUTPUT.sub("", cut[1])) if cut else None


_STORE: Final = re.compile(r"/nix/store/[0-9a-z]{32}-([A-Za-z0-9+._?=-]+)")
_OUTPUT: Final = re.compile(r"(?<=\d)-(?:bin|dev|devdoc|doc|info|lib|man|out|py|data|debug|static)$")
_OWN: Final = frozenset({"env-manifest.nix", "user-environment", "profile"})


def _sections(output: str) -> tuple[frozenset[str], list[str], list[int]]:
    direct, _, rest = output.partition("\n--\n")
    known, _, sizes = rest.partition("\n--\n")
    numbers = [int(size) if size.isascii() and size.isdigit() else 0 for size in sizes.split()]
    return frozenset(path.rpartition("=")[2] for path in direct.split()), known.split(), numbers


def _packages(path: str, size: int, *, explicit: bool) -> Iterator[Package]:
    """Yield the package of a path; a file without a version, such as a patch or a hook, is not a package."""
    named = derivation(path)
    if named and named[0] not in _OWN and (named[1] or explicit):
        yield Package(name=named[0], version=named[1], architecture="", size=size, explicit=explicit)


def _together(one: Package, other: Package) -> Package:
    """Return two outputs, or two versions of which the profile's own counts, as one package."""
    first = one if one.explicit or not other.explicit else other
    return Package(
        name=one.name,
        version=first.version,
        architecture="",
        size=one.size + other.size,
        explicit=one.explicit or other.explicit,
    )


def explain(failure: Failure, packages: Sequence[PackageRef], *, distro: str) -> StepFailed | None:
    """Return our error for the messages of nix, or None if none is known."""
    from sandbox.managers.nix import errors as nix_errors  # its patterns take longer to compile than all the rest here

    return nix_errors.explain(failure, packages, distro=distro)


def failed_script(failure: Failure, *, distro: str) -> StepFailed | None:
    """Return the error for a script that failed although the command ended with status 0, or None."""
    from sandbox.managers.nix import errors as nix_errors

    return nix_errors.MESSAGES.failed_script(failure.output, distro)


def progress(line: str) -> str | None:
    """Return the progress in a line of nix, such as `Get htop-3.3.0`, or None for noise."""
    return match_progress(_PROGRESS, line)


_PROGRESS: Final = (
    (r"copying path '/nix/store/\w{32}-([^']+)' from", r"Get \1"),
    (r"building '/nix/store/\w{32}-([^']+)\.drv'", r"Building \1"),
    (r"(downloading|unpacking) '[^']*/([^'/]+)'", r"\1 \2"),
    (r"(unpacking (?:\d+ )?channels)", r"\1"),
    (r"installing '([^']+)'", r"Installing \1"),
)
