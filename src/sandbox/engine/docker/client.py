"""Docker's engine, and Podman's through its Docker-compatible socket, driven by the docker SDK."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import quote, urlsplit

import docker
import docker.errors
from docker.auth import AuthConfig
from docker.utils.proxy import ProxyConfig
from requests.utils import get_environ_proxies

from sandbox.core.tar import links
from sandbox.engine import convert
from sandbox.engine.described import ANSWER_LIMIT, ATTACHED, OUR_API, Described, exec_config, wait_for_status
from sandbox.engine.docker import without_configuration
from sandbox.engine.docker.archives import ArchiveSource
from sandbox.engine.docker.build import Builds
from sandbox.engine.docker.commit import Commits
from sandbox.engine.docker.containers import Containers
from sandbox.engine.docker.errors import explanation, translate_errors
from sandbox.engine.docker.pull import Layers, pull_error
from sandbox.engine.docker.push import push_image
from sandbox.engine.docker.streams import HijackedConnection
from sandbox.engine.docker.swarm import DockerSwarm
from sandbox.engine.dockercli import Config
from sandbox.engine.logins import Logins
from sandbox.engine.peer import is_this_host, listens_here
from sandbox.engine.streams import FORKS
from sandbox.errors import Advice, Conflict, EngineError, EngineTimeout, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from types import TracebackType

    from sandbox.engine.buildx import Buildx
    from sandbox.engine.protocol import Argv, Container, ContainerSpec, EngineInfo, ExecSpec, Image, PullProgress

REMOVAL_LIMIT: Final = 30.0
"""Seconds after which a removal counts as failed."""

LIBPOD: Final = "v4.0.0/libpod"
"""Path of Podman's own API on its socket; the first stable version (podman-system-service(1))."""


class DockerExec:
    """A started command and its stream."""

    def __init__(self, api: Any, ident: str, stream: HijackedConnection) -> None:
        self._api = api
        self.ident = ident
        self.stream = stream

    def resize(self, rows: int, columns: int) -> None:
        """Resize the terminal. No effect once the command has ended."""
        try:
            self._api.exec_resize(self.ident, height=rows, width=columns)
        except docker.errors.APIError:
            return

    def status(self) -> int:
        """Return its exit status once the stream has ended; raise ConnectionCut where it is still running."""
        with translate_errors("ask for the exit status"):
            return wait_for_status(lambda: convert.exit_status(self._api.exec_inspect(self.ident)))


class DockerEngine(Described, Builds, Commits, Containers, DockerSwarm):
    """An engine at one URL, called by `name` where that only leads to it. `timeout`: seconds of a plain request.

    `config` is the docker CLI's, for its headers, proxies and logins; `context` the one of its contexts that led here.
    `reach` are the variables by which a client reaches it, as DOCKER_HOST; None where no variables can say it.
    """

    def __init__(
        self,
        url: str,
        *,
        name: str = "",
        tls: Any = False,
        config: Config | None = None,
        environ: Mapping[str, str] | None = None,
        timeout: float = 60.0,
        context: str = "",
        reach: Mapping[str, str] | None = None,
    ) -> None:
        self._reach = reach
        self._config = config or Config()
        self._buildx: Buildx | None = None
        self._is_buildx_known = False
        with translate_errors(f"answer at {name or url}"):
            with without_configuration():
                api: Any = docker.APIClient(base_url=url, tls=tls, version=OUR_API, timeout=cast("Any", ANSWER_LIMIT))
            api = _apply_config(api, name or url, config or Config())
            about: Mapping[str, Any] = api.version(api_version=False)
            api.timeout = timeout
            api._version = convert.common_version(about, OUR_API)  # noqa: SLF001 - one request both negotiates and identifies the engine
        Described.__init__(self, name or url, about, environ or {}, context)
        DockerSwarm.__init__(self, api, about, Logins(config or Config(), environ or {}), environ or {})

    def __enter__(self) -> DockerEngine:
        """Return the engine itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close its connections."""
        self._api.close()

    @property
    def swarm(self) -> DockerSwarm | None:
        """Its swarm mode; None for Podman, which has none."""
        return None if self._is_podman else self

    def _has_headers(self) -> bool:
        return bool(self._api._general_configs)  # noqa: SLF001 - where _apply_config puts them

    def buildx(self) -> Buildx | None:
        """Return the user's buildx where it reaches this engine's BuildKit, else None; asked once."""
        if not self._is_buildx_known:
            self._is_buildx_known = True
            self._buildx = self._find_buildx()
        return self._buildx

    def _find_buildx(self) -> Buildx | None:
        if self._is_podman or self._reach is None:
            return None
        from sandbox.engine.buildx import Buildx, can_build, find_program

        program = find_program(self._environ, self._config.plugins)
        found = Buildx(program=program, engine=self._reach, headers=self._config.headers)
        return found if program and can_build(found, self._environ) else None

    def about(self) -> EngineInfo:
        """Return its description of itself (slow: the engine runs programs for it)."""
        with translate_errors("describe itself"):
            return convert.info(self._api.info(), self._about, url=self.url, api=self._api.api_version)

    def bridge_address(self) -> str:
        """Return this host's address on the engine's own bridge; empty where that is not on this host.

        A rootless engine's is in a network namespace of its own.
        """
        if not listens_here(self.url) or self.about().rootless:
            return ""
        with suppress(docker.errors.DockerException):
            config = self._api.inspect_network("podman" if self._is_podman else "bridge")["IPAM"]["Config"]
            return convert.host_address(config or ())
        return ""

    def image(self, reference: str) -> Image | None:
        """Return the image of that name, digest or id, or None."""
        try:
            with translate_errors(f"look for the image {reference}"):
                return convert.image(self._inspection(reference))
        except NotFound:
            return None

    def _inspection(self, reference: str) -> Mapping[str, Any]:
        """Return the engine's description of an image, by an API version that includes its origin if possible."""
        path, params = self._image_query(quote(reference, safe="/:"))
        answer = self._api._get(self._api.base_url + path, params=params)  # noqa: SLF001
        found: Mapping[str, Any] = self._api._result(answer, json=True)  # noqa: SLF001
        return found

    def images(self, labels: Sequence[str] = ()) -> tuple[Image, ...]:
        """Return the images that have all these labels."""
        with translate_errors("list its images"):
            rows = self._api.images(filters={"label": list(labels)} if labels else None)
        return tuple(convert.image(row) for row in rows)

    @property
    def _login_client(self) -> Argv:
        """The client whose logins a pull uses: the docker CLI on this host, Podman on the engine's."""
        return self.client if self._is_podman else ("docker",)

    def login_problem(self, reference: str) -> str:
        """Return why the user's login for an image's registry is unavailable, or ""."""
        return self._logins.of(reference).problem

    def pull(
        self, reference: str, on_progress: Callable[[PullProgress], None], *, platform: str | None = None
    ) -> Image:
        """Pull an image. Raises PullFailed with the cause."""
        layers = Layers()
        with translate_errors(f"pull {reference}"):
            try:
                login = dict(self._logins.of(reference).given or {}) or None
                for event in self._api.pull(reference, stream=True, decode=True, platform=platform, auth_config=login):
                    if "error" in event:
                        raise pull_error(reference, str(event["error"]), self._login_client)
                    progress = layers.feed(event)
                    if progress:
                        on_progress(progress)
            except docker.errors.DockerException as error:
                raise pull_error(reference, explanation(error), self._login_client) from error
        found = self.image(reference)
        if found is None:
            raise pull_error(reference, "the pull ended, but the engine has no image")
        return found

    def push(self, source: str, reference: str, *, login: Mapping[str, str]) -> str:
        """Push an image as `reference`, by a name that it has only meanwhile; return its digest there."""
        return push_image(self._api, source, reference, login=login)

    def import_image(self, chunks: Iterable[bytes], *, reference: str, changes: Sequence[str]) -> Image:
        """Make an image of a root file system's tar stream."""
        with translate_errors(f"import {reference}"):  # Podman ignores a separate tag
            answer = self._api.import_image_from_stream(
                ArchiveSource(chunks), repository=reference, changes=list(changes)
            )
            if '"error"' in answer:
                raise docker.errors.ImageLoadError(answer.strip().splitlines()[-1])
        return self._present(reference)

    def remove_image(self, reference: str) -> bool:
        """Remove or untag; False if it did not exist. Raises Conflict if it is in use."""
        try:
            with translate_errors(f"remove the image {reference}"):
                self._api.remove_image(reference)
        except NotFound:
            return False
        return True

    def containers(self, labels: Sequence[str], *, sizes: bool = False) -> tuple[Container, ...]:
        """Return the containers, in any state, that have all these labels."""
        with translate_errors("list its containers"):
            rows = self._api.containers(all=True, filters={"label": list(labels)}, size=sizes)
        return tuple(convert.listed_container(row) for row in rows)

    def container(self, ident: str) -> Container | None:
        """Return the container of that id or name, or None."""
        try:
            with translate_errors(f"look for the container {ident}"):
                return convert.inspected_container(self._api.inspect_container(ident))
        except NotFound:
            return None

    def create(self, spec: ContainerSpec) -> str:
        """Create a container and return its id. Raises EngineError for a runtime that the engine would ignore."""
        if spec.runtime and self._is_podman:
            message = f"Podman ignores --runtime {spec.runtime} over its Docker-compatible API"
            raise EngineError(
                message, hints=[Advice.say(f'runtime = "{spec.runtime}" in containers.conf, under [engine]')]
            )
        if self._is_podman:
            # Podman 4.3 fills a volume when its container first starts; a companion never does, so Gentoo had no tree.
            self._fill_volumes(spec.volumes_from)
        with translate_errors(f"create the container {spec.name}", is_request=True):
            config = convert.create_config(spec, convert.ulimits(self._about))
            answer = self._api.create_container_from_config(config, spec.name, spec.platform)
        self._collect_warnings(answer.get("Warnings"))
        if spec.links:
            self.copy_in(answer["Id"], "/", [links(spec.links)])
        return str(answer["Id"])

    def _fill_volumes(self, others: Sequence[str]) -> None:
        """Let Podman fill the volumes of containers that never run, which Docker does when it creates them.

        It does so before it asks its runtime for the container, whose refusal is none of ours.
        """
        for ident in others:
            with suppress(docker.errors.APIError):
                url = f"{self._api.base_url}/{LIBPOD}/containers/{ident}/init"
                self._api._raise_for_status(self._api._post(url))  # noqa: SLF001

    def attach(self, ident: str) -> HijackedConnection:
        """Attach to a container's stdin and output, before its start."""
        headers = {"Connection": "Upgrade", "Upgrade": "tcp"}
        with translate_errors("attach to the container"), FORKS:
            url = self._api._url("/containers/{0}/attach", ident)  # noqa: SLF001 - attach_socket loses early output
            response = self._api.post(url, params=ATTACHED, headers=headers, stream=True, timeout=self._api.timeout)
            self._api._raise_for_status(response)  # noqa: SLF001
            return HijackedConnection(response)

    def remove(self, ident: str) -> bool:
        """Kill and remove it with its anonymous volumes, and wait for the end; False if it was already gone."""
        begun = time.monotonic()
        was_there = False
        while time.monotonic() - begun < REMOVAL_LIMIT:
            try:
                with translate_errors(f"remove the container {ident[:12]}"):
                    self._api.remove_container(ident, v=True, force=True)
            except NotFound:
                return was_there
            except Conflict:  # the engine's own AutoRemove was faster, or is still at work
                was_there = True
                time.sleep(0.02)
            else:
                return True
        message = f"the engine is still removing the container {ident[:12]}"
        raise EngineTimeout(message, hints=[Advice.program(*self.client, "rm", "-f", ident[:12])])

    def remove_by_end(
        self,
        ident: str,
        end: Callable[[], object],
        *,
        limit: float,
        is_busy: bool = False,  # noqa: ARG002 - it waits all the same
    ) -> bool:
        """Call `end`, and return whether the engine has removed the container by itself within `limit` seconds.

        False where it is another host's, whose connection may not pass the end on, and for Podman.
        """
        if self._is_podman or not self.url.startswith("unix://"):
            return False
        url, removed = self._api._url("/containers/{0}/wait", ident), {"condition": "removed"}  # noqa: SLF001
        try:
            with translate_errors(f"wait for the removal of the container {ident[:12]}"):
                # its header comes at once, so that none is missed that is gone as fast
                answer = self._api.post(url, params=removed, timeout=limit, stream=True)
                self._api._raise_for_status(answer)  # noqa: SLF001
                end()
                return not answer.json().get("Error")
        except EngineError:
            return False

    def disconnect(self, ident: str) -> None:
        """Disconnect the container from every network."""
        with translate_errors("disconnect the container from its networks"):
            networks = self._api.inspect_container(ident)["NetworkSettings"]["Networks"]
            for name in networks or ():
                self._api.disconnect_container_from_network(ident, name, force=True)

    def open(self, ident: str, spec: ExecSpec) -> DockerExec:
        """Start a command in a running container."""
        with translate_errors(f"run {spec.argv[0]} in the sandbox"):
            made = self._post(f"/containers/{ident}/exec", exec_config(spec))
            ident = self._api._result(made, json=True)["Id"]  # noqa: SLF001
            headers = {"Connection": "Upgrade", "Upgrade": "tcp"}
            start = self._post(f"/exec/{ident}/start", {"Tty": spec.tty, "Detach": False}, headers, stream=True)
            self._api._raise_for_status(start)  # noqa: SLF001
            return DockerExec(self._api, ident, HijackedConnection(start))

    def _post(self, path: str, body: Mapping[str, Any], headers: Mapping[str, str] | None = None, **kwargs: Any) -> Any:
        url = self._api._url(path)  # noqa: SLF001 - the SDK's own calls lose data that follows the header at once
        return self._api._post_json(url, data=dict(body), headers=dict(headers or {}), **kwargs)  # noqa: SLF001


class _NoLogins(AuthConfig):
    """No logins: the SDK would read the docker CLI's own where it has none that are known."""

    @property
    def is_empty(self) -> bool:
        return False


def _apply_config(api: Any, url: str, config: Config) -> Any:
    """Return the client of the engine at `url` with that configuration, and without what requests finds by itself.

    That are logins in ~/.netrc, and REQUESTS_CA_BUNDLE, which would overrule an engine's own certificates.
    """
    api.trust_env = False
    host = urlsplit(api.base_url).hostname or ""
    if not (api.base_url.startswith("http+docker://") or is_this_host(host)):
        api.proxies = get_environ_proxies(api.base_url)
    api._general_configs = {"HttpHeaders": dict(config.headers)} if config.headers else {}  # noqa: SLF001
    proxies: Any = config.proxies.get(url, config.proxies.get("default", {}))
    api._proxy_configs = ProxyConfig.from_dict(cast("Any", proxies))  # noqa: SLF001
    api._auth_configs = _NoLogins({})  # noqa: SLF001
    return api
