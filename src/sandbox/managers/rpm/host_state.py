"""What a host with dnf is: its packages, repositories, public keys, and the versions that it locks or excludes.

Sources: dnf.conf(5), dnf5.conf(5), dnf-versionlock(8), dnf5-versionlock(8). Nothing is changed.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox.core.human import names
from sandbox.errors import Advice, UsageError
from sandbox.managers.host_settings import plain_text, public_key_file, refusal_of_source
from sandbox.managers.host_state import HostFile, HostPackage, HostState
from sandbox.managers.protocol import LISTING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox.managers.protocol import Manager, Package, Runner

FOLDERS: Final = ("etc/yum.repos.d", "etc/distro.repos.d", "usr/share/dnf5/repos.d")
VARIABLES: Final = ("etc/dnf/vars", "etc/yum/vars")
LOCKS: Final = ("etc/dnf/plugins/versionlock.list", "etc/yum/pluginconf.d/versionlock.list", "etc/dnf/versionlock.toml")
EXCLUDES: Final = "/etc/dnf/excludes.of-host"
"""Where the sandbox finds what the host excludes, until its packages are there."""
USER_INSTALLED: Final = ("dnf", "-q", "repoquery", "--disablerepo=*", "--userinstalled", "--qf", r"%{name}\n")
"""dnf itself says it: to dnf 4 all that it has no record of is asked for, too."""
FEW: Final = 5
SECRET: Final = re.compile(r"(?i)(?:username|password|proxy_\w+|sslclient\w+)")
_ADDRESS: Final = re.compile(r"(?i)(?:baseurl|mirrorlist|metalink)")
_KEY: Final = re.compile(r"file://(/[\w@+./:~$-]+)")
_NAME: Final = re.compile(r"[\w.+-]+")


def read_host(run: Runner, manager: Manager, root: Path = Path("/")) -> HostState:
    """Return the state of the host whose files are below `root`; `run` asks its rpm and dnf. Raises UsageError."""
    status, out, err = run(("sh", "-c", manager.listing), manager.environment)
    rows = manager.parse_packages({LISTING: f"{out}\n".encode()})
    if not rows:
        message = "rpm on this host did not say which packages it has"
        details = [("it said", err or f"exit status {status}")]
        raise UsageError(message, details=details, hints=[Advice.program("rpm", "-qa")])
    left: list[str] = []
    variables = _variables(root)
    sections = [*_sections(root, left, variables)]
    files = (*_keys(root, sections, left), *_used_variables(sections, variables), *_pins(root, left))
    sources = HostFile(path="/etc/yum.repos.d/of-host.repo", content="\n".join(sections).encode())
    held = "\n".join(file.content.decode() for file in files if "versionlock" in file.path)
    status, out, _ = run(USER_INSTALLED, {})
    asked = frozenset(row.name for row in rows if row.explicit) if status else frozenset(out.split())
    packages, foreign = _packages(rows, asked, held)
    if foreign:
        left.append(f"{names(foreign, FEW)}: of another architecture")
    return HostState(packages=packages, files=(*files, sources), left_out=tuple(dict.fromkeys(left)))


def _packages(
    rows: tuple[Package, ...], asked: frozenset[str], locks: str
) -> tuple[tuple[HostPackage, ...], tuple[str, ...]]:
    """Return the packages, of several versions of one the last, and the names of those of another architecture."""
    found: dict[str, HostPackage] = {}
    foreign = []
    for row in rows:
        if row.name.endswith(f".{row.architecture}") and row.architecture:
            foreign.append(row.name)
        elif _NAME.fullmatch(row.name) and row.name != "gpg-pubkey":
            version = row.version if ":" in row.version else f"0:{row.version}"
            is_held = re.search(rf"(?<![\w.+]){re.escape(row.name)}(?:-\d|\W*$)", locks, re.MULTILINE) is not None
            found[row.name] = HostPackage(name=row.name, version=version, is_manual=row.name in asked, is_held=is_held)
    return tuple(found.values()), tuple(sorted(foreign))


def _variables(root: Path) -> dict[str, str]:
    """Return the variables of repositories, the value of each its file's first line (dnf.conf(5))."""
    found: dict[str, str] = {}
    for folder in VARIABLES:
        for path in sorted((root / folder).glob("*")) if (root / folder).is_dir() else ():
            lines = plain_text(path, []).splitlines()
            if re.fullmatch(r"\w+", path.name) and lines and lines[0].isprintable():
                found.setdefault(path.name, lines[0])
    return found


def _sections(root: Path, left: list[str], variables: Mapping[str, str]) -> Iterator[str]:
    """Yield the repositories that are enabled and name public places, each as its section's text."""
    seen = set[str]()
    for folder in FOLDERS:
        for path in sorted((root / folder).glob("*.repo")) if (root / folder).is_dir() else ():
            for part in re.split(r"(?m)^(?=\[)", plain_text(path, left)):
                name, rows = _section(part)
                if not name or name in seen or name == "main" or rows.get("enabled", "1") in ("0", "false", "no"):
                    continue
                seen.add(name)
                reason = _reason(rows, variables)
                if reason:
                    left.append(f"the repository {name} in /{path.relative_to(root)}: {reason}")
                else:
                    yield "".join(f"{line}\n" for line in part.splitlines() if line.strip())


def _section(text: str) -> tuple[str, dict[str, str]]:
    """Return a section's name and its values, of several lines joined by spaces."""
    found = re.match(r"\[([^\]\n]+)\]", text)
    rows: dict[str, str] = {}
    key = ""
    for line in text.splitlines()[1:]:
        if line[:1] in (" ", "\t"):
            rows[key] = f"{rows.get(key, '')} {line.strip()}"
        elif "=" in line:
            key, _, value = (part.strip() for part in line.partition("="))
            key = key.lower()
            rows[key] = value
    return found[1] if found else "", rows


def _reason(rows: Mapping[str, str], variables: Mapping[str, str]) -> str:
    """Return why a repository is not taken, or ""."""
    if any(SECRET.fullmatch(key) for key in rows):
        return "it holds a user, a password or a client's key"
    if any("PRIVATE KEY" in value for value in rows.values()):
        return "it holds a secret key"
    text = " ".join(value for key, value in rows.items() if _ADDRESS.fullmatch(key))
    full = re.sub(r"\$(?:\{(\w+)\}|(\w+))", lambda found: variables.get(found[1] or found[2], found[0]), text)
    return refusal_of_source(word for word in re.split(r"[\s,]+", full) if word)


def _used_variables(sections: list[str], variables: Mapping[str, str]) -> Iterator[HostFile]:
    """Yield the files of the variables that repositories name; no other is anybody's business."""
    used = {one or other for text in sections for one, other in re.findall(r"\$(?:\{(\w+)\}|(\w+))", text)}
    for name, value in variables.items():
        if name in used or name == "releasever":
            yield HostFile(path=f"/etc/dnf/vars/{name}", content=f"{value}\n".encode())


def _keys(root: Path, sections: list[str], left: list[str]) -> Iterator[HostFile]:
    """Yield the public keys that repositories name by a file; `$` in its name stands for any."""
    for word in dict.fromkeys(key for text in sections for key in _KEY.findall(text)):
        pattern = re.sub(r"\$(?:\{\w+\}|\w+)", "*", word[1:])
        for path in sorted(root.glob(pattern)) if ".." not in pattern else ():
            target = f"/{path.relative_to(root)}"
            if file := public_key_file(path, target, left):
                yield file


def _pins(root: Path, left: list[str]) -> Iterator[HostFile]:
    """Yield the streams of modules, the locks of versions, and what is excluded from all repositories."""
    modules = root / "etc/dnf/modules.d"
    streams = sorted(modules.glob("*.module")) if modules.is_dir() else []
    for name in (*(str(path.relative_to(root)) for path in streams), *LOCKS):
        if (root / name).is_file() and (text := plain_text(root / name, left)).strip():
            yield HostFile(path=f"/{name}", content=text.encode())
    main = _section(plain_text(root / "etc/dnf/dnf.conf", []).partition("[main]")[2].join(("[main]", "")))[1]
    rows = [f"excludepkgs={main[key]}\n" for key in ("excludepkgs", "exclude") if main.get(key)]
    if rows:
        yield HostFile(path=EXCLUDES, content=rows[0].encode())
