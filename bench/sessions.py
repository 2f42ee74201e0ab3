"""`make sessions`: what users set by hand on real Debian, promoted and proven; writes docs/evidence/sessions.md.

Each session runs a script in a sandbox that is kept, as somebody in its shell would. Its promotion is proven, and then
the script runs once more in a plain container of the same base, without the program. There the same command shows what
it showed in the session: what dpkg, apt and update-alternatives say of packages, versions, marks, architectures and the
rest. A line that differs is a difference, unless `promote` had said that it leaves this out.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import textwrap
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from typing import Final

import msgspec.json

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.pages import COLUMNS, bullet

ROOT: Final = Path(__file__).resolve().parents[1]
PAGE: Final = ROOT / "docs/evidence/sessions.md"
SANDBOX: Final = Path(sys.executable).with_name("sandbox")
LABEL: Final = f"sandbox-sessions={os.getpid()}"
BEGIN: Final = "set -e; export DEBIAN_FRONTEND=noninteractive; exec 3>&1 >&2\n"
BACKPORTS: Final = (
    "sed -n 's/ \\([a-z]*\\) main$/ \\1-backports main/p;q' /etc/apt/sources.list"
    " >/etc/apt/sources.list.d/backports.list; apt-get update\n"
)
"""The first source of the base, of its backports."""
SHOW: Final = r"""
dpkg-query -W -f '${Package}:${Architecture} ${Version} ${Status}\n' | sort
apt-mark showmanual | sort | sed 's/^/manual /'
dpkg --print-foreign-architectures | sed 's/^/knows /'
dpkg-divert --list | sort
dpkg-statoverride --list | sort
update-alternatives --get-selections | tr -s ' ' | sort
for package in tzdata locales keyboard-configuration; do debconf-show $package 2>/dev/null; done | grep '^\*' | sort
find /etc/apt/preferences.d /etc/apt/preferences /etc/apt/sources.list.d -type f 2>/dev/null | sort | xargs -r cksum
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What is tried, what is done by hand then, and what of that no script can have, as words of promote's own rows."""

    name: str
    release: str
    script: str
    packages: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def _pin(package: str, pin: str, priority: int) -> str:
    return f"printf 'Package: {package}\\nPin: {pin}\\nPin-Priority: {priority}\\n' >/etc/apt/preferences.d/mine\n"


OTHER: Final = (
    "sed -n 's/ bookworm main$/ trixie main/p;q' /etc/apt/sources.list >/etc/apt/sources.list.d/trixie.list\n"
    f"{_pin('*', 'release n=trixie', 100)}apt-get update\n"
)
"""The next release beside this one, whose packages come only where they are asked for."""
OWN: Final = (
    "mkdir -p /tmp/own/DEBIAN; printf 'Package: own\\nVersion: 1\\nArchitecture: all\\nMaintainer: me\\n"
    "Description: mine\\n' >/tmp/own/DEBIAN/control; dpkg-deb -b /tmp/own /tmp/own.deb\n"
)
SESSIONS: Final = (
    Session(
        name="libraries of arm64",
        release="bookworm",
        packages=("htop",),
        script="dpkg --add-architecture arm64; apt-get update; apt-get install -y zlib1g:arm64 libonig5:arm64",
    ),
    Session(
        name="a library of arm64, and no other package",
        release="trixie",
        script="dpkg --add-architecture arm64; apt-get update; apt-get install -y libonig5:arm64",
    ),
    Session(name="arm64 asked for on the command line", release="bookworm", packages=("zlib1g:arm64",), script=":"),
    Session(
        name="a foreign architecture without a package",
        release="bookworm",
        packages=("jq",),
        script="dpkg --add-architecture s390x; apt-get update",
    ),
    Session(
        name="a package of backports, by -t",
        release="bookworm",
        packages=("jq",),
        script=f"{BACKPORTS}apt-get install -y -t bookworm-backports tmux",
    ),
    Session(
        name="a package of backports, by its release",
        release="trixie",
        script=f"{BACKPORTS}apt-get install -y tmux/trixie-backports",
    ),
    Session(
        name="a package of backports, by its version",
        release="bookworm",
        script=(
            f"{BACKPORTS}v=$(apt-cache madison tmux | grep backports | head -n 1 | tr -d ' ' | cut -d '|' -f 2)\n"
            'apt-get install -y "tmux=$v"'
        ),
    ),
    Session(
        name="backports, pinned for one package",
        release="bookworm",
        packages=("tree",),
        script=f"{_pin('tmux', 'release n=bookworm-backports', 900)}{BACKPORTS}apt-get install -y tmux",
    ),
    Session(
        name="the next release, pinned low, and one package of it",
        release="bookworm",
        script=f"{OTHER}apt-get install -y bash-completion/trixie",
    ),
    Session(
        name="an exact version, and a pin that keeps it",
        release="bookworm",
        script=(
            "apt-get update; v=$(apt-cache madison htop | head -n 1 | tr -d ' ' | cut -d '|' -f 2)\n"
            'apt-get install -y "htop=$v"\n'
            'printf "Package: htop\\nPin: version $v\\nPin-Priority: 1001\\n" >/etc/apt/preferences.d/htop'
        ),
    ),
    Session(
        name="a version asked for on the command line, on hold",
        release="bookworm",
        packages=("tree=2.1.0-1",),
        script="apt-mark hold tree",
    ),
    Session(
        name="holds of a package asked for and of one by hand",
        release="trixie",
        packages=("jq",),
        script="apt-get install -y tree; apt-mark hold jq tree",
    ),
    Session(
        name="a package asked for that is marked as automatic",
        release="bookworm",
        packages=("jq", "tree"),
        script="apt-mark auto tree",
    ),
    Session(
        name="a dependency that is marked as asked for",
        release="trixie",
        packages=("jq",),
        script="apt-mark manual libonig5",
    ),
    Session(
        name="a diversion of a program",
        release="bookworm",
        packages=("tree",),
        script="dpkg-divert --local --rename --divert /usr/bin/tree.real --add /usr/bin/tree",
    ),
    Session(
        name="a diversion of a path that is not there",
        release="trixie",
        packages=("tree",),
        script="dpkg-divert --local --rename --divert /usr/bin/later.real --add /usr/bin/later",
    ),
    Session(
        name="an owner and mode by dpkg-statoverride",
        release="bookworm",
        packages=("tree",),
        script="dpkg-statoverride --update --add root mail 2755 /usr/bin/tree",
    ),
    Session(
        name="an alternative by hand",
        release="bookworm",
        packages=("nano", "vim-tiny"),
        script="update-alternatives --set editor /usr/bin/vim.tiny",
    ),
    Session(
        name="an alternative of one's own",
        release="trixie",
        packages=("tree",),
        script="update-alternatives --install /usr/bin/shown shown /usr/bin/tree 10",
        left_out=("shown",),
    ),
    Session(
        name="answers before an install",
        release="bookworm",
        packages=("jq",),
        script=(
            "printf 'tzdata tzdata/Areas select Asia\\ntzdata tzdata/Zones/Asia select Tokyo\\n'"
            " | debconf-set-selections; apt-get install -y tzdata"
        ),
    ),
    Session(
        name="answers of several choices",
        release="trixie",
        script=(
            "apt-get update; printf 'locales locales/locales_to_be_generated multiselect de_DE.UTF-8 UTF-8\\n"
            "locales locales/default_environment_locale select de_DE.UTF-8\\n'"
            " | debconf-set-selections; apt-get install -y locales"
        ),
    ),
    Session(
        name="a file of a package that the archive has",
        release="bookworm",
        script="cd /tmp; apt-get update; apt-get download tree; apt-get install -y ./tree_*.deb",
    ),
    Session(
        name="a file of a package that no archive has",
        release="trixie",
        packages=("tree",),
        script=f"{OWN}apt-get install -y /tmp/own.deb",
        left_out=("own",),
    ),
    Session(
        name="a source in the format deb822, and a package of it",
        release="bookworm",
        script=(
            "u=$(sed -n 's/.* \\(http[^ ]*\\) .*/\\1/p;q' /etc/apt/sources.list)\n"
            'printf "Types: deb\\nURIs: $u\\nSuites: bookworm-backports\\nComponents: main\\n"'
            " >/etc/apt/sources.list.d/mine.sources\n"
            "apt-get update; apt-get install -y -t bookworm-backports tmux"
        ),
    ),
    Session(
        name="a pin in /etc/apt/preferences itself",
        release="bookworm",
        packages=("tree",),
        script="printf 'Package: jq\\nPin: release *\\nPin-Priority: -1\\n' >/etc/apt/preferences",
    ),
    Session(
        name="a hold by dpkg itself",
        release="trixie",
        packages=("jq",),
        script="echo 'jq hold' | dpkg --set-selections",
    ),
    Session(
        name="a hold of a library of arm64",
        release="bookworm",
        script="dpkg --add-architecture arm64; apt-get update; apt-get install -y libonig5:arm64\n"
        "apt-mark hold libonig5:arm64",
    ),
    Session(
        name="owner and mode by number, of a path that is not there",
        release="trixie",
        packages=("tree",),
        script="dpkg-statoverride --add '#0' '#8' 2750 /srv/later",
    ),
    Session(
        name="a diversion for one package, which moves nothing",
        release="bookworm",
        packages=("tree",),
        script="dpkg-divert --package tree --no-rename --divert /usr/bin/later.real --add /usr/bin/later",
    ),
    Session(
        name="a package taken away again",
        release="bookworm",
        packages=("jq", "tree"),
        script="apt-get purge -y --auto-remove jq",
    ),
    Session(
        name="an alternative by hand, given back to chance",
        release="trixie",
        packages=("nano", "vim-tiny"),
        script="update-alternatives --set editor /usr/bin/vim.tiny; update-alternatives --auto editor",
    ),
    Session(
        name="an alternative that the base has, by hand",
        release="bookworm",
        packages=("gawk",),
        script="update-alternatives --set awk /usr/bin/mawk",
    ),
    Session(
        name="answers after an install",
        release="bookworm",
        packages=("keyboard-configuration",),
        script=(
            "printf 'keyboard-configuration keyboard-configuration/layoutcode string de\\n' | debconf-set-selections\n"
            "rm -f /etc/default/keyboard; dpkg-reconfigure keyboard-configuration"
        ),
    ),
    Session(
        name="all of it at once",
        release="trixie",
        packages=("jq", "nano"),
        script=(
            f"{BACKPORTS}dpkg --add-architecture arm64; apt-get update\n"
            "apt-get install -y zlib1g:arm64 vim-tiny tmux/trixie-backports; apt-mark hold jq\n"
            "update-alternatives --set editor /usr/bin/vim.tiny\n"
            "dpkg-statoverride --update --add root mail 2755 /usr/bin/jq"
        ),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A session's result: what differs on a plain container, what promote said it left out, and the proof."""

    name: str
    release: str
    proof: str
    differences: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    carried: tuple[str, ...] = ()

    @property
    def is_right(self) -> bool:
        """Whether the script was proven, and a plain container has the same."""
        return self.proof == "passed" and not self.differences

    def line(self) -> str:
        """Return the row for a terminal."""
        head = f"{self.name:<52} {self.release:<9} {self.proof}"
        rows = [*(f"carried: {text}" for text in self.carried), *(f"left out: {text}" for text in self.left_out)]
        return "\n    ".join([head, *rows, *(f"DIFFERS {text}" for text in self.differences)])


def run(folder: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the program with a journal of its own."""
    env = {**os.environ, "XDG_STATE_HOME": folder}
    return subprocess.run([SANDBOX, *words], env=env, capture_output=True, text=True, check=False, cwd=folder)


def result_of(session: Session) -> Row:
    """Return what became of a session."""
    distro = f"debian:{session.release}"
    with tempfile.TemporaryDirectory() as folder:
        text = f"{BEGIN}{session.script}\n{{ {SHOW} }} >&3\n"
        tried = run(folder, "try", *session.packages, "--distro", distro, "--keep", "-q", "--", "sh", "-c", text)
        try:
            if tried.returncode:
                last = tried.stderr.strip().splitlines()[-1:]
                return Row(name=session.name, release=session.release, proof=f"not tried: {''.join(last)}")
            without = [word for name in session.left_out for word in ("--without", name)]
            done = run(folder, "promote", "--for", "tried", "--format", "sh", "--format", "json", "-o", ".", *without)
            if not (Path(folder) / "install.sh").exists():
                done = run(folder, "promote", "--for", "tried", "--format", "sh", "--format", "json", "-o", ".")
            if not (Path(folder) / "install.sh").exists():
                return Row(name=session.name, release=session.release, proof=f"no script: {done.stderr[-600:]}")
            return _compared(session, tried.stdout, Path(folder))
        finally:
            name = json.loads(run(folder, "history", "--json").stdout)[0]["name"]
            run(folder, "rm", name)


def _compared(session: Session, shown: str, folder: Path) -> Row:
    """Return the row of a script that was written, held to a plain container."""
    found = json.loads((folder / "promotion.json").read_text())
    proof = found["proof"]
    failed = [text for row in proof["checks"] if not row["passed"] for text in (row["name"], *row["differences"])]
    there = _plain(session.release, folder)
    left_out = (*found["left_out"], *session.left_out)
    return Row(
        name=session.name,
        release=session.release,
        proof="passed" if not failed else f"FAILED: {', '.join(failed)}"[:600],
        differences=_differences(shown.splitlines(), there.splitlines(), left_out),
        left_out=tuple(found["left_out"]),
        carried=(
            *(f"{row['name']}{'=' if row['pinned'] else ''}{row['pinned'] or ''}" for row in found["packages"]),
            *(row["path"] for row in found["settings"]),
            *(f"{row['kind']} {' '.join(row['words'])}" for row in found["steps"]),
        ),
    )


def _plain(release: str, folder: Path) -> str:
    """Return what a plain container shows in which the script has run."""
    text = "apt-get update -qq; sh /mnt/install.sh -y >&2 && { " + SHOW + " }"
    argv = ["docker", "run", "--rm", "--init", "--label", LABEL, "-v", f"{folder}:/mnt:ro"]
    done = subprocess.run(
        [*argv, f"sandbox-base/debian:{release}", "sh", "-c", text], capture_output=True, text=True, check=False
    )
    return done.stdout if done.returncode == 0 else f"the script ended with {done.returncode}: {done.stderr[-400:]}"


def _differences(session: list[str], plain: list[str], left_out: tuple[str, ...]) -> tuple[str, ...]:
    """Return the lines that one has alone, less those with a word that promote said it leaves out."""
    words = {word.strip(",") for text in left_out for word in text.split()}
    rows = [
        *(f"- {line}" for line in session if line not in plain),
        *(f"+ {line}" for line in plain if line not in session),
    ]
    return tuple(row for row in rows if words.isdisjoint(_names(row)))


def _names(row: str) -> set[str]:
    """Return the words of a row, and packages without the architecture."""
    return {part for word in row.split() for part in (word, word.partition(":")[0])}


def known(path: Path | None) -> dict[str, Row]:
    """Return the rows of a run that was cut off."""
    lines = path.read_text().splitlines() if path and path.exists() else []
    return {row.name: row for row in (msgspec.json.decode(line, type=Row) for line in lines)}


def rows_of(sessions: list[Session], path: Path | None, jobs: int) -> list[Row]:
    """Return a row a session, `jobs` at a time; what the file has is not run again, and the rest is added to it."""
    before, writing = known(path), Lock()

    def row_of(session: Session) -> Row:
        row = before.get(session.name) or result_of(session)
        with writing:
            print(row.line(), flush=True)
            if path and session.name not in before:
                with path.open("a") as file:
                    file.write(json.dumps(asdict(row)) + "\n")
        return row

    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(row_of, sessions))


def table(rows: list[Row]) -> str:
    """Return the page."""
    right = sum(row.is_right for row in rows)
    text = (
        (ROOT / "bench/sessions.head.md").read_text().strip().format(right=right, count=len(rows), wanted=len(SESSIONS))
    )
    lines = [text, ""]
    for row in rows:
        said = "passed" if row.is_right else "; ".join((row.proof, *row.differences))
        has = ", ".join(f"`{text}`" for text in row.carried)
        lacks = f"; not: {', '.join(row.left_out)}" if row.left_out else ""
        lines.append(bullet(f"**{row.name}** ({row.release}): {said}. In the script: {has}{lacks}"))
    return "\n".join(lines) + "\n"


def main() -> int:
    """Run the sessions, and write the page where all were run; the status is 1 where one is not right."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*", help="only sessions with these words in their name, shown and not written")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="keep the rows there, and carry on from it")
    parser.add_argument("--only-kept", action="store_true", help="run none, and write what --keep has")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="sessions at a time (default: 1)")
    given = parser.parse_args()
    found = [row for row in SESSIONS if all(word in row.name for word in given.words)]
    if given.only_kept:
        found = [row for row in found if row.name in known(given.keep)]
    rows = rows_of(found, given.keep, given.jobs)
    print(
        textwrap.fill(f"{sum(row.is_right for row in rows)} of {len(rows)} sessions are the same on a host.", COLUMNS)
    )
    if not given.words:
        PAGE.write_text(table(rows))
    return int(not all(row.is_right for row in rows))


if __name__ == "__main__":
    sys.exit(main())
