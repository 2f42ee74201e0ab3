"""The engine's calls for a container's life, output and files."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Final

from docker.utils import decode_json_header

from sandbox.core.tar import only_file
from sandbox.engine import convert
from sandbox.engine.described import STAMP_LIMIT
from sandbox.engine.docker.archives import ArchiveSource
from sandbox.engine.docker.connected import Connected
from sandbox.engine.docker.errors import translate_errors
from sandbox.errors import EngineError, NotFound

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sandbox.engine.protocol import Ending, Exec, FileStamp

EVENTS_AGE: Final = 86_400
EVENTS_LIMIT: Final = 5.0
"""Seconds that an engine has to list the events of one container."""
PODMAN_EVENTS: Final = 0.2
"""Seconds for which Podman is asked for events to come: 5.8 loses some where it is asked for past ones alone."""


class Containers(Connected):
    """The engine's calls for an existing container."""

    def start(self, ident: str) -> None:
        """Start a created or stopped container."""
        with translate_errors("start the container", is_request=True):
            self._api.start(ident)

    def stop(self, ident: str, *, limit: int) -> None:
        """Ask PID 1 to end; kill it after `limit` seconds."""
        with translate_errors("stop the container"):
            self._api.stop(ident, timeout=limit)

    def is_in_use(self, ident: str, *, besides: Exec) -> bool:
        """Return whether a command that was started by exec still runs, except the one in `besides`."""
        try:
            with translate_errors("inspect the container"):
                running = self._api.inspect_container(ident)["ExecIDs"] or ()
                return any(self._api.exec_inspect(one)["Running"] for one in running if one != besides.ident)
        except NotFound:
            return False

    def logs(self, ident: str, *, follow: bool, tail: int | None = None) -> Iterator[bytes]:
        """Yield the output of PID 1."""
        with translate_errors("read the container's output"):
            self._api.inspect_container(ident)  # of one that is gone, the SDK would leave the answer open
            last = "all" if tail is None else tail
            yield from self._api.logs(ident, stream=True, follow=follow, tail=last)

    def ending(self, ident: str) -> Ending:
        """Return how a container ended, even if it is gone, from the engine's events."""
        now, is_podman = time.time(), convert.engine_name(self._about) == "podman"
        filters = json.dumps({"type": ["container"], "container": [ident]})
        until = now + PODMAN_EVENTS * is_podman
        params = {"since": str(int(now) - EVENTS_AGE), "until": f"{until:.9f}", "filters": filters}
        with translate_errors("report how the container ended"):
            url = self._api._url("/events")  # noqa: SLF001 - the SDK's own call waits forever if the clock is behind
            answer = self._api.get(url, params=params, timeout=EVENTS_LIMIT)
            self._api._raise_for_status(answer)  # noqa: SLF001
            return convert.ending(answer.text, is_podman=is_podman)

    def copy_out(self, ident: str, path: str) -> Iterator[bytes]:
        """Yield a tar archive of a file or folder."""
        with translate_errors(f"copy {path}"):
            yield from self._api.get_archive(ident, path)[0]

    def copy_in(self, ident: str, folder: str, archive: Iterable[bytes]) -> None:
        """Unpack a tar archive in a folder of a container; Podman would make one that is not there."""
        if folder != "/" and self.stamp(ident, folder) is None:
            message = f"the container has no folder {folder}"
            raise NotFound(message)
        with translate_errors(f"copy to {folder}"):
            self._api.put_archive(ident, folder, ArchiveSource(archive))

    def export(self, ident: str) -> Iterator[bytes]:
        """Yield a tar archive of all of a container's files."""
        with translate_errors("read the container's files"):
            yield from self._api.export(ident)

    def read_file(self, ident: str, path: str, *, limit: int) -> bytes | None:
        """Return a regular file's content, or None if there is none. Raises EngineError above `limit` bytes."""
        try:
            with translate_errors(f"read {path}"):
                chunks, stat = self._api.get_archive(ident, path)
                if stat["size"] > limit:
                    message = f"{path} is too large to read: {stat['size']} bytes"
                    raise EngineError(message)
                return only_file(b"".join(chunks))
        except NotFound:
            return None

    def stamp(self, ident: str, path: str) -> FileStamp | None:
        """Return the stamp of a path, or None if it does not exist (HEAD /containers/NAME/archive)."""
        url = self._api._url("/containers/{0}/archive", ident)  # noqa: SLF001
        try:
            with translate_errors(f"look up {path}"):
                answer = self._api.head(url, params={"path": path}, timeout=STAMP_LIMIT)
                self._api._raise_for_status(answer)  # noqa: SLF001
                return convert.stamp(decode_json_header(answer.headers["X-Docker-Container-Path-Stat"]))
        except NotFound:
            return None
