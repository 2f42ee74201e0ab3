"""The command line that adds Python packages to the place this program is installed in."""

from __future__ import annotations

import os
import shutil
import sys


def install_argv(*packages: str, prefix: str = sys.prefix, pip: str | None = None) -> tuple[str, ...]:
    """Return the command line that installs packages of an index beside this program.

    `prefix` is the folder of its Python, `pip` the path of the pip that is typed, None to look for it. A folder of pipx
    has no pip of its own (https://pipx.pypa.io/stable/docs/#pipx-inject), and the first pip on PATH may be of another
    Python, into which the packages would go in vain.
    """
    if os.path.exists(os.path.join(prefix, "pipx_metadata.json")):  # noqa: PTH110, PTH118
        return ("pipx", "inject", os.path.basename(prefix), *packages)  # noqa: PTH119
    found = pip or shutil.which("pip") or ""
    is_own = os.path.dirname(os.path.realpath(os.path.dirname(found))) == os.path.realpath(prefix)  # noqa: PTH120
    return (*(("pip",) if is_own or not sys.executable else (sys.executable, "-m", "pip")), "install", *packages)
