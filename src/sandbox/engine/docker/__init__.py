"""All that touches the docker SDK.

The SDK's HTTP library loads another one that guesses the encoding of texts, and is made to work without it
(requests/compat.py). What engines say is UTF-8; so it is not loaded, which is a twentieth of the way to the prompt.

The SDK reads the docker CLI's configuration by rules of its own, and fails on one that is odd; so it finds none, and is
given what `sandbox.engine.dockercli` has read. What its libraries log is not for the user's screen.
"""

from __future__ import annotations

import logging
import sys
import warnings
from typing import Final

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


_import_requests()


def _keep_to_ourselves() -> None:
    from docker.utils import config

    config.find_config_file = lambda *_: None
    for name in ("docker", "requests", "urllib3"):
        logging.getLogger(name).addHandler(logging.NullHandler())  # else warnings go to stderr (logging.lastResort)


_keep_to_ourselves()
