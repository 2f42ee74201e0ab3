"""tdnf of Photon and Azure Linux: written from its documentation, not run.

Sources: tdnf(8), the help text and the source of tdnf 3. It never installs what is only recommended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.managers import protocol
from sandbox.managers.rpm import database as rpm
from sandbox.managers.rpm import dnf_options, leaves
from sandbox.managers.rpm import names as rpm_names

if TYPE_CHECKING:
    from sandbox.managers.protocol import Argv

name: Final = "tdnf"
parse_reference = rpm_names.parse_reference

environment: Final = rpm.environment
throwaway: Final[Argv] = ()
from_source: Final = None
needs_root: Final = True
throwaway_environment = protocol.NOTHING
prepare: Final = rpm.PREPARE
keep_docs: Final = rpm.KEEP_DOCS
index: Final = ("/var/cache/tdnf",)

database: Final[tuple[str, ...]] = ()
state_files: Final = rpm.DATABASES
listing: Final = leaves.listing
parse_packages = leaves.parse_packages

WORDS: Final = dnf_options.Words(program="tdnf")
use_mirror = rpm.use_mirror
files = rpm.files
install = WORDS.install
download = WORDS.download
remove = WORDS.remove
is_installed = rpm.is_installed
explain = WORDS.explain
progress = dnf_options.progress


def refresh() -> Argv:
    """Return the argv that fetches the index."""
    return ("tdnf", "makecache", "--refresh")
