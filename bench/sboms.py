"""`make sboms`: the bills of materials of real packages, held to two schemas, the archives and the managers' graphs.

Writes docs/evidence/sboms.md.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from jsonschema import Draft7Validator
from packaging.requirements import Requirement
from referencing import Registry, Resource

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT: Final = Path(__file__).resolve().parents[1]
PAGE: Final = ROOT / "docs/evidence/sboms.md"
HEAD: Final = ROOT / "bench/sboms.head.md"
SCHEMAS: Final = ROOT / "tests/unit/report/schemas"
SANDBOX: Final = Path(sys.executable).with_name("sandbox")
APT: Final = "jq tree htop curl tmux ripgrep sqlite3 rsync wget ncdu file zip lsof strace bc liberror-perl"
PACKAGES: Final = (*APT.split(), "pip:httpie", "pip:jaraco.classes", "npm:semver", "npm:cowsay")
LIBRARY: Final = ("@cyclonedx/cyclonedx-library@10.3.0", "ajv@8", "ajv-formats@3", "ajv-formats-draft2019@1")
LIBRARY_PURL: Final = "packageurl-js@2.0.1"

ASK_APT: Final = r"""
for row; do
  name=${row%%=*}
  printf 'H %s %s\n' "$name" "$(apt-cache show "$row" | sed -n 's/^SHA256: //p' | head -n 1)"
  apt-cache depends --important "$name" | sed 's/^/D /'
done
"""
ASK_PIP: Final = r"""
for python in /opt/pip/*/bin/python; do
  "$python" -m pip inspect --local 2>/dev/null
  echo ---
done
"""
READ_BACK: Final = """
const {Validation} = require("@cyclonedx/cyclonedx-library"), {PackageURL} = require("packageurl-js");
const fs = require("fs");
const text = fs.readFileSync(process.argv[2], "utf8");
new Validation.JsonStrictValidator("1.6").validate(text).then(problems => {
  const purls = JSON.parse(text).components.map(row => row.purl).filter(purl => purl);
  const versions = Object.fromEntries(purls.map(purl => [purl, PackageURL.fromString(purl).version]));
  console.log(JSON.stringify({problems, versions}));
});
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What was found of one package; `wrong` says what differs."""

    package: str
    came: int
    hashed: int
    edges: int
    named: int
    wrong: tuple[str, ...]

    def line(self) -> str:
        """Return the row of the table."""
        found = "; ".join(self.wrong) or "equal"
        return f"| {self.package} | {self.came} | {self.hashed} | {self.edges} | {self.named} | {found} |"


def run(argv: tuple[str, ...], folder: Path, *, may_fail: bool = False) -> str:
    """Return what a command prints; end where it fails."""
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False, timeout=1200)
    if done.returncode and not may_fail:
        sys.exit(f"{' '.join(argv)[:200]}: {done.stderr[-2000:]}")
    return done.stdout


def validator(name: str) -> Draft7Validator:
    """Return the validator of a schema."""
    known = {path.name: json.loads(path.read_text()) for path in SCHEMAS.glob("*.json")}
    pairs = [(f"http://cyclonedx.org/schema/{key}", Resource.from_contents(value)) for key, value in known.items()]
    registry: Registry[Any] = Registry().with_resources(pairs)
    return Draft7Validator(known[name], registry=registry)


def measure(packages: Sequence[str], distro: str, folder: Path, library: Path) -> Iterator[Row]:
    """Write both bills of packages of one manager, and hold what each package brings to what others say."""
    place = folder / re.sub(r"\W", "-", packages[0])
    place.mkdir()
    (place / "one.yaml").write_text(f"distro: {distro}\npackages: {json.dumps([*packages])}\n")
    lock = (str(SANDBOX), "lock", "./one.yaml", "-q", "--sbom")
    run((*lock, "one.cdx.json"), place)
    run((*lock, "one.spdx.json", "--sbom-format", "spdx"), place)
    cdx, spdx = (json.loads((place / f"one.{name}.json").read_text()) for name in ("cdx", "spdx"))
    wrong = [f"CycloneDX: {one.message[:80]}" for one in validator("bom-1.6.schema.json").iter_errors(cdx)]
    wrong += [f"SPDX: {one.message[:80]}" for one in validator("spdx-2.3.schema.json").iter_errors(spdx)]
    wrong += read_back(place, library, cdx)
    hashes, edges = of_cyclonedx(cdx)
    if (hashes, edges) != of_spdx(spdx):
        wrong.append("CycloneDX and SPDX differ")
    differs = held_to_manager(packages[0], place, cdx, hashes, edges)
    rows = {row["purl"]: row for row in cdx["components"] if "purl" in row}
    for package in packages:
        name = plain(package.partition(":")[2]) if ":" in package else package
        own = next(purl for purl, row in rows.items() if row["name"] == name and row["purl"] in roots(cdx))
        came = closure(own, edges)
        yield Row(
            package=package,
            came=len(came),
            hashed=len(came & hashes.keys()),
            edges=sum(one in came for one, _ in edges),
            named=sum(is_named(rows[purl]) for purl in came),
            wrong=(*wrong, *(text for text in differs if any(purl in text.split() for purl in came))),
        )


def roots(cdx: dict[str, Any]) -> set[str]:
    """Return the purls of what was asked for."""
    return {purl for row in cdx["dependencies"] if row["ref"] == "sandbox" for purl in row["dependsOn"]}


def closure(purl: str, edges: set[tuple[str, str]]) -> set[str]:
    """Return a package with all that it needs."""
    found: set[str] = set()
    waiting = [purl]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += [need for whose, need in edges if whose == one]
    return found


def is_named(row: dict[str, Any]) -> bool:
    """Return whether a licence of a component has no certain expression."""
    return any("license" in one and "id" not in one["license"] for one in row.get("licenses", ()))


def read_back(place: Path, library: Path, cdx: dict[str, Any]) -> list[str]:
    """Return what CycloneDX's JavaScript library, packageurl-js and spdx-tools find wrong."""
    said = json.loads(run(("node", str(library / "read.js"), str(place / "one.cdx.json")), library))
    wrong = [f"JavaScript: {one['message']}" for one in said["problems"] or ()]
    for row in cdx["components"]:
        epoch = re.search(r"[?&]epoch=(\d+)", row.get("purl", ""))
        version = f"{epoch[1]}:{said['versions'][row['purl']]}" if epoch else said["versions"].get(row.get("purl"))
        if "purl" in row and version != row["version"]:
            wrong.append(f"packageurl-js reads {version} of {row['purl']}")
    program = (
        "import sys; from spdx_tools.spdx.parser.parse_anything import parse_file;"
        "from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document as check;"
        "print('\\n'.join(one.validation_message for one in check(parse_file(sys.argv[1]))))"
    )
    found = run((sys.executable, "-c", program, str(place / "one.spdx.json")), place)
    return [*wrong, *(f"spdx-tools: {line}" for line in found.splitlines() if line)]


def of_cyclonedx(data: dict[str, Any]) -> tuple[dict[str, str], set[tuple[str, str]]]:
    """Return the hashes and the edges by purl."""
    hashes = {row["purl"]: row["hashes"][0]["content"] for row in data["components"] if row.get("hashes")}
    rows = [row for row in data["dependencies"] if row["ref"] != "sandbox"]
    return hashes, {(row["ref"], need) for row in rows for need in row.get("dependsOn", ())}


def of_spdx(data: dict[str, Any]) -> tuple[dict[str, str], set[tuple[str, str]]]:
    """Return the same of the other format."""
    purls = {
        row["SPDXID"]: row["externalRefs"][0]["referenceLocator"] for row in data["packages"] if "externalRefs" in row
    }
    hashes = {
        purls[row["SPDXID"]]: row["checksums"][0]["checksumValue"] for row in data["packages"] if "checksums" in row
    }
    pairs = ((row["spdxElementId"], row["relatedSpdxElement"]) for row in data["relationships"])
    return hashes, {(purls[one], purls[other]) for one, other in pairs if one in purls}


def held_to_manager(
    package: str, place: Path, cdx: dict[str, Any], hashes: dict[str, str], edges: set[tuple[str, str]]
) -> list[str]:
    """Return where hashes or edges differ from what the package manager itself says."""
    language = package.partition(":")[0] if ":" in package else ""
    rows = {row["purl"]: row for row in cdx["components"] if "purl" in row}
    own = {purl: row for purl, row in rows.items() if purl.startswith("pkg:deb/")}
    wrong = held_to_apt(place, own, hashes, edges)
    if language == "pip":
        wrong += held_to_pip(
            place, {key: row for key, row in rows.items() if key.startswith("pkg:pypi/")}, hashes, edges
        )
    if language == "npm":
        wrong += held_to_npm(
            place, {key: row for key, row in rows.items() if key.startswith("pkg:npm/")}, hashes, edges
        )
    return wrong


def inside(place: Path, *argv: str) -> str:
    """Return what a command prints in a sandbox with exactly what was locked."""
    return run((str(SANDBOX), "try", "--spec", "./one.yaml", "--locked", "-q", "--", *argv), place)


def held_to_apt(place: Path, rows: dict[str, Any], hashes: dict[str, str], edges: set[tuple[str, str]]) -> list[str]:
    """Return where the index's SHA-256 and `apt-cache depends --important` say something else."""
    if not rows:
        return []
    text = inside(place, "sh", "-c", ASK_APT, "sh", *(f"{row['name']}={row['version']}" for row in rows.values()))
    names = {row["name"]: purl for purl, row in rows.items()}
    index = dict(re.findall(r"^H (\S+) (\S+)$", text, re.MULTILINE))
    wrong = [f"hash of {purl}" for name, purl in names.items() if hashes.get(purl) != index.get(name)]
    theirs: set[tuple[str, str]] = set()
    package = ""
    for line in text.splitlines():
        if found := re.match(r"D (\S.*)$", line):
            package = found[1].partition(":")[0]
        elif found := re.match(r"D (?: [ |](?:Pre)?Depends: |    )([^<>\s:]+)(?::\S+)?$", line):
            theirs |= {(names[package], names[found[1]])} if found[1] in names and found[1] != package else set()
    ours = {pair for pair in edges if pair[0] in rows and pair[1] in rows}
    return [*wrong, *(f"edge {one[0]} -> {one[1]}" for one in sorted(ours ^ theirs))]


def held_to_pip(place: Path, rows: dict[str, Any], hashes: dict[str, str], edges: set[tuple[str, str]]) -> list[str]:
    """Return where the files of the index and `pip inspect` say something else."""
    names = {row["name"]: purl for purl, row in rows.items()}
    wrong = []
    for purl, row in rows.items():
        if purl in hashes:
            argv = ("-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":none:", "-d", "got")
            run((sys.executable, *argv, f"{row['name']}=={row['version']}"), place)
    files = {hashlib.sha256(file.read_bytes()).hexdigest() for file in (place / "got").iterdir()}
    wrong += [f"hash of {purl}" for purl in rows if purl in hashes and hashes[purl] not in files]
    theirs = set()
    for text in re.split(r"^---$", inside(place, "sh", "-c", ASK_PIP), flags=re.MULTILINE):
        if text.strip():
            theirs |= {
                (names[one], names[need]) for one, need in pip_edges(json.loads(text)) if {one, need} <= {*names}
            }
    ours = {pair for pair in edges if pair[0] in rows and pair[1] in rows}
    return [*wrong, *(f"edge {one[0]} -> {one[1]}" for one in sorted(ours ^ theirs))]


def pip_edges(said: dict[str, Any]) -> set[tuple[str, str]]:
    """Return which names need which, of what `pip inspect` says of an environment, with the extras asked for.

    `pip show` tells nothing of extras: of httpie, which needs requests[socks], it has no edge from requests to pysocks.
    """
    needs = {
        plain(row["metadata"]["name"]): [Requirement(text) for text in row["metadata"].get("requires_dist", ())]
        for row in said["installed"]
    }
    extras: dict[str, set[str]] = {name: {""} for name in needs}
    found: set[tuple[str, str]] = set()
    while True:
        before = (len(found), sum(map(len, extras.values())))
        for name, rows in needs.items():
            for row in rows:
                there = plain(row.name)
                worlds = ({**said["environment"], "extra": extra} for extra in extras[name])
                if there in needs and (row.marker is None or any(map(row.marker.evaluate, worlds))):
                    found.add((name, there))
                    extras[there] |= set(map(plain, row.extras))
        if before == (len(found), sum(map(len, extras.values()))):
            return found


def plain(name: str) -> str:
    """Return a name as PEP 503 has it."""
    return re.sub(r"[-_.]+", "-", name.strip()).lower()


def held_to_npm(place: Path, rows: dict[str, Any], hashes: dict[str, str], edges: set[tuple[str, str]]) -> list[str]:
    """Return where the registry's integrity and `npm ls` say something else."""
    wrong = []
    by_name: dict[tuple[str, str], str] = {
        ("/".join(filter(None, (row.get("group"), row["name"]))), row["version"]): purl for purl, row in rows.items()
    }
    for (name, version), purl in by_name.items():
        said = run(("npm", "view", f"{name}@{version}", "dist.integrity"), place).strip()
        if purl in hashes and said.startswith("sha512-") and base64.b64decode(said[7:]).hex() != hashes[purl]:
            wrong.append(f"hash of {purl}")
    tree = json.loads(inside(place, "npm", "ls", "--global", "--prefix", "/usr/local", "--all", "--json") or "{}")
    theirs: set[tuple[str, str]] = set()
    known: dict[str, set[str]] = defaultdict(set)
    for (name, _), purl in by_name.items():
        known[name].add(purl)

    def walk(node: dict[str, Any], parent: str | None) -> None:
        for name, child in node.get("dependencies", {}).items():
            purl = by_name.get((name, child.get("version", "")))
            if parent and purl:
                theirs.add((parent, purl))
            walk(child, purl)

    walk(tree, None)
    ours = {pair for pair in edges if pair[0] in rows and pair[1] in rows}
    return [*wrong, *(f"edge {one[0]} -> {one[1]}" for one in sorted(ours ^ theirs))]


def groups(packages: Sequence[str]) -> list[list[str]]:
    """Return the packages by manager."""
    found: dict[str, list[str]] = defaultdict(list)
    for package in packages:
        found[package.rpartition(":")[0]].append(package)
    return list(found.values())


def main() -> None:
    """Measure each package and write the page."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("packages", nargs="*", default=PACKAGES)
    words.add_argument("--distro", default="debian:bookworm")
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as name:
        library = Path(name) / "library"
        library.mkdir()
        run(("npm", "install", "--silent", "--no-audit", "--no-fund", *LIBRARY, LIBRARY_PURL), library)
        (library / "read.js").write_text(READ_BACK)
        rows = []
        for group in groups(asked.packages):
            for row in measure(group, asked.distro, Path(name), library):
                rows.append(row)
                print(row.line(), flush=True)
    if tuple(asked.packages) == PACKAGES:
        PAGE.write_text(HEAD.read_text() + "".join(f"{row.line()}\n" for row in rows))
    if any(row.wrong for row in rows):
        sys.exit(1)


if __name__ == "__main__":
    main()
