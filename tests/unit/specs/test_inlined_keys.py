"""A bundle's spec has its keys in it, however the spec was written, and says the same as before."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest
from tests.unit.specs.public_keys import OLD, THIRD

from sandbox.core.openpgp import dearmor
from sandbox.errors import CheckFailed, UsageError
from sandbox.provision.signing_keys import has_remote_keys, with_remote_keys
from sandbox.specs.inlined_keys import with_inlined_keys
from sandbox.specs.load import SpecText, load_document, load_spec
from sandbox.specs.prepared_lines import prepared_lines

PEM = "-----BEGIN PUBLIC KEY-----\nMFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAK\n-----END PUBLIC KEY-----\n"
SUM = sha256(THIRD.encode()).hexdigest()
FORMS = {
    "flow": "repositories: [{URIs: 'https://x.example', Suites: ./, Signed-By: third.asc}] # end\n",
    "flow, with a quoted key": "repositories: [{'Signed-By': \"third.asc\", URIs: 'https://x.example', Suites: ./}]\n",
    "block": "repositories:\n  - URIs: https://x.example\n    Suites: ./\n    Signed-By: ./third.asc # x\nshell: sh",
    "first of a block": "repositories:\n- Signed-By: third.asc\n  URIs: https://x.example\n  Suites: ./\n",
    "two in a line": "repositories: [{baseurl: 'https://x.example', gpgkey: third.asc, name: a},"
    " {baseurl: 'https://y.example', gpgkey: 'third.gpg', name: b}]\n",
    "binary": "repositories: [{baseurl: 'https://x.example', gpgkey: third.gpg}]\n",
    "apk, block": "repositories:\n  - url: https://x.example\n    key: third.rsa.pub\n    tag: t\n",
    "apk, flow": "repositories: [{url: 'https://x.example', key: third.rsa.pub, tag: t}]\n",
    "apk, with a name": "repositories: [{url: 'https://x.example', key: third.rsa.pub, key-name: a.pub}]\n",
}


@pytest.mark.parametrize("name", FORMS)
def test_the_text_with_its_keys_says_the_same_and_needs_no_file(name: str, tmp_path: Path) -> None:
    (tmp_path / "third.asc").write_text(THIRD)
    (tmp_path / "third.gpg").write_bytes(dearmor(THIRD))
    (tmp_path / "third.rsa.pub").write_text(PEM)
    data = FORMS[name].encode()
    loaded = load_document(SpecText(source="s", data=data, folder=tmp_path))
    text = with_inlined_keys(data, loaded.spec, loaded.positions)
    again = load_spec(text, source="bundle", folder=tmp_path / "elsewhere")
    assert prepared_lines(again) == prepared_lines(loaded.spec)
    assert again.packages == loaded.spec.packages
    for row, was in zip(again.repositories, loaded.spec.repositories, strict=True):
        assert row.key is not None
        assert was.key is not None
        assert not row.key.file
        assert row.field("tag") == was.field("tag")


def test_a_key_behind_an_alias_is_refused_with_what_to_write(tmp_path: Path) -> None:
    (tmp_path / "third.asc").write_text(THIRD)
    data = b"description: &key third.asc\nrepositories: [{URIs: 'https://x.example', Suites: ./, Signed-By: *key}]\n"
    loaded = load_document(SpecText(source="s", data=data, folder=tmp_path))
    with pytest.raises(UsageError, match="can't be written into the spec of a bundle"):
        with_inlined_keys(data, loaded.spec, loaded.positions)


def remote(checksum: str) -> bytes:
    return (
        f"repositories: [{{URIs: 'https://x.example', Suites: ./, Signed-By: 'https://x.example/k#sha256={checksum}'}}]\n"
    ).encode()


def test_a_key_at_an_address_is_the_one_of_the_checksum_or_refused() -> None:
    asked: list[str] = []

    def fetch(url: str) -> bytes:
        asked.append(url)
        return THIRD.encode()

    loaded = load_document(SpecText(source="s", data=remote(SUM), folder=Path("/nonexistent")))
    assert has_remote_keys(loaded.spec)
    found = with_remote_keys(loaded.spec, fetch)
    assert not has_remote_keys(found)
    assert asked == ["https://x.example/k"]
    text = with_inlined_keys(remote(SUM), found, loaded.positions)
    assert prepared_lines(load_spec(text, source="bundle")) == prepared_lines(found)
    with pytest.raises(CheckFailed, match="is not the one that the spec names"):
        with_remote_keys(loaded.spec, lambda _: OLD.encode())
    page = b"<html>not found</html>"
    other = load_spec(remote(sha256(page).hexdigest()), source="s")
    with pytest.raises(UsageError, match="is no public key, or is damaged"):
        with_remote_keys(other, lambda _: page)


def test_a_repository_whose_key_lies_nowhere_else_stays_in_its_place() -> None:
    data = remote(SUM).replace(b"[{", b"[{URIs: 'https://w.example', Suites: ./, Trusted: yes}, {")
    loaded = load_document(SpecText(source="s", data=data, folder=Path("/nonexistent")))
    found = with_remote_keys(loaded.spec, lambda _: THIRD.encode())
    assert found.repositories[0] == loaded.spec.repositories[0]
    assert [row.name for row in found.repositories] == [row.name for row in loaded.spec.repositories]
