"""All that touches the docker SDK.

The SDK's HTTP library loads another one that guesses the encoding of texts, and is made to work without it
(requests/compat.py). What engines say is UTF-8; so the command line does not load it, which is a twentieth of the way
to the prompt. Where this is a library of another program, that one may want it.

The SDK reads the docker CLI's configuration by rules of its own, and fails on one that is odd; so a client of ours
finds none, and is given what `sandbox.engine.dockercli` has read. What its libraries log is not for the user's screen.
"""

from __future__ import annotations

import logging
import sys
import threading
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

GUESSERS: Final = ("chardet", "charset_normalizer")


def _import_requests() -> None:
    hidden = [name for name in GUESSERS if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None: `import NAME` fails (importlib docs)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import requests  # noqa: F401 - the SDK finds it loaded
    finally:
        for name in hidden:
            del sys.modules[name]


if "sandbox.cli.main" in sys.modules:
    _import_requests()

_here = threading.local()


@contextmanager
def without_configuration() -> Iterator[None]:
    """Hide the docker CLI's configuration from the SDK in this thread: other clients in this process may need it."""
    _here.is_hidden = True
    try:
        yield
    finally:
        _here.is_hidden = False


def _keep_to_ourselves() -> None:
    from docker.utils import config

    found = config.find_config_file
    config.find_config_file = lambda *given: None if getattr(_here, "is_hidden", False) else found(*given)
    for name in ("docker", "requests", "urllib3"):
        logging.getLogger(name).addHandler(logging.NullHandler())  # else warnings go to stderr (logging.lastResort)


_keep_to_ourselves()
