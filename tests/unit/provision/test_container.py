"""The container that a request asks for."""

from __future__ import annotations

from sandbox.engine.protocol import Image
from sandbox.provision.container import own_name


def test_a_name_that_an_image_was_saved_with_is_none_of_a_sandbox_of_it() -> None:
    podman = Image(id="sha256:1", env=("PATH=/bin", "HOSTNAME=first", "container=podman"))
    assert own_name(podman, "second") == {"HOSTNAME": "second"}
    assert own_name(Image(id="sha256:1", env=("PATH=/bin", "MY_HOSTNAME=x")), "second") == {}
