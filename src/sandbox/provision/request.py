"""The arguments of `sandbox try`, and its result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from sandbox.specs.privileges import Trust

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sandbox.distros.model import Distro, Target
    from sandbox.engine.head_start import HeadStart
    from sandbox.engine.protocol import Argv, Image
    from sandbox.errors import CheckFailed
    from sandbox.lifecycle.lifetimes import Life
    from sandbox.lifecycle.removal import EngineObject, Removal
    from sandbox.provision.bundle import Bundle
    from sandbox.provision.installer import Installer
    from sandbox.provision.plan import Plan
    from sandbox.specs.model import Spec


class ScreenRequest(Struct, frozen=True, kw_only=True):
    """A display beside the sandbox, for desktop programs. `opens`: the user's browser is asked to show it.

    `clipboard`: whether the two share one.
    """

    opens: bool = False
    clipboard: bool = False


class TryRequest(Struct, frozen=True, kw_only=True):
    """What to try and how. `terminal`: the shell has one. `promote`: where the install script goes, unasked.

    `plan` is None where only the image can say which distro it is; `planned` makes it once that is known, of one of
    `rows`. `lifetime` in seconds: how long a sandbox that stays does so. `as_of` is the day (ISO) whose packages are
    wanted, `recommends` whether recommended packages are. `bundle` is what all of it is taken from.
    """

    spec: Spec
    planned: Callable[[Target], Plan]
    plan: Plan | None = None
    rows: tuple[Distro, ...] = ()
    name: str | None = None
    promote: Path | None = None
    label: str = "sandbox"
    terminal: bool = False
    no_trace: bool = False
    proxy_in_shell: bool = False
    life: Life = "session"
    lifetime: int | None = None
    trust: Trust = Trust()
    allows_frontend: bool = False
    """Whether another image than docker/dockerfile may read the Dockerfile and its folder."""
    allows_boot: bool = False
    """Whether a sandbox that boots may have the power that some engines have to give it for that."""
    bundle: Bundle | None = None
    as_of: str | None = None
    recommends: bool = False
    installer: Installer | None = None
    """What is run, once the packages are there."""
    screen: ScreenRequest | None = None

    @property
    def title(self) -> str:
        """What is tried, such as `debian bookworm`, or the image."""
        if self.spec.dockerfile or self.spec.image:
            return self.spec.dockerfile or self.spec.image or ""
        return self.plan.target.label if self.plan else "a sandbox"

    @property
    def is_watched(self) -> bool:
        """Whether manual changes are recorded: in a shell, if a script is wanted, or if others can enter."""
        is_shell = self.terminal and not self.spec.command
        return is_shell or self.promote is not None or self.life != "session"


def request_for(plan: Plan) -> TryRequest:
    """Return the request for a sandbox with an existing plan."""
    return TryRequest(spec=plan.spec, planned=lambda _: plan, plan=plan)


class TryResult(Struct, frozen=True, kw_only=True):
    """The sandbox's name, how the user's shell or command ended, what the engine says is left, and what was written.

    `failed` is the check of the spec that did not hold. `head_start`: how the next such container can be begun ahead.
    """

    name: str
    status: int
    failed: CheckFailed | None = None
    removal: Removal
    swept: tuple[EngineObject, ...]
    base: Image
    base_reference: str
    base_removed: bool
    base_built: bool
    pulled: tuple[str, ...]
    index: int = 0
    """Bytes of the package index that stays on this machine."""
    build_cache: int = 0
    client: Argv = ("docker",)
    """Bytes that stay in the engine's build cache, and the command line of its client, which removes them."""
    promoted: Path | None
    recorded: bool
    head_start: HeadStart | None = None
    has_ended: bool = False
    """Whether what was to run on has ended already, with the status `ended_with`, None where that is not known."""
    ended_with: int | None = None
