"""Provisioned states that many sandboxes of one run start from: images of the engine that go with the run."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from sandbox.engine import labels
from sandbox.errors import SandboxError
from sandbox.provision.cache import STATE, plan_reference, state_of, state_text

if TYPE_CHECKING:
    from sandbox.engine.labels import Owner
    from sandbox.engine.protocol import Engine
    from sandbox.provision.image import ResolvedImage
    from sandbox.provision.launch import Launch
    from sandbox.provision.run import Provisioned


class StateImages(Struct, frozen=True, kw_only=True):
    """The images of the run `name`. Where its `owner` is dead, the next sweep removes what is left of them."""

    name: str
    owner: Owner
    version: str

    def adapt(self, engine: Engine, found: ResolvedImage) -> ResolvedImage:
        """Return the plan with its state, if this run has it."""
        image = engine.image(self._reference(found))
        state = state_of(image.labels.get(STATE, "")) if image else None
        if image is None or state is None or image.labels.get(labels.SESSION) != self.name:
            return found
        return replace(found, start=image, state=state)

    def keep(self, launch: Launch, state: Provisioned) -> None:
        """Keep the state of a sandbox in which no command of a user has run; without it, the next one is as slow."""
        own = labels.session_labels(self.owner, session=self.name, name="", version=self.version)
        try:
            launch.box.commit(
                self._reference(launch.found), {**dict.fromkeys(labels.OWNED, ""), **own, STATE: state_text(state)}
            )
        except SandboxError as error:
            launch.reporter.warn(error)

    def remove(self, engine: Engine) -> None:
        """Remove all of them. One that a container uses stays until the owner is dead and a sweep finds it."""
        for image in engine.images([f"{labels.SESSION}={self.name}"]):
            with suppress(SandboxError):
                engine.remove_image(image.id)

    def _reference(self, found: ResolvedImage) -> str:
        return f"sandbox-session/{self.name}:{plan_reference(found.plan, found.image).rpartition(':')[2]}"
