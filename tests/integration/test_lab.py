"""The lab's images: they are there as they would be built now, and the manager in each of them works."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
from tests.integration.running import output_of
from tests.lab.images import INPUTS, LABS, digest, written
from tests.matrix import rows

from sandbox.engine import labels

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.lab.images import Lab

BY_HAND: Final[Mapping[str, str]] = {
    "apk": "apk update && apk search lab-tool && apk add lab-tool",
    "apt": "apt-get update && apt-cache madison lab-tool && apt-get install -y lab-tool",
    "nix": "nix-channel --update && nix-env -qaP lab-tool && nix-env -iA nixpkgs.lab-tool",
    "pacman": "pacman -Sy && pacman -Sl lab && pacman -S --noconfirm lab-tool",
    "portage": "emerge --sync && emerge --search lab-tool && emerge --ask=n lab-tool",
    "rpm": "dnf makecache && dnf list --showduplicates lab-tool && dnf install -y lab-tool",
    "zypper": "zypper -n refresh && zypper -n search -s lab-tool && zypper -n install lab-tool",
}
"""What a user would type, by the image or by its family."""
SMALL_LABS: Final = frozenset(("apk", "apt-bookworm", "dnf5", "pacman"))


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
def test_every_image_is_labelled_and_made_of_what_is_written(lab: Lab, client: Any) -> None:
    image = client.images.get(lab.reference)
    assert image.labels[labels.KIND] == "lab"
    assert image.labels[INPUTS] == digest(lab, written(lab)), "next: make lab"


LANGUAGES: Final = """
cargo install --quiet --root /usr/local lab-tool && cargo-tool
gem install --quiet --bindir /usr/local/bin lab-tool >/dev/null && gem-tool
go install lab.example/lab-tool/cmd/go-tool@latest 2>/dev/null && /root/go/bin/go-tool 2>&1
luarocks install lab-tool >/dev/null 2>&1 && lua-tool
"""


def test_the_languages_managers_install_without_a_network(client: Any) -> None:
    said = output_of(client, "sandbox-lab/languages", "sh", "-c", LANGUAGES, network_mode="none").decode()
    assert [line.split(" with")[0] for line in said.splitlines()] == [
        "cargo-tool 1.2.0",
        "gem-tool 1.2.0",
        "go-tool 1.2.0",
        "lua-tool 1.2.0",
    ]


TYPED_IN: Final = rows((lab for lab in LABS if lab.family != "languages"), lambda lab: lab.name in SMALL_LABS)


@pytest.mark.parametrize("lab", TYPED_IN, ids=lambda lab: lab.name)
def test_the_manager_finds_and_installs_lab_tool_without_a_network(lab: Lab, client: Any) -> None:
    typed = BY_HAND.get(lab.name, BY_HAND.get(lab.family, ""))
    argv = ("sh", "-c", f"{{ {typed}; }} 2>&1 && labtool")
    said = output_of(client, lab.reference, *argv, network_mode="none").decode()
    assert said.endswith("\nlabtool 2.0\n")
