"""A host of apt becomes a value: what its manager says and its files hold, without what is secret or of it alone."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from sandbox.core.programs import source
from sandbox.errors import UsageError
from sandbox.managers import apt
from sandbox.managers.apt.host_state import read_host
from sandbox.managers.host_state import HostPackage, host_notes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sandbox.managers.host_state import HostState

KEY = b"\x98\x06\x04\x60\x00\x00\x00\x01"
"""An OpenPGP public key's packet, as short as one can be (RFC 9580, 5.5.2)."""
SECRET = b"\x94" + KEY[1:]
PACKAGES = (
    "ii \tsl\t5.02-1\tamd64\nhi \ttree\t2.1.0-1\tamd64\nrc \told\t1\tamd64\niF \thalf\t1\tall\nii \tlibc6\t2.36\ti386\n"
)
PLACES = "LIST sources.list KEYS trusted.gpg.d PARTS sources.list.d PIN preferences AUTH auth.conf KEY trusted.gpg"


def host(folder: Path, packages: str = PACKAGES, records: str = "") -> HostState:
    words = PLACES.split()
    said = {
        "dpkg-query": packages,
        "dpkg-query -s": records,
        "dpkg": "amd64\n",
        "apt-mark showmanual": "tree\n",
        "apt-mark showhold": "tree\n",
        "apt-config": "".join(
            f"{name}='{folder}/{file}'\n" for name, file in zip(words[::2], words[1::2], strict=True)
        ),
    }

    def run(argv: tuple[str, ...], _: Mapping[str, str]) -> tuple[int, str, str]:
        return 0, said.get(" ".join(argv), said.get(argv[0], "")), ""

    return read_host(run)


def test_packages_come_with_their_marks_and_others_are_told(tmp_path: Path) -> None:
    found = host(tmp_path)
    assert found.packages == (
        HostPackage(name="sl", version="5.02-1", is_manual=False),
        HostPackage(name="tree", version="2.1.0-1", is_held=True),
    )
    assert found.left_out == ("libc6:i386: of another architecture", "half: not whole on this host")
    assert found.rows == "sl 5.02-1 auto free\ntree 2.1.0-1 manual hold\n"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("deb https://user:word@private.example/debian stable main", "its address holds a user or a password"),
        ("deb [trusted=yes] http://token@private.example/ ./", "its address holds a user or a password"),
        ("deb file:/srv/packages ./", "a sandbox can't reach file: sources"),
        ("deb cdrom:[Debian]/ bookworm main", "a sandbox can't reach cdrom: sources"),
        ("deb http://localhost:3142/debian stable main", "its address is this host's own"),
        ("deb http://127.0.0.1/debian stable main", "its address is this host's own"),
    ],
)
def test_a_source_with_a_password_or_of_this_host_alone_stays_here(tmp_path: Path, line: str, reason: str) -> None:
    (tmp_path / "sources.list").write_text(f"# word of a comment\ndeb http://deb.example/debian stable main\n{line}\n")
    found = host(tmp_path)
    assert [file.content for file in found.files] == [b"deb http://deb.example/debian stable main\n"]
    assert f"a source in {tmp_path}/sources.list: {reason}" in found.left_out


def test_a_deb822_stanza_with_a_password_or_a_secret_key_stays_here(tmp_path: Path) -> None:
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list.d" / "a.sources").write_text(
        "Types: deb\nURIs: https://good.example/\nSuites: x\n\n"
        "Types: deb\nURIs: https://good.example/\n  https://me:word@private.example/\nSuites: x\n\n"
        "Types: deb\nURIs: https://c.example\nSuites: x\nSigned-By:\n -----BEGIN PGP PRIVATE KEY BLOCK-----\n"
    )
    found = host(tmp_path)
    (file,) = found.files
    assert (file.path, b"word" in file.content, b"PRIVATE" in file.content) == (
        "/etc/apt/sources.list.d/a.sources",
        False,
        False,
    )
    assert b"https://good.example/" in file.content
    assert found.needs_certificates


def test_public_keys_come_and_secret_ones_stay(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.mkdir()
    for name, data in (("public.gpg", KEY), ("secret.gpg", SECRET), ("text.gpg", b"root:x:0")):
        (keys / name).write_bytes(data)
    lines = [
        f"deb [signed-by={keys}/{name}] http://a.example/ ./\n" for name in ("public.gpg", "secret.gpg", "text.gpg")
    ]
    (tmp_path / "sources.list").write_text("".join(lines))
    found = host(tmp_path)
    assert [file.path for file in found.files if file.path.endswith(".gpg")] == [f"{keys}/public.gpg"]
    assert f"{keys}/secret.gpg: it holds a secret key" in found.left_out
    assert f"{keys}/text.gpg: no public key" in found.left_out


def test_pins_come_and_passwords_stay(tmp_path: Path) -> None:
    (tmp_path / "preferences").write_text("Package: *\nPin: release a=stable\nPin-Priority: 900\n")
    (tmp_path / "auth.conf").write_text("machine a.example login me password word\n")
    found = host(tmp_path)
    assert [file.path for file in found.files] == ["/etc/apt/preferences"]
    assert f"{tmp_path}/auth.conf: passwords stay on this host" in found.left_out


def test_records_of_dpkg_are_those_of_the_native_architecture(tmp_path: Path) -> None:
    records = (
        "Package: libc6\nStatus: install ok installed\nArchitecture: i386\nVersion: 2.36\n"
        "Package: tree\nStatus: install ok installed\nArchitecture: amd64\nVersion: 2.1.0-1\n"
        "Description: x\n Package: no\n"
    )
    sl, tree = host(tmp_path, records=records).packages
    assert (sl.record, tree.record.splitlines()[-1]) == ("", " Package: no")


def test_a_host_whose_manager_does_not_answer_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="did not say which packages it has"):
        host(tmp_path, packages="")


def test_what_a_sandbox_has_otherwise_is_told_by_name() -> None:
    text = "Setting up sl\nsandbox-host missing mine\nsandbox-host other a\nsandbox-host other b\n"
    assert [*host_notes(text)] == [
        "1 package without files in the sandbox, since no repository has it any more: mine",
        "2 packages with the files of another version, since the repositories no longer have this host's: a and b",
    ]


def test_the_files_of_a_host_are_written_by_their_program(tmp_path: Path) -> None:
    """The program writes below /etc/apt; here its places are those of a folder."""
    text = source(apt.__name__, "host_files.sh").replace("/etc/apt", f"{tmp_path}/apt")
    (tmp_path / "apt" / "sources.list.d").mkdir(parents=True)
    (tmp_path / "apt" / "apt.conf.d").mkdir()
    (tmp_path / "apt" / "sources.list.d" / "base.sources").write_text("Types: deb\n")
    rows = f"{tmp_path}/apt/sources.list ZGViIHg=\n"
    subprocess.run(["sh", "-c", text, "sh", "stable"], input=rows.encode(), check=True, env=dict(os.environ))
    assert (tmp_path / "apt" / "sources.list").read_text() == "deb x"
    assert not (tmp_path / "apt" / "sources.list.d" / "base.sources").exists()
    assert "Default-Release" in (tmp_path / "apt" / "apt.conf.d" / "00release-of-host").read_text()
