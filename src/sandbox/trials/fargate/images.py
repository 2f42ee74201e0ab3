"""Under which name Fargate finds an image: by the digest of its registry, or pushed to the user's ECR repository."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sandbox.core.human import size
from sandbox.engine.references import own_digest
from sandbox.errors import EngineError
from sandbox.trials.fargate import answers
from sandbox.trials.fargate.place import repository_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sandbox.engine.protocol import Engine, Image
    from sandbox.trials.fargate.api import Aws
    from sandbox.trials.fargate.place import Place

HERE: Final = re.compile(r"(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?/")
"""Registries that no other machine reaches."""


KEPT: Final = "-kept"
"""The end of a tag for a push whose image had a digest of the repository before: that one is the user's."""


class Push(Struct, frozen=True, kw_only=True):
    """An image that only this engine has and that is to be pushed: its size in bytes, and to which repository."""

    reference: str
    size: int
    repository: str
    region: str


def public_name(reference: str, image: Image, *, repository: str = "") -> str | None:
    """Return an image by its digest, where a registry that others reach has it, or the user's own; else None."""
    digest = own_digest(reference, image.digests)
    is_own = bool(repository) and reference.startswith(f"{repository}:")
    if digest is None or (HERE.match(reference) and not is_own):
        return None
    name = reference.partition("@")[0]
    head, colon, tag = name.rpartition(":")
    return f"{head if colon and '/' not in tag else name}@{digest}"


def needed_pushes(images: Iterable[tuple[str, Image]], *, repository: str, region: str) -> Mapping[str, Push]:
    """Return what has to be pushed of these references and images, by the image's id."""
    return {
        image.id: Push(reference=reference, size=image.size, repository=repository, region=region)
        for reference, image in images
        if public_name(reference, image, repository=repository) is None
    }


def push_refusal(reference: str, length: int, repository: str) -> EngineError:
    """Return the error for an image of so many bytes that only this engine has, and that was not to be pushed."""
    set_it = [] if repository else [("first", "set fargate.repository in config.yaml to an ECR repository of yours")]
    push = ("then" if set_it else "next", f"--push sends {size(length)} to your ECR repository, for this run")
    return EngineError(f"Fargate can't pull {reference}, which only this engine has", details=[*set_it, push])


def push_image(engine: Engine, aws: Aws, place: Place, reference: str, image: Image, *, session: str) -> str:
    """Push an image to the user's repository by a tag of the session, and return its name by digest there."""
    if not place.repository:
        raise push_refusal(reference, image.size, "")
    name = repository_name(place.repository)
    login = _login(aws)
    address = place.repository
    if name == address:
        found = aws.call("ecr", "DescribeRepositories", answers.Repositories, repositoryNames=[name])
        address = found.repositories[0].repository_uri
    tag = push_tag(session, image, address)
    digest = engine.push(reference, f"{address}:{tag}", login=login)
    return f"{address}@{digest}"


def push_tag(session: str, image: Image, address: str) -> str:
    """Return the tag by which an image is pushed; who finds it after a kill sees whether its digests go with it."""
    is_known = any(digest.startswith(f"{address}@") for digest in image.digests)
    return f"{session}-{image.id.removeprefix('sha256:')[:12]}{KEPT if is_known else ''}"


def names_of_push(image: Image, tag: str) -> tuple[str, ...]:
    """Return the names that a push gave an image, the digest first: the tag is what it is found by."""
    address = tag.rpartition(":")[0]
    digests = () if tag.endswith(KEPT) else (one for one in image.digests if one.startswith(f"{address}@"))
    return (*digests, tag)


def _login(aws: Aws) -> dict[str, str]:
    """Return a login for the registry, as an engine wants it."""
    found = aws.call("ecr", "GetAuthorizationToken", answers.Authorizations)
    user, _, password = base64.b64decode(found.authorization_data[0].authorization_token).decode().partition(":")
    return {"username": user, "password": password}
