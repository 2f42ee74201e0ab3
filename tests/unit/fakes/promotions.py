"""Promotions for the tests of what is made of them."""

from __future__ import annotations

from msgspec.structs import replace

from sandbox.distros.lookup import find_target
from sandbox.managers.protocol import PackageRef
from sandbox.promote.formats.base import PromotedPackage, Promotion

HTOP = PromotedPackage(ref=PackageRef(name="htop"), version="3.2.2-2")
JQ = PromotedPackage(ref=PackageRef(name="jq", version="1.6-2.1"), version="1.6-2.1", origin="by-hand")
DIGEST = f"sha256:{'6e' * 32}"
PROMOTION = Promotion(
    name="brave-otter",
    target=find_target("debian"),
    family=find_target("debian").distro,
    image="debian:bookworm",
    digest=DIGEST,
    image_id=f"sha256:{'ae' * 32}",
    packages=(HTOP, JQ),
    date="2026-11-23",
    tool="0.1.0",
)
HTTPIE = PromotedPackage(ref=PackageRef(name="httpie", version="3.2.2", source="pip"), version="3.2.2")


def promotion_for(distro: str) -> Promotion:
    """Return the promotion of htop, by its name there, and of a package of pip, for a distro."""
    target = find_target(distro)
    name = "app-misc/htop" if target.manager == "portage" else "htop"
    packages = (replace(HTOP, ref=PackageRef(name=name), version="3.2.2-r2"), HTTPIE)
    return replace(PROMOTION, target=target, packages=packages)
