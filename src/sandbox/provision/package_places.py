"""The packages of a spec that come from files: read before anything is made, and held to a lock or a bundle."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from sandbox.core.plaintext import plain_line
from sandbox.errors import Advice, CheckFailed, Problem, SpecError, UsageError
from sandbox.managers.prefixes import LANGUAGES
from sandbox.specs.places import ENDINGS, is_place, place_word, split_checksum

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.distros.model import Target
    from sandbox.provision.bundle import Bundle
    from sandbox.provision.context import Context
    from sandbox.provision.local_packages import LocalPackage, Opened
    from sandbox.specs.lockfile import GivenFile, LockedTarget
    from sandbox.specs.model import Spec

    Positions = Mapping[str, tuple[str, int, int]]


class FileReading(Struct, frozen=True, kw_only=True):
    """How the files of a spec's packages are read: for which distro, and what holds them."""

    target: Target
    host: Context
    positions: Positions
    lock: LockedTarget | None = None
    bundle: Bundle | None = None

    def read(self, spec: Spec) -> dict[str, LocalPackage]:
        """Return the packages that come from files, by their texts; raise UsageError, SpecError or CheckFailed."""
        found: dict[str, LocalPackage] = {}
        locked = [*self.lock.files] if self.lock else []
        for number, text in enumerate(spec.packages):
            try:
                _check_forgotten(text)
                if is_place(text):
                    given = [row for row in locked if row.word == place_word(text)]
                    found[text] = self._one(text, given)
                    sha256 = found[text].file.sha256
                    locked = [row for row in locked if row not in given or row.sha256 != sha256]
            except UsageError as error:
                raise self._error_at(error, number) from error
        return found

    def _error_at(self, error: UsageError, number: int) -> UsageError:
        place = self.positions.get(f"packages[{number}]")
        if place is None:
            return error
        source, line, column = place
        message = "; ".join((error.brief, *(f"{label}: {text}" for label, text in error.details)))
        problem = Problem(source=source, line=line, column=column, path=f"packages[{number}]", message=message)
        hints = [hint for hint in error.hints if hint.base != "mended"]
        return SpecError(source, [problem], hints=hints)

    def _one(self, text: str, given: list[GivenFile]) -> LocalPackage:
        """Return the package of a text; `given` are the locked files that are called so: several have one name."""
        from sandbox.provision.local_packages import file_name, read_package

        if self.bundle is not None:
            from sandbox.provision.local_packages import package_in

            opened = _of_bundle(self.bundle, next(iter(given), None))
            return package_in(text, file_name(split_checksum(text)[0]), self.target, opened)
        found = read_package(text, self.target, self.host.rows(), fetched=self._fetcher())
        if self.lock is not None and given and found.file.sha256 not in [row.sha256 for row in given]:
            rows = [*(("locked", f"sha256:{row.sha256}") for row in given), ("it is", f"sha256:{found.file.sha256}")]
            message = f"{plain_line(found.file.source, 200)} is not the file that is locked"
            raise CheckFailed(message, details=rows, hints=[Advice.sandbox("lock", *(self.lock.words or ("SPEC",)))])
        return found

    def _fetcher(self) -> Callable[[str], Opened]:
        from sandbox.provision.local_packages import fetcher
        from sandbox.provision.network import host_network

        host = self.host
        network = host_network(host.environ, ca=host.settings.ca)
        return fetcher(network, allows_local=host.local_urls, known=host.fetched)


def _of_bundle(bundle: Bundle, given: GivenFile | None) -> Opened:
    """Return a bundle's copy of a file. Raises UsageError for a bundle without it."""
    from sandbox.core.tar import spool_file
    from sandbox.provision.local_packages import Opened

    name = next((name for name, row in bundle.packages.items() if given and row.sha256 == given.sha256), None)
    if name is None or given is None:
        message = f"{bundle.file.name} does not hold the file of {given.word if given else 'a package'}"
        raise UsageError(message)
    return Opened(size=given.size, sha256=given.sha256, open=lambda: spool_file(bundle.pieces(name)))


def _check_forgotten(text: str) -> None:
    """Raise UsageError for what was probably meant as a file: `x.deb` where it is, or `pip:./x.whl`."""
    prefix, colon, rest = text.partition(":")
    if colon and prefix in LANGUAGES and is_place(rest) and split_checksum(rest)[0].endswith(ENDINGS):
        message = f'"{plain_line(text, 60)}": a file has no prefix, since it says itself what it is'
        raise UsageError(message, hints=[Advice.mend((text, rest))])
    if is_place(text) or not (text.endswith(ENDINGS) and Path(text).is_file()):
        return
    message = f'"{plain_line(text, 60)}" is a file here; a path begins with ./ or /'
    raise UsageError(message, hints=[Advice.mend((text, f"./{text}"))])
