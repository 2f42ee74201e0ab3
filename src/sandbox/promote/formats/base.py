"""What is promoted, as a frozen value, and the protocol of formats: text out, no I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from sandbox.distros.model import Distro, Target
    from sandbox.lifecycle.proof import Proof
    from sandbox.managers.config_files import ConfigChange
    from sandbox.managers.hand_steps import HandStep
    from sandbox.managers.protocol import PackageRef

Origin = Literal["asked", "by-hand", "locked"]
"""asked: on the command line or in the spec. by-hand: installed in the shell. locked: needed by the others."""


class PromotedPackage(Struct, frozen=True, kw_only=True):
    """A package as it will be asked for, the version that was seen in the sandbox, and why it is promoted.

    `place` and `barred` are those of the journal's Entry.
    """

    ref: PackageRef
    version: str
    origin: Origin = "asked"
    place: str = ""
    barred: str = ""


class Promotion(Struct, frozen=True, kw_only=True):
    """What was tried, to be rendered for a host.

    `name` is the sandbox's, `family` the distro that its own descends from. `digest` is that of a registry, None
    where the base was built or imported here; then `image_id` says which it was. `date` is an ISO date. `tool` is
    this program's version. `left_out` says what was done in the sandbox and is in no promotion, a line each.
    `tried_on` is the distro of the session where it is another than the target, as `debian trixie`.
    `recommends`: packages come with what they recommend. `settings` are files of the manager's own, written before its
    index is fetched; `services` are started at boot, once all is installed.
    `steps` are what commands of the manager set: answers before the packages are installed, the rest behind them.
    `before` are the spec's commands before the packages: only a spec runs them again. `of_spec` are the paths of the
    settings and steps that the spec set, not a hand.
    `accepted` is what the manager accepted by itself there, as a keyword or a licence, and a host has to accept too.
    """

    name: str
    target: Target
    family: Distro
    image: str
    digest: str | None
    image_id: str
    packages: tuple[PromotedPackage, ...]
    date: str
    tool: str
    left_out: tuple[str, ...] = ()
    accepted: tuple[str, ...] = ()
    tried_on: str = ""
    recommends: bool = False
    settings: tuple[ConfigChange, ...] = ()
    services: tuple[str, ...] = ()
    steps: tuple[HandStep, ...] = ()
    before: tuple[str, ...] = ()
    of_spec: frozenset[str] = frozenset()
    proof: Proof | None = None


class Format(Protocol):
    """One way to write a promotion. Modules implement it, so `self` is ignored."""

    @property
    def name(self) -> str:
        """The format's name, as `--format` takes it."""

    @property
    def file(self) -> str:
        """The default file name of this format."""

    def render(self, promotion: Promotion) -> str:
        """Return the promotion's text.

        Raise UsageError where a package is outside its manager's grammar, or where there is none. Everything else of
        the promotion is data from a container or a file: it may be shown, and must never be code.
        """
