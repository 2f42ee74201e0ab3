"""The parts of a bundle that `sandbox try` uses: a spec, a lock and a base."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from sandbox.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.cli.try_arguments import TryArguments
    from sandbox.provision.bundle import Bundle
    from sandbox.specs.load import LoadedSpec


class OpenedBundle(Struct, frozen=True, kw_only=True):
    """A verified bundle, and the spec in it."""

    bundle: Bundle
    loaded: LoadedSpec


def replay(asked: TryArguments, folder: Path) -> tuple[TryArguments, OpenedBundle]:
    """Return what was asked with the bundle's lock and distro in it; raise UsageError for what can't be beside one.

    Raise SandboxError for a bundle that is damaged.
    """
    from sandbox.cli.lock_options import LockConstraint
    from sandbox.cli.try_arguments import network_of
    from sandbox.provision.bundle import LOCK, SPEC, open_bundle
    from sandbox.specs.load import SpecText, load_document
    from sandbox.specs.lockfile import read_lock

    what, where = asked.what, asked.where
    besides = [
        name
        for name, said in {
            "packages": what.packages,
            "--spec": what.spec,
            "--distro": where.distro,
            "--image": where.image,
            "--dockerfile": where.dockerfile,
            "--network": network_of(asked.reach),
            "--as-of": what.as_of,
        }.items()
        if said
    ]
    if besides:
        message = f"a bundle already fixes {', '.join(besides)}"
        raise UsageError(message)
    file = folder / (what.bundle or "")
    bundle = open_bundle(file)
    text = SpecText(source=f"{file.name}:{SPEC}", data=bundle.read(SPEC), folder=folder, name=file.stem)
    lock = replace(read_lock(bundle.read(LOCK), source=f"{file.name}:{LOCK}"), bundled=True)
    held = LockConstraint(lock=lock)
    where = replace(where, distro=bundle.manifest.target)
    return replace(asked, where=where, held=held), OpenedBundle(bundle=bundle, loaded=load_document(text))
