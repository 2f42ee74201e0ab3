"""Packages of languages, locked by their own hashes: by the real pip and npm, again with a network and without."""

from __future__ import annotations

import json
import re
import subprocess
from base64 import b64decode
from typing import TYPE_CHECKING, Any, Final

import pytest
from tests.integration.boxes import with_runtimes
from tests.integration.running import Program
from tests.matrix import FULL

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.engine.docker.client import DockerEngine

PATIENT: Final = 400.0
SEEN: Final = r"""
pyfiglet --version 2>&1 | head -n 1
cowsay hi | sed -n 2p
find /opt/pip /usr/local/lib/node_modules -type f ! -name '*.pyc' ! -path '*/.bin/*' ! -name direct_url.json |
    sort | xargs sha256sum | sha256sum
ls -d /var/cache/sandbox* 2>/dev/null || :
grep -c eth /proc/net/dev || :
"""


@pytest.fixture
def program(tmp_path: Path, engine: DockerEngine) -> Program:
    """Give the program where the runtimes are in the image: each run is about the languages' packages alone."""
    found = Program(folder=tmp_path, engine=engine.url)
    image = with_runtimes(engine)
    text = f"image: {image}\ndistro: debian:bookworm\npackages: ['pip:pyfiglet', 'npm:cowsay=1.5.0']\n"
    (found.work / "both.yaml").write_text(text)
    return found


def run(program: Program, *words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        program.argv(*words),
        input=stdin,
        capture_output=True,
        env=program.env({}),
        cwd=program.work,
        timeout=PATIENT,
        check=False,
    )


def test_what_pip_installed_is_held_to_its_hashes(program: Program) -> None:
    (program.work / "one.yaml").write_text((program.work / "both.yaml").read_text().replace(", 'npm:cowsay=1.5.0'", ""))
    written = run(program, "lock", "./one.yaml", "--quiet")
    assert written.returncode == 0, written.stderr.decode()
    lock = (program.work / "one.lock.yaml").read_text()
    assert re.search(r"- pip:pyfiglet pyfiglet \S+ \d+ sha256:[0-9a-f]{64}\n", lock)
    is_refused_where_a_hash_is_another(program, "one", lock)


@FULL
def test_what_pip_and_npm_installed_comes_again_by_its_hashes_and_without_a_network(program: Program) -> None:
    written = run(program, "lock", "./both.yaml", "--quiet", "--sbom", "both.cdx.json")
    assert written.returncode == 0, written.stderr.decode()
    assert re.search(rb"0 packages and \d\d files of npm and pip", written.stdout), written.stdout
    lock = (program.work / "both.lock.yaml").read_text()
    assert re.search(r"- npm:cowsay node_modules/cowsay 1\.5\.0 \d+ sha512-8Ipzr54Z8zROr/62C8f0P", lock)
    assert re.search(r"- pip:pyfiglet pyfiglet \S+ \d+ sha256:[0-9a-f]{64}\n", lock)

    lists_what_is_locked(json.loads((program.work / "both.cdx.json").read_text()), lock)

    locked = run(program, "try", "--spec", "./both.yaml", "--locked", "--quiet", stdin=SEEN.encode())
    *wanted, online = locked.stdout.splitlines()
    assert online == b"1", locked.stderr.decode()
    assert b"< hi >" in wanted
    assert not [line for line in wanted if b"/var/cache" in line]

    packed = run(program, "bundle", "./both.yaml", "-o", "both.sandbox", "--quiet")
    assert packed.returncode == 0, packed.stderr.decode()
    replayed = run(program, "try", "--bundle", "both.sandbox", "--quiet", stdin=SEEN.encode())
    *found, network = replayed.stdout.splitlines()
    assert network == b"0", replayed.stderr.decode()
    assert found == wanted

    is_refused_where_a_hash_is_another(program, "both", lock)


def is_refused_where_a_hash_is_another(program: Program, name: str, lock: str) -> None:
    """Change a hash in a lock; a try by it ends before its command."""
    changed = re.sub(r"(pip:pyfiglet pyfiglet \S+ \d+ sha256:)[0-9a-f]{4}", r"\g<1>abcd", lock)
    (program.work / f"{name}.lock.yaml").write_text(changed)
    other = run(program, "try", "--spec", f"./{name}.yaml", "--locked", "--quiet", "--", "pyfiglet", "ran")
    assert (other.returncode, other.stdout) == (6, b""), other.stderr.decode()
    assert re.search(
        rb"pip:pyfiglet/pyfiglet: \S+ sha256:abcd\S+ is locked, \S+ sha256:\S+ was installed", other.stderr
    )


def lists_what_is_locked(bill: dict[str, Any], lock: str) -> None:
    """Hold a bill to its lock: the hash of each package is that of its file, and cowsay needs what it says."""
    rows = {row["purl"]: row for row in bill["components"] if "purl" in row}
    hashes = {purl: row["hashes"][0]["content"] for purl, row in rows.items() if "hashes" in row}
    locked = {hashes[purl] for purl in hashes}
    sums = set(re.findall(r"sha256:([0-9a-f]{64})", lock))
    sums |= {b64decode(one).hex() for one in re.findall(r"sha512-(\S+)", lock)}
    assert locked == sums
    cowsay = "pkg:npm/cowsay@1.5.0"
    assert rows[cowsay]["licenses"] == [{"license": {"id": "MIT", "acknowledgement": "declared"}}]
    (needs,) = (row["dependsOn"] for row in bill["dependencies"] if row["ref"] == cowsay)
    assert {re.sub(r"@[^@]*$", "", purl) for purl in needs} >= {"pkg:npm/yargs", "pkg:npm/string-width"}


@FULL
def test_one_language_package_is_renewed_and_the_other_held(program: Program) -> None:
    spec, lock = program.work / "both.yaml", program.work / "both.lock.yaml"
    newest = spec.read_text()
    spec.write_text(newest.replace("pip:pyfiglet", "pip:pyfiglet=0.8.post1").replace("cowsay=1.5.0", "cowsay=1.4.0"))
    assert run(program, "lock", "./both.yaml", "--quiet").returncode == 0
    for file in (spec, lock):  # a lock of earlier, of a spec that asks for no versions
        file.write_text(re.sub(r"((?:pip:pyfiglet|npm:cowsay))=[0-9a-z.]+", r"\1", file.read_text()))

    renewed = run(program, "lock", "./both.yaml", "--update", "npm:cowsay", "--quiet")
    assert renewed.returncode == 0, renewed.stderr.decode()
    assert re.search(rb"  ~ npm:cowsay/node_modules/cowsay 1\.4\.0 -> 1\.[5-9]", renewed.stdout), renewed.stdout
    assert re.search(r"- pip:pyfiglet pyfiglet 0\.8\.post1 ", lock.read_text())

    other = run(program, "lock", "./both.yaml", "--update", "pip:pyfiglet", "--quiet")
    assert other.returncode == 0, other.stderr.decode()
    assert re.search(rb"  ~ pip:pyfiglet/pyfiglet 0\.8\.post1 -> [1-9]", other.stdout), other.stdout
    assert b"npm:cowsay" not in other.stdout
    unknown = run(program, "lock", "./both.yaml", "--update", "pip:nope", "--quiet")
    assert (unknown.returncode, b"pip:nope is not locked" in unknown.stderr) == (2, True)


def test_a_language_whose_packages_have_no_files_is_refused_with_the_reason(program: Program) -> None:
    (program.work / "both.yaml").write_text("distro: debian:bookworm\npackages: ['cargo:ripgrep']\n")
    done = run(program, "lock", "./both.yaml", "--quiet")
    assert done.returncode == 2
    assert b"packages of cargo can't be locked: cargo compiles what it installs" in done.stderr
