"""What packages of languages say of themselves in the files that they brought: versions, needs, licences. Pure.

Sources: the core metadata of Python's packages (PEP 566, PEP 639) and the "recording installed projects" specification;
package.json(5); the Gem::Specification reference, as gem writes it beside what it installs; the manifests that cargo
writes anew when it packs a crate, among the sources that it compiled. Go's programs say by themselves which modules are
in them, and its manager lists that; a module says nothing of its licence but by whole texts.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import msgspec.json
from msgspec import Struct
from msgspec.structs import replace

from sandbox.managers.metadata import Fact
from sandbox.managers.protocol import Package, full_name

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

PIP: Final = r"opt/pip/[^/]+/lib/python3[^/]*/site-packages/[^/]+\.dist-info/METADATA"
CARGO: Final = r"root/\.cargo/registry/src/[^/]+/[^/]+/Cargo\.toml"
GEM: Final = (
    r"(?:var/lib/gems|usr/local/share/gems|usr/lib(?:64)?/ruby/gems|root/\.local/share/gem/ruby)"
    r"/(?:[^/]+/)?specifications/[^/]+\.gemspec"
)
NPM: Final = r"usr/local/lib/node_modules/(?:.+/node_modules/)?(?:@[^/]+/)?[^/@]+/package\.json"
_NEED: Final = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[(?P<extras>[^\]]*)\])?")
_EXTRA: Final = re.compile(r"""\bextra\s*==\s*["']([^"']+)["']""")
_NAME: Final = re.compile(r"(?:@[A-Za-z0-9._~-]{1,100}/)?[A-Za-z0-9_~][A-Za-z0-9._~-]{0,213}")
_VERSION: Final = re.compile(r"[0-9A-Za-z.!+_-]{1,100}")
FEW_WORDS: Final = 60
"""Characters of a licence's name: some write the whole licence there."""


class PackageMetadata(Struct, frozen=True, kw_only=True):
    """A package by its name without a prefix, as it describes itself.

    `asks` are extras of others that it needs, as (`requests`, `socks`); `extras` are its own, with what each needs.
    """

    source: str
    name: str
    version: str
    needs: tuple[str, ...] = ()
    licence: str = ""
    asks: frozenset[tuple[str, str]] = frozenset()
    extras: tuple[tuple[str, str], ...] = ()

    @property
    def full_name(self) -> str:
        """The name behind its manager's."""
        return full_name(self.source, self.name)

    @property
    def fact(self) -> Fact:
        """What is known of it, by full names."""
        needs = tuple(full_name(self.source, need) for need in self.needs)
        return Fact(name=self.full_name, needs=needs, licence=self.licence)


def parse_metadata(contents: Mapping[str, bytes]) -> tuple[PackageMetadata, ...]:
    """Return the packages that files describe, each version once; what is no description is passed over."""
    found: dict[tuple[str, str], PackageMetadata] = {}
    for path, content in contents.items():
        said = next((read(content) for end, read in READERS.items() if path.endswith(end)), None)
        if said is not None and _NAME.fullmatch(said.name) and _VERSION.fullmatch(said.version):
            found.setdefault((said.full_name, said.version), said)
    asked = {ask for said in found.values() for ask in said.asks}
    return tuple(_with_extras(said, asked) for said in found.values())


def _with_extras(said: PackageMetadata, asked: Collection[tuple[str, str]]) -> PackageMetadata:
    """Return a package with what those of its extras need that another asks for."""
    more = (need for extra, need in said.extras if (said.name, extra) in asked)
    return replace(said, needs=tuple(dict.fromkeys((*said.needs, *more))))


def merge_listings(listed: Iterable[Package], said: Iterable[PackageMetadata]) -> Iterator[Package]:
    """Yield the packages that managers list, and those inside of them that only their files tell of, by full names."""
    known = {(package.full_name, package.version): package for package in listed}
    for package in known.values():
        yield replace(package, name=package.full_name, source="")
    for one in said:
        if (one.full_name, one.version) not in known:
            yield Package(name=one.full_name, version=one.version, architecture="", size=0, explicit=False)


def _python(content: bytes) -> PackageMetadata | None:
    head = content.decode("utf-8", "replace").partition("\n\n")[0]
    fields: dict[str, list[str]] = {}
    for line in head.split("\n"):
        key, colon, value = line.partition(": ")
        if colon and not key.startswith((" ", "\t")):
            fields.setdefault(key, []).append(value.strip())
    if "Name" not in fields or "Version" not in fields:
        return None
    rows = [(found, _EXTRA.search(row)) for row in fields.get("Requires-Dist", ()) if (found := _NEED.match(row))]
    return PackageMetadata(
        source="pip",
        name=_normal(fields["Name"][0]),
        version=fields["Version"][0],
        needs=tuple(dict.fromkeys(_normal(need["name"]) for need, extra in rows if not extra)),
        licence=_licence(fields),
        asks=frozenset(
            (_normal(need["name"]), _normal(word.strip()))
            for need, extra in rows
            if not extra
            for word in (need["extras"] or "").split(",")
        ),
        extras=tuple((_normal(extra[1]), _normal(need["name"])) for need, extra in rows if extra),
    )


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _licence(fields: Mapping[str, list[str]]) -> str:
    """Return the licence's expression, else those among the classifiers, else what is written of it in short."""
    if expression := fields.get("License-Expression"):
        return expression[0][:FEW_WORDS]
    classified = [row.rpartition(" :: ")[2] for row in fields.get("Classifier", ()) if row.startswith("License :: ")]
    return " and ".join(classified) or fields.get("License", [""])[0][:FEW_WORDS]


class _Named(Struct, frozen=True):
    """A licence as package.json had them once."""

    type: str = ""


class _PackageJson(Struct, frozen=True):
    """What is read of a package.json."""

    name: str
    version: str
    license: str | _Named | None = None
    dependencies: dict[str, str] = {}


def _node(content: bytes) -> PackageMetadata | None:
    try:
        found = msgspec.json.decode(content, type=_PackageJson)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return None
    licence = found.license.type if isinstance(found.license, _Named) else found.license or ""
    needs = tuple(name for name in found.dependencies if _NAME.fullmatch(name))
    return PackageMetadata(
        source="npm", name=found.name, version=found.version, needs=needs, licence=licence[:FEW_WORDS]
    )


_SECTION: Final = re.compile(r"""\[(?:target\..+\.)?(?:build-)?dependencies\.["']?([A-Za-z0-9_-]+)["']?\]""")
_VALUE: Final = re.compile(r'(name|version|license|package) = "([^"\\]*)"')


def _crate(content: bytes) -> PackageMetadata | None:
    """Return what a manifest says; cargo writes one value a line, and a section for each dependency."""
    section, own = "", dict[str, str]()
    needs = dict[str, str]()
    for line in content.decode("utf-8", "replace").splitlines():
        found, value = _SECTION.fullmatch(line), _VALUE.fullmatch(line)
        if line.startswith("["):
            section = found[1] if found else line
            if found:
                needs[section] = section
        elif value and section == "[package]":
            own[value[1]] = value[2]
        elif value and section in needs and value[1] == "package":
            needs[section] = value[2]  # it is needed under another name
    if "name" not in own or "version" not in own:
        return None
    return PackageMetadata(
        source="cargo",
        name=own["name"],
        version=own["version"],
        needs=tuple(dict.fromkeys(name for name in needs.values() if _NAME.fullmatch(name))),
        licence=own.get("license", "")[:FEW_WORDS],
    )


_FIELD: Final = re.compile(r'^\s*s\.(name|version) = "([^"]*)"', re.MULTILINE)
_LICENCES: Final = re.compile(r"^\s*s\.licenses = \[([^\]\n]*)\]", re.MULTILINE)
_GEMS: Final = re.compile(r"\bs\.add_(?:runtime_)?dependency\(%q<([^>\n]+)>")


def _gem(content: bytes) -> PackageMetadata | None:
    text = content.decode("utf-8", "replace")
    own = dict(_FIELD.findall(text))
    if "name" not in own or "version" not in own:
        return None
    licences = _LICENCES.search(text)
    return PackageMetadata(
        source="gem",
        name=own["name"],
        version=own["version"],
        needs=tuple(dict.fromkeys(name for name in _GEMS.findall(text) if _NAME.fullmatch(name))),
        licence=", ".join(re.findall(r'"([^"]+)"', licences[1]))[:FEW_WORDS] if licences else "",
    )


READERS: Final[Mapping[str, Callable[[bytes], PackageMetadata | None]]] = {
    "/METADATA": _python,
    "/package.json": _node,
    "/Cargo.toml": _crate,
    ".gemspec": _gem,
}
"""What reads a file, by the end of its path."""
