"""Makes an image of a container's files, and verifies its labels, since engines interpret them differently."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, Literal

from sandbox.engine import convert
from sandbox.engine.docker.connected import Connected
from sandbox.engine.docker.errors import translate_errors
from sandbox.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.engine.protocol import Image

Way = Literal["body", "plain", "quoted"]
"""Where an engine reads labels: from the body, or from `changes`, literally or like a Dockerfile."""

NO_PAUSE: Final = re.compile(r"paus|freez", re.IGNORECASE)
"""What an engine says that can't pause a container, such as Podman without a cgroup freezer."""
NAMING: Final = ("HOSTNAME",)
"""What Podman saves of a container's environment beside its image's, and says whose it was; it can't be unset."""
FULL: Final = re.compile(r"no space left|quota", re.IGNORECASE)


def ways(about: Mapping[str, Any]) -> tuple[Way, ...]:
    """Return how labels are given to the engine of a /version answer, the best first.

    Podman 4.3 reads no body and takes what stands between a line's quotes as it is; 5.8 reads the body, and its lines
    as a Dockerfile's. Which one it is in between is seen by what comes of it.
    """
    if convert.engine_name(about) != "podman":
        return ("body",)
    major = re.match(r"\d+", str(about.get("Version") or ""))
    return ("plain", "body", "quoted") if major and int(major[0]) < 5 else ("body", "quoted", "plain")  # noqa: PLR2004


def change(key: str, value: str, way: Way) -> str:
    """Return a label as a line of `changes`."""
    inside = value if way == "plain" else re.sub(r'(["$\\])', r"\\\1", value)
    return f'LABEL {key}="{inside}"'


class Commits(Connected):
    """The engine's calls for images made of containers."""

    def image(self, reference: str) -> Image | None:
        """Return the image of that name, digest or id, or None."""
        raise NotImplementedError

    def remove_image(self, reference: str) -> bool:
        """Remove or untag; False if it did not exist."""
        raise NotImplementedError

    def commit(self, container: str, *, reference: str, labels: Mapping[str, str]) -> Image:
        """Make an image of a container's files; labels that it inherits are overwritten by these.

        Raise EngineError, with no image left, where the engine can't make it or keeps other labels than these.
        """
        first: EngineError | None = None
        for way in ways(self._about):
            try:
                image = self._make_commit(container, reference, labels, way)
            except EngineError as error:
                first = first or error
                if FULL.search(str(error.details)):
                    break
                continue
            lost = [key for key, value in labels.items() if image.labels.get(key) != value]
            if not lost:
                return image
            self.remove_image(reference)
            said = [("label", key) for key in lost]
            first = first or EngineError(f"the engine could not save {reference} with its labels", details=said)
        assert first is not None  # noqa: S101 - there is always a way
        raise first

    def _make_commit(self, container: str, reference: str, labels: Mapping[str, str], way: Way) -> Image:
        try:
            self._commit(container, reference, labels, way, pause=True)
        except EngineError as error:
            if not NO_PAUSE.search(str(error.details)):
                raise
            self._commit(container, reference, labels, way, pause=False)
        return self._present(reference)

    def _commit(self, container: str, reference: str, labels: Mapping[str, str], way: Way, *, pause: bool) -> None:
        name, _, tag = reference.rpartition(":")
        env = {"Env": [f"{variable}=" for variable in NAMING]} if convert.engine_name(self._about) == "podman" else {}
        conf = {"Labels": dict(labels), "Cmd": ["sh"], "Entrypoint": [""], **env}
        changes = [*(f"ENV {variable}=" for variable in NAMING), "ENTRYPOINT []", 'CMD ["sh"]']
        lines = None if way == "body" else [*changes, *(change(key, value, way) for key, value in labels.items())]
        with translate_errors(f"save {reference}"):
            self._api.commit(container, repository=name, tag=tag, conf=conf, changes=lines, pause=pause)

    def _present(self, reference: str) -> Image:
        found = self.image(reference)
        if found is None:
            message = f"the engine saved {reference}, but can't find it"
            raise EngineError(message)
        return found
