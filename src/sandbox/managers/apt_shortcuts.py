"""Shorter ways of a manager to the same answer, or the same end, for a sandbox that is measured and thrown away.

Sources: apt-get(8) for --print-uris and -s, apt.conf(5) for the folders of lists; apt 2.6 itself, whose -s builds the
dependency tree twice (pkgSimulate), while --print-uris does so once and takes no lock; and which runs the hook
DPkg::Pre-Invoke once all is fetched, before dpkg is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from sandbox.managers.protocol import Change, Query
from sandbox.managers.registry import manager_of, queries_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sandbox.managers.protocol import Argv, Manager, Package, PackageRef
    from sandbox.managers.registry import ManagerName


def simulate_with_recommends(name: ManagerName, packages: Sequence[PackageRef]) -> Query[Change]:
    """Ask what would come with recommended packages: names, versions, what there is to download; sizes maybe."""
    shorter = _FORESEEN.get(name)
    if shorter is not None:
        return shorter(manager_of(name), packages)
    return queries_of(name).simulate(packages, recommends=True)


def hold_installed_argv(name: ManagerName, argv: Argv, mark: str) -> Argv | None:
    """Return an install that changes nothing which is installed before the file `mark` is there; None if it can't."""
    hold = _HELD.get(name)
    return hold(argv, mark) if hold is not None else None


def mark_argv(argv: Argv, mark: str) -> Argv:
    """Return a command that makes the file `mark` when it has ended, however it ends."""
    return ("sh", "-c", _MARKED, "sh", mark, *argv)


def removal_argv(name: ManagerName, argv: Argv, came: Sequence[Package], *, folder: str) -> Argv:
    """Return a removal that may do without the index, where it then removes none but packages that `came`.

    `folder` is one of the sandbox's that is ours.
    """
    text = _REMOVAL.get(name)
    names = " ".join(package.name for package in came)
    return ("sh", "-c", text, "sh", names, folder, *argv) if text else argv


def _uris(manager: Manager, packages: Sequence[PackageRef]) -> Query[Change]:
    argv = manager.install(packages, recommends=True)
    nothing = ("-o", "Dir::Cache::archives=/dev/none")  # what is fetched already is not told of
    return Query(argv=(argv[0], *manager.throwaway, *nothing, "--print-uris", *argv[1:]), parse=_downloads)


_URI: Final = re.compile(r"^'\S*' ([a-z0-9][^\s_]*)_([^\s_]+)_[^\s_]+\.deb (\d{1,15})\b", re.MULTILINE)


def _downloads(output: str) -> tuple[Change, ...]:
    """Return the packages of lines as `'URI' htop_3.2.2-2_amd64.deb 152432 SHA256:...`, escaped as in file names."""
    return tuple(
        Change(action="install", name=unquote(name), version=unquote(version), download=int(size))
        for name, version, size in _URI.findall(output)
    )


_FORESEEN: Final[Mapping[ManagerName, Callable[[Manager, Sequence[PackageRef]], Query[Change]]]] = {"apt": _uris}

_MARKED: Final = r"""
mark=$1
shift
"$@"
status=$?
: >"$mark"
exit $status
"""

_UNTIL: Final = "n=0; until [ -e {mark} ] || [ $n -ge 6000 ]; do n=$((n + 1)); sleep 0.02; done"
"""Two minutes at most: as long as a manager has for an answer."""


def _held_apt(argv: Argv, mark: str) -> Argv | None:
    """Hold apt by a hook behind its downloads (apt.conf(5), DPkg::Pre-Invoke), where it is apt itself that is run."""
    if argv[:1] != ("apt-get",) or "install" not in argv:
        return None
    verb = argv.index("install")
    return (*argv[:verb], "-o", f"DPkg::Pre-Invoke::={_UNTIL.format(mark=mark)}", *argv[verb:])


_HELD: Final[Mapping[ManagerName, Callable[[Argv, str], Argv | None]]] = {"apt": _held_apt}

_APT_REMOVAL: Final = r"""
known=" $1 " lists=$2/none
shift 2
removes() {
  while read -r verb name rest; do
    case $verb in
      Inst) return 1 ;;
      Purg | Remv) case $known in *" $name "*) ;; *) return 1 ;; esac ;;
    esac
  done
}
if plan=$("$@" -o "Dir::State::lists=$lists" -o Dir::Cache::pkgcache= -s 2>/dev/null) &&
  printf '%s\n' "$plan" | removes
then exec "$@" -o "Dir::State::lists=$lists" -o Dir::Cache::pkgcache=; fi
exec "$@"
"""
"""$1 the names of packages that came, $2 a folder, then the removal's argv. Without lists apt knows what is
installed and nothing else, and reads that in a twentieth of the time. What it removes then is the same unless it would
rather install something than remove more: where it removes more than what came, the lists are read."""

_REMOVAL: Final[Mapping[ManagerName, str]] = {"apt": _APT_REMOVAL}
