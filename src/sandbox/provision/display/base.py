"""The base of a display: Debian with Xvnc, a window manager and noVNC's pages, built once and kept like any base."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sandbox.core.programs import program, source
from sandbox.engine import labels
from sandbox.provision.bases.model import ORIGIN, PREFIX

if TYPE_CHECKING:
    from sandbox.container.box import Box
    from sandbox.core.progress import Reporter
    from sandbox.core.signals import Guard
    from sandbox.engine.protocol import Engine, Image
    from sandbox.provision.context import Context

DISPLAY_BASE: Final = f"{PREFIX}display:1"
"""Its name; the number goes up with what is in it."""
RELEASE: Final = "debian:bookworm"
PACKAGES: Final = ("tigervnc-standalone-server", "blackbox", "socat", "xauth")
SETTINGS: Final = "/usr/share/sandbox-display"
MENU: Final = "[begin] (sandbox)\n[end]\n"
"""Of the window manager: it starts no program."""
PAGES: Final = "/usr/share/novnc"
"""Where noVNC's files are in it (package novnc, MPL-2.0)."""


def display_base(engine: Engine, host: Context, reporter: Reporter, guard: Guard) -> Image:
    """Return the base of displays, built where the engine has none. Raises what provisioning a sandbox raises."""
    return engine.image(DISPLAY_BASE) or _build(engine, host, reporter, guard)


def _build(engine: Engine, host: Context, reporter: Reporter, guard: Guard) -> Image:
    """Install it in a sandbox of its own, which goes at the end, and save that."""
    from sandbox.distros.lookup import find_target
    from sandbox.managers.registry import manager_of
    from sandbox.provision.launch import launched
    from sandbox.provision.plan import plan_for
    from sandbox.provision.prepare import prepare
    from sandbox.provision.request import request_for
    from sandbox.specs.model import InlineFile, Spec

    target = find_target(RELEASE)
    spec = Spec(
        distro=RELEASE,
        packages=PACKAGES,
        recommends=False,
        files=(
            InlineFile(path=f"{SETTINGS}/blackboxrc", content=source(__package__, "blackboxrc")),
            InlineFile(path=f"{SETTINGS}/menu", content=MENU),
        ),
        setup=(program(__package__, "build.sh"),),
    )
    plan = plan_for(spec, target, manager_of(target.manager), replace(host.terms(target), cached=False))
    request, alone = request_for(plan), replace(host, begun=None)
    reporter.rows([("display", "its base is built now, once: some 70 MB to download")])
    session = alone.session(engine)
    with launched(request, alone, session=session, reporter=reporter, guard=guard) as launch:
        prepare(launch, request, is_saved=True)
        return _save(launch.box, alone)


def _save(box: Box, host: Context) -> Image:
    origin = f"{RELEASE} with {' '.join(PACKAGES)} novnc"
    saved = labels.saved_labels("base", host.owner, version=host.version, extra={ORIGIN: origin})
    return box.commit(DISPLAY_BASE, saved)
