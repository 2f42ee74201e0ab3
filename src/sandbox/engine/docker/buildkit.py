"""A build by BuildKit: what it may do, which options it gets, and the error of its failure."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox.core.plaintext import plain, plain_line
from sandbox.engine.buildx import BuildxRequest, Said, follow, run_build
from sandbox.engine.docker.dockerfile import frontend, needs_newer_buildkit
from sandbox.engine.docker.pull import pull_error
from sandbox.errors import Advice, StepFailed, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sandbox.engine.buildx import Buildx
    from sandbox.engine.protocol import BuildRequest

NEW_READER: Final = (1, 42)
"""The API of Docker 23, whose BuildKit reads here-documents and newer options by itself (Dockerfile 1.4 and later)."""
PULLS: Final = re.compile(
    r"\[internal\] load metadata for (?P<image>\S+)|resolve image config for (?:docker-image://)?(?P<reader>\S+)"
    r"|(?:\[[^\]]*\] )FROM (?P<start>\S+)"
)
"""The steps that are about an image of a registry, by BuildKit's names for them."""
EVIDENCE: Final = 12
"""Lines of a failed step's output to show in an error."""


def check(text: str, request: BuildRequest, *, is_old: bool) -> None:
    """Raise UsageError for a reader that the user did not allow, and for what an old BuildKit misreads."""
    if (name := frontend(text)) and not request.allows_frontend:
        what = f"{plain_line(name, 80)}, another image than docker/dockerfile, reads it, and all of its folder"
        raise UsageError(
            f"{request.dockerfile}: its line # syntax= asks for more than a Dockerfile has by default",
            details=[("frontend", what)],
            hints=[Advice.again("--allow", "frontend", after=", if you trust that image")],
        )
    if is_old and (found := needs_newer_buildkit(text)):
        raise UsageError(
            f"{request.dockerfile}:{found.line}: {found.words} is too new for this engine's BuildKit",
            hints=[Advice.say("add as the first line of the file: # syntax=docker/dockerfile:1")],
        )


def build(
    buildx: Buildx,
    request: BuildRequest,
    *,
    logins: Mapping[str, Mapping[str, str]],
    ulimits: Sequence[str],
    environ: Mapping[str, str],
    on_line: Callable[[str], None],
) -> None:
    """Build, and forward what is said. Raise PullFailed or StepFailed with the reason."""
    asked = BuildxRequest(
        dockerfile=Path(request.dockerfile),
        options=(
            *("--tag", request.reference),
            *(word for limit in ulimits for word in ("--ulimit", limit)),
            *(word for name, value in request.labels.items() for word in ("--label", f"{name}={value}")),
            *(("--platform", request.platform) if request.platform else ()),
        ),
        arguments=request.arguments,
        logins=logins,
    )
    with run_build(buildx, environ, asked) as (lines, status):
        said = follow(lines, lambda line: on_line(plain(line)) if line.strip() else None)
        if status():
            raise failure(said, Path(request.dockerfile))


def failure(said: Said, dockerfile: Path) -> Exception:
    """Return the error of a build that failed: of a pull, of a step, or of the file itself."""
    if match := PULLS.match(said.step):
        name = next(word for word in match.groups() if word)
        error = pull_error(name, said.reason)
        if match["reader"]:
            own = Advice.say(f"without the line # syntax= of {dockerfile}, BuildKit's own reader is used")
            error.hints = (*error.hints, own)
        return error
    lines = plain(said.output).strip().splitlines()[-EVIDENCE:]
    step = [("step", plain_line(said.step, 200))] if said.step else []
    words = "\n".join([*lines, plain_line(said.reason, 400) or "buildx ended without a word"])
    return StepFailed("the Dockerfile could not be built", cause="script", details=[*step, ("it said", words)])
