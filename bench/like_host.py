"""Compare a sandbox that is like this host with this host: what `apt-get -s` says of PACKAGES, in both.

python bench/like_host.py [PACKAGE...]: on a host with apt; it takes minutes. Nothing of the host changes: its index is
fetched into a temporary folder, since that of the host may be old. `upgrade` is compared too. Exit status 1 where the
two differ.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

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
    asks = [f"echo '=== upgrade'; {SIMULATE} @ upgrade"]
    asks += [f"echo '=== {name}'; {SIMULATE} @ install {name}" for name in packages]
    text = "; ".join(asks)
    inside = subprocess.run(
        [Path(sys.executable).with_name("sandbox"), "try", "--like-host", "--", "sh", "-c", text.replace("@", "")],
        capture_output=True,
        text=True,
        check=False,
    )
    print(inside.stderr)
    with tempfile.TemporaryDirectory() as folder:
        own = f"-o Dir::State::lists={folder} -o Dir::Cache={folder} -o Debug::NoLocking=1"
        Path(folder, "partial").mkdir()
        script = f"apt-get update {own} >&2; {text.replace('@', own)}"
        here = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False)
    ours, theirs, differ = parts(inside.stdout), parts(here.stdout), 0
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


if __name__ == "__main__":
    sys.exit(main(tuple(sys.argv[1:]) or PACKAGES))
