"""The user's buildx, which builds by an engine's BuildKit: where it is, what it is given, and what it says.

Source: docker/cli, cli-plugins/manager (where a client looks for its plugins); docker/buildx, docs/reference.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sandbox.core.programs import program
from sandbox.core.signals import unblock_signals
from sandbox.engine.dockercli import config_folder
from sandbox.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

PLUGIN: Final = "docker-buildx"
SYSTEM: Final = (
    *("/usr/local/lib/docker/cli-plugins", "/usr/local/libexec/docker/cli-plugins"),
    *("/usr/lib/docker/cli-plugins", "/usr/libexec/docker/cli-plugins"),
)
"""Where a client looks for plugins behind the user's own folders, in this order."""
OLDEST: Final = (0, 13)
"""The first one that has --progress=rawjson (docker/buildx, release notes of 0.13)."""
LIMIT: Final = 20.0
"""Seconds that it may take to say its version, or to ask the engine."""
MOST: Final = 20_000
"""Characters of a step's output that are kept for an error."""
BUILDER: Final = "default"
"""The builder that is the engine of DOCKER_HOST, whatever other one the user has chosen."""
PASSED: Final = re.compile(
    r"PATH|HOME|TMPDIR|LANG|LC_\w+|SSL_CERT_(?:FILE|DIR)|(?:http|https|no|all)_proxy", re.IGNORECASE
)
"""The variables of the user that it gets: others hold secrets, choose another builder, or are build arguments to it."""


class Buildx(Struct, frozen=True, kw_only=True):
    """The program, and how it reaches one engine: variables as DOCKER_HOST, and headers for its requests."""

    program: str
    engine: Mapping[str, str]
    headers: Mapping[str, str]


class BuildxRequest(Struct, frozen=True, kw_only=True):
    """What to build: options as words, build `arguments`, and logins by registry (`Logins.of_images`)."""

    dockerfile: Path
    options: tuple[str, ...]
    arguments: Mapping[str, str]
    logins: Mapping[str, Mapping[str, str]]


def find_program(environ: Mapping[str, str], extra: Sequence[str]) -> str:
    """Return the path of the plugin, "" for none: in the client's `extra` folders, its own, or the system's."""
    with suppress(UsageError):
        extra = (*extra, str(config_folder(environ) / "cli-plugins"))
    found = (Path(place) / PLUGIN for place in (*extra, *SYSTEM) if place.startswith("/"))
    return next((str(path) for path in found if path.is_file() and os.access(path, os.X_OK)), "")


def can_build(buildx: Buildx, environ: Mapping[str, str]) -> bool:
    """Return whether it is new enough, and reaches the engine's BuildKit."""
    with _environment(buildx, environ, {}) as given:
        number = re.search(r"/buildx v?(\d+)\.(\d+)", _answer((buildx.program, "version"), given))
        if number is None or tuple(map(int, number.groups())) < OLDEST:
            return False
        said = _answer((buildx.program, "inspect", BUILDER), given)
    lines = {" ".join(line.split()) for line in said.splitlines()}
    return {"Driver: docker", "Status: running"} <= lines


def _answer(argv: tuple[str, ...], environ: Mapping[str, str]) -> str:
    """Return what a command says, "" where it fails."""
    with suppress(OSError, subprocess.TimeoutExpired):
        done = subprocess.run(
            argv, stdin=subprocess.DEVNULL, capture_output=True, env=environ, timeout=LIMIT, check=False
        )
        return done.stdout.decode(errors="replace") if done.returncode == 0 else ""
    return ""


@contextmanager
def _environment(
    buildx: Buildx, environ: Mapping[str, str], logins: Mapping[str, Mapping[str, str]]
) -> Iterator[dict[str, str]]:
    """Give its environment, with a configuration folder of its own: what it notes there goes with it."""
    folder = Path(tempfile.mkdtemp(prefix="sandbox-buildx-"))
    try:
        (folder / "config.json").write_text(_config(buildx, logins))
        own = {name: text for name, text in environ.items() if PASSED.fullmatch(name)}
        yield {**own, **buildx.engine, "DOCKER_CONFIG": str(folder)}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _config(buildx: Buildx, logins: Mapping[str, Mapping[str, str]]) -> str:
    """Return a config.json with these logins alone."""
    auths = {}
    for registry, login in logins.items():
        pair = base64.b64encode(f"{login.get('username', '')}:{login.get('password', '')}".encode()).decode()
        token = login.get("identitytoken")
        auths[registry] = {"auth": pair, **({"identitytoken": token} if token else {})}
    return json.dumps({"auths": auths, "HttpHeaders": dict(buildx.headers)})


@contextmanager
def run_build(
    buildx: Buildx, environ: Mapping[str, str], request: BuildxRequest
) -> Iterator[tuple[Iterator[str], Callable[[], int]]]:
    """Give the lines of a build, and behind them its exit status; at the end of the block nothing of it runs on.

    No secret, key or further power is given: --secret, --ssh and --allow are not used.
    """
    with _environment(buildx, environ, request.logins) as given:
        argv = build_argv(buildx.program, request)
        with unblock_signals():
            process = subprocess.Popen(
                ("/bin/sh", "-c", program(__package__, "watched_build.sh"), "sh", *argv),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env={**given, **request.arguments},
                start_new_session=True,
            )
        try:
            yield _lines(process), process.wait
        finally:
            _end(process)


def build_argv(path: str, request: BuildxRequest) -> tuple[str, ...]:
    """Return the argv of a build; the values of its arguments are not in it, since others can read it (ps(1))."""
    return (
        *(path, "build", "--builder", BUILDER, "--load", "--provenance=false", "--progress=rawjson"),
        *request.options,
        *(word for name in sorted(request.arguments) for word in ("--build-arg", name)),
        *("--file", str(request.dockerfile), str(request.dockerfile.parent)),
    )


def _lines(process: subprocess.Popen[bytes]) -> Iterator[str]:
    if process.stdout is not None:
        for line in process.stdout:
            yield line.decode(errors="replace").rstrip("\r\n")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Let the shell end all that runs; its standard input closes."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    process.wait()


class Said(Struct, frozen=True, kw_only=True):
    """What a build said in the end: the reason of its failure, the step that failed, and that step's output."""

    reason: str = ""
    step: str = ""
    output: str = ""


def follow(lines: Iterator[str], on_line: Callable[[str], None]) -> Said:
    """Return what a build says in the end, and forward its steps and their output, whole lines, as they come.

    Each line of rawjson is a SolveStatus of BuildKit (moby/buildkit, client/graph.go), for one step or more at a time.
    What is none is for people; its line ERROR has the reason.
    """
    names: dict[str, str] = {}
    begun: set[str] = set()
    output: dict[str, str] = {}
    failed, reason = "", ""
    for line in lines:
        status = _status(line)
        if status is None:
            reason = line.removeprefix("ERROR: ") if line.startswith("ERROR: ") else reason
            continue
        for row in _rows(status, "vertexes"):
            digest, name = str(row.get("digest")), str(row.get("name") or "")
            names[digest] = name
            if row.get("started") and digest not in begun and not name.startswith("[internal]"):
                begun.add(digest)
                on_line(name)
            failed = digest if row.get("error") and not failed else failed
        for row in _rows(status, "logs"):
            step, text = str(row.get("vertex")), _log_text(row.get("data"))
            before = output.get(step, "")
            whole = (before[before.rfind("\n") + 1 :] + text).split("\n")[:-1]
            output[step] = (before + text)[-MOST:]
            for part in whole:
                on_line(part)
    return Said(reason=failure_words(reason), step=names.get(failed, ""), output=output.get(failed, ""))


def _log_text(data: object) -> str:
    """Return the text of a log, which is in base64; of another form, nothing."""
    with suppress(ValueError):
        return base64.b64decode(str(data or "")).decode(errors="replace")
    return ""


def _rows(status: Mapping[str, object], key: str) -> list[Mapping[str, object]]:
    rows = status.get(key)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _status(line: str) -> Mapping[str, object] | None:
    """Return a line of rawjson, None for another."""
    try:
        found: object = json.loads(line) if line.startswith("{") else None
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


PREFIX: Final = re.compile(
    r"(?:failed to (?:build|solve(?: with frontend \S+)?|create LLB definition)|rpc error: code = \w+ desc =):? +"
)
"""What clients and engines put before the reason, one before the other."""


def failure_words(reason: str) -> str:
    """Return the reason of a failed build without what stands before it."""
    while match := PREFIX.match(reason):
        reason = reason[match.end() :]
    return reason
