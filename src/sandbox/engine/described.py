"""An engine as its answer to /version describes it, and the container of a session that was begun ahead on it."""

from __future__ import annotations

import json
import socket
import time
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from sandbox.engine import convert
from sandbox.engine.begun import UNKNOWN
from sandbox.engine.head_start import Creation, HeadStart
from sandbox.engine.streams import SocketConnection
from sandbox.errors import Advice, ConnectionCut

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sandbox.engine.begun import Begun
    from sandbox.engine.protocol import Argv, ContainerSpec, ExecSpec

OUR_API: Final = "1.45"
"""The newest version of the API that is spoken: that of the SDK 7.1."""

DESCRIPTOR_API: Final = "1.48"
"""The first one that says of an image how it came into the containerd store, and what it takes there (Engine API
version history)."""

DETACH_KEYS: Final = "ctrl-@,ctrl-_,ctrl-@,ctrl-],ctrl-@,ctrl-_"
"""The engine can't be told to have none, and holds back the first one until the next key. NUL is the one key that
programs only act on together with the next (Ctrl-Space in emacs sets a mark); Ctrl-P, the default, is not."""

ANSWER_LIMIT: Final = 10.0
"""Seconds for the first answer; an engine that hangs is skipped."""
STAMP_LIMIT: Final = 10.0
"""Seconds that an engine has to answer for one path."""
NO_MANAGER: Final = 503
"""What an engine that is no manager of a swarm answers where it is asked for services."""
STATUS_TRIES: Final = 200
STATUS_PAUSE: Final = 0.01
"""How often an engine is asked for the status of a command whose stream has ended, and the seconds between."""

ATTACHED: Final = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1, "logs": 0, "detachKeys": DETACH_KEYS}
"""How a lifeline is attached (POST /containers/ID/attach)."""


def wait_for_status(ask: Callable[[], int | None]) -> int:
    """Return a command's exit status once its stream has ended; raise ConnectionCut where it is still running.

    An engine may note it some time after it has closed the stream. `ask` returns None while there is none.
    """
    for _ in range(STATUS_TRIES):
        status = ask()
        if status is not None:
            return status
        time.sleep(STATUS_PAUSE)
    message = "the connection to the engine was cut while the command ran"
    raise ConnectionCut(message, hints=[Advice.sandbox("doctor")])


class Described:
    """An engine of which /version is known: `about`. `url` is the one it is called by, `context` the docker context."""

    def __init__(self, url: str, about: Mapping[str, Any], environ: Mapping[str, str], context: str) -> None:
        self.url = url
        self.discarded: tuple[str, ...] = ()
        self.speaker = UNKNOWN
        """What the header of its answers says of it."""
        self._about = about
        self._environ = environ
        self._context = context
        self._version = convert.common_version(about, OUR_API)

    @property
    def _is_podman(self) -> bool:
        return convert.engine_name(self._about) == "podman"

    @property
    def title(self) -> str:
        """Its name and version, such as `docker 28.2`."""
        version = ".".join(str(self._about.get("Version") or "?").split("+")[0].split(".")[:2])
        return f"{convert.engine_name(self._about)} {version}"

    @property
    def client(self) -> Argv:
        """The command line of its own client up to the verb, as typed on this host."""
        from sandbox.engine.client_argv import client_argv

        return client_argv(convert.engine_name(self._about), self.url, self._environ, context=self._context)

    @property
    def platform(self) -> str:
        """Its platform, such as `linux/amd64`; empty if unknown."""
        system, machine = self._about.get("Os"), self._about.get("Arch")
        return f"{system}/{machine}" if system and machine else ""

    def _has_headers(self) -> bool:
        """Return whether the user's configuration adds headers to each request."""
        return False

    def head_start(self, spec: ContainerSpec) -> HeadStart | None:
        """Return how to begin such a container before all this is loaded; None where its socket is not enough."""
        if not self.url.startswith("unix://") or spec.volumes_from or spec.links or self._has_headers():
            return None
        lifeline = f"/v{self._version}/containers/@id@/attach?{urlencode(ATTACHED)}"
        about = json.dumps({"speaker": self.speaker, "version": self._about})
        return HeadStart(self.url, self.url.removeprefix("unix://"), self._creation(spec), lifeline, about)

    def _creation(self, spec: ContainerSpec) -> Creation:
        """Return the request that creates a container."""
        query = {"name": spec.name, **({"platform": spec.platform} if spec.platform else {})}
        target = f"/v{self._version}/containers/create?{urlencode(query, safe='@')}"
        return Creation(target, json.dumps(convert.create_config(spec, convert.ulimits(self._about))))

    def adopt(self, spec: ContainerSpec, begun: Begun) -> tuple[str, SocketConnection] | None:
        """Return the id and the lifeline of a container that was begun, if that is exactly the one of `spec`."""
        is_it = begun.url == self.url and begun.creation == self._creation(spec) and begun.wait()
        if not is_it or begun.connection is None:
            return None
        begun.take()
        self._collect_warnings(begun.warnings())
        lifeline = socket.socket(fileno=begun.connection.detach())
        return begun.ident, SocketConnection(lifeline, begun.rest)

    def _collect_warnings(self, warnings: Sequence[str] | None) -> None:
        self.discarded = tuple(dict.fromkeys((*self.discarded, *convert.limit_warnings(warnings))))

    def _image_query(self, reference: str) -> tuple[str, dict[str, str]]:
        """Return the path and query of a request for an image, by an API version that says its origin if possible."""
        theirs = str(self._about.get("ApiVersion") or OUR_API)
        if min(DESCRIPTOR_API, theirs, key=convert.version_numbers) != DESCRIPTOR_API:
            return f"/v{self._version}/images/{reference}/json", {}
        newest = max(DESCRIPTOR_API, self._version, key=convert.version_numbers)
        return f"/v{newest}/images/{reference}/json", {"manifests": "1"}


def exec_config(spec: ExecSpec) -> dict[str, Any]:
    """Return the body of /containers/ID/exec."""
    return {
        "Cmd": list(spec.argv),
        "Env": [f"{name}={value}" for name, value in spec.env.items()],
        "User": spec.user,
        "WorkingDir": spec.workdir or None,
        "Tty": spec.tty,
        "AttachStdin": spec.stdin,
        "AttachStdout": True,
        "AttachStderr": True,
        "DetachKeys": DETACH_KEYS,
    }
