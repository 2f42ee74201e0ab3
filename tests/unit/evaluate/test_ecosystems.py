"""Packages of languages are read of their own files, which are hostile."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.evaluate.snapshots import tree

from sandbox.evaluate.ecosystems import Said, described, joined
from sandbox.managers.base import Package

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
    httpie, requests = described(files(httpie=HTTPIE, requests=REQUESTS))
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
    (found,) = described({"/usr/local/lib/node_modules/@scope/tool/package.json": content})
    assert found == Said(source="npm", name="@scope/tool", version="1.0.0", needs=("ms",), licence=licence)


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
    assert described({"/usr/local/lib/node_modules/x/package.json": content, "/etc/passwd": content}) == ()


@given(st.binary(max_size=300))
def test_no_content_is_an_error(content: bytes) -> None:
    described({"/x/METADATA": content, "/x/package.json": content})
    described({"/x/METADATA": b"Name: " + content})


def test_those_inside_of_others_are_told_of_once() -> None:
    listed = Package(name="httpie", version="3.2.4", architecture="", size=9, explicit=True, source="pip")
    said = described(files(httpie=HTTPIE, requests=REQUESTS))
    found = tuple(joined([listed], said))
    assert [(row.name, row.version, row.size, row.explicit) for row in found] == [
        ("pip:httpie", "3.2.4", 9, True),
        ("pip:requests", "2.32.0", 0, False),
    ]


def test_a_snapshot_keeps_what_packages_say_of_themselves() -> None:
    kept = "/usr/local/lib/node_modules/a/node_modules/@b/c/package.json"
    other = "/usr/local/lib/node_modules/a/dist/package.json"
    found = tree({**files(httpie=HTTPIE), kept: b"{}", other: b"{}", "/etc/passwd": b""})
    assert set(found.contents) == {*files(httpie=HTTPIE), kept, "/etc/passwd", "/etc/group"}
