"""What doctor says of an account that lacks something, and the commands of docs/how-to/fargate as they are printed."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest
from tests.integration.running import Program
from tests.matrix import FULL
from tests.rooms import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.fargate.rig import Rig

pytestmark = FULL
PAGE: Final = ROOT / "docs" / "how-to" / "fargate.md"
NO_ENVIRON: Final = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SESSION_TOKEN": ""}
NO_REGION: Final = {"AWS_REGION": "", "AWS_DEFAULT_REGION": ""}


@pytest.fixture
def program(fargate: Rig, engine_url: str, tmp_path: Path) -> Program:
    found = Program(folder=tmp_path, engine=engine_url, environ={**fargate.environ, "HOME": str(tmp_path)})
    write_settings(found, fargate.settings)
    return found


def write_settings(program: Program, text: str) -> None:
    path = program.folder / "config" / "sandbox" / "config.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def with_setting(fargate: Rig, key: str, value: str) -> str:
    """Return the settings of the account with another value, or without a key."""
    rest = "".join(line for line in fargate.settings.splitlines(keepends=True) if not line.startswith(f"  {key}:"))
    return f"{rest}  {key}: {value}\n" if value else rest


OTHER: Final = "arn:aws:ecs:eu-west-1:123456789012:cluster/web"
LACKS: Final[Mapping[str, tuple[tuple[str, str], Mapping[str, str], str, str]]] = {
    "no credentials": (("", ""), NO_ENVIRON, "credentials", "there are no credentials for AWS"),
    "no region": (("region", ""), NO_REGION, "region", "sandbox doesn't know the AWS region"),
    "no cluster": (("cluster", "nowhere"), {}, "cluster", "aws ecs create-cluster --region us-east-1"),
    "cluster elsewhere": (("cluster", OTHER), {}, "cluster", "the cluster web is in eu-west-1, not in us-east-1"),
    "no subnet": (("subnets", "[subnet-0123]"), {}, "subnets", "there is no subnet subnet-0123 in us-east-1"),
    "no role": (("execution_role", "arn:aws:iam::000000000000:role/nobody"), {}, "role", "there is no role nobody"),
    "no log group": (("log_group", "/nowhere"), {}, "log group", "aws logs create-log-group --region us-east-1"),
    "no repository": (("repository", "nowhere"), {}, "repository", "aws ecr create-repository --region us-east-1"),
}


@pytest.mark.parametrize("case", LACKS)
def test_doctor_names_what_is_missing_and_what_to_do(fargate: Rig, program: Program, case: str) -> None:
    (key, value), environ, about, words = LACKS[case]
    write_settings(program, with_setting(fargate, key, value))
    done = replace(program, environ={**program.environ, **environ}).run("doctor", "--on", "fargate")
    level = "warning" if case == "no repository" else "problem"
    (line,) = [row for row in done.stdout.decode().splitlines() if row.startswith(level)]
    assert line.split(maxsplit=1)[1].startswith(about), done.stdout
    assert words in line
    assert "next: " in line
    assert done.returncode == (0 if level == "warning" else 1)
    assert b"Traceback" not in done.stderr


def test_doctor_says_that_a_token_has_expired(fargate: Rig, program: Program) -> None:
    fargate.fault("expired", times=99)
    done = program.run("doctor", "--on", "fargate")
    assert b"AWS does not accept the credentials: ExpiredTokenException    next: aws sso login" in done.stdout
    tried = program.run("trial", "web-tools", "--distro", "alpine", "--on", "fargate")
    assert tried.stderr.count(b"ExpiredTokenException") == tried.stderr.count(b"aws sso login") == 1
    assert b"token-of-the-rig" not in done.stdout + done.stderr + tried.stderr


def test_without_botocore_doctor_names_the_line_that_installs_it(program: Program) -> None:
    done = subprocess.run(
        (sys.executable, "-c", WITHOUT), capture_output=True, env=program.env({}), cwd=program.work, check=False
    )
    assert b"the Python package botocore is not installed    next: " in done.stdout
    assert (done.returncode, done.stderr) == (1, b"")


WITHOUT: Final = """
import importlib.util as util, sys
find = util.find_spec
util.find_spec = lambda name, *rest: None if name == "botocore" else find(name, *rest)
sys.argv = ["sandbox", "doctor", "--on", "fargate"]
from sandbox.cli.main import main
main()
"""


def commands() -> list[str]:
    """Return the commands of the page's code, a line each."""
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    return [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]


def test_from_an_empty_account_to_a_trial_it_takes_six_commands() -> None:
    section = PAGE.read_text().split("## From an empty account to a trial")[1].split("\n## ")[0]
    block = re.findall(r"^```sh\n(.*?)^```", section, re.DOTALL | re.MULTILINE)[0]
    assert len(block.replace("\\\n", " ").splitlines()) == 6


def test_the_commands_of_the_page_run_as_they_are_printed(fargate: Rig, program: Program) -> None:
    (program.work / "sandboxes").mkdir()
    (program.work / "sandboxes" / "web-tools.yaml").write_text("packages: [lab-tool]\nchecks:\n  - run: labtool\n")
    rows = {name: fargate.push(f"sandbox-lab/{image}", name) for name, image in IMAGES.items()}
    table = "".join(f"{name}: {{image: '{reference}'}}\n" for name, reference in rows.items())
    (program.folder / "config" / "sandbox" / "distros.yaml").write_text(table)
    ours = [shlex.split(line)[1:] for line in commands() if line.startswith("sandbox ")]
    assert [words[0] for words in ours] == ["doctor", "trial", "try", "list", "clean"]
    for words in ours:
        options, dashes, command = " ".join(words).replace("htop", "lab-tool", 1).partition(" -- ")
        done = program.run(*options.split(), *dashes.split(), *command.replace("htop", "labtool").split())
        assert done.returncode == 0, (words, done.stdout, done.stderr)
    assert [kind for kind in fargate.left() if kind != "images"] == []


IMAGES: Final = {"alpine": "apk", "debian": "apt-bookworm"}
