"""Builds bases from a distro's package mirror with mmdebstrap, if no registry has them."""

from __future__ import annotations

import os
import re
from contextlib import closing
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox.core.programs import program
from sandbox.errors import Advice, UsageError
from sandbox.provision.bases.model import changes, replace_base
from sandbox.provision.bases.stream import stream

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

    from sandbox.distros.model import Distro, Release, Target
    from sandbox.engine.protocol import Argv, Engine, Image

HOOKS: Final = (Path("/usr/share/mmdebstrap/hooks/maybe-merged-usr"),)
"""Without this, bookworm gets usrmerge and thus all of perl: 44 MB that the public image does not have."""

POCKETS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "debian": (("{mirror}", "{suite}-updates"), ("{mirror}-security", "{suite}-security")),
    "ubuntu": (("{mirror}", "{suite}-updates"), ("{mirror}", "{suite}-security")),
}
"""Further mirrors and suites in the sources of the public images."""

ROLLING: Final = frozenset({"sid", "unstable", "rolling"})


def codename(release: Release) -> str:
    """Return a mirror's name for a release: the first of its names that is a word, such as noble for 24.04."""
    names = (release.name, *release.aliases)
    return next((name for name in names if re.fullmatch(r"[a-z][a-z-]*", name)), release.name)


def sources(distro: Distro, release: Release) -> tuple[str, ...]:
    """Return the lines of the public image's sources.list. Raises UsageError without a mirror."""
    if distro.bootstrap != "mmdebstrap" or not distro.mirror:
        message = f"can't build a base of {distro.name}: mmdebstrap builds only Debian and its relatives"
        raise UsageError(
            message, hints=[Advice.sandbox("base", "import", "ROOTFS.tar.xz", "--as", f"{distro.name}:{release.name}")]
        )
    suite, mirror = codename(release), distro.mirror.rstrip("/")
    pockets = () if suite in ROLLING else POCKETS.get(distro.name, ())
    places = (("{mirror}", "{suite}"), *pockets)
    signed = f"[signed-by={distro.keyring}] " if distro.keyring else ""
    return tuple(f"deb {signed}{where.format(mirror=mirror)} {what.format(suite=suite)} main" for where, what in places)


def build_argv(target: Target, *, root: bool, today: str, hooks: Sequence[Path] = ()) -> Argv:
    """Return the command that writes the target's root file system to its stdout as a tar.

    `root`: whether it runs as root; else it works in a user namespace. `today` is an ISO date: a release that has
    ended is no longer signed anew, and one that never ends (testing, sid) expires within days on a frozen mirror, so
    the expiry of their index is not looked at. Raise UsageError for a distro that mmdebstrap can't make.
    """
    distro, release = target.distro, target.release
    expiring = release.end_of_life is None or release.end_of_life < today
    return (
        "mmdebstrap",
        "--variant=minbase",
        "--components=main",
        "--skip=chroot/policy-rc.d",  # it would remove our own apt options at the end
        f"--mode={'root' if root else 'unshare'}",
        *((f"--keyring={distro.keyring}",) if distro.keyring else ()),
        *(('--aptopt=Acquire::Check-Valid-Until "false"',) if expiring else ()),
        *(f"--hook-dir={hook}" for hook in hooks),
        f"--customize-hook={program(__package__, 'finish.sh')}",
        codename(release),
        "-",
        *sources(distro, release),
    )


def build_base(
    engine: Engine,
    target: Target,
    *,
    version: str,
    on_line: Callable[[str], None] = lambda _line: None,
    run: Callable[[Argv, Callable[[str], None]], Generator[bytes, None, None]] = stream,
) -> Image:
    """Make the target's base from its package mirror and return it; a base of the same name is replaced.

    `on_line` is given what mmdebstrap reports, line by line. Raise UsageError where the distro can't be built or its
    keyring is missing, PullFailed with mmdebstrap's last lines where it is not installed or fails. Then nothing new is
    left.
    """
    argv = build_argv(target, root=os.geteuid() == 0, today=_today(), hooks=[hook for hook in HOOKS if hook.is_dir()])
    _need_keyring(target.distro)
    origin = f"mmdebstrap {target.distro.mirror} {codename(target.release)}"
    with closing(run(argv, on_line)) as chunks:
        return replace_base(
            engine, chunks, target.built_image, changes(origin=origin, version=version, command=("bash",))
        )


def _today() -> str:
    return datetime.now(timezone.utc).date().isoformat()


def _need_keyring(distro: Distro) -> None:
    if distro.keyring and not Path(distro.keyring).exists():
        message = f"can't verify the packages of {distro.name}: its keyring is missing"
        package = Path(distro.keyring).stem
        raise UsageError(
            message,
            details=[("keyring", distro.keyring)],
            hints=[Advice.program("sudo", "apt-get", "install", package)],
        )
