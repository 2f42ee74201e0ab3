"""Run inside a container of tools with the measured one's file system at /target: says what is there, as JSON.

It knows nothing of the program that it checks: os.walk instead of the engine's archive, dpkg's own text files,
getcap, systemctl --root, update-alternatives' records and python-debian's reader of copyright files.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

ROOT = "/target"


def digest(path: str) -> str:
    """Return a file's digest."""
    found = hashlib.sha256()
    with Path(path).open("rb") as file:
        while piece := file.read(1 << 20):
            found.update(piece)
    return found.hexdigest()


def files() -> dict[str, list[object]]:
    """Return kind, mode, uid, gid, size, inode, digest or target of every path."""
    found: dict[str, list[object]] = {}
    for folder, names, others in os.walk(ROOT):
        for name in (*names, *others):
            path = f"{folder}/{name}"
            info = os.lstat(path)
            kind = stat.filemode(info.st_mode)[0]
            extra = digest(path) if kind == "-" else str(Path(path).readlink()) if kind == "l" else ""
            size = info.st_size if kind == "-" else 0
            row = [kind, info.st_mode & 0o7777, info.st_uid, info.st_gid, size, info.st_ino, extra]
            found[path.removeprefix(ROOT)] = row
    return found


def lines(*argv: str) -> list[str]:
    """Return what a command prints."""
    return subprocess.run(argv, capture_output=True, text=True, check=False).stdout.splitlines()


def capabilities() -> dict[str, str]:
    """Return the capabilities of files as getcap writes them."""
    rows = [line.rpartition(" ") for line in lines("getcap", "-r", ROOT)]
    return {path.removeprefix(ROOT): text for path, _, text in rows}


def units() -> dict[str, str]:
    """Return what systemd itself says of every unit file."""
    rows = [line.split() for line in lines("systemctl", f"--root={ROOT}", "list-unit-files", "--no-legend", "--plain")]
    return {row[0]: row[1] for row in rows if len(row) > 1}


def boot() -> list[str]:
    """Return the units of which systemd itself says that a boot starts them, of its first transaction."""
    places = f"{ROOT}/etc/systemd/system", f"{ROOT}/usr/lib/systemd/system", "/usr/lib/systemd/system"
    argv = "setpriv --reuid=65534 --regid=65534 --clear-groups".split()  # it tests nothing for root
    argv += "/usr/lib/systemd/systemd --test --system --unit=graphical.target".split()
    env = {**os.environ, "SYSTEMD_UNIT_PATH": ":".join(places)}
    text = subprocess.run(argv, capture_output=True, text=True, check=True, env=env).stdout
    return sorted(set(re.findall(r"^\t\tAction: (\S+) -> start$", text.partition("-> By jobs:")[2], re.MULTILINE)))


def diversions() -> list[tuple[str, str, str]]:
    """Return the files that have another name, that name, and for whom."""
    where = Path(ROOT, "var/lib/dpkg/diversions")
    said = where.read_text().splitlines() if where.exists() else []
    return list(zip(said[::3], said[1::3], said[2::3], strict=True))


def overrides() -> list[str]:
    """Return the paths whose owner and mode dpkg keeps, as it writes them: user, group, mode, path."""
    where = Path(ROOT, "var/lib/dpkg/statoverride")
    return where.read_text().splitlines() if where.exists() else []


def rotates() -> list[str]:
    """Return the rules of logrotate(8) that have a shell script."""
    word = re.compile("^\\s*(prerotate|postrotate|firstaction|lastaction|preremove)", re.MULTILINE)
    rows = Path(ROOT, "etc/logrotate.d").glob("*")
    return [f"/etc/logrotate.d/{path.name}" for path in rows if path.is_file() and word.search(path.read_text())]


def owned() -> dict[str, list[str]]:
    """Return each package's paths, those diverted by another under their new names."""
    moved = {place: (other, package) for place, other, package in diversions()}
    found = {}
    for path in Path(ROOT, "var/lib/dpkg/info").glob("*.list"):
        name = path.name.removesuffix(".list").partition(":")[0]
        rows = path.read_text().splitlines()
        found[name] = [moved[row][0] if row in moved and moved[row][1] != name else row for row in rows]
    return found


def alternatives() -> dict[str, str]:
    """Return where the names of alternatives lead, as the records of update-alternatives(1) tell: masters, slaves."""
    found = {}
    for name in sorted(path.name for path in Path(ROOT, "var/lib/dpkg/alternatives").iterdir()):
        said = lines("update-alternatives", "--root", ROOT, "--query", name)
        value = next((line.removeprefix("Value: ") for line in said if line.startswith("Value: ")), "")
        is_chosen = False
        for line in said:
            if line.startswith("Alternative: "):
                is_chosen = line.removeprefix("Alternative: ") == value
                if is_chosen:
                    found[name] = value
            elif is_chosen and (words := re.fullmatch(r" (\S+) (\S+)", line)):
                slave, target = words.groups()
                found[slave] = target
    return found


def licences(names: list[str]) -> dict[str, list[str]]:
    """Return the licences of copyright files in the machine-readable format, by python-debian."""
    from debian.copyright import Copyright, NotMachineReadableError  # type: ignore[import-not-found]  # in the tools' image

    found: dict[str, list[str]] = {}
    for name in names:
        folder = Path(ROOT, "usr/share/doc", name)
        path = folder.resolve() / "copyright"
        try:
            read = Copyright(path.open(encoding="utf-8", errors="replace"), strict=False)
        except (OSError, NotMachineReadableError, ValueError):
            continue
        # copyright-format/1.0: a stand-alone paragraph of a licence has the text of one that files name
        parts = [row for row in read.all_files_paragraphs() if "License" in set(row)] or [read.header]
        rows = [" ".join(row["License"].partition("\n")[0].split()) for row in parts if "License" in set(row)]
        found[name] = sorted({row or "?" for row in rows})  # files may have a licence without a name: bind9
    return found


def table(name: str) -> list[list[str]]:
    """Return the rows of a file of /etc with colons."""
    return [row.split(":") for row in Path(ROOT, "etc", name).read_text().splitlines()]


def packages() -> dict[str, str]:
    """Return the versions of what dpkg has installed."""
    text = Path(ROOT, "var/lib/dpkg/status").read_text()
    found = {}
    for part in text.split("\n\n"):
        fields = dict(re.findall(r"^([A-Z][\w-]+): (.*)$", part, re.MULTILINE))
        if fields.get("Status") == "install ok installed":
            found[fields["Package"]] = fields["Version"]
    return found


def relations() -> dict[str, dict[str, list[str]]]:
    """Return the names that each package depends on, all alternatives, and that it provides, by python-debian."""
    from debian.deb822 import Packages  # type: ignore[import-not-found]  # in the tools' image

    found = {}
    with Path(ROOT, "var/lib/dpkg/status").open(encoding="utf-8") as file:
        for row in Packages.iter_paragraphs(file, use_apt_pkg=False):
            needs = [*row.relations["pre-depends"], *row.relations["depends"]]
            provided = row.relations["provides"]
            found[row["Package"]] = {
                "depends": [one["name"] for group in needs for one in group],
                "provides": [one["name"] for group in provided for one in group],
            }
    return found


def main() -> None:
    """Print everything, but the licences of the packages in the arguments, as NAME=VERSION, which were read before."""
    there = packages()
    out = {
        "files": files(),
        "capabilities": capabilities(),
        "units": units(),
        "boot": boot(),
        "owned": owned(),
        "diversions": diversions(),
        "overrides": overrides(),
        "rotates": rotates(),
        "alternatives": alternatives(),
        "packages": there,
        "relations": relations(),
        "passwd": table("passwd"),
        "group": table("group"),
        "licences": licences([name for name, version in there.items() if f"{name}={version}" not in sys.argv[1:]]),
    }
    json.dump(out, sys.stdout)


if __name__ == "__main__":
    main()
