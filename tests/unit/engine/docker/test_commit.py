"""How labels are given to an engine that makes an image of a container."""

from __future__ import annotations

import pytest

from sandbox.engine.docker.commit import change, ways

PODMAN = {"Components": [{"Name": "Podman Engine"}]}


@pytest.mark.parametrize(
    ("about", "first"),
    [
        ({"Version": "20.10.24"}, "body"),
        ({"Version": "28.5.2"}, "body"),
        ({**PODMAN, "Version": "4.3.1"}, "plain"),
        ({**PODMAN, "Version": "5.8.6"}, "body"),
        ({**PODMAN, "Version": "6.0.0-dev"}, "body"),
        (PODMAN, "body"),
    ],
)
def test_the_way_that_the_engine_is_known_to_take_comes_first(about: dict[str, object], first: str) -> None:
    assert ways(about)[0] == first


def test_a_value_stands_as_it_is_or_as_a_dockerfile_has_it() -> None:
    value = 'a "b" $c \\'
    assert change("k", value, "plain") == 'LABEL k="a "b" $c \\"'
    assert change("k", value, "quoted") == 'LABEL k="a \\"b\\" \\$c \\\\"'
