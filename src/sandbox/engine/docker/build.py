"""Building an image of a Dockerfile: what is sent, every stage labelled, and what the engine says meanwhile.

Source: POST /build of the Engine API, which asks the classic builder. BuildKit builds where the user's buildx and the
engine have it (buildkit.py). Elsewhere what only that can do is refused before the build, and the platforms that it
knows are given as arguments.
"""

from __future__ import annotations

import base64
import json
import re
import tempfile
from collections import deque
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from docker.utils.build import PatternMatcher, create_archive

from sandbox.core.plaintext import plain, plain_line
from sandbox.core.unreadable import unreadable_file
from sandbox.engine import convert
from sandbox.engine.docker import buildkit, dockerignore
from sandbox.engine.docker.connected import Connected
from sandbox.engine.docker.dockerfile import add_labels, image_names, needs_buildkit, platform_arguments
from sandbox.engine.docker.errors import translate_errors
from sandbox.engine.docker.pull import pull_error
from sandbox.errors import Advice, EngineError, StepFailed, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sandbox.engine.buildx import Buildx
    from sandbox.engine.protocol import BuildRequest, Image

NAME: Final = ".sandbox.Dockerfile"
"""The Dockerfile's name in the context, since it gets labels that the user's file does not have."""
MAX_FILES: Final = 50_000
MAX_BYTES: Final = 1_000_000_000
"""Most bytes to send to the engine: a larger context is probably a mistake."""
MAX_DOCKERFILE: Final = 1_000_000


class Builds(Connected):
    """The engine's calls for builds."""

    def image(self, reference: str) -> Image | None:
        """Return the image of that name, digest or id, or None."""
        raise NotImplementedError

    def buildx(self) -> Buildx | None:
        """Return the user's buildx where it reaches this engine's BuildKit, else None."""
        raise NotImplementedError

    def has_buildkit(self) -> bool:
        """Return whether it builds by BuildKit, through the user's buildx."""
        return self.buildx() is not None

    def build(self, request: BuildRequest, on_line: Callable[[str], None]) -> Image:
        """Build a Dockerfile with its folder as the context; what is made has these labels."""
        dockerfile = Path(request.dockerfile)
        text = read(dockerfile)
        buildx = self.buildx() if request.keeps_cache else None
        if buildx is not None:
            self._build_by_buildkit(buildx, text, request, on_line)
        else:
            self._build_classic(dockerfile, text, request, on_line)
        found = self.image(request.reference)
        if found is None:
            message = f"the engine built {dockerfile}, but can't find the image"
            raise EngineError(message)
        return found

    def _build_by_buildkit(
        self, buildx: Buildx, text: str, request: BuildRequest, on_line: Callable[[str], None]
    ) -> None:
        is_old = convert.version_numbers(str(self._about.get("ApiVersion") or "0")) < buildkit.NEW_READER
        buildkit.check(text, request, is_old=is_old)
        buildkit.build(
            buildx,
            request,
            logins=self._logins.of_images(image_names(text)),
            ulimits=convert.ulimit_words(convert.ulimits(self._about)),
            environ=self._environ,
            on_line=on_line,
        )

    def _build_classic(
        self, dockerfile: Path, text: str, request: BuildRequest, on_line: Callable[[str], None]
    ) -> None:
        self._check_builder(dockerfile, text, keeps_cache=request.keeps_cache)
        ours = str(self._about.get("Os") or "linux") + "/" + str(self._about.get("Arch") or "")
        known = platform_arguments(text, target=request.platform or ours, build=ours)
        with context(dockerfile, text, request.labels) as sent, translate_errors(f"build {dockerfile}"):
            arguments = {**known, **request.arguments}
            watch(self._build_events(sent, request.reference, request.platform, arguments), on_line)

    def build_cache(self) -> Mapping[str, int]:
        """Return the records of BuildKit's cache in bytes, by id (GET /system/df)."""
        with translate_errors("say what its cache holds"):
            url = self._api._url("/system/df")  # noqa: SLF001
            response = self._api._get(url, params={"type": "build-cache"})  # noqa: SLF001 - of newer engines: that alone
            rows = self._api._result(response, json=True).get("BuildCache") or ()  # noqa: SLF001
        return {str(row["ID"]): int(row.get("Size") or 0) for row in rows}

    def _check_builder(self, dockerfile: Path, text: str, *, keeps_cache: bool) -> None:
        """Raise UsageError for what the engine's builder would refuse later, or take for something else.

        Podman's knows most of BuildKit's words itself, here-documents since 4.8 (buildah 1.33).
        """
        found = needs_buildkit(text)
        if found is None or convert.engine_name(self._about) == "podman":
            return
        if not keeps_cache and self.has_buildkit():
            message = f"{dockerfile}:{found.line}: {found.words} needs BuildKit, whose cache stays in the engine"
            raise UsageError(message, hints=[Advice.without("--no-trace")])
        folder = dockerfile.parent
        build = ("docker", "buildx", "build", "--load", "-t", "NAME", "-f", str(dockerfile), str(folder))
        raise UsageError(
            f"{dockerfile}:{found.line}: {found.words} needs BuildKit, which is not used here",
            hints=[Advice.program(*build, before="build it yourself: "), Advice.sandbox("try", "--image", "NAME")],
        )

    def _build_events(
        self, sent: IO[bytes], reference: str, platform: str | None, arguments: Mapping[str, str]
    ) -> Iterator[Mapping[str, Any]]:
        """Yield what the engine says of a build (POST /build); the SDK's own call knows no ulimits."""
        params = {
            "dockerfile": NAME,
            "t": reference,
            "rm": "true",
            "forcerm": "true",
            "buildargs": json.dumps(dict(arguments)),
            **({"platform": platform} if platform else {}),
            **({"ulimits": json.dumps(limits)} if (limits := convert.build_ulimits(self._about)) else {}),
        }
        logins = base64.urlsafe_b64encode(json.dumps(self._logins.all()).encode()).decode()
        headers = {"Content-Type": "application/tar", "X-Registry-Config": logins}
        url = self._api._url("/build")  # noqa: SLF001
        response = self._api._post(url, data=sent, params=params, headers=headers, stream=True, timeout=None)  # noqa: SLF001
        self._api._raise_for_status(response)  # noqa: SLF001
        yield from self._api._stream_helper(response, decode=True)  # noqa: SLF001


def context(dockerfile: Path, text: str, labels: Mapping[str, str]) -> IO[bytes]:
    """Return a tar of the folder without what .dockerignore names, in a file that is gone when it is closed.

    The Dockerfile `text` is in it with its labels, and no COPY takes that into an image. Raise UsageError for what
    can't be read, and for more than an engine should be sent.
    """
    try:
        files = _context_files(dockerfile.parent, dockerignore.patterns(dockerfile.parent))
        ignores = _own_ignores(dockerfile.parent, is_sent=dockerignore.NAME in files)
        extra = [(NAME, add_labels(text, labels)), (dockerignore.NAME, ignores)]
        sent = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
        create_archive(
            str(dockerfile.parent), [name for name in files if name != dockerignore.NAME], sent, extra_files=extra
        )
    except OSError as error:
        raise _unreadable(dockerfile, error) from None
    return sent


def _own_ignores(folder: Path, *, is_sent: bool) -> str:
    """Return the .dockerignore by which a builder keeps what we add out of images: it removes both once it has read.

    Where the folder's own goes into images, what goes there has one line more.
    """
    own = (folder / dockerignore.NAME).read_text(encoding="utf-8-sig", errors="replace") if is_sent else ""
    return f"{own}\n{NAME}\n" if is_sent else f"{NAME}\n{dockerignore.NAME}\n"


def _unreadable(dockerfile: Path, error: OSError) -> UsageError:
    reason = (error.strerror or str(error)).lower()
    return UsageError(f"{dockerfile} can't be built: {error.filename or 'its folder'}: {reason}")


def read(dockerfile: Path) -> str:
    """Return a Dockerfile's text; raise UsageError for what can't be read, or is none."""
    try:
        with dockerfile.open("rb") as file:
            data = file.read(MAX_DOCKERFILE + 1)
    except (OSError, ValueError) as error:
        raise unreadable_file(dockerfile, error) from None
    if len(data) > MAX_DOCKERFILE:
        raise UsageError(f"{dockerfile} is larger than {MAX_DOCKERFILE} bytes, so it can't be a Dockerfile")
    return data.decode("utf-8", "replace")


def _context_files(folder: Path, patterns: Sequence[str]) -> list[str]:
    files, size = [], 0
    for path in PatternMatcher(patterns).walk(str(folder)):
        full = folder / path
        size += full.lstat().st_size if full.is_file() and not full.is_symlink() else 0
        files.append(path)
        if len(files) > MAX_FILES or size > MAX_BYTES:
            bounds = f"{MAX_FILES} files or {MAX_BYTES // 1_000_000} MB"
            message = f"{folder} holds more than {bounds}, too much to send to the engine"
            raise UsageError(
                message, hints=[Advice.say(f"list what the build does not need in {folder / dockerignore.NAME}")]
            )
    return sorted(files)


def watch(events: Iterator[Mapping[str, Any]], on_line: Callable[[str], None]) -> None:
    """Forward the engine's output line by line. Raises the error of a failed step, with its last lines."""
    step, last = "", deque[str](maxlen=buildkit.EVIDENCE)
    for event in events:
        for line in plain(str(event.get("stream") or event.get("status") or "")).splitlines():
            found = re.match(r"(?:\[\d+/\d+\] )?(?:Step|STEP) \d+/\d+ ?: (.*)", line)
            if found:
                step = found[1]
                last.clear()
            elif line.strip():
                last.append(line)
            if line.strip():
                on_line(step if found else line)
        if "error" in event:
            raise _build_error(step, str(event["error"]), last)


def _build_error(step: str, said: str, last: Sequence[str]) -> Exception:
    if re.match(r"FROM\s", step, re.IGNORECASE):
        words = [word for word in step.split()[1:] if not word.startswith("--")]
        return pull_error(words[0] if words else step, said)
    details = [("step", plain_line(step, 200)), ("it said", "\n".join([*last, plain_line(said, 400)]))]
    return StepFailed("the Dockerfile could not be built", cause="script", details=details)
