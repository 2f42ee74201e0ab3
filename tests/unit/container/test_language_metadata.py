"""Packages of languages are read of their own files, which are hostile."""

from __future__ import annotations

import json
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.snapshots import tree

from sandbox.container.language_metadata import merge_listings, parse_metadata
from sandbox.managers.languages.metadata import PackageMetadata
from sandbox.managers.protocol import Package
from sandbox.managers.registry import LANGUAGES, language_family

SITE = "/opt/pip/httpie/lib/python3.11/site-packages"
HTTPIE = b"""\
Metadata-Version: 2.1
Name: httpie
Version: 3.2.4
License: BSD
Classifier: Programming Language :: Python
Classifier: License :: OSI Approved :: BSD License
Requires-Dist: pip
Requires-Dist: requests[socks] (>=2.22.0)
Requires-Dist: importlib-metadata (>=1.4.0) ; python_version < "3.8"
Requires-Dist: pytest ; extra == 'test'

Name: not-the-header
"""
REQUESTS = b"""\
Name: Requests
Version: 2.32.0
License: Apache-2.0
Requires-Dist: PySocks!=1.5.7,>=1.5.6; extra == "socks"
Requires-Dist: chardet<6; extra == "use-chardet-on-py3"
Requires-Dist: idna
"""


def files(**contents: bytes) -> dict[str, bytes]:
    return {f"{SITE}/{name}.dist-info/METADATA": content for name, content in contents.items()}


def test_pythons_packages_say_what_they_need_and_their_licence() -> None:
    httpie, requests = parse_metadata(files(httpie=HTTPIE, requests=REQUESTS))
    assert (httpie.full_name, httpie.version, httpie.licence) == ("pip:httpie", "3.2.4", "BSD License")
    assert httpie.needs == ("pip", "requests", "importlib-metadata")
    assert (requests.full_name, requests.licence) == ("pip:requests", "Apache-2.0")
    assert requests.needs == ("idna", "pysocks"), "an extra counts where another asks for it"
    assert requests.fact.needs == ("pip:idna", "pip:pysocks")


@pytest.mark.parametrize(
    ("text", "licence"),
    [
        (b'"license": "MIT"', "MIT"),
        (b'"license": {"type": "BSD", "url": "x"}', "BSD"),
        (b'"license": null', ""),
        (b'"private": true', ""),
    ],
)
def test_nodes_packages_say_what_they_need_and_their_licence(text: bytes, licence: str) -> None:
    content = b'{"name": "@scope/tool", "version": "1.0.0", "dependencies": {"ms": "^2"}, %s}' % text
    (found,) = parse_metadata({"/usr/local/lib/node_modules/@scope/tool/package.json": content})
    assert found == PackageMetadata(
        source="npm", name="@scope/tool", version="1.0.0", needs=("ms",), licence=licence, found=frozenset()
    )


TOP: Final = "/usr/local/lib/node_modules"


def manifest(name: str, version: str, **fields: object) -> bytes:
    return json.dumps({"name": name, "version": version, **fields}).encode()


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("dependencies", {"ms": "^1"}, {"ms 1.0.0"}),
        ("dependencies", {"ms": "^1", "@s/ms": "*"}, {"ms 1.0.0", "@s/ms 3.0.0"}),
        ("optionalDependencies", {"ms": "^1", "gone": "*"}, {"ms 1.0.0"}),
        ("peerDependencies", {"@s/ms": "*", "tool": "*"}, {"@s/ms 3.0.0", "tool 5.0.0"}),
        ("dependencies", {"ms-cjs": "npm:ms@^2"}, {"ms 2.0.0"}),
        ("devDependencies", {"ms": "^1"}, set()),
        ("dependencies", ["ms"], set()),
        ("dependencies", None, set()),
    ],
)
def test_nodes_packages_find_others_where_node_does(field: str, value: object, expected: set[str]) -> None:
    """By place, not by name: there are two versions of ms and a scoped one, and ms-cjs is ms by another name."""
    contents = {
        f"{TOP}/tool/package.json": manifest("tool", "5.0.0", dependencies={"ms": "^2"}),
        f"{TOP}/tool/node_modules/ms/package.json": manifest("ms", "2.0.0"),
        f"{TOP}/tool/node_modules/ms-cjs/package.json": manifest("ms", "2.0.0"),
        f"{TOP}/tool/node_modules/@s/ms/package.json": manifest("@s/ms", "3.0.0"),
        f"{TOP}/tool/node_modules/@s/x/package.json": manifest("@s/x", "4.0.0", **{field: value}),
        f"{TOP}/tool/node_modules/@s/x/node_modules/ms/package.json": manifest("ms", "1.0.0"),
    }
    said = {row.name: row for row in parse_metadata(contents) if row.name != "ms"}
    assert {f"{name.removeprefix('npm:')} {version}" for name, version in said["@s/x"].found or ()} == expected
    assert said["tool"].found == frozenset([("npm:ms", "2.0.0")])


def test_each_environment_of_python_has_its_own_version_of_a_name() -> None:
    one, other = (f"/opt/pip/{app}/lib/python3.11/site-packages" for app in ("one", "other"))
    contents = {
        f"{one}/one.dist-info/METADATA": b"Name: one\nVersion: 1\nRequires-Dist: Click\n",
        f"{one}/click.dist-info/METADATA": b"Name: click\nVersion: 7\n",
        f"{other}/other.dist-info/METADATA": b"Name: other\nVersion: 1\nRequires-Dist: click\n",
        f"{other}/click.dist-info/METADATA": b"Name: click\nVersion: 8\n",
    }
    found = {row.name: {*(row.found or ())} for row in parse_metadata(contents) if row.needs}
    assert found == {"one": {("pip:click", "7")}, "other": {("pip:click", "8")}}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[" * 100_000,
        b"\xff\xfe",
        b'{"name": 7}',
        b'{"name": "x"}',
        b'{"name": "a b", "version": "1"}',
        b'{"name": "\\u001b[31m", "version": "1"}',
    ],
)
def test_what_is_no_description_is_passed_over(content: bytes) -> None:
    assert parse_metadata({"/usr/local/lib/node_modules/x/package.json": content, "/etc/passwd": content}) == ()


@given(st.binary(max_size=300))
def test_no_content_is_an_error(content: bytes) -> None:
    for name in LANGUAGES:
        language_family(name).describe(content)
        language_family(name).describe(b"Name: " + content)


def test_those_inside_of_others_are_told_of_once() -> None:
    listed = Package(name="httpie", version="3.2.4", architecture="", size=9, explicit=True, source="pip")
    said = parse_metadata(files(httpie=HTTPIE, requests=REQUESTS))
    found = tuple(merge_listings([listed], said))
    assert [(row.name, row.version, row.size, row.explicit) for row in found] == [
        ("pip:httpie", "3.2.4", 9, True),
        ("pip:requests", "2.32.0", 0, False),
    ]


def test_a_snapshot_keeps_what_packages_say_of_themselves() -> None:
    kept = "/usr/local/lib/node_modules/a/node_modules/@b/c/package.json"
    other = "/usr/local/lib/node_modules/a/dist/package.json"
    found = tree({**files(httpie=HTTPIE), kept: b"{}", other: b"{}", "/etc/passwd": b""})
    assert set(found.contents) == {*files(httpie=HTTPIE), kept, "/etc/passwd", "/etc/group"}


CRATE = b"""\
# THIS FILE IS AUTOMATICALLY GENERATED BY CARGO
[package]
edition = "2021"
name = "fd-find"
version = "10.2.0"
license = "MIT OR Apache-2.0"

[[bin]]
name = "fd"
path = "src/main.rs"

[dependencies.clap]
version = "4.4.13"

[dependencies.renamed]
version = "0.8"
package = "regex-syntax"

[dev-dependencies.test-case]
version = "3.3"

[target."cfg(unix)".dependencies.nix]
version = "0.29"

[build-dependencies.version_check]
version = "0.9"
"""
GEM = b"""\
# -*- encoding: utf-8 -*-
# stub: lolcat 100.0.1 ruby lib

Gem::Specification.new do |s|
  s.name = "lolcat".freeze
  s.version = "100.0.1"

  s.licenses = ["BSD-3-Clause".freeze, "MIT".freeze]
  s.executables = ["lolcat".freeze]

  s.add_runtime_dependency(%q<paint>.freeze, ["~> 2.1".freeze])
  s.add_dependency(%q<optimist>.freeze, ["~> 3.0".freeze])
  s.add_development_dependency(%q<rake>.freeze, [">= 0".freeze])
end
"""


def test_a_crates_manifest_says_what_is_compiled_into_it_and_its_licence() -> None:
    (crate,) = parse_metadata({"/root/.cargo/registry/src/index-1/fd-find-10.2.0/Cargo.toml": CRATE})
    assert (crate.full_name, crate.version, crate.licence) == ("cargo:fd-find", "10.2.0", "MIT OR Apache-2.0")
    assert crate.needs == ("clap", "regex-syntax", "nix", "version_check")


def test_a_gems_specification_says_what_it_needs_and_its_licences() -> None:
    (gem,) = parse_metadata({"/var/lib/gems/3.3.0/specifications/lolcat-100.0.1.gemspec": GEM})
    assert (gem.full_name, gem.version, gem.licence) == ("gem:lolcat", "100.0.1", "BSD-3-Clause, MIT")
    assert gem.needs == ("paint", "optimist")


@pytest.mark.parametrize(
    "path",
    [
        "/root/.cargo/registry/src/x/y/Cargo.toml",
        "/var/lib/gems/3/specifications/x.gemspec",
        "/usr/local/lib/luarocks/rocks-5.1/x/1-1/x-1-1.rockspec",
    ],
)
@given(content=st.binary())
def test_crates_gems_and_rocks_that_say_nothing_are_passed_over(path: str, content: bytes) -> None:
    assert parse_metadata({path: content}) == ()


ROCK = b"""\
-- package = "not-this"
--[[ version = "nor this" ]]
local _MODREV, _SPECREV = '1.4', "-3"
package = 'LuaFoo'
version = _MODREV .. _SPECREV
rockspec_format = "3.0"
source = { url = "git://host/x--y.git", tag = [[v1.4]] }
description = {
   summary = "Has package = \\"x\\", { and }",
   labels = { "license" },
   license = "MIT/X11";
}
dependencies = {
   "lua >= 5.1, < 5.5",
   "LPeg ~> 1.0", 'user/say >= 1.4-1',
   platforms = { windows = { "winapi" } },
}
build = { type = "builtin", modules = { ["foo.bar"] = "version.lua", version = "x" } }
"""


def test_a_rockspec_says_what_a_rock_needs_and_its_licence() -> None:
    (rock,) = parse_metadata({"/usr/local/lib/luarocks/rocks-5.1/luafoo/1.4-3/luafoo-1.4-3.rockspec": ROCK})
    assert (rock.full_name, rock.version, rock.licence) == ("luarocks:luafoo", "1.4-3", "MIT/X11")
    assert rock.needs == ("lpeg", "say"), "its Lua is no rock"


@pytest.mark.parametrize("part", [b"[[", b"--[[", b"local a", b"a = {", b"'", b"[=["])
def test_a_hostile_rockspec_says_nothing(part: bytes) -> None:
    content = part * 20_000
    assert parse_metadata({"/usr/local/lib/luarocks/rocks-5.1/x/1-1/x-1-1.rockspec": content}) == ()


def test_a_version_that_is_computed_is_not_guessed() -> None:
    content = b'package = "x"\nversion = os.date() .. "-1"\n'
    assert parse_metadata({"/usr/local/lib/luarocks/rocks-5.1/x/1-1/x-1-1.rockspec": content}) == ()


def test_names_of_a_rockspec_that_get_no_value_take_none_of_what_follows() -> None:
    content = b'local one, two = "1"\npackage = "x"\nversion = "1-1"\n'
    (rock,) = parse_metadata({"/usr/local/lib/luarocks/rocks-5.1/x/1-1/x-1-1.rockspec": content})
    assert (rock.full_name, rock.version) == ("luarocks:x", "1-1")
