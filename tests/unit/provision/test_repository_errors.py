"""An error of a repository that the spec adds names that one, and its key; outputs of apt 2.6.2, as it printed them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.specs.public_keys import OLD, THIRD

from sandbox.managers.protocol import Failure
from sandbox.managers.registry import manager_of
from sandbox.provision.repository_errors import of_repository
from sandbox.specs.model import Repository, SigningKey

if TYPE_CHECKING:
    from sandbox.errors import StepFailed

NO_KEY = """\
Err:1 http://third.example/apt ./ InRelease
  The following signatures couldn't be verified because the public key is not available: NO_PUBKEY FE320CDA9A189A33
W: GPG error: http://third.example/apt ./ InRelease: The following signatures couldn't be verified because the public \
key is not available: NO_PUBKEY FE320CDA9A189A33
E: The repository 'http://third.example/apt ./ InRelease' is not signed.
"""
EXPIRED = """\
W: GPG error: http://third.example/apt ./ InRelease: The following signatures were invalid: EXPKEYSIG AF9D674B755E8427 X
E: The repository 'http://third.example/apt ./ InRelease' is not signed.
"""
NO_RELEASE = """\
Err:2 http://third.example/apt nope Release
  404  File not found [IP: 192.0.2.1 80]
E: The repository 'http://third.example/apt nope Release' does not have a Release file.
"""


def repository(key: SigningKey | None, suites: str = "./") -> Repository:
    fields = (("URIs", "http://third.example/apt/"), ("Suites", suites))
    return Repository(format="deb822", name="third", fields=fields, key=key)


def error(output: str, *rows: Repository) -> StepFailed:
    failure = Failure(argv=("apt-get", "update"), status=100, output=output)
    known = manager_of("apt").explain(failure, (), distro="debian bookworm")
    assert known is not None
    return of_repository(known, rows, output)


@pytest.mark.parametrize(
    ("output", "key", "brief"),
    [
        (NO_KEY, SigningKey(content=THIRD.encode()), "the key in the spec does not sign the repository third"),
        (NO_KEY, SigningKey(path="/k.gpg"), "/k.gpg in the sandbox does not sign the repository third"),
        (NO_KEY, None, "no key that the sandbox trusts signs the repository third: set Signed-By"),
        (EXPIRED, SigningKey(content=OLD.encode()), "the key of the repository third expired on 2024-02-01"),
    ],
)
def test_a_signature_that_fails_is_one_of_the_repository(output: str, key: SigningKey | None, brief: str) -> None:
    found = error(output, repository(key))
    assert (found.brief, found.cause) == (brief, "signature")
    assert ("address", "http://third.example/apt/") in found.details
    if key and key.content:
        assert any(label == "key" and len(text) == 40 for label, text in found.details)


def test_a_release_that_is_not_there_is_one_of_the_repository() -> None:
    found = error(NO_RELEASE, repository(None, "nope"))
    assert found.brief == "the repository third has no index for this distro at its address, or it is damaged"


def test_the_distros_own_repository_keeps_its_error() -> None:
    output = NO_KEY.replace("third.example/apt ./", "third.example/apt bookworm")
    assert "third" not in error(output, repository(None)).brief
