"""Bills of materials: valid by both official schemas, the same bytes for the same input, read back by others."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from msgspec.structs import replace
from referencing import Registry, Resource

from sandbox.container.language_metadata import parse_metadata
from sandbox.distros.lookup import find_target
from sandbox.errors import UsageError
from sandbox.inspect.bill import ArchiveHash, Arrivals, Bill, Item, bill_of, is_same_version
from sandbox.inspect.licences import licences_of
from sandbox.managers.metadata import Fact
from sandbox.managers.package_files import Archive
from sandbox.managers.protocol import Package
from sandbox.managers.registry import LANGUAGES, NAMES, manager_of
from sandbox.provision.plan import Terms, plan_for
from sandbox.report.sbom_cyclonedx import cyclonedx_json
from sandbox.report.sbom_purl import purl
from sandbox.report.sbom_spdx import spdx_json
from sandbox.report.sbom_supplier import Supplier, supplier_of
from sandbox.report.sbom_time import stamp_of
from sandbox.specs.lockfile import LockedFile
from sandbox.specs.model import Spec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SCHEMAS: Final = Path(__file__).parent / "schemas"
HOSTILE: Final = 'a"b\\c\x1b[31m<\u202e]]>&#x0;' + "é" * 20


def package(name: str, version: str = "1.0", architecture: str = "amd64", source: str = "") -> Package:
    return Package(name=name, version=version, architecture=architecture, size=1000, explicit=False, source=source)


def archive(name: str, version: str = "1.0", architecture: str = "amd64", digest: str = "a") -> Archive:
    path = f"/x/{name}_{version}_{architecture}.deb"
    return Archive(name=name, version=version, size=77, sha256=digest * 64, path=path, architecture=architecture)


CAME: Final = Arrivals(
    came=(
        package("libjq1", "1.7.1+deb13u1"),
        package("jq", "1:1.7.1-6+deb13u1"),
        package("libc6:i386", "2.41", "i386"),
        package("libc6", "2.41"),
        package("libgcc-s1:i386", "14", "i386"),
        package("pip:jaraco-classes", "3.4.0", ""),
        package("npm:@scope/tool", "2.0.0", ""),
        package("npm:ms", "2.1.3", ""),
    ),
    asked=frozenset(("jq", "pip:jaraco-classes", "npm:@scope/tool")),
    facts=(
        Fact(name="jq", needs=("libjq1", "libc6", "gone"), licences=("Expat", "CC-BY-3.0"), supplier="A (b) <a@b.c>"),
        Fact(name="libjq1", needs=("libc6", "virtual"), licences=("GPL-1+ or Artistic",), built=1_700_000_000),
        Fact(name="libc6", provides=("virtual",), licences=("LGPL-2.1+", "public-domain")),
        Fact(name="libc6:i386", needs=("libgcc-s1",)),
        Fact(name="libgcc-s1:i386", needs=("libc6",), supplier=HOSTILE, licences=(HOSTILE,)),
        Fact(name="pip:jaraco-classes", licences=("MIT License",)),
        Fact(name="npm:@scope/tool", needs=("npm:ms",), licences=("(MIT OR GPL-3.0)",)),
    ),
    archives=(
        archive("jq", "1:1.7.1-6+deb13u1"),
        archive("libjq1", "1.7.1+deb13u1", digest="b"),
        archive("libc6", "2.41", digest="c"),
        archive("libc6", "2.41", "i386", digest="d"),
        archive("libjq1", "1.6", digest="e"),
    ),
    files=(
        LockedFile(
            root="pip:jaraco-classes", name="jaraco-classes", version="3.4.0", size=5, digest=f"sha256:{'f' * 64}"
        ),
        LockedFile(
            root="npm:@scope/tool",
            name="node_modules/@scope/tool/node_modules/ms",
            version="2.1.3",
            size=6,
            digest=f"sha512-{'A' * 86}==",
        ),
    ),
)


def bill(came: Arrivals = CAME) -> Bill:
    plan = plan_for(Spec(packages=("jq", "libc6:i386")), find_target("debian:trixie"), manager_of("apt"), Terms())
    return bill_of(came, plan, platform="linux/amd64", base="sha256:0", tool="1")


def documents(of: Bill, environ: Mapping[str, str] | None = None) -> tuple[str, str]:
    stamp = stamp_of(of, environ or {})
    return cyclonedx_json(of, stamp), spdx_json(of, stamp)


def validators() -> tuple[Draft7Validator, Draft7Validator]:
    known = {path.name: json.loads(path.read_text()) for path in SCHEMAS.glob("*.json")}
    resources = [(name, Resource.from_contents(content)) for name, content in known.items()]
    registry: Registry[Any] = Registry().with_resources(
        [*resources, *((f"http://cyclonedx.org/schema/{name}", resource) for name, resource in resources)]
    )
    return (
        Draft7Validator(known["bom-1.6.schema.json"], registry=registry),
        Draft7Validator(known["spdx-2.3.schema.json"]),
    )


def test_both_formats_are_valid_by_their_official_schemas() -> None:
    for found in (bill(), bill(Arrivals(came=()))):
        for text, validator in zip(documents(found), validators(), strict=True):
            assert [error.message for error in validator.iter_errors(json.loads(text))] == []


def test_the_schemas_are_no_empty_ones() -> None:
    for text, validator in zip(documents(bill()), validators(), strict=True):
        data = json.loads(text)
        assert [*validator.iter_errors({**data, "packages": 1, "components": 1})]


def test_the_same_input_gives_the_same_bytes_in_another_process_and_in_another_order() -> None:
    turned = replace(CAME, came=(*CAME.came[::-1], CAME.came[0]), archives=CAME.archives[::-1], facts=CAME.facts[::-1])
    assert documents(bill(turned)) == documents(bill())
    done = subprocess.run(
        (sys.executable, "-c", "from tests.unit.report.test_sbom import *; print(*documents(bill()), sep='', end='')"),
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONHASHSEED": "1", "PYTHONPATH": ":".join(sys.path), "TZ": "Pacific/Auckland", "LANG": "C"},
    )
    assert done.stdout == "".join(documents(bill()))


def test_another_package_gives_another_identity() -> None:
    other = bill(replace(CAME, came=CAME.came[1:]))
    (first, second), (third, fourth) = documents(bill()), documents(other)
    assert json.loads(first)["serialNumber"] != json.loads(third)["serialNumber"]
    assert json.loads(second)["documentNamespace"] != json.loads(fourth)["documentNamespace"]


def test_every_reference_leads_to_a_component_and_none_is_random() -> None:
    data = json.loads(documents(bill())[0])
    refs = {row["bom-ref"] for row in data["components"]} | {data["metadata"]["component"]["bom-ref"]}
    for row in data["dependencies"]:
        assert {row["ref"], *row.get("dependsOn", ())} <= refs
    assert {row["purl"] for row in data["components"] if "purl" in row} == refs - {"sandbox", "distro"}


def graph(of: Bill) -> dict[str, set[str]]:
    return {row.name + row.architecture: {of.items[number].name for number in row.needs} for row in of.items}


def test_a_package_needs_what_provides_a_name_for_its_own_architecture() -> None:
    found = bill()
    assert graph(found) == {
        "jqamd64": {"libjq1", "libc6"},
        "libjq1amd64": {"libc6"},
        "libc6amd64": set(),
        "libc6i386": {"libgcc-s1"},
        "libgcc-s1i386": {"libc6"},
        "jaraco-classes": set(),
        "@scope/tool": {"ms"},
        "ms": set(),
    }
    (foreign,) = (row for row in found.items if row.name == "libgcc-s1")
    assert [found.items[number].architecture for number in foreign.needs] == ["i386"]


def purls_of(spdx: dict[str, Any]) -> dict[str, str]:
    rows = (row for row in spdx["packages"] if "externalRefs" in row)
    return {row["SPDXID"]: row["externalRefs"][0]["referenceLocator"] for row in rows}


def edges_of(of: Bill) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Return the edges of both formats, by purl."""
    one, other = map(json.loads, documents(of))
    purls = purls_of(other)
    pairs = ((row["spdxElementId"], row["relatedSpdxElement"]) for row in other["relationships"])
    rows = (row for row in one["dependencies"] if row["ref"] != "sandbox")
    return (
        {(row["ref"], need) for row in rows for need in row.get("dependsOn", ())},
        {(purls[whose], purls[need]) for whose, need in pairs if whose in purls},
    )


NODE_NAMES: Final = ("ms", "@scope/ms", "tool", "chalk")
FIELDS: Final = ("dependencies", "optionalDependencies", "peerDependencies")
Tree = dict[str, tuple[str, dict[str, str], "Tree"]]
"""A `node_modules` by names: each package's version, its needs with the field of each, and its own `node_modules`."""


def node_modules(depth: int) -> st.SearchStrategy[Tree]:
    below = node_modules(depth - 1) if depth else st.just(dict[str, Any]())
    needs = st.dictionaries(st.sampled_from((*NODE_NAMES, "gone")), st.sampled_from(FIELDS), max_size=3)
    package = st.tuples(st.sampled_from(("1.0.0", "2.0.0")), needs, below)
    return st.dictionaries(st.sampled_from(NODE_NAMES), package, max_size=3)


def manifests(tree: Tree, folder: str) -> Iterator[tuple[str, bytes]]:
    for name, (version, needs, below) in tree.items():
        fields = {field: {need: "*" for need, of in needs.items() if of == field} for field in FIELDS}
        yield f"{folder}/{name}/package.json", json.dumps({"name": name, "version": version, **fields}).encode()
        yield from manifests(below, f"{folder}/{name}/node_modules")


def node_edges(tree: Tree, above: tuple[Tree, ...] = ()) -> Iterator[tuple[str, str]]:
    """Yield what Node loads: of each need the nearest, from a package's own `node_modules` upward."""
    for name, (version, needs, below) in tree.items():
        for need in needs:
            near = next((scope[need] for scope in (below, tree, *above) if need in scope), None)
            if near is not None and (need, near[0]) != (name, version):
                yield npm_purl(name, version), npm_purl(need, near[0])
        yield from node_edges(below, (tree, *above))


def npm_purl(name: str, version: str) -> str:
    return f"pkg:npm/{name.replace('@', '%40')}@{version}"


@given(node_modules(2))
def test_both_formats_have_the_graph_of_node_where_a_name_has_two_versions(tree: Tree) -> None:
    said = parse_metadata(dict(manifests(tree, "/usr/local/lib/node_modules")))
    came = tuple(package(row.full_name, row.version, "") for row in said)
    found = bill(Arrivals(came=came, facts=tuple(row.fact for row in said)))
    assert edges_of(found) == ({*node_edges(tree)},) * 2


def test_of_two_versions_of_a_name_that_was_asked_for_it_is_the_one_that_the_manager_lists() -> None:
    listed = replace(package("npm:ms", "2.0.0", ""), explicit=True)
    found = bill(Arrivals(came=(package("npm:ms", "1.0.0", ""), listed), asked=frozenset(["npm:ms"])))
    assert [(row.version, row.is_asked) for row in found.items] == [("1.0.0", False), ("2.0.0", True)]


def test_both_formats_have_the_same_graph_and_the_same_hashes() -> None:
    one, other = map(json.loads, documents(bill()))
    purls = purls_of(other)
    assert edges_of(bill())[0]
    assert edges_of(bill())[0] == edges_of(bill())[1]
    hashes = {
        purls[row["SPDXID"]]: row["checksums"][0]["checksumValue"] for row in other["packages"] if "checksums" in row
    }
    assert hashes == {row["purl"]: row["hashes"][0]["content"] for row in one["components"] if "hashes" in row}
    assert hashes["pkg:deb/debian/libc6@2.41?arch=i386&distro=trixie"] == "d" * 64
    assert hashes["pkg:npm/ms@2.1.3"] == "0" * 128
    assert "pkg:deb/debian/libgcc-s1@14?arch=i386&distro=trixie" not in hashes


def test_a_second_implementation_reads_the_spdx_document_and_finds_it_valid(tmp_path: Path) -> None:
    (tmp_path / "x.spdx.json").write_text(documents(bill())[1])
    program = (
        "import sys; from spdx_tools.spdx.parser.parse_anything import parse_file;"
        "from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document;"
        "document = parse_file(sys.argv[1]);"
        "print([one.validation_message for one in validate_full_spdx_document(document)]);"
        "print(sorted(one.name for one in document.packages))"
    )
    done = subprocess.run(
        (sys.executable, "-c", program, str(tmp_path / "x.spdx.json")), capture_output=True, text=True, check=False
    )
    problems, names = done.stdout.splitlines() or ("", done.stderr)
    assert problems == "[]"
    assert names == str(sorted(["jq libc6:i386 on debian:trixie", "debian", *(row.name for row in bill().items)]))


def test_licences_are_expressions_where_they_are_certain_and_names_where_not() -> None:
    one, other = map(json.loads, documents(bill()))
    declared = {row["name"]: row["licenseDeclared"] for row in other["packages"]}
    assert declared["jq"] == "MIT AND CC-BY-3.0"
    both = {row["licenseDeclared"] for row in other["packages"] if row["name"] == "libc6"}
    assert both == {"NOASSERTION", "LGPL-2.1-or-later AND LicenseRef-sandbox-public-domain"}
    assert declared["@scope/tool"] == "(MIT OR GPL-3.0-only)"
    assert declared["ms"] == "NOASSERTION"
    assert declared["libjq1"].startswith("LicenseRef-sandbox-GPL-1-or-Artistic-")
    named = {row["licenseId"]: row["name"] for row in other["hasExtractedLicensingInfos"]}
    assert named["LicenseRef-sandbox-public-domain"] == "public-domain"
    assert named[declared["libjq1"]] == "GPL-1+ or Artistic"
    licences = {row["purl"]: row.get("licenses") for row in one["components"] if "purl" in row}
    assert licences["pkg:npm/%40scope/tool@2.0.0"] == [
        {"expression": "(MIT OR GPL-3.0-only)", "acknowledgement": "declared"}
    ]
    assert licences["pkg:pypi/jaraco-classes@3.4.0"] == [{"license": {"id": "MIT", "acknowledgement": "declared"}}]


ITEM: Final = Item(manager="apt", name="x", version="1", architecture="x86_64", size=0, is_asked=True)


@pytest.mark.parametrize(
    ("distro", "manager", "item", "expected"),
    [
        ("debian:bookworm", "apt", ("apt", "libstdc++6", "1:12-14+deb12u1~x"),
         "pkg:deb/debian/libstdc%2B%2B6@1:12-14%2Bdeb12u1~x?arch=x86_64&distro=bookworm"),
        ("fedora:41", "dnf5", ("dnf5", "gcc-c++", "1:14.2-1.fc41"),
         "pkg:rpm/fedora/gcc-c%2B%2B@14.2-1.fc41?arch=x86_64&distro=fedora-41&epoch=1"),
        ("opensuse-leap:16.0", "zypper", ("zypper", "vim", "9.1-1.1"),
         "pkg:rpm/opensuse/vim@9.1-1.1?arch=x86_64&distro=opensuse-leap-16.0"),
        ("alpine:3.23", "apk", ("apk", "jq", "1.7.1-r0"), "pkg:apk/alpine/jq@1.7.1-r0?arch=x86_64&distro=alpine-3.23"),
        ("arch:rolling", "pacman", ("pacman", "vim", "1:9.1-1"),
         "pkg:alpm/arch/vim@1:9.1-1?arch=x86_64&distro=arch-rolling"),
        ("gentoo:rolling", "portage", ("portage", "app-misc/jq", "1.7.1-r2"),
         "pkg:ebuild/app-misc/jq@1.7.1-r2?arch=x86_64&distro=gentoo-rolling"),
        ("void:rolling", "xbps", ("xbps", "jq", "1.7_1"), "pkg:generic/jq@1.7_1?arch=x86_64&distro=void-rolling"),
        ("nixos:rolling", "nix", ("nix", "jq", "1.7.1"), "pkg:nix/jq@1.7.1?arch=x86_64&distro=nixos-rolling"),
        ("debian:bookworm", "apt", ("pip", "jaraco-classes", "3.4.0+local"), "pkg:pypi/jaraco-classes@3.4.0%2Blocal"),
        ("debian:bookworm", "apt", ("npm", "@scope/x", "1.0"), "pkg:npm/%40scope/x@1.0"),
        ("debian:bookworm", "apt", ("go", "github.com/BurntSushi/toml", "v1.4.0"),
         "pkg:golang/github.com/BurntSushi/toml@v1.4.0"),
        ("debian:bookworm", "apt", ("cargo", "fd-find", "10.2.0"), "pkg:cargo/fd-find@10.2.0"),
        ("debian:bookworm", "apt", ("gem", "lolcat", "100.0.1"), "pkg:gem/lolcat@100.0.1"),
        ("debian:bookworm", "apt", ("luarocks", "luafoo", "1.4-3"), "pkg:luarocks/luafoo@1.4-3"),
    ],
)  # fmt: skip
def test_each_managers_packages_have_the_purl_of_their_type(
    distro: str, manager: str, item: tuple[str, str, str], expected: str
) -> None:
    name, _, release = distro.partition(":")
    found = replace(bill(), distro=name, release=release, manager=manager)
    own, package_name, version = item
    assert purl(replace(ITEM, manager=own, name=package_name, version=version), found) == expected


@pytest.mark.parametrize("manager", [*NAMES, *LANGUAGES])
def test_every_manager_has_a_purl_type(manager: str) -> None:
    found = purl(replace(ITEM, manager=manager), replace(bill(), manager=manager))
    assert not found.startswith("pkg:generic/") or manager == "xbps"


def test_the_time_is_the_users_then_the_packages_day_then_the_newest_packages() -> None:
    day = replace(bill(), day="2024-01-31")
    assert stamp_of(day, {"SOURCE_DATE_EPOCH": "86400"}).time.isoformat() == "1970-01-02T00:00:00+00:00"
    assert stamp_of(day, {}).time.isoformat() == "2024-01-31T00:00:00+00:00"
    assert stamp_of(bill(), {}).time.timestamp() == 1_700_000_000
    assert stamp_of(bill(Arrivals(came=())), {}).time.timestamp() == 0


@pytest.mark.parametrize("text", ["-1", "1e9", "٣", "9" * 12, "9" * 400, "soon"])
def test_a_source_date_epoch_that_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="SOURCE_DATE_EPOCH"):
        stamp_of(bill(), {"SOURCE_DATE_EPOCH": text})


def test_a_build_time_beyond_all_dates_is_no_time() -> None:
    item = replace(bill().items[0], built=999_999_999_999)
    assert stamp_of(replace(bill(), items=(item,)), {}).time.timestamp() == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ChangZhuo Chen (陳昌倬) <czchen@debian.org>", ("ChangZhuo Chen 陳昌倬", "czchen@debian.org", False)),
        ("Debian OpenSSL Team <x@y.z>", ("Debian OpenSSL Team", "x@y.z", True)),
        ("Fedora Project", ("Fedora Project", "", True)),
        ("<x@y.z>", ("x@y.z", "x@y.z", False)),
        ("Nobody <", ("Nobody", "", True)),
        ("", None),
        ("()", None),
    ],
)
def test_a_supplier_is_a_name_with_an_address_or_without(text: str, expected: tuple[str, str, bool] | None) -> None:
    found = supplier_of(text)
    assert found == (expected and Supplier(name=expected[0], email=expected[1], is_group=expected[2]))


def test_a_hash_is_of_the_file_in_that_version_for_that_architecture() -> None:
    (found,) = (row.archives for row in bill().items if row.name == "libjq1")
    assert found == (ArchiveHash(algorithm="SHA-256", digest="b" * 64, size=77),)


@pytest.mark.parametrize(("one", "same"), [("2024.1.5", True), ("2024.01.05", True), ("2024.1.6", False), ("x", False)])
def test_a_wheels_name_has_its_version_in_the_normal_form(one: str, same: bool) -> None:
    assert is_same_version(one, "2024.01.05") is same


def test_licences_of_a_distro_are_not_read_as_those_of_a_language() -> None:
    assert licences_of(("MIT",), manager="apt", distro="debian trixie")[0].expression == ""
    assert licences_of(("MIT",), manager="pip", distro="debian trixie")[0].expression == "MIT"
