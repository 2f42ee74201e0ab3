"""What a spec sets before the packages: what is taken, what is refused, and that no value opens a line of its own."""

from __future__ import annotations

import base64
import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.specs.public_keys import OLD, THIRD

from sandbox.core.openpgp import PublicKey, dearmor, public_keys
from sandbox.core.yamltext import dump
from sandbox.errors import SpecError, UsageError
from sandbox.managers.registry import NAMES, ManagerName
from sandbox.provision.preparation import preparation, problems
from sandbox.specs.load import load_spec
from sandbox.specs.prepared_lines import prepared_lines
from sandbox.specs.public_keys import fingerprints
from sandbox.specs.repository_fields import APK, DEB, PACMAN, RPM, XBPS

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.specs.model import Spec

FINGERPRINT = "A7DEC975E30B1317C73AEC845693920DC359D307"
OLD_EXPIRES = 1706788800
PEM = "-----BEGIN PUBLIC KEY-----\nMFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAK\n-----END PUBLIC KEY-----\n"
HTTPS: dict[str, object] = {"URIs": "https://packages.example/debian", "Suites": "stable", "Components": "main"}


def load(value: dict[str, object], folder: Path | None = None) -> Spec:
    return load_spec(dump(value).encode(), source="s", folder=folder)  # type: ignore[arg-type]


def repository(row: dict[str, object], folder: Path | None = None) -> Spec:
    return load({"repositories": [row]}, folder)


def refusal(value: dict[str, object], folder: Path | None = None) -> str:
    with pytest.raises(SpecError) as caught:
        load(value, folder)
    return "\n".join(f"{problem.path}: {problem.message}" for problem in caught.value.problems)


WRONG = [
    ({**HTTPS, "URIs": "http://packages.example"}, "an http address needs the key that signs it: set Signed-By"),
    ({**HTTPS, "URIs": "http://packages.example", "Trusted": "yes", "Signed-By": "/k.gpg"}, "nobody signs"),
    ({"baseurl": "http://packages.example", "gpgcheck": "no", "gpgkey": "/k"}, "nobody signs"),
    ({"baseurl": "http://packages.example"}, "an http address needs the key that signs it: set gpgkey"),
    ({"Server": "http://packages.example", "SigLevel": "Optional TrustAll", "key": "/k"}, "nobody signs"),
    ({"Server": "http://packages.example", "SigLevel": "PackageNever", "key": "/k"}, "nobody signs"),
    ({"url": "http://packages.example"}, "an http address needs the key that signs it: set key"),
    ({"repository": "http://packages.example"}, "an http address needs the key that signs it: set key"),
    ({**HTTPS, "Suite": "x"}, "no such key; did you mean Suites?"),
    ({**HTTPS, "baseurl": "https://x.example"}, "expected only one of URIs, baseurl"),
    ({"name": "x"}, "expected one of URIs, baseurl"),
    ({"URIs": "https://x.example"}, "Suites is missing"),
    ({"URIs": "https://x.example", "Suites": "stable"}, "expected Components, or Suites that end in a slash"),
    ({**HTTPS, "Suites": "stable/"}, "expected Components, or Suites that end in a slash"),
    (
        {"baseurl": "https://x.example", "metalink": "https://x.example"},
        "expected only one of URIs, baseurl, mirrorlist",
    ),
    ({**HTTPS, "URIs": "https://me:secret@x.example"}, "user and password would be in the spec"),
    ({**HTTPS, "URIs": "ftp://x.example"}, "expected an address"),
    ({**HTTPS, "URIs": "copy:/etc"}, "expected an address"),
    ({**HTTPS, "URIs": "https://x.example [trusted=yes]"}, "expected an address"),
    ({**HTTPS, "name": "../../cron.d/x"}, "expected a name"),
    ({**HTTPS, "name": "a b"}, "expected a name"),
    ({**HTTPS, "name": "debian"}, "the name debian is that of a distro's own repository"),
    ({**HTTPS, "Signed-By": "../x.asc"}, "expected a file in the folder of the spec"),
    ({**HTTPS, "Signed-By": "~/x.asc"}, "expected a file in the folder of the spec"),
    ({**HTTPS, "Signed-By": "https://x.example/key"}, "expected https://ADDRESS#sha256=CHECKSUM"),
    ({**HTTPS, "Signed-By": f"http://x.example/key#sha256={'0' * 64}"}, "expected https://ADDRESS#sha256=CHECKSUM"),
    ({**HTTPS, "Signed-By": "https://x.example/key#sha256=abc"}, "expected https://ADDRESS#sha256=CHECKSUM"),
    ({**HTTPS, "Signed-By": "missing.asc"}, 'the key "missing.asc" can\'t be read: no such file'),
    (
        {**HTTPS, "Signed-By": "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP"},
        "no public key, or is damaged",
    ),
    ({**HTTPS, "Signed-By": "-----BEGIN OPENSSH PRIVATE KEY-----\nx\n-----END"}, "is a private key"),
    ({**HTTPS, "Signed-By": PEM}, "the key of such a repository is an OpenPGP key"),
    ({"url": "https://x.example", "key": PEM}, "key-name is missing"),
    ({"url": "https://x.example", "key": f"https://x.example/..#sha256={'0' * 64}"}, "can't be the name of a key file"),
    ({"url": "https://x.example", "key": PEM, "key-name": "../x"}, "expected the name of a key file"),
    ({"url": "https://x.example https://y.example"}, "expected one address"),
    ({"Server": "https://x.example https://y.example"}, "expected one address"),
    ({"baseurl": "https://x.example", "name": "main"}, "the name main is that of a distro's own repository"),
    ({"Server": "https://x.example", "SigLevel": "Never\nInclude = /x"}, "SigLevel"),
]


@pytest.mark.parametrize(("row", "why"), WRONG, ids=[why for _, why in WRONG])
def test_what_no_repository_may_be_is_refused_where_it_is_written(
    row: dict[str, object], why: str, tmp_path: Path
) -> None:
    text = refusal({"repositories": [row]}, tmp_path)
    assert why in text
    assert text.startswith("repositories[0]")


@pytest.mark.parametrize("form", [DEB, RPM, APK, PACMAN, XBPS], ids=["deb", "rpm", "apk", "pacman", "xbps"])
@pytest.mark.parametrize(
    "end", ["\nTrusted: yes", "\r\nTrusted: yes", "\n\nTypes: deb", "\x00", "\x0bx", "\u2028x", "\x85x"]
)
def test_no_value_opens_a_line_of_its_own(form: tuple[object, ...], end: str) -> None:
    usual = {"URIs": "https://x.example", "Suites": "./", "baseurl": "https://x.example", "url": "https://x.example"}
    usual |= {"Server": "https://x.example", "repository": "https://x.example"}
    keys = [field.key for field in form]  # type: ignore[attr-defined]
    needed = {key: value for key, value in usual.items() if key in keys}
    for key in keys:
        with pytest.raises((SpecError, UsageError)):
            repository({**needed, key: f"{needed.get(key, 'yes')}{end}"})


OWN: dict[ManagerName, dict[str, object]] = {
    "apt": {"URIs": "https://x.example/d", "Suites": "./"},
    "dnf5": {"baseurl": "https://x.example/$releasever"},
    "apk": {"url": "https://x.example"},
    "pacman": {"Server": "https://x.example/$repo/$arch"},
    "xbps": {"repository": "https://x.example"},
}


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(sorted(OWN)),
    st.text(alphabet=st.sampled_from("ab /:.\n\r\t[]=#\"'\\$()*@-_\x00\x0b\x85\u2028"), max_size=12),
    st.integers(0, 13),
)
def test_each_file_has_the_lines_of_its_fields_and_no_other(manager: ManagerName, text: str, place: int) -> None:
    form = {"apt": DEB, "dnf5": RPM, "apk": APK, "pacman": PACMAN, "xbps": XBPS}[manager]
    key = form[place % len(form)].key
    plain = len(lines(repository(OWN[manager]), manager))
    try:
        spec = repository({**OWN[manager], key: text})
    except (SpecError, UsageError, ValueError):
        return
    assert plain - 1 <= len(lines(spec, manager)) <= plain + 2, text


def lines(spec: Spec, manager: ManagerName) -> list[str]:
    content = b"".join(row.content for row in preparation(spec, manager).settings if row.kind == "repository")
    return content.decode().splitlines()


def test_a_key_is_read_from_a_file_beside_the_spec_alone(tmp_path: Path) -> None:
    folder = tmp_path / "spec"
    (folder / "keys").mkdir(parents=True)
    (tmp_path / "outside.asc").write_text(THIRD)
    (folder / "keys/in.asc").write_text(THIRD)
    (folder / "in.asc").symlink_to("keys/in.asc")
    (folder / "out.asc").symlink_to("../outside.asc")
    os.mkfifo(folder / "pipe.asc")
    for name in ("in.asc", "./keys/in.asc"):
        key = repository({**HTTPS, "Signed-By": name}, folder).repositories[0].key
        assert key is not None
        assert fingerprints(key) == (FINGERPRINT,)
    for name, why in {
        "out.asc": "leads out of the folder",
        "pipe.asc": "is not a regular",
        "keys": "directory",
    }.items():
        assert why in refusal({"repositories": [{**HTTPS, "Signed-By": name}]}, folder)


def test_a_secret_key_never_goes_into_a_sandbox(tmp_path: Path) -> None:
    data = dearmor(THIRD)
    secret = bytes([data[0] & 0xC3 | 5 << 2]) + data[1:]  # the tag of a packet in the old format
    armored = base64.encodebytes(secret).decode()
    (tmp_path / "secret.gpg").write_bytes(secret)
    (tmp_path / "secret.asc").write_text(
        f"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n{armored}-----END PGP PUBLIC KEY BLOCK-----\n"
    )
    for name in ("secret.gpg", "secret.asc"):
        assert "is a private key" in refusal({"repositories": [{**HTTPS, "Signed-By": name}]}, tmp_path)
    (tmp_path / "id_rsa").write_text("root:x:0:0\n")
    text = refusal({"repositories": [{**HTTPS, "Signed-By": "id_rsa"}]}, tmp_path)
    assert "is no public key" in text
    assert "root:x" not in text


def test_the_key_counts_by_its_content_wherever_it_is(tmp_path: Path) -> None:
    (tmp_path / "a.asc").write_text(THIRD)
    beside = repository({**HTTPS, "Signed-By": "a.asc"}, tmp_path)
    within = repository({**HTTPS, "Signed-By": THIRD}, tmp_path)
    assert prepared_lines(beside) == prepared_lines(within)
    assert prepared_lines(repository(HTTPS)) != prepared_lines(within)


def test_two_repositories_need_two_names_and_the_same_one_comes_once() -> None:
    both: dict[str, object] = {"repositories": [{**HTTPS, "name": "a"}, {**HTTPS, "name": "a"}]}
    assert len(load(both).repositories) == 1
    other = {**HTTPS, "Suites": "testing", "name": "a"}
    assert "has the name a too" in refusal({"repositories": [{**HTTPS, "name": "a"}, other]})
    assert "is the same repository" in refusal({"repositories": [{**HTTPS, "name": "a"}, {**HTTPS, "name": "b"}]})


@pytest.mark.parametrize("manager", NAMES)
def test_a_repository_of_another_family_is_refused_by_name(manager: ManagerName) -> None:
    fits = {name for name, row in OWN.items() if not list(problems(repository(row), manager))}
    rpm = {"dnf4", "dnf5", "zypper", "microdnf", "tdnf", "yum"}
    own = {"dnf5"} if manager in rpm else {manager} & set(OWN)
    assert fits == own
    for name in set(OWN) - fits:
        with pytest.raises(UsageError, match=r"repositories\[0\]: "):
            preparation(repository(OWN[name]), manager)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("p p/q boolean yes", "true"),
        ("p p/q boolean no", "false"),
        ("p\tp/q\tboolean\ttrue", "true"),
        ("p p/q select Internet Site", "Internet Site"),
        ("p p/q string", ""),
    ],
)
def test_an_answer_is_what_debconf_takes(text: str, value: str) -> None:
    assert load({"answers": [text]}).answers[0].value == value


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("p p/q boolean maybe", "is a boolean: expected true or false"),
        ("p p/q boolean 1", "is a boolean: expected true or false"),
        ({"package": "p", "question": "p/q", "type": "boolean", "value": "ja"}, "expected true or false"),
        ("p p/q password secret", "a password would be in the spec"),
        ("p p/q note x", "expected one of string, boolean"),
        ("p q", "expected PACKAGE QUESTION TYPE VALUE"),
        ("p p/q string a\nroot x/y string z", "an answer has one line"),
        ({"package": "p", "question": "p/q", "type": "string", "value": "a\nb c/d string e"}, "an answer has one line"),
    ],
)
def test_an_answer_that_packages_would_read_otherwise_is_refused(answer: object, why: str) -> None:
    assert why in refusal({"answers": [answer]})


@pytest.mark.parametrize(
    "pin",
    [
        {"Package": "*", "Pin": "version 1*", "Pin-Priority": "0"},
        {"Package": "*", "Pin": "version 1*", "Pin-Priority": "40000"},
        {"Package": "*\n\nPackage: y", "Pin": "version 1*", "Pin-Priority": "1"},
        {"Package": "*", "Pin": "release a=x\nPin-Priority: 9", "Pin-Priority": "1"},
        {"Package": "*", "Pin": "vrsion 1", "Pin-Priority": "1"},
    ],
)
def test_a_pin_is_one_paragraph(pin: dict[str, object]) -> None:
    assert "pins[0]" in refusal({"pins": [pin]})


@pytest.mark.parametrize("manager", NAMES)
def test_what_a_manager_has_not_is_refused_with_what_it_has(manager: ManagerName) -> None:
    spec = load(
        {
            "pins": [{"Package": "*", "Pin": "version 1*", "Pin-Priority": "900"}],
            "architectures": ["i386"],
            "answers": ["p p/q string x"],
        }
    )
    found = dict(problems(spec, manager))
    assert set(found) == (set() if manager == "apt" else {"pins", "architectures", "answers[0]"})
    assert all(len(text) > 20 for text in found.values())


def test_a_key_says_its_fingerprint_and_when_it_expires() -> None:
    assert public_keys(dearmor(THIRD)) == (PublicKey(fingerprint=FINGERPRINT),)
    (old,) = public_keys(dearmor(OLD))
    assert old.expires == OLD_EXPIRES
    for end in range(1, len(dearmor(OLD)) - 1, 7):
        with pytest.raises(ValueError, match="ends within"):
            public_keys(dearmor(OLD)[:end])
