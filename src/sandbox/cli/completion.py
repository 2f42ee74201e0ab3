"""What the shell completes a word of the command line to."""

from __future__ import annotations

import os

from sandbox.cli.app import working_folder


def spec_names() -> list[str]:
    """Return the names of the specs here, for completion."""
    from sandbox.specs.find import names as known

    return list(known(os.environ, working_folder()))
