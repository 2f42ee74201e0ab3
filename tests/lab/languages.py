"""The lab's packages of languages: crates, gems, modules of Go, rocks. Texts and archives only; nothing is run.

Each registry has the same four, twice in two versions: a tool that needs a library, one whose command is the tool's
too, and one that can't be compiled.
"""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tests.lab.packages import File

if TYPE_CHECKING:
    from collections.abc import Mapping

MADE: Final = "2026-01-01T00:00:00Z"
HOST: Final = "lab.example"
"""The first part of the paths of Go's modules: no such host is ever asked."""
BROKEN: Final = "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """One version: `command` is what it brings, empty for a library; `needs` says which versions of `lab-lib` do.

    A command is named after its language, too, so that those of all can be in one sandbox: cargo-tool, go-tool.
    """

    name: str
    version: str
    licence: str
    command: str = ""
    needs: str = ""


PACKAGES: Final = (
    *(Package(name="lab-lib", version=version, licence="ISC") for version in ("1.0.0", "1.1.0")),
    *(
        Package(name="lab-tool", version=version, licence="MIT OR Apache-2.0", command="tool", needs="1.0")
        for version in ("1.0.0", "1.2.0")
    ),
    Package(name="lab-rival", version="1.0.0", licence="MIT", command="tool"),
    Package(name="lab-broken", version="1.0.0", licence="MIT", command=BROKEN),
)
"""Libraries first: cargo looks for them in its index when it packs what needs them."""


def languages() -> dict[str, File]:
    """Return a folder with a registry's sources for cargo, gem and luarocks, and a module proxy's files for Go."""
    found: dict[str, File] = {}
    for number, package in enumerate(PACKAGES):
        found |= {f"crates/{number}-{package.name}/{name}": file for name, file in _crate(package).items()}
        found |= {f"gems/{number}-{package.name}/{name}": file for name, file in _gem(package).items()}
        found |= {f"rocks/{number}-{package.name}/{name}": file for name, file in _rock(package).items()}
    return found | {f"go/{name}": file for name, file in modules().items()}


def _file(text: str, mode: int = 0o644) -> File:
    return File(content=text.encode(), mode=mode)


def _crate(package: Package) -> Mapping[str, File]:
    """Return what `cargo package` takes, and the line of the index that it becomes."""
    manifest = f"""\
[package]
name = "{package.name}"
version = "{package.version}"
edition = "2021"
license = "{package.licence}"
description = "{package.name} of the lab"

[dependencies]
{f'lab-lib = "{package.needs}"' if package.needs else ""}
"""
    says = f'println!("cargo-{package.command} {package.version} with {{}}", {_rust_lib(package)});'
    if package.command == BROKEN:
        says = "does not compile"
    target = f'\n[[bin]]\nname = "cargo-{package.command}"\npath = "src/main.rs"\n' if package.command else ""
    source = f"fn main() {{\n    {says}\n}}\n"
    if not package.command:
        source = f'pub fn version() -> &\'static str {{\n    "lab-lib {package.version}"\n}}\n'
    need = {"name": "lab-lib", "req": f"^{package.needs}", "features": [], "optional": False}
    need |= {"default_features": True, "target": None, "kind": "normal"}
    row = {
        "name": package.name,
        "vers": package.version,
        "deps": [need] if package.needs else [],
        "cksum": "CKSUM",
        "features": {},
        "yanked": False,
    }
    return {
        "Cargo.toml": _file(manifest + target),
        f"src/{'main' if package.command else 'lib'}.rs": _file(source),
        "index.json": _file(json.dumps(row) + "\n"),
    }


def _rust_lib(package: Package) -> str:
    return "lab_lib::version()" if package.needs else '"nothing"'


def _gem(package: Package) -> Mapping[str, File]:
    """Return what `gem build` takes."""
    licences = json.dumps(package.licence.split(" OR "))
    lines = [
        "Gem::Specification.new do |s|",
        f'  s.name = "{package.name}"',
        f'  s.version = "{package.version}"',
        f'  s.summary = "{package.name} of the lab"',
        '  s.authors = ["Lab"]',
        f"  s.licenses = {licences}",
        '  s.files = Dir["lib/*", "bin/*", "ext/*"]',
    ]
    if package.needs:
        lines.append(f'  s.add_dependency "lab-lib", "~> {package.needs}"')
    if package.command == BROKEN:
        lines.append('  s.extensions = ["ext/extconf.rb"]')
    elif package.command:
        lines += ['  s.bindir = "bin"', f'  s.executables = ["gem-{package.command}"]']
    found = {f"{package.name}.gemspec": _file("\n".join([*lines, "end", ""]))}
    if package.command == BROKEN:
        return found | {"ext/extconf.rb": _file('abort "there is no header of the lab"\n')}
    if package.command:
        lib = 'require "lab-lib"\n' if package.needs else ""
        what = "LabLib::VERSION" if package.needs else '"nothing"'
        line = f'puts "gem-{package.command} {package.version} with #{{{what}}}"\n'
        return found | {f"bin/gem-{package.command}": _file(f"#!/usr/bin/env ruby\n{lib}{line}", 0o755)}
    return found | {"lib/lab-lib.rb": _file(f'module LabLib\n  VERSION = "lab-lib {package.version}"\nend\n')}


def _rock(package: Package) -> Mapping[str, File]:
    """Return what `luarocks make` takes; lab-rival has gem's command: a rock of the same as another's takes it over."""
    command = f"{'gem' if package.name == 'lab-rival' else 'lua'}-{package.command}"
    needs = f', "lab-lib >= {package.needs}, < 2"' if package.needs else ""
    build = 'modules = { ["lab-lib"] = "lab-lib.lua" }'
    if package.command:
        build = f'modules = {{}}, install = {{ bin = {{ "{command}" }} }}'
    if package.command == BROKEN:
        build = 'modules = { broken = "broken.c" }'
    spec = f"""\
package = "{package.name}"
version = "{package.version}-1"
source = {{ url = "git+file:///none" }}
description = {{ summary = "{package.name} of the lab", license = "{package.licence}" }}
dependencies = {{ "lua >= 5.1"{needs} }}
build = {{ type = "builtin", {build} }}
"""
    found = {f"{package.name}-{package.version}-1.rockspec": _file(spec)}
    if package.command == BROKEN:
        return found | {"broken.c": _file("does not compile\n")}
    if not package.command:
        return found | {"lab-lib.lua": _file(f'return "lab-lib {package.version}"\n')}
    lib = 'require("lab-lib")' if package.needs else '"nothing"'
    return found | {command: _file(f'print("{command} {package.version} with " .. {lib})\n', 0o755)}


def modules() -> dict[str, File]:
    """Return the files of a module proxy: for each module its versions, and each one's description and archive."""
    found: dict[str, File] = {}
    for package in PACKAGES:
        path, version = f"{HOST}/{package.name}", f"v{package.version}"
        needs = f"\nrequire {HOST}/lab-lib v{package.needs}.0\n" if package.needs else ""
        mod = f"module {path}\n\ngo 1.18\n{needs}"
        here = f"{path}/@v"
        older = found.get(f"{here}/list", File(content=b"")).content.decode()
        found |= {
            f"{here}/list": _file(f"{older}{version}\n"),
            f"{here}/{version}.info": _file(json.dumps({"Version": version, "Time": MADE})),
            f"{here}/{version}.mod": _file(mod),
            f"{here}/{version}.zip": _archive(f"{path}@{version}", {"go.mod": mod, **_go(package)}),
        }
    return found


def _go(package: Package) -> Mapping[str, str]:
    """Return a module's sources: a program is in `cmd`, as Go's own are, so that it has another name than its module.

    lab-tool has one at its root, too.
    """
    if not package.command:
        return {"lib.go": f'package lablib\n\nconst Version = "lab-lib {package.version}"\n'}
    name = f"go-{package.command}"
    lib = f'import lablib "{HOST}/lab-lib"\n\n' if package.needs else ""
    what = "lablib.Version" if package.needs else '"nothing"'
    says = "does not compile" if package.command == BROKEN else f'println("{name} {package.version} with " + {what})'
    main = f"package main\n\n{lib}func main() {{\n\t{says}\n}}\n"
    return {f"cmd/{name}/main.go": main, **({"main.go": main} if package.needs else {})}


def _archive(prefix: str, sources: Mapping[str, str]) -> File:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in sorted(sources.items()):
            archive.writestr(zipfile.ZipInfo(f"{prefix}/{name}"), text)
    return File(content=packed.getvalue())
