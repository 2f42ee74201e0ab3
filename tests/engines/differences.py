"""What is another way on an engine than on Docker 20.10, and why: the tests assert each, and the page lists them."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

ROOTLESS: Final = ("docker-28-rootless", "podman-5-rootless", "podman-6-rootless")
PODMAN: Final = ("podman", "podman-5", "podman-5-rootless", "podman-5.4", "podman-6-rootless")


class Difference(Struct, frozen=True, kw_only=True):
    """Engines and features by name; how it differs, as a user sees it, and why, in a sentence each."""

    engines: tuple[str, ...]
    features: tuple[str, ...]
    how: str
    why: str


DIFFERENCES: Final = (
    Difference(
        engines=ROOTLESS,
        features=("contract", "trust"),
        how="The engine does not limit memory, processors or processes. `try` warns, and refuses limits that you set.",
        why="On this machine nothing delegates cgroups to the user; systemd would do that.",
    ),
    Difference(
        engines=ROOTLESS,
        features=("contract",),
        how="You can mount only files that the engine's user may read.",
        why="The engine runs as that user.",
    ),
    Difference(
        engines=PODMAN,
        features=("trust",),
        how="Debian's ping works only with `--cap-add NET_RAW`.",
        why="Podman gives a container fewer capabilities than Docker, and `sandbox` adds none by itself.",
    ),
    Difference(
        engines=PODMAN,
        features=("life", "terminal"),
        how="`sandbox` can't say who ended a sandbox, only with which status it ended.",
        why="Podman does not record signals.",
    ),
    Difference(
        engines=PODMAN,
        features=("contract",),
        how="If you name a link, `sandbox` reads the file behind it.",
        why="Podman's archive of a link contains the link's target.",
    ),
    Difference(
        engines=PODMAN,
        features=("cache",),
        how="A cached image has `container=podman` in its environment, with 4.3 also `TERM=xterm`.",
        why="Podman saves the environment that it gave the container.",
    ),
    Difference(
        engines=PODMAN,
        features=("image",),
        how="If a build is interrupted, its current step runs to its end. `sandbox` says so, and the next command "
        "removes the images.",
        why="Podman stops a build only between two steps.",
    ),
    Difference(
        engines=PODMAN,
        features=("build",),
        how="Podman's own builder builds; the tests of BuildKit are skipped.",
        why="Podman has no BuildKit.",
    ),
    Difference(
        engines=("podman",),
        features=("staying",),
        how="The names of sandboxes complete in your shell only if Podman answers within 0.7 s.",
        why="It takes 0.3 to 1.4 s to say its version.",
    ),
)
