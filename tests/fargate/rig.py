"""An account with Fargate on this machine: the emulator, its strict proxy, a cluster; and nothing of it at the end.

`python -m tests.fargate.rig` runs one until its standard input closes, and prints how a client reaches it.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import docker
from botocore.config import Config
from botocore.session import Session
from tests.fargate.faults import Fault
from tests.fargate.proxy import Proxy
from tests.fargate.upstream import ECR, ECS, LOGS, Upstream, caller_in
from tests.ports import free_port

from sandbox.engine.discover import find_engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fargate.faults import Faults

REGION: Final = "us-east-1"
ACCOUNT: Final = "000000000000"
GROUP: Final = "/sandbox"
REPOSITORY: Final = "sandbox"
ROLE: Final = "ecsTaskExecutionRole"
OURS: Final = "sandbox-"
"""How the names of definitions and streams of the program begin."""
LABEL: Final = "com.amazonaws.ecs.cluster"
READY: Final = 150.0
NAMED: Final = re.compile(r":cluster/rig-(\d+)-(\d+)-[0-9a-f]+$")
WATCH: Final = '"$@" & trap "kill $!" TERM; read -r _; kill $!; wait'
"""Runs the emulator until standard input closes, as it does when whoever started it dies of anything."""


class Rig:
    """What a test needs to know of the account."""

    region = REGION
    log_group = GROUP
    execution_role = f"arn:aws:iam::{ACCOUNT}:role/{ROLE}"

    def __init__(self, proxy: Proxy, cluster: str, folder: Path, engine: Any) -> None:
        self.proxy = proxy
        self.cluster = cluster
        self.url = proxy.url
        self._folder = folder
        self._engine = engine
        self._clients: dict[tuple[Any, ...], Any] = {}
        network = self.client("ec2").describe_subnets()["Subnets"]
        self.subnets = tuple(row["SubnetId"] for row in network)[:2]
        self.security_groups = tuple(
            row["GroupId"] for row in self.client("ec2").describe_security_groups()["SecurityGroups"]
        )[:1]

    def push(self, image: str, tag: str) -> str:
        """Push an image of the engine, and return its name in the repository; both go with the account."""
        reference = f"{self.registry}:{tag}"
        self._engine.images.get(image).tag(self.registry, tag=tag)
        for row in self._engine.api.push(self.registry, tag=tag, stream=True, decode=True):
            if "error" in row:
                raise RuntimeError(row["error"])
        return reference

    def forget_images(self) -> None:
        """Take the names of this account's repository off the images of the engine."""
        for reference in self._named():
            with contextlib.suppress(docker.errors.APIError):
                self._engine.api.remove_image(reference, force=True, noprune=True)

    def _named(self) -> list[str]:
        rows = self._engine.api.images()
        names = [name for row in rows for name in (*(row["RepoTags"] or ()), *(row["RepoDigests"] or ()))]
        return [name for name in names if name.startswith((f"{self.registry}:", f"{self.registry}@"))]

    @property
    def registry(self) -> str:
        """The ECR repository as Docker pushes to it: `127.0.0.1:PORT/sandbox`, without TLS."""
        return f"127.0.0.1:{self.proxy.upstream.port}/{REPOSITORY}"

    @property
    def environ(self) -> dict[str, str]:
        """The variables with which any client of AWS reaches this account and no other."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "AKIARIGRIGRIGRIGRIGR",
            "AWS_SECRET_ACCESS_KEY": "secret-of-the-rig",
            "AWS_SESSION_TOKEN": "token-of-the-rig",
            "AWS_CONFIG_FILE": str(self._folder / "aws-config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(self._folder / "aws-credentials"),
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    @property
    def settings(self) -> str:
        """The section of the program's settings, as YAML."""
        return (
            "fargate:\n"
            f"  region: {REGION}\n  cluster: {self.cluster}\n  subnets: [{', '.join(self.subnets)}]\n"
            f"  security_groups: [{', '.join(self.security_groups)}]\n  execution_role: {self.execution_role}\n"
            f"  log_group: {GROUP}\n  repository: {self.registry}\n"
        )

    @property
    def faults(self) -> Faults:
        """The faults to come."""
        return self.proxy.faults

    def fault(self, kind: str, **fields: Any) -> None:
        """Let a fault come: tests.fargate.faults.Fault has the fields."""
        self.faults.add(Fault(kind=kind, **fields))

    def client(self, service: str, **words: Any) -> Any:
        """Return a client of botocore for this account, which tries nothing twice."""
        known = (service, *words.items())
        if known not in self._clients:
            found = {"aws_access_key_id": "AKIATEST", "aws_secret_access_key": "x", "region_name": REGION, **words}
            config = Config(retries={"max_attempts": 0}, read_timeout=60)
            self._clients[known] = Session().create_client(service, endpoint_url=self.url, config=config, **found)
        return self._clients[known]

    def left(self) -> dict[str, list[str]]:
        """Return what the account and the engine hold of the program, by kind; a kind of which nothing is left is out.

        A stopped task and a definition that is being deleted go by themselves at AWS.
        """
        ask, caller = self.proxy.upstream.ask, caller_in(REGION)
        ecs = self.proxy.ecs
        tasks = [
            arn
            for status in ("RUNNING", "PENDING")
            for arn in ecs.answer("ListTasks", {"cluster": self.cluster, "desiredStatus": status}, caller)["taskArns"]
        ]
        families = ecs.answer("ListTaskDefinitionFamilies", {"familyPrefix": OURS}, caller)["families"]
        streams = ask(LOGS, "DescribeLogStreams", {"logGroupName": GROUP}, caller)["logStreams"]
        images = ask(ECR, "ListImages", {"repositoryName": REPOSITORY}, caller)["imageIds"]
        containers = self._engine.api.containers(filters={"label": _label(self.cluster)})
        found = {
            "tasks": tasks,
            "definitions": families,
            "streams": [row["logStreamName"] for row in streams],
            "images": [row["imageTag"] for row in images if row.get("imageTag", "").startswith(OURS)],
            "local names": [name for name in self._named() if name.startswith(f"{self.registry}:{OURS}")],
            "containers": [row["Names"][0] for row in containers],
        }
        return {kind: rows for kind, rows in found.items() if rows}

    def clear(self) -> None:
        """Forget faults, and remove what an earlier test left."""
        self.faults.clear()
        left = self.left()
        if not left:
            return
        ask, ecs, caller = self.proxy.upstream.ask, self.proxy.ecs, caller_in(REGION)
        for arn in left.get("tasks", ()):
            ecs.answer("StopTask", {"cluster": self.cluster, "task": arn}, caller)
        ecs.join()
        for family in left.get("definitions", ()):
            for status in ("ACTIVE", "INACTIVE"):
                asked = {"familyPrefix": family, "status": status}
                for arn in ecs.answer("ListTaskDefinitions", asked, caller)["taskDefinitionArns"]:
                    ecs.answer("DeregisterTaskDefinition", {"taskDefinition": arn}, caller)
                    ecs.answer("DeleteTaskDefinitions", {"taskDefinitions": [arn]}, caller)
        for stream in left.get("streams", ()):
            ask(LOGS, "DeleteLogStream", {"logGroupName": GROUP, "logStreamName": stream}, caller)
        for tag in left.get("images", ()):
            found = {"repositoryName": REPOSITORY, "imageIds": [{"imageTag": tag}]}
            ask(ECR, "BatchDeleteImage", found, caller)


@contextlib.contextmanager
def rig(url: str, folder: Path) -> Iterator[Rig]:
    """Give an account of its own whose tasks run on the engine at a URL."""
    with (
        contextlib.closing(docker.DockerClient(base_url=url, timeout=60)) as engine,
        _rig(engine, url, folder) as found,
    ):
        yield found


@contextlib.contextmanager
def _rig(engine: Any, url: str, folder: Path) -> Iterator[Rig]:
    sweep(engine)
    cluster = f"rig-{_space()}-{os.getpid()}-{secrets.token_hex(4)}"
    port = free_port()
    process = _emulator(port, folder, url)
    proxy = None
    try:
        _wait(port, process, folder)
        proxy = Proxy(Upstream(port), lambda arn: _kill(engine, arn))
        _fill(proxy, cluster)
        found = Rig(proxy, cluster, folder, engine)
        found.client("iam").create_role(RoleName=ROLE, AssumeRolePolicyDocument="{}")
        try:
            yield found
        finally:
            found.forget_images()
    finally:
        if proxy is not None:
            proxy.close()
        if process.stdin is not None:
            process.stdin.close()
        process.wait(timeout=READY)
        _remove(engine, _label(cluster))


def sweep(engine: Any) -> None:
    """Remove the containers of rigs whose process on this machine is dead."""
    for row in engine.api.containers(all=True, filters={"label": LABEL}):
        found = NAMED.search(row["Labels"].get(LABEL, ""))
        if found and found[1] == _space() and not Path(f"/proc/{found[2]}").exists():
            with contextlib.suppress(docker.errors.APIError):
                engine.api.remove_container(row["Id"], force=True, v=True)


def _emulator(port: int, folder: Path, url: str) -> subprocess.Popen[bytes]:
    own = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MINISTACK", "DOCKER_"))}
    environ = {
        **own,
        "BIND_HOST": "127.0.0.1",  # it binds 0.0.0.0 by default
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",  # its MQTT port is on 0.0.0.0 whatever BIND_HOST says
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
        "MINISTACK_REGION": REGION,
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_DOCKER_TIMEOUT": "120",  # 10 by default: a start on a busy machine takes longer
        "DOCKER_HOST": url,
        "TMPDIR": str(folder),
    }
    argv = [str(Path(sys.executable).with_name("ministack"))]
    with (folder / "emulator.log").open("wb") as log:
        return subprocess.Popen(
            ["sh", "-c", WATCH, "rig", *argv], stdin=subprocess.PIPE, stdout=log, stderr=log, env=environ, cwd=folder
        )


def _wait(port: int, process: subprocess.Popen[bytes], folder: Path) -> None:
    limit = time.monotonic() + READY
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/_ministack/health", timeout=5).close()
            return
        except OSError as error:
            if process.poll() is not None or time.monotonic() > limit:
                text = (folder / "emulator.log").read_text(errors="replace")[-2000:]
                message = f"the emulator did not start: {text}"
                raise RuntimeError(message) from error
            time.sleep(0.05)


def _fill(proxy: Proxy, cluster: str) -> None:
    ask, caller = proxy.upstream.ask, caller_in(REGION)
    ask(ECS, "CreateCluster", {"clusterName": cluster, "capacityProviders": ["FARGATE", "FARGATE_SPOT"]}, caller)
    ask(LOGS, "CreateLogGroup", {"logGroupName": GROUP}, caller)
    ask(ECR, "CreateRepository", {"repositoryName": REPOSITORY}, caller)


def _kill(engine: Any, arn: str) -> None:
    """End the containers of a task at once."""
    for row in engine.api.containers(filters={"label": f"com.amazonaws.ecs.task-arn={arn}"}):
        with contextlib.suppress(docker.errors.APIError):
            engine.api.kill(row["Id"])


def _label(cluster: str) -> str:
    return f"{LABEL}=arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/{cluster}"


def _remove(engine: Any, label: str) -> None:
    for row in engine.api.containers(all=True, filters={"label": label}):
        with contextlib.suppress(docker.errors.APIError):
            engine.api.remove_container(row["Id"], force=True, v=True)


def _space() -> str:
    """Return what tells this machine's process ids from those of others that share the engine."""
    try:
        return re.sub(r"\D", "", str(Path("/proc/self/ns/pid").readlink()))
    except OSError:
        return "0"


def main() -> None:
    """Run a rig for somebody who tries the program by hand."""
    with find_engine(os.environ) as engine:
        url = engine.url
    with tempfile.TemporaryDirectory(prefix="rig-") as folder, rig(url, Path(folder)) as found:
        for name, value in found.environ.items():
            print(f"export {name}={value}")
        print(
            f'# settings:\n{found.settings}# faults: curl -X PUT {found.url}/_rig/faults -d \'{{"kind": "throttle"}}\''
        )
        sys.stdout.flush()
        with contextlib.suppress(KeyboardInterrupt):
            sys.stdin.read()
        print(found.left())


if __name__ == "__main__":
    main()
