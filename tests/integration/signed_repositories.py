"""Repositories that a test signs with a key of its own, and serves: what a third party offers."""

from __future__ import annotations

import hashlib
import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """A key of OpenPGP in a home of its own."""

    home: Path

    def gpg(self, *words: str, stdin: bytes = b"") -> bytes:
        """Return what gpg printed."""
        argv = ["gpg", "--homedir", str(self.home), "--batch", "--quiet", "--pinentry-mode", "loopback", *words]
        return subprocess.run(argv, input=stdin, capture_output=True, check=True).stdout

    @property
    def public(self) -> str:
        """The public key in armour."""
        return self.gpg("--armor", "--export").decode()

    @property
    def fingerprint(self) -> str:
        """Its fingerprint."""
        rows = self.gpg("--with-colons", "--list-keys").decode().splitlines()
        return next(row.split(":")[9] for row in rows if row.startswith("fpr:"))

    def close(self) -> None:
        """End the agent that gpg has started for this home."""
        subprocess.run(["gpgconf", "--homedir", str(self.home), "--kill", "all"], check=True)


def signer(home: Path, *, expires: str = "0", made: str = "") -> Signer:
    """Return a new key; `made` is the time it claims to be of, as 20240101T000000."""
    home.mkdir(mode=0o700)
    found = Signer(home=home)
    faked = ["--faked-system-time", made] if made else []
    found.gpg(*faked, "--passphrase", "", "--quick-gen-key", "Third <third@lab.test>", "rsa2048", "sign", expires)
    return found


def deb_repository(folder: Path, signed_by: Signer, *, made: str = "") -> None:
    """Sign the index of the deb files in a folder."""
    argv = ["dpkg-scanpackages", "--multiversion", "."]
    packages = subprocess.run(argv, cwd=folder, capture_output=True, check=True).stdout
    (folder / "Packages").write_bytes(packages)
    sums = f" {hashlib.sha256(packages).hexdigest()} {len(packages)} Packages"
    release = f"Date: Mon, 01 Jan 2024 00:00:00 UTC\nSHA256:\n{sums}\n".encode()
    faked = ["--faked-system-time", made] if made else []
    (folder / "InRelease").write_bytes(signed_by.gpg(*faked, "--clearsign", stdin=release))


def deb_package(folder: Path, name: str, version: str, scripts: dict[str, str] | None = None) -> None:
    """Write a package whose command prints its version; `scripts` are files beside its control file."""
    root = folder / f".{name}"
    command = root / "usr/bin" / name
    command.parent.mkdir(parents=True, exist_ok=True)
    command.write_text(f"#!/bin/sh\necho {name} {version}\n")
    command.chmod(0o755)
    (root / "DEBIAN").mkdir(exist_ok=True)
    fields = f"Package: {name}\nVersion: {version}\nArchitecture: all\nMaintainer: lab <lab@lab.test>\n"
    (root / "DEBIAN/control").write_text(f"{fields}Description: of a third party\n")
    for script, text in (scripts or {}).items():
        (root / "DEBIAN" / script).write_text(text)
        (root / "DEBIAN" / script).chmod(0o644 if script == "templates" else 0o755)
    argv = ["dpkg-deb", "--root-owner-group", "-b", str(root), str(folder / f"{name}_{version}_all.deb")]
    subprocess.run(argv, check=True, capture_output=True, env={**os.environ, "SOURCE_DATE_EPOCH": "1704067200"})
