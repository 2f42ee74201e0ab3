"""Packages in the words of each format: nfpm's definitions, ebuilds, nix expressions. Texts only; nothing is run."""

from __future__ import annotations

import json
import shlex
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final, Literal

from tests.lab.packages import File

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.lab.packages import Package

NfpmFormat = Literal["apk", "archlinux", "deb", "rpm"]

ARCHITECTURE: Final[Mapping[NfpmFormat, str]] = {"apk": "noarch", "archlinux": "any", "deb": "all", "rpm": "noarch"}
RELEASE: Final[Mapping[NfpmFormat, str]] = {"apk": "r1", "archlinux": "1", "deb": "", "rpm": "1"}
MADE: Final = "2026-01-01T00:00:00Z"
"""A fixed time keeps packages the same, byte by byte, from build to build."""

# managers give scripts no standard input; whoever sits at a terminal can be reached there
ASK: Final = """\
{{ printf '%s [%s] ' {text} {default} >/dev/tty && read -r answer </dev/tty; }} 2>/dev/null || answer=
echo "{name}: ${{answer:-{default}}}\""""

DEBCONF: Final = ". /usr/share/debconf/confmodule"


def nfpm(package: Package, kind: NfpmFormat) -> dict[str, File]:
    """Return a folder for nfpm: `nfpm.yaml`, and what the package is made of."""
    files = {f"files{path}": file for path, file in package.files.items()}
    general, debconf = _scripts(package, kind)
    scripts = {f"scripts/{name}": _script(body) for name, body in {**general, **debconf}.items() if body}
    if debconf:
        text, default = package.asks or ("", "")
        template = f"Template: {package.name}/ask\nType: string\nDefault: {default}\nDescription: {text}\n"
        scripts["scripts/templates"] = File(content=template.encode())
    definition = {
        "name": package.name,
        "arch": ARCHITECTURE[kind],
        "version": package.version,
        "version_schema": "none",
        "release": RELEASE[kind],
        "maintainer": "Lab <lab@example.org>",
        "description": f"{package.name} of the lab",
        "license": "MIT",
        "section": "misc",
        "mtime": MADE,
        "depends": [*package.depends, *(f"!{name}" for name in package.conflicts if kind == "apk")],
        "recommends": list(package.recommends),
        "conflicts": list(package.conflicts) if kind != "apk" else [],
        "provides": _provides(package, kind),
        "contents": [
            {"src": f"files{path}", "dst": path, "file_info": {"mode": file.mode, "mtime": MADE}}
            for path, file in package.files.items()
        ],
        "scripts": {name: f"scripts/{name}" for name, body in general.items() if body},
        "deb": {"scripts": {name: f"scripts/{name}" for name in ("config", "templates") if debconf}},
    }
    return {**files, **scripts, "nfpm.yaml": File(content=json.dumps(definition, indent=1).encode())}


def _script(body: str) -> File:
    return File(content=f"#!/bin/sh\n{body}\n".encode(), mode=0o755)


def _provides(package: Package, kind: NfpmFormat) -> list[str]:
    """Return what abuild notes of every command, without which apk finds no package by its command."""
    if kind != "apk":
        return []
    return [f"cmd:{name}={package.version}-{RELEASE['apk']}" for name in _commands(package)]


def _commands(package: Package) -> list[str]:
    return [PurePosixPath(path).name for path in package.files if path.startswith("/usr/bin/")]


def _scripts(package: Package, kind: NfpmFormat) -> tuple[dict[str, str], dict[str, str]]:
    """Return the scripts that every format has, and those of debconf, by nfpm's names."""
    if package.asks is None or kind != "deb":
        return {"postinstall": _after_install(package), "preremove": package.before_removal}, {}
    question = f"{package.name}/ask"
    return {
        "postinstall": f'{DEBCONF}\ndb_get {question}\necho "{package.name}: $RET" >&2',
        "postremove": f'if [ "$1" = purge ]; then {DEBCONF}; db_purge; fi',
    }, {"config": f"{DEBCONF}\ndb_input critical {question} || true\ndb_go"}


def _after_install(package: Package) -> str:
    if package.breaks:
        return _break(package)
    if package.asks is None:
        return package.after_install
    text, default = package.asks
    return ASK.format(name=package.name, text=shlex.quote(text), default=shlex.quote(default))


def _break(package: Package) -> str:
    return f"echo '{package.name} breaks here' >&2\nexit 3"


EBUILD: Final = """\
EAPI=8
DESCRIPTION="{name} of the lab"
HOMEPAGE="http://example.org"
LICENSE="MIT"
SLOT="0"
KEYWORDS="{keyword}"
IUSE="{use}"
RDEPEND="{depends}"
S="${{WORKDIR}}"

src_install() {{
	cp -R "${{FILESDIR}}/${{PV}}/." "${{ED}}" || die
{modes}
}}
"""


def ebuilds(packages: Iterable[Package]) -> dict[str, File]:
    """Return the packages as a part of an ebuild repository; what is recommended hangs on the USE flag `extra`."""
    found: dict[str, File] = {}
    for package in packages:
        folder = f"{package.category}/{package.name}"
        found[f"{folder}/{package.name}-{package.version}.ebuild"] = File(content=_ebuild(package).encode())
        for path, file in package.files.items():
            found[f"{folder}/files/{package.version}{path}"] = File(content=file.content)
    return found


def _ebuild(package: Package) -> str:
    depends = [f"app-lab/{name}" for name in package.depends]
    depends += [f"extra? ( app-lab/{name} )" for name in package.recommends]
    depends += [f"!!app-lab/{name}" for name in package.conflicts]
    text = EBUILD.format(
        name=package.name,
        keyword="~amd64" if package.testing else "amd64",
        use="extra" if package.recommends else "",
        depends=" ".join(depends),
        modes="\n".join(f"\tfperms {file.mode:o} {path}" for path, file in package.files.items()),
    )
    phases = {
        "pkg_postinst": _after_install(package),
        "pkg_prerm": package.before_removal,
    }
    return text + "".join(f"\n{name}() {{\n(\n{body}\n) || die\n}}\n" for name, body in phases.items() if body)


NIX: Final = """\
  {attribute} = package {{
    pname = "{name}";
    version = "{version}";
    files = {files};
    depends = [ {depends} ];
    commands = [ {commands} ];
    build = {build};
  }};
"""


def nix_packages(packages: Iterable[Package]) -> dict[str, File]:
    """Return `packages.nix`, a function of their attributes, and the files it names.

    The newest version has the plain attribute, an older one its major version with it, as `lab-tool_1`. A store holds
    no setuid file and nothing runs when a package is put into a profile, so a script that fails fails the build.
    """
    listed = tuple(packages)
    newest = {package.name: package.version for package in listed}
    found: dict[str, File] = {}
    rows = []
    for package in listed:
        folder = f"files/{package.name}-{package.version}"
        major = package.version.partition(".")[0]
        plain = newest[package.name] == package.version
        rows.append(
            NIX.format(
                attribute=package.name if plain else f"{package.name}_{major}",
                name=package.name,
                version=package.version,
                files=f"./{folder}",
                depends=" ".join(f"self.{name}" for name in package.depends),
                commands=" ".join(f'"{name}"' for name in _commands(package)),
                build=json.dumps(_break(package) if package.breaks else ""),
            )
        )
        for path, file in package.files.items():
            found[f"{folder}/{path.removeprefix('/usr/')}"] = File(content=file.content, mode=file.mode & 0o777)
    text = "{ self, package }:\n{\n" + "".join(rows) + "}\n"
    return {**found, "packages.nix": File(content=text.encode())}
