"""What is another way on an engine than on Docker 20.10, and why: the tests assert each, and the page lists them."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

ROOTLESS: Final = ("docker-28-rootless", "podman-5-rootless")
PODMAN: Final = ("podman", "podman-5", "podman-5-rootless")


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
        how="Limits of memory, processors and processes are not applied; `try` warns, one asked for is refused.",
        why="Nothing delegates cgroups to the user here; with systemd it does.",
    ),
    Difference(
        engines=ROOTLESS,
        features=("contract",),
        how="Only what the engine's user may read can be mounted.",
        why="The engine runs as that user.",
    ),
    Difference(
        engines=PODMAN,
        features=("trust",),
        how="Debian's ping is not permitted without `--cap-add NET_RAW`.",
        why="Podman gives fewer capabilities than Docker, and nothing is added to what an engine gives.",
    ),
    Difference(
        engines=PODMAN,
        features=("life", "terminal"),
        how="Who ended a sandbox is not said, only with which status.",
        why="Podman notes no signals.",
    ),
    Difference(
        engines=PODMAN,
        features=("contract",),
        how="A file is read through a link that leads to it.",
        why="Its archive of a link is that of what it leads to.",
    ),
    Difference(
        engines=PODMAN,
        features=("cache",),
        how="What is cached has `container=podman` in its environment.",
        why="Podman saves the environment that it gave.",
    ),
)
