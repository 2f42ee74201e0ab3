"""tdnf of Photon and Azure Linux: written from its documentation, not run.

Sources: tdnf(8), the help text and the source of tdnf 3. It never installs what is only recommended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.managers import base, dnf_words, rpm, rpm_leaves, rpm_names

if TYPE_CHECKING:
    from sandbox.managers.base import Argv

name: Final = "tdnf"
parse_reference = rpm_names.parse_reference

environment: Final = rpm.environment
throwaway: Final[Argv] = ()
from_source: Final = None
needs_root: Final = True
throwaway_environment = base.NOTHING
prepare: Final = rpm.PREPARE
keep_docs: Final = rpm.KEEP_DOCS
index: Final = ("/var/cache/tdnf",)

database: Final[tuple[str, ...]] = ()
watched: Final = rpm.DATABASES
listing: Final = rpm_leaves.listing
installed = rpm_leaves.installed

WORDS: Final = dnf_words.Words(program="tdnf")
use_mirror = rpm.use_mirror
files = rpm.files
install = WORDS.install
download = WORDS.download
remove = WORDS.remove
is_installed = rpm.is_installed
explain = WORDS.explain
progress = dnf_words.progress


def refresh() -> Argv:
    """Return the argv that fetches the index."""
    return ("tdnf", "makecache", "--refresh")
