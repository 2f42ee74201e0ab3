"""What is promoted, by the tools it is for: docker build, cloud-init's schema, ansible; and real packages' proofs."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace as replaced
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from jsonschema import Draft4Validator
from msgspec.structs import replace
from tests.integration.boxes import below_postgres, with_runtimes
from tests.integration.running import ARCHIVE, Program
from tests.integration.test_conformance import FAMILIES
from tests.integration.test_proof import host_for
from tests.integration.test_proof import promotion_for as lab_promotion
from tests.matrix import FULL, first
from tests.unit.fakes import FakeReporter
from tests.unit.fakes.promotions import HTOP, HTTPIE, JQ, PROMOTION, promotion_for

from sandbox.distros.detect import host_target
from sandbox.engine.labels import KIND
from sandbox.engine.protocol import BuildRequest
from sandbox.lifecycle.journal import Journal, Record, RecordedPackage
from sandbox.managers.config_files import ConfigChange
from sandbox.managers.hand_steps import HandStep
from sandbox.managers.protocol import PackageRef
from sandbox.promote.formats.base import PromotedPackage
from sandbox.promote.formats.registry import FORMATS
from sandbox.promote.translate import translate
from sandbox.promote.verify import prove, proving
from sandbox.provision.network import host_network
from sandbox.specs.load import load_spec

if TYPE_CHECKING:
    from sandbox.engine.docker.client import DockerEngine

ROWS = Path(__file__).parents[1] / "lab" / "distros.yaml"
PLAYBOOK = Path(sys.executable).with_name("ansible-playbook")
SCHEMA = """
cd /tmp && apt-get -qq update && apt-get -qq download cloud-init && dpkg -x cloud-init_*.deb cloud &&
cat cloud/usr/lib/python3/dist-packages/cloudinit/config/schemas/schema-cloud-config-v1.json
"""


@pytest.fixture
def program(tmp_path: Path, engine_url: str, base: str) -> Program:
    assert base
    return Program(folder=tmp_path, engine=engine_url, debian=ARCHIVE)


def test_docker_builds_the_dockerfile(tmp_path: Path, engine: DockerEngine, program: Program) -> None:
    (tmp_path / "Dockerfile").write_text(FORMATS["dockerfile"].render(replace(PROMOTION, packages=(HTOP,))))
    tag = f"promotion-test:{os.getpid()}"
    arguments = {"BASE": ARCHIVE, **host_network(os.environ).proxies}
    words = [word for key, value in arguments.items() for word in ("--build-arg", f"{key}={value}")]
    try:
        if engine.title.startswith("podman"):  # its default limits are often refused, and this command can't set them
            asked = BuildRequest(
                dockerfile=str(tmp_path / "Dockerfile"), reference=tag, labels={KIND: "test"}, arguments=arguments
            )
            engine.build(asked, lambda _: None)
        else:
            argv = ["docker", "-H", engine.url, "build", "-q", "-t", tag, *words, str(tmp_path)]
            built = subprocess.run(argv, capture_output=True, text=True, check=False)
            assert built.returncode == 0, built.stderr
        shown = program.run("try", "--image", tag, "--quiet", "--", "htop", "--version")
        assert b"htop 3.2.2" in shown.stdout
    finally:
        engine.remove_image(tag)


DEVCONTAINERS = "@devcontainers/cli@0.89.0"


@FULL
@pytest.mark.skipif(not shutil.which("npm"), reason="there is no npm, from which the command devcontainer comes")
def test_the_dev_containers_command_brings_the_devcontainer_up(tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    value = json.loads(FORMATS["devcontainer"].render(replace(PROMOTION, packages=(HTOP,))))
    (folder / ".devcontainer.json").write_text(json.dumps({**value, "image": ARCHIVE}))
    added = subprocess.run(
        ["npm", "install", "--silent", "--prefix", tmp_path, DEVCONTAINERS], capture_output=True, text=True, check=False
    )
    assert added.returncode == 0, added.stderr
    program = str(tmp_path / "node_modules" / ".bin" / "devcontainer")
    try:
        argv = [program, "up", "--workspace-folder", str(folder), "--log-format", "json"]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        assert json.loads(done.stdout.splitlines()[-1])["outcome"] == "success", done.stderr[-2000:]
        argv = [program, "exec", "--workspace-folder", str(folder), "htop", "--version"]
        assert "htop 3.2.2" in subprocess.run(argv, capture_output=True, text=True, check=False).stdout
    finally:
        mine = ["docker", "ps", "-aq", "--filter", f"label=devcontainer.local_folder={folder}"]
        for ident in subprocess.run(mine, capture_output=True, text=True, check=False).stdout.split():
            subprocess.run(["docker", "rm", "-f", ident], capture_output=True, check=False)


def test_cloud_init_takes_the_document(program: Program) -> None:
    shown = program.run("try", "--distro", "debian:bookworm", "-q", "--", "sh", "-c", SCHEMA)
    assert shown.returncode == 0, shown.stderr
    schema = json.loads(shown.stdout[shown.stdout.index(b"{") :])
    document = yaml.safe_load(FORMATS["cloud-init"].render(replace(PROMOTION, packages=(HTOP, HTTPIE))))
    assert not list(Draft4Validator(schema).iter_errors(document))
    assert list(Draft4Validator(schema).iter_errors({"runcmd": 3}))


ELSEWHERE = replace(PROMOTION, packages=(HTOP, JQ))
PATHS = "(import /tmp/default.nix { pkgs = { buildEnv = x: x; htop = ''h''; jq = ''j''; }; }).paths"
NIX = f"""
PATH=$PATH:/root/.nix-profile/bin:/nix/var/nix/profiles/default/bin
cat >/tmp/default.nix && nix-instantiate --eval --strict --json -E "{PATHS}"
"""
BREW = """
def brew(name) = puts(name)
eval(File.read("/mnt/Brewfile"))
"""


def test_nix_evaluates_the_expression() -> None:
    text = FORMATS["nix"].render(ELSEWHERE)
    argv = ["docker", "run", "--rm", "-i", "sandbox-lab/nix", "sh", "-c", NIX]
    done = subprocess.run(argv, input=text, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, '["h","j"]\n'), done.stderr


def test_ruby_runs_the_brewfile(tmp_path: Path) -> None:
    (tmp_path / "Brewfile").write_text(FORMATS["brewfile"].render(ELSEWHERE))
    argv = ["docker", "run", "--rm", "-v", f"{tmp_path}:/mnt:ro", "sandbox-lab/languages", "ruby", "-e", BREW]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split()) == (0, ["htop", "jq"]), done.stderr


@pytest.mark.skipif(not PLAYBOOK.exists(), reason="ansible-core is not in .venv")
@pytest.mark.parametrize("distro", first(["debian", "nixos", "fedora", "rocky", "photon"], 2))
def test_ansible_reads_the_playbook(tmp_path: Path, distro: str) -> None:
    path = tmp_path / "playbook.yml"
    left_out = ("setup: echo {{ x }} {% y %}",)
    path.write_text(FORMATS["ansible"].render(replace(promotion_for(distro), left_out=left_out)))
    done = subprocess.run(
        [PLAYBOOK, "--syntax-check", "-i", "localhost,", path],
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr


PACKAGES = PLAYBOOK.parents[1] / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
PLAY = f"""
play() {{ PYTHONPATH={PACKAGES} python3 -m ansible.cli.playbook -c local -i localhost, /mnt/playbook.yml; }}
cd /tmp && play && play | grep -A1 RECAP && htop --version && cat /etc/apt/preferences.d/htop || exit
tail -n 1 /etc/apt/sources.list
cksum </etc/apt/keyrings/k.gpg
apt-mark showhold; dpkg-statoverride --list; dpkg-divert --truename /usr/bin/yes; dpkg --print-foreign-architectures
update-alternatives --query awk | grep ^Status
"""


STEPS = (
    HandStep(kind="architecture", words=("i386",)),
    HandStep(kind="hold", words=("htop",)),
    HandStep(kind="diversion", words=("/usr/bin/yes", "/usr/bin/yes.mine")),
    HandStep(kind="override", words=("root", "mail", "2755", "/usr/bin/wall")),
    HandStep(kind="alternative", words=("awk", "/usr/bin/mawk")),
)


@pytest.mark.skipif(not PLAYBOOK.exists(), reason="ansible-core is not in .venv")
@FULL
@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="bookworm's Python can't read another one's packages")
def test_ansible_plays_the_playbook_and_changes_nothing_again(engine: DockerEngine, tmp_path: Path) -> None:
    program = Program(folder=tmp_path, engine=engine.url, debian=with_runtimes(engine))
    promotion = replace(
        PROMOTION,
        packages=(HTOP,),
        settings=(
            ConfigChange(kind="pin", path="/etc/apt/preferences.d/htop", content=b"# {{ mine }} $(id)\n"),
            ConfigChange(kind="key", path="/etc/apt/keyrings/k.gpg", content=bytes(range(256))),
            ConfigChange(kind="repository", path="/etc/apt/sources.list", content=b"# {{ hostile }}\n", added=True),
        ),
        steps=STEPS,
    )
    folder = program.folder / "play"
    folder.mkdir()
    (folder / "playbook.yml").write_text(FORMATS["ansible"].render(promotion))
    mounts = ("--mount", f"{folder}:/mnt:ro", "--mount", f"{PACKAGES}:{PACKAGES}:ro")
    words = ("try", "--distro", "debian:bookworm", "--proxy-in-shell", "-q", *mounts)
    done = program.run(*words, "--", "sh", "-c", PLAY)
    said = done.stdout.decode()
    assert done.returncode == 0, (said, done.stderr)
    assert re.search(r"localhost +: ok=\d+ +changed=0 ", said), said
    stands = "htop\nroot mail 2755 /usr/bin/wall\n/usr/bin/yes.mine\ni386\nStatus: manual\n"
    assert said.endswith(f"# {{{{ mine }}}} $(id)\n# {{{{ hostile }}}}\n1313719201 256\n{stands}")


@pytest.mark.parametrize(
    "words",
    first([("redis-server",), ("vim-tiny", "nano"), ("debconf-utils", "tzdata")]),
    ids=" ".join,
)
def test_a_real_packages_script_passes_its_proof(program: Program, words: tuple[str, ...]) -> None:
    tried = program.run("try", *words, "--distro", "debian:bookworm", "-q", "--", "true")
    assert tried.returncode == 0, tried.stderr
    done = program.run("promote", "--for", "tried", "--format", "sh", "--format", "spec", "-o", ".")
    assert done.returncode == 0, done.stderr
    text = (program.work / "install.sh").read_text()
    assert "# Proven on " in text
    assert "uninstall: packages, marks and units as before" in text
    assert load_spec((program.work / "sandbox.yaml").read_bytes(), source="x").packages == words
    kept = json.loads(program.run("history", "--json").stdout)[0]
    assert [row["passed"] for row in kept["proof"]["checks"]] == [True, True, True, True]


DATABASE = """
pg_ctlcluster 15 main start && su postgres -c "psql -qc 'create database precious'" && pg_ctlcluster 15 main stop
"""
SUM = "find /var/lib/postgresql -type f -exec cksum {} + | sort"


def test_a_database_lives_through_uninstall_and_purge_until_its_data_is_to_be_deleted(
    engine: DockerEngine, tmp_path: Path
) -> None:
    """A purge of postgresql-15 drops the clusters where nobody answers its question."""
    package = PromotedPackage(ref=PackageRef(name="postgresql-15"), version="")
    promotion = replace(PROMOTION, image=below_postgres(engine), image_id="", packages=(package,))
    with proving(promotion, host=host_for(tmp_path), engine=engine, reporter=FakeReporter()) as work:
        assert work._script("-y")[1] == []
        work._must(("sh", "-c", DATABASE))
        data = work._run(("sh", "-c", SUM)).stdout
        off, wrong = work._script("--uninstall", "-y")
        assert (wrong, work._run(("sh", "-c", SUM)).stdout) == ([], data)
        assert "stays: the user postgres; 'userdel postgres' would delete it" in off.stdout
        purged, wrong = work._script("--purge", "-y")
        assert (wrong, work._run(("sh", "-c", SUM)).stdout) == ([], data)
        assert re.search(r"^stays: /var/lib/postgresql \(\d+M\)", purged.stdout, re.MULTILINE)
        assert re.search(r"^stays: the settings of.* postgresql-15[ ;]", purged.stdout, re.MULTILINE)
        assert work._script("--purge", "--delete-data", "-y")[1] == []
        assert not work._run(("sh", "-c", SUM)).stdout
        assert not {name for name in work._traces().settings if name.startswith("postgresql")}


def test_a_failed_proof_writes_nothing_unless_forced(program: Program) -> None:
    program = replaced(program, environ={"SANDBOX_DISTROS": str(ROWS)})
    assert program.run("try", "lab-tool", "--distro", "alpine", "-q", "--", "true").returncode == 0
    journal = program.journal
    journal.write_text(journal.read_text().replace('"version":"2.0', '"version":"0.6'))
    failed = program.run("promote", "--for", "tried", "-o", "install.sh")
    assert failed.returncode == 6
    assert b"but was 0.6" in failed.stderr
    (check,) = json.loads(program.run("history", "--json").stdout)[0]["proof"]["checks"]
    assert (check["name"], check["passed"]) == ("install", False)
    assert not (program.work / "install.sh").exists()
    assert program.run("promote", "--for", "tried", "--force", "-o", "install.sh").returncode == 0
    assert "# NOT proven" in (program.work / "install.sh").read_text()


def test_another_familys_names_are_looked_up_there(engine: DockerEngine, tmp_path: Path) -> None:
    ours, theirs = (next(row for row in FAMILIES if row.manager == name) for name in ("apk", "dnf5"))
    image = engine.image(theirs.image)
    assert image is not None
    promotion = lab_promotion(ours, "")
    more = PromotedPackage(ref=PackageRef(name="no-such-package-anywhere"), version="1")
    promotion = replace(promotion, packages=(*promotion.packages, more))
    there = lab_promotion(theirs, image.id)
    distro = replace(there.target.distro, image=theirs.image)
    target = replace(there.target, distro=distro)
    host, reporter = host_for(tmp_path), FakeReporter()
    found = translate(promotion, target, distro, host=host, engine=engine, reporter=reporter)
    assert [row.ref.name for row in found.packages] == ["lab-tool", "lab-extra"]
    assert found.left_out == ("no-such-package-anywhere has no counterpart on lab lab",)
    proof, seen = prove(found, host=host, engine=engine, reporter=reporter)
    assert proof.passed, proof
    assert all(row.version for row in seen.packages)


ALPINE = Record(
    session="0123456789abcdef",
    name="brave-otter",
    date="2026-11-24T20:00:00Z",
    distro="alpine",
    release="3.23",
    image="alpine:3.23",
    image_id="sha256:1",
    packages=tuple(RecordedPackage(name=name, version="1.0-r0") for name in ("fd", "alpine-baselayout")),
    settings=(
        ConfigChange(kind="repository", path="/etc/apk/repositories", content=b"http://x.invalid\n", added=True),
    ),
)


@FULL
def test_a_session_on_alpine_is_promoted_for_a_debian_host_by_the_names_there(program: Program) -> None:
    Journal(program.journal).write(ALPINE)
    here = host_target()
    words = () if here is not None and here.distro.name == "debian" else ("--for", "debian")
    done = program.run("promote", "-o", "install.sh", *words)
    told = done.stderr.decode()
    assert done.returncode == 0, told
    assert re.search(r"for +(this host, )?debian .*; sandbox promote --for tried writes one for alpine 3.23", told)
    assert "alpine-baselayout has no counterpart on debian" in told
    assert re.search(r"not captured +lines of repository /etc/apk/repositories \(of alpine", told)
    script = (program.work / "install.sh").read_text()
    assert "packages='fd-find'\n" in script
    assert "uninstall: packages, marks and units as before" in script
