"""`sandbox bundle`: what a locked spec needs, from its base to its last package file, as one file."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from sandbox.commands.lock import Throwaway, check_lockable
from sandbox.container.exec import search_path
from sandbox.container.packages import probe
from sandbox.core.tar import unpack
from sandbox.errors import SandboxError, UsageError
from sandbox.managers.registry import manager_of
from sandbox.provision.bundle import FORMAT, LOCK, SPEC, Manifest, write_bundle
from sandbox.provision.lock_check import (
    archives,
    check_files,
    check_language_files,
    kept_language_files,
    language_files,
)
from sandbox.provision.network import host_network
from sandbox.provision.run import Provisioning

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.engine.protocol import Image
    from sandbox.lifecycle.removal import Removal
    from sandbox.provision.plan import Plan
    from sandbox.provision.steps import Step

FETCHING: Final = ("mirror", "lock", "foreign", "index", "fetch")


def _brings(step: Step) -> bool:
    """Return whether a step behind the distro's own fetch is one that files of languages' packages take."""
    return step.kind == "fetch" or (step.kind == "install" and not step.source)


class Bundled(Struct, frozen=True, kw_only=True):
    """What was packed, and what the engine says is left of the container it was packed in."""

    manifest: Manifest
    removal: Removal


class Bundling(Throwaway):
    """One bundle from the engine's first answer to its last."""

    def bundle(self, file: Path, *, spec: bytes, lock: bytes) -> Bundled:
        """Fetch, hold to the lock and pack; raise CheckFailed where what there is differs from what is locked."""
        manifest, removal = self.work(lambda plan, image: self._pack(plan, image, file, {SPEC: spec, LOCK: lock}))
        return Bundled(manifest=manifest, removal=removal)

    def fetch_plan(self, plan: Plan) -> Plan:
        """Return the plan of the steps before any package is installed; raise UsageError where there are none."""
        check_lockable(plan)
        if any(step.kind == "upgrade" for step in plan.steps):
            message = f"{plan.target.label} can't be bundled: all of it is upgraded before something is installed"
            raise UsageError(message)
        first = next((number for number, step in enumerate(plan.steps) if step.kind == "install"), len(plan.steps))
        self._later = replace(plan, steps=tuple(step for step in plan.steps[first:] if _brings(step)))
        return replace(plan, steps=tuple(step for step in plan.steps[:first] if step.kind in FETCHING))

    def _pack(self, plan: Plan, image: Image, file: Path, texts: Mapping[str, bytes]) -> Manifest:
        engine, box = self.engine, self.box
        manager = manager_of(plan.target.manager)
        network = host_network(self.host.environ, ca=self.host.settings.ca)
        before = probe(box, manager).packages
        work = partial(Provisioning, box, manager=manager, network=network, reporter=self.reporter)
        work(plan=plan).refresh()
        files = archives(box, plan.target.manager)
        check_files(plan, before, files)
        locked = {package.sha256 for package in plan.lock.packages} if plan.lock else set()
        with self.reporter.step("pack", file.name), tempfile.TemporaryDirectory(prefix="sandbox-bundle-") as name:
            wanted = [found.path for found in files if found.sha256 in locked]
            packages = self._copy_out(wanted, Path(name))
            self._drop_files([found.path for found in files])

            def all_packages() -> dict[str, Path]:
                if not plan.languages:
                    return packages
                work(plan=self._later).refresh()
                return packages | self._copy_out(self._language_paths(plan), Path(name) / "languages")

            manifest = Manifest(
                format=FORMAT,
                tool=self.host.version,
                target=plan.target.option,
                platform=image.platform or engine.platform,
                path=search_path(image, ()),
                unpacked=0,
                members={},
            )
            base = box.export()
            return write_bundle(file, manifest=manifest, texts=texts, packages=all_packages, base=base)

    def _language_paths(self, plan: Plan) -> list[str]:
        """Return where the files of languages' packages are; raise CheckFailed where they are not the locked ones."""
        found: list[str] = []
        for language in plan.languages:
            check_language_files(plan, language.name, language_files(self.box, language.name))
            kept = kept_language_files(self.box, language.name)
            found += dict.fromkeys(file.path for file in kept)
        return found

    def _copy_out(self, paths: list[str], place: Path) -> dict[str, Path]:
        """Return the files, copied to a folder of this host, by the paths that they had."""
        found: dict[str, Path] = {}
        place.mkdir(exist_ok=True)
        for number, folder in enumerate(sorted({path.rpartition("/")[0] for path in paths})):
            unpack(self.box.copy_out(folder), place / str(number))
            names = [path.rpartition("/")[2] for path in paths if path.rpartition("/")[0] == folder]
            found |= {f"{folder}/{name}": place / str(number) / name for name in names}
        return found

    def _drop_files(self, paths: list[str]) -> None:
        """Take the files out of the base that is packed next: they come as members of their own."""
        done = self.box.exec(("rm", "-f", "--", *paths))
        if done.status:
            message = "the package files can't be taken out of the base"
            raise SandboxError(message, details=[("it said", done.stderr[-200:])])
